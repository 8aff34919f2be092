// A person's identity and devices: who signs for whom.
//
// An identity (Ed25519) signs devices. A device has an X25519 key, which conversation keys are sealed to, and an Ed25519
// key, which signs what the device sends. Secrets are 32-byte seeds.

import sodium from "libsodium-wrappers-sumo";

import { ascii, id, idBytes, joined, record, toBytes, toText } from "./encoding.js";
import { CryptoError } from "./errors.js";

export const SEED_BYTES = 32;
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const DEVICE = ascii("soulseer/device/1");
// Any scalar: a point of low order gives nothing under each.
const SCALAR = new Uint8Array(32).fill(1);

/** Check a signature. Throws `forged` unless it is this key's over this statement. */
export function verify(publicKey: Uint8Array, statement: Uint8Array, signature: Uint8Array, what: string): void {
  let right = false;
  try {
    right = sodium.crypto_sign_verify_detached(signature, statement, publicKey);
  } catch { /* A key that is no key signs nothing. */ }
  if (!right) throw new CryptoError("forged", `the signature of ${what} is not right`);
}

/** The arguments of the RPC `register_device`. */
export interface RegisterDevice {
  p_device_id: string;
  p_identity_key: string;
  p_device_key: string;
  p_signing_key: string;
  p_signature: string;
}

/** The public half of a device, as a row of `user_keys` has it, its certificate checked. */
export class DeviceRecord {
  constructor(
    readonly userId: string,
    readonly deviceId: string,
    readonly identityKey: Uint8Array,
    readonly deviceKey: Uint8Array,
    readonly signingKey: Uint8Array,
    readonly signature: Uint8Array,
    readonly revoked = false,
  ) {}

  /** Read a row of `user_keys` and check its certificate. Throws `malformed`, also for an X25519 key of low order, or `forged`. */
  static read(row: unknown): DeviceRecord {
    const found = record(row, "a device");
    const made = new DeviceRecord(
      id(found.user_id, "user_id"),
      id(found.device_id, "device_id"),
      toBytes(found.identity_key, "identity_key", KEY_BYTES),
      toBytes(found.device_key, "device_key", KEY_BYTES),
      toBytes(found.signing_key, "signing_key", KEY_BYTES),
      toBytes(found.signature, "signature", SIGNATURE_BYTES),
      (found.revoked_at ?? null) !== null,
    );
    verify(made.identityKey, made.statement(), made.signature, "a device");
    try {
      sodium.crypto_scalarmult(SCALAR, made.deviceKey);
    } catch {
      throw new CryptoError("malformed", "nothing can be sealed to this device");
    }
    return made;
  }

  /** What the identity signs: this device, with these keys, is this person's. */
  statement(): Uint8Array {
    const ids = [idBytes(this.userId, "user_id"), idBytes(this.deviceId, "device_id")];
    return joined(DEVICE, ...ids, this.deviceKey, this.signingKey);
  }

  arguments(): RegisterDevice {
    return {
      p_device_id: this.deviceId,
      p_identity_key: toText(this.identityKey),
      p_device_key: toText(this.deviceKey),
      p_signing_key: toText(this.signingKey),
      p_signature: toText(this.signature),
    };
  }

  /** Whether two records are of one device with one set of keys. */
  sameKeys(other: DeviceRecord): boolean {
    const { p_signature: _, ...mine } = this.arguments();
    const { p_signature: __, ...theirs } = other.arguments();
    return this.userId === other.userId && JSON.stringify(mine) === JSON.stringify(theirs);
  }
}

/** A person's signing key; the seed stays with the person, in a backup under a passphrase. */
export class Identity {
  readonly publicKey: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(readonly seed: Uint8Array = sodium.randombytes_buf(SEED_BYTES)) {
    const pair = sodium.crypto_sign_seed_keypair(seed);
    this.publicKey = pair.publicKey;
    this.#secret = pair.privateKey;
  }

  /** Sign one of the person's own devices. */
  certify(device: Device): DeviceRecord {
    const parts = [device.userId, device.deviceId, this.publicKey, device.boxPublic, device.signPublic] as const;
    const statement = new DeviceRecord(...parts, new Uint8Array()).statement();
    return new DeviceRecord(...parts, sodium.crypto_sign_detached(statement, this.#secret));
  }
}

/** One device's secrets; they never leave it. */
export class Device {
  readonly boxPublic: Uint8Array;
  readonly signPublic: Uint8Array;
  readonly #box: Uint8Array;
  readonly #sign: Uint8Array;

  constructor(
    readonly userId: string,
    readonly deviceId: string = globalThis.crypto.randomUUID(),
    readonly boxSeed: Uint8Array = sodium.randombytes_buf(SEED_BYTES),
    readonly signSeed: Uint8Array = sodium.randombytes_buf(SEED_BYTES),
  ) {
    id(userId, "user_id");
    id(deviceId, "device_id");
    const box = sodium.crypto_box_seed_keypair(boxSeed);
    const sign = sodium.crypto_sign_seed_keypair(signSeed);
    this.boxPublic = box.publicKey;
    this.signPublic = sign.publicKey;
    this.#box = box.privateKey;
    this.#sign = sign.privateKey;
  }

  sign(statement: Uint8Array): Uint8Array {
    return sodium.crypto_sign_detached(statement, this.#sign);
  }

  /** Open what was sealed to this device; throws libsodium's own error. */
  unseal(sealed: Uint8Array): Uint8Array {
    return sodium.crypto_box_seal_open(sealed, this.boxPublic, this.#box);
  }
}
