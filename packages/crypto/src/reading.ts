// Reading: messages as they come, what opening one answers, and how far each device was read.

import { id, record, whole } from "./encoding.js";
import { type Envelope, MAX_SEQ, type MessageType, messageType } from "./envelope.js";
import { type Code, CryptoError } from "./errors.js";

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
  /** The identity that signed the device. */
  identity: Uint8Array;
  /** How many messages of the same device between the one before and this were not opened. */
  missing: number;
}

/** A message of a stretch that was not opened, and why. */
export interface Refused {
  message: Message;
  code: Code;
}

/** A wrapped key that was not taken, and why. */
export interface RefusedKey {
  row: unknown;
  code: Code;
}

/** What was refused, by its code; any other error goes on. */
export function codeOf(error: unknown): Code {
  if (error instanceof CryptoError) return error.code;
  throw error;
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

/** Who counts, with which device, and whether signals; a count runs on when the conversation's key is renewed. */
export const countOf = (userId: string, device: string, type: MessageType): string =>
  `${userId}/${device}/${type === "SIGNAL"}`;

/** Read counts that were kept between runs. Throws `malformed`. */
export function keptCounts(kept: unknown): [string, number][] {
  if (!Array.isArray(kept)) throw new CryptoError("malformed", "these are no counts");
  return kept.map((one: unknown) => {
    const [name, seq, ...more]: unknown[] = Array.isArray(one) ? one : [];
    const [user, device, isSignal, ...rest] = typeof name === "string" ? name.split("/") : [];
    if (more.length + rest.length > 0 || (isSignal !== "true" && isSignal !== "false")) {
      throw new CryptoError("malformed", "this is no count");
    }
    return [`${id(user, "a count")}/${id(device, "a count")}/${isSignal}`, whole(seq, "a count", -1, MAX_SEQ)];
  });
}

/** How far each device was read, so that nothing is taken twice or out of its order. */
export class Progress {
  newest = 0;
  readonly last = new Map<string, number>();

  /** `complete`: reading begins at the first message; `before`: how far each count was read before this begins. */
  constructor(readonly complete = false, readonly before: ReadonlyMap<string, number> = new Map()) {}

  /** How many numbers were left out before this one. Throws `key_outdated`, `replayed`. */
  check(count: string, { key, seq }: Envelope): number {
    if (key < this.newest) throw new CryptoError("key_outdated", "sealed under a key that was renewed since");
    const last = this.last.get(count) ?? (this.complete ? -1 : undefined);
    // A stretch that goes on from what was read is judged by that; an older one begins wherever it begins.
    if (last === undefined) return Math.max(0, seq - (this.before.get(count) ?? seq) - 1);
    if (seq <= last) {
      throw new CryptoError("replayed", "this message, or a later one of the same device, was read already");
    }
    return seq - last - 1;
  }

  advance(count: string, { key, seq }: Envelope): void {
    this.newest = Math.max(this.newest, key);
    this.reach(count, seq);
  }

  /** Take note that a count was read as far as a number. */
  reach(count: string, seq: number): void {
    this.last.set(count, Math.max(seq, this.last.get(count) ?? -1));
  }
}
