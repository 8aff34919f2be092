// Reports: a member reveals chosen messages, each with its own key; a moderator checks just those.
//
// There is no key but the members' own, so nothing can be revealed that a member does not reveal.

import type { Conversation, Message, Opened } from "./conversation.js";
import { fields, id, toBytes, toText, whole } from "./encoding.js";
import { Envelope, MESSAGE_KEY_BYTES, type MessageType, messageType, openWith } from "./envelope.js";
import { CryptoError } from "./errors.js";
import type { Pins } from "./pins.js";

const VERSION = 1;
export const MAX_MESSAGES = 50;

/** The argument `p_evidence` of `file_report`. */
export interface Evidence {
  v: number;
  conversation_id: string;
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
  return { v: VERSION, conversation_id: conversation.conversationId, messages: revealed };
}

/**
 * Check what a report reveals, as a moderator: `Pins.trust` both members' rows of `user_keys` first.
 *
 * Answers the messages, each proved to be sealed by a device of its sender, in this conversation, with this content.
 * Throws `malformed`, `unknown_device`, `forged`: then the report proves nothing.
 */
export function verifyEvidence(evidence: unknown, pins: Pins): Opened[] {
  const found = fields(evidence, ["v", "conversation_id", "messages"], "evidence");
  whole(found.v, "v", VERSION, VERSION);
  const conversationId = id(found.conversation_id, "conversation_id");
  return counted(found.messages).map((one) => verifyOne(conversationId, one, pins));
}

function counted(messages: unknown): unknown[] {
  if (!Array.isArray(messages) || messages.length < 1 || messages.length > MAX_MESSAGES) {
    throw new CryptoError("malformed", `a report reveals 1 to ${MAX_MESSAGES} messages`);
  }
  return messages;
}

function verifyOne(conversationId: string, revealed: unknown, pins: Pins): Opened {
  const found = fields(revealed, ["id", "sender_id", "message_type", "envelope", "key"], "a revealed message");
  const message = {
    id: id(found.id, "id"),
    senderId: id(found.sender_id, "sender_id"),
    messageType: messageType(found.message_type),
    content: found.envelope,
  };
  const envelope = Envelope.read(message.content);
  const { signingKey } = pins.device(message.senderId, envelope.device);
  const context = { conversationId, senderId: message.senderId, messageType: message.messageType };
  const key = toBytes(found.key, "key", MESSAGE_KEY_BYTES);
  return { message, envelope, plaintext: openWith(key, context, envelope, signingKey), missing: 0 };
}
