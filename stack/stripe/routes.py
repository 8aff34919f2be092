"""Every endpoint under `/v1`."""

from stack.stripe.resources import (
    account_links,
    accounts,
    balances,
    charges,
    checkout_sessions,
    customers,
    disputes,
    early_fraud_warnings,
    events,
    external_accounts,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
    transfers,
)

ROUTES = (
    *customers.ROUTES,
    *payment_methods.ROUTES,
    *payment_intents.ROUTES,
    *setup_intents.ROUTES,
    *charges.ROUTES,
    *checkout_sessions.ROUTES,
    *refunds.ROUTES,
    *disputes.ROUTES,
    *early_fraud_warnings.ROUTES,
    *balances.ROUTES,
    *accounts.ROUTES,
    *external_accounts.ROUTES,
    *account_links.ROUTES,
    *transfers.ROUTES,
    *payouts.ROUTES,
    *events.ROUTES,
)
