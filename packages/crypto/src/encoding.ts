// Bytes and text: base64url without padding, ids as 16 bytes, integers of a fixed width. One form for each value.

import sodium from "libsodium-wrappers-sumo";

import { CryptoError } from "./errors.js";

const BASE64URL = /^[A-Za-z0-9_-]*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SIX_BITS = new Uint8Array(128);
for (let bits = 0; bits < LETTERS.length; bits++) SIX_BITS[LETTERS.charCodeAt(bits)] = bits;

const utf8 = new TextEncoder();
export const ascii = (text: string): Uint8Array => utf8.encode(text);

/** Write bytes as base64url without padding. */
export const toText = (raw: Uint8Array): string => sodium.to_base64(raw, sodium.base64_variants.URLSAFE_NO_PADDING);

/** The bytes of a text of base64url letters, if it is the one text that stands for them. */
function decoded(text: string): Uint8Array | undefined {
  const raw = new Uint8Array(Math.floor((text.length * 6) / 8));
  let [bits, held, place] = [0, 0, 0];
  for (let letter = 0; letter < text.length; letter++) {
    bits = ((bits << 6) | SIX_BITS[text.charCodeAt(letter)]!) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      raw[place++] = bits >> held;
    }
  }
  // A letter too many, or bits that no byte has.
  return held >= 6 || (bits & ((1 << held) - 1)) !== 0 ? undefined : raw;
}

/** Read base64url without padding; a length is judged before anything is decoded. Throws `malformed`. */
export function toBytes(text: unknown, what: string, most: number, exactly = true): Uint8Array {
  if (typeof text !== "string" || text.length > Math.floor((most * 4 + 2) / 3) || !BASE64URL.test(text)) {
    throw new CryptoError("malformed", `${what} is no base64url of its length`);
  }
  const raw = decoded(text);
  if (raw === undefined || (exactly && raw.length !== most)) {
    throw new CryptoError("malformed", `${what} is no base64url of its length`);
  }
  return raw;
}

/** Read an id in its canonical form: a UUID in lower case with hyphens. Throws `malformed`. */
export function id(text: unknown, what: string): string {
  if (typeof text !== "string" || !UUID.test(text)) throw new CryptoError("malformed", `${what} is no id`);
  return text;
}

/** An id as 16 bytes. Throws `malformed`. */
export function idBytes(text: unknown, what: string): Uint8Array {
  const digits = id(text, what).replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, place) => Number.parseInt(digits.slice(place * 2, place * 2 + 2), 16));
}

/** Read a whole number in a range. Throws `malformed`. */
export function whole(value: unknown, what: string, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
    throw new CryptoError("malformed", `${what} is no whole number from ${least} to ${most}`);
  }
  return value;
}

/** Read a JSON object, whatever fields it has. Throws `malformed`. */
export function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CryptoError("malformed", `${what} is no object`);
  }
  return value as Record<string, unknown>;
}

/** Read an object that has exactly these fields. Throws `malformed`. */
export function fields(value: unknown, names: readonly string[], what: string): Record<string, unknown> {
  const found = record(value, what);
  if (Object.keys(found).length !== names.length || !names.every((name) => Object.hasOwn(found, name))) {
    throw new CryptoError("malformed", `${what} does not have its fields`);
  }
  return found;
}

/** Put pieces one after the other. */
export function joined(...pieces: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    all.set(piece, place);
    place += piece.length;
  }
  return all;
}

/** An integer of 4 bytes, the highest first. */
export function four(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** An integer of 8 bytes, the highest first. */
export function eight(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Whether two keys are the same. */
export const same = (one: Uint8Array, other: Uint8Array): boolean => toText(one) === toText(other);
