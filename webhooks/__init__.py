"""Stripe → inbox: verify, store, answer; a job is enqueued afterwards and may be lost without harm."""
