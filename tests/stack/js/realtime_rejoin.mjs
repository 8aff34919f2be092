// Two people at their devices while the Realtime server goes away and comes back: supabase-js, on a private channel with
// broadcasts and presence. Tells what happens, a line of JSON each; ends when its input ends.

import { createClient } from '@supabase/supabase-js'
// As browsers do, and unlike the one that node 20 has behind a flag, it closes when it could not connect: without that
// no client ever tries again.
import WebSocket from 'ws'

const { API_URL, PUBLISHABLE_KEY, PASSWORD, EMAILS, TOPIC } = process.env

const tell = (who, what, more = {}) => console.log(JSON.stringify({ who, what, ...more }))

async function arrive(email) {
  const who = email.split('@')[0]
  const supabase = createClient(API_URL, PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { transport: WebSocket },
  })
  const { error } = await supabase.auth.signInWithPassword({ email, password: PASSWORD })
  if (error) throw error
  await supabase.realtime.setAuth()

  const channel = supabase.channel(TOPIC, { config: { private: true, presence: { key: who } } })
  channel.on('broadcast', { event: '*' }, ({ event, payload }) => tell(who, 'heard', { event, payload }))
  channel.on('presence', { event: 'sync' }, () => {
    for (const [key, [{ visit }]] of Object.entries(channel.presenceState())) tell(who, 'sees', { key, visit })
  })
  // As the documentation of supabase-js has it: whoever is let in says that they are there, each time.
  let visit = 0
  channel.subscribe(async (state) => {
    tell(who, state)
    if (state === 'SUBSCRIBED') await channel.track({ visit: ++visit })
  })
}

for (const email of EMAILS.split(',')) await arrive(email)
process.stdin.on('end', () => process.exit(0)).resume()
