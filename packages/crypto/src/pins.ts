// What a client remembers of people: their identity when first seen, their devices, and which of those are revoked.
//
// Whoever runs the server can hand out other keys than a person registered. They cannot make a device that the pinned
// identity signed; they could only swap the identity, and that is refused until the person at the screen accepts it.

import { id, record, same, toBytes, toText } from "./encoding.js";
import { CryptoError } from "./errors.js";
import { DeviceRecord, KEY_BYTES } from "./keys.js";

export interface KeptPins {
  identities: Record<string, string[]>;
  /** As `person/device`. */
  revoked: string[];
}

/** Identities and devices by person. `export` and `restore` keep them between runs. */
export class Pins {
  readonly #identities = new Map<string, Uint8Array[]>();
  readonly #devices = new Map<string, Map<string, DeviceRecord>>();
  // By person and device: whoever has an account may name a device as somebody else's is named.
  readonly #revoked = new Set<string>();

  /** The identity pinned for a person, if any. */
  identity(userId: string): Uint8Array | undefined {
    return this.#identities.get(userId)?.at(-1);
  }

  /** Accept an identity: one's own, one compared by safety number, or a changed one after asking the person. */
  pin(userId: string, identityKey: Uint8Array): void {
    const others = (this.#identities.get(userId) ?? []).filter((known) => !same(known, identityKey));
    this.#identities.set(userId, [...others, identityKey]);
  }

  /**
   * Take all of a person's rows of `user_keys`, pin what is new, and answer the devices that are not revoked.
   *
   * Revoked devices of an identity that is not pinned, or with a wrong certificate, are left out: anybody who had the
   * account for a moment can leave such a row behind. Throws `identity_changed` when a device is signed by another
   * identity than the pinned one, or shows other keys than before; `forged`, `malformed`. Nothing is taken then.
   */
  trust(userId: string, rows: Iterable<unknown>): DeviceRecord[] {
    const records = [...rows].map((row) => this.#read(userId, row)).filter((one) => one !== undefined);
    const live = records.filter((one) => !one.revoked);
    const identity = this.identity(userId) ?? live[0]?.identityKey;
    if (identity !== undefined && !live.every((one) => same(one.identityKey, identity))) {
      throw new CryptoError("identity_changed", "a device is signed by another identity than this person's");
    }
    if (identity !== undefined) this.pin(userId, identity);
    const known = this.#devices.get(userId) ?? new Map<string, DeviceRecord>();
    this.#devices.set(userId, known);
    for (const one of records.filter(({ identityKey }) => this.#isPinned(userId, identityKey))) {
      known.set(one.deviceId, one);
      if (one.revoked) this.#revoked.add(`${userId}/${one.deviceId}`);
    }
    return this.devices(userId).filter((one) => !one.revoked);
  }

  #read(userId: string, row: unknown): DeviceRecord | undefined {
    let one: DeviceRecord;
    try {
      one = DeviceRecord.read(row);
    } catch (error) {
      if (((row as { revoked_at?: unknown } | null)?.revoked_at ?? null) !== null) return undefined;
      throw error;
    }
    if (one.userId !== userId) throw new CryptoError("forged", "a device of somebody else");
    const before = this.#devices.get(userId)?.get(one.deviceId);
    if (before !== undefined && !before.sameKeys(one)) {
      throw new CryptoError("identity_changed", "a device shows other keys than before");
    }
    return one;
  }

  #isPinned(userId: string, identityKey: Uint8Array): boolean {
    return (this.#identities.get(userId) ?? []).some((known) => same(known, identityKey));
  }

  /** A device of a person. Throws `unknown_device` when there is none, as far as `trust` was told. */
  device(userId: string, deviceId: string): DeviceRecord {
    const found = this.#devices.get(userId)?.get(deviceId);
    const current = this.identity(userId);
    if (found === undefined || current === undefined || !this.#isPinned(userId, found.identityKey)) {
      throw new CryptoError("unknown_device", "this person has no such device");
    }
    // One identity signs all devices that live: what an earlier one signed is revoked, whatever a server says.
    const revoked = !same(found.identityKey, current) || this.#revoked.has(`${userId}/${deviceId}`);
    const { identityKey, deviceKey, signingKey, signature } = found;
    return new DeviceRecord(userId, deviceId, identityKey, deviceKey, signingKey, signature, revoked);
  }

  /** Every device known of a person. What was revoked once stays revoked, whatever a server says later. */
  devices(userId: string): DeviceRecord[] {
    return [...(this.#devices.get(userId)?.keys() ?? [])].map((deviceId) => this.device(userId, deviceId));
  }

  /** What is pinned, as JSON, to be kept on the device. */
  export(): KeptPins {
    const identities = [...this.#identities].map(([user, keys]) => [user, keys.map(toText)] as const);
    return { identities: Object.fromEntries(identities), revoked: [...this.#revoked].sort() };
  }

  /** Take back what `export` gave; devices are asked of the server again. Throws `malformed`. */
  restore(kept: unknown): void {
    const { identities, revoked } = record(kept, "pins");
    const devices = listed(revoked).map(named);
    const pins = Object.entries(record(identities, "pins")).flatMap(([userId, keys]) =>
      listed(keys).map((key) => [id(userId, "user_id"), toBytes(key, "identity_key", KEY_BYTES)] as const)
    );
    for (const [userId, key] of pins) this.pin(userId, key);
    for (const device of devices) this.#revoked.add(device);
  }
}

function listed(kept: unknown): unknown[] {
  if (!Array.isArray(kept)) throw new CryptoError("malformed", "these are no pins");
  return kept;
}

function named(text: unknown): string {
  const [userId, deviceId, ...more] = typeof text === "string" ? text.split("/") : [];
  if (more.length > 0) throw new CryptoError("malformed", "this is no revoked device");
  return `${id(userId, "a revoked device's person")}/${id(deviceId, "a revoked device")}`;
}
