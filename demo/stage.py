"""The stage: the stack the demonstration plays on, brought up before it and taken down after it, whatever happens."""

import fcntl
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from demo.waiting import DemoError
from stack.environment import StackEnv
from stack.errors import NotRunningError
from stack.instance import Stack

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class EndedError(Exception):
    """Somebody asked the demonstration to end: Ctrl-C, a closed terminal, a signal."""


class Stage:
    """One stack, held for the time of the demonstration.

    A stack that the demonstration made is its own: made anew at each run, removed at the end; after a failure it is
    only stopped, so that its logs can be read. A stack that was there before is used and left as it was found.

    Args:
        name: the stack's name.
        keep: whether the stack stays up at the end.
        tell: called with a line for each step.
    """

    def __init__(self, name: str, *, keep: bool, tell: Callable[[str], None]) -> None:
        """Nothing is started yet."""
        self._stack = Stack.named(name)
        self._keep = keep
        self._tell = tell
        self._mark = self._stack.paths.state / "made-by-demo"
        self._leaving = False

    @property
    def logs(self) -> str:
        """The folder of the log files."""
        return str(self._stack.paths.logs)

    @property
    def is_lent(self) -> bool:
        """Whether the stack was there before, and is somebody else's."""
        return self._stack.paths.state.exists() and not self._mark.exists()

    @contextmanager
    def held(self) -> Iterator[StackEnv]:
        """Bring the stack up; on the way out leave nothing running that was not running before.

        Raises:
            DemoError: another demonstration plays on this stack.
            StackError: the stack does not come up.
            EndedError: a signal asked to end.
        """
        with self._alone(), self._heeding_signals():
            lent, was_running = self.is_lent, self._is_running()
            is_worth_reading = True
            try:
                yield self._up(lent=lent)
                is_worth_reading = False
            except EndedError:
                is_worth_reading = False
                raise
            finally:
                self._leaving = True
                if not self._keep and not (lent and was_running):
                    self._take_down(remove=not lent and not is_worth_reading)

    def _up(self, *, lent: bool) -> StackEnv:
        if not lent:
            self._stack.remove()
            self._stack.paths.make()
            self._mark.touch()
        return self._stack.up(services=True, tell=self._tell).env

    def _take_down(self, *, remove: bool) -> None:
        self._tell("stopping the stack and the services")
        if remove:
            self._stack.remove()
        else:
            self._stack.down()

    def _is_running(self) -> bool:
        try:
            self._stack.env()
        except NotRunningError:
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Refuse a second demonstration on the same stack."""
        place = self._stack.paths.state.with_suffix(".demo")
        with place.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                name = self._stack.paths.name
                raise DemoError(f"Another demo plays on the stack {name!r}; choose one with --stack NAME.") from error
            try:
                yield
            finally:
                place.unlink(missing_ok=True)

    @contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        """End in good order when asked to, and once only: taking down is not interrupted."""

        def end(number: int, _frame: FrameType | None) -> None:
            if not self._leaving:
                raise EndedError(signal.Signals(number).name)

        before = {number: signal.signal(number, end) for number in _ENDING_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
