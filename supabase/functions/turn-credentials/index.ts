// Gives a participant of a session short-lived credentials of the TURN server that relays its media.

import { endpoint } from "../_shared/endpoint.ts";
import { uuid } from "../_shared/input.ts";

Deno.serve(endpoint({ path: "/turn-credentials", fields: { session_id: uuid } }));
