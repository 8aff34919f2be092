"""Every part has a port of its own; the wished one gives way to whoever holds it, and a stack keeps what it had."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import ports
from stack.paths import StackPaths


@pytest.fixture
def local(tmp_path: Path) -> StackPaths:
    made = StackPaths(name="local", state=tmp_path / "local")
    made.make()
    return made


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_the_default_stack_takes_the_well_known_ports(local: StackPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    assert ports.choose_ports(local, held=[]) == ports.WISHED


def test_a_wished_port_that_is_taken_is_replaced_and_written_down(
    local: StackPaths, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ports.WISHED, "gateway", taken)
    chosen = ports.choose_ports(local, held=[])
    assert chosen["gateway"] != taken
    assert ports.recorded_ports(local) == chosen
    assert len(set(chosen.values())) == len(chosen)


def test_a_part_that_runs_keeps_its_port_and_one_that_lost_it_gets_another(
    local: StackPaths, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ports.WISHED, "gateway", taken)
    (local.state / "ports.json").write_text(f'{{"gateway": {taken}}}')
    assert ports.choose_ports(local, held=["gateway"])["gateway"] == taken
    assert ports.choose_ports(local, held=[])["gateway"] != taken


def test_other_stacks_stay_off_the_well_known_ports(tmp_path: Path) -> None:
    made = StackPaths(name="other", state=tmp_path / "other")
    made.make()
    assert not set(ports.choose_ports(made, held=[]).values()) & set(ports.WISHED.values())
