"""A world of live sessions under a clock that the benchmark moves: a minute passes in no time, and all are due again."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from stack.database import clone, drop
from stack.postgres import PostgresServer

_CLOCK: Final = """
create table private.test_clock (moment timestamptz not null);
insert into private.test_clock values (clock_timestamp());
create or replace function private.now() returns timestamptz language sql volatile security definer
set search_path = '' as $$ select c.moment from private.test_clock c $$;
alter database {database} set session_replication_role = default;
"""
_SCRIPT: Final = Path(__file__).with_suffix(".sql")


class LiveSessions:
    """A database of its own with so many sessions that run."""
