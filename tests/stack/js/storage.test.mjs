// Storage through supabase-js and the gateway, as a browser and as a server would use it.
// Reads API_URL, PUBLISHABLE_KEY and SECRET_KEY from the environment.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'

import { createClient } from '@supabase/supabase-js'

const { API_URL, PUBLISHABLE_KEY, SECRET_KEY } = process.env
const png = { contentType: 'image/png' }

// Nothing here uses realtime, whose client wants a WebSocket that older Node versions lack.
class NoSocket {}

function client(key = PUBLISHABLE_KEY) {
  return createClient(API_URL, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { transport: NoSocket },
  })
}

async function must(promise) {
  const { data, error } = await promise
  assert.equal(error, null)
  return data
}

async function refused(promise) {
  const { error } = await promise
  assert.ok(error, 'expected a refusal')
  return [error.statusCode, error.code, error.message]
}

const text = async (blob) => Buffer.from(await blob.arrayBuffer()).toString()

async function person() {
  const supabase = client()
  const { user } = await must(supabase.auth.signUp({ email: `js-${randomUUID()}@example.com`, password: 'correct horse' }))
  return { supabase, id: user.id, avatars: supabase.storage.from('avatars') }
}

const NO_RIGHT = ['403', 'AccessDenied', 'new row violates row-level security policy']
const NO_OBJECT = ['404', 'NoSuchKey', 'Object not found']

test('every kind of body goes up and comes down', async () => {
  const { id, avatars } = await person()
  const bodies = {
    blob: new Blob(['bytes'], { type: 'image/png' }),
    buffer: Buffer.from('bytes'),
    array: new TextEncoder().encode('bytes').buffer,
    text: 'bytes',
    stream: Readable.from(['by', 'tes']),
    web: new Blob(['bytes']).stream(),
  }
  for (const [kind, body] of Object.entries(bodies)) {
    const metadata = { kind }
    const made = await must(avatars.upload(`${id}/${kind}.png`, body, { ...png, cacheControl: '77', metadata }))
    assert.equal(made.fullPath, `avatars/${id}/${kind}.png`)
    assert.ok(made.id)
    assert.equal(await text(await must(avatars.download(`${id}/${kind}.png`))), 'bytes', kind)
    const info = await must(avatars.info(`${id}/${kind}.png`))
    assert.deepEqual([info.size, info.contentType, info.cacheControl], [5, 'image/png', 'max-age=77'], kind)
    assert.deepEqual(info.metadata, { kind })
  }
})

test('a download is a stream if one wishes', async () => {
  const { id, avatars } = await person()
  await must(avatars.upload(`${id}/a.png`, 'x'.repeat(200_000), png))
  const { data } = await avatars.download(`${id}/a.png`).asStream()
  let size = 0
  for await (const chunk of data) size += chunk.length
  assert.equal(size, 200_000)
})

test('exists tells yes from no, and raises what is neither', async () => {
  const { id, avatars, supabase } = await person()
  await must(avatars.upload(`${id}/a.png`, 'x', png))
  assert.equal((await avatars.exists(`${id}/a.png`)).data, true)
  assert.equal((await avatars.exists(`${id}/b.png`)).data, false)
  await assert.rejects(supabase.storage.from('nowhere').exists('a'), { code: 'NoSuchBucket' })
})

test('replace, move, copy, list, remove', async () => {
  const { id, avatars } = await person()
  await must(avatars.upload(`${id}/a.png`, 'one', png))
  assert.deepEqual(await refused(avatars.upload(`${id}/a.png`, 'two', png)), [
    '409', 'ResourceAlreadyExists', 'The resource already exists',
  ])
  await must(avatars.upload(`${id}/a.png`, 'two', { ...png, upsert: true }))
  await must(avatars.update(`${id}/a.png`, 'three', png))
  await must(avatars.move(`${id}/a.png`, `${id}/deep/b.png`))
  assert.deepEqual(await must(avatars.copy(`${id}/deep/b.png`, `${id}/c.png`)), { path: `avatars/${id}/c.png` })
  assert.equal(await text(await must(avatars.download(`${id}/c.png`))), 'three')

  const listed = await must(avatars.list(id, { sortBy: { column: 'name', order: 'desc' } }))
  assert.deepEqual(listed.map(({ name }) => name), ['deep', 'c.png'])
  const page = await must(avatars.listV2({ prefix: `${id}/`, with_delimiter: true, limit: 1 }))
  assert.equal(page.hasNext, true)
  const next = await must(avatars.listV2({ prefix: `${id}/`, with_delimiter: true, limit: 1, cursor: page.nextCursor }))
  assert.deepEqual([page.objects[0].name, next.folders[0].name], [`${id}/c.png`, `${id}/deep/`])

  const gone = await must(avatars.remove([`${id}/c.png`, `${id}/deep/b.png`, `${id}/never.png`]))
  assert.deepEqual(gone.map(({ name }) => name).sort(), [`${id}/c.png`, `${id}/deep/b.png`])
  assert.deepEqual(await refused(avatars.download(`${id}/c.png`)), NO_OBJECT)
})

