// A backup of a person's keys under a passphrase: Argon2id, then XChaCha20-Poly1305. The server cannot open it.

import sodium from "libsodium-wrappers-sumo";

import { ascii, eight, fields, four, id, idBytes, joined, record, toBytes, toText, whole } from "./encoding.js";
import { NONCE_BYTES, TAG_BYTES } from "./envelope.js";
import { CryptoError } from "./errors.js";
import { Identity, SEED_BYTES } from "./keys.js";
import { CONVERSATION_KEY_BYTES, MAX_VERSION } from "./wrapping.js";

const KDF = "argon2id13";
const SALT_BYTES = 16;
const MEBIBYTE = 1024 * 1024;
// libsodium's limits: INTERACTIVE is the least that is opened, SENSITIVE the most: nobody is made to compute for hours.
export const INTERACTIVE: Limits = { ops: 2, mem: 64 * MEBIBYTE };
export const MODERATE: Limits = { ops: 3, mem: 256 * MEBIBYTE };
export const SENSITIVE: Limits = { ops: 4, mem: 1024 * MEBIBYTE };
const MAX_BOX_BYTES = 192 * 1024;
const MIN_PASSPHRASE = 12;
const BACKUP = ascii("soulseer/backup/1");

/** Argon2id's passes and bytes of memory. */
export interface Limits {
  ops: number;
  mem: number;
}

/** The argument `p_backup` of `set_key_backup`. */
export interface SealedBackup extends Limits {
  v: number;
  kdf: string;
  salt: string;
  nonce: string;
  box: string;
}

/** Keys by conversation and version. */
export type BackupKeys = Map<string, Map<number, Uint8Array>>;

/** What a backup holds. */
export class KeyBackup {
  constructor(readonly userId: string, readonly identity: Identity, readonly keys: BackupKeys = new Map()) {}

  /** Seal it. Throws `wrong_passphrase` when that is under 12 characters, `too_long` when the keys do not fit. */
  seal(passphrase: string, limits: Limits = MODERATE): SealedBackup {
    if ([...passphrase].length < MIN_PASSPHRASE) {
      throw new CryptoError("wrong_passphrase", `a passphrase has at least ${MIN_PASSPHRASE} characters`);
    }
    const keys = [...this.keys].map(([conversation, versions]) => [
      conversation,
      Object.fromEntries([...versions].map(([version, key]) => [String(version), toText(key)])),
    ]);
    const plaintext = ascii(JSON.stringify({ identity: toText(this.identity.seed), keys: Object.fromEntries(keys) }));
    if (plaintext.length + TAG_BYTES > MAX_BOX_BYTES) {
      throw new CryptoError("too_long", "a backup holds at most 192 KiB");
    }
    const [salt, nonce] = [sodium.randombytes_buf(SALT_BYTES), sodium.randombytes_buf(NONCE_BYTES)];
    const [key, associated] = [derive(passphrase, salt, limits), associatedData(this.userId, salt, limits)];
    const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associated, null, nonce, key);
    return { v: 1, kdf: KDF, ...limits, salt: toText(salt), nonce: toText(nonce), box: toText(box) };
  }

  /**
   * Open a person's backup. Throws `malformed`, also for limits out of libsodium's range; `wrong_passphrase`, which is
   * also what a changed backup looks like.
   */
  static open(blob: unknown, userId: string, passphrase: string): KeyBackup {
    const found = fields(blob, ["v", "kdf", "ops", "mem", "salt", "nonce", "box"], "a backup");
    whole(found.v, "v", 1, 1);
    if (found.kdf !== KDF) throw new CryptoError("malformed", "a backup of another kind");
    const limits = {
      ops: whole(found.ops, "ops", INTERACTIVE.ops, SENSITIVE.ops),
      mem: whole(found.mem, "mem", INTERACTIVE.mem, SENSITIVE.mem),
    };
    const salt = toBytes(found.salt, "salt", SALT_BYTES);
    const nonce = toBytes(found.nonce, "nonce", NONCE_BYTES);
    const box = toBytes(found.box, "box", MAX_BOX_BYTES, false);
    const key = derive(passphrase, salt, limits);
    let plaintext: Uint8Array;
    try {
      const associated = associatedData(userId, salt, limits);
      plaintext = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, box, associated, nonce, key);
    } catch {
      throw new CryptoError("wrong_passphrase", "the backup does not open");
    }
    return read(userId, JSON.parse(new TextDecoder().decode(plaintext)));
  }
}

function read(userId: string, content: unknown): KeyBackup {
  const found = fields(content, ["identity", "keys"], "a backup");
  const keys: BackupKeys = new Map();
  for (const [conversation, versions] of Object.entries(record(found.keys, "keys"))) {
    const known = Object.entries(record(versions, "keys")).map(([version, key]) =>
      [
        whole(Number(version), "version", 1, MAX_VERSION),
        toBytes(key, "key", CONVERSATION_KEY_BYTES),
      ] as const
    );
    keys.set(id(conversation, "conversation_id"), new Map(known));
  }
  return new KeyBackup(userId, new Identity(toBytes(found.identity, "identity", SEED_BYTES)), keys);
}

function derive(passphrase: string, salt: Uint8Array, { ops, mem }: Limits): Uint8Array {
  // One passphrase has one spelling, whichever keyboard it came from.
  return sodium.crypto_pwhash(32, passphrase.normalize("NFKC"), salt, ops, mem, sodium.crypto_pwhash_ALG_ARGON2ID13);
}

function associatedData(userId: string, salt: Uint8Array, { ops, mem }: Limits): Uint8Array {
  return joined(BACKUP, idBytes(userId, "user_id"), salt, four(ops), eight(mem));
}
