// Signs calls of the bridge as Standard Webhooks has it: an HMAC over id, time and raw body.

import { decode, encode } from "./base64.ts";

/** Returns the three headers that go with a body. */
export async function sign(
  secret: string,
  id: string,
  seconds: number,
  body: string,
): Promise<Record<string, string>> {
  const raw = decode(secret.replace(/^whsec_/, ""));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mark = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${seconds}.${body}`));
  return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${encode(mark)}` };
}
