// A conversation as one device sees it: its keys by version, what it sent, and how far it read.
//
// Nothing here does I/O. A program hands in rows as the database answers them and sends what comes out;
// `docs/encryption.md` tells the order of the calls.

import sodium from "libsodium-wrappers-sumo";

import { record, same, toBytes, toText, whole } from "./encoding.js";
import {
  type Context,
  Envelope,
  type EnvelopeJson,
  headerOf,
  messageKey,
  type MessageType,
  openWith,
  seal,
} from "./envelope.js";
import { CryptoError } from "./errors.js";
import type { Device, DeviceRecord } from "./keys.js";
import type { Pins } from "./pins.js";
import { Place } from "./place.js";
import {
  codeOf,
  countOf,
  keptCounts,
  type Message,
  type Opened,
  Progress,
  type Refused,
  type RefusedKey,
} from "./reading.js";
import { CONVERSATION_KEY_BYTES, MAX_VERSION, WrappedKey } from "./wrapping.js";

/** A new version of the conversation's key, wrapped for every device, to be sent with `start_conversation_key`. */
export interface KeyChange {
  version: number;
  wrapped: WrappedKey[];
}

/** Everything to keep on the device between runs: secret. */
export interface KeptConversation {
  keys: Record<string, string>;
  sent: [string, number][];
  read: [string, number][];
}

/** One conversation on one device. */
export class Conversation {
  readonly #keys = new Map<number, Uint8Array>();
  readonly #sent = new Map<string, number>();
  readonly #read = new Progress();
  readonly #place: Place;
  readonly #device: Device;
  readonly #pins: Pins;

  /** Begin with no keys. Throws `malformed`, `wrong_sender` when the device's owner is no member. */
  constructor(conversationId: string, members: Iterable<string>, device: Device, pins: Pins) {
    this.#place = new Place(conversationId, members);
    if (!this.members.includes(device.userId)) {
      throw new CryptoError("wrong_sender", "this device belongs to neither of the two");
    }
    this.#device = device;
    this.#pins = pins;
  }

  get conversationId(): string {
    return this.#place.conversationId;
  }

  /** Its two people, in the order of their ids. */
  get members(): readonly [string, string] {
    return this.#place.members;
  }

  /** The newest key version this device ever heard of; 0 before the first. */
  get version(): number {
    return this.#read.newest;
  }

  /**
   * Make the next version of the key. It is used once the server took it and `learn` was told. `current` is the
   * conversation's `key_version`. Throws `rolled_back` when that is less than it once was, `unknown_device`,
   * `identity_changed` when what is pinned of this very device is not what it has.
   */
  startVersion(current: number): KeyChange {
    this.#forwards(current);
    this.#knowMyself();
    const key = sodium.randombytes_buf(CONVERSATION_KEY_BYTES);
    const wrapped = this.members.flatMap((member) => {
      const devices = this.#pins.devices(member).filter((one) => !one.revoked);
      if (devices.length === 0) throw new CryptoError("unknown_device", "one of the two has no device yet");
      return devices.map((one) => this.#wrap(key, current + 1, one));
    });
    return { version: current + 1, wrapped };
  }

  #forwards(current: number): void {
    // One more must be a version as well.
    whole(current, "key_version", 0, MAX_VERSION - 1);
    if (current < this.version) {
      throw new CryptoError("rolled_back", "the server says an older key version than before");
    }
  }

  #knowMyself(): void {
    // Whoever shows this person's devices with another identity has none that signed this one.
    const mine = this.#pins.device(this.#device.userId, this.#device.deviceId);
    if (!same(mine.deviceKey, this.#device.boxPublic) || !same(mine.signingKey, this.#device.signPublic)) {
      throw new CryptoError("identity_changed", "the server shows this device with other keys");
    }
  }

  #wrap(key: Uint8Array, version: number, target: DeviceRecord): WrappedKey {
    return WrappedKey.make(key, this.#place, version, target, this.#device);
  }

  /**
   * Take the keys that were wrapped for this device: its rows of `conversation_keys`. What is good is taken, whatever
   * else is there. Without the current version's key `seal` throws `key_unknown`, until another version is started.
   *
   * Answers the rows that were not taken: `forged` when a key was not wrapped by a member's device for this one, or
   * differs from what was known; `revoked_device` when the current version comes from a device revoked since: start
   * another one; `unknown_device`, `malformed`. Throws `rolled_back`, `malformed`, `unknown_device` or
   * `identity_changed` as `startVersion`: then nothing is taken.
   */
  learn(rows: Iterable<unknown>, current: number): RefusedKey[] {
    this.#forwards(current);
    this.#knowMyself();
    const refused: RefusedKey[] = [];
    for (const row of rows) {
      try {
        this.#take(WrappedKey.read(row), current);
      } catch (error) {
        refused.push({ row, code: codeOf(error) });
      }
    }
    this.#read.newest = Math.max(this.version, current);
    return refused;
  }

