"""Expectations: what must be true, what is waited for and how long, and where to look when it does not come."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

_LOOK_SECONDS = 0.1


class DemoError(Exception):
    """The demonstration did not go as it must.

    Args:
        reason: what was expected and what was there instead, one sentence.
        look: parts of the stack whose logs tell more, the likeliest first.
    """

    def __init__(self, reason: str, *look: str) -> None:
        """Keep the reason apart from where to look, so that both can be printed."""
        super().__init__(reason)
        self.reason = reason
        self.look = look


def expect(condition: bool, reason: str, *look: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Go on only if the condition holds.

    Raises:
        DemoError: it does not, for this reason.
    """
    if not condition:
        raise DemoError(reason, *look)


class Watch:
    """Waits for conditions, never blindly.

    Args:
        every_look: called before each look, so that the display follows and failures elsewhere surface.
    """

    def __init__(self, every_look: Callable[[], None]) -> None:
        """Nothing is waited for yet."""
        self._every_look = every_look

    def until(self, what: str, probe: Callable[[], Answer | None], *look: str, within: float = 15.0) -> Answer:
        """Return the probe's first answer that is not None.

        Args:
            what: what is waited for, as it completes "in vain for".
            probe: looks whether it is there.
            look: parts of the stack whose logs tell why it does not come.
            within: seconds to wait.

        Raises:
            DemoError: it did not come in time.
        """
        deadline = time.monotonic() + within
        while True:
            self._every_look()
            answer = probe()
            if answer is not None:
                return answer
            if time.monotonic() > deadline:
                raise DemoError(f"Waited {within:.0f} s in vain for {what}.", *look)
            time.sleep(_LOOK_SECONDS)
