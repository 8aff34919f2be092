"""The link in every mail that stops such mails, for people and for mail programs (RFC 8058)."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from soulseer.errors import BadRequestError
from soulseer.rpc import AsyncRpc
from soulseer.worker_api import notifications

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mails</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:17px system-ui;margin:3rem auto;max-width:30rem}}</style>
{content}</html>"""
_ASK = """<h1>No more mails?</h1><p>Notifications stay in the app.
<form method="post"><button>Stop the mails</button></form>"""
_DONE = "<h1>You get no more mails.</h1><p>You can have them again in the app's settings."


async def ask(request: Request) -> Response:
    """Answer GET /unsubscribe: a page with a button, since programs that look at links must stop nothing."""
    _token(request)
    return HTMLResponse(_PAGE.format(content=_ASK))


async def stop(rpc: AsyncRpc, request: Request) -> Response:
    """Answer POST /unsubscribe; an unknown token is answered as a known one.

    Args:
        rpc: The door to the database.
        request: The call, with the token in its query.

    Raises:
        BadRequestError: invalid_input: there is no token.
        RpcUnavailableError: The database is away.
    """
    await rpc.run(notifications.unsubscribe(_token(request)))
    return HTMLResponse(_PAGE.format(content=_DONE))


def _token(request: Request) -> UUID:
    try:
        return UUID(request.query_params.get("token", ""))
    except ValueError as error:
        raise BadRequestError("invalid_input", "The link is not whole.", hint="Open it from the mail again.") from error
