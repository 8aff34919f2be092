"""A local stand-in for Stripe: small, and judged by the real `stripe` library driving it.

`python -m stack.stripe` serves it on loopback. It speaks Stripe's form-encoded API of version 2026-10-28.endive for
customers, payment methods, PaymentIntents, charges, refunds, balances, connected accounts with onboarding, transfers,
payouts, events and webhook endpoints; keeps idempotency keys as Stripe keeps them; and delivers signed webhooks from a
queue that survives a kill. `/_control` makes it the oracle of fault tests: see `stack.stripe.control`.

Left out: SetupIntents, Checkout, application fees, currencies converted into one another, live mode.

A request goes through `gateway` (keys, faults, idempotency) to one handler in `resources`, which reads and writes
objects through `world`, all inside one SQLite transaction of `store`.
"""
