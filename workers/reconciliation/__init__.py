"""Holds what Stripe says it moved against what the ledger says."""
