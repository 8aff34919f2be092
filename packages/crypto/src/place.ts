// Where a message or a key belongs: its conversation and both people in it.
//
// Envelopes and wrapped keys are bound to all three. Bound to the conversation alone, what one person wrote to another
// could be shown to them as written to a third.

import { id, idBytes, joined } from "./encoding.js";
import { CryptoError } from "./errors.js";

/** A conversation of two people. */
export class Place {
  readonly conversationId: string;
  /** Its two people, in the order of their ids. */
  readonly members: readonly [string, string];
  /** The three ids as 48 bytes: the conversation's, the first member's, the second's. */
  readonly raw: Uint8Array;

  /** Name a conversation; its people come in any order. Throws `malformed` unless these are three ids, of two people. */
  constructor(conversationId: unknown, members: Iterable<unknown>) {
    const [first, second, ...more] = [...members].map((member) => id(member, "members")).sort();
    if (first === undefined || second === undefined || first === second || more.length > 0) {
      throw new CryptoError("malformed", "a conversation has two members");
    }
    this.conversationId = id(conversationId, "conversation_id");
    this.members = [first, second];
    this.raw = joined(...[this.conversationId, first, second].map((one) => idBytes(one, "id")));
  }
}
