"""Payouts: readers' accounts at Stripe, transfers to them, and bank payouts."""
