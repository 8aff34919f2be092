"""Refunds to card: sending those that clients ask for, and taking over all that Stripe tells of."""
