// A conversation as one device sees it: its keys by version, what it sent, and how far it read.
//
// Nothing here does I/O. A program hands in rows as the database answers them and sends what comes out;
// `docs/encryption.md` tells the order of the calls.

import sodium from "libsodium-wrappers-sumo";

import { id, record, same, toBytes, toText, whole } from "./encoding.js";
import {
  type Context,
  Envelope,
  type EnvelopeJson,
  headerOf,
  messageKey,
  type MessageType,
  messageType,
  openWith,
  seal,
} from "./envelope.js";
import { CryptoError } from "./errors.js";
import type { Device, DeviceRecord } from "./keys.js";
import type { Pins } from "./pins.js";
import { CONVERSATION_KEY_BYTES, MAX_VERSION, WrappedKey } from "./wrapping.js";

/** A row of `messages` or `chat_messages`, or a signal from a peer topic. */
export interface Message {
  id?: string;
  senderId: string;
  messageType: MessageType;
  content: unknown;
}

/** A message that was opened: sealed by this device of this person, at this place, and unchanged. */
export interface Opened {
  message: Message;
  envelope: Envelope;
  plaintext: Uint8Array;
  /** How many messages the same device sent since the one before, that were not seen. */
  missing: number;
}

/** A new version of the conversation's key, wrapped for every device, to be sent with `start_conversation_key`. */
export interface KeyChange {
  version: number;
  wrapped: WrappedKey[];
}

/** Everything to keep on the device between runs: secret. */
export interface KeptConversation {
  keys: Record<string, string>;
  newest: number;
  sent: [string, number][];
  read: [string, number][];
}

/** Read a row. Throws `malformed`. */
export function readMessage(row: unknown): Message {
  const found = record(row, "a message");
  const message = {
    senderId: id(found.sender_id, "sender_id"),
    messageType: messageType(found.message_type),
    content: found.content,
  };
  return (found.id ?? null) === null ? message : { ...message, id: id(found.id, "id") };
}

// A count of what a device sends goes with its key version and, for signalling, is one of its own.
interface Count {
  name: string;
  key: number;
}
const countOf = (device: string, key: number, type: MessageType): Count => ({
  name: `${device}/${key}/${type === "SIGNAL"}`,
  key,
});

/** How far each device was read, so that nothing is taken twice or out of its order. */
class Progress {
  newest = 0;
  readonly last = new Map<string, number>();

  constructor(readonly complete = false) {}

  /** How many numbers were left out before this one. Throws `key_outdated`, `replayed`. */
  check(count: Count, seq: number): number {
    if (count.key < this.newest) throw new CryptoError("key_outdated", "sealed under a key that was renewed since");
    const last = this.last.get(count.name);
    if (last === undefined) return this.complete ? seq : 0;
    if (seq <= last) {
      throw new CryptoError("replayed", "this message, or a later one of the same device, was read already");
    }
    return seq - last - 1;
  }

  advance(count: Count, seq: number): void {
    this.newest = Math.max(this.newest, count.key);
    this.last.set(count.name, seq);
  }
}

/** One conversation on one device. */
export class Conversation {
  readonly #keys = new Map<number, Uint8Array>();
  readonly #sent = new Map<string, number>();
  readonly #read = new Progress();
  readonly #device: Device;
  readonly #pins: Pins;

  /** Begin with no keys. Throws `malformed`, `wrong_sender` when the device's owner is no member. */
  constructor(readonly conversationId: string, readonly members: readonly string[], device: Device, pins: Pins) {
    id(conversationId, "conversation_id");
    if (!members.includes(device.userId)) {
      throw new CryptoError("wrong_sender", "this device belongs to neither of the two");
    }
    this.#device = device;
    this.#pins = pins;
  }

  /** The newest key version this device ever saw; 0 before the first. */
  get version(): number {
    return this.#read.newest;
  }

  /**
   * Make the next version of the key. It is used once the server took it and `learn` was told. `current` is the
   * conversation's `key_version`. Throws `rolled_back` when that is less than it once was, `unknown_device`.
   */
  startVersion(current: number): KeyChange {
    this.#forwards(current);
    const key = sodium.randombytes_buf(CONVERSATION_KEY_BYTES);
    const wrapped = this.members.flatMap((member) => {
      const devices = this.#pins.devices(member).filter((one) => !one.revoked);
      if (devices.length === 0) throw new CryptoError("unknown_device", "one of the two has no device yet");
      return devices.map((one) => this.#wrap(key, current + 1, one));
    });
    return { version: current + 1, wrapped };
  }

  #forwards(current: number): void {
    if (current < this.version) {
      throw new CryptoError("rolled_back", "the server says an older key version than before");
    }
  }

  #wrap(key: Uint8Array, version: number, target: DeviceRecord): WrappedKey {
    return WrappedKey.make(key, this.conversationId, version, target, this.#device);
  }

