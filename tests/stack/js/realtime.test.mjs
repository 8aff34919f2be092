// Realtime judged by supabase-js against a gateway, in both versions of the protocol. The test that starts this makes
// the people and hands their tokens in; node has a WebSocket behind the flag it is started with.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'

import { createClient } from '@supabase/supabase-js'

const { API_URL, PUBLISHABLE_KEY, SECRET_KEY, CLIENT_ID, CLIENT_TOKEN, READER_ID, READER_TOKEN, STRANGER_TOKEN } =
  process.env

const opened = []
const sockets = []

// Kept, so that one can be broken as a network breaks it.
class Socket extends WebSocket {
  constructor(...how) {
    super(...how)
    sockets.push(this)
  }
}

async function device(token, vsn = '2.0.0', key = PUBLISHABLE_KEY) {
  const supabase = createClient(API_URL, key, {
    accessToken: token ? async () => token : undefined,
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { vsn, transport: Socket },
  })
  opened.push(supabase)
  if (token) await supabase.realtime.setAuth(token)
  return supabase
}

after(async () => {
  for (const supabase of opened) await supabase.realtime.disconnect()
})

async function until(condition) {
  const deadline = Date.now() + 5000
  while (!condition()) {
    assert.ok(Date.now() < deadline, `it did not happen: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function join(supabase, topic, config = {}) {
  const channel = supabase.channel(topic, { config })
  const heard = []
  const states = []
  channel.on('broadcast', { event: '*' }, (message) => heard.push(message))
  if (config.presence) channel.on('presence', { event: 'sync' }, () => {})
  channel.subscribe((state, error) => states.push([state, error?.message]))
  await until(() => states.length > 0)
  return { channel, heard, states }
}

const room = () => `room-${randomUUID()}`
const isPrivate = { private: true }

for (const [sender, receiver] of [
  ['2.0.0', '2.0.0'],
  ['2.0.0', '1.0.0'],
  ['1.0.0', '2.0.0'],
]) {
  test(`a broadcast from ${sender} is understood by ${receiver}`, async () => {
    const topic = room()
    const one = await join(await device(null, sender), topic, { broadcast: { ack: true, self: false } })
    const other = await join(await device(null, receiver), topic)
    const payload = { n: 1.5, text: 'é🎁', list: [null, true] }
    assert.equal(await one.channel.send({ type: 'broadcast', event: 'größe', payload }), 'ok')
    await until(() => other.heard.length === 1)
    assert.deepEqual(other.heard[0], { type: 'broadcast', event: 'größe', payload })
    assert.deepEqual(one.heard, [])
  })
}

test('bytes pass through as they are', async () => {
  const topic = room()
  const one = await join(await device(), topic, { broadcast: { ack: true, self: true } })
  const deaf = await join(await device(null, '1.0.0'), topic)
  const payload = new Uint8Array([0, 255, 7]).buffer
  assert.equal(await one.channel.send({ type: 'broadcast', event: 'raw', payload }), 'ok')
  await until(() => one.heard.length === 1)
  assert.deepEqual(new Uint8Array(one.heard[0].payload), new Uint8Array([0, 255, 7]))
  assert.deepEqual(deaf.heard, [])
})

test('presence: who is there is known to who comes, and who goes is missed', async () => {
  const topic = room()
  const anna = await join(await device(), topic, { presence: { key: 'anna' } })
  assert.equal(await anna.channel.track({ mood: 'calm' }), 'ok')
  const ben = await join(await device(null, '1.0.0'), topic, { presence: { key: 'ben' } })
  await until(() => ben.channel.presenceState().anna)
  assert.equal(ben.channel.presenceState().anna[0].mood, 'calm')
  await ben.channel.track({ mood: 'wild' })
  await until(() => anna.channel.presenceState().ben)
  await anna.channel.track({ mood: 'tired' })
  await until(() => ben.channel.presenceState().anna[0].mood === 'tired')
  assert.equal(await ben.channel.unsubscribe(), 'ok')
  await until(() => !anna.channel.presenceState().ben)
})

test('a session: its two people hear of each turn, a stranger hears nothing', async () => {
  const client = await device(CLIENT_TOKEN)
  const reader = await device(READER_TOKEN)
  const door = await join(reader, `user:${READER_ID}`, isPrivate)
  assert.equal(door.states[0][0], 'SUBSCRIBED')

  const asked = { p_reader_id: READER_ID, p_type: 'CHAT', p_idempotency_key: randomUUID() }
  const { data: session, error } = await client.rpc('request_session', asked)
  assert.equal(error, null)
  await until(() => door.heard.some(({ event }) => event === 'session_requested'))

  const topic = `session:${session.id}`
  const both = [await join(client, topic, isPrivate), await join(reader, topic, isPrivate)]
  const strangers = [await join(await device(STRANGER_TOKEN), topic, isPrivate), await join(await device(), topic, isPrivate)]
  for (const { states } of strangers) {
    assert.equal(states[0][0], 'CHANNEL_ERROR')
    assert.match(states[0][1], /Unauthorized: You do not have permissions to read from this Channel topic: session:/)
  }
  // A side cannot speak for the database.
  await both[0].channel.send({ type: 'broadcast', event: 'session_updated', payload: { status: 'ENDED' } })
  assert.equal((await reader.rpc('accept_session', { p_session_id: session.id })).error, null)
  await until(() => both.every(({ heard }) => heard.length === 1))
  for (const { heard } of both) {
    assert.equal(heard[0].event, 'session_updated')
    assert.equal(heard[0].payload.status, 'SCHEDULED')
    assert.equal(heard[0].meta.id, heard[0].payload.id)
  }
  assert.ok(strangers.every(({ heard }) => heard.length === 0))
})

test('messages over HTTP', async () => {
  const topic = `user:${CLIENT_ID}`
  const { heard } = await join(await device(CLIENT_TOKEN), topic, isPrivate)
  const server = (await device(null, '2.0.0', SECRET_KEY)).channel(topic, { config: isPrivate })
  assert.deepEqual(await server.httpSend('hint', { n: 1 }), { success: true })
  await until(() => heard.length === 1)
  assert.deepEqual(heard[0], { type: 'broadcast', event: 'hint', payload: { n: 1 } })
  const liar = (await device(CLIENT_TOKEN)).channel(topic, { config: isPrivate })
  await assert.rejects(liar.httpSend('lie', {}))
})

test('a connection that breaks is made again, and its channels are joined again', async () => {
  const topic = room()
  const supabase = await device()
  const one = await join(supabase, topic)
  sockets.at(-1).close(4000, 'gone')
  await until(() => one.states.length === 3)
  assert.deepEqual(one.states.map(([state]) => state), ['SUBSCRIBED', 'CHANNEL_ERROR', 'SUBSCRIBED'])
  const other = await join(await device(), topic)
  await other.channel.send({ type: 'broadcast', event: 'again', payload: {} })
  await until(() => one.heard.length === 1)
})
