// What an app does with @soulseer/crypto around its calls: a device, both people's keys, a session's conversation.

import {
  Conversation, Device, FileNote, Identity, openFile, Pins, readMessage, ready, safetyNumber, sealFile,
} from '@soulseer/crypto'

import { asked } from './people.mjs'

await ready

/** One person's device. */
export class Sealer {
  constructor({ supabase, id }) {
    Object.assign(this, { supabase, id, identity: new Identity(), device: new Device(id), pins: new Pins() })
    // Before any row is read: nobody shows this person another identity as their own.
    this.pins.pin(id, this.identity.publicKey)
  }

  /** The same device under a new sign-in. */
  on({ supabase }) {
    this.supabase = supabase
    return this
  }

  register() {
    const certificate = this.identity.certify(this.device).arguments()
    return asked(this.supabase.rpc('register_device', certificate), 'register_device')
  }

  /** The session's conversation: opened, with its key, by whichever of the two comes first. */
  async enter(session) {
    const opening = this.supabase.rpc('open_session_conversation', { p_session_id: session })
    const row = await asked(opening, 'open_session_conversation')
    const members = [row.first_id, row.second_id]
    for (const member of members) {
      const rows = await asked(this.supabase.from('user_keys').select().eq('user_id', member), 'reading keys')
      this.pins.trust(member, rows)
    }
    this.talk ??= new Conversation(row.id, members, this.device, this.pins)
    if (row.key_version === 0) await this.#startKey()
    await this.#learn()
  }

  async #startKey() {
    const { version, wrapped } = this.talk.startVersion(0)
    const { error } = await this.supabase.rpc('start_conversation_key', {
      p_conversation_id: this.talk.conversationId, p_version: version, p_device_id: this.device.deviceId,
      p_keys: wrapped.map((one) => one.argument()),
    })
    // The other was faster: theirs is learnt.
    if (error && error.message !== 'key_version_taken') throw new Error(`start_conversation_key: ${error.message}`)
  }

  async #learn() {
    const { talk, supabase } = this
    const asking = supabase.from('conversations').select('key_version').eq('id', talk.conversationId).single()
    const { key_version: current } = await asked(asking, 'reading the conversation')
    const mine = supabase.from('conversation_keys').select()
      .eq('conversation_id', talk.conversationId).eq('device_id', this.device.deviceId)
    const refused = talk.learn(await asked(mine, 'reading keys'), current)
    if (refused.length > 0) throw new Error(`keys were not taken: ${refused.map(({ code }) => code)}`)
  }

  seal(text, type = 'TEXT') {
    return this.talk.seal(text, type)
  }

  open(row) {
    return new TextDecoder().decode(this.talk.receive(readMessage(row)).plaintext)
  }

  /** Seal and upload a picture; answers the content of the message that tells of it. */
  async upload(picture, mime) {
    const { note, sealed } = sealFile(picture, mime, this.talk.conversationId)
    const options = { contentType: 'application/octet-stream' }
    await asked(this.supabase.storage.from('chat-media').upload(note.path, sealed, options), 'uploading')
    return this.seal(note.plaintext(), 'IMAGE')
  }

  /** Download the picture that a message tells of, and open it. */
  async download(row) {
    const note = FileNote.of(this.talk.receive(readMessage(row)), this.talk.conversationId)
    const found = await asked(this.supabase.storage.from('chat-media').download(note.path), 'downloading')
    return { mime: note.mime, picture: openFile(note, new Uint8Array(await found.arrayBuffer())) }
  }

  safetyNumber() {
    return safetyNumber(...this.talk.members.map((member) => [member, this.pins.identity(member)]))
  }
}
