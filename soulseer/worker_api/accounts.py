"""What a person asks about their own account: gathering an export, and closing the login of an erased one."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call
from soulseer.worker_api._call import FLAG, call

_USER: Final[TypeAdapter[UUID | None]] = TypeAdapter(UUID | None)


def apply_account_export(outbox_id: UUID) -> Call[bool]:
    """Gather one export and end its row.

    Answers whether it did; False means that it was done already.
    """
    return call("apply_account_export", FLAG, outbox_id=outbox_id)


def start_account_erasure(outbox_id: UUID) -> Call[UUID | None]:
    """Ask whose login is to be closed; None when that is done."""
    return call("start_account_erasure", _USER, outbox_id=outbox_id)


def finish_account_erasure(outbox_id: UUID) -> Call[bool]:
    """End the row once the login is closed.

    Answers whether it did; False means that another run ended it.
    """
    return call("finish_account_erasure", FLAG, outbox_id=outbox_id)
