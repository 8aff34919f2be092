"""Alternating slices: machines are noisy, so a thing and its peer take turns, and the median of their ratios counts."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A ratio and what it should be.

    Attributes:
        name: what was measured.
        measured: the measured thing, for people, with its unit.
        peer: its peer, for people.
        ratio: measured ÷ peer.
        goal: the bound.
        at_most: whether the goal is an upper bound; else a lower one.
    """

    name: str
    measured: str
    peer: str
    ratio: float
    goal: float
    at_most: bool

    @property
    def met(self) -> bool:
        """Tell whether the goal is met."""
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def seconds_each(act: Callable[[], object], times: int) -> float:
    """Return how long one of so many calls takes."""
    begun = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - begun) / times


def compare(measured: Callable[[], float], peer: Callable[[], float], slices: int) -> tuple[float, float, float]:
    """Let two take turns.

    Args:
        measured: runs one slice, and answers its figure.
        peer: the same of the peer.
        slices: how many turns each has.

    Returns:
        The median figure of each, and the median of the ratios of neighbouring slices.
    """
    figures = [(measured(), peer()) if turn % 2 else (peer(), measured())[::-1] for turn in range(slices)]
    return (
        statistics.median(one for one, _ in figures),
        statistics.median(other for _, other in figures),
        statistics.median(one / other for one, other in figures),
    )
