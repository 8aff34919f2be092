// Gets two people ready as their apps and the operator would: a reader who is approved and online, a client with funds.

import { randomUUID } from 'node:crypto'

import { createClient } from '@supabase/supabase-js'

const PASSWORD = 'correct horse battery staple'
const APART = { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } }

/** Answers the data of a call, or ends with what was refused. */
export async function asked(call, what) {
  const { data, error } = await call
  if (error) throw new Error(`${what} was refused: ${error.message} ${error.details ?? ''}`)
  return data
}

/** A browser: one supabase-js client with the publishable key, signed in. */
export async function signedIn(env, email, { isNew = false } = {}) {
  const supabase = createClient(env.API_URL, env.PUBLISHABLE_KEY, APART)
  const credentials = { email, password: PASSWORD }
  const { user } = await asked(
    isNew ? supabase.auth.signUp(credentials) : supabase.auth.signInWithPassword(credentials),
    `signing in ${email}`,
  )
  return { supabase, id: user.id, email }
}

/** What the operator does with the secret key. */
export function office(env) {
  const supabase = createClient(env.API_URL, env.SECRET_KEY, { ...APART, db: { schema: 'worker_api' } })
  return (name, args) => asked(supabase.rpc(name, args), name)
}

/** A reader who applied, was approved by an administrator, and is online. */
export async function approvedReader(env, rate) {
  const reader = await signedIn(env, `reader-${randomUUID()}@example.com`, { isNew: true })
  const admin = await signedIn(env, `admin-${randomUUID()}@example.com`, { isNew: true })
  await office(env)('appoint_admin', { p_user_id: admin.id, p_permissions: ['manage_users'] })
  const application = {
    p_first_name: 'Luna', p_last_name: 'Sky', p_bio: 'Reads the cards.', p_specialties: ['tarot'],
    p_session_types: ['CHAT'], p_pricing: { CHAT: rate }, p_timezone: 'UTC',
  }
  await asked(reader.supabase.rpc('apply_as_reader', application), 'the application')
  const review = { p_user_id: reader.id, p_approve: true }
  await asked(admin.supabase.rpc('review_reader_application', review), 'the approval')
  await asked(reader.supabase.rpc('set_reader_status', { p_status: 'ONLINE' }), 'going online')
  return reader
}

/** A client who paid into the wallet by card: the bridge begins it, Stripe takes the card, its event credits it. */
export async function fundedClient(env, amount) {
  const client = await signedIn(env, `client-${randomUUID()}@example.com`, { isNew: true })
  const { data } = await client.supabase.auth.getSession()
  const headers = { authorization: `Bearer ${data.session.access_token}`, 'content-type': 'application/json' }
  const order = JSON.stringify({ amount, currency: 'usd', idempotency_key: randomUUID() })
  const answer = await fetch(`${env.BRIDGE_URL}/topups`, { method: 'POST', headers, body: order })
  const topup = await answer.json()
  if (!answer.ok) throw new Error(`the top-up was refused: ${topup.message}`)
  const paid = await fetch(`${env.STRIPE_API_URL}/v1/payment_intents/${topup.payment_intent_id}/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.STRIPE_PUBLISHABLE_KEY}` },
    body: new URLSearchParams({ client_secret: topup.client_secret, payment_method: 'pm_card_visa' }),
  })
  if (!paid.ok) throw new Error(`the card was refused: ${await paid.text()}`)
  const wallet = () => asked(client.supabase.from('wallets').select('available').single(), 'reading the wallet')
  for (let tries = 0; (await wallet()).available < amount; tries += 1) {
    if (tries > 100) throw new Error('the top-up did not arrive')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return client
}
