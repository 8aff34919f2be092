// Opens a page of Stripe's on which the caller fills the wallet, by card or bank account.

import { endpoint } from "../_shared/endpoint.ts";
import { amount, currency, flag, idempotencyKey } from "../_shared/input.ts";

Deno.serve(endpoint({
  path: "/topups/checkout",
  fields: { amount, currency, idempotency_key: idempotencyKey, save_card: flag },
}));
