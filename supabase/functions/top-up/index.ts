// Begins a top-up by card; the browser confirms its PaymentIntent with Stripe.

import { endpoint } from "../_shared/endpoint.ts";
import { amount, currency, flag, idempotencyKey } from "../_shared/input.ts";

Deno.serve(endpoint({
  path: "/topups",
  fields: { amount, currency, idempotency_key: idempotencyKey, save_card: flag },
}));
