// Alice on the TypeScript client: takes Bob's device from stdin, prints what she makes for him.

import { readFileSync } from 'node:fs'

import {
  Conversation, Device, Identity, INTERACTIVE, KeyBackup, makeEvidence, Pins, ready, safetyNumber, sealFile,
} from '@soulseer/crypto'

await ready
const { bob, alice_id: aliceId, conversation_id: conversationId, message_id: id, passphrase } =
  JSON.parse(readFileSync(0, 'utf8'))
const identity = new Identity()
const device = new Device(aliceId)
const certificate = identity.certify(device).arguments()
const columns = Object.entries(certificate).map(([name, value]) => [name.slice(2), value])
const row = { user_id: aliceId, ...Object.fromEntries(columns), revoked_at: null }
const pins = new Pins()
pins.trust(aliceId, [row])
pins.trust(bob.user_id, [bob])

const talk = new Conversation(conversationId, [aliceId, bob.user_id], device, pins)
const { version, wrapped } = talk.startVersion(0)
const rows = wrapped.map((one) => ({
  ...one.argument(), wrapped_by: one.wrappedBy, wrapped_by_device: one.wrappedByDevice,
}))
const refused = talk.learn(rows.filter((one) => one.device_id === device.deviceId), version)
if (refused.length > 0) throw new Error('a key was not taken')
const content = talk.seal('From TypeScript ✨')
const message = { id, senderId: aliceId, messageType: 'TEXT', content }
const picture = sealFile(new Uint8Array(100_000).fill(7), 'image/webp', conversationId)
console.log(JSON.stringify({
  device: row,
  keys: rows,
  content,
  picture: talk.seal(picture.note.plaintext(), 'IMAGE'),
  sealed: Buffer.from(picture.sealed).toString('hex'),
  evidence: makeEvidence(talk, [message]),
  backup: new KeyBackup(aliceId, identity, new Map([[conversationId, talk.keys()]])).seal(passphrase, INTERACTIVE),
  safety_number: safetyNumber([aliceId, identity.publicKey], [bob.user_id, pins.identity(bob.user_id)]),
}))
