// Auth through supabase-js and the gateway, as a browser and as a server would use it.
// Reads API_URL, PUBLISHABLE_KEY, SECRET_KEY, ANON_KEY and MAILBOX_URL from the environment.

import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { createClient, isAuthApiError, isAuthSessionMissingError, isAuthWeakPasswordError } from '@supabase/supabase-js'

const { API_URL, PUBLISHABLE_KEY, SECRET_KEY, ANON_KEY, MAILBOX_URL } = process.env
const password = 'correct horse battery'

// Nothing here uses realtime, whose client wants a WebSocket that older Node versions lack.
class NoSocket {}

function client(key = PUBLISHABLE_KEY, auth = {}) {
  return createClient(API_URL, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, ...auth },
    realtime: { transport: NoSocket },
  })
}

// Keeps the PKCE verifier, as a browser's storage would.
function memory() {
  const kept = new Map()
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  }
}

const address = () => `js-${randomUUID()}@example.com`

async function must(promise) {
  const { data, error } = await promise
  assert.equal(error, null)
  return data
}

async function refused(promise) {
  const { error } = await promise
  assert.ok(isAuthApiError(error), `expected a refusal, got ${error}`)
  return [error.code, error.status]
}

async function mails(to) {
  const answer = await fetch(`${MAILBOX_URL}?to=${encodeURIComponent(to)}`)
  return answer.json()
}

async function person() {
  const supabase = client()
  const email = address()
  const { user, session } = await must(supabase.auth.signUp({ email, password, options: { data: { name: 'Ada' } } }))
  return { supabase, email, user, session }
}

test('sign up, read the person, verify the token with the published keys, sign out', async () => {
  const { supabase, email, user, session } = await person()
  assert.equal(user.email, email)
  assert.equal(user.user_metadata.name, 'Ada')
  assert.equal((await must(supabase.auth.getUser())).user.id, user.id)

  const { claims, header } = await must(supabase.auth.getClaims())
  assert.equal(header.alg, 'ES256')
  assert.equal(claims.sub, user.id)
  assert.equal(claims.iss, `${API_URL}/auth/v1`)
  assert.equal(claims.aud, 'authenticated')

  await supabase.auth.signOut()
  // The client's own name for Auth's session_not_found.
  const { error } = await client().auth.getUser(session.access_token)
  assert.ok(isAuthSessionMissingError(error))
})

test('the legacy anonymous key works as the publishable key does', async () => {
  const { email } = await person()
  const { session } = await must(client(ANON_KEY).auth.signInWithPassword({ email, password }))
  assert.ok(session.access_token)
})

test('PostgREST believes access tokens, and no others', async () => {
  const { session } = await person()
  const rest = (token) =>
    fetch(`${API_URL}/rest/v1/`, { headers: { apikey: PUBLISHABLE_KEY, Authorization: `Bearer ${token}` } })
  assert.equal((await rest(session.access_token)).status, 200)
  const [header, claims, signature] = session.access_token.split('.')
  const forged = [header, claims, signature.split('').reverse().join('')].join('.')
  assert.equal((await rest(forged)).status, 401)
})

test('refusals carry their code and status', async () => {
  const { email } = await person()
  const { auth } = client()
  assert.deepEqual(await refused(auth.signUp({ email, password })), ['user_already_exists', 422])
  assert.deepEqual(await refused(auth.signInWithPassword({ email, password: 'wrong' })), ['invalid_credentials', 400])
  assert.deepEqual(await refused(auth.refreshSession({ refresh_token: 'nosuchtoken1' })), [
    'refresh_token_not_found',
    400,
  ])
  assert.deepEqual(await refused(auth.verifyOtp({ email, token: '000000', type: 'email' })), ['otp_expired', 403])
  const { error } = await auth.signUp({ email: address(), password: 'short' })
  assert.ok(isAuthWeakPasswordError(error))
  assert.deepEqual(error.reasons, ['length'])
})

test('renewals rotate, and simultaneous ones agree', async () => {
  const { supabase, session } = await person()
  const renewed = await must(supabase.auth.refreshSession())
  assert.notEqual(renewed.session.refresh_token, session.refresh_token)

  const { refresh_token } = renewed.session
  const answers = await Promise.all([1, 2, 3].map(() => must(client().auth.refreshSession({ refresh_token }))))
  assert.equal(new Set(answers.map((answer) => answer.session.refresh_token)).size, 1)
})

test('signing out the others keeps this device', async () => {
  const { supabase, email } = await person()
  const other = client()
  await must(other.auth.signInWithPassword({ email, password }))
  const { error } = await supabase.auth.signOut({ scope: 'others' })
  assert.equal(error, null)
  assert.ok((await must(supabase.auth.refreshSession())).session)
  assert.deepEqual(await refused(other.auth.refreshSession()), ['refresh_token_not_found', 400])
})

