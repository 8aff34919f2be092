// The Edge Functions through supabase-js and the gateway, as a browser calls them.
// Reads API_URL, PUBLISHABLE_KEY, CLIENT_TOKEN, READER_TOKEN and SESSION_ID from the environment.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { createClient, FunctionsHttpError } from '@supabase/supabase-js'

const { API_URL, PUBLISHABLE_KEY, CLIENT_TOKEN, READER_TOKEN, SESSION_ID } = process.env

// Nothing here uses realtime, whose client wants a WebSocket that older Node versions lack.
class NoSocket {}

function functions(token) {
  const options = { auth: { persistSession: false, autoRefreshToken: false }, realtime: { transport: NoSocket } }
  const supabase = createClient(API_URL, PUBLISHABLE_KEY, options)
  if (token) supabase.functions.setAuth(token)
  return supabase.functions
}

const order = () => ({ amount: 2500, currency: 'usd', idempotency_key: randomUUID() })

async function must(promise) {
  const { data, error } = await promise
  assert.equal(error, null)
  return data
}

async function refused(promise) {
  const { error } = await promise
  assert.ok(error instanceof FunctionsHttpError, `expected a refusal, got ${error}`)
  return [error.context.status, (await error.context.json()).code]
}

test('a top-up, and the same again by the same key', async () => {
  const asked = order()
  const topup = await must(functions(CLIENT_TOKEN).invoke('top-up', { body: asked }))
  assert.match(topup.client_secret, /^pi_/)
  assert.deepEqual(await must(functions(CLIENT_TOKEN).invoke('top-up', { body: asked })), topup)
})

test('a page to pay on', async () => {
  const checkout = await must(functions(CLIENT_TOKEN).invoke('checkout', { body: order() }))
  assert.match(checkout.url, /^http/)
})

test("a reader's payout account, with no body at all", async () => {
  const account = await must(functions(READER_TOKEN).invoke('payout-account'))
  assert.match(account.account_id, /^acct_/)
})

test('TURN credentials that RTCPeerConnection takes as they are', async () => {
  const ice = await must(functions(CLIENT_TOKEN).invoke('turn-credentials', { body: { session_id: SESSION_ID } }))
  assert.ok(Array.isArray(ice.urls))
  assert.match(ice.username, new RegExp(`^\\d+:${SESSION_ID}:client$`))
  assert.equal(typeof ice.credential, 'string')
})

test('refusals carry their codes', async () => {
  assert.deepEqual(await refused(functions().invoke('top-up', { body: order() })), [401, 'unauthenticated'])
  const tried = functions(CLIENT_TOKEN)
  assert.deepEqual(await refused(tried.invoke('top-up', { body: {} })), [422, 'invalid_input'])
  assert.deepEqual(await refused(tried.invoke('payout-account', { body: {} })), [403, 'not_a_reader'])
  const download = tried.invoke('signed-download', { body: { product_id: randomUUID() } })
  assert.deepEqual(await refused(download), [403, 'not_purchased'])
  assert.deepEqual(await refused(tried.invoke('nothing', { body: {} })), [404, 'NOT_FOUND'])
})
