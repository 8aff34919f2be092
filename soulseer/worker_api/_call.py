"""Builds calls: SQL argument names carry the prefix p_, Python's do not."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call

Answer = TypeVar("Answer")

NOTHING: Final[TypeAdapter[None]] = TypeAdapter(None)
FLAG: Final[TypeAdapter[bool]] = TypeAdapter(bool)
NUMBER: Final[TypeAdapter[int]] = TypeAdapter(int)
TEXT: Final[TypeAdapter[str]] = TypeAdapter(str)


def call(
    function: str, answer: TypeAdapter[Answer], /, *, repeatable: bool = True, **arguments: object
) -> Call[Answer]:
    """Describe one call.

    Args:
        function: Name of the SQL function.
        answer: How its answer is read.
        repeatable: Whether a lost connection may be retried.
        arguments: Its arguments without their p_ prefix; ids and times become text.
    """
    sent = {f"p_{name}": _plain(value) for name, value in arguments.items()}
    return Call(function, sent, answer, repeatable)


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
