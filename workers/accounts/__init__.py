"""Accounts: what people may ask about their own data."""
