"""The mailbox: every mail of the local stack, kept for tests and people to read."""

import contextlib
import html
import json
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

KEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail.

    `kind` says why it was sent (signup, magiclink, recovery, invite, email_change, reauthentication); those of others
    come over SMTP, and say so.
    """

    to: str
    kind: str
    subject: str
    token: str
    """The code a person types."""
    link: str
    """The link a person follows; empty when the mail carries a code only."""
    body: str = ""
    """What a mail of others says, in the place of code and link."""
    id: str = field(default_factory=lambda: str(uuid4()))
    sent_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def text(self) -> str:
        """Give the body as a person reads it."""
        if self.body:
            return self.body
        lines = [f"Your code: {self.token}"]
        if self.link:
            lines.append(f"Or follow this link: {self.link}")
        return "\n".join(lines)


def _as_line(mail: Mail) -> str:
    return json.dumps(asdict(mail))


class Mailbox:
    """The last thousand mails, newest first; written through to a file when one is given."""

    def __init__(self, path: Path | None) -> None:
        """Start with what the file holds, or empty without one; the file is cut to what is kept."""
        self._path = path
        self._mails: deque[Mail] = deque(maxlen=KEPT)
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                # A server killed while writing leaves half a line behind.
                with contextlib.suppress(ValueError):
                    self._mails.appendleft(Mail(**json.loads(line)))
            path.write_text("".join(f"{_as_line(mail)}\n" for mail in reversed(self._mails)), encoding="utf-8")

    def deliver(self, mail: Mail) -> None:
        """Keep a mail."""
        self._mails.appendleft(mail)
        if self._path is not None:
            # A mail may open an account: the file is its owner's alone from its first byte.
            self._path.touch(mode=0o600)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_as_line(mail) + "\n")

    def read(self, to: str | None = None) -> list[Mail]:
        """List the mails, newest first, of one address or of everybody."""
        address = to.lower() if to else None
        return [mail for mail in self._mails if address is None or mail.to.lower() == address]

    def empty(self) -> None:
        """Throw every mail away."""
        self._mails.clear()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _page(mails: list[Mail]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(mail.sent_at[:19])}</td><td>{html.escape(mail.to)}</td>"
        f"<td>{html.escape(mail.subject)}</td><td><code>{html.escape(mail.token)}</code></td><td>"
        + (f'<a href="{html.escape(mail.link)}">open link</a>' if mail.link else "")
        + "</td></tr>"
        for mail in mails
    )
    return (
        "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=5><title>Mailbox</title>"
        "<style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem 1rem;text-align:left}</style>"
        "<h1>Mailbox</h1><form><input name=to placeholder='address'><button>Show</button></form>"
        f"<table><tr><th>Sent (UTC)<th>To<th>Subject<th>Code<th></tr>{rows}</table>"
    )


def mailbox_routes(mailbox: Mailbox) -> list[Route]:
    """Make the routes: `GET /mailbox?to=<address>` as JSON, or as a page for a browser; `DELETE` empties it."""

    async def show(request: Request) -> Response:
        mails = mailbox.read(request.query_params.get("to"))
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(_page(mails))
        return JSONResponse([asdict(mail) | {"text": mail.text()} for mail in mails])

    async def empty(_request: Request) -> Response:
        mailbox.empty()
        return Response(status_code=204)

    return [Route("/mailbox", show, methods=["GET"]), Route("/mailbox", empty, methods=["DELETE"])]
