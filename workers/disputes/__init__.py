"""Disputes and early fraud warnings: what Stripe says, applied to wallets and earnings."""
