// Reports: a member reveals chosen messages, each with its own key; a moderator checks just those.
//
// There is no key but the members' own, so nothing can be revealed that a member does not reveal. A moderator has pinned
// nobody: what is proved is that a device sealed a message, and which identity signed that device. Whose identity it is
// stays the server's word.

import type { Conversation } from "./conversation.js";
import { fields, id, toBytes, toText, whole } from "./encoding.js";
import { Envelope, MESSAGE_KEY_BYTES, type MessageType, messageType, openWith } from "./envelope.js";
import { CryptoError } from "./errors.js";
import { DeviceRecord } from "./keys.js";
import { Place } from "./place.js";
import type { Message, Opened } from "./reading.js";

const VERSION = 1;
export const MAX_MESSAGES = 50;

/** The argument `p_evidence` of `file_report`. */
export interface Evidence {
  v: number;
  conversation_id: string;
  /** In the order of their ids. */
  members: string[];
  messages: { id: string; sender_id: string; message_type: MessageType; envelope: unknown; key: string }[];
}

/** Reveal at most 50 rows of a conversation. Throws `malformed`, or as `Conversation.receive`. */
export function makeEvidence(conversation: Conversation, messages: Iterable<Message>): Evidence {
  const revealed = [...messages].map((message) => ({
    id: id(message.id, "id"),
    sender_id: message.senderId,
    message_type: message.messageType,
    envelope: message.content,
    key: toText(conversation.reveal(message)),
  }));
  counted(revealed);
  const { conversationId, members } = conversation;
  return { v: VERSION, conversation_id: conversationId, members: [...members], messages: revealed };
}

/**
 * Check what a report reveals, as a moderator, by both members' rows of `user_keys` as the server answers them, revoked
 * ones too. Only those of the devices that sealed something are looked at.
 *
 * Answers the messages, each proved to be sealed by a device of its sender, between these two in this conversation, with
 * this content; `identity` is the one that signed the device. Throws `malformed`, `wrong_sender`, `unknown_device`,
 * `forged`: then the report proves nothing.
 */
export function verifyEvidence(evidence: unknown, rows: Iterable<unknown>): Opened[] {
  const found = fields(evidence, ["v", "conversation_id", "members", "messages"], "evidence");
  whole(found.v, "v", VERSION, VERSION);
  const place = placeOf(found.conversation_id, found.members);
  const shown = [...rows];
  return counted(found.messages).map((one) => verifyOne(place, one, shown));
}

function placeOf(conversationId: unknown, members: unknown): Place {
  if (!Array.isArray(members)) throw new CryptoError("malformed", "members is no list");
  const place = new Place(conversationId, members);
  if (place.members.some((member, number) => member !== members[number])) {
    throw new CryptoError("malformed", "members are not in the order of their ids");
  }
  return place;
}

function counted(messages: unknown): unknown[] {
  if (!Array.isArray(messages) || messages.length < 1 || messages.length > MAX_MESSAGES) {
    throw new CryptoError("malformed", `a report reveals 1 to ${MAX_MESSAGES} messages`);
  }
  return messages;
}

function verifyOne(place: Place, revealed: unknown, rows: readonly unknown[]): Opened {
  const found = fields(revealed, ["id", "sender_id", "message_type", "envelope", "key"], "a revealed message");
  const message = {
    id: id(found.id, "id"),
    senderId: id(found.sender_id, "sender_id"),
    messageType: messageType(found.message_type),
    content: found.envelope,
  };
  if (!place.members.includes(message.senderId)) {
    throw new CryptoError("wrong_sender", "sent by somebody who is no member");
  }
  const envelope = Envelope.read(message.content);
  const { signingKey, identityKey } = shownDevice(message.senderId, envelope.device, rows);
  const context = { place, senderId: message.senderId, messageType: message.messageType };
  const key = toBytes(found.key, "key", MESSAGE_KEY_BYTES);
  return {
    message,
    envelope,
    plaintext: openWith(key, context, envelope, signingKey),
    identity: identityKey,
    missing: 0,
  };
}

function shownDevice(userId: string, deviceId: string, rows: readonly unknown[]): DeviceRecord {
  const named = rows.filter((row) => {
    const { user_id: user, device_id: device } = (row ?? {}) as { user_id?: unknown; device_id?: unknown };
    return user === userId && device === deviceId;
  });
  if (named.length !== 1) {
    throw new CryptoError("unknown_device", "the server shows no such device of this person, or more than one");
  }
  return DeviceRecord.read(named[0]);
}
