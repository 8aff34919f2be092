"""Run the fault tests of Stripe: `python -m tests.chaos_stripe`, on a stack of its own, gone afterwards."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.acceptance.platform import Platform
from tests.chaos_stripe import intake, payouts, report
from tests.chaos_stripe.intake import IntakeRun
from tests.chaos_stripe.keeper import Keeper
from tests.chaos_stripe.payouts import PayoutRun

_out = Console(highlight=False, soft_wrap=True)
_EPILOG = """
Payouts: readers ask to be paid while calls to Stripe are cut, delayed, refused or answered with errors, accounts are
restricted, idempotency keys expire and workers are killed. For each payout Stripe may have one transfer and one bank
payout that stands, no more; it ends paid, or failed with its money back.

Intake: signed events are posted by several clients, some of them twice, while receiver, relay, workers, scheduler and
queue are killed with SIGKILL. Each acknowledged event must be stored, and each stored one have its effect, once.

examples:
  make chaos-stripe                                     both, 1,000 faults, 50,000 events, 200 kills
  make chaos-stripe SEED=7 ARGS="--only payouts"        payouts alone
  make chaos-stripe ARGS="--events 2000 --kills 20"     a shorter intake
  make chaos-stripe ARGS="--faults 50 --events 500 --kills 5"   a few minutes

What is drawn follows the seed; which request meets a fault, and what a process does when it is killed, is the machine's
own. A run that fails says what was violated, and exits with 1.
"""


def main() -> int:
    """Run what was asked for; return 1 when something that must never be true was."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.chaos_stripe",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--seed", type=int, help="what is drawn follows from it (default: a new one)")
    asked.add_argument("--faults", type=_positive, default=1000, help="faults of the payouts (default: %(default)s)")
    asked.add_argument("--events", type=_positive, default=50_000, help="distinct events (default: %(default)s)")
    asked.add_argument("--kills", type=int, default=200, help="kills during the intake (default: %(default)s)")
    asked.add_argument("--only", choices=("payouts", "intake"), help="one of the two alone")
    options = asked.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1_000_000)  # noqa: S311  no secret
    _out.print(f"seed {seed}")
    violations: list[str] = []
    if options.only != "intake":
        violations += _payouts(seed, options.faults)
    if options.only != "payouts":
        violations += _intake(seed, options.events, options.kills)
    for violation in violations:
        _out.print(violation, markup=False, style="red")
    if violations:
        _out.print(f"[red]{len(violations)} violations[/] with seed {seed}")
        return 1
    _out.print("[green]no violation[/]")
    return 0


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _payouts(seed: int, faults: int) -> list[str]:
    with _own_platform("payouts", payouts.SETTINGS) as platform, _bar("faults", faults) as told:
        keeper = Keeper(platform)
        began = time.monotonic()
        result = PayoutRun(platform, seed, keeper).run(faults, lambda done: told("payouts under faults", done))
        seconds = time.monotonic() - began
    _out.print(report.of_payouts(result, seconds))
    return result.violations


def _intake(seed: int, events: int, kills: int) -> list[str]:
    with _own_platform("intake", intake.SETTINGS) as platform, _bar("events", events) as told:
        keeper = Keeper(platform)
        began = time.monotonic()
        run = IntakeRun(platform, seed, keeper)
        result = run.run(events, kills, lambda what, done: told(f"{what}, {keeper.total} kills", done))
        seconds = time.monotonic() - began
    _out.print(report.of_intake(result, keeper.kills, seconds))
    return result.violations


@contextmanager
def _bar(unit: str, total: int) -> Iterator[Callable[[str, int], None]]:
    """Show a progress bar, and give what moves it: called with what is done and how far it is."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as bars:  # fmt: skip
        task = bars.add_task("preparing", total=total)
        yield lambda what, done: bars.update(task, description=what, completed=min(done, total))


@contextmanager
def _own_platform(part: str, settings: Mapping[str, object]) -> Iterator[Platform]:
    platform = Platform(f"chaos-{part}-{os.getpid()}")
    # Ended from outside, it still takes its stack along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        platform.start()
        for key, value in settings.items():
            platform.change_setting(key, value)
        yield platform
    finally:
        platform.close()


if __name__ == "__main__":
    sys.exit(main())
