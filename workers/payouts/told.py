"""Reads a bank payout out of the event that told of it, for when Stripe cannot be asked about its account any more."""

from __future__ import annotations

from pydantic import JsonValue

from soulseer.rpc import Row


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
