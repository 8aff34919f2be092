// The TypeScript client against bare libsodium, in turns: prints a rate, its peer's and the median of their ratios.

import { randomUUID } from 'node:crypto'

import { BUCKETS, Device, Envelope, headerOf, messageKey, openWith, Place, ready, seal } from '@soulseer/crypto'
import sodium from 'libsodium-wrappers-sumo'

await ready
const CALLS = 200
const slices = Number(process.argv[2])
const plaintext = new TextEncoder().encode('What do the cards say about the week that comes? '.repeat(4))
const key = Uint8Array.from({ length: 32 }, (_, place) => place)
const device = new Device(randomUUID())
const place = new Place(randomUUID(), [device.userId, randomUUID()])
const context = { place, senderId: device.userId, messageType: 'TEXT' }
const content = seal(key, context, 1, 0, plaintext, device).json()

function open() {
  const envelope = Envelope.read(content)
  const header = headerOf(context, envelope.key, envelope.seq, envelope.device)
  return openWith(messageKey(key, header, envelope.nonce), context, envelope, device.signPublic)
}

// What is encrypted and signed has the same lengths as in an envelope.
const header = headerOf(context, 1, 0, device.deviceId)
const padded = new Uint8Array(BUCKETS.find((size) => size > plaintext.length))
const statement = new Uint8Array(19 + header.length + 24 + 32 + padded.length + 16)
const pair = sodium.crypto_sign_seed_keypair(device.signSeed)
const signature = sodium.crypto_sign_detached(statement, pair.privateKey)
const nonce = sodium.randombytes_buf(24)
const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, null, nonce, key)

function bareSeal() {
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, null, sodium.randombytes_buf(24), key)
  sodium.crypto_sign_detached(statement, pair.privateKey)
}

function bareOpen() {
  sodium.crypto_sign_verify_detached(signature, statement, pair.publicKey)
  sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, box, header, nonce, key)
}

function rate(act) {
  const begun = performance.now()
  for (let call = 0; call < CALLS; call++) act()
  return CALLS * 1000 / (performance.now() - begun)
}

function median(numbers) {
  const ordered = numbers.toSorted((one, other) => one - other)
  const middle = Math.floor(ordered.length / 2)
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
}

function compare(mine, bare) {
  const figures = Array.from({ length: slices }, (_, turn) =>
    turn % 2 ? [rate(mine), rate(bare)] : [rate(bare), rate(mine)].reverse())
  return [
    median(figures.map(([one]) => one)), median(figures.map(([, other]) => other)),
    median(figures.map(([one, other]) => one / other)),
  ]
}

const sealing = () => seal(key, context, 1, 0, plaintext, device).json()
console.log(JSON.stringify({ sealed: compare(sealing, bareSeal), opened: compare(open, bareOpen) }))
