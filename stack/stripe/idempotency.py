"""Idempotency keys as Stripe keeps them: per account, for 24 hours, with the first answer whatever it was.

An answer is kept once the endpoint has begun to execute: refusals for lack of money and 500s too, but neither invalid
parameters nor conflicts nor rate limits. It is kept in the transaction that executes, so no kill can part the two.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from stack.stripe.errors import ApiError, invalid
from stack.stripe.forms import Raw
from stack.stripe.store import Body, Store

LIFETIME = 24 * 3600
_LONGEST = 255


@dataclass(frozen=True)
class Use:
    """A request under a key: account, key, path, and a digest of the parameters."""

    account: str
    key: str
    path: str
    fingerprint: str


@dataclass(frozen=True)
class Saved:
    """An answer given before, and the request that got it."""

    status: int
    body: Body
    request_id: str


def use(account: str, key: str, method: str, path: str, params: dict[str, Raw]) -> Use:
    """Describe a request under a key; raises ApiError when the key is too long."""
    if len(key) > _LONGEST:
        raise invalid(f"Idempotency-Key must be at most {_LONGEST} characters long.")
    digest = sha256(json.dumps([method, params], sort_keys=True).encode()).hexdigest()
    return Use(account, key, path, digest)


class Keys:
    """The keys in use now, and those of the last day."""

    def __init__(self, store: Store) -> None:
        """Args: where answers are kept."""
        self._store = store
        self._held: set[tuple[str, str]] = set()

    def replay(self, use: Use, now: float) -> Saved | None:
        """The answer saved under the key, None for a fresh key.

        Raises:
            ApiError: 400 idempotency_error for a key used with another endpoint or other parameters; 409 for a key
                whose first request still executes.
        """
        self._store.rows("delete from idempotency where created < ?", (now - LIFETIME,))
        found = self._store.rows("select * from idempotency where account = ? and key = ?", (use.account, use.key))
        if not found:
            if (use.account, use.key) in self._held:
                raise _in_use(use.key)
            return None
        row = found[0]
        if row["path"] != use.path:
            raise _misused(use.key, f"for the same endpoint they were first used for ('{row['path']}' vs '{use.path}')")
        if row["fingerprint"] != use.fingerprint:
            raise _misused(use.key, "with the same parameters they were first used with")
        return Saved(row["status"], json.loads(row["answer"]), row["request_id"])

    @contextmanager
    def held(self, use: Use) -> Iterator[None]:
        """Hold the key while its request executes."""
        name = (use.account, use.key)
        self._held.add(name)
        try:
            yield
        finally:
            self._held.discard(name)

    def save(self, use: Use, saved: Saved, now: float) -> None:
        """Keep an answer; called in the transaction that executed the request."""
        self._store.rows(
            "insert into idempotency (account, key, path, fingerprint, request_id, status, answer, created)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                use.account,
                use.key,
                use.path,
                use.fingerprint,
                saved.request_id,
                saved.status,
                json.dumps(saved.body),
                now,
            ),
        )


def _misused(key: str, rule: str) -> ApiError:
    message = (
        f"Keys for idempotent requests can only be used {rule}. Try using a key other than '{key}' if you meant to "
        "execute a different request."
    )
    return ApiError(400, message, kind="idempotency_error")


def _in_use(key: str) -> ApiError:
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later."
    )
    return ApiError(409, message, code="idempotency_key_in_use", kind="idempotency_error")
