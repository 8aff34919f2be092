"""Sends one notification by e-mail, to whoever still wants it."""

from __future__ import annotations

from uuid import UUID

from soulseer import logs
from soulseer.errors import SoulSeerError, UnavailableError
from soulseer.mail import Letter, MailRefusedError
from soulseer.worker_api import notifications, outbox
from soulseer.worker_api.notifications import MailedNotification
from workers.inbox import describe
from workers.tools import Tools

log = logs.get(__name__)


def send(tools: Tools, outbox_id: UUID) -> None:
    """Send the mail of one notification and end its row.

    Killed between the two, the mail is sent again under the same Message-ID. What a provider refuses for good, and what
    has nobody to go to, ends unsent: a notification is read in the app all the same.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it.

    Raises:
        RpcUnavailableError: The database is away; the row is due again later.
    """
    mail = tools.rpc.run(notifications.start_notification_email(outbox_id))
    if mail is None:
        log.info("notification_not_mailed", outbox_id=str(outbox_id))
        return
    about = {"notification_id": str(mail.notification_id), "kind": mail.kind}
    try:
        _post(tools, mail)
        log.info("notification_mailed", **about)
    except MailRefusedError as error:
        log.warning("notification_mail_refused", error=error.details, **about)
    except SoulSeerError as error:
        log.warning("notification_mail_failed", error=describe(error), **about)
        is_away = isinstance(error, UnavailableError)
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error), is_away=is_away))
        return
    tools.rpc.run(notifications.finish_notification_email(outbox_id))


def _post(tools: Tools, mail: MailedNotification) -> None:
    if tools.mailer is None:
        raise MailRefusedError("SOULSEER_SMTP_URL is not set")
    address = tools.logins.email_of(mail.user_id)
    if address is None:
        raise MailRefusedError("the person has no address")
    unsubscribe_url = tools.mailer.unsubscribe_url(mail.unsubscribe_token)
    letter = Letter(
        to=address,
        subject=mail.subject,
        text=f"{mail.sentence}\n\nNo more mails like this: {unsubscribe_url}\n",
        message_id=f"<{mail.notification_id}@notifications.soulseer>",
        unsubscribe_url=unsubscribe_url,
    )
    tools.mailer.send(letter)
