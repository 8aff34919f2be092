// What an attacker may try: somebody in between, the server, a member, or who holds an old device.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import {
  BUCKETS, Device, Identity, INTERACTIVE, KeyBackup, makeEvidence, MAX_PLAINTEXT, Pins, ready, safetyNumber, toText,
  verifyEvidence,
} from '../dist/index.js'
import { codesOf, deviceRow, flipped, keyRow, missingOf, Party, refuses, Talk, textOf } from './talk.mjs'

await ready

test('both read what the other writes', () => {
  const talk = new Talk()
  for (const text of ['one', '', 'three ✨']) {
    const opened = talk.his.receive(talk.says(text))
    assert.deepEqual([textOf(opened), opened.missing], [text, 0])
  }
  const answer = { senderId: talk.bob.userId, messageType: 'IMAGE', content: talk.his.seal('mine', 'IMAGE') }
  assert.equal(textOf(talk.hers.receive(answer)), 'mine')
})

test('another sender, type or conversation does not verify', () => {
  const talk = new Talk()
  const sent = talk.says('hello')
  refuses('unknown_device', () => talk.his.receive({ ...sent, senderId: talk.bob.userId }))
  refuses('wrong_sender', () => talk.his.receive({ ...sent, senderId: randomUUID() }))
  for (const messageType of ['IMAGE', 'SIGNAL']) refuses('forged', () => talk.his.receive({ ...sent, messageType }))
  const other = talk.join(talk.bob, talk.bobDevice, randomUUID())
  other.restoreKeys(talk.his.keys())
  refuses('forged', () => other.receive(sent))
})

test('a member cannot write as the other', () => {
  const talk = new Talk()
  const content = { ...talk.his.seal('I owe you'), device: talk.aliceDevice.deviceId }
  refuses('forged', () => talk.hers.receive({ senderId: talk.alice.userId, messageType: 'TEXT', content }))
})

test('replay, reordering and gaps', () => {
  const talk = new Talk()
  const [one, two, three] = ['one', 'two', 'three'].map((text) => talk.says(text))
  talk.his.receive(one)
  refuses('replayed', () => talk.his.receive(one))
  assert.equal(talk.his.receive(three).missing, 1)
  refuses('replayed', () => talk.his.receive(two))
  assert.deepEqual(missingOf(talk.his.readHistory([one, three], { complete: true })), [0, 1])
  assert.deepEqual(missingOf(talk.his.readHistory([two, three], { complete: true })), [1, 0])
  assert.deepEqual(talk.his.readHistory([two, one, three]).map(textOf), ['two', 'replayed', 'three'])
})

test('a changed or truncated part does not verify', () => {
  const talk = new Talk()
  const sent = talk.says('hello')
  for (const part of ['nonce', 'box', 'sig']) {
    const text = sent.content[part]
    for (const changed of [flipped(text), flipped(text, text.length / 2), text.slice(0, -4), `${text}A`]) {
      refuses('forged malformed', () => talk.his.receive({ ...sent, content: { ...sent.content, [part]: changed } }))
    }
  }
  talk.rotate(talk.hers)
  refuses('forged', () => talk.his.receive({ ...sent, content: { ...sent.content, key: 2 } }))
  refuses('key_unknown', () => talk.his.receive({ ...sent, content: { ...sent.content, key: 3 } }))
})

test('a key is never used twice for a message', () => {
  const talk = new Talk()
  const sent = Array.from({ length: 50 }, () => talk.says('the same'))
  const keys = new Set(sent.map((one) => toText(talk.his.reveal(one))))
  assert.equal(new Set(sent.map((one) => one.content.box)).size, 50)
  assert.equal(keys.size, 50)
  for (const key of talk.his.keys().values()) assert.ok(!keys.has(toText(key)))
})

test('an old key is refused after a rotation', () => {
  const talk = new Talk()
  const before = talk.says('before')
  talk.rotate(talk.his)
  refuses('key_outdated', () => talk.his.receive(before))
  const after = talk.says('after')
  assert.deepEqual(talk.his.readHistory([before, after]).map(textOf), ['before', 'after'])
  assert.deepEqual(talk.his.readHistory([after, before]).map(textOf), ['after', 'key_outdated'])
})

