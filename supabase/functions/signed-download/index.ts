// Gives the buyer of a digital product a short-lived address of its file.

import { endpoint } from "../_shared/endpoint.ts";
import { uuid } from "../_shared/input.ts";

Deno.serve(endpoint({ path: "/downloads", fields: { product_id: uuid } }));
