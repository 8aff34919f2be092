// Uses the generated types as a client does. Checked by the compiler, never run.
import { createClient } from "@supabase/supabase-js";
import { Constants, type Database, type Enums, type Tables, type TablesInsert } from "../../supabase/types/database.ts";

const client = createClient<Database>("http://127.0.0.1:54321", "sb_publishable_key");

// Rows come back as the columns asked for, money as numbers of minor units.
const { data: sessions } = await client.from("sessions").select("id, reader_rate, status").eq("status", "COMPLETED");
const rate: number | undefined = sessions?.[0]?.reader_rate;
const status: Enums<"session_status"> | undefined = sessions?.[0]?.status;

// A foreign key is a path to the row it refers to.
const { data: review } = await client.from("reviews").select("rating, sessions(session_id)").single();
const external: string | undefined = review?.sessions.session_id;

// Calls know their arguments and what they answer.
const { data: requested } = await client.rpc("request_session", {
  p_reader_id: "0190a000-0000-7000-8000-000000000002",
  p_type: "CHAT",
  p_idempotency_key: "key",
});
const state: Database["public"]["Enums"]["session_status"] | undefined = requested?.status;

const product: TablesInsert<"products"> = { name: "Deck", description: "Cards.", type: "PHYSICAL", category: "tarot", price: 2500 };
const wallet: Tables<"wallets"> | null = null;
const kinds: readonly ["CHAT", "CALL", "VIDEO"] = Constants.public.Enums.session_type;

// @ts-expect-error a label that no status has
client.from("sessions").select("id").eq("status", "ACTIVE");
// @ts-expect-error a column that no product has
client.from("products").insert({ ...product, cost: 1 });
// @ts-expect-error a column the database computes
client.from("products").insert({ ...product, search: "x" });
// @ts-expect-error an argument that is missing
client.rpc("request_session", { p_type: "CHAT" });
// @ts-expect-error a table of another schema
client.from("outbox");

export { external, kinds, rate, state, status, wallet };
