// Two browsers hold a whole session, each with supabase-js and @soulseer/crypto: request, accept, join, sealed chat both
// ways, a sealed picture, typing and sealed signalling between the two, a line that drops and comes back, the end. Each
// prints what it sees.
//
//   make two-browsers

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { approvedReader, asked, fundedClient, office, signedIn } from './people.mjs'
import { Sealer } from './sealing.mjs'

const PATIENCE_MS = 20_000
const RATE = 1200
// Shortened, so that a paid minute, a silence and a return fit into seconds.
const SETTINGS = {
  'session.increment_seconds': '3', 'session.heartbeat_seconds': '1', 'session.heartbeat_timeout_seconds': '30',
  'session.hint_deadline_seconds': '2', 'session.min_billable_seconds': '1',
}

// The smallest GIF there is: one transparent dot.
const PICTURE = new Uint8Array(Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'))

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(look, what) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`it did not happen: ${what}`)
    await pause(20)
  }
}

class Browser {
  constructor(name, person, sealer = new Sealer(person)) {
    Object.assign(this, { name, ...person, sealer })
    this.events = []
    this.texts = []
    this.pictures = []
    this.signals = []
  }

  see(what) {
    console.log(`${this.name.padEnd(6)} │ ${what}`)
  }

  async call(rpc, args = {}) {
    return asked(this.supabase.rpc(rpc, args), rpc)
  }

  async listen(topic, how, config = {}) {
    const channel = how(this.supabase.channel(topic, { config: { private: true, ...config } }))
    await new Promise((resolve, reject) => {
      channel.subscribe((state, error) => {
        if (state === 'SUBSCRIBED') resolve()
        else if (state === 'CHANNEL_ERROR') reject(new Error(`${topic}: ${error?.message}`))
      })
    })
    return channel
  }

  /** Hear what the database says of this person. */
  async open() {
    await this.listen(`user:${this.id}`, (channel) =>
      channel.on('broadcast', { event: '*' }, ({ event, payload }) => this.events.push({ event, ...payload })))
  }

  /** Enter a session: its topic, where the database speaks, and its peers' topic, where the two speak themselves. */
  async enter(id) {
    this.session = id
    await this.sealer.enter(id)
    await this.listen(`session:${id}`, (channel) =>
      channel.on('broadcast', { event: 'chat_message' }, ({ payload }) => this.read(payload)))
    this.peer = await this.listen(
      `session:${id}:peer`,
      (channel) => channel
        .on('broadcast', { event: 'typing' }, () => this.see('the other is typing'))
        .on('broadcast', { event: 'signal' }, ({ payload }) => this.signalled(payload))
        .on('presence', { event: 'join' }, ({ key }) => key !== this.id && this.see('presence: the other is here'))
        .on('presence', { event: 'leave' }, ({ key }) => key !== this.id && this.see('presence: the other is gone')),
      { presence: { key: this.id } },
    )
    await this.peer.track({})
    const state = await this.call('join_session', { p_session_id: id })
    this.see(`joined; the session is ${state.status}`)
    // A call that nobody waits for is never sent.
    this.beat = setInterval(() => this.supabase.rpc('heartbeat_session', { p_session_id: id }).then(), 1000)
  }

  async read({ id, sender_id: sender }) {
    if (sender === this.id) return
    const asking = this.supabase.from('chat_messages').select('id, sender_id, message_type, content').eq('id', id)
    const row = await asked(asking.single(), 'reading the chat')
    if (row.message_type === 'IMAGE') return this.look(row)
    const text = this.sealer.open(row)
    this.texts.push(text)
    this.see(`reads: ${text}`)
  }

  async look(row) {
    const { mime, picture } = await this.sealer.download(row)
    this.pictures.push(picture)
    this.see(`sees a picture: ${mime}, ${picture.length} bytes`)
  }

  async write(text) {
    await this.peer.send({ type: 'broadcast', event: 'typing', payload: {} })
    await this.insert(this.sealer.seal(text), 'TEXT')
  }

  async show(picture, mime) {
    await this.insert(await this.sealer.upload(picture, mime), 'IMAGE')
  }

  async insert(content, type) {
    const row = { session_id: this.session, sender_id: this.id, content, message_type: type }
    await asked(this.supabase.from('chat_messages').insert(row), 'writing')
  }

  signal(kind) {
    const payload = { sender_id: this.id, message_type: 'SIGNAL', content: this.sealer.seal(kind, 'SIGNAL') }
    return this.peer.send({ type: 'broadcast', event: 'signal', payload })
  }

  signalled(payload) {
    const kind = this.sealer.open(payload)
    this.signals.push(kind)
    this.see(`signal: ${kind}`)
    if (kind === 'offer') this.signal('answer')
    if (kind === 'answer') this.signal('candidate')
  }

  /** The line drops: no more heartbeats, no socket. */
  async drop() {
    clearInterval(this.beat)
    await this.supabase.realtime.disconnect()
  }

  async close() {
    await this.drop()
    await this.supabase.removeAllChannels()
  }

  state() {
    const columns = 'status, pause_reason, end_reason, accepted_at, billed_seconds, total_cost'
    return asked(this.supabase.from('sessions').select(columns).eq('id', this.session).single(), 'reading the session')
  }

  told(event, about = () => true) {
    return until(() => this.events.find((one) => one.event === event && about(one)), `${this.name} hears ${event}`)
  }
}

