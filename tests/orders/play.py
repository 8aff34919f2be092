"""Plays a story in an order: what Stripe does, what it tells, what our jobs do, each open to what comes between.

An order is a list of moves:

- `advance`: the next thing happens at Stripe.
- `start N`: the deed number N begins: an event is delivered (again), or a job is run (again).
- `go N`: the earliest begun run of deed N makes one step, to just before its next call of the database or of Stripe.

What a list leaves out happens at its end, in the story's own order; so every list is a whole order, a part of one too,
and the empty list is the order in which nothing is late.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from soulseer.errors import RpcError
from tests.orders.desk import Desk
from tests.orders.digest import digest
from tests.orders.story import Deed, Story, tools_over
from tests.simulation.errors import ViolationError
from workers.tools import Tools

Move = tuple[str, int]
# Calls that nothing can come between in a way that matters: an event that is stored is read at once.
_AT_ONCE = frozenset({"store_stripe_event", "read_stripe_event", "fail_stripe_event", "ignore_stripe_event"})
_COPIES, _ROUNDS, _LONGEST = 3, 6, 400
_WAITING = (
    "select string_agg(type || ': ' || coalesce(last_error, ''), '; ') "
    "from private.stripe_events where processed_at is null"
)


class _AbandonedError(BaseException):
    """The order has ended without this run."""


@dataclass
class Run:
    """One run of a deed, in a thread that works only when it is told to."""

    number: int
    deed: Deed
    error: BaseException | None = None
    is_over: bool = False
    is_abandoned: bool = False
    haste: float = 1.0
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def begin(self, tools: Tools) -> None:
        """Run to the first place where another may come between."""
        threading.Thread(target=self._work, args=(tools,), daemon=True, name=f"run-{self.number}").start()
        self.back.acquire()

    def step(self) -> None:
        """Go on to the next such place, or to the end."""
        self.go.release()
        self.back.acquire()

    def pause(self) -> None:
        """Let others come between."""
        self.back.release()
        self.go.acquire()
        if self.is_abandoned:
            raise _AbandonedError

    def _work(self, tools: Tools) -> None:
        _mine.run = self
        try:
            self.deed.run(tools)
        except _AbandonedError:
            pass
        except BaseException as error:  # noqa: BLE001  told to whoever plays the order
            self.error = error
        self.is_over = True
        self.back.release()


class _Mine(threading.local):
    run: Run | None = None


_mine = _Mine()


def pause(what: str) -> None:
    """Called before each call of a run."""
    if _mine.run is not None and what not in _AT_ONCE:
        _mine.run.pause()


class Play:
    """One order of a story, as it is played; everything is undone at its end."""

    def __init__(self, story: Story, desk: Desk) -> None:
        self.story, self.desk = story, desk
        self.moves: list[Move] = []
        self.runs: list[Run] = []
        self.begun = [0] * len(story.deeds)
        self.ran = [False] * len(story.deeds)
        self._tools = tools_over(desk, story.script.answer, pause)
        story.script.now = 0
        desk.begin()

    # Moves ----------------------------------------------------------------------------------------------------------

    def may_advance(self) -> bool:
        """Whether something happens at Stripe by itself."""
        return not self.story.script.is_over and not self.story.script.next_is_posted

    def may_start(self, number: int) -> bool:
        """Whether a deed can be done, or done again."""
        since = self.story.deeds[number].since
        return since <= self.story.script.now and self.begun[number] < _COPIES

    def running(self, number: int) -> Run | None:
        """The earliest begun run of a deed that is not over."""
        return next((run for run in self.runs if run.number == number), None)

    def haste_of(self, number: int) -> float:
        """How soon the run of a deed goes on, against others."""
        run = self.running(number)
        return 1.0 if run is None else run.haste

    def make(self, move: Move) -> bool:
        """Make a move; answers whether it was possible."""
        what, number = move
        if what == "advance" and self.may_advance():
            self.story.script.now += 1
        elif what == "start" and self.may_start(number):
            self.begun[number] += 1
            run = Run(number, self.story.deeds[number])
            self.runs.append(run)
            run.begin(self._tools)
            self._look(run)
        elif what == "go" and (going := self.running(number)) is not None:
            going.step()
            self._look(going)
        else:
            return False
        self.moves.append(move)
        return True

    def _look(self, run: Run) -> None:
        if not run.is_over:
            return
        self.runs.remove(run)
        if run.error is None:
            self.ran[run.number] = True
        elif not isinstance(run.error, RpcError):
            raise ViolationError(f"{run.deed.name}: {type(run.error).__name__}: {run.error}") from run.error

    # To the end -----------------------------------------------------------------------------------------------------

    def finish(self, *, check: bool = False) -> str:
        """Let everything that is left happen in the story's order, and return what the order came to.

        Args:
            check: Whether to prove the ledger as well.

        Raises:
            ViolationError: Something was never applied.
        """
        while self.runs:
            self._through(self.runs[0])
        while not self.story.script.is_over:
            if self.may_advance():
                self.make(("advance", 0))
            else:
                self._round(only_jobs=True)
        for _ in range(_ROUNDS):
            if not self._undone():
                break
            self._round()
        if left := self._undone():
            names = ", ".join(self.story.deeds[number].name for number in sorted(left))
            raise ViolationError(f"never applied: {names} ({self.desk.text(_WAITING)})")
        if check and (problems := self.desk.text("select json_agg(c) from ledger.check() c")):
            raise ViolationError(f"the ledger is wrong: {problems}")
        return digest(self.desk, self.story.people, netted=self.story.is_netted)

    def _undone(self) -> set[int]:
        """Jobs that have not run to their end, and events that have not been applied or ignored."""
        query = "select coalesce(json_agg(event_id), '[]') from private.stripe_events where processed_at is not null"
        applied = set(json.loads(self.desk.text(query)))
        return {
            number
            for number, deed in enumerate(self.story.deeds)
            if (deed.event_id not in applied if deed.event_id else not self.ran[number])
        }

    def _round(self, *, only_jobs: bool = False) -> None:
        """The sweeper, and the relay: whatever is not done is begun again."""
        before = self.story.script.now
        for number in sorted(self._undone()):
            deed = self.story.deeds[number]
            if deed.since > self.story.script.now or (only_jobs and deed.event_id):
                continue
            self.begun[number] = min(self.begun[number], _COPIES - 1)
            self.make(("start", number))
            while (run := self.running(number)) is not None:
                self._through(run)
        if only_jobs and self.story.script.now == before and not self.may_advance():
            raise ViolationError("a job never did at Stripe what it does in the story")

    def _through(self, run: Run) -> None:
        while not run.is_over:
            self.make(("go", run.number))

    def close(self) -> None:
        """Undo everything."""
        for run in self.runs:
            run.is_abandoned = True
            run.step()
        self.desk.roll_back()


def replay(story: Story, desk: Desk, moves: Sequence[Move], *, check: bool = False) -> str:
    """Play a list of moves, leave out what is not possible, and return what the order came to."""
    play = Play(story, desk)
    try:
        for move in moves:
            play.make(move)
        return play.finish(check=check)
    finally:
        play.close()


def draw(story: Story, desk: Desk, rng: Random, *, check: bool = False) -> tuple[list[Move], str]:
    """Play an order drawn at random; return its moves and what it came to, or what was wrong with it."""
    play = Play(story, desk)
    # From "everything is late" to "everything at once", from one after the other to all between one another.
    hurry, eager, serial = (10.0 ** rng.choice((-3, -1, 0, 1, 3)) for _ in range(3))
    again = rng.choice((0.0, 0.1, 0.3))
    reach = rng.choice((1, 3, 100))
    try:
        while len(play.moves) < _LONGEST and (moves := _possible(play, rng, again, reach)):
            weights = [
                {"advance": hurry, "start": eager}.get(what) or serial * play.haste_of(number) for what, number in moves
            ]
            play.make(rng.choices(moves, weights)[0])
            if play.moves[-1][0] == "start" and play.runs:
                # One in four falls asleep: what it has fetched grows old before it is applied.
                play.runs[-1].haste = rng.choice((1.0, 1.0, 1.0, 0.0001))
        return play.moves, play.finish(check=check)
    except ViolationError as violation:
        return play.moves, f"violation: {violation}"
    finally:
        play.close()


def _possible(play: Play, rng: Random, again: float, reach: int) -> list[Move]:
    moves: list[Move] = [("go", number) for number in {run.number for run in play.runs}]
    if play.may_advance():
        moves.append(("advance", 0))
    waiting = [
        number for number, begun in enumerate(play.begun)
        if play.may_start(number) and (begun == 0 or (rng.random() < again * 0.5**begun))
    ]  # fmt: skip
    # Within reach of the oldest, the next one to come is any; with a long reach the last may come first.
    moves += [("start", number) for number in rng.sample(waiting[:reach], min(2, len(waiting[:reach])))]
    return moves


def shrink(story: Story, desk: Desk, moves: Sequence[Move], expected: str) -> list[Move]:
    """Return a short list of moves that still does not come to what is expected, none of which can be left out."""

    def is_wrong(tried: Sequence[Move]) -> bool:
        try:
            return replay(story, desk, tried) != expected
        except ViolationError:
            return True

    kept = list(moves)
    size = max(1, len(kept) // 2)
    while kept:
        smaller = [kept[:at] + kept[at + size :] for at in range(0, len(kept), size)]
        found = next((tried for tried in smaller if is_wrong(tried)), None)
        if found is not None:
            kept = found
        elif size == 1:
            break
        size = max(1, min(size, len(kept)) // (1 if found is not None else 2))
    return kept
