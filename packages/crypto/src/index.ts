// End-to-end encryption of messages for browsers and Node; `soulseer_crypto` is the same in Python.
//
// Await `ready` once. Nothing here does I/O; every refusal is a `CryptoError` with a code.

import sodium from "libsodium-wrappers-sumo";

export const ready: Promise<void> = sodium.ready;

export {
  type BackupKeys,
  INTERACTIVE,
  KeyBackup,
  type Limits,
  MODERATE,
  type SealedBackup,
  SENSITIVE,
} from "./backup.js";
export { Conversation, type KeptConversation, type KeyChange } from "./conversation.js";
export { toBytes, toText } from "./encoding.js";
export {
  BUCKETS,
  type Context,
  Envelope,
  type EnvelopeJson,
  headerOf,
  MAX_PLAINTEXT,
  messageKey,
  type MessageType,
  openWith,
  seal,
} from "./envelope.js";
export { type Code, CryptoError } from "./errors.js";
export {
  FileNote,
  MAX_FILE,
  MIME_TYPES,
  openFile,
  paddedLength,
  type SealedFile,
  sealedLength,
  sealFile,
} from "./files.js";
export { Device, DeviceRecord, Identity, type RegisterDevice } from "./keys.js";
export { type KeptPins, Pins } from "./pins.js";
export { Place } from "./place.js";
export { type Message, type Opened, readMessage, type Refused, type RefusedKey } from "./reading.js";
export { type Evidence, makeEvidence, verifyEvidence } from "./reports.js";
export { safetyNumber } from "./safety.js";
export { WrappedKey, type WrappedKeyArgument } from "./wrapping.js";
