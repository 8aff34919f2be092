// Two people who talk, and everything the attacks need: keys, devices, pins and a conversation on each side.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { Conversation, CryptoError, Device, Identity, Pins, sealFile } from '../dist/index.js'

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
    conversation.learn(this.rows.filter((row) => row.device_id === device.deviceId), this.version)
  }

  /** Alice seals a message. */
  says(text, messageType = 'TEXT') {
    return { id: randomUUID(), senderId: this.alice.userId, messageType, content: this.hers.seal(text, messageType) }
  }

  /** Alice seals a picture: the message that tells of it, and the bytes to upload. */
  shows(content, mime = 'image/png') {
    const { note, sealed } = sealFile(content, mime, this.id)
    return { message: this.says(note.plaintext(), 'IMAGE'), sealed }
  }

  /** A moderator, who knows both people's devices and no key at all. */
  moderator() {
    const pins = new Pins()
    for (const party of [this.alice, this.bob]) pins.trust(party.userId, party.rows)
    return pins
  }
}

/** It must be refused with one of the codes. */
export function refuses(codes, act) {
  assert.throws(act, (error) => error instanceof CryptoError && codes.split(' ').includes(error.code))
}

/** The same text with one letter changed. */
export const flipped = (text, place = 0) =>
  text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)

export const textOf = (opened) => new TextDecoder().decode(opened.plaintext)