async function request(client, reader) {
  const session = await client.call('request_session', {
    p_reader_id: reader.id, p_type: 'CHAT', p_max_minutes: 30, p_idempotency_key: randomUUID(),
  })
  client.session = session.id
  client.see('asks for a chat')
  const { session_id: id } = await reader.told('session_requested')
  reader.see('hears of the request, and accepts it')
  await reader.call('accept_session', { p_session_id: id })
  await client.told('session_updated')
  assert.ok((await client.state()).accepted_at)
  client.see('hears that it was accepted')
  await Promise.all([reader.sealer.register(), client.sealer.register()])
  await Promise.all([reader.enter(id), client.enter(id)])
  assert.equal(reader.sealer.safetyNumber(), client.sealer.safetyNumber())
  client.see(`compares the safety number: ${client.sealer.safetyNumber()}`)
  await client.told('session_updated', (one) => one.status === 'IN_PROGRESS')
}

async function talk(client, reader) {
  await client.write('What do the cards say?')
  await until(() => reader.texts.length === 1, 'the reader reads')
  await reader.write('They say hello.')
  await until(() => client.texts.length === 1, 'the client reads')
  await reader.show(PICTURE, 'image/gif')
  await until(() => client.pictures.length === 1, 'the client sees the picture')
  assert.deepEqual(client.pictures[0], PICTURE)
  await client.signal('offer')
  await until(() => reader.signals.includes('candidate'), 'offer, answer and candidate are exchanged')
  // They go on for more than a paid minute, both heard.
  await pause(4000)
}

/** Neither what was said nor what was shown can be read in rows or files. */
async function assertSealed(client) {
  const rows = await asked(client.supabase.from('chat_messages').select('content'), 'reading the chat')
  assert.equal(rows.length, 3)
  for (const { content } of rows) {
    for (const word of ['cards', 'hello']) assert.ok(!Buffer.from(content.box, 'base64url').includes(word))
  }
  const bucket = client.supabase.storage.from('chat-media')
  const folder = client.sealer.talk.conversationId
  const [file, ...others] = await asked(bucket.list(folder), 'listing files')
  assert.equal(others.length, 0)
  const sealed = await asked(bucket.download(`${folder}/${file.name}`), 'downloading')
  assert.ok(!Buffer.from(await sealed.arrayBuffer()).includes(PICTURE.subarray(0, 6)))
}

async function dropAndReturn(client, reader, env) {
  reader.see('— the line drops —')
  const dropped = Date.now()
  await reader.drop()
  await client.told('session_updated', (one) => one.pause_reason === 'reader_absent')
  // Silence alone would be believed after 30 seconds: the presence channel that closed was seen.
  assert.ok(Date.now() - dropped < 15_000, 'nobody saw the presence channel close')
  client.see('the session is paused: the reader is away, nothing is charged')
  const refused = await client.write('Are you there?').then(() => false, () => true)
  assert.ok(refused, 'a chat row was taken in a pause')
  client.see('may not write in the pause')
  // The same device, signed in again: what it has pinned, its keys and its counts are still there.
  const person = await signedIn(env, reader.email)
  const back = new Browser('reader', person, reader.sealer.on(person))
  await back.open()
  const heard = client.events.length
  await back.enter(client.session)
  await until(
    () => client.events.slice(heard).some((one) => one.event === 'session_updated' && !one.pause_reason), 'it goes on')
  client.see('the reader is back, the session goes on')
  await back.write('Here I am again.')
  await until(() => client.texts.length === 2, 'the client reads on')
  return back
}

async function main(env) {
  for (const [key, value] of Object.entries(SETTINGS)) await office(env)('change_setting', { p_key: key, p_value: value })
  const reader = new Browser('reader', await approvedReader(env, RATE))
  const client = new Browser('client', await fundedClient(env, 6000))
  const stranger = await signedIn(env, `stranger-${randomUUID()}@example.com`, { isNew: true })
  await Promise.all([reader.open(), client.open()])
  await request(client, reader)
  const listening = new Browser('other', stranger).listen(`session:${client.session}`, (channel) => channel)
  await assert.rejects(listening, /Unauthorized/)
  await talk(client, reader)
  await assertSealed(client)
  const back = await dropAndReturn(client, reader, env)
  const ended = await client.call('end_session', { p_session_id: client.session })
  await back.told('session_updated', (one) => one.status === 'COMPLETED')
  client.see(`ends it: ${ended.billed_seconds} s billed, ${ended.total_cost} charged`)
  back.see('hears that it ended')
  assert.ok(ended.total_cost > 0)
  const wallet = await asked(client.supabase.from('wallets').select('available').single(), 'reading the wallet')
  assert.equal(wallet.available, 6000 - ended.total_cost)
  const [first, second] = [client.texts.length + reader.texts.length, client.signals.length + reader.signals.length]
  await Promise.all([client, back, reader].map((browser) => browser.close()))
  await stranger.supabase.realtime.disconnect()
  console.log(
    `two-browsers ok: messages=${first} files=${client.pictures.length} signals=${second} pauses=1 ` +
      `billed_seconds=${ended.billed_seconds} charged=${ended.total_cost} end=${ended.end_reason}`,
  )
}

main(process.env).then(() => process.exit(0), (error) => {
  console.error(`two-browsers failed: ${error.message}`)
  process.exit(1)
})
