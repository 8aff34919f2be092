// Bob on the TypeScript client: takes his device, Alice's and what she sealed from stdin, prints what he opens.

import { readFileSync } from 'node:fs'

import { Conversation, Device, FileNote, openFile, Pins, readMessage, ready } from '@soulseer/crypto'

await ready
const { bob, people, keys, conversation_id: conversationId, pictures } = JSON.parse(readFileSync(0, 'utf8'))
const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'))
const pins = new Pins()
for (const [user, rows] of Object.entries(people)) pins.trust(user, rows)
const device = new Device(bob.user_id, bob.device_id, bytes(bob.box_seed), bytes(bob.sign_seed))
const talk = new Conversation(conversationId, Object.keys(people), device, pins)
if (talk.learn(keys, 1).length > 0) throw new Error('a key was not taken')

console.log(JSON.stringify(pictures.map(({ row, sealed }) => {
  const note = FileNote.of(talk.receive(readMessage(row)), conversationId)
  return { path: note.path, mime: note.mime, content: Buffer.from(openFile(note, bytes(sealed))).toString('hex') }
})))
