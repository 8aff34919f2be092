// The shared vectors: this client reads them, and makes the same again from the same seeds.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import {
  Conversation, Device, FileNote, headerOf, Identity, KeyBackup, openFile, Pins, Place, ready, safetyNumber, seal, toBytes, toText,
} from '../dist/index.js'
import { deviceRow, refuses, textOf } from './talk.mjs'

await ready
const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'))
const keys = vectors('keys')
const envelopes = vectors('envelopes')
const files = vectors('files')
const { alice, bob } = keys.people
const seed = (text) => toBytes(text, 'seed', 32)
const deviceOf = ({ device, box_seed: box, sign_seed: sign }) =>
  new Device(device.user_id, device.device_id, seed(box), seed(sign))

test('devices are certified as written', () => {
  for (const person of [alice, bob]) {
    assert.deepEqual(deviceRow(new Identity(seed(person.identity_seed)).certify(deviceOf(person))), person.device)
  }
})

const members = [alice, bob].map(({ device }) => device.user_id)

/** The conversation as bob's device sees it. */
function bobsTalk(version) {
  const pins = new Pins()
  for (const { device } of [alice, bob]) pins.trust(device.user_id, [device])
  const talk = new Conversation(envelopes.conversation_id, members, deviceOf(bob), pins)
  assert.deepEqual(talk.members, envelopes.members)
  assert.deepEqual(talk.learn(envelopes.wrapped_keys.filter((row) => row.version <= version), version), [])
  return talk
}

test('messages open, and are made the same again', () => {
  const talk = bobsTalk(2)
  const sent = envelopes.messages.map((one) => ({
    senderId: members[0], messageType: one.message_type, content: one.envelope,
  }))
  const answers = talk.readHistory(sent, { complete: true })
  assert.deepEqual(answers.map(textOf), envelopes.messages.map((one) => one.plaintext))
  assert.ok(answers.every(({ missing }) => missing === 0))
  assert.deepEqual(sent.map((one) => toText(talk.reveal(one))), envelopes.messages.map((one) => one.message_key))
  for (const { envelope, plaintext, message_type: messageType, header } of envelopes.messages) {
    const place = new Place(envelopes.conversation_id, members)
    const context = { place, senderId: members[0], messageType }
    assert.equal(toText(headerOf(context, envelope.key, envelope.seq, envelope.device)), header)
    const bytes = new TextEncoder().encode(plaintext)
    const nonce = toBytes(envelope.nonce, 'nonce', 24)
    const again = seal(talk.keys().get(envelope.key), context, envelope.key, envelope.seq, bytes, deviceOf(alice), nonce)
    assert.deepEqual(again.json(), envelope)
  }
})

test('files open, and notes of another form are refused', () => {
  const talk = bobsTalk(1)
  const opened = files.files.map(({ envelope }) =>
    talk.receive({ senderId: members[0], messageType: 'IMAGE', content: envelope }))
  files.files.forEach(({ note: text, sealed, size }, number) => {
    const note = FileNote.of(opened[number], files.conversation_id)
    assert.equal(textOf({ plaintext: note.plaintext() }), text)
    const content = openFile(note, toBytes(sealed, 'sealed', sealed.length, false))
    assert.deepEqual(content, Uint8Array.from({ length: size }, (_, place) => place % 251))
  })
  for (const { code, plaintext } of files.refused_notes) {
    const changed = { ...opened[1], plaintext: new TextEncoder().encode(plaintext) }
    refuses(code, () => FileNote.of(changed, files.conversation_id))
  }
})

test('the safety number is the written one, and the backup opens', () => {
  const people = [alice, bob].map(({ device }) => [device.user_id, seed(device.identity_key)])
  assert.equal(safetyNumber(...people), keys.safety_number)
  const opened = KeyBackup.open(keys.backup.sealed, alice.device.user_id, keys.backup.passphrase)
  assert.equal(toText(opened.identity.seed), alice.identity_seed)
  assert.deepEqual([...opened.keys.get(envelopes.conversation_id).keys()], [1, 2])
})
