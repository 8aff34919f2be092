"""What the database decides about calls of Edge Functions that need no money step."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import call

Side = Literal["client", "reader"]


class StoredFile(Row):
    """Where a file lies in Storage.

    Attributes:
        bucket: The bucket.
        path: Its path in the bucket.
    """

    bucket: str
    path: str


_SIDE: Final[TypeAdapter[Side]] = TypeAdapter(Side)
_STORED_FILE: Final = TypeAdapter(StoredFile)


def turn_side(user_id: UUID, session_id: UUID) -> Call[Side]:
    """Ask whose side a person takes in a session whose media may be relayed now.

    Args:
        user_id: The verified user.
        session_id: The session.

    Refused with not_participant, account_suspended or invalid_state.
    """
    return call("turn_side", _SIDE, user_id=user_id, session_id=session_id)


def purchased_file(user_id: UUID, product_id: UUID) -> Call[StoredFile]:
    """Ask where the file of a product lies that a person has paid for.

    Args:
        user_id: The verified user.
        product_id: The product.

    Refused with not_purchased or not_found.
    """
    return call("purchased_file", _STORED_FILE, user_id=user_id, product_id=product_id)
