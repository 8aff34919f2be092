"""POST /payout-account: makes a reader's account at Stripe and a link to finish it there."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import stripe
from starlette.concurrency import run_in_threadpool

from soulseer import logs
from soulseer.rpc import AsyncRpc, Row
from soulseer.worker_api import payout_accounts

log = logs.get(__name__)


class PayoutAccountAnswer(Row):
    """Where the reader goes on.

    Attributes:
        account_id: The account at Stripe.
        onboarding_url: Stripe's page; good once, and not for long.
        expires_at: When the link expires.
    """

    account_id: str
    onboarding_url: str
    expires_at: datetime


async def begin(rpc: AsyncRpc, client: stripe.StripeClient, user_id: UUID, *, public_url: str) -> PayoutAccountAnswer:
    """Make the account, once, or another after it is gone, and a fresh link.

    Args:
        rpc: The door to the database.
        client: Stripe.
        user_id: The verified user.
        public_url: The web app, where Stripe sends the reader back to.

    Raises:
        RpcError: The database refused (not_a_reader, account_suspended).
        stripe.StripeError: Stripe refused or could not be reached.
    """
    account = await rpc.run(payout_accounts.begin_payout_account(user_id))
    account_id = account.stripe_account_id or await _make(rpc, client, account)
    link = await run_in_threadpool(_create_link, client, account_id, public_url.rstrip("/"))
    log.info("payout_account_begun", account_id=account_id)
    return PayoutAccountAnswer(
        account_id=account_id,
        onboarding_url=link.url,
        expires_at=datetime.fromtimestamp(link.expires_at, UTC),
    )


async def _make(rpc: AsyncRpc, client: stripe.StripeClient, account: payout_accounts.PayoutAccount) -> str:
    made = await run_in_threadpool(_create_account, client, account)
    return await rpc.run(payout_accounts.record_payout_account(account.user_id, made.id))


def _create_account(client: stripe.StripeClient, account: payout_accounts.PayoutAccount) -> stripe.Account:
    # The e-mail address is left to Stripe's own form: input that may change between two tries would be
    # refused under the same idempotency key.
    params: stripe.params.AccountCreateParams = {
        "type": "express",
        "capabilities": {"transfers": {"requested": True}},
        # We decide when a bank payout is made, after the transfer that funds it.
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        "metadata": {"user_id": str(account.user_id)},
    }
    if account.country is not None:
        params["country"] = account.country
    key = f"acct:{account.user_id}"
    if account.former_account_id is not None:
        key = f"{key}:{account.former_account_id}"
    return client.v1.accounts.create(params, {"idempotency_key": key})


def _create_link(client: stripe.StripeClient, account_id: str, public_url: str) -> stripe.AccountLink:
    return client.v1.account_links.create(
        {
            "account": account_id,
            "type": "account_onboarding",
            "refresh_url": f"{public_url}/payouts/onboarding/refresh",
            "return_url": f"{public_url}/payouts/onboarding/done",
        }
    )
