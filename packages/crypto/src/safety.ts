// Safety numbers: sixty digits that are the same on both sides if, and only if, both see the same two identities.

import sodium from "libsodium-wrappers-sumo";

import { ascii, idBytes, joined } from "./encoding.js";

// As Signal does: each guess at a colliding identity costs this many hashes.
const ROUNDS = 5200;
const SAFETY = ascii("soulseer/safety/1");
const GROUPS = [0, 5, 10, 15, 20, 25];

/** The number two people compare, by voice or side by side: twelve groups of five digits. */
export function safetyNumber(one: [string, Uint8Array], other: [string, Uint8Array]): string {
  return [one, other].sort(([a], [b]) => (a < b ? -1 : 1)).map(([user, key]) => half(idBytes(user, "user_id"), key))
    .join(" ");
}

function half(userId: Uint8Array, identity: Uint8Array): string {
  let digest = joined(SAFETY, userId, identity);
  for (let round = 0; round < ROUNDS; round++) digest = sodium.crypto_generichash(64, joined(digest, identity), null);
  const numbers = GROUPS.map((start) => digest.slice(start, start + 5).reduce((sum, byte) => sum * 256 + byte, 0));
  return numbers.map((number) => String(number % 100_000).padStart(5, "0")).join(" ");
}
