// Two people who talk, and everything the attacks need: keys, devices, pins and a conversation on each side.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { Conversation, CryptoError, Device, Identity, Pins, Place, sealFile, WrappedKey } from '../dist/index.js'

/** A row of `user_keys`. */
export function deviceRow(record) {
  const columns = Object.entries(record.arguments()).map(([name, value]) => [name.slice(2), value])
  return { user_id: record.userId, ...Object.fromEntries(columns), revoked_at: null }
}

/** A row of `conversation_keys`. */
export const keyRow = (wrapped) => ({
  ...wrapped.argument(), wrapped_by: wrapped.wrappedBy, wrapped_by_device: wrapped.wrappedByDevice,
})

/** A person with one identity and any number of devices. */
export class Party {
  userId = randomUUID()
  identity = new Identity()
  rows = []
  pins = new Pins()

  device() {
    const made = new Device(this.userId)
    this.rows.push(deviceRow(this.identity.certify(made)))
    return made
  }

  revoke(device) {
    this.rows.find((row) => row.device_id === device.deviceId).revoked_at = '2026-01-01T00:00:00Z'
  }
}

/** A conversation of two, each with one device, under the first key version. */
export class Talk {
  alice = new Party()
  bob = new Party()
  id = randomUUID()
  version = 0
  rows = []

  constructor() {
    this.aliceDevice = this.alice.device()
    this.bobDevice = this.bob.device()
    this.seeDevices()
    this.hers = this.join(this.alice, this.aliceDevice)
    this.his = this.join(this.bob, this.bobDevice)
    this.rotate(this.hers)
  }

  seeDevices() {
    for (const viewer of [this.alice, this.bob]) {
      for (const party of [this.alice, this.bob]) viewer.pins.trust(party.userId, party.rows)
    }
  }

  join(party, device, id = this.id) {
    return new Conversation(id, [this.alice.userId, this.bob.userId], device, party.pins)
  }

  rotate(by) {
    this.seeDevices()
    const change = by.startVersion(this.version)
    this.version = change.version
    this.rows.push(...change.wrapped.map(keyRow))
    this.learn(this.hers, this.aliceDevice)
    this.learn(this.his, this.bobDevice)
  }

  learn(conversation, device) {
    assert.deepEqual(conversation.learn(this.keyRows(device), this.version), [])
  }

  /** A device's rows of `conversation_keys`. */
  keyRows(device) {
    return this.rows.filter((row) => row.device_id === device.deviceId)
  }

  /** Both people's rows of `user_keys`, as a moderator reads them. */
  userKeys() {
    return [...this.alice.rows, ...this.bob.rows]
  }

  place() {
    return new Place(this.id, [this.alice.userId, this.bob.userId])
  }

  /** A row of `conversation_keys`: a key of somebody's choice, wrapped by a device for another. */
  wrapped(key, version, { userId, deviceId, boxPublic }, by) {
    return keyRow(WrappedKey.make(key, this.place(), version, { userId, deviceId, deviceKey: boxPublic }, by))
  }

  /** Alice seals a message. */
  says(text, messageType = 'TEXT') {
    return this.by(this.alice, this.hers, text, messageType)
  }

  /** Somebody seals a message on a device. */
  by(party, conversation, text, messageType = 'TEXT') {
    return { id: randomUUID(), senderId: party.userId, messageType, content: conversation.seal(text, messageType) }
  }

  /** Alice seals a picture: the message that tells of it, and the bytes to upload. */
  shows(content, mime = 'image/png') {
    const { note, sealed } = sealFile(content, mime, this.id)
    return { message: this.says(note.plaintext(), 'IMAGE'), sealed }
  }
}

/** It must be refused with one of the codes. */
export function refuses(codes, act) {
  assert.throws(act, (error) => error instanceof CryptoError && codes.split(' ').includes(error.code))
}

/** The same text with one letter changed. */
export const flipped = (text, place = 0) =>
  text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)

/** What was opened says; for what was refused, the code. */
export const textOf = ({ plaintext, code }) => code ?? new TextDecoder().decode(plaintext)

export const codesOf = (refused) => refused.map(({ code }) => code)

export const missingOf = (answers) => answers.map(({ missing }) => missing)
