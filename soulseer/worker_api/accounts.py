"""What a person asks about their own account: gathering an export; removing files and login of an erased one."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import FLAG, call


class ErasedFile(Row):
    """A file of an erased person that is to be removed.

    Attributes:
        bucket: The bucket.
        path: Its name in the bucket.
    """

    bucket: str
    path: str


_FILES: Final = TypeAdapter(list[ErasedFile])
_USER: Final[TypeAdapter[UUID | None]] = TypeAdapter(UUID | None)


def apply_account_export(outbox_id: UUID) -> Call[bool]:
    """Gather one export and end its row.

    Answers whether it did; False means that it was done already.
    """
    return call("apply_account_export", FLAG, outbox_id=outbox_id)


def start_account_erasure(outbox_id: UUID) -> Call[UUID | None]:
    """Ask whose login is to be closed; None when that is done."""
    return call("start_account_erasure", _USER, outbox_id=outbox_id)


def erased_files(outbox_id: UUID, limit: int) -> Call[list[ErasedFile]]:
    """Ask for files of an erased person that are still there and must go, by bucket; none when all are gone.

    Args:
        outbox_id: The row that asks for the erasure.
        limit: At most how many, up to 1000.
    """
    return call("erased_files", _FILES, outbox_id=outbox_id, limit=limit)


def finish_account_erasure(outbox_id: UUID) -> Call[bool]:
    """End the row once the login is closed and the files are removed.

    Answers whether it did; False means that another run ended it.
    """
    return call("finish_account_erasure", FLAG, outbox_id=outbox_id)
