"""Jobs of the upkeep, each sent by the scheduler."""

from __future__ import annotations

from soulseer import jobs
from workers.tools import Tools
from workers.upkeep import service


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """

    def sweep_stripe_events() -> None:
        service.sweep_stripe_events(tools)

    def run_upkeep() -> None:
        service.run_upkeep(tools)
        service.pay_on_schedule(tools)

    def roll_up() -> None:
        service.roll_up(tools)

    def check_ledger() -> None:
        service.check_ledger(tools)

    tools.actor(jobs.SWEEP_STRIPE_EVENTS, sweep_stripe_events, priority=5)
    tools.actor(jobs.RUN_UPKEEP, run_upkeep, priority=20)
    tools.actor(jobs.ROLL_UP, roll_up, priority=20)
    tools.actor(jobs.CHECK_LEDGER, check_ledger, priority=20)
