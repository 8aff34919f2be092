// A conversation's key, wrapped for one device: sealed to the device, signed by the device that wrapped it.
//
// Without the signature whoever runs the server could seal a key of their own to everybody, and read what follows.

import sodium from "libsodium-wrappers-sumo";

import { ascii, four, id, idBytes, joined, record, toBytes, toText, whole } from "./encoding.js";
import { CryptoError } from "./errors.js";
import { type Device, type DeviceRecord, SIGNATURE_BYTES, verify } from "./keys.js";
import type { Place } from "./place.js";

export const CONVERSATION_KEY_BYTES = 32;
export const MAX_VERSION = 999_999_999;
const SEALED_BYTES = CONVERSATION_KEY_BYTES + 48;
const WRAP = ascii("soulseer/wrap/1");

/** One element of `p_keys` of the RPCs `start_conversation_key` and `share_keys`. */
export interface WrappedKeyArgument {
  conversation_id: string;
  version: number;
  user_id: string;
  device_id: string;
  wrapped_key: string;
}

/** One row of `conversation_keys`. */
export class WrappedKey {
  constructor(
    readonly conversationId: string,
    readonly version: number,
    readonly userId: string,
    readonly deviceId: string,
    readonly wrappedBy: string,
    readonly wrappedByDevice: string,
    readonly wrapped: Uint8Array,
  ) {}

  /** Read a row of `conversation_keys`. Throws `malformed`. */
  static read(row: unknown): WrappedKey {
    const found = record(row, "a wrapped key");
    return new WrappedKey(
      id(found.conversation_id, "conversation_id"),
      whole(found.version, "version", 1, MAX_VERSION),
      id(found.user_id, "user_id"),
      id(found.device_id, "device_id"),
      id(found.wrapped_by, "wrapped_by"),
      id(found.wrapped_by_device, "wrapped_by_device"),
      toBytes(found.wrapped_key, "wrapped_key", SEALED_BYTES + SIGNATURE_BYTES),
    );
  }

  /** Wrap a key for a device. Throws `malformed` when nothing can be sealed to it. */
  static make(
    key: Uint8Array,
    place: Place,
    version: number,
    target: DeviceRecord,
    device: Device,
  ): WrappedKey {
    let sealed: Uint8Array;
    try {
      sealed = sodium.crypto_box_seal(key, target.deviceKey);
    } catch {
      throw new CryptoError("malformed", "nothing can be sealed to this device");
    }
    const names = [target.userId, target.deviceId, device.userId, device.deviceId] as const;
    const parts = [place.conversationId, version, ...names] as const;
    const signature = device.sign(new WrappedKey(...parts, sealed).statement(place));
    return new WrappedKey(...parts, joined(sealed, signature));
  }

  /** What the wrapping device signs. */
  statement(place: Place): Uint8Array {
    const ids = [this.userId, this.deviceId, this.wrappedBy, this.wrappedByDevice];
    const bytes = ids.map((one) => idBytes(one, "id"));
    return joined(WRAP, place.raw, ...bytes, four(this.version), this.wrapped.subarray(0, SEALED_BYTES));
  }

  /** Check who wrapped the key, and unwrap it. Throws `forged` unless it was wrapped by that device for this one. */
  open(place: Place, device: Device, wrapper: DeviceRecord): Uint8Array {
    if (this.conversationId !== place.conversationId) throw new CryptoError("forged", "a key of another conversation");
    if (this.userId !== device.userId || this.deviceId !== device.deviceId) {
      throw new CryptoError("forged", "a key wrapped for another device");
    }
    verify(wrapper.signingKey, this.statement(place), this.wrapped.subarray(SEALED_BYTES), "a wrapped key");
    try {
      return device.unseal(this.wrapped.subarray(0, SEALED_BYTES));
    } catch {
      throw new CryptoError("forged", "a wrapped key does not open");
    }
  }

  argument(): WrappedKeyArgument {
    return {
      conversation_id: this.conversationId,
      version: this.version,
      user_id: this.userId,
      device_id: this.deviceId,
      wrapped_key: toText(this.wrapped),
    };
  }
}