test('a public address and a signed one need no key', async () => {
  const { id, avatars, supabase } = await person()
  await must(avatars.upload(`${id}/my face.png`, 'face', png))
  const { publicUrl } = avatars.getPublicUrl(`${id}/my face.png`).data
  const seen = await fetch(publicUrl)
  assert.deepEqual([seen.status, await seen.text()], [200, 'face'])
  const again = await fetch(publicUrl, { headers: { 'If-None-Match': seen.headers.get('etag') } })
  assert.equal(again.status, 304)

  const documents = supabase.storage.from('verification-docs')
  await must(documents.upload(`${id}/id.pdf`, 'paper', { contentType: 'application/pdf' }))
  assert.equal((await fetch(documents.getPublicUrl(`${id}/id.pdf`).data.publicUrl)).status, 400)
  const { signedUrl } = await must(documents.createSignedUrl(`${id}/id.pdf`, 60, { download: 'mine.pdf' }))
  assert.ok(signedUrl.startsWith(`${API_URL}/storage/v1/object/sign/`))
  const signed = await fetch(signedUrl)
  assert.equal(await signed.text(), 'paper')
  assert.match(signed.headers.get('content-disposition'), /filename=mine.pdf/)
  const many = await must(documents.createSignedUrls([`${id}/id.pdf`, `${id}/never.pdf`], 60))
  assert.equal((await fetch(many[0].signedUrl)).status, 200)
  assert.deepEqual([many[1].signedUrl, typeof many[1].error], [null, 'string'])
})

test('a signed upload needs no key, and is for one name', async () => {
  const { id, avatars } = await person()
  const { signedUrl, token, path } = await must(avatars.createSignedUploadUrl(`${id}/gift.png`))
  const sent = await fetch(signedUrl, { method: 'PUT', headers: { 'Content-Type': 'image/png' }, body: 'raw' })
  assert.equal(sent.status, 200)
  assert.equal(await text(await must(avatars.download(path))), 'raw')
  const stranger = client().storage.from('avatars')
  assert.equal((await refused(stranger.uploadToSignedUrl(path, token, new Blob(['x'], { type: 'image/png' }))))[0], '409')
  assert.equal((await refused(stranger.uploadToSignedUrl(`${id}/other.png`, token, 'x', png)))[1], 'InvalidSignature')
})

test('nobody writes into anybody else’s folder', async () => {
  const [mine, theirs] = [await person(), await person()]
  await must(theirs.avatars.upload(`${theirs.id}/a.png`, 'x', png))
  assert.deepEqual(await refused(mine.avatars.upload(`${theirs.id}/b.png`, 'x', png)), NO_RIGHT)
  assert.deepEqual(await refused(mine.avatars.move(`${theirs.id}/a.png`, `${mine.id}/a.png`)), NO_OBJECT)
  assert.deepEqual(await must(mine.avatars.remove([`${theirs.id}/a.png`])), [])
  assert.deepEqual(await refused(client().storage.from('avatars').upload('a.png', 'x', png)), NO_RIGHT)
})

test('a body that is too large is refused with its reason', async () => {
  const { id, avatars } = await person()
  const large = Buffer.alloc(3_000_000)
  for (const body of [large, new Blob([large], { type: 'image/png' })]) {
    assert.deepEqual(await refused(avatars.upload(`${id}/large.png`, body, png)), [
      '413', 'EntityTooLarge', 'The object exceeded the maximum allowed size',
    ])
  }
})

test('the secret key administers buckets', async () => {
  const { storage } = client(SECRET_KEY)
  const name = `js-${randomUUID()}`
  await must(storage.createBucket(name, { public: false, fileSizeLimit: '1MB', allowedMimeTypes: ['text/plain'] }))
  assert.equal((await must(storage.getBucket(name))).file_size_limit, 1_000_000)
  assert.ok((await must(storage.listBuckets({ search: name }))).some(({ id }) => id === name))
  await must(storage.updateBucket(name, { public: true }))
  await must(storage.from(name).upload('a.txt', 'x'))
  assert.equal((await refused(storage.deleteBucket(name)))[1], 'ResourceNotEmpty')
  await must(storage.emptyBucket(name))
  await must(storage.deleteBucket(name))
  assert.equal((await refused(storage.getBucket(name)))[1], 'NoSuchBucket')
  assert.equal((await refused(client().storage.createBucket(name)))[1], 'AccessDenied')
})
