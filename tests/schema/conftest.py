"""The catalogue of one world, which the tests of this folder read and leave as it is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest

from stack.worlds import World


@pytest.fixture(scope="package")
def schema_world(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[World]:
    """One world for the folder."""
    with make_world() as opened:
        yield opened


# Partitions are their parents' and are left out.
_VIEWS = """
    create temporary view ours as
    select c.oid, format('%s.%s', n.nspname, c.relname) as name, c.relkind, n.nspname as schema, c.relrowsecurity
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private', 'ledger', 'worker_api')
      and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition;

    create temporary view columns as
    select o.*, a.attname::text as column, t.typname as type, a.attnum, a.attgenerated, a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid) as default, coalesce(col_description(o.oid, a.attnum), '') as comment
    from ours o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where o.relkind in ('r', 'p');

    create temporary view named as
    select 'table or view' as kind, name, coalesce(obj_description(oid, 'pg_class'), '') as comment from ours
    union all
    select 'schema', nspname, coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace
    where nspname in ('public', 'private', 'ledger', 'worker_api')
    union all
    select 'type', oid::regtype::text, coalesce(obj_description(oid, 'pg_type'), '') from pg_type
    where typtype = 'e' and typnamespace::regnamespace::text in ('public', 'private', 'ledger', 'worker_api')
    union all
    select 'function', oid::regprocedure::text, coalesce(obj_description(oid, 'pg_proc'), '') from pg_proc
    where pronamespace::regnamespace::text in ('public', 'private', 'ledger', 'worker_api')
    union all
    select 'policy', format('%s on %s', polname, polrelid::regclass), coalesce(obj_description(oid, 'pg_policy'), '')
    -- Only the owner of a table may comment on its policies, and on hosted that one is the Storage server's.
    from pg_policy where polrelid not in ('storage.objects'::regclass, 'realtime.messages'::regclass);
"""


@pytest.fixture(scope="package")
def catalogue(schema_world: World) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection that changes nothing, with views of its own: `ours` (relations), `columns` of tables, `named`."""
    with schema_world.connect() as connection:
        connection.execute(_VIEWS)
        connection.read_only = True
        yield connection
