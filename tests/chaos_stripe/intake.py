"""Thousands of events into a receiver, a relay, workers and a queue that are killed again and again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.acceptance.people import Person
from tests.acceptance.platform import Platform
from tests.chaos_stripe import effects, events, obligations
from tests.chaos_stripe.earners import Earner, Obligation, ask, make_earners
from tests.chaos_stripe.events import Event
from tests.chaos_stripe.keeper import Keeper
from tests.chaos_stripe.senders import Senders

EARNERS: Final = 6
PAYERS: Final = 20
_DUPLICATES: Final = 0.1
# Nothing has moved for so long: it is stuck.
_STUCK_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 0.25

# As in production, but for how many top-ups one person may begin.
SETTINGS: Final = {"outbox.visibility_seconds": 30, "outbox.max_attempts": 12, "topup.per_hour": 10_000}

_PROCESSED: Final = "select count(*) as n from private.stripe_events where processed_at is not null"
_WAITING: Final = """
    select (select count(*) from private.stripe_events e where e.processed_at is null and e.parked_at is null)
         + (select count(*) from private.outbox o where o.parked_at is null)
         + (select count(*) from public.payouts p where p.id = any(%s) and p.status not in ('COMPLETED', 'FAILED')) as n
"""


@dataclass(slots=True)
class IntakeResult:
    """What a run of the intake came to.

    Attributes:
        events: Distinct events, by type.
        duplicates: Further deliveries of some of them.
        posts: Requests made for all of them.
        refused: Requests that were not answered with 2xx.
        payouts: Payouts asked for meanwhile, which give the relay its work.
        most_waiting: Most events that waited to be processed at a time.
        violations: What must never be and was.
    """

    events: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    posts: int = 0
    refused: int = 0
    payouts: int = 0
    most_waiting: int = 0
    violations: list[str] = field(default_factory=list)


class IntakeRun:
    """Makes events, posts them while parts die, waits until all is quiet, and judges.

    Args:
        platform: Where.
        seed: Everything that is drawn follows from it.
        keeper: Kills and restarts.
    """

    def __init__(self, platform: Platform, seed: int, keeper: Keeper) -> None:
        self._platform, self._keeper = platform, keeper
        self._chance = Random(f"{seed}/intake")  # noqa: S311  draws fates, guards nothing
        self._earners: Sequence[Earner] = ()
        self._owed: list[Obligation] = []
        self.payers: Sequence[Person] = ()
        self.sent: Sequence[Event] = ()
        self.acknowledged: set[str] = set()
        self.result = IntakeResult()

    def run(self, count: int, kills: int, tell: Callable[[str, int], None] = lambda *_: None) -> IntakeResult:
        """Post so many distinct events while so many processes are killed; judge once all is quiet.

        Args:
            count: How many events.
            kills: How many kills, spread over the time in which they are processed.
            tell: Called with what is done and how many events were processed so far.
        """
        tell("making payments", 0)
        self._prepare(count, kills)
        deliveries = self._shuffled()
        senders = Senders(self._platform, deliveries, held_back=len(deliveries) // (kills + 1))
        senders.start()
        try:
            self._kill_meanwhile(senders, count, kills, tell)
        finally:
            senders.close()
            self.acknowledged = senders.acknowledged
            self.result.posts, self.result.refused = senders.posts, senders.refused
        self.result.payouts = len(self._owed)
        self.result.violations += self.judge()
        return self.result

    @property
    def kills(self) -> int:
        """How many kills there were so far."""
        return self._keeper.total

    def judge(self) -> list[str]:
        """Return one sentence for each thing that is not as it must be, once all is quiet."""
        made = obligations.survey(self._platform, self._owed)
        return [
            *effects.judge_inbox(self._platform, self.sent, self.acknowledged),
            *effects.judge_wallets(self._platform, self.payers),
            *effects.judge_accounts(self._platform, [earner.account for earner in self._earners]),
            *obligations.judge(self._platform, self._owed, made),
            *obligations.judge_earnings(self._earners, self._owed, made),
            *obligations.judge_rest(self._platform),
        ]

    def _prepare(self, count: int, kills: int) -> None:
        platform, chance = self._platform, self._chance
        platform.calm()
        self._earners = make_earners(platform, EARNERS, kills)
        self.payers = [Person(platform) for _ in range(PAYERS)]
        payments, accounts, others = events.shares(count)
        self.sent = [
            *events.pay(platform, self.payers, chance, payments),
            *events.of_accounts(platform, [earner.account for earner in self._earners], chance, accounts),
            *events.ignored(chance, others),
        ]
        self.result.events.update(event.type for event in self.sent)

    def _shuffled(self) -> list[Event]:
        """Return every event once and some twice, in any order."""
        again = self._chance.sample(list(self.sent), round(len(self.sent) * _DUPLICATES))
        self.result.duplicates = len(again)
        deliveries = [*self.sent, *again]
        self._chance.shuffle(deliveries)
        return deliveries

    def _kill_meanwhile(self, senders: Senders, count: int, kills: int, tell: Callable[[str, int], None]) -> None:
        """Kill as the processing goes on, ask for a payout at each kill, and wait until nothing is left to do."""
        before = self._processed()
        most, moved_at = 0, time.monotonic()
        while True:
            done = self._processed() - before
            waiting = self._waiting()
            self.result.most_waiting = max(self.result.most_waiting, waiting)
            if done > most:
                most, moved_at = done, time.monotonic()
            tell("posting and killing" if not senders.is_done else "processing", done)
            killed = self._keeper.total
            if killed < kills and (done >= count * killed / (kills + 1) or time.monotonic() - moved_at > 10.0):
                self._owed += ask([self._chance.choice(self._earners)], self._chance, 1)
                self._keeper.kill_any(self._chance)
            elif killed >= kills:
                senders.release()
            if senders.is_done and not waiting:
                return
            if time.monotonic() - moved_at > _STUCK_SECONDS:
                self.result.violations.append(f"stuck: {waiting} events, jobs and payouts wait and nothing moves")
                return
            time.sleep(_LOOK_SECONDS)

    def _processed(self) -> int:
        return int(self._platform.rows(_PROCESSED)[0]["n"])

    def _waiting(self) -> int:
        return int(self._platform.rows(_WAITING, [owed.payout_id for owed in self._owed])[0]["n"])
