"""Mails over SMTP, the one protocol every provider speaks."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from soulseer.errors import SoulSeerError, UnavailableError
from soulseer.settings import WorkerSettings

_TIMEOUT_SECONDS: Final = 15.0
_PORTS: Final = {"smtp": 587, "smtps": 465}
_PERMANENT: Final = 500


class MailRefusedError(SoulSeerError):
    """The provider will never take this mail; sending it again is of no use."""

    def __init__(self, details: str) -> None:
        super().__init__("mail_refused", status=422, message="The mail was refused.", details=details)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail.

    Attributes:
        to: Address.
        subject: One line.
        text: Plain text.
        message_id: The same for every attempt, so that a provider may tell that it has it.
        unsubscribe_url: Where one POST stops such mails (RFC 8058).
    """

    to: str
    subject: str
    text: str
    message_id: str
    unsubscribe_url: str


class Mailer:
    """Hands mails to a provider, one connection each; safe to share between threads.

    Args:
        url: smtp://user:password@host:port (STARTTLS where the host offers it, and always when a password is sent)
            or smtps://…
        sender: The address mails come from.
        bridge_url: Where the bridge is reached by whoever wants no more mails.
    """

    def __init__(self, url: str, sender: str, bridge_url: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._bridge_url = bridge_url.rstrip("/")

    def unsubscribe_url(self, token: UUID) -> str:
        """Return where one POST stops the mails of whoever the token belongs to."""
        return f"{self._bridge_url}/unsubscribe?token={token}"

    def send(self, letter: Letter) -> None:
        """Hand a mail over.

        Args:
            letter: The mail.

        Raises:
            UnavailableError: The provider is away or asks to wait; repeat it later.
            MailRefusedError: It refused the mail for good.
        """
        message = self._compose(letter)
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _judged(min(codes, default=_PERMANENT), "the recipient") from error
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code, "the mail") from error
        except (OSError, smtplib.SMTPException) as error:
            raise UnavailableError(f"mail: {type(error).__name__}", code="mail_unavailable") from error

    def _compose(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Date"], message["Message-ID"] = formatdate(usegmt=True), letter.message_id
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        return message

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or _PORTS[self._url.scheme]
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls") or self._url.password:
                server.starttls(context=ssl.create_default_context())
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server


def _judged(code: int, what: str) -> SoulSeerError:
    if code >= _PERMANENT:
        return MailRefusedError(f"SMTP {code} for {what}")
    return UnavailableError(f"mail: SMTP {code} for {what}", code="mail_unavailable")


def make_mailer(settings: WorkerSettings) -> Mailer | None:
    """Return what hands mails over, or None where no provider is set.

    Args:
        settings: The workers' settings.
    """
    if settings.smtp_url is None:
        return None
    return Mailer(settings.smtp_url.get_secret_value(), settings.mail_from or "", settings.bridge_url or "")
