"""Payouts under faults, in rounds: some are asked for, Stripe misbehaves, workers die, all recovers, all is judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from random import Random
from typing import Final, LiteralString

from tests.acceptance.platform import HASTEN_EVENTS, Platform
from tests.acceptance.waiting import eventually
from tests.chaos_stripe import obligations
from tests.chaos_stripe.earners import BALANCE, Earner, Obligation, ask, make_earners, wait_open
from tests.chaos_stripe.faults import TRANSFERS, Met, draw
from tests.chaos_stripe.keeper import Keeper

EARNERS: Final = 8
PER_ROUND: Final = 40
_FAULTS_A_PAYOUT: Final = 3.0
# A fault is met, or given up, within so many seconds.
_STORM_SECONDS: Final = 7.0
# In one round of so many Stripe takes no call of ours, for as many tries as are counted of what waits.
_OUTAGES: Final = 4
_OUTAGE_PAYOUTS: Final = 8
_OUTAGE_SECONDS: Final = 40.0
_OUTAGE_GOES_ON_SECONDS: Final = 6.0
# How long a call is waited for that meets a delay.
_CALL_SECONDS: Final = 1.5
# Nothing may be given a longer pause: once all is well again, it goes on within this time.
_LONGEST_WAIT_SECONDS: Final = 300.0
_PATIENCE_SECONDS: Final = 90.0
_DAY_AND_MORE: Final = 25 * 3600

# As in production; the tests' platform is more patient.
SETTINGS: Final = {"outbox.max_attempts": 12}
# So many tries are counted of a job that waits; see `private.patient`.
_COUNTED: Final = SETTINGS["outbox.max_attempts"] - 4

_OPEN: Final = """
    select p.id from public.payouts p where p.id = any(%s) and p.status not in ('COMPLETED', 'FAILED')
    union all select o.id from private.outbox o where o.topic = 'payout.execute'
"""
_FAILED_AT_THE_BANK: Final = """
    select p.id, p.reader_id from public.payouts p
    where p.id = any(%s) and p.status = 'FAILED' and p.stripe_transfer_id is not null order by p.id
"""
_FEWEST_TRIES: Final = "select min(attempts) as tries from private.outbox where topic = 'payout.execute'"
_EVENTS_OPEN: Final = "select event_id from private.stripe_events where processed_at is null"
# What time would do: everything that waits is due. What was parked stays parked.
# A job that a worker may have in hand is invisible for two seconds at most, and left alone.
_HASTEN_JOBS: Final[LiteralString] = """
    update private.outbox set visible_at = now() where visible_at > now() + interval '2 seconds'
"""
_WAIT: Final = """
    select coalesce(extract(epoch from max(due.visible_at) - now()), 0)::float as seconds from (
        select o.visible_at from private.outbox o where o.topic = 'payout.execute' and o.parked_at is null
        union all
        select e.visible_at from private.stripe_events e where e.processed_at is null and e.parked_at is null
    ) due
