// Hands a verified user's call on to the bridge, signed, and brings back what it answers.

import type { Input } from "./input.ts";
import { internal, unavailable } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { sign } from "./signature.ts";

// No caller waits longer; what was begun by then is found again by its idempotency key.
const LIMIT_MS = 25_000;
const PASSED_ON = ["content-type", "retry-after"];

/** A call of the bridge for a user. The signature covers all of it. */
export interface Call {
  path: string;
  user_id: string;
  request_id: string;
  data: Input;
}

/** Returns the bridge's answer; refuses with service_unavailable, or internal_error for what only we can mend. */
export async function forward(call: Call, settings: Settings, send: typeof fetch = fetch): Promise<Response> {
  const body = JSON.stringify(call);
  const id = `call_${crypto.randomUUID()}`;
  const signed = await sign(settings.bridgeSecret, id, Math.floor(Date.now() / 1000), body);
  const headers = { ...signed, "content-type": "application/json", "x-request-id": call.request_id };
  let answer: Response;
  let told: string;
  try {
    answer = await send(settings.bridgeUrl + call.path, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    told = await answer.text();
  } catch (error) {
    console.error(JSON.stringify({ event: "bridge_away", request_id: call.request_id, error: String(error) }));
    throw unavailable("service_unavailable", "The service behind this function does not answer.");
  }
  const code = codeOf(told);
  if (code === null && !answer.ok) {
    console.error(JSON.stringify({ event: "bridge_away", request_id: call.request_id, status: answer.status }));
    throw unavailable("service_unavailable", "The service behind this function does not answer.");
  }
  if (code === "bad_signature") {
    // Secret or clock differ between functions and bridge: nothing a caller could mend.
    console.error(JSON.stringify({ event: "bridge_refused_signature", request_id: call.request_id }));
    throw internal();
  }
  const kept = PASSED_ON.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return new Response(told, { status: answer.status, headers: Object.fromEntries(kept) });
}

function codeOf(told: string): string | null {
  try {
    const code = JSON.parse(told).code;
    return typeof code === "string" ? code : null;
  } catch {
    return null;
  }
}
