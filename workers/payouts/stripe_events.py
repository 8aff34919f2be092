"""Applies what Stripe says about readers' accounts, transfers to them, and their bank payouts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import stripe

from soulseer.stripe_client import metadata_id
from soulseer.worker_api import inbox, payout_accounts, payouts
from soulseer.worker_api.inbox import StoredEvent
from soulseer.worker_api.payouts import TransferReversal
from workers.inbox import EventUnusableError, Handler, apply, ignore, object_id
from workers.outcomes import is_gone
from workers.payouts.told import told_payout
from workers.tools import Tools

_PAGE: Final = 100
# Why a gate is closed for good, whichever event was the first to find the account gone.
_GONE: Final = "account_gone"


def account(tools: Tools, event: StoredEvent) -> None:
    """Take over an account's state; opens or closes the reader's payout gate.

    Args:
        tools: What the jobs work with.
        event: Any event about an account or one of its capabilities.
    """
    if event.endpoint == "platform" and event.account is None and not event.type.startswith("v2."):
        ignore(tools, event, "our own account")
        return
    account_id = event.account or object_id(event)
    sequence = tools.rpc.run(inbox.next_object_sequence(account_id))
    try:
        fetched = tools.stripe.v1.accounts.retrieve(account_id)
    except stripe.PermissionError as error:
        if not is_gone(error):
            raise
        # The event is late: its account is gone since, or its owner sent us away.
        _close(tools, event, account_id, sequence)
        return
    requirements = fetched.requirements
    capabilities = fetched.capabilities
    apply(
        tools,
        event,
        payout_accounts.apply_account(
            event_id=event.event_id,
            sequence=sequence,
            account_id=fetched.id,
            details_submitted=bool(fetched.details_submitted),
            transfers_active=capabilities is not None and capabilities.transfers == "active",
            payouts_enabled=bool(fetched.payouts_enabled),
            disabled_reason=None if requirements is None else requirements.disabled_reason,
            requirements_due=[] if requirements is None else list(requirements.currently_due or []),
        ),
    )


def account_closed(tools: Tools, event: StoredEvent) -> None:
    """Close the payout gate of an account that is gone, or whose owner sent us away.

    Args:
        tools: What the jobs work with.
        event: account.application.deauthorized or v2.core.account.closed; there is nothing to fetch.
    """
    account_id = event.account or object_id(event)
    _close(tools, event, account_id, tools.rpc.run(inbox.next_object_sequence(account_id)))


def _close(tools: Tools, event: StoredEvent, account_id: str, sequence: int) -> None:
    apply(
        tools,
        event,
        payout_accounts.apply_account(
            event_id=event.event_id,
            sequence=sequence,
            account_id=account_id,
            details_submitted=False,
            transfers_active=False,
            payouts_enabled=False,
            disabled_reason=_GONE,
            requirements_due=[],
        ),
    )


def transfer(tools: Tools, event: StoredEvent) -> None:
    """Confirm a transfer, and take over what of it was reversed.

    Args:
        tools: What the jobs work with.
        event: Any event about a transfer.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own transfer")
        return
    fetched: stripe.Transfer = tools.stripe.v1.transfers.retrieve(object_id(event))
    apply(
        tools,
        event,
        payouts.apply_transfer(
            event_id=event.event_id,
            transfer_id=fetched.id,
            attempt_id=metadata_id(fetched.metadata, "attempt_id"),
            amount=fetched.amount,
            reversals=_reversals(tools, fetched),
            currency=fetched.currency.upper(),
        ),
    )


def _reversals(tools: Tools, transfer: stripe.Transfer) -> list[TransferReversal]:
    if not transfer.amount_reversed:
        return []
    # All of them: the object itself carries only the latest.
    listed = tools.stripe.v1.transfers.reversals.list(transfer.id, {"limit": _PAGE})
    return [TransferReversal(id=found.id, amount=found.amount) for found in listed.auto_paging_iter()]


def bank_payout(tools: Tools, event: StoredEvent) -> None:
    """Take over the state of a reader's bank payout, or of the platform's own.

    Args:
        tools: What the jobs work with.
        event: Any event about a payout.

    Raises:
        EventUnusableError: It does not say whose payout it is.
    """
    if event.endpoint != "connect":
        _platform_payout(tools, event)
        return
    if event.account is None:
        raise EventUnusableError(f"{event.type} names no account")
    payout_id = object_id(event)
    sequence = tools.rpc.run(inbox.next_object_sequence(payout_id))
    try:
        fetched = tools.stripe.v1.payouts.retrieve(payout_id, None, {"stripe_account": event.account})
    except stripe.PermissionError as error:
        if not is_gone(error):
            raise
        _unreachable_payout(tools, event, payout_id)
        return
    apply(
        tools,
        event,
        payouts.apply_payout_state(
            event_id=event.event_id,
            sequence=sequence,
            account_id=event.account,
            stripe_payout_id=fetched.id,
            status=fetched.status,
            failure_code=fetched.failure_code,
            attempt_id=metadata_id(fetched.metadata, "attempt_id"),
        ),
    )


def _unreachable_payout(tools: Tools, event: StoredEvent, payout_id: str) -> None:
    told = told_payout(event.payload)
    apply(
        tools,
        event,
        payouts.apply_unreachable_payout(
            event_id=event.event_id,
            stripe_payout_id=payout_id,
            status=told.status,
            failure_code=told.failure_code,
            attempt_id=metadata_id(told.metadata, "attempt_id"),
        ),
    )


def _platform_payout(tools: Tools, event: StoredEvent) -> None:
    payout_id = object_id(event)
    sequence = tools.rpc.run(inbox.next_object_sequence(payout_id))
    fetched = tools.stripe.v1.payouts.retrieve(payout_id)
    apply(
        tools,
        event,
        payouts.apply_platform_payout(
            event_id=event.event_id,
            sequence=sequence,
            stripe_payout_id=fetched.id,
            amount=fetched.amount,
            currency=fetched.currency.upper(),
            status=fetched.status,
        ),
    )


def bank_account(tools: Tools, event: StoredEvent) -> None:
    """Have bank payouts that failed tried again: their reader has named another bank account.

    Args:
        tools: What the jobs work with.
        event: account.external_account.created, of a connected account.

    Raises:
        EventUnusableError: It does not say whose bank account it is.
    """
    if event.endpoint != "connect":
        ignore(tools, event, "a bank account of our own")
        return
    if event.account is None:
        raise EventUnusableError(f"{event.type} names no account")
    apply(tools, event, payouts.apply_bank_account(event.event_id, event.account))


def balance_available(tools: Tools, event: StoredEvent) -> None:
    """Let payouts and refunds that wait for a balance at Stripe be tried now.

    Args:
        tools: What the jobs work with.
        event: balance.available, of the platform or of a connected account.
    """
    apply(tools, event, payouts.apply_balance_available(event.event_id, event.account))


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "account.updated": account,
        "capability.updated": account,
        "v2.core.account.updated": account,
        "v2.core.account[requirements].updated": account,
        "v2.core.account[configuration.recipient].updated": account,
        "v2.core.account[configuration.recipient].capability_status_updated": account,
        "account.application.deauthorized": account_closed,
        "v2.core.account.closed": account_closed,
        "account.external_account.created": bank_account,
        "transfer.created": transfer,
        "transfer.updated": transfer,
        "transfer.reversed": transfer,
        "payout.created": bank_payout,
        "payout.updated": bank_payout,
        "payout.paid": bank_payout,
        "payout.failed": bank_payout,
        "payout.canceled": bank_payout,
        "balance.available": balance_available,
    }
)
