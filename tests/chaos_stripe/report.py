"""The tables at the end of a run: what happened, how often, and whether it held."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table

from tests.chaos_stripe.intake import IntakeResult
from tests.chaos_stripe.payouts import PayoutResult


def of_payouts(result: PayoutResult, seconds: float) -> Group:
    """Return the table of a run of payouts.

    Args:
        result: What it came to.
        seconds: How long it took.
    """
    faults = _table("fault", "met")
    for name, count in sorted(result.met.counts.items()):
        faults.add_row(name, f"{count:,}")
    faults.add_section()
    faults.add_row("all", f"{result.met.total:,}")
    summary = _table("payouts", "")
    summary.add_row("asked for", f"{len(result.asked):,}")
    summary.add_row("rounds", f"{result.rounds:,}")
    summary.add_row("tried again after the bank sent them back", f"{result.retried:,}")
    summary.add_row("unanswered requests while Stripe was away", f"{result.met.outage:,}")
    summary.add_row("longest pause between two tries", f"{result.longest_wait:.0f} s")
    _end(summary, result.violations, seconds)
    return Group(faults, summary)


def of_intake(result: IntakeResult, kills: Mapping[str, int], seconds: float) -> Group:
    """Return the table of a run of the intake.

    Args:
        result: What it came to.
        kills: Kills, by part.
        seconds: How long it took.
    """
    events = _table("event", "posted")
    for name, count in sorted(result.events.items()):
        events.add_row(name, f"{count:,}")
    events.add_section()
    events.add_row("all, distinct", f"{sum(result.events.values()):,}")
    events.add_row("duplicates", f"{result.duplicates:,}")
    killed = _table("killed", "times")
    for name, count in sorted(kills.items()):
        killed.add_row(name, f"{count:,}")
    killed.add_section()
    killed.add_row("all", f"{sum(kills.values()):,}")
    summary = _table("intake", "")
    summary.add_row("requests", f"{result.posts:,}")
    summary.add_row("not answered with 2xx, posted again", f"{result.refused:,}")
    summary.add_row("most waiting at a time", f"{result.most_waiting:,}")
    summary.add_row("payouts meanwhile", f"{result.payouts:,}")
    _end(summary, result.violations, seconds)
    return Group(events, killed, summary)


def _table(what: str, count: str) -> Table:
    table = Table()
    table.add_column(what)
    table.add_column(count, justify="right")
    return table


def _end(table: Table, violations: list[str], seconds: float) -> None:
    table.add_row("time", f"{seconds:,.0f} s")
    table.add_row("verdict", f"[red]{len(violations)} violations[/]" if violations else "[green]no violation[/]")
