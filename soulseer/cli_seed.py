"""The command `soulseer seed`: people, shop and forum for the local stack, few by hand or many by number."""

from __future__ import annotations

from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_err = Console(stderr=True, highlight=False)


def seed(
    name: Annotated[
        str, typer.Option("--name", "-n", envvar="SOULSEER_STACK", help="The running stack to fill.")
    ] = "local",
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", min=1, help="Also make a large world, with this many sessions and all that goes with them."
        ),
    ] = None,
) -> None:
    """Apply supabase/seed.sql: readers, clients, hours, products, gifts, a forum. Safe to repeat.

    Everyone of the small world signs in as `<name>@soulseer.example` with the password `soulseer-demo`. A large world,
    for measuring, is made once a database; nobody of it can sign in.
    """
    from stack.database import MAIN
    from stack.errors import StackError
    from stack.instance import Stack
    from stack.scale.world import Shape, grow, plant

    try:
        stack = Stack.named(name)
        stack.env()
        server = stack.layout().server
        plant(server.dsn(MAIN, "postgres"))
        _err.print("The small world is there: sign in as [bold]nora@soulseer.example[/], password soulseer-demo.")
        if scale is None:
            return
        with Bars(_err) as bars:
            made = grow(server.dsn(MAIN), Shape.of(scale), bars.tell)
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    _err.print(f"{made.rows:,} rows in {made.seconds:.1f} s: {made.rows / made.seconds:,.0f} rows/s.")


class Bars:
    """One bar for each kind of row, as the world tells of it."""

    def __init__(self, console: Console) -> None:
        """Prepare for the console; nothing is shown before the block begins."""
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        """Move the bar of a kind of row, which appears when it is first told of."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done)