test('a revoked device is not heard, whatever the server says, and gets no new key', () => {
  const talk = new Talk()
  const lost = talk.alice.device()
  talk.rotate(talk.hers)
  const onLost = talk.join(talk.alice, lost)
  talk.learn(onLost, lost)
  const sent = { senderId: talk.alice.userId, messageType: 'TEXT', content: onLost.seal('from the lost one') }
  const change = onLost.startVersion(2)
  talk.alice.revoke(lost)
  talk.seeDevices()
  const rows = change.wrapped.filter((one) => one.deviceId === talk.bobDevice.deviceId).map(keyRow)
  assert.deepEqual(codesOf(talk.his.learn(rows, 3)), ['revoked_device'])
  // Nobody else has heard of a third version.
  talk.version = 3
  talk.rotate(talk.his)
  assert.ok(!talk.rows.some((row) => row.device_id === lost.deviceId && row.version === 4))
  refuses('revoked_device', () => talk.his.receive(sent))
  for (const row of talk.alice.rows) row.revoked_at = null
  talk.seeDevices()
  refuses('revoked_device', () => talk.his.receive(sent))
  assert.equal(textOf(talk.his.readHistory([sent])[0]), 'from the lost one')
  refuses('revoked_device', () => talk.hers.share(lost.deviceId))
})

test('a server cannot slip in, move or roll back keys', () => {
  const talk = new Talk()
  for (const user of [talk.alice.userId, talk.bob.userId, randomUUID()]) {
    for (const device of [talk.aliceDevice.deviceId, randomUUID()]) {
      const planted = talk.wrapped(new Uint8Array(32), 2, talk.bobDevice, new Device(user, device))
      assert.match(codesOf(talk.his.learn([planted], 2)).join(), /^(forged|unknown_device)$/)
    }
  }
  refuses('key_unknown', () => talk.his.seal("under no key of the server's"))
  const [row] = talk.keyRows(talk.bobDevice)
  const fresh = talk.join(talk.bob, talk.bobDevice)
  const refused = [...fresh.learn([row], 0), ...fresh.learn(talk.keyRows(talk.aliceDevice), 1)]
  const changes = [
    { version: 2 }, { wrapped_by: talk.bob.userId }, { wrapped_by: randomUUID() }, { conversation_id: randomUUID() },
    { wrapped_key: flipped(row.wrapped_key, 20) },
  ]
  refused.push(...fresh.learn(changes.map((change) => ({ ...row, ...change })), 2))
  assert.deepEqual(codesOf(refused), ['forged', 'forged', 'forged', 'unknown_device', 'forged', 'forged', 'forged'])
  assert.equal(fresh.keys().size, 0)
  refuses('rolled_back', () => talk.his.learn([row], 1))
  refuses('rolled_back', () => talk.his.startVersion(1))
})

test('a swapped identity is refused until it is accepted', () => {
  const talk = new Talk()
  const malice = new Party()
  malice.userId = talk.bob.userId
  malice.device()
  const { pins } = talk.alice
  refuses('identity_changed', () => pins.trust(talk.bob.userId, malice.rows))
  refuses('identity_changed', () => pins.trust(talk.bob.userId, [...talk.bob.rows, ...malice.rows]))
  refuses('identity_changed', () => new Pins().trust(talk.bob.userId, [...talk.bob.rows, ...malice.rows]))
  refuses('forged', () => pins.trust(talk.bob.userId, talk.alice.rows))
  const forged = { ...malice.rows[0], identity_key: talk.bob.rows[0].identity_key }
  refuses('forged', () => pins.trust(talk.bob.userId, [forged]))
  for (const name of ['device_key', 'signing_key']) {
    const swapped = { ...talk.bob.rows[0], [name]: toText(new Identity().publicKey) }
    refuses('forged', () => pins.trust(talk.bob.userId, [swapped]))
  }
  const again = deviceRow(talk.bob.identity.certify(new Device(talk.bob.userId, talk.bobDevice.deviceId)))
  refuses('identity_changed', () => pins.trust(talk.bob.userId, [again]))
  const restored = new Pins()
  restored.restore(JSON.parse(JSON.stringify(pins.export())))
  refuses('identity_changed', () => restored.trust(talk.bob.userId, malice.rows))
  talk.bob.revoke(talk.bobDevice)
  pins.pin(talk.bob.userId, malice.identity.publicKey)
  assert.equal(pins.trust(talk.bob.userId, [...talk.bob.rows, ...malice.rows]).length, 1)
})

test('safety numbers agree only on the same identities', () => {
  const [alice, bob] = [new Party(), new Party()]
  const [hers, his] = [[alice.userId, alice.identity.publicKey], [bob.userId, bob.identity.publicKey]]
  assert.equal(safetyNumber(hers, his), safetyNumber(his, hers))
  assert.match(safetyNumber(hers, his), /^(\d{5} ){11}\d{5}$/)
  assert.notEqual(safetyNumber(hers, his), safetyNumber(hers, [bob.userId, new Identity().publicKey]))
})

