import assert from "node:assert/strict";

import { sign } from "./signature.ts";

// The signature is what the Python package `standardwebhooks` makes of the same.
Deno.test("signs as Standard Webhooks has it, text beyond ASCII included", async () => {
  const body = '{"path":"/topups","data":{"note":"é✓"}}';
  assert.deepEqual(await sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "call_1", 1614265330, body), {
    "webhook-id": "call_1",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,0IutUMDVk6jR1YRBvNXjbRuL/6THC2qQSdusjD0Ppc4=",
  });
});
