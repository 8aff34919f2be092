// What every function does: answer browsers, tell who calls, check the input, hand on to the bridge, tell errors.

import { forward } from "./bridge.ts";
import { PublishedKeys, userOf } from "./identity.ts";
import { type Fields, readInput } from "./input.ts";
import { internal, Refusal } from "./refusal.ts";
import { readSettings, type Settings } from "./settings.ts";

// Any origin: a call is authorised by its token, never by a cookie, so a page learns nothing it could not ask for.
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-request-id, retry-after",
};
const PREFLIGHT = {
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-allow-headers":
    "authorization, apikey, content-type, x-client-info, x-request-id, x-region, x-supabase-api-version, x-retry-count, traceparent, tracestate, baggage",
  "access-control-max-age": "600",
};
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** What a function stands for: a route of the bridge, and the members its body may have. */
export interface Route {
  path: string;
  fields: Fields;
}

/** Returns what to give to Deno.serve. `given` replaces settings and network in tests. */
export function endpoint(route: Route, given: { settings?: Settings; fetch?: typeof fetch } = {}) {
  const send = given.fetch ?? fetch;
  let ready: { settings: Settings; keys: PublishedKeys } | undefined;

  async function answer(request: Request, requestId: string): Promise<Response> {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT });
    if (request.method !== "POST") {
      throw new Refusal("method_not_allowed", 405, "Method Not Allowed.", { headers: { allow: "POST, OPTIONS" } });
    }
    if (ready === undefined) {
      const settings = given.settings ?? readSettings();
      ready = { settings, keys: new PublishedKeys(settings.jwksUrl, send) };
    }
    const userId = await userOf(request.headers.get("authorization"), ready.keys, ready.settings.issuer);
    const data = await readInput(request, route.fields);
    return await forward({ path: route.path, user_id: userId, request_id: requestId, data }, ready.settings, send);
  }

  return async (request: Request): Promise<Response> => {
    const began = performance.now();
    const offered = request.headers.get("x-request-id") ?? "";
    const requestId = REQUEST_ID.test(offered) ? offered : `req_${crypto.randomUUID().replaceAll("-", "")}`;
    let response: Response;
    try {
      response = await answer(request, requestId);
    } catch (error) {
      response = tell(error, requestId);
    }
    for (const [name, value] of Object.entries({ ...CORS, "x-request-id": requestId })) {
      response.headers.set(name, value);
    }
    const milliseconds = Math.round(performance.now() - began);
    const line = { event: "request", method: request.method, path: route.path, status: response.status, milliseconds };
    console.log(JSON.stringify({ ...line, request_id: requestId }));
    return response;
  };
}

function tell(error: unknown, requestId: string): Response {
  if (!(error instanceof Refusal)) {
    console.error(JSON.stringify({ event: "request_failed", request_id: requestId, error: String(error) }));
  }
  const refusal = error instanceof Refusal ? error : internal();
  return new Response(refusal.body(requestId), {
    status: refusal.status,
    headers: { "content-type": "application/json", ...refusal.more.headers },
  });
}