  #take(wrapped: WrappedKey, current: number): void {
    if (wrapped.version > current) throw new CryptoError("forged", "a key of a version that does not exist");
    if (!this.members.includes(wrapped.wrappedBy)) {
      throw new CryptoError("forged", "a key wrapped by somebody who is no member");
    }
    const wrapper = this.#pins.device(wrapped.wrappedBy, wrapped.wrappedByDevice);
    if (wrapper.revoked && wrapped.version === current && !this.#keys.has(wrapped.version)) {
      throw new CryptoError("revoked_device", "the current key comes from a revoked device");
    }
    this.#keep(wrapped.version, wrapped.open(this.#place, this.#device, wrapper));
  }

  #keep(version: number, key: Uint8Array): void {
    const known = this.#keys.get(version);
    if (known !== undefined && !same(known, key)) throw new CryptoError("forged", "a second key under one version");
    this.#keys.set(version, key);
    this.#read.newest = Math.max(this.version, version);
  }

  /** Wrap every known version for another of the person's own devices, to be sent with `share_keys`. */
  share(deviceId: string): WrappedKey[] {
    this.#knowMyself();
    const target = this.#pins.device(this.#device.userId, deviceId);
    if (target.revoked) throw new CryptoError("revoked_device", "a revoked device gets no keys");
    return [...this.#keys].sort(([one], [other]) => one - other).map(([version, key]) =>
      this.#wrap(key, version, target)
    );
  }

  /** Every known version's key, for a backup. */
  keys(): Map<number, Uint8Array> {
    return new Map(this.#keys);
  }

  /** Take keys out of the person's own backup. Throws `forged` when one differs from what is known. */
  restoreKeys(keys: Iterable<readonly [number, Uint8Array]>): void {
    for (const [version, key] of keys) this.#keep(version, key);
  }

  /**
   * Seal a message under the newest key. Throws `key_unknown` before the first, and where the newest version's is
   * missing; `too_long`.
   */
  seal(plaintext: Uint8Array | string, type: MessageType = "TEXT"): EnvelopeJson {
    const key = this.#keys.get(this.version);
    if (key === undefined) throw new CryptoError("key_unknown", "this device has no key to seal with");
    const count = countOf(this.#device.userId, this.#device.deviceId, type);
    // What this device finds of its own was sent, even where what was kept between runs says less.
    const seq = Math.max(this.#sent.get(count) ?? -1, this.#read.last.get(count) ?? -1) + 1;
    const context = this.#context(this.#device.userId, type);
    const bytes = typeof plaintext === "string" ? new TextEncoder().encode(plaintext) : plaintext;
    const envelope = seal(key, context, this.version, seq, bytes, this.#device);
    this.#sent.set(count, seq);
    return envelope.json();
  }

  /**
   * Open a message that just came. Throws `malformed`, `wrong_sender`, `unknown_device`, `revoked_device`, `key_unknown`,
   * `key_outdated`, `replayed` or `forged`. What was refused leaves no trace.
   */
  receive(message: Message): Opened {
    return this.#open(message, this.#read, true);
  }

  /**
   * Open a stretch of past messages, oldest first; what comes after it is received from there on. `complete` says that
   * they begin with the conversation's first. Answers each message, opened or refused (which has a `code`), with the
   * codes of `receive`; devices revoked since and older keys are taken, each in its order.
   */
  readHistory(messages: Iterable<Message>, { complete = false } = {}): (Opened | Refused)[] {
    const progress = new Progress(complete, this.#read.last);
    const answers = [...messages].map((message) => {
      try {
        return this.#open(message, progress, false);
      } catch (error) {
        return { message, code: codeOf(error) };
      }
    });
    for (const [count, seq] of progress.last) this.#read.reach(count, seq);
    return answers;
  }

  #open(message: Message, progress: Progress, live: boolean): Opened {
    const { envelope, sender } = this.#judge(message);
    if (live && sender.revoked) throw new CryptoError("revoked_device", "sent by a device that is revoked");
    const count = countOf(message.senderId, envelope.device, message.messageType);
    const missing = progress.check(count, envelope);
    const context = this.#context(message.senderId, message.messageType);
    const plaintext = openWith(this.#messageKey(context, envelope), context, envelope, sender.signingKey);
    progress.advance(count, envelope);
    return { message, envelope, plaintext, identity: sender.identityKey, missing };
  }

  #context(senderId: string, messageType: MessageType): Context {
    return { place: this.#place, senderId, messageType };
  }

  #judge(message: Message): { envelope: Envelope; sender: DeviceRecord } {
    if (!this.members.includes(message.senderId)) {
      throw new CryptoError("wrong_sender", "sent by somebody who is no member");
    }
    const envelope = Envelope.read(message.content);
    return { envelope, sender: this.#pins.device(message.senderId, envelope.device) };
  }

  #messageKey(context: Context, envelope: Envelope): Uint8Array {
    const key = this.#keys.get(envelope.key);
    if (key === undefined) throw new CryptoError("key_unknown", "this device does not have the key of this message");
    return messageKey(key, headerOf(context, envelope.key, envelope.seq, envelope.device), envelope.nonce);
  }

  /** The key of one message, for a report; it opens this message and no other. Throws as `receive`. */
  reveal(message: Message): Uint8Array {
    const { envelope, sender } = this.#judge(message);
    const context = this.#context(message.senderId, message.messageType);
    const key = this.#messageKey(context, envelope);
    openWith(key, context, envelope, sender.signingKey);
    return key;
  }

  /**
   * Everything to keep on the device between runs: secret. A version whose key was never shown is not kept: a server that
   * once named a wrong one closes no conversation for ever.
   */
  export(): KeptConversation {
    const keys = [...this.#keys].map(([version, key]) => [String(version), toText(key)] as const);
    return {
      keys: Object.fromEntries(keys),
      sent: [...this.#sent],
      read: [...this.#read.last],
    };
  }

  /** Take back what `export` gave. Throws `malformed`. */
  restore(kept: KeptConversation): void {
    const [sent, read] = [keptCounts(kept.sent), keptCounts(kept.read)];
    for (const [version, key] of Object.entries(record(kept.keys, "a conversation"))) {
      this.#keep(Number(version), toBytes(key, "key", CONVERSATION_KEY_BYTES));
    }
    for (const [count, seq] of sent) this.#sent.set(count, seq);
    for (const [count, seq] of read) this.#read.reach(count, seq);
  }
}