  /**
   * Take the keys that were wrapped for this device: its rows of `conversation_keys`.
   *
   * Throws `forged` when a key was not wrapped by a member's device for this one, or differs from what was known;
   * `revoked_device` when the current version comes from a device revoked since: start another one; `rolled_back`,
   * `unknown_device`, `malformed`.
   */
  learn(rows: Iterable<unknown>, current: number): void {
    this.#forwards(current);
    for (const wrapped of [...rows].map(WrappedKey.read)) {
      if (wrapped.conversationId !== this.conversationId || wrapped.version > current) {
        throw new CryptoError("forged", "a key of another conversation, or of a version that does not exist");
      }
      if (!this.members.includes(wrapped.wrappedBy)) {
        throw new CryptoError("forged", "a key wrapped by somebody who is no member");
      }
      const wrapper = this.#pins.device(wrapped.wrappedBy, wrapped.wrappedByDevice);
      if (wrapper.revoked && wrapped.version === current && !this.#keys.has(wrapped.version)) {
        throw new CryptoError("revoked_device", "the current key comes from a revoked device");
      }
      this.#take(wrapped.version, wrapped.open(this.#device, wrapper));
    }
  }

  #take(version: number, key: Uint8Array): void {
    const known = this.#keys.get(version);
    if (known !== undefined && !same(known, key)) throw new CryptoError("forged", "a second key under one version");
    this.#keys.set(version, key);
    this.#read.newest = Math.max(this.#read.newest, version);
  }

  /** Wrap every known version for another of the person's own devices, to be sent with `share_keys`. */
  share(deviceId: string): WrappedKey[] {
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
    for (const [version, key] of keys) this.#take(version, key);
  }

  /** Seal a message under the newest key. Throws `key_unknown` before the first, `too_long`. */
  seal(plaintext: Uint8Array | string, type: MessageType = "TEXT"): EnvelopeJson {
    const key = this.#keys.get(this.version);
    if (key === undefined) throw new CryptoError("key_unknown", "this device has no key to seal with");
    const count = countOf(this.#device.deviceId, this.version, type);
    const seq = (this.#sent.get(count.name) ?? -1) + 1;
    const context = this.#context(this.#device.userId, type);
    const bytes = typeof plaintext === "string" ? new TextEncoder().encode(plaintext) : plaintext;
    const envelope = seal(key, context, this.version, seq, bytes, this.#device);
    this.#sent.set(count.name, seq);
    return envelope.json();
  }

  /** Give back the number of an envelope that the server refused, or the other side finds one missing. */
  retract(content: unknown, type: MessageType = "TEXT"): void {
    const envelope = Envelope.read(content);
    const { name } = countOf(envelope.device, envelope.key, type);
    if (this.#sent.get(name) === envelope.seq && (this.#read.last.get(name) ?? -1) < envelope.seq) {
      this.#sent.set(name, envelope.seq - 1);
    }
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
   * they begin with the conversation's first. Throws as `receive`; devices revoked since and older keys are taken, each
   * in its order.
   */
  readHistory(messages: Iterable<Message>, { complete = false } = {}): Opened[] {
    const progress = new Progress(complete);
    const opened = [...messages].map((message) => this.#open(message, progress, false));
    for (const [name, seq] of progress.last) {
      this.#read.last.set(name, Math.max(seq, this.#read.last.get(name) ?? 0));
    }
    return opened;
  }

  #open(message: Message, progress: Progress, live: boolean): Opened {
    const { envelope, sender } = this.#judge(message);
    if (live && sender.revoked) throw new CryptoError("revoked_device", "sent by a device that is revoked");
    const count = countOf(envelope.device, envelope.key, message.messageType);
    const missing = progress.check(count, envelope.seq);
    const context = this.#context(message.senderId, message.messageType);
    const plaintext = openWith(this.#messageKey(context, envelope), context, envelope, sender.signingKey);
    progress.advance(count, envelope.seq);
    return { message, envelope, plaintext, missing };
  }

  #context(senderId: string, type: MessageType): Context {
    return { conversationId: this.conversationId, senderId, messageType: type };
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

  export(): KeptConversation {
    const keys = [...this.#keys].map(([version, key]) => [String(version), toText(key)] as const);
    return {
      keys: Object.fromEntries(keys),
      newest: this.version,
      sent: [...this.#sent],
      read: [...this.#read.last],
    };
  }

  /** Take back what `export` gave. Throws `malformed`. */
  restore(kept: KeptConversation): void {
    for (const [version, key] of Object.entries(record(kept.keys, "a conversation"))) {
      this.#take(Number(version), toBytes(key, "key", CONVERSATION_KEY_BYTES));
    }
    this.#read.newest = Math.max(this.version, whole(kept.newest, "newest", 0, MAX_VERSION));
    for (const [name, seq] of kept.sent) this.#sent.set(name, seq);
    for (const [name, seq] of kept.read) this.#read.last.set(name, seq);
  }
}
