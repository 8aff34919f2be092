"""Starts a process: settings are read, logs set up, and a refusal to start is said plainly."""

from __future__ import annotations

import sys
from typing import NoReturn, TypeVar

from soulseer import logs
from soulseer.errors import SettingsError
from soulseer.settings import Settings, load

SettingsT = TypeVar("SettingsT", bound=Settings)

# The exit code of a process whose configuration is wrong (EX_CONFIG of sysexits): restarting cannot help.
MISCONFIGURED = 78


def begin(service: str, kind: type[SettingsT]) -> SettingsT:
    """Return a process's settings with its logs set up, or end the process saying what is missing.

    Args:
        service: Name of the process.
        kind: Its settings class.
    """
    try:
        settings = load(kind)
    except SettingsError as error:
        _refuse(service, error)
    logs.configure(service, log_format=settings.log_format, level=settings.log_level)
    return settings


def _refuse(service: str, error: SettingsError) -> NoReturn:
    sys.stderr.write(f"{service}: {error}\n")
    raise SystemExit(MISCONFIGURED)
