"""Supabase → Python: the outbox relay, calls that need a secret, and the listener to presence.

All run in one process: relay and listener are tasks beside the HTTP server and share its event loop, its
connections and its fate, so that one health check speaks for all. Any number of processes may run;
claims never overlap.
"""
