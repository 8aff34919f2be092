"""Processes of a stack: started apart from the terminal, written down with start time, ended only if ours.

A pid alone says nothing after a crash: the number may belong to someone else by then. So each record keeps when the
process began, and children inherit a variable naming the stack, by which orphans of a killed parent are found.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.paths import StackPaths

MARKER = "SOULSEER_STACK_STATE"
_POLL_SECONDS = 0.02
# How much of a log is searched for what a process says at its start, in bytes.
_FIRST_WORDS = 65_536
# States of /proc: a zombie, or dead.
_ENDED = {"Z", "X"}
# Kept so that a started process is neither reported as forgotten nor left a zombie while this interpreter lives.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process that was started.

    Attributes:
        name: the part of the stack it is.
        pid: its process id, and its process group's.
        began: what tells it from a later process of the same id.
        configuration: a digest of how it was started; another digest means it must be started anew.
        log_from: where in its log file its own output begins, in bytes.
    """

    name: str
    pid: int
    began: str
    configuration: str = ""
    log_from: int = 0


def began_at(pid: int) -> str | None:
    """Return when the process began, in a form to compare; None when there is no such process, or only its zombie."""
    if _reaped(pid):
        return None
    if Path("/proc/self/stat").exists():
        fields = _stat(Path(f"/proc/{pid}"))
        if fields is None or (fields[0] in _ENDED and not _has_living_thread(pid)):
            # It may have ended between the two looks.
            _reaped(pid)
            return None
        return f"{_boot_id()}:{fields[19]}"
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return None if not shown or shown.startswith("Z") else shown.partition(" ")[2].strip()


def _reaped(pid: int) -> bool:
    """Tell whether this is a child of ours that ended, and forget it then."""
    child = _children.get(pid)
    if child is None or child.poll() is None:
        return False
    _children.pop(pid, None)
    return True


def _stat(folder: Path) -> list[str] | None:
    """Return what /proc tells of a process or thread from its state on; None when there is none."""
    try:
        # The name, in brackets, may hold spaces and brackets; what follows the last one does not.
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _has_living_thread(pid: int) -> bool:
    """Tell whether a killed process still ends its other threads: until they are gone it holds its ports."""
    threads = (_stat(folder) for folder in Path(f"/proc/{pid}/task").glob("[0-9]*"))
    return any(fields is not None and fields[0] not in _ENDED for fields in threads)


def _boot_id() -> str:
    place = Path("/proc/sys/kernel/random/boot_id")
    return place.read_text().strip() if place.exists() else ""


def is_alive(record: ProcessRecord) -> bool:
    """Tell whether the very process of the record still runs."""
    return began_at(record.pid) == record.began


def _record_place(paths: StackPaths, name: str) -> Path:
    return paths.records / f"{name}.json"


def records(paths: StackPaths) -> dict[str, ProcessRecord]:
    """Return what was started and not ended through here, by name. Whether each still runs is not asked."""
    found = [_read(place) for place in sorted(paths.records.glob("*.json"))]
    return {record.name: record for record in found if record is not None}


def _read(place: Path) -> ProcessRecord | None:
    """Return the record in a file; None when it is gone: another thread may just have ended the process."""
    try:
        return ProcessRecord(**json.loads(place.read_text()))
    except FileNotFoundError:
        return None


def running(paths: StackPaths) -> dict[str, ProcessRecord]:
    """Return the records whose processes run, by name."""
    return {name: record for name, record in records(paths).items() if is_alive(record)}


def start(
    paths: StackPaths,
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    run_as: int | None = None,
    folder: Path | None = None,
    configuration: str = "",
) -> ProcessRecord:
    """Start a process detached from the terminal, its output in the log file of `name`, and write it down.

    Args:
        paths: the stack it belongs to.
        name: the part it is; also names its log file.
        command: program and arguments.
        environment: its whole environment; None passes on this one. The stack's marker is added.
        run_as: uid and gid to run under, when not this user.
        folder: its working folder; None is the state folder.
        configuration: a digest of how it is started, kept with the record.

    Returns:
        The record of the process.
    """
    settings = dict(os.environ if environment is None else environment)
    settings[MARKER] = str(paths.state)
    with (paths.logs / f"{name}.log").open("ab") as log:
        log_from = log.tell()
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=settings,
            cwd=folder or paths.state,
            start_new_session=True,
            user=run_as,
            group=run_as,
            extra_groups=None if run_as is None else [],
        )
    _children[child.pid] = child
    record = ProcessRecord(name, child.pid, began_at(child.pid) or "", configuration, log_from)
    adopt(paths, record)
    return record


def has_said(paths: StackPaths, name: str, word: str, *, else_after: float) -> bool:
    """Tell whether a process has written `word` to its log since it was started.

    Args:
        paths: the stack it belongs to.
        name: the part.
        word: what it writes once it works.
        else_after: seconds after which silence counts as well, since a quieter log level may have swallowed the word.
    """
    record = _read(_record_place(paths, name))
    if record is None:
        return False
    with (paths.logs / f"{name}.log").open("rb") as log:
        log.seek(record.log_from)
        if word.encode() in log.read(_FIRST_WORDS):
            return True
    return time.time() - _record_place(paths, name).stat().st_mtime > else_after


def adopt(paths: StackPaths, record: ProcessRecord) -> None:
    """Write a process down, replacing what was there under its name."""
    place = _record_place(paths, record.name)
    written = place.with_suffix(".new")
    written.write_text(json.dumps(asdict(record)))
    written.rename(place)


def stop(paths: StackPaths, name: str, *, ask_with: signal.Signals = signal.SIGTERM, patience: float = 5.0) -> bool:
    """End the process written down under `name` and its group: asked first, then killed. Forgets the record.

    Args:
        paths: the stack it belongs to.
        name: the part.
        ask_with: the signal that asks it to end.
        patience: seconds to wait before it is killed.

    Returns:
        Whether it was running.
    """
    record = _read(_record_place(paths, name))
    if record is None:
        return False
    was_running = is_alive(record)
    if was_running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, ask_with)
        if not wait_for_end([record], patience):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(record.pid, signal.SIGKILL)
            wait_for_end([record], patience)
    _record_place(paths, name).unlink(missing_ok=True)
    return was_running


def wait_for_end(waited: Sequence[ProcessRecord], patience: float) -> bool:
    """Wait until none of the processes runs; return False when `patience` seconds were not enough."""
    deadline = time.monotonic() + patience
    while any(is_alive(record) for record in waited):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def orphans(paths: StackPaths) -> Iterator[int]:
    """Yield pids that carry the stack's marker and are not themselves written down as running.

    These are children of a killed parent. Known only where there is /proc.
    """
    known = {record.pid for record in running(paths).values()}
    wanted = f"{MARKER}={paths.state}".encode()
    for place in Path("/proc").glob("[0-9]*/environ"):
        pid = int(place.parent.name)
        if pid in known or pid == os.getpid():
            continue
        try:
            marked = wanted in place.read_bytes().split(b"\0")
        except OSError:
            continue
        if marked and began_at(pid) is not None:
            yield pid


def end_orphans(paths: StackPaths, patience: float = 5.0) -> int:
    """Kill what a killed parent left behind. Call it when every written-down process is stopped. Return how many."""
    found = [ProcessRecord("orphan", pid, began_at(pid) or "") for pid in orphans(paths)]
    for record in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(record.pid, signal.SIGKILL)
    wait_for_end(found, patience)
    return len(found)
