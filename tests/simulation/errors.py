"""What ends a step early: a refusal, a death of a process, a broken invariant."""

from __future__ import annotations


class RefusedError(Exception):
    """The database refused a call, as listed in private.error_codes."""

    def __init__(self, code: str, sqlstate: str, details: str, hint: str = "") -> None:
        super().__init__(f"{code} ({sqlstate}) {details}")
        self.code = code
        self.sqlstate = sqlstate
        self.details = details
        self.hint = hint


class CutError(Exception):
    """The connection broke: whether the call was done is not known to whoever made it."""


class KilledError(BaseException):
    """The process that ran dies here. Not an Exception, since no handler of a process hears its own SIGKILL."""


class ViolationError(BaseException):
    """Something is true that must never be. Not an Exception, so that no code under test can swallow it."""
