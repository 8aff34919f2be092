import assert from "node:assert/strict";

import { endpoint } from "./endpoint.ts";
import { amount } from "./input.ts";
import { readSettings } from "./settings.ts";
import { sign } from "./signature.ts";
import { ISSUER, JWKS, Network, SECRET, Signer, USER } from "./testing.ts";

const BRIDGE = "http://127.0.0.1:8";
const SETTINGS = { jwksUrl: JWKS, issuer: ISSUER, bridgeUrl: BRIDGE, bridgeSecret: SECRET };
const signer = await Signer.make("ES256");
const keys = [await signer.published()];
const token = await signer.token();

function serve(bridge?: () => Response | Promise<Response>) {
  const answers = { [JWKS]: () => Response.json({ keys }), ...(bridge && { [`${BRIDGE}/topups`]: bridge }) };
  const network = new Network(answers);
  return {
    network,
    handle: endpoint({ path: "/topups", fields: { amount } }, { settings: SETTINGS, fetch: network.fetch }),
  };
}

function call(headers: Record<string, string> = {}, body = '{"amount":5}'): Request {
  return new Request("http://127.0.0.1/top-up", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "x-request-id": "web:7", ...headers },
    body,
  });
}

Deno.test("a call goes to the bridge signed, with the user and the request id, and its answer comes back", async () => {
  const { network, handle } = serve(() => Response.json({ id: 1 }, { status: 201, headers: { "retry-after": "3" } }));
  const answer = await handle(call());
  assert.deepEqual([answer.status, await answer.json()], [201, { id: 1 }]);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.equal(answer.headers.get("x-request-id"), "web:7");
  assert.equal(answer.headers.get("retry-after"), "3");

  const sent = network.asked[1];
  assert.deepEqual(JSON.parse(sent.body), {
    path: "/topups",
    user_id: USER,
    request_id: "web:7",
    data: { amount: 5 },
  });
  assert.equal(sent.headers.get("x-request-id"), "web:7");
  assert.equal(sent.headers.get("authorization"), null);
  const [id, seconds] = ["webhook-id", "webhook-timestamp"].map((name) => sent.headers.get(name)!);
  assert.deepEqual(
    (await sign(SECRET, id, Number(seconds), sent.body))["webhook-signature"],
    sent.headers.get("webhook-signature"),
  );
  assert.ok(Math.abs(Date.now() / 1000 - Number(seconds)) < 5);
});

Deno.test("each call has an id of its own", async () => {
  const { network, handle } = serve(() => Response.json({}));
  await handle(call());
  await handle(call());
  const ids = network.asked.slice(1).map((asked) => asked.headers.get("webhook-id"));
  assert.equal(new Set(ids).size, 2);
});

Deno.test("the bridge's refusals are passed on as they are", async () => {
  const body = { code: "amount_out_of_range", message: "m", details: null, hint: null, request_id: "web:7" };
  const { handle } = serve(() => Response.json(body, { status: 400 }));
  const answer = await handle(call());
  assert.deepEqual([answer.status, await answer.json()], [400, body]);
});

Deno.test("a preflight is answered to every origin, with the headers official clients send", async () => {
  const { network, handle } = serve();
  const answer = await handle(new Request("http://127.0.0.1/top-up", { method: "OPTIONS" }));
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.equal(answer.headers.get("access-control-allow-methods"), "POST, OPTIONS");
  const allowed = answer.headers.get("access-control-allow-headers")!.split(", ");
  for (const name of ["authorization", "apikey", "content-type", "x-client-info"]) assert.ok(allowed.includes(name));
  assert.equal(network.asked.length, 0);
});

Deno.test("refusals are typed, may be read by a page, and reach no bridge", async () => {
  const { network, handle } = serve(() => Response.json({}));
  const get = new Request("http://127.0.0.1/top-up", { headers: { authorization: `Bearer ${token}` } });
  const tried: [Request, number, string][] = [
    [get, 405, "method_not_allowed"],
    [call({ authorization: "" }), 401, "unauthenticated"],
    [call({ authorization: "Bearer sb_publishable_x" }), 401, "unauthenticated"],
    [call({}, "{"), 400, "invalid_json"],
    [call({}, '{"amount":"5"}'), 422, "invalid_input"],
  ];
  for (const [request, status, code] of tried) {
    const answer = await handle(request);
    const body = await answer.json();
    assert.deepEqual([answer.status, body.code], [status, code]);
    assert.deepEqual(Object.keys(body), ["code", "message", "details", "hint", "request_id"]);
    assert.equal(body.request_id, answer.headers.get("x-request-id"));
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  }
  assert.equal(network.count(`${BRIDGE}/topups`), 0);
});

Deno.test("a request id that is none is replaced", async () => {
  const { handle } = serve(() => Response.json({}));
  const answer = await handle(call({ "x-request-id": "a b" }));
  assert.match(answer.headers.get("x-request-id")!, /^req_[0-9a-f]{32}$/);
});

Deno.test("a bridge that is away, answers nonsense or knows another secret is no fault of the caller's", async () => {
  const tried: [(() => Response) | undefined, number, string][] = [
    [undefined, 503, "service_unavailable"],
    [() => new Response("<html>", { status: 502 }), 503, "service_unavailable"],
    [() => new Response(null, { status: 302, headers: { location: "/x" } }), 503, "service_unavailable"],
    [() => Response.json({ code: "bad_signature" }, { status: 400 }), 500, "internal_error"],
  ];
  for (const [bridge, status, code] of tried) {
    const answer = await serve(bridge).handle(call());
    assert.deepEqual([answer.status, (await answer.json()).code], [status, code]);
  }
});

Deno.test("a setting that is missing is named in the log, not in the answer", () => {
  assert.throws(
    () => readSettings((name) => name === "SUPABASE_URL" ? "http://127.0.0.1:9/" : undefined),
    /BRIDGE_URL/,
  );
  const read = readSettings((name) =>
    ({
      SUPABASE_URL: "http://127.0.0.1:9/",
      SOULSEER_BRIDGE_URL: `${BRIDGE}/`,
      SOULSEER_BRIDGE_SECRET: SECRET,
    })[name]
  );
  assert.deepEqual(read, SETTINGS);
});
