"""The Stripe inbox: verified events as they came, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import JsonValue, TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import FLAG, NOTHING, NUMBER, call

Endpoint = Literal["platform", "connect"]


class ClaimedEvent(Row):
    """An event that was stored and not processed in time.

    Attributes:
        event_id: Stripe's event id.
        type: Its type.
        attempts: Times it was tried.
        request_id: Request that stored it.
    """

    event_id: str
    type: str
    attempts: int
    request_id: str | None = None


class StoredEvent(Row):
    """One event of the inbox.

    Attributes:
        event_id: Stripe's event id.
        endpoint: The endpoint it came to.
        type: Its type.
        account: Connected account it is about, for events of the Connect endpoint.
        object_id: The object it is about, where it has one.
        payload: The whole event.
        processed_at: When it was applied or ignored; None while it waits.
        request_id: Request that stored it.
    """

    event_id: str
    endpoint: Endpoint
    type: str
    account: str | None
    object_id: str | None
    payload: dict[str, JsonValue]
    processed_at: datetime | None
    request_id: str | None = None


_IDS: Final = TypeAdapter(list[str])
_CLAIMED: Final = TypeAdapter(list[ClaimedEvent])
_STORED: Final[TypeAdapter[StoredEvent | None]] = TypeAdapter(StoredEvent | None)


def store_stripe_event(
    *,
    endpoint: Endpoint,
    event_id: str,
    type: str,  # noqa: A002  the SQL argument's name
    api_version: str | None,
    account: str | None,
    object_id: str | None,
    created: datetime,
    payload: Mapping[str, object],
) -> Call[bool]:
    """Store a verified event; answers False when it was there already.

    Args:
        endpoint: Endpoint it came to.
        event_id: Stripe's event id, unique.
        type: Event type.
        api_version: Version it was rendered in; thin events have none.
        account: Connected account it is about.
        object_id: Object it is about.
        created: Stripe's time of the event.
        payload: The whole event.
    """
    return call(
        "store_stripe_event",
        FLAG,
        endpoint=endpoint,
        event_id=event_id,
        type=type,
        api_version=api_version,
        account=account,
        object_id=object_id,
        created=created,
        payload=payload,
    )


def store_stripe_events(stores: Sequence[tuple[Call[bool], str | None]]) -> Call[list[str]]:
    """Store several verified events in one transaction; answers the ids of those that were not there yet.

    Args:
        stores: The calls that store each alone, and the request that brought it.
    """
    events = [
        {**{name.removeprefix("p_"): value for name, value in store.arguments.items()}, "request_id": request}
        for store, request in stores
    ]
    return call("store_stripe_events", _IDS, events=events)


def claim_stripe_events(limit: int = 100, older_than_seconds: int = 10) -> Call[list[ClaimedEvent]]:
    """Claim events that were stored and neither processed nor tried lately.

    Args:
        limit: Most events claimed.
        older_than_seconds: Least age, so that events whose job is on its way are left alone.
    """
    return call("claim_stripe_events", _CLAIMED, repeatable=False, limit=limit, older_than_seconds=older_than_seconds)


def read_stripe_event(event_id: str) -> Call[StoredEvent | None]:
    """Read one event, or None when there is none of that id."""
    return call("read_stripe_event", _STORED, event_id=event_id)


def next_object_sequence(object_id: str) -> Call[int]:
    """Take a sequence for a Stripe object, before fetching it, so that an older answer never wins."""
    return call("next_object_sequence", NUMBER, object_id=object_id)


def fail_stripe_event(event_id: str, error: str, *, is_away: bool = False) -> Call[None]:
    """Record why an event could not be applied; it is due again after its backoff, and parked after many.

    Args:
        event_id: The event.
        error: The reason, shown to admins.
        is_away: Whether Stripe could not be asked: no fault of the event, which is not parked for it.
    """
    return call("fail_stripe_event", NOTHING, repeatable=False, event_id=event_id, error=error, is_away=is_away)


def ignore_stripe_event(event_id: str) -> Call[None]:
    """Mark an event of a type that is not acted on; it stays stored."""
    return call("ignore_stripe_event", NOTHING, event_id=event_id)
