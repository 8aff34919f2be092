// Makes a reader's account at Stripe, once, and a fresh link to finish it there.

import { endpoint } from "../_shared/endpoint.ts";

Deno.serve(endpoint({ path: "/payout-account", fields: {} }));
