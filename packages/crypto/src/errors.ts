// The one error of this package: a code a program can act on, and a sentence for people.

export type Code =
  | "malformed"
  | "forged"
  | "wrong_sender"
  | "unknown_device"
  | "revoked_device"
  | "key_unknown"
  | "key_outdated"
  | "replayed"
  | "rolled_back"
  | "identity_changed"
  | "too_long"
  | "wrong_passphrase";

/** Something was refused; `code` says which refusal, with the same words as the Python client's. */
export class CryptoError extends Error {
  constructor(readonly code: Code, sentence: string) {
    super(`${code}: ${sentence}`);
    this.name = "CryptoError";
  }
}
