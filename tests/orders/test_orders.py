"""Whatever order Stripe's events come in, however late and however often, they leave the same ledger: a short run.

`python -m tests.orders` plays many more.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from stack.instance import Stack
from tests.orders.crew import in_words, play_many
from tests.orders.play import replay
from tests.orders.stage import Stage, staged
from tests.orders.stories import STORIES

_ORDERS = 28
# Each makes the database forget one precaution; the story that needs it must come to something else.
_MISTAKES = {
    "payout-fails": (
        "private.is_newest(text,bigint)",
        "and s.applied < p_sequence",
        "",
    ),
    "top-up": (
        "worker_api.apply_charge_fee(text,text,text,text,bigint,bigint,text)",
        "'stripe_fee', p_balance_transaction_id",
        "'stripe_fee', p_event_id",
    ),
}


@pytest.fixture(scope="module")
def stage(stack: Stack) -> Iterator[Stage]:
    """Every story, in a database of this file's own."""
    with staged(stack.layout().server, "orders") as opened:
        yield opened


@pytest.mark.parametrize("name", STORIES)
def test_any_order_leaves_the_storys_ledger(stage: Stage, name: str) -> None:
    story = stage.stories[name]
    outcome = play_many(stage, story, seed=1, orders=_ORDERS)
    assert [(in_words(story, finding.shrunk), finding.told) for finding in outcome.found] == []
    assert outcome.orders == len(outcome.seen) == _ORDERS


def test_an_order_can_be_played_again(stage: Stage) -> None:
    story = stage.stories["top-up"]
    moves = [("advance", 0), ("advance", 0), ("start", 0), ("go", 0), ("advance", 0), ("start", 0), ("go", 0)]
    assert replay(story, stage.desk, moves) == replay(story, stage.desk, moves)


@pytest.mark.parametrize("name", _MISTAKES)
def test_a_mistake_comes_to_something_else(stack: Stack, name: str) -> None:
    function, good, bad = _MISTAKES[name]

    def forget(superuser: psycopg.Connection[tuple[object, ...]]) -> None:
        [(source,)] = superuser.execute("select pg_get_functiondef(%s::regprocedure)", [function]).fetchall()
        assert good in str(source)
        superuser.execute(str(source).replace(good, bad).encode())

    with staged(stack.layout().server, "orders_mistaken", [name], forget) as mistaken:
        outcome = play_many(mistaken, mistaken.stories[name], seed=1, orders=300)
        assert len(outcome.found) == 1
        assert 0 < len(outcome.found[0].shrunk) <= len(outcome.found[0].moves)
