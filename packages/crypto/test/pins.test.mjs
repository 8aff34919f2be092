// What a server, or somebody with an account of their own, may try with the rows of `user_keys`.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { Device, Identity, makeEvidence, Pins, ready, toText, verifyEvidence, WrappedKey } from '../dist/index.js'
import { codesOf, deviceRow, flipped, keyRow, Party, refuses, Talk, textOf } from './talk.mjs'

await ready
const REVOKED = '2026-01-01T00:00:00Z'
// Points of X25519 that give nothing, whatever they meet: zero, one, two of order eight, and p - 1, p, p + 1.
const LOW_ORDER = [
  '00'.repeat(32), '01' + '00'.repeat(31), 'ec' + 'ff'.repeat(30) + '7f', 'ed' + 'ff'.repeat(30) + '7f',
  'ee' + 'ff'.repeat(30) + '7f', 'ed' + 'ff'.repeat(31),
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')))

/** The person lost everything: all devices are revoked, another identity begins with a new one. */
function begunAnew(party) {
  for (const row of party.rows) row.revoked_at = REVOKED
  party.identity = new Identity()
  return party.device()
}

/** A row that whoever had the account for a moment left behind: nobody's identity signed it. */
function junk(party) {
  const made = deviceRow(new Identity().certify(new Device(party.userId)))
  return { ...made, signature: flipped(made.signature), revoked_at: REVOKED }
}

test('who revokes a device of that id silences nobody else', () => {
  const talk = new Talk()
  const mallory = new Party()
  const usual = mallory.device()
  const taken = new Device(mallory.userId, talk.aliceDevice.deviceId)
  mallory.rows.push(deviceRow(mallory.identity.certify(taken)))
  mallory.revoke(taken)
  for (const { pins } of [talk.alice, talk.bob]) {
    assert.deepEqual(pins.trust(mallory.userId, mallory.rows).map((one) => one.deviceId), [usual.deviceId])
  }
  assert.equal(textOf(talk.his.receive(talk.says('still here'))), 'still here')
  talk.rotate(talk.his)
  assert.equal(talk.his.receive(talk.says('and after a rotation')).missing, 0)
})

test('revocations are kept by person and device', () => {
  const talk = new Talk()
  const lost = talk.alice.device()
  talk.alice.revoke(lost)
  talk.seeDevices()
  const kept = JSON.parse(JSON.stringify(talk.bob.pins.export()))
  assert.deepEqual(kept.revoked, [`${talk.alice.userId}/${lost.deviceId}`])
  const again = new Pins()
  again.restore(kept)
  for (const row of talk.alice.rows) row.revoked_at = null
  assert.ok(!again.trust(talk.alice.userId, talk.alice.rows).some((one) => one.deviceId === lost.deviceId))
  for (const wrong of [lost.deviceId, `${lost.deviceId}/`, '/', 7, null, `${talk.alice.userId}/${lost.deviceId}/x`]) {
    refuses('malformed', () => new Pins().restore({ ...kept, revoked: [wrong] }))
  }
  const key = toText(new Identity().publicKey)
  for (const identities of [{ [talk.alice.userId]: 'text' }, { who: [key] }]) {
    refuses('malformed', () => new Pins().restore({ identities, revoked: [] }))
  }
})

test('two people with one device id are counted apart', () => {
  const talk = new Talk()
  const [taken, third] = [new Device(talk.bob.userId, talk.aliceDevice.deviceId), talk.bob.device()]
  talk.bob.rows.push(deviceRow(talk.bob.identity.certify(taken)))
  talk.seeDevices()
  const [onTaken, onThird] = [taken, third].map((device) => talk.join(talk.bob, device))
  for (const conversation of [onTaken, onThird]) conversation.restoreKeys(talk.his.keys())
  for (const text of ['one', 'two', 'three']) {
    assert.equal(onThird.receive(talk.by(talk.bob, onTaken, text)).missing, 0)
  }
  assert.equal(onThird.receive(talk.says('hers')).missing, 0)
})

test('who began anew is trusted at first sight', () => {
  const { alice } = new Talk()
  const { deviceId } = begunAnew(alice)
  for (const rows of [alice.rows, alice.rows.toReversed()]) {
    assert.deepEqual(new Pins().trust(alice.userId, rows).map((one) => one.deviceId), [deviceId])
  }
})

test("revoked rows of anybody's making stop nobody", () => {
  const { alice, aliceDevice, bob } = new Talk()
  const other = { ...deviceRow(new Identity().certify(new Device(alice.userId))), revoked_at: REVOKED }
  const low = { ...other, device_id: randomUUID(), device_key: toText(new Uint8Array(32)) }
  for (const pins of [new Pins(), bob.pins]) {
    const found = pins.trust(alice.userId, [junk(alice), other, low, ...alice.rows])
    assert.deepEqual(found.map((one) => one.deviceId), [aliceDevice.deviceId])
    assert.deepEqual(pins.devices(alice.userId).map((one) => one.deviceId), [aliceDevice.deviceId])
  }
  assert.deepEqual(new Pins().trust(alice.userId, [other]), [])
  // One that is said to live is another matter.
  refuses('forged', () => new Pins().trust(alice.userId, [{ ...junk(alice), revoked_at: null }, ...alice.rows]))
  refuses('identity_changed', () => new Pins().trust(alice.userId, [{ ...other, revoked_at: null }, ...alice.rows]))
  for (const row of [null, 7, 'row', undefined]) refuses('malformed', () => new Pins().trust(alice.userId, [row]))
})

test('devices of an earlier identity get nothing, whatever the server says', () => {
  const talk = new Talk()
  begunAnew(talk.bob)
  talk.alice.pins.pin(talk.bob.userId, talk.bob.identity.publicKey)
  // The server leaves the revoked rows out.
  const [found, ...more] = talk.alice.pins.trust(talk.bob.userId, talk.bob.rows.slice(1))
  assert.deepEqual(more, [])
  assert.notEqual(found.deviceId, talk.bobDevice.deviceId)
  const { wrapped } = talk.hers.startVersion(talk.version)
  assert.ok(!wrapped.some((one) => one.deviceId === talk.bobDevice.deviceId))
})

test('a device key that gives nothing is refused when read, and a key sealed from one does not open', () => {
  const talk = new Talk()
  const wrapped = talk.hers.startVersion(1).wrapped.at(-1)
  for (const point of LOW_ORDER) {
    const { userId, deviceId, signPublic } = new Device(talk.bob.userId)
    const row = deviceRow(talk.bob.identity.certify({ userId, deviceId, boxPublic: point, signPublic }))
    refuses('malformed', () => talk.alice.pins.trust(talk.bob.userId, [...talk.bob.rows, row]))
    // Alice's own device signs it, so that nothing but the point is wrong.
    const parts = [talk.id, 2, wrapped.userId, wrapped.deviceId, wrapped.wrappedBy, wrapped.wrappedByDevice]
    const sealed = new Uint8Array([...point, ...new Uint8Array(48)])
    const signature = talk.aliceDevice.sign(new WrappedKey(...parts, sealed).statement(talk.place()))
    const weak = new WrappedKey(...parts, new Uint8Array([...sealed, ...signature]))
    assert.deepEqual(codesOf(talk.his.learn([keyRow(weak)], 2)), ['forged'])
  }
})

test('a message under an earlier identity is proved, and the identity named', () => {
  const talk = new Talk()
  const evidence = makeEvidence(talk.his, [talk.says('rude')])
  const earlier = talk.alice.identity.publicKey
  begunAnew(talk.alice)
  talk.alice.rows.push(junk(talk.alice))
  const [proved] = verifyEvidence(evidence, talk.userKeys())
  assert.deepEqual([textOf(proved), proved.identity], ['rude', earlier])
})

test('a report needs the row of the device, and its right certificate', () => {
  const talk = new Talk()
  const evidence = makeEvidence(talk.his, [talk.says('rude')])
  const [row] = talk.alice.rows
  for (const rows of [[], talk.bob.rows, [row, row], ['row', null]]) {
    refuses('unknown_device', () => verifyEvidence(evidence, rows))
  }
  refuses('forged', () => verifyEvidence(evidence, [{ ...row, identity_key: toText(new Identity().publicKey) }]))
  const other = deviceRow(new Identity().certify(new Device(talk.alice.userId, talk.aliceDevice.deviceId)))
  refuses('forged', () => verifyEvidence(evidence, [other]))
})
