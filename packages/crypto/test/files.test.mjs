// Sealed files: what is sealed opens, whatever its size; whatever was done to one, or to its note, is refused.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'

import sodium from 'libsodium-wrappers-sumo'

import {
  FileNote, makeEvidence, MAX_FILE, openFile, paddedLength, ready, sealedLength, sealFile, verifyEvidence,
} from '../dist/index.js'
import { refuses, Talk } from './talk.mjs'

await ready
const CHUNK = 65536
const SEALED_CHUNK = CHUNK + 17
const START = 'soulseer/file/1'.length + 24
const folder = randomUUID()
const bytes = (text) => new Uint8Array(Buffer.from(text))
const joined = (...pieces) => new Uint8Array(Buffer.concat(pieces))
const three = sealFile(new Uint8Array(150_000).fill(0x80), 'image/png', folder)

/** The note with something else in it. */
const noteWith = ({ note }, change) => {
  const { path, key, hash, size, mime } = { ...note, ...change }
  return new FileNote(path, key, hash, size, mime)
}

/** The note of somebody who has the key: it names the changed bytes as the right ones. */
const notedAnew = (file, sealed, change = {}) =>
  noteWith(file, { hash: sodium.crypto_generichash(32, sealed, null), ...change })

function chunks(sealed) {
  const found = []
  for (let place = START; place < sealed.length; place += SEALED_CHUNK) found.push(sealed.slice(place, place + SEALED_CHUNK))
  return found
}

test('any size around a boundary opens again', () => {
  for (const edge of [0, 4096, CHUNK, 3 * CHUNK]) {
    for (let size = Math.max(0, edge - 3); size < edge + 3; size++) {
      const content = new Uint8Array(randomBytes(size))
      const { note, sealed } = sealFile(content, 'image/webp', folder)
      assert.deepEqual(openFile(note, sealed), content)
      assert.equal(sealed.length, sealedLength(size))
    }
  }
  assert.ok(sealedLength(MAX_FILE) <= 10 * 1024 * 1024 && sealedLength(MAX_FILE + 1) > 10 * 1024 * 1024)
  for (let size = 0; size < MAX_FILE; size += 997) {
    assert.ok(paddedLength(size) > size && paddedLength(size) <= Math.max(4096, (size + 1) * 17 / 16))
  }
})

test('the largest file opens, one byte more is refused, and so is what is no picture', () => {
  const largest = new Uint8Array(MAX_FILE).fill(7)
  const { note, sealed } = sealFile(largest, 'image/jpeg', folder)
  assert.equal(Buffer.compare(openFile(note, sealed), largest), 0)
  refuses('too_long', () => sealFile(new Uint8Array(MAX_FILE + 1), 'image/jpeg', folder))
  for (const mime of ['', 'image/svg+xml', 'text/html', 'IMAGE/PNG', 'image/png\n']) {
    refuses('malformed', () => sealFile(new Uint8Array(1), mime, folder))
  }
  refuses('malformed', () => sealFile(new Uint8Array(1), 'image/png', 'no conversation'))
})

test('a changed, truncated or extended file is refused, even by a note that names it', () => {
  const { note, sealed } = three
  const cut = [0, START, sealed.length - SEALED_CHUNK, sealed.length - 1].map((end) => sealed.slice(0, end))
  for (const changed of [...cut, sealed.slice(1), joined(sealed, Uint8Array.of(0)), joined(sealed, sealed)]) {
    refuses('forged', () => openFile(note, changed))
    refuses('forged', () => openFile(notedAnew(three, changed), changed))
  }
  for (let place = 0; place < sealed.length; place += 4999) {
    const changed = sealed.slice()
    changed[place] ^= 1 << (place % 8)
    refuses('forged', () => openFile(note, changed))
    refuses(place < START - 24 ? 'malformed' : 'forged', () => openFile(notedAnew(three, changed), changed))
  }
})

