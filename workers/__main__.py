"""Runs the worker processes: `python -m workers`."""

from __future__ import annotations

from soulseer.process import begin
from soulseer.settings import WorkerSettings
from workers.supervisor import Supervisor


def main() -> None:
    """Work until told to stop."""
    Supervisor(begin("workers", WorkerSettings)).run()


if __name__ == "__main__":
    main()
