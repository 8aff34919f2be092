"""What each session must have cost: worked out from who was heard when, on the virtual clock, and nothing else.

A side was there between two signs of life that lie no further apart than its timeout; shared time is time in which
both were there and the funds lasted. Increments, caps and refunds follow by the rules of `docs/sessions.md`, in plain
Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.simulation.books import Books, Posted
from tests.simulation.errors import ViolationError
from tests.simulation.template import Person
from tests.simulation.timeline import SECOND, micros

Row = dict[str, Any]
Span = tuple[int, int]
SIDES = ("client", "reader")
_FOREVER = 1 << 62
# Why others end a session that may be paused: a suspension, a freeze, an appointment of either side.
_STOPPED = ("account_suspended", "admin_ended", "max_minutes")


def share_of(amount: int, bps: int) -> int:
    """The reader's part of an amount."""
    return amount * bps // 10_000


def united(spans: list[Span]) -> list[Span]:
    """Stretches of time without overlaps."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


@dataclass
class Talk:
    """A session, and when each side was heard."""

    row: Row
    client: Person
    reader: Person
    beats: dict[str, list[int]] = field(default_factory=lambda: {"client": [], "reader": []})
    # Stretches without funds, as they were told; the last one has no end while it lasts.
    unfunded: list[Span] = field(default_factory=list)
    # A hint that a side left shortens patience; what follows is judged with tolerance.
    hints: int = 0
    # When the last hint about a side came: until it is heard again, it may count as gone.
    hinted: dict[str, int] = field(default_factory=dict)
    is_judged: bool = False
    was_suspended: bool = False
    was_frozen: bool = False
    # Increments that a promotion pays, the first ones.
    free: int = 0

    @property
    def id(self) -> str:
        """The session."""
        return str(self.row["id"])

    @property
    def status(self) -> str:
        """Where it is in its life."""
        return str(self.row["status"])

    @property
    def is_open(self) -> bool:
        """Tell whether it may still change."""
        return self.status in ("SCHEDULED", "IN_PROGRESS")

    def term(self, name: str) -> int:
        """A length or limit frozen at the request."""
        return int(self.row["terms"][name])

    @property
    def step(self) -> int:
        """Length of an increment."""
        return self.term("increment_seconds") * SECOND

    @property
    def started(self) -> int:
        """When it started."""
        return micros(self.row["started_at"])

    @property
    def most(self) -> int:
        """Increments it may have."""
        return max(1, int(self.row["max_minutes"]) * 60 // self.term("increment_seconds"))

    def price(self, increment: int) -> int:
        """Price of one increment, from 0."""
        return self.price_of(increment + 1) - self.price_of(increment)

    def price_of(self, increments: int) -> int:
        """Price of the first so many increments."""
        return int(self.row["reader_rate"]) * self.term("increment_seconds") * increments // 60

    def person(self, side: str) -> Person:
        """Who is on a side."""
        return self.client if side == "client" else self.reader

    def reserve_free(self, redemption: Row) -> None:
        """Know that free minutes are kept for it: whole increments, fewer where the reader is dear."""
        self.free = int(redemption["increments"])
        if not 0 < self.free <= self.most:
            raise ViolationError(f"{self.free} increments of session {self.id} are free, it has {self.most} at most")

    # Time ------------------------------------------------------------------------------------------------------------

    def gaps(self, side: str, now: int) -> list[Span]:
        """Stretches in which a side was silent for longer than its timeout, up to now."""
        beats, patience = self.beats[side], self.term("heartbeat_timeout_seconds") * SECOND
        found = [(a, b) for a, b in pairwise(beats) if b - a > patience]
        if beats and now - beats[-1] > patience:
            found.append((beats[-1], _FOREVER))
        return found

    def absences(self, now: int) -> list[Span]:
        """Stretches since the start in which either side was away."""
        both = self.gaps("client", now) + self.gaps("reader", now)
        return united([(max(a, self.started), b) for a, b in both if b > self.started])

    def shared(self, until: int, now: int) -> int:
        """Time both shared with funds until then, by what is known now."""
        away = united(self.absences(now) + [(a, b) for a, b in self.unfunded if b > a])
        lost = sum(min(b, until) - max(a, self.started) for a, b in away if a < until)
        return max(0, until - self.started - lost)

    def is_here(self, side: str, now: int) -> bool:
        """Tell whether a side counts as there."""
        beats = self.beats[side]
        return bool(beats) and now - beats[-1] <= self.term("heartbeat_timeout_seconds") * SECOND

    def is_surely_here(self, side: str, now: int) -> bool:
        """Tell whether a side counts as there although somebody may have seen it leave."""
        return self.is_here(side, now) and self.hinted.get(side, 0) < self.beats[side][-1]

    # What is told of it ----------------------------------------------------------------------------------------------

    def note(self, row: Row, now: int, books: Books, doing: tuple[str, str, str]) -> None:
        """Take over a change of its row; `doing` is (call, session, side) of the person who is calling."""
        before, self.row = self.row, row
        paused = row["pause_reason"] if row["paused_at"] else None
        if paused == "insufficient_funds" and before["pause_reason"] != "insufficient_funds":
            self._lose_funds(micros(row["paused_at"]), books)
        elif self.unfunded and self.unfunded[-1][1] == _FOREVER and paused != "insufficient_funds":
            self._find_funds(now, ended=not self.is_open)
        if before["status"] in ("SCHEDULED", "IN_PROGRESS") and not self.is_open:
            self._check_end(before, now, books, doing)

    def _lose_funds(self, at: int, books: Books) -> None:
        price = self.next_price(books)
        if books.funds(self.client.id) >= price:
            raise ViolationError(
                f"session {self.id} is paused for want of funds with {books.funds(self.client.id)} for {price}"
            )
        self.unfunded.append((at, _FOREVER))

    def _find_funds(self, now: int, *, ended: bool) -> None:
        start, _ = self.unfunded.pop()
        hidden = any(a < start < b for a, b in self.absences(now))
        if ended:
            self.unfunded.append((start, _FOREVER))
        elif not hidden:
            self.unfunded.append((start, now))

    def next_price(self, books: Books) -> int:
        """Price of the first increment that costs anything and is not paid."""
        key, number = str(self.row["transaction_id"]), self.free
        while (price := self.price(number)) == 0 or books.charged.get((key, number)) or books.borne.get((key, number)):
            number += 1
        return price

    def check_posted(self, increment: int, posted: Posted, now: int) -> None:
        """Judge the postings of one increment by one call."""
        price, bps = self.price(increment), int(self.row["share_bps"])
        if (posted.code == "free_increment") != (increment < self.free):
            raise ViolationError(f"{self.free} increments of {self.id} are free, {increment} is posted as {posted}")
        if posted.code == "free_increment":
            if posted.amount != share_of(price, bps) or posted.earned != posted.amount:
                raise ViolationError(
                    f"a promotion pays {posted} of increment {increment} of {self.id}, {bps} of {price}"
                )
            return
        if posted.code == "outage_increment":
            if posted.amount != share_of(price, bps):
                raise ViolationError(
                    f"the house bears {posted.amount} of increment {increment} of {self.id}, not the share of {price}"
                )
            return
        if posted.amount != price:
            raise ViolationError(f"increment {increment} of {self.id} costs {posted.amount}, not {price}")
        if posted.earned != share_of(price, bps):
            raise ViolationError(
                f"{posted.earned} of {price} is no share of {bps} bps: increment {increment} of {self.id}"
            )
        if self.shared(now, now) < increment * self.step:
            raise ViolationError(
                f"increment {increment} of {self.id} is charged after {self.shared(now, now) / SECOND} shared seconds, "
                f"{increment * self.step / SECOND} are paid"
            )

    # The end ---------------------------------------------------------------------------------------------------------

    def _check_end(self, before: Row, now: int, books: Books, doing: tuple[str, str, str]) -> None:
        reason = str(self.row["end_reason"])
        allowed = {
            "client_ended": ("end", "client"),
            "reader_ended": ("end", "reader"),
            "declined": ("decline", "reader"),
            "cancelled_by_client": ("cancel", "client"),
            "cancelled_by_reader": ("cancel", "reader"),
        }.get(reason)
        if allowed is not None and doing != (allowed[0], self.id, allowed[1]):
            raise ViolationError(f"session {self.id} ends as {reason} while {doing} happens")
        if reason == "account_suspended" and not (self.was_suspended or self.was_frozen):
            raise ViolationError(f"session {self.id} ends as suspended, nobody is")
        if reason == "admin_ended" and not self.was_frozen:
            raise ViolationError(f"session {self.id} ends by an administrator, its wallet was never frozen")
        if before["status"] != "IN_PROGRESS":
            self._check_unstarted(before, reason, now, books)
            return
        if reason == "insufficient_funds":
            self._check_no_funds(now, books)
        elif reason == "disconnected":
            self._check_disconnected(now)

    def _check_unstarted(self, before: Row, reason: str, now: int, books: Books) -> None:
        """Judge the end of a session that never started, and the fee of an appointment."""
        until = micros(before["expires_at"])
        is_agreed = before["scheduled_at"] is not None and before["accepted_at"] is not None
        if reason == "expired" and is_agreed:
            until = min(until, micros(before["scheduled_at"]) + self.term("funds_grace_seconds") * SECOND)
        if reason in ("expired", "no_show_client", "no_show_reader") and until > now:
            raise ViolationError(f"session {self.id} ends as {reason} early")
        for side in SIDES:
            has_come = before[f"{side}_joined_at"] is not None
            if reason.startswith("no_show_") and has_come == (reason == f"no_show_{side}"):
                raise ViolationError(f"session {self.id} ends as {reason}, {before}")
        self._check_fee(self._fee(before, reason, now) if is_agreed else 0, books)

    def _fee(self, before: Row, reason: str, now: int) -> int:
        at = micros(before["scheduled_at"])
        if reason == "no_show_client":
            bps = self.term("no_show_fee_bps")
        elif reason != "cancelled_by_client":
            bps = 0
        elif now >= at:
            bps = self.term("no_show_fee_bps") if before["reader_joined_at"] is not None else 0
        else:
            bps = self.term("late_cancel_fee_bps") if now > at - self.term("free_cancel_seconds") * SECOND else 0
        return int(self.row["reader_rate"]) * int(self.row["max_minutes"]) * bps // 10_000

    def _check_fee(self, due: int, books: Books) -> None:
        taken, earned = books.fees_since(self.client.id, self.reader.id)
        owed = min(due, books.funds(self.client.id) + taken)
        if (taken, earned) != (owed, share_of(owed, int(self.row["share_bps"]))):
            raise ViolationError(
                f"session {self.id} takes a fee of {taken}, its reader {earned}; {owed} of {due} is owed"
            )

    def _check_no_funds(self, now: int, books: Books) -> None:
        # What its end gives back was not there when it was decided.
        is_funded = books.funds(self.client.id) - books.call_returned[self.client.id] >= self.next_price(books)
        if is_funded and all(self.is_surely_here(side, now) for side in SIDES):
            raise ViolationError(
                f"session {self.id} is ended for want of funds, present and funded: {books.funds(self.client.id)} for "
                f"{self.next_price(books)}, {self._told(now)}"
            )
        if self.unfunded and now < self.unfunded[-1][0] + self.term("topup_grace_seconds") * SECOND:
            raise ViolationError(f"session {self.id} is ended for want of funds within its grace")

    def _told(self, now: int) -> str:
        """Describe what is known of it, in seconds after its start."""

        def seconds(*moments: int) -> list[float]:
            return [round((moment - self.started) / SECOND, 3) for moment in moments]

        heard = {side: seconds(*self.beats[side][-6:]) for side in SIDES}
        away, unfunded = ([seconds(*span) for span in spans] for spans in (self.absences(now), self.unfunded))
        return (
            f"now {seconds(now)}, heard {heard}, away {away}, unfunded {unfunded}, {self.hints} hints, "
            f"{self.free} free, {self.row}"
        )

    def _check_disconnected(self, now: int) -> None:
        away = self.absences(now)
        lasted = sum(min(b, now) - a for a, b in away)
        # One side's absence may be over before it is known that the other's has begun: two, though they overlap.
        most = sum(b > self.started for side in SIDES for _, b in self.gaps(side, now))
        if not self.hints and most <= self.term("max_pauses") and lasted <= self.term("max_paused_seconds") * SECOND:
            raise ViolationError(
                f"session {self.id} is disconnected after {len(away)} absences of {lasted / SECOND} s: "
                f"{self._told(now)}"
            )

    def judge(self, reasons_before: set[str | None], now: int, books: Books) -> None:
        """Compare a settled session with what it must have cost, and one that someone left with what it may keep."""
        if self.is_open:
            self._check_left(now, books)
        if self.is_judged or self.is_open:
            return
        self.is_judged = True
        if self.status not in ("COMPLETED", "DISCONNECTED"):
            if self.row["transaction_id"] is not None or self.row["total_cost"]:
                raise ViolationError(f"session {self.id} never ran and cost something")
            return
        ended, reason = micros(self.row["ended_at"]), str(self.row["end_reason"])
        shared = self.shared(ended, now)
        refund = (
            reason in ("reader_ended", "disconnected")
            or (reason in ("client_ended", *_STOPPED) and "reader_absent" in reasons_before)
            or (reason in _STOPPED and "client_absent" in reasons_before)
        )
        most = self._cost(shared, reason, books, refund=refund)
        least = most
        if self.hints:
            slack = self.hints * self.term("heartbeat_timeout_seconds") * SECOND * 2
            least = self._cost(max(0, shared - slack), reason, books, refund=True)
            most = max(most, self._cost(shared, reason, books, refund=False))
        if not least <= int(self.row["total_cost"]) <= most:
            raise ViolationError(
                f"session {self.id} cost {self.row['total_cost']}, not {most}: {shared / SECOND} s shared, {reason}, "
                f"rate {self.row['reader_rate']}, {self.term('increment_seconds')} s; unfunded "
                f"{[(a - self.started, b - self.started) for a, b in self.unfunded]}, away "
                f"{[((a - self.started) / SECOND, (b - self.started) / SECOND) for a, b in self.absences(now)]}, "
                f"ended after {(ended - self.started) / SECOND}, {self.row}"
            )

    def _check_left(self, now: int, books: Books) -> None:
        if self.hints or not self.row["paused_at"] or self.row["pause_reason"] == "insufficient_funds":
            return
        begun = self.shared(now, now) // self.step + 1
        key = str(self.row["transaction_id"])
        # Free ones wait for the return.
        kept = [number for number in range(max(begun, self.free), self.most) if books.charged.get((key, number))]
        if kept:
            raise ViolationError(f"session {self.id} is paused and keeps increments {kept}, {begun} have begun")

    def _cost(self, shared: int, reason: str, books: Books, *, refund: bool) -> int:
        if shared < self.term("min_billable_seconds") * SECOND:
            return 0
        whole, rest = divmod(shared, self.step)
        at_boundary = reason in ("insufficient_funds", *_STOPPED) or (
            bool(self.unfunded) and self.unfunded[-1][1] == _FOREVER
        )
        count = min(self.most, whole + (0 if at_boundary and rest == 0 else 1))
        key = str(self.row["transaction_id"])
        borne = [number for number in range(count) if number < self.free or self._is_borne(key, number, books)]
        cost = self.price_of(count) - sum(self.price(number) for number in borne)
        if refund and shared < count * self.step and count - 1 not in borne:
            used = max(int(self.row["reader_rate"]) * shared // (60 * SECOND), self.price_of(count - 1))
            cost -= self.price_of(count) - used
        return cost

    def _is_borne(self, key: str, number: int, books: Books) -> bool:
        """Tell whether the house bears an increment; a share that rounds to nothing leaves no posting of it."""
        if books.borne.get((key, number)):
            return True
        price = self.price(number)
        return price > 0 and share_of(price, int(self.row["share_bps"])) == 0 and (key, number) not in books.charged
