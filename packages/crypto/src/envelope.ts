// An envelope: one message, sealed by one device under one version of its conversation's key.
//
// Its form, byte by byte, is in `docs/encryption.md`. The message's own key is derived from the conversation's, so that a
// report can reveal one message without any other; the signature commits to it, so that no other key fits the message.

import sodium from "libsodium-wrappers-sumo";

import { ascii, eight, fields, four, id, idBytes, joined, toBytes, toText, whole } from "./encoding.js";
import { CryptoError } from "./errors.js";
import { type Device, SIGNATURE_BYTES, verify } from "./keys.js";
import type { Place } from "./place.js";
import { MAX_VERSION } from "./wrapping.js";

export type MessageType = "TEXT" | "IMAGE" | "SIGNAL";

export const VERSION = 1;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
export const MESSAGE_KEY_BYTES = 32;
export const MAX_SEQ = 999_999_999_999_999;
// What is sealed is padded to one of these lengths; the last, with its tag, is the largest the database takes.
export const BUCKETS = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16368] as const;
export const MAX_PLAINTEXT = 16367;

const FIELDS = ["v", "key", "seq", "nonce", "box", "sig", "device"];
const MESSAGE = ascii("soulseer/message/1");
const COMMIT = ascii("soulseer/commit/1");
const ENVELOPE = ascii("soulseer/envelope/1");
const TYPE_BYTE = new Map([["TEXT", 1], ["IMAGE", 2], ["SIGNAL", 3]]);
const PAD = 0x80;

/** An envelope as the database has it. */
export interface EnvelopeJson {
  v: number;
  key: number;
  seq: number;
  nonce: string;
  box: string;
  sig: string;
  device: string;
}

/** An envelope, read or made. */
export class Envelope {
  constructor(
    readonly key: number,
    readonly seq: number,
    readonly nonce: Uint8Array,
    readonly box: Uint8Array,
    readonly sig: Uint8Array,
    readonly device: string,
  ) {}

  /** Read an envelope. Throws `malformed` for anything but its one form. */
  static read(value: unknown): Envelope {
    const found = fields(value, FIELDS, "an envelope");
    whole(found.v, "v", VERSION, VERSION);
    const box = toBytes(found.box, "box", MAX_PLAINTEXT + 1 + TAG_BYTES, false);
    if (!BUCKETS.some((bucket) => bucket === box.length - TAG_BYTES)) {
      throw new CryptoError("malformed", "box has none of the padded lengths");
    }
    return new Envelope(
      whole(found.key, "key", 1, MAX_VERSION),
      whole(found.seq, "seq", 0, MAX_SEQ),
      toBytes(found.nonce, "nonce", NONCE_BYTES),
      box,
      toBytes(found.sig, "sig", SIGNATURE_BYTES),
      id(found.device, "device"),
    );
  }

  json(): EnvelopeJson {
    const [nonce, box, sig] = [toText(this.nonce), toText(this.box), toText(this.sig)];
    return { v: VERSION, key: this.key, seq: this.seq, nonce, box, sig, device: this.device };
  }
}

/** Pad to the next bucket: one byte 0x80, then zeros. Throws `too_long`. */
export function pad(plaintext: Uint8Array): Uint8Array {
  const bucket = BUCKETS.find((size) => plaintext.length < size);
  if (bucket === undefined) throw new CryptoError("too_long", `a message holds at most ${MAX_PLAINTEXT} bytes`);
  const padded = new Uint8Array(bucket);
  padded.set(plaintext);
  padded[plaintext.length] = PAD;
  return padded;
}

/** Take the padding away. Throws `malformed` when it is not padded, or to another bucket than it would be. */
export function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  const bucket = BUCKETS.find((size) => end < size);
  if (end < 0 || padded[end] !== PAD || bucket !== padded.length) {
    throw new CryptoError("malformed", "the message is not padded as it should be");
  }
  return padded.slice(0, end);
}

/** What an envelope is bound to beside its own fields. */
export interface Context {
  place: Place;
  senderId: string;
  messageType: MessageType;
}

/** The associated data of an envelope: 93 bytes. Throws `malformed` when an id or the type is none. */
export function headerOf(context: Context, key: number, seq: number, device: string): Uint8Array {
  const type = TYPE_BYTE.get(context.messageType);
  if (type === undefined) throw new CryptoError("malformed", "there is no such type of message");
  return joined(
    context.place.raw,
    idBytes(context.senderId, "sender_id"),
    idBytes(device, "device"),
    Uint8Array.of(type),
    four(key),
    eight(seq),
  );
}

/** Derive the key of one message. Nothing about the conversation's key, or another message's, follows from it. */
export function messageKey(conversationKey: Uint8Array, header: Uint8Array, nonce: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(MESSAGE_KEY_BYTES, joined(MESSAGE, header, nonce), conversationKey);
}

function statement(key: Uint8Array, header: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array {
  return joined(ENVELOPE, header, nonce, sodium.crypto_generichash(32, COMMIT, key), box);
}

/** Seal and sign a message; a nonce is given for test vectors only. Throws `too_long`, `wrong_sender`. */
export function seal(
  conversationKey: Uint8Array,
  context: Context,
  version: number,
  seq: number,
  plaintext: Uint8Array,
  device: Device,
  nonce: Uint8Array = sodium.randombytes_buf(NONCE_BYTES),
): Envelope {
  if (context.senderId !== device.userId) throw new CryptoError("wrong_sender", "a device seals for its owner only");
  const header = headerOf(context, version, seq, device.deviceId);
  const key = messageKey(conversationKey, header, nonce);
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(plaintext), header, null, nonce, key);
  return new Envelope(version, seq, nonce, box, device.sign(statement(key, header, nonce, box)), device.deviceId);
}

/**
 * Check a message's signature with its own key, derived or revealed in a report, and open it.
 *
 * Throws `forged` unless that device sealed just this, in this place, under this key.
 */
export function openWith(key: Uint8Array, context: Context, envelope: Envelope, signingKey: Uint8Array): Uint8Array {
  const { nonce, box, sig } = envelope;
  const header = headerOf(context, envelope.key, envelope.seq, envelope.device);
  verify(signingKey, statement(key, header, nonce, box), sig, "a message");
  let padded: Uint8Array;
  try {
    padded = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, box, header, nonce, key);
  } catch {
    throw new CryptoError("forged", "a message does not open");
  }
  return unpad(padded);
}

/** Read a type of message. Throws `malformed`; SYSTEM messages are plain and are not opened. */
export function messageType(value: unknown): MessageType {
  if (typeof value !== "string" || !TYPE_BYTE.has(value)) {
    throw new CryptoError("malformed", "there is no such type of message");
  }
  return value as MessageType;
}
