// What a server that lies may try with keys, places and the order of messages, with an old device's help or without.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { Conversation, Device, Identity, makeEvidence, Pins, ready } from '../dist/index.js'
import { codesOf, deviceRow, missingOf, Party, refuses, Talk, textOf } from './talk.mjs'

await ready
const CHOSEN = new Uint8Array(32).fill(7)

/** A device of Alice's that was revoked after somebody took it; it has no part in any key. */
function stolenFrom(talk) {
  const lost = talk.alice.device()
  talk.seeDevices()
  talk.alice.revoke(lost)
  talk.seeDevices()
  return lost
}

test('a revoked device does not choose the key', () => {
  const talk = new Talk()
  const planted = talk.wrapped(CHOSEN, 2, talk.bobDevice, stolenFrom(talk))
  // The server says version 3, and shows version 2 alone: one that the thief wrapped.
  talk.his.learn([planted], 3)
  refuses('key_unknown', () => talk.his.seal('for whom?'))
  refuses('rolled_back', () => talk.his.learn([planted], 2))
  assert.equal(talk.his.startVersion(3).version, 4)
  const fresh = talk.join(talk.bob, talk.bobDevice)
  assert.deepEqual(codesOf(fresh.learn([planted], 2)), ['revoked_device'])
  refuses('key_unknown', () => fresh.seal('for whom?'))
})

test('nothing is sealed under an older version than the server says', () => {
  const talk = new Talk()
  assert.deepEqual(talk.his.learn([], 2), [])
  refuses('key_unknown', () => talk.his.seal('the key of version 2 is missing'))
  const again = talk.join(talk.bob, talk.bobDevice)
  again.restore(JSON.parse(JSON.stringify(talk.his.export())))
  assert.deepEqual(again.learn([], 2), [])
  refuses('key_unknown', () => again.seal('and after a run'))
  talk.rows.push(talk.wrapped(CHOSEN, 2, talk.bobDevice, talk.aliceDevice))
  assert.deepEqual(again.learn(talk.keyRows(talk.bobDevice), 2), [])
  assert.equal(again.seal('here it is').key, 2)
  for (const current of [-1, null, undefined, true, 1.5, '2', 1e9, NaN]) {
    refuses('malformed', () => talk.his.learn([], current))
    refuses('malformed', () => talk.his.startVersion(current))
  }
})

test('one bad row keeps no good one back', () => {
  const talk = new Talk()
  talk.rotate(talk.hers)
  const [first, second] = talk.keyRows(talk.bobDevice)
  const fresh = talk.join(talk.bob, talk.bobDevice)
  const rows = [null, {}, { ...first, wrapped_key: 'short' }, first, { ...first, wrapped_by: randomUUID() }, second]
  assert.deepEqual(fresh.learn(rows, 2), [
    { row: rows[0], code: 'malformed' }, { row: rows[1], code: 'malformed' }, { row: rows[2], code: 'malformed' },
    { row: rows[4], code: 'forged' },
  ])
  assert.deepEqual([...fresh.keys()], [...talk.his.keys()])
  // A second key under a version that is known changes nothing.
  assert.deepEqual(codesOf(fresh.learn([talk.wrapped(CHOSEN, 2, talk.bobDevice, talk.aliceDevice), first], 2)), ['forged'])
  assert.deepEqual([...fresh.keys()], [...talk.his.keys()])
})

test('another identity for oneself is noticed', () => {
  const talk = new Talk()
  const malice = new Party()
  malice.userId = talk.bob.userId
  const theirs = malice.device()
  const pins = new Pins()
  for (const party of [talk.alice, malice]) pins.trust(party.userId, party.rows)
  const deceived = talk.join({ pins }, talk.bobDevice)
  const planted = talk.wrapped(CHOSEN, 1, talk.bobDevice, theirs)
  refuses('unknown_device', () => deceived.startVersion(0))
  refuses('unknown_device', () => deceived.learn([planted], 1))
  const again = new Pins()
  const twin = new Device(talk.bob.userId, talk.bobDevice.deviceId)
  again.trust(talk.bob.userId, [deviceRow(new Identity().certify(twin))])
  refuses('identity_changed', () => talk.join({ pins: again }, talk.bobDevice).startVersion(0))
  const pinned = new Pins()
  pinned.pin(talk.bob.userId, talk.bob.identity.publicKey)
  refuses('identity_changed', () => pinned.trust(talk.bob.userId, malice.rows))
})

test('a conversation is not shown as one with somebody else', () => {
  const talk = new Talk()
  const mallory = new Party()
  mallory.device()
  const sent = talk.says('for Bob alone')
  talk.alice.pins.trust(mallory.userId, mallory.rows)
  const other = new Conversation(talk.id, [talk.alice.userId, mallory.userId], talk.aliceDevice, talk.alice.pins)
  assert.deepEqual(codesOf(other.learn(talk.keyRows(talk.aliceDevice), 1)), ['forged'])
  other.restoreKeys(talk.hers.keys())
  assert.deepEqual(other.readHistory([sent]).map(textOf), ['forged'])
  refuses('forged', () => makeEvidence(other, [sent]))
})

