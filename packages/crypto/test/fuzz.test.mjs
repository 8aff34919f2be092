// Envelopes nobody sealed: whatever they hold, the client refuses them with a code and never opens one.
//
// SOULSEER_FUZZ_CASES says how many are tried, SOULSEER_FUZZ_SEED from where; see docs/encryption.md.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CryptoError, ready } from '../dist/index.js'
import { Talk } from './talk.mjs'

const CASES = Number(process.env.SOULSEER_FUZZ_CASES ?? 1000)
const SEED = Number(process.env.SOULSEER_FUZZ_SEED ?? 1)

/** Mulberry32: small, and the same numbers from the same seed. */
function dice(seed) {
  let state = seed
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

const HUGE = 'A'.repeat(5_000_000)
const nested = () => JSON.parse('['.repeat(2000) + ']'.repeat(2000))
const ODD = [
  null, undefined, true, false, 0, -0, -1, 1.5, 2 ** 53, 1e308, NaN, Infinity, '', '1', HUGE, [], {}, nested(), '\ud800',
  '\uff21'.repeat(32), { toString: null }, [[[]]], '__proto__', 10n,
]

function mutated(real, roll) {
  const content = { ...real }
  const names = Object.keys(real)
  const name = names[roll(names.length)]
  const text = String(content[name])
  const place = roll(text.length)
  switch (roll(7)) {
    case 0: delete content[name]; break
    case 1: content[['more', 'constructor', 'V', ''][roll(4)]] = ODD[roll(ODD.length)]; break
    case 2: content[name] = ODD[roll(ODD.length)]; break
    case 3: content[name] = text.slice(0, place); break
    case 4: content[name] = text.slice(0, place) + String.fromCharCode(roll(0x2ff)) + text.slice(place + 1); break
    case 5: content[name] = content[names[roll(names.length)]]; break
    default: return ODD[roll(ODD.length)]
  }
  return content
}

test(`no envelope that nobody sealed is opened: ${CASES} cases`, async () => {
  await ready
  const talk = new Talk()
  const sent = talk.says('sealed once')
  const roll = dice(SEED)
  for (let number = 0; number < CASES; number++) {
    const content = mutated(sent.content, roll)
    const unchanged = typeof content === 'object' && content !== null && !Array.isArray(content) &&
      Object.keys(content).length === 7 && Object.keys(sent.content).every((name) => content[name] === sent.content[name])
    if (unchanged) continue
    try {
      talk.his.receive({ ...sent, content })
    } catch (error) {
      assert.ok(error instanceof CryptoError, `case ${number}: ${error}`)
      continue
    }
    assert.fail(`case ${number} was opened`)
  }
  assert.equal(talk.his.receive(sent).missing, 0)
})
