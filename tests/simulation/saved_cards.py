"""What auto-reload may charge: by consent, from a low wallet, one at a time, and never more than the cap of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.errors import ViolationError

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Row = dict[str, Any]
_OPEN = ("SENDING", "UNKNOWN")


class Reloads:
    """Agreements and attempts, from the journal, and what must be true of them."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._terms: dict[str, Row] = {}
        self._attempts: dict[str, Row] = {}

    def agreed(self, row: Row) -> None:
        """Take over what somebody agreed to."""
        self._terms[row["user_id"]] = row

    def attempt(self, row: Row) -> None:
        """Take over an attempt, or what became of it."""
        before = self._attempts.get(row["id"])
        self._attempts[row["id"]] = row
        if before is None:
            self._check_begun(row)
        elif before["status"] in ("SUCCEEDED", "FAILED") and before["status"] != row["status"]:
            raise ViolationError(f"an auto-reload ends twice: {before} becomes {row}")

    def _check_begun(self, row: Row) -> None:
        user, month = row["user_id"], row["created_at"][:7]
        terms, own = (
            self._terms[user],
            [other for other in self._attempts.values() if other["user_id"] == row["user_id"]],
        )
        if not terms["is_active"] or terms["amount"] != row["amount"]:
            raise ViolationError(f"an auto-reload that nobody agreed to: {row}, {terms}")
        if sum(other["status"] in _OPEN for other in own) > 1:
            raise ViolationError(f"two auto-reloads at once: {own}")
        spent = sum(
            other["amount"] for other in own if other["status"] != "FAILED" and other["created_at"][:7] == month
        )
        if spent > terms["monthly_cap"]:
            raise ViolationError(f"auto-reloads of {spent} in {month}, {terms['monthly_cap']} is the cap")
        talk, books = self._sim.talks[row["session_id"]], self._sim.books
        low = terms["threshold"] or int(talk.row["reader_rate"]) * talk.term("low_balance_minutes")
        if talk.client.id != user or not talk.is_open:
            raise ViolationError(f"an auto-reload for no session of the person: {row}")
        if books.funds(user) >= max(low, talk.next_price(books)):
            raise ViolationError(f"an auto-reload of a wallet with {books.funds(user)}, low is {low}: {row}")

    def check_at_rest(self) -> None:
        """Each attempt has come to an end, and what Stripe charged for it says the same."""
        charged: dict[str, list[str]] = {}
        store = self._sim.stripe.world.store
        for intent in store.select("payment_intent", None, {}, limit=1_000_000):
            if (attempt := intent["metadata"].get("attempt_id")) is not None:
                charged.setdefault(attempt, []).append(intent["status"])
        for row in self._attempts.values():
            paid = charged.pop(row["id"], []).count("succeeded")
            if row["status"] not in ("SUCCEEDED", "FAILED") or paid != (row["status"] == "SUCCEEDED"):
                raise ViolationError(f"an auto-reload stands as {row['status']}, Stripe charged {paid} times: {row}")
        if charged:
            raise ViolationError(f"Stripe charged for attempts that nobody made: {charged}")
