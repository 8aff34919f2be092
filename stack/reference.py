"""Writes the pages of `docs/` that come out of the database, so that they cannot say anything else than it does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import scalar_row, tuple_row

from stack import access, diagrams
from stack.paths import PROJECT_ROOT

_DOCS = PROJECT_ROOT / "docs"

_ERRORS = """# Errors

Made by `soulseer docs build` from `private.error_codes`.

Every refusal of the database is a JSON body with four members, as PostgREST sends it:

    {"code": "PT402", "message": "insufficient_funds", "details": "The wallet …", "hint": "Top up …"}

`message` is the stable code to act on, `details` a sentence for people (it may be more precise than the one below),
`hint` what to do. The HTTP status is the number in `code`. `rate_limited` also carries a `Retry-After` header. The
bridge answers the same codes as `{"code", "message", "details", "hint", "request_id"}`.

| code | HTTP | meaning | what to do |
| --- | --- | --- | --- |
"""

_SERVICE_ERRORS = """
## Refusals of the functions, the bridge and the webhook receiver

| code | HTTP | meaning | what to do |
| --- | --- | --- | --- |
| `unauthenticated` | 401 | No valid access token came along. | Sign in and send it as `Authorization: Bearer`. |
| `invalid_json` | 400 | The body is not JSON. | Send a JSON object. |
| `invalid_input` | 422 | A member is missing, unknown or of the wrong type. | Mend those `details` names. |
| `body_too_large` | 413 | The body is larger than the receiver takes. | Send less. |
| `bad_signature` | 400 | Signed wrongly, too early or late, for another route, or seen before. | Check secret, clock. |
| `malformed_event` | 400 | Signed, but not an event. | Look at the sender. |
| `payment_provider_refused` | 422 | Stripe refused; `details` says why. | Act on the details. |
| `payment_provider_unavailable` | 503 | Stripe did not answer. | Repeat with the same idempotency key. |
| `database_unavailable` | 503 | The database cannot be reached. | Repeat with the same idempotency key. |
| `auth_unavailable` | 503 | The signing keys cannot be fetched. | Repeat. |
| `storage_unavailable` | 503 | Storage does not answer. | Repeat. |
| `service_unavailable` | 503 | What stands behind it does not answer. | Repeat with the same idempotency key. |
| `turn_not_configured` | 503 | No TURN server is set up. | Connect directly. |
| `not_found`, `method_not_allowed` | 404, 405 | No such route. | See the architecture page for the routes. |
| `internal_error` | 500 | A fault of ours. | Quote the request id. |
"""

_SETTINGS = """# Settings

Made by `soulseer docs build` from `system_settings`. Durations are in seconds unless the name says otherwise, money in
minor units. A session keeps the values that held when it was requested.

| key | default | range | public | what it does |
| --- | --- | --- | --- | --- |
"""

_CALLS = """# Calls

Made by `soulseer docs build` from the functions of schema `public`. Each is called as `supabase.rpc(name, arguments)`
by a signed-in user. Money is in minor units.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A generated page.

    Attributes:
        place: its file.
        text: what it must hold.
    """

    place: Path
    text: str


def pages(dsn: str) -> list[Page]:
    """Return every generated page, as the database at `dsn` (the postgres role) says it."""
    makers: dict[str, Callable[[psycopg.Connection], str]] = {
        "errors.md": _errors,
        "settings.md": _settings,
        "calls.md": _calls,
    }
    with psycopg.connect(dsn) as database:
        texts = {name: make(database) for name, make in makers.items()}
        texts |= {"access.md": access.page(), **diagrams.pages(database)}
        return [Page(_DOCS / name, text) for name, text in texts.items()]


def build(dsn: str) -> list[Path]:
    """Write the pages that differ and return their places."""
    changed = [page for page in pages(dsn) if not page.place.exists() or page.place.read_text() != page.text]
    for page in changed:
        page.place.parent.mkdir(parents=True, exist_ok=True)
        page.place.write_text(page.text)
    return [page.place for page in changed]


def _errors(database: psycopg.Connection) -> str:
    rows = database.cursor(row_factory=tuple_row).execute(
        "select code, status, sentence, hint from private.error_codes order by code"
    )
    listed = "".join(f"| `{code}` | {status} | {sentence} | {hint} |\n" for code, status, sentence, hint in rows)
    return _ERRORS + listed + _SERVICE_ERRORS


def _settings(database: psycopg.Connection) -> str:
    rows = database.cursor(row_factory=tuple_row).execute(
        "select key, value, minimum, maximum, is_public, description from public.system_settings order by key"
    )
    return _SETTINGS + "".join(
        f"| `{key}` | {value} | {'' if low is None else f'{low} to {high}'} | {'yes' if public else 'no'} | {what} |\n"
        for key, value, low, high, public, what in rows
    )


def _calls(database: psycopg.Connection) -> str:
    rows = database.cursor(row_factory=scalar_row).execute(
        """
        select format(E'\\n## %s\\n\\n`%s(%s) → %s`\\n\\n%s\\n', p.proname, p.proname,
                      pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
                      obj_description(p.oid, 'pg_proc'))
        from pg_proc p
        where p.pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute')
        order by p.proname
        """
    )
    return _CALLS + "".join(str(row) for row in rows)
