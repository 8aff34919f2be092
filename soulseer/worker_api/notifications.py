"""Notifications by e-mail: what a mail says, that it was handed over, and that no more are wanted."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import FLAG, NOTHING, call


class MailedNotification(Row):
    """What a mail says.

    Attributes:
        notification_id: The notification.
        user_id: Whose.
        kind: What it is about.
        subject: Of the mail.
        sentence: What it says.
        unsubscribe_token: Stops such mails.
    """

    notification_id: UUID
    user_id: UUID
    kind: str
    subject: str
    sentence: str
    unsubscribe_token: UUID


_MAIL: Final[TypeAdapter[MailedNotification | None]] = TypeAdapter(MailedNotification | None)


def start_notification_email(outbox_id: UUID) -> Call[MailedNotification | None]:
    """Ask what to send; None when nothing is to be sent, and the job is done then."""
    return call("start_notification_email", _MAIL, outbox_id=outbox_id)


def finish_notification_email(outbox_id: UUID) -> Call[bool]:
    """End the row once the mail is handed over.

    Answers whether it did; False means that another run ended it.
    """
    return call("finish_notification_email", FLAG, outbox_id=outbox_id)


def unsubscribe(token: UUID) -> Call[None]:
    """Stop the mails of whoever the token belongs to; an unknown one does nothing."""
    return call("unsubscribe", NOTHING, token=token)
