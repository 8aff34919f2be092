"""Errors of the local stack: each says what is wrong and what to do, and the CLI prints them as they are."""


class StackError(Exception):
    """Something the stack cannot do.

    Args:
        message: what is wrong, one sentence.
        hint: what to do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the sentence and the advice apart, so that a caller can print them apart."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the sentence followed by the advice."""
        return f"{self.message} {self.hint}".rstrip()


class BinaryMissingError(StackError):
    """A server the stack needs is not installed for this platform."""


class DockerUnavailableError(StackError):
    """Docker was asked for and is not there, or its daemon does not answer."""


class MigrationError(StackError):
    """A baseline file or a migration failed in the database."""


class NotRunningError(StackError):
    """The stack, or the part asked for, is not running."""


class SeedError(StackError):
    """A world cannot be made of that size, or not in this database."""


class StartError(StackError):
    """A part of the stack did not become healthy in time."""
