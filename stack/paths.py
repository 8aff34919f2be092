"""Where a stack keeps its files: a folder per project folder and name, reachable by the uid Postgres runs under."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_NAME = "local"
NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


def state_root() -> Path:
    """Return the folder that holds every stack of this user, making it first.

    SOULSEER_STACK_HOME replaces it. It lies outside the project and outside the home folder because Postgres refuses
    to run as root and the user it then runs as often cannot read either. It stays short: a Unix socket's path has 107
    bytes.

    Raises:
        StackError: the folder belongs to someone else or others may write to it.
    """
    configured = os.environ.get("SOULSEER_STACK_HOME")
    root = Path(configured) if configured else Path(f"/var/tmp/soulseer-{os.geteuid()}")  # noqa: S108
    root.mkdir(mode=0o755, parents=True, exist_ok=True)
    info = root.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid() or info.st_mode & 0o022:
        raise StackError(
            f"{root} is not a folder only this user may write to.",
            "Remove it, or name another with SOULSEER_STACK_HOME.",
        )
    return root


@dataclass(frozen=True, slots=True)
class StackPaths:
    """The files of one stack.

    Attributes:
        name: name of the stack, unique within a project folder.
        state: the state folder, readable by its owner and, for Postgres, traversable by others.
    """

    name: str
    state: Path

    @classmethod
    def of(cls, name: str) -> "StackPaths":
        """Return the paths of the stack of this project called `name`. Makes nothing but the folder of all stacks.

        Raises:
            StackError: the name has characters a folder or a database should not have.
        """
        if not NAME_PATTERN.fullmatch(name):
            raise StackError(
                f"{name!r} is no name for a stack.",
                "Use up to 32 of a-z, 0-9, - and _, starting with a letter or digit.",
            )
        digest = hashlib.sha256(str(PROJECT_ROOT).encode()).hexdigest()[:10]
        return cls(name=name, state=state_root() / f"{digest}-{name}")

    def make(self) -> None:
        """Make the folders of the stack."""
        for folder in (self.state, self.logs, self.records, self.socket):
            folder.mkdir(mode=0o755, exist_ok=True)
        # Keys lie in this one.
        self.private.mkdir(mode=0o700, exist_ok=True)

    @property
    def logs(self) -> Path:
        """Folder of the log files, one per part."""
        return self.state / "logs"

    @property
    def records(self) -> Path:
        """Folder of the process records, one per running part."""
        return self.state / "run"

    @property
    def private(self) -> Path:
        """Folder of keys and configuration files with keys, for the owner only."""
        return self.state / "private"

    @property
    def stripe_state(self) -> Path:
        """File that holds all the Stripe stand-in remembers."""
        return self.private / "stripe.sqlite"

    @property
    def storage(self) -> Path:
        """Folder of the bytes of stored objects."""
        return self.private / "storage"

    @property
    def data(self) -> Path:
        """Data folder of Postgres."""
        return self.state / "pgdata"

    @property
    def socket(self) -> Path:
        """Folder of the Unix socket of Postgres."""
        return self.state / "socket"

    @property
    def lock(self) -> Path:
        """Lock file held while the stack is being changed."""
        return self.state.with_suffix(".lock")

    @property
    def migrations(self) -> Path:
        """Folder of the project's migrations."""
        return PROJECT_ROOT / "supabase" / "migrations"
