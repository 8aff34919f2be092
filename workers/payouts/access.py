"""Tells whether an account at Stripe is out of our reach for good, and what is known of it all the same."""

from __future__ import annotations

from typing import Final

import stripe
from pydantic import JsonValue

from soulseer.rpc import Row

# Stripe's code for an account that is gone, or whose owner sent us away.
_NO_ACCESS: Final = "account_invalid"


def is_gone(error: BaseException | None) -> bool:
    """Tell whether an account is gone, or its owner sent us away; a key of ours that may not look says nothing of it.

    Args:
        error: What a call on behalf of the account raised.
    """
    if not isinstance(error, stripe.PermissionError):
        return False
    # The library leaves `code` of this error out.
    return error.error is not None and error.error.code == _NO_ACCESS


class ToldPayout(Row):
    """A bank payout as an event told of it when it happened.

    Attributes:
        status: Stripe's status.
        failure_code: Why it failed.
        metadata: Our marks.
    """

    status: str
    failure_code: str | None = None
    metadata: dict[str, JsonValue] | None = None


class _Data(Row):
    object: ToldPayout


class _Snapshot(Row):
    data: _Data


def told_payout(payload: JsonValue) -> ToldPayout:
    """Return the bank payout that an event carries.

    Args:
        payload: The whole event, verified.

    Raises:
        pydantic.ValidationError: It carries none.
    """
    return _Snapshot.model_validate(payload).data.object