test('chunks that are reordered, repeated, left out or of another file are refused', () => {
  const head = three.sealed.slice(0, START)
  const [first, second, last] = chunks(three.sealed)
  const other = chunks(sealFile(new Uint8Array(150_000).fill(0x80), 'image/png', folder).sealed)
  for (const pieces of [[second, first, last], [first, first, last], [first, other[1], last], other]) {
    const sealed = joined(head, ...pieces)
    refuses('forged', () => openFile(three.note, sealed))
    refuses('forged', () => openFile(notedAnew(three, sealed), sealed))
  }
  const sealed = joined(head, first, second)
  assert.equal(sealedLength(2 * CHUNK - 1), sealed.length)
  refuses('forged', () => openFile(notedAnew(three, sealed, { size: 2 * CHUNK - 1 }), sealed))
})

/** A stream that no client would write. */
function stream(key, pieces, about = 'soulseer/file/1') {
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key)
  const sealed = pieces.map(([piece, tag]) =>
    sodium.crypto_secretstream_xchacha20poly1305_push(state, piece, 'soulseer/file/1', tag))
  return joined(bytes(about), header, ...sealed)
}

test('a member cannot send a file of another form', () => {
  const padded = (text, length, end = 0) => {
    const made = new Uint8Array(length)
    made.set(bytes(text))
    made[text.length] = 0x80
    if (end) made[length - 1] = end
    return made
  }
  const whole = new Uint8Array(CHUNK)
  const forms = [
    ['malformed', [[new Uint8Array(4096), 3]], 10],
    ['malformed', [[padded('x'.repeat(9), 4096), 3]], 10],
    ['malformed', [[padded('x'.repeat(10), 4096, 1), 3]], 10],
    ['forged', [[padded('x'.repeat(10), 4096), 0]], 10],
    ['forged', [[padded('x'.repeat(10), 4096), 1]], 10],
    ['forged', [[padded('x'.repeat(10), 8192), 3]], 10],
    ['forged', [[whole, 3], [padded('', 2048), 3]], CHUNK],
    ['forged', [[whole, 2], [padded('', 2048), 3]], CHUNK],
  ]
  for (const [code, pieces, size] of forms) {
    const sealed = stream(three.note.key, pieces)
    refuses(code, () => openFile(notedAnew(three, sealed, { size }), sealed))
  }
  const sealed = stream(three.note.key, [[padded('', 4096), 3]], 'soulseer/file/2')
  refuses('malformed', () => openFile(notedAnew(three, sealed, { size: 0 }), sealed))
})

test('another key, hash or size does not open it, and a huge size is refused at once', () => {
  const { sealed } = three
  refuses('forged', () => openFile(noteWith(three, { key: new Uint8Array(32) }), sealed))
  refuses('forged', () => openFile(noteWith(three, { hash: new Uint8Array(32) }), sealed))
  for (const size of [0, 149_000, 150_001, MAX_FILE]) {
    refuses('forged malformed', () => openFile(noteWith(three, { size }), sealed))
  }
  for (const size of [MAX_FILE + 1, 2 ** 40, 2 ** 53 - 1]) {
    refuses('too_long', () => openFile(noteWith(three, { size }), sealed))
  }
  for (const size of [-1, true, 1.5, 2 ** 60, NaN]) {
    refuses('malformed', () => openFile(noteWith(three, { size }), sealed))
  }
})

test('the receiver opens what the message tells of, and a report what it reveals', () => {
  const talk = new Talk()
  const [tower, star] = ['the tower', 'the star!'].map((text) => talk.shows(bytes(text)))
  const note = FileNote.of(talk.his.receive(tower.message), talk.id)
  assert.deepEqual([openFile(note, tower.sealed), note.mime], [bytes('the tower'), 'image/png'])
  refuses('forged', () => openFile(note, star.sealed))
  refuses('forged', () => FileNote.of(talk.his.receive(star.message), randomUUID()))
  refuses('malformed', () => FileNote.of(talk.his.receive(talk.says('{"v":1}')), talk.id))

  const evidence = makeEvidence(talk.his, [tower.message])
  const [proved] = verifyEvidence(evidence, talk.userKeys())
  const revealed = FileNote.of(proved, evidence.conversation_id)
  assert.deepEqual(openFile(revealed, tower.sealed), bytes('the tower'))
  refuses('forged', () => openFile(revealed, star.sealed))
})
