"""Takes mails over SMTP into the mailbox, as a provider would take them to people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from stack.auth.mailbox import Mail, Mailbox


class _Taker:
    """Keeps what is handed over."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Deliver a mail to each of its recipients."""
        content = envelope.content or b""
        message = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=policy.default)
        text = message.get_body(("plain",))
        body = text.get_content() if text is not None else ""
        for to in envelope.rcpt_tos:
            mail = Mail(to=to, kind="smtp", subject=str(message["Subject"] or ""), token="", link="", body=body)
            self._mailbox.deliver(mail)
        return "250 Kept in the mailbox"


@asynccontextmanager
async def receive_mail(mailbox: Mailbox, host: str, port: int | None) -> AsyncIterator[None]:
    """Listen for mails while the server runs.

    Args:
        mailbox: where they go.
        host: address to listen on.
        port: port to listen on; None to listen nowhere.
    """
    if port is None:
        yield
        return
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Taker(mailbox), hostname="localhost", loop=loop), host, port)
    async with server:
        yield
