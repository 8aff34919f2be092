"""Tables as a signed-in person reaches them over HTTP: add, change and remove rows, and be refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row


def _send(market: Marketplace, caller: Person, method: str, path: str, body: Row | None = None) -> list[Row]:
    headers = {"Authorization": f"Bearer {caller.token}", "Prefer": "return=representation"}
    answer: httpx.Response = market.http.request(method, f"/{path}", headers=headers, json=body)
    if answer.status_code >= 400:
        raise RefusedError(answer)
    rows: list[Row] = answer.json()
    return rows


def add(market: Marketplace, caller: Person, table: str, **row: Any) -> Row:
    """Insert a row as a person and return it."""
    (made,) = _send(market, caller, "POST", table, row)
    return made


def change(market: Marketplace, caller: Person, path: str, **values: Any) -> list[Row]:
    """Update what a path names as a person; the rows that changed."""
    return _send(market, caller, "PATCH", path, values)


def remove(market: Marketplace, caller: Person, path: str) -> list[Row]:
    """Delete what a path names as a person; the rows that went."""
    return _send(market, caller, "DELETE", path)


def with_second_factor(market: Marketplace, person: Person) -> Person:
    """Return the person on a device at aal2."""
    return Person(person.id, market.world.token(person.id, aal="aal2"))


def refused(market: Marketplace, code: str, function: str, caller: Person, **arguments: Any) -> RefusedError:
    """Call an RPC that must be refused with this code, and return the refusal."""
    with pytest.raises(RefusedError) as caught:
        market.call(caller, function, **arguments)
    assert caught.value.code == code, caught.value
    return caught.value
