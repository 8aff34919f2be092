"""Stand-in for Supabase Realtime: channels over WebSocket and the HTTP broadcast endpoint, on the real database.

There: the Phoenix protocol in versions 1.0.0 and 2.0.0 with binary frames, broadcast with `ack` and `self`, presence,
private channels authorised by the policies on `realtime.messages`, renewal and expiry of tokens, broadcasts of the
database, changes of the tables in the publication `supabase_realtime` under row-level security, the HTTP endpoints, and
limits. What the database commits is read by logical replication, so writers pay nothing for it.

Left out: replay and storing of messages, long polling, several tenants, the old protocol that names tables in topics.
Looser than hosted: only what clients send counts against the limit of messages, not each delivery.

`python -m stack.realtime` starts it; `stack.realtime.settings` lists what it reads from the environment. A frame goes
from `sockets` to one `channel`, from there to a `room`; `replication` feeds rooms and `changes` from the database.
"""
