"""Payments: what Stripe says about card payments, applied to wallets."""
