"""The database that orders are played in: a copy of the stack's template, with every story's people in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg
import structlog

from stack import database
from stack.postgres import SUPERUSER, PostgresServer
from tests.orders.desk import Desk
from tests.orders.people import People
from tests.orders.stories import STORIES
from tests.orders.story import Recorder, Story

_SETTINGS = {"topup.minimum": 1, "topup.per_hour": 1000, "payout.minimum": 10}
# Broadcasts are hints that nothing here reads; dead rows are swept between orders, not by the machine's clock.
_QUIET = """
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language sql as $$ select $$;
"""
Patch = Callable[[psycopg.Connection[tuple[object, ...]]], None]


@dataclass(frozen=True)
class Stage:
    """A desk, and the stories that are played on it."""

    desk: Desk
    stories: dict[str, Story]

    def sweep(self) -> None:
        """Take away what undone orders left on disk."""
        self.desk.lasting("vacuum")


@contextmanager
def staged(
    server: PostgresServer, name: str, names: Sequence[str] = tuple(STORIES), patch: Patch | None = None
) -> Iterator[Stage]:
    """Make the database with these stories and drop it at the end; `patch` changes functions first."""
    database.clone(server, name)
    told = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        dsn = server.dsn(name, SUPERUSER)
        with psycopg.connect(dsn, autocommit=True) as superuser:
            superuser.execute(_QUIET)
            if patch is not None:
                patch(superuser)
        with closing(Desk(dsn)) as desk:
            for key, value in _SETTINGS.items():
                desk.call("change_setting", {"p_key": key, "p_value": str(value)})
            stories = {}
            for number, told_name in enumerate(names):
                recorder = Recorder(told_name, desk, People(desk), number)
                STORIES[told_name](recorder)
                stories[told_name] = recorder.story
            desk.lasting("vacuum analyze")
            yield Stage(desk, stories)
    finally:
        structlog.configure(**told)
        database.drop(server, name)
