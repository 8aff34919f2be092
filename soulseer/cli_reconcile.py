"""The command `soulseer reconcile`: what Stripe moved, held against the ledger."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from soulseer.worker_api.reconciliation import Difference

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)
_MOST = 200


def reconcile(
    since: Annotated[
        datetime | None,
        typer.Option("--from", help="Beginning, UTC (default: yesterday's midnight).", show_default=False),
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="End, UTC (default: now).", show_default=False)] = None,
    name: Annotated[
        str,
        typer.Option(
            "--name",
            "-n",
            envvar="SOULSEER_STACK",
            help="The running stack; SOULSEER_SUPABASE_URL, if set, goes first.",
        ),
    ] = "local",
) -> None:
    """Compare Stripe's balance transactions with the ledger, and list what differs and what to do about it.

    Reads the platform's balance and those of the readers who were paid; nothing is booked. What is younger than the
    setting reconcile.grace_seconds may be on its way and is no difference. Exit status 1: something differs.

    **Examples**

        soulseer reconcile                                       # yesterday and today
        soulseer reconcile --from 2026-11-01 --to 2026-12-01     # November
    """
    from soulseer.errors import SoulSeerError
    from stack.errors import StackError

    now = datetime.now(UTC)
    start = _utc(since) or now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    try:
        _use_stack(name)
        differences = _reconcile(start, _utc(until) or now)
    except (SoulSeerError, StackError) as error:
        _err.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if differences:
        _print(differences)
        raise typer.Exit(1)
    _out.print("Stripe and the ledger agree.")


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _use_stack(name: str) -> None:
    if "SOULSEER_SUPABASE_URL" in os.environ:
        return
    from stack.instance import Stack
    from stack.parts import service_settings

    stack = Stack.named(name)
    stack.env()
    os.environ.update(service_settings(stack.layout()))


def _reconcile(since: datetime, until: datetime) -> list[Difference]:
    from soulseer.settings import WorkerSettings, load
    from soulseer.worker_api.reconciliation import open_differences
    from workers.reconciliation import service
    from workers.tools import Tools

    tools = Tools.make(load(WorkerSettings))
    try:
        with Progress(
            TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=_err
        ) as bars:
            tasks: dict[str, TaskID] = {}

            def tell(what: str, done: int, of: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(what, total=of)
                bars.update(tasks[what], completed=done)

            finished = service.reconcile(tools, since, until, tell)
        _err.print(
            f"{finished.movements:,} movements read; {finished.found:,} new differences, {finished.open:,} open."
        )
        return tools.rpc.run(open_differences(_MOST)) if finished.open else []
    finally:
        tools.rpc.close()


def _print(differences: list[Difference]) -> None:
    table = Table("moved at (UTC)", "account", "what", "at Stripe", "in the ledger", "how they differ, and what to do")
    for row in differences:
        table.add_row(
            f"{row.moved_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            row.account,
            row.subject,
            "—" if row.at_stripe is None else f"{row.at_stripe:,}",
            "—" if row.in_ledger is None else f"{row.in_ledger:,}",
            f"{row.kind}: {row.what_to_do}",
        )
    _out.print(table)
