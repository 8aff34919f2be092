"""Draw docs/pictures: `python -m bench.pictures`, measured on a stack of its own, gone afterwards."""

import os
import statistics
from pathlib import Path
from typing import Any, Final

import pygal
from pygal.style import CleanStyle
from rich.console import Console

from bench.money.charging import SESSIONS, grow
from bench.money.lateness import lateness
from bench.money.live_sessions import live_sessions
from bench.pgbench import Pgbench, pgbench_on
from stack.instance import Stack
from stack.paths import PROJECT_ROOT
from stack.postgres import PostgresServer

_FOLDER: Final = PROJECT_ROOT / "docs" / "pictures"
_BATCHES: Final = (10, 50, 100, 200, 500, 1_000, 2_000)
_HISTORIES: Final = (10_000, 100_000, 1_000_000)
_SLICES: Final = 3
_FEW: Final = 1_000
_STYLE: Final = CleanStyle(
    font_family="sans-serif", background="white", plot_background="white", title_font_size=18, label_font_size=13,
    major_label_font_size=13, legend_font_size=14, colors=("#7a3e9d", "#c2410c", "#0f766e"),
)  # fmt: skip


def main() -> None:
    """Measure and draw."""
    console = Console(stderr=True, highlight=False)
    stack = Stack.named(f"pictures-{os.getpid()}")
    _FOLDER.mkdir(exist_ok=True)
    try:
        stack.up(services=False)
        server = stack.layout().server
        with pgbench_on(server) as pgbench:
            console.print("rate against batch size")
            _rate(server, pgbench).render_to_file(str(_FOLDER / "rate-by-batch.svg"))
        console.print("cost against history")
        _history(server).render_to_file(str(_FOLDER / "cost-by-history.svg"))
        console.print("lateness")
        _lateness(server).render_to_file(str(_FOLDER / "lateness.svg"))
    finally:
        stack.remove()
    for place in sorted(Path(_FOLDER).glob("*.svg")):
        console.print(str(place.relative_to(PROJECT_ROOT)))


def _chart(kind: Any, title: str, x: str, y: str, **options: Any) -> Any:  # noqa: ANN401  # the library has no types
    return kind(
        style=_STYLE, title=title, x_title=x, y_title=y, width=860, height=460, js=(), pretty_print=True, margin=18,
        truncate_label=-1,
        include_x_axis=True, legend_at_bottom=True, disable_xml_declaration=True, **options,
    )  # fmt: skip


def _rate(server: PostgresServer, pgbench: Pgbench) -> Any:  # noqa: ANN401
    chart = _chart(pygal.Line, "Increments charged per second, two workers", "sessions a call", "per second")
    chart.x_labels = [f"{batch:,}" for batch in _BATCHES]
    rates, peers = [], []
    with live_sessions(server, SESSIONS) as live:
        for batch in _BATCHES:
            peers.append(statistics.median(pgbench.yardstick(1.0) for _ in range(_SLICES)))
            rates.append(statistics.median(live.charge(batch, 1.0) for _ in range(_SLICES)))
    chart.add("charged", [round(rate) for rate in rates])
    chart.add("B: pgbench -N", [round(peer) for peer in peers])
    return chart


def _history(server: PostgresServer) -> Any:  # noqa: ANN401
    chart = _chart(pygal.Line, "Cost of an increment as history grows", "postings in the ledger", "microseconds")
    chart.x_labels = [f"{history:,}" for history in _HISTORIES]
    lines = []
    for history in _HISTORIES:
        with live_sessions(server, _FEW) as live:
            grow(live, history)
            lines.append(round(1e6 / statistics.median(live.charge(500, 1.0) for _ in range(_SLICES)), 1))
    chart.add("two workers, batches of 500", lines)
    return chart


def _lateness(server: PostgresServer) -> Any:  # noqa: ANN401
    late = statistics.quantiles(lateness(server), n=100)
    title = f"Lateness of a charge, {SESSIONS:,} sessions in steady load"
    chart = _chart(pygal.Line, title, "percentile", "seconds", show_dots=False, range=(0, 1.25))
    chart.x_labels = [str(percentile) for percentile in range(1, 100)]
    chart.x_labels_major = ["1", "25", "50", "75", "99"]
    chart.show_minor_x_labels = False
    chart.add("from due to posted", [round(seconds, 3) for seconds in late])
    chart.add("goal for the 99th", [1.0] * len(late))
    return chart


if __name__ == "__main__":
    main()