"""

_SENT_BACK: Final = "bank payout failed at the bank"
_TRIES_TO_SEND_BACK: Final = 3

Act = Callable[[Random], None]


@dataclass(slots=True)
class PayoutResult:
    """What a run of payouts came to.

    Attributes:
        met: Faults that happened, by kind.
        asked: Every payout asked for.
        rounds: Rounds played.
        retried: Payouts that failed at the bank and were sent on their way again.
        longest_wait: Longest pause that a job or event was given, seconds, as seen before it was made due.
        violations: What must never be and was, with its round.
    """

    met: Met = field(default_factory=Met)
    asked: list[Obligation] = field(default_factory=list)
    rounds: int = 0
    retried: int = 0
    longest_wait: float = 0.0
    violations: list[str] = field(default_factory=list)


class PayoutRun:
    """Plays rounds until enough faults happened.

    Args:
        platform: Where; its settings are as the tests have them.
        seed: Everything that is drawn follows from it.
        keeper: Kills workers.
        with_days: Whether faults that last a day are among them, which need the stand-in's clock to be advanced.
        per_round: Payouts asked for in a round.
    """

    def __init__(
        self, platform: Platform, seed: int, keeper: Keeper, *, with_days: bool = True, per_round: int = PER_ROUND
    ) -> None:
        self._platform, self._seed, self._keeper = platform, seed, keeper
        self._with_days, self._per_round = with_days, per_round
        self.earners: Sequence[Earner] = ()
        self.result = PayoutResult()

    def run(self, faults: int, tell: Callable[[int], None] = lambda _: None) -> PayoutResult:
        """Play rounds until so many faults happened, or something that must never be was.

        Args:
            faults: How many.
            tell: Called with the number of faults so far.
        """
        self._platform.calm()
        self.earners = make_earners(self._platform, EARNERS, ceil(faults / EARNERS) + self._per_round)
        self.result.met = Met.since_now(self._platform)
        while self.result.met.total < faults and not self.result.violations:
            self._round(Random(f"{self._seed}/payouts/{self.result.rounds}"))  # noqa: S311  draws fates
            self.result.rounds += 1
            tell(self.result.met.total)
        if not self.result.violations:
            self._judge(self.result.asked)
        return self.result

    # One round

    def _round(self, chance: Random) -> None:
        wait_open(self.earners)
        is_outage = self.result.rounds % _OUTAGES == _OUTAGES - 1
        if not is_outage:
            self._impose(chance)
        if is_outage:
            # Told before the payouts are asked for, so that the first call meets it.
            self._begin_outage(chance)
        owed = ask(self.earners, chance, _OUTAGE_PAYOUTS if is_outage else self._per_round)
        self.result.asked += owed
        if is_outage:
            self._outage()
        else:
            self._storm(chance, owed)
        try:
            self._recover(owed)
            self._send_back(chance, owed)
            if self._retry(chance, owed):
                self._recover(owed)
        except AssertionError as error:
            self.result.violations.append(f"round {self.result.rounds}: {error}")
        self.result.met.read(self._platform, is_outage=is_outage)
        self._judge(owed)

    def _impose(self, chance: Random) -> None:
        accounts = [earner.account for earner in self.earners]
        for planned in draw(chance, accounts, round(self._per_round * _FAULTS_A_PAYOUT), with_days=self._with_days):
            planned.impose(self._platform)
        if chance.random() < 0.3:
            self._platform.control("balance", {"currency": "usd", "available": chance.randint(0, 1000)})
            self.result.met.note("platform's balance empty")

    def _storm(self, chance: Random, owed: Sequence[Obligation]) -> None:
        """Let the faults happen, and kill, restrict, advance the clock and fail bank payouts meanwhile."""
        until = time.monotonic() + _STORM_SECONDS

        def fail_at_the_bank(chance: Random) -> None:
            self._fail_at_the_bank(chance, owed)

        # Some are drawn twice as often as others.
        twice: Sequence[Act] = (self._kill_in_a_call, self._restrict, fail_at_the_bank)
        once: Sequence[Act] = (self._kill, self._expire_keys) if self._with_days else (self._kill,)
        acts = [*twice, *twice, *once]
        while time.monotonic() < until and self._is_open(owed):
            time.sleep(chance.random())
            chance.choice(acts)(chance)
            self._hasten(_HASTEN_JOBS)

    def _begin_outage(self, chance: Random) -> None:
        """Let Stripe take no call of ours any more; the first few are done, and their answers lost."""
        self._platform.fault("POST", TRANSFERS, kind="drop", when="after", times=chance.randint(1, _OUTAGE_PAYOUTS))
        refusal = {"kind": "error", "status": 401, "times": 1_000_000}
        self._platform.control("faults", {"match": {"path": "/v1/*"}, **refusal})

    def _outage(self) -> None:
        """Wait until each job was tried as often as is counted of one that waits, and a little longer."""
        until = time.monotonic() + _OUTAGE_SECONDS
        while time.monotonic() < until:
            (row,) = self._platform.rows(_FEWEST_TRIES)
            if row["tries"] is None or row["tries"] >= _COUNTED:
                until = min(until, time.monotonic() + _OUTAGE_GOES_ON_SECONDS)
            self._hasten(_HASTEN_JOBS)
            time.sleep(0.2)

    # What happens meanwhile

    def _kill(self, chance: Random) -> None:
        self.result.met.note("worker process killed", self._keeper.kill_workers(chance))

    def _kill_in_a_call(self, chance: Random) -> None:
        """Kill soon after a call has met a delay or a timeout: it is under way, or done and not yet recorded."""
        slow = self._slow_faults()
        until = time.monotonic() + _CALL_SECONDS
        while time.monotonic() < until:
            met = slow.keys() - self._slow_faults().keys()
            if met:
                time.sleep(chance.random())
                what = f"worker process killed, a call {slow[met.pop()]}"
                self.result.met.note(what, self._keeper.kill_workers(chance))
                return
            time.sleep(0.03)

    def _slow_faults(self) -> dict[int, str]:
        """Return the delays and timeouts that no call has met yet, with what a call that meets them is."""
        return {
            fault["id"]: "done, not recorded" if fault.get("when") == "after" else "under way"
            for fault in self._platform.control("faults")["faults"]
            if fault["kind"] in {"delay", "timeout"}
        }

    def _restrict(self, chance: Random) -> None:
        limits = ({"payouts_off": True}, {"disabled_reason": "requirements.past_due"}, {"due": ["individual.dob.day"]})
        self._platform.control(f"accounts/{chance.choice(self.earners).account}", chance.choice(limits))
        self.result.met.note("account restricted")

    def _expire_keys(self, _chance: Random) -> None:
        """Let a day pass at Stripe while no worker runs: a call that lasts for a day there is not."""
        with self._platform.without("workers"):
            self._platform.control("clock", {"advance_seconds": _DAY_AND_MORE})
        self.result.met.note("workers killed, keys expired before their next try")

    def _fail_at_the_bank(self, chance: Random, owed: Sequence[Obligation]) -> None:
        """Have the bank refuse a payout of the round, paid already or not."""
        asked = str(chance.choice(owed).payout_id)
        for made in self._platform.control(f"count/payout?metadata[payout_id]={asked}")["ids"]:
            answer = self._platform.http.post(
                f"{self._platform.env.stripe_api_url}/_control/payouts/{made}",
                json={"status": "failed", "failure_code": "account_closed"},
            )
            if answer.is_success:
                self.result.met.note(_SENT_BACK)

    # Afterwards

    def _is_open(self, owed: Sequence[Obligation]) -> bool:
        return bool(self._platform.rows(_OPEN, [obligation.payout_id for obligation in owed]))

    def _recover(self, owed: Sequence[Obligation]) -> None:
        """Let all be well, and wait until nothing is under way; raises AssertionError when that does not come."""
        platform = self._platform
        platform.calm()
        platform.mend()
        platform.control("balance", {"currency": "usd", "available": BALANCE})
        for earner in self.earners:
            platform.control(f"accounts/{earner.account}", {})
        if self._with_days:
            self._expire_keys(Random(0))  # noqa: S311  draws nothing

        def settled() -> bool:
            if not self._is_open(owed) and not platform.rows(_EVENTS_OPEN):
                return True
            self._hasten(_HASTEN_JOBS, HASTEN_EVENTS)
            time.sleep(0.2)
            return False

        platform.wait_delivered()
        eventually(settled, "every payout settled and every event processed", seconds=_PATIENCE_SECONDS)

    def _send_back(self, chance: Random, owed: Sequence[Obligation]) -> None:
        """Have the bank send a few payouts back that were paid, and wait until that is known."""
        before = len(self._platform.rows(_FAILED_AT_THE_BANK, [one.payout_id for one in owed]))
        known = self.result.met.counts.get(_SENT_BACK, 0)
        for _ in range(_TRIES_TO_SEND_BACK):
            self._fail_at_the_bank(chance, owed)
        self._recover(owed)
        sent_back = self.result.met.counts.get(_SENT_BACK, 0) - known
        after = len(self._platform.rows(_FAILED_AT_THE_BANK, [one.payout_id for one in owed]))
        assert after == before + sent_back, f"the bank sent {sent_back} back, {after - before} are known"

    def _retry(self, chance: Random, owed: Sequence[Obligation]) -> int:
        """Have readers try again most of what failed at the bank; the rest stays failed, and both are judged."""
        wait_open(self.earners)
        people = {earner.person.id: earner.person for earner in self.earners}
        failed = self._platform.rows(_FAILED_AT_THE_BANK, [obligation.payout_id for obligation in owed])
        asked = [row for row in failed if chance.random() < 0.7]
        for row in asked:
            people[str(row["reader_id"])].call("retry_payout", payout_id=str(row["id"]))
        self.result.retried += len(asked)
        return len(asked)

    def _hasten(self, *updates: LiteralString) -> None:
        """Make due what waits, as time would, and remember how long the most patient of it would have waited."""
        (row,) = self._platform.rows(_WAIT)
        if row["seconds"] > max(_LONGEST_WAIT_SECONDS, self.result.longest_wait):
            self.result.violations.append(f"round {self.result.rounds}: something waits {row['seconds']:.0f} s")
        self.result.longest_wait = max(self.result.longest_wait, row["seconds"])
        for update in updates:
            self._platform.rows(update)

    def _judge(self, owed: Sequence[Obligation]) -> None:
        made = obligations.survey(self._platform, owed)
        problems = obligations.judge(self._platform, owed, made) + obligations.judge_rest(self._platform)
        if owed is self.result.asked:
            problems += obligations.judge_earnings(self.earners, owed, made)
        self.result.violations += [f"round {self.result.rounds}: {problem}" for problem in problems]