test('a new device reads history by what an old one shares', () => {
  const talk = new Talk()
  const before = talk.says('before')
  talk.rotate(talk.hers)
  const after = talk.says('after')
  const device = talk.bob.device()
  talk.seeDevices()
  const onNew = talk.join(talk.bob, device)
  assert.deepEqual(onNew.learn(talk.his.share(device.deviceId).map(keyRow), talk.version), [])
  assert.deepEqual(onNew.readHistory([before, after], { complete: true }).map(textOf), ['before', 'after'])
  refuses('unknown_device', () => talk.his.share(randomUUID()))
})

test('a conversation outlives a run', () => {
  const talk = new Talk()
  const sent = talk.says('one')
  talk.his.receive(sent)
  const again = talk.join(talk.bob, talk.bobDevice)
  again.restore(JSON.parse(JSON.stringify(talk.his.export())))
  refuses('replayed', () => again.receive(sent))
  assert.equal(again.receive(talk.says('two')).missing, 0)
})

test('a length shows as its bucket only; too long is refused', () => {
  const talk = new Talk()
  for (const length of [0, 1, 63, 64, 127, 5000, MAX_PLAINTEXT]) {
    const sent = talk.says(new Uint8Array(length).fill(0x80))
    const bucket = BUCKETS.find((size) => size > length)
    assert.equal(sent.content.box.length, Math.ceil((bucket + 16) * 4 / 3))
    assert.equal(talk.his.receive(sent).plaintext.length, length)
  }
  refuses('too_long', () => talk.says(new Uint8Array(MAX_PLAINTEXT + 1)))
})

test('what is said to be refused is missed, and signals are counted apart', () => {
  const talk = new Talk()
  talk.his.receive(talk.says('one'))
  // No number is used twice: a server that says no and keeps the message could show one in the place of another.
  talk.says('refused by the server')
  assert.equal(talk.his.receive(talk.says('offer', 'SIGNAL')).missing, 0)
  assert.equal(talk.his.receive(talk.says('two')).missing, 1)
})

test('a report proves what it reveals, and nothing else', () => {
  const talk = new Talk()
  const [rude, hidden] = [talk.says('rude'), talk.says('private')]
  const evidence = makeEvidence(talk.his, [rude])
  assert.equal(textOf(verifyEvidence(evidence, talk.userKeys())[0]), 'rude')
  const [revealed] = evidence.messages
  const forgeries = [
    { envelope: hidden.content }, { sender_id: talk.bob.userId }, { message_type: 'IMAGE' },
    { key: toText(new Identity().publicKey) },
  ]
  for (const forgery of forgeries) {
    const forged = { ...evidence, messages: [{ ...revealed, ...forgery }] }
    refuses('forged unknown_device', () => verifyEvidence(forged, talk.userKeys()))
  }
  for (const forgery of [{ conversation_id: randomUUID() }, { members: [talk.alice.userId, randomUUID()].sort() }]) {
    refuses('forged', () => verifyEvidence({ ...evidence, ...forgery }, talk.userKeys()))
  }
  const [first, second] = evidence.members
  for (const wrong of [[second, first], [first], [first, first], [first, second, second], `${first}${second}`, null, [1, 2]]) {
    refuses('malformed', () => verifyEvidence({ ...evidence, members: wrong }, talk.userKeys()))
  }
  const strangers = [randomUUID(), randomUUID()].sort()
  refuses('wrong_sender', () => verifyEvidence({ ...evidence, members: strangers }, talk.userKeys()))
  // He seals with the conversation's key as himself, and says it was hers.
  const content = { ...talk.his.seal('I threaten you'), device: talk.aliceDevice.deviceId }
  refuses('forged', () => makeEvidence(talk.his, [{ ...rude, content }]))
})

test('a backup opens with its passphrase only', () => {
  const backup = new KeyBackup(randomUUID(), new Identity(), new Map([[randomUUID(), new Map([[1, new Uint8Array(32)]])]]))
  const sealed = backup.seal('correct horse battery staple', INTERACTIVE)
  const opened = KeyBackup.open(sealed, backup.userId, 'correct horse battery staple')
  assert.deepEqual([opened.identity.seed, opened.keys], [backup.identity.seed, backup.keys])
  refuses('wrong_passphrase', () => KeyBackup.open(sealed, backup.userId, 'correct horse battery stapler'))
  refuses('wrong_passphrase', () => KeyBackup.open({ ...sealed, box: flipped(sealed.box) }, backup.userId, 'correct horse'))
  for (const change of [{ mem: 2 ** 40 }, { ops: 2 ** 30 }, { mem: 8192 }, { ops: 1 }, { kdf: 'md5' }, { more: 1 }]) {
    refuses('malformed', () => KeyBackup.open({ ...sealed, ...change }, backup.userId, 'correct horse battery staple'))
  }
  refuses('wrong_passphrase', () => backup.seal('too short', INTERACTIVE))
})
