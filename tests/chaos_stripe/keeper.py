"""Kills parts of a running platform, and starts them again as a process manager does in production."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.acceptance.platform import Platform
from tests.acceptance.waiting import eventually

# `worker` is a process under the workers' supervisor; `workers` is the supervisor with all of them.
_WORKER: Final = "worker"
TARGETS: Final = ("webhooks", "bridge", "valkey", "workers", "scheduler", _WORKER)
# The relay runs in the bridge.
NAMES: Final = {"webhooks": "receiver", "bridge": "relay", _WORKER: "worker process", "workers": "all workers"}
_TOGETHER: Final = 0.15
_LONGEST_AWAY_SECONDS: Final = 1.0


@dataclass(slots=True)
class Keeper:
    """Kills with SIGKILL, by process id, and repairs.

    Attributes:
        platform: What is killed.
        kills: Kills so far, by part.
    """

    platform: Platform
    kills: Counter[str] = field(default_factory=Counter)
    _next: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All kills so far."""
        return sum(self.kills.values())

    def kill_any(self, chance: Random) -> None:
        """Kill the next in an order that is drawn, now and then two at once, and start it again a moment later."""
        count = 2 if chance.random() < _TOGETHER else 1
        if len(self._next) < count:
            self._next = [*self._next, *chance.sample(TARGETS, len(TARGETS))]
        targets, self._next = self._next[:count], self._next[count:]
        if _WORKER in targets:
            self.kill_workers(chance)
        parts = {part for part in targets if part != _WORKER}
        if parts:
            self.kill_parts(sorted(parts), away=chance.random() * _LONGEST_AWAY_SECONDS)

    def kill_workers(self, chance: Random) -> int:
        """Kill one worker process or all of them, which their supervisor replaces; return how many."""
        found = eventually(self.platform.worker_pids, "worker processes")
        chosen = found if chance.random() < 0.5 else [chance.choice(found)]
        killed = 0
        for pid in chosen:
            # One that died by itself in between was not killed.
            with suppress(ProcessLookupError):
                self.platform.kill_pids([pid])
                killed += 1
        self.kills[NAMES[_WORKER]] += killed
        return killed

    def kill_parts(self, parts: list[str], *, away: float) -> None:
        """Kill parts with their children, and start them again.

        Args:
            parts: Which.
            away: Seconds until they are started again.
        """
        self.platform.mend()
        # A child may end between being seen and being killed.
        with suppress(ProcessLookupError), self.platform.without(*parts):
            self.kills.update(NAMES.get(part, part) for part in parts)
            time.sleep(away)
        self.platform.mend()
