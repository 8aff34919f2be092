// What a client remembers of people: their identity when first seen, their devices, and which of those are revoked.
//
// Whoever runs the server can hand out other keys than a person registered. They cannot make a device that the pinned
// identity signed; they could only swap the identity, and that is refused until the person at the screen accepts it.

import { record, same, toBytes, toText } from "./encoding.js";
import { CryptoError } from "./errors.js";
import { DeviceRecord, KEY_BYTES } from "./keys.js";

export interface KeptPins {
  identities: Record<string, string[]>;
  revoked: string[];
}

/** Identities and devices by person. `export` and `restore` keep them between runs. */
export class Pins {
  readonly #identities = new Map<string, Uint8Array[]>();
  readonly #devices = new Map<string, Map<string, DeviceRecord>>();
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
   * Throws `identity_changed` when a device is signed by another identity than the pinned one, or shows other keys than
   * before; `forged`, `malformed`. Nothing is taken then.
   */
  trust(userId: string, rows: Iterable<unknown>): DeviceRecord[] {
    const records = [...rows].map(DeviceRecord.read).filter((one) => this.#concerns(userId, one));
    const live = records.filter((one) => !one.revoked);
    const first = live[0];
    if (this.identity(userId) === undefined && first !== undefined) {
      if (!live.every((one) => same(one.identityKey, first.identityKey))) {
        throw new CryptoError("identity_changed", "this person's devices are signed by more than one identity");
      }
      this.pin(userId, first.identityKey);
    }
    const known = this.#devices.get(userId) ?? new Map<string, DeviceRecord>();
    this.#devices.set(userId, known);
    for (const one of records) {
      known.set(one.deviceId, one);
      if (one.revoked) this.#revoked.add(one.deviceId);
    }
    return this.devices(userId).filter((one) => !one.revoked);
  }

  /** Whether a device is one to remember; a revoked one of an identity never seen is of no use to anyone. */
  #concerns(userId: string, one: DeviceRecord): boolean {
    if (one.userId !== userId) throw new CryptoError("forged", "a device of somebody else");
    const before = this.#devices.get(userId)?.get(one.deviceId);
    if (before !== undefined && !before.sameKeys(one)) {
      throw new CryptoError("identity_changed", "a device shows other keys than before");
    }
    const pinned = this.#identities.get(userId);
    if (one.revoked) return pinned === undefined || pinned.some((known) => same(known, one.identityKey));
    const current = this.identity(userId);
    if (current !== undefined && !same(current, one.identityKey)) {
      throw new CryptoError("identity_changed", "this person's identity is not the one that is pinned");
    }
    return true;
  }

  /** A device of a person. Throws `unknown_device` when there is none, as far as `trust` was told. */
  device(userId: string, deviceId: string): DeviceRecord {
    const found = this.#devices.get(userId)?.get(deviceId);
    const pinned = this.#identities.get(userId) ?? [];
    if (found === undefined || !pinned.some((known) => same(known, found.identityKey))) {
      throw new CryptoError("unknown_device", "this person has no such device");
    }
    if (found.revoked || !this.#revoked.has(deviceId)) return found;
    const { identityKey, deviceKey, signingKey, signature } = found;
    return new DeviceRecord(userId, deviceId, identityKey, deviceKey, signingKey, signature, true);
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
    if (!Array.isArray(revoked)) throw new CryptoError("malformed", "these are no pins");
    for (const [userId, keys] of Object.entries(record(identities, "pins"))) {
      if (!Array.isArray(keys)) throw new CryptoError("malformed", "these are no pins");
      for (const key of keys) this.pin(userId, toBytes(key, "identity_key", KEY_BYTES));
    }
    for (const deviceId of revoked) this.#revoked.add(String(deviceId));
  }
}
