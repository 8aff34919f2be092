"""The display: what happens, line by line, and a table of the money that is live on a terminal."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table

from demo.money import minutes, shown
from demo.rows import SessionState


@dataclass(frozen=True, slots=True)
class Figures:
    """What the table shows. Amounts in minor units.

    Attributes:
        state: of the session, in words.
        minutes: charged so far.
        charged: to the client, so far.
        wallet: what the client can spend.
        reader: what the reader earned so far.
        low: whether the client is warned of a low balance.
    """

    state: str
    minutes: int
    charged: int
    wallet: int
    reader: int
    low: bool

    @property
    def platform(self) -> int:
        """What the platform earned: the rest."""
        return self.charged - self.reader

    @classmethod
    def of(cls, client: SessionState, reader: SessionState) -> "Figures | None":
        """Return what both sides were told, or None while one of them has not heard of the latest charge."""
        if client.cost != reader.cost:
            return None
        paused = f"paused: {client.pause_reason.replace('_', ' ')}" if client.pause_reason else None
        return cls(
            state=paused or client.status.lower().replace("_", " "),
            minutes=minutes(client.billed_seconds),
            charged=client.cost,
            wallet=client.balance or 0,
            reader=reader.earned or 0,
            low=client.low_balance,
        )


class Board:
    """Prints steps, and the figures while a session runs.

    Args:
        console: where to.
    """

    def __init__(self, console: Console) -> None:
        """Begin to count the seconds."""
        self.console = console
        self._began = time.monotonic()
        self._live: Live | None = None
        self._figures: Figures | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def act(self, title: str) -> None:
        """Open a part of the story."""
        self.console.print(f"\n[bold]{title}[/]")

    def say(self, line: str) -> None:
        """Tell one thing that happened, with the time."""
        self.console.print(f"[dim]{self.seconds:5.1f} s[/]  {line}", highlight=False, soft_wrap=True)

    def show(self, figures: Figures | None) -> None:
        """Show the figures, if they changed."""
        if figures is None or figures == self._figures:
            return
        self._figures = figures
        if self._live is not None:
            self._live.update(_table(figures), refresh=True)
        else:
            self.say(_line(figures))

    @contextlib.contextmanager
    def live(self) -> Iterator[None]:
        """Keep the table below the lines where there is a terminal; elsewhere the figures are lines."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, auto_refresh=False) as self._live:
            yield
        self._live = None


def _line(figures: Figures) -> str:
    warned = "  LOW BALANCE" if figures.low else ""
    return (
        f"{figures.state:<22} minutes {figures.minutes}  charged {shown(figures.charged)}  "
        f"wallet {shown(figures.wallet)}  reader {shown(figures.reader)}  platform {shown(figures.platform)}{warned}"
    )


def _table(figures: Figures) -> Table:
    table = Table(title="The session, live", title_justify="left")
    # Wide enough for whatever comes, so that the columns stand still.
    table.add_column("session", min_width=22)
    for title in ("minutes", "charged", "wallet", "reader", "platform"):
        table.add_column(title, justify="right", min_width=11)
    colour = "yellow" if figures.state.startswith("paused") else "green"
    table.add_row(
        f"[{colour}]{figures.state}[/]",
        str(figures.minutes),
        shown(figures.charged),
        f"[red]{shown(figures.wallet)} low[/]" if figures.low else shown(figures.wallet),
        shown(figures.reader),
        shown(figures.platform),
    )
    return table