test('an anonymous person becomes a known one', async () => {
  const supabase = client()
  const email = address()
  const { user } = await must(supabase.auth.signInAnonymously())
  assert.equal(user.is_anonymous, true)
  const known = await must(supabase.auth.updateUser({ email, password }))
  assert.equal(known.user.id, user.id)
  assert.equal(known.user.is_anonymous, false)
  assert.equal((await must(client().auth.signInWithPassword({ email, password }))).user.id, user.id)
})

test('sign in by a mailed code', async () => {
  const supabase = client()
  const email = address()
  await must(supabase.auth.signInWithOtp({ email }))
  const [{ token }] = await mails(email)
  const { session } = await must(supabase.auth.verifyOtp({ email, token, type: 'email' }))
  assert.equal(session.user.email, email)
})

test('recovery by a link that only the asking device can redeem', async () => {
  const { email } = await person()
  const supabase = client(PUBLISHABLE_KEY, { flowType: 'pkce', storage: memory(), persistSession: true })
  await must(supabase.auth.resetPasswordForEmail(email))
  const [{ link }] = await mails(email)
  assert.ok(link.startsWith(`${API_URL}/auth/v1/verify?`))
  const answer = await fetch(link, { redirect: 'manual' })
  assert.equal(answer.status, 303)
  const code = new URL(answer.headers.get('location')).searchParams.get('code')

  assert.ok((await must(supabase.auth.exchangeCodeForSession(code))).session)
  await must(supabase.auth.updateUser({ password: 'a better password' }))
  assert.ok((await must(client().auth.signInWithPassword({ email, password: 'a better password' }))).session)
})

// RFC 6238 with what authenticators assume: SHA-1, 6 digits, 30 seconds.
function totp(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0')
}

test('a second factor lifts the device to aal2, a renewal keeps it, an unenrolment ends it', async () => {
  const { supabase, email } = await person()
  const { mfa } = supabase.auth
  const factor = await must(mfa.enroll({ factorType: 'totp', friendlyName: 'phone' }))
  assert.ok(factor.totp.qr_code.startsWith('data:image/svg+xml;utf-8,'))
  await must(mfa.challengeAndVerify({ factorId: factor.id, code: totp(factor.totp.secret) }))

  const level = await must(mfa.getAuthenticatorAssuranceLevel())
  assert.deepEqual([level.currentLevel, level.nextLevel], ['aal2', 'aal2'])
  assert.deepEqual(level.currentAuthenticationMethods.map(({ method }) => method).sort(), ['password', 'totp'])
  await must(supabase.auth.refreshSession())
  assert.equal((await must(supabase.auth.getClaims())).claims.aal, 'aal2')

  const other = client()
  await must(other.auth.signInWithPassword({ email, password }))
  const below = await must(other.auth.mfa.getAuthenticatorAssuranceLevel())
  assert.deepEqual([below.currentLevel, below.nextLevel], ['aal1', 'aal2'])
  assert.equal((await must(other.auth.mfa.listFactors())).totp[0].id, factor.id)
  assert.deepEqual(await refused(other.auth.mfa.unenroll({ factorId: factor.id })), ['insufficient_aal', 422])

  await must(mfa.unenroll({ factorId: factor.id }))
  await must(supabase.auth.refreshSession())
  assert.equal((await must(mfa.getAuthenticatorAssuranceLevel())).currentLevel, 'aal1')
})

test('administration with the secret key', async () => {
  const { admin } = client(SECRET_KEY).auth
  const email = address()
  const { user } = await must(admin.createUser({ email, password, email_confirm: true, app_metadata: { team: 'a' } }))
  assert.equal((await must(admin.getUserById(user.id))).user.app_metadata.team, 'a')
  const page = await must(admin.listUsers({ page: 1, perPage: 1 }))
  assert.equal(page.users.length, 1)
  assert.ok(page.total >= 1 && page.lastPage >= 1)
  await must(admin.updateUserById(user.id, { ban_duration: '1h' }))
  assert.deepEqual(await refused(client().auth.signInWithPassword({ email, password })), ['user_banned', 400])
  await must(admin.updateUserById(user.id, { ban_duration: 'none' }))
  const { properties } = await must(admin.generateLink({ type: 'magiclink', email }))
  const byHash = { token_hash: properties.hashed_token, type: 'magiclink' }
  assert.equal((await must(client().auth.verifyOtp(byHash))).user.id, user.id)
  const invited = await must(admin.inviteUserByEmail(address()))
  assert.ok(invited.user.invited_at)
  await must(admin.deleteUser(invited.user.id))
  await must(admin.deleteUser(user.id))
  assert.deepEqual(await refused(admin.getUserById(user.id)), ['user_not_found', 404])
})

test('nobody administers without the secret key', async () => {
  const { supabase, session } = await person()
  assert.deepEqual(await refused(client().auth.admin.listUsers()), ['not_admin', 403])
  assert.deepEqual(await refused(supabase.auth.admin.deleteUser(session.user.id)), ['not_admin', 403])
})
