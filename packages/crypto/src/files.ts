// Files of a conversation, sealed on the sender's device; its IMAGE message tells what opens one.
//
// The file is libsodium's secretstream under a key of its own. Key, hash, size, type and path stand in the file note, which
// is what an IMAGE envelope seals, so that its signature holds for the file as well. Form: `docs/encryption.md`.

import sodium from "libsodium-wrappers-sumo";

import { ascii, id, joined, same, toBytes, toText, whole } from "./encoding.js";
import { CryptoError } from "./errors.js";
import type { Opened } from "./reading.js";

// Padded content and what sealing adds stay within the bucket's 10 MiB.
export const MAX_FILE = 10_223_615;
// What a browser shows as a picture and never runs: no SVG.
export const MIME_TYPES: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif"];
export const FILE_KEY_BYTES = 32;

const MAGIC = ascii("soulseer/file/1");
const CHUNK = 65_536;
const SMALLEST = 4096;
const HEADER_BYTES = 24;
const CHUNK_TAG_BYTES = 17;
const HASH_BYTES = 32;
const PAD = 0x80;
const MAX_NOTE = 512;
const NOTE = new RegExp(
  '^\\{"v":1,"path":"([0-9a-f-]{36})/([0-9a-f-]{36})","key":"([\\w-]{43})","hash":"([\\w-]{43})",' +
    '"size":(0|[1-9][0-9]{0,7}),"mime":"([a-z/]{1,32})"\\}$',
);

/** What a conversation's member needs to find a file, to know it again and to open it. */
export class FileNote {
  constructor(
    /** Its name in the bucket `chat-media`: the conversation's id, and one of its own. */
    readonly path: string,
    readonly key: Uint8Array,
    /** BLAKE2b-256 of the sealed bytes. */
    readonly hash: Uint8Array,
    /** Bytes of the content. */
    readonly size: number,
    /** One of `MIME_TYPES`. */
    readonly mime: string,
  ) {}

  /**
   * Read the note in an IMAGE message that was opened, received or revealed by a report. Throws `malformed` for another
   * type of message and anything but the one form of a note, `too_long` for more than any file has, `forged` when it
   * leads to another conversation's folder.
   */
  static of({ message, plaintext }: Opened, conversationId: string): FileNote {
    if (message.messageType !== "IMAGE") throw new CryptoError("malformed", "only an IMAGE message has a file note");
    const text = plaintext.length <= MAX_NOTE ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(plaintext) : "";
    const [, folder, name, key, hash, size, mime] = NOTE.exec(text) ?? [];
    if (mime === undefined || !MIME_TYPES.includes(mime)) throw new CryptoError("malformed", "this is no file note");
    const note = new FileNote(
      `${id(folder, "path")}/${id(name, "path")}`,
      toBytes(key, "key", FILE_KEY_BYTES),
      toBytes(hash, "hash", HASH_BYTES),
      allowed(Number(size)),
      mime,
    );
    if (folder !== conversationId) throw new CryptoError("forged", "a file of another conversation");
    return note;
  }

  /** The note's one form: what `Conversation.seal` takes for an IMAGE message. */
  plaintext(): Uint8Array {
    const { path, size, mime } = this;
    return ascii(JSON.stringify({ v: 1, path, key: toText(this.key), hash: toText(this.hash), size, mime }));
  }
}

/** A file to be uploaded as `application/octet-stream`, and the note to be sent once the upload succeeded. */
export interface SealedFile {
  note: FileNote;
  sealed: Uint8Array;
}

function allowed(size: number): number {
  if (size > MAX_FILE) throw new CryptoError("too_long", `a file holds at most ${MAX_FILE} bytes`);
  return size;
}

const bitLength = (value: number): number => 32 - Math.clz32(value);

/** How long a content is once it is padded: Padmé, so that a length tells at most its few highest bits. */
export function paddedLength(size: number): number {
  const length = Math.max(size + 1, SMALLEST);
  const exponent = bitLength(length) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(length / step) * step;
}

/** How many bytes a sealed file has whose content has `size`. */
export function sealedLength(size: number): number {
  const padded = paddedLength(size);
  return MAGIC.length + HEADER_BYTES + padded + Math.ceil(padded / CHUNK) * CHUNK_TAG_BYTES;
}

/**
 * Seal a file of at most 10,223,615 bytes under a fresh key, for a fresh place in the conversation's folder. Throws
 * `too_long`, or `malformed` for a type that is none of `MIME_TYPES`.
 */
export function sealFile(content: Uint8Array, mime: string, conversationId: string): SealedFile {
  if (!MIME_TYPES.includes(mime)) throw new CryptoError("malformed", `a file is one of ${MIME_TYPES.join(", ")}`);
  const folder = id(conversationId, "conversation_id");
  const padded = new Uint8Array(paddedLength(allowed(content.length)));
  padded.set(content);
  padded[content.length] = PAD;
  const key = sodium.randombytes_buf(FILE_KEY_BYTES);
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  const pieces = [MAGIC, header];
  for (let place = 0; place < padded.length; place += CHUNK) {
    const chunk = padded.subarray(place, place + CHUNK);
    const tag = tagOf(place + CHUNK >= padded.length);
    pieces.push(sodium.crypto_secretstream_xchacha20poly1305_push(state, chunk, MAGIC, tag));
  }
  const sealed = joined(...pieces);
  const note = new FileNote(`${folder}/${globalThis.crypto.randomUUID()}`, key, hashOf(sealed), content.length, mime);
  return { note, sealed };
}

/**
 * Open a file that was downloaded from the note's path. Throws `forged` unless it is just the file that the note was
 * written for: whole, in its order, under its key; `malformed` for a file of another version, or badly padded; `too_long`
 * for a size no file has.
 */
export function openFile(note: FileNote, sealed: Uint8Array): Uint8Array {
  const size = allowed(whole(note.size, "size", 0, Number.MAX_SAFE_INTEGER));
  // The length follows from the size: nothing is hashed, opened or allocated for a file that is too long or too short.
  if (sealed.length !== sealedLength(size) || !same(hashOf(sealed), note.hash)) {
    throw new CryptoError("forged", "this is not the file that was sent");
  }
  if (!same(sealed.subarray(0, MAGIC.length), MAGIC)) {
    throw new CryptoError("malformed", "there is no such version of a sealed file");
  }
  const padded = opened(note.key, sealed, paddedLength(size));
  if (padded[size] !== PAD || padded.subarray(size + 1).some((byte) => byte !== 0)) {
    throw new CryptoError("malformed", "the file is not padded as it should be");
  }
  return padded.slice(0, size);
}

function tagOf(isLast: boolean): number {
  return isLast
    ? sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
    : sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
}

const hashOf = (sealed: Uint8Array): Uint8Array => sodium.crypto_generichash(HASH_BYTES, sealed, null);

function opened(key: Uint8Array, sealed: Uint8Array, length: number): Uint8Array {
  const start = MAGIC.length + HEADER_BYTES;
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(sealed.subarray(MAGIC.length, start), key);
  const padded = new Uint8Array(length);
  let filled = 0;
  for (let place = start; place < sealed.length; place += CHUNK + CHUNK_TAG_BYTES) {
    const end = place + CHUNK + CHUNK_TAG_BYTES;
    const found = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed.subarray(place, end), MAGIC);
    if (found === false) throw new CryptoError("forged", "a file does not open");
    if (found.tag !== tagOf(end >= sealed.length)) {
      throw new CryptoError("forged", "a file that ends where it should not");
    }
    padded.set(found.message, filled);
    filled += found.message.length;
  }
  return padded;
}
