"""Rates: how much may happen in a second, and how often a channel may do a thing within a window."""

import time


class Rate:
    """So many a second on the whole server, refilled steadily; a whole second's worth may come at once."""

    def __init__(self, per_second: int) -> None:
        """Start with a full measure."""
        self._per_second = per_second
        self._left = float(per_second)
        self._at = time.monotonic()

    def allows(self, count: int = 1) -> bool:
        """Take `count` of them if they are there, and say whether they were."""
        now = time.monotonic()
        self._left = min(float(self._per_second), self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < count:
            return False
        self._left -= count
        return True


class Window:
    """So many calls from the first one until the window closes."""

    def __init__(self, calls: int, seconds: float) -> None:
        """Start without an open window."""
        self._calls = calls
        self._seconds = seconds
        self._count = 0
        self._closes_at = 0.0

    def allows(self) -> bool:
        """Count a call, and say whether it is within the limit."""
        now = time.monotonic()
        if now > self._closes_at:
            self._count, self._closes_at = 0, now + self._seconds
        self._count += 1
        return self._count <= self._calls
