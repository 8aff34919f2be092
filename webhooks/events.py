"""Reads what the inbox needs from an event, snapshot or thin, and leaves the rest as it came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from soulseer.errors import BadRequestError
from soulseer.rpc import Call
from soulseer.worker_api import inbox

THIN: Final = "v2.core.event"
_ID: Final = Field(min_length=1, max_length=255)


class _Object(BaseModel):
    # Some snapshots (balance.available) carry an object without an id.
    id: str | None = None


class _Data(BaseModel):
    object: _Object


class _Snapshot(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = _ID
    type: str = _ID
    created: int
    api_version: str | None = None
    account: str | None = None
    data: _Data


class _Related(BaseModel):
    id: str


class _Thin(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = _ID
    type: str = _ID
    created: datetime
    # The account the event happened in; absent for the platform itself.
    context: str | None = None
    related_object: _Related | None = None


_PAYLOAD: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


def read(endpoint: inbox.Endpoint, body: bytes) -> tuple[str, Call[bool]]:
    """Return an event's id and the call that stores it.

    Args:
        endpoint: Endpoint it came to.
        body: A verified body.

    Raises:
        BadRequestError: malformed_event: signed, and yet not an event.
    """
    try:
        payload = _PAYLOAD.validate_json(body)
        if payload.get("object") == THIN:
            return _read_thin(endpoint, payload)
        return _read_snapshot(endpoint, payload)
    except ValidationError as error:
        raise BadRequestError(
            "malformed_event",
            "The body is not an event of a known form.",
            details="; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()),
        ) from error


def _read_snapshot(endpoint: inbox.Endpoint, payload: dict[str, JsonValue]) -> tuple[str, Call[bool]]:
    event = _Snapshot.model_validate(payload)
    return event.id, inbox.store_stripe_event(
        endpoint=endpoint,
        event_id=event.id,
        type=event.type,
        api_version=event.api_version,
        account=event.account,
        object_id=event.data.object.id,
        created=datetime.fromtimestamp(event.created, UTC),
        payload=payload,
    )


def _read_thin(endpoint: inbox.Endpoint, payload: dict[str, JsonValue]) -> tuple[str, Call[bool]]:
    event = _Thin.model_validate(payload)
    return event.id, inbox.store_stripe_event(
        endpoint=endpoint,
        event_id=event.id,
        type=event.type,
        api_version=None,
        account=event.context,
        object_id=None if event.related_object is None else event.related_object.id,
        created=event.created,
        payload=payload,
    )
