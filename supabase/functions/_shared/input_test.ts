import assert from "node:assert/strict";

import { amount, currency, flag, idempotencyKey, MAX_BODY_BYTES, readInput, uuid } from "./input.ts";
import { Refusal } from "./refusal.ts";

const FIELDS = { amount, currency, idempotency_key: idempotencyKey, save_card: flag };
const GOOD = { amount: 2500, currency: "usd", idempotency_key: "k" };

function read(body: BodyInit | null, fields = FIELDS): Promise<unknown> {
  return readInput(new Request("http://127.0.0.1/", { method: "POST", body }), fields);
}

async function refused(body: BodyInit | null, code: string): Promise<unknown> {
  let details: unknown;
  await assert.rejects(read(body), (error) => {
    assert.ok(error instanceof Refusal);
    details = error.more.details;
    return error.code === code;
  });
  return details;
}

Deno.test("a body of the right form is taken as it is", async () => {
  assert.deepEqual(await read(JSON.stringify(GOOD)), GOOD);
  assert.deepEqual(await read(JSON.stringify({ ...GOOD, save_card: true })), { ...GOOD, save_card: true });
  assert.deepEqual(await readInput(new Request("http://127.0.0.1/", { method: "POST" }), {}), {});
});

Deno.test("every member that does not fit is named", async () => {
  const wrong: [string, unknown][] = [
    ["amount", "2500"],
    ["amount", 25.5],
    ["amount", 0],
    ["amount", -1],
    ["amount", 2 ** 53],
    ["amount", true],
    ["amount", null],
    ["currency", "dollars"],
    ["currency", "u$d"],
    ["idempotency_key", ""],
    ["idempotency_key", "k".repeat(256)],
    ["save_card", "yes"],
    ["user_id", "0197a000-0000-7000-8000-000000000001"],
  ];
  for (const [field, value] of wrong) {
    const details = await refused(JSON.stringify({ ...GOOD, [field]: value }), "invalid_input");
    assert.deepEqual((details as { field: string }[]).map((problem) => problem.field), [field]);
  }
  const missing = await refused("{}", "invalid_input") as { field: string }[];
  assert.deepEqual(missing.map((problem) => problem.field), ["amount", "currency", "idempotency_key"]);
  for (const body of ["[]", "null", "1", '"x"', '{"__proto__": 1}']) await refused(body, "invalid_input");
});

Deno.test("a uuid is one in either case, and nothing else", () => {
  assert.equal(uuid.problem("0197A000-0000-7000-8000-00000000000a"), null);
  for (const value of ["0197a00000007000800000000000000a", "", 7, null, "0197a000-0000-7000-8000-00000000000a\n"]) {
    assert.notEqual(uuid.problem(value), null);
  }
});

Deno.test("what is not JSON and what is too large is refused", async () => {
  for (const body of ["{", "x", new Uint8Array([0xff, 0xfe]), new FormData()]) await refused(body, "invalid_json");
  await refused(`"${"x".repeat(MAX_BODY_BYTES)}"`, "body_too_large");
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(4096));
    },
  });
  await refused(endless, "body_too_large");
  assert.ok(sent < 12);
});