test('members are two people in any order', () => {
  const talk = new Talk()
  const [alice, bob] = [talk.alice.userId, talk.bob.userId]
  const turned = new Conversation(talk.id, [bob, alice], talk.bobDevice, talk.bob.pins)
  assert.deepEqual(turned.learn(talk.keyRows(talk.bobDevice), 1), [])
  assert.equal(textOf(turned.receive(talk.says('hello'))), 'hello')
  for (const members of [[], [bob], [bob, bob], [alice, bob, alice], [bob, 'nobody'], [bob, undefined]]) {
    refuses('malformed', () => new Conversation(talk.id, members, talk.bobDevice, talk.bob.pins))
  }
})

test('a message withheld before a rotation is noticed after it, live and in history', () => {
  const talk = new Talk()
  const [first, withheld] = [talk.says('one'), talk.says('two')]
  talk.his.receive(first)
  talk.rotate(talk.hers)
  const after = talk.says('three')
  assert.deepEqual([after.content.key, after.content.seq], [2, 2])
  assert.equal(talk.his.receive(after).missing, 1)
  refuses('key_outdated', () => talk.his.receive(withheld))
  assert.deepEqual(talk.his.readHistory([withheld]).map(textOf), ['two'])
  assert.deepEqual(missingOf(talk.his.readHistory([first, after], { complete: true })), [0, 1])
  // Who was away and reads on from what they knew notices the same; an older stretch begins where it begins.
  const away = talk.join(talk.bob, talk.bobDevice)
  talk.learn(away, talk.bobDevice)
  const stretches = [[first], [after], [first, withheld]].map((stretch) => missingOf(away.readHistory(stretch)))
  assert.deepEqual(stretches, [[0], [1], [0, 0]])
})

test('a replay under the next key is refused', () => {
  const talk = new Talk()
  talk.his.receive(talk.says('one'))
  const later = talk.says('two')
  talk.rotate(talk.hers)
  const again = talk.join(talk.alice, talk.aliceDevice)
  talk.learn(again, talk.aliceDevice)
  refuses('replayed', () => talk.his.receive(talk.by(talk.alice, again, 'from the start')))
  again.readHistory([later])
  assert.equal(again.seal('three').seq, 2)
})

test('signals count on apart under the next key', () => {
  const talk = new Talk()
  talk.his.receive(talk.says('one'))
  talk.his.receive(talk.says('offer', 'SIGNAL'))
  talk.rotate(talk.his)
  assert.equal(talk.his.receive(talk.says('two')).missing, 0)
  assert.equal(talk.his.receive(talk.says('answer', 'SIGNAL')).missing, 0)
})

test('a version that a server made up closes no conversation for ever', () => {
  const talk = new Talk()
  talk.hers.learn([], 999_999_998)
  refuses('key_unknown', () => talk.says('one'))
  refuses('malformed', () => talk.hers.learn([], 999_999_999))
  const again = talk.join(talk.alice, talk.aliceDevice)
  again.restore(talk.hers.export())
  talk.his.receive(talk.by(talk.alice, again, 'one'))
})

test('one refused message keeps no other back', () => {
  const talk = new Talk()
  const sent = ['one', 'two', 'three'].map((text) => talk.says(text))
  const broken = { ...sent[1], content: { ...sent[1].content, sig: 'A'.repeat(86) } }
  const odd = { ...sent[0], content: { v: 2 } }
  const foreign = { ...sent[1], senderId: randomUUID() }
  const answers = talk.his.readHistory([odd, sent[0], broken, foreign, sent[0], sent[2]], { complete: true })
  assert.deepEqual(answers.map(textOf), ['malformed', 'one', 'forged', 'wrong_sender', 'replayed', 'three'])
  assert.deepEqual(answers.filter(({ code }) => code).map((one) => one.message), [odd, broken, foreign, sent[0]])
  assert.equal(answers.at(-1).missing, 1)
})

test('counts that were kept in another form are refused', () => {
  const talk = new Talk()
  talk.his.receive(talk.says('one'))
  const kept = talk.his.export()
  const [[name, seq]] = kept.read
  const device = talk.aliceDevice.deviceId
  for (const wrong of [[`${device}/1/false`, 0], [name, '0'], [name, seq, 1], [`${name}/`, 0], '', null, [name], [7, 0]]) {
    for (const list of ['sent', 'read']) {
      refuses('malformed', () => talk.join(talk.bob, talk.bobDevice).restore({ ...kept, [list]: [wrong] }))
    }
  }
  refuses('malformed', () => talk.join(talk.bob, talk.bobDevice).restore({ ...kept, read: {} }))
})
