"""Supabase → Python: the outbox relay, and the calls that need Stripe's secret key.

Both run in one process: the relay is a task beside the HTTP server and shares its event loop, its
connections and its fate, so that one health check speaks for both. Any number of processes may run;
claims never overlap.
"""
