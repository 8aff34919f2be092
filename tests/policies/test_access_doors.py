"""What lies behind the API: whatever one of its roles could do there, should a door ever open, is in the matrix."""

import re
from collections.abc import Iterator

import pytest

from stack.access import ROLES, Right, Role
from tests.policies.impersonation import become, is_refused
from tests.policies.stage import Stage

_OURS = ("auth", "ledger", "private", "supabase_migrations")
_ATTEMPTS = {
    "select": "select from {}",
    "insert": "insert into {} default values",
    "delete": "delete from {}",
    "truncate": "truncate {}",
}
# What the roles hold of every relation, or of a column of it.
_HELD = """
    select n.nspname || '.' || c.relname, r.role, string_agg(p.privilege, ' ' order by p.privilege)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace,
         unnest(%s::text[]) r (role), unnest(%s::text[]) p (privilege)
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and (n.nspname <> 'public' or c.relispartition)
      and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
      and (has_table_privilege(r.role, c.oid, p.privilege)
           or (p.privilege in ('select', 'insert', 'update') and has_any_column_privilege(r.role, c.oid, p.privilege)))
    group by 1, 2
"""
_PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger")


def _rows(stage: Stage, query: str, *values: object) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in stage.database.execute(query.encode(), values or None)]


def test_the_matrix_names_every_relation_behind_the_api(stage: Stage) -> None:
    found = _rows(
        stage,
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and not c.relispartition and n.nspname = any (%s)",
        list(_OURS),
    )
    behind = stage.matrix.behind
    opened = {name for name in behind.open if name.split(".")[0] in _OURS}
    named = {f"{schema}.{name}" for schema, names in behind.closed.items() for name in names} | opened
    assert {".".join(row) for row in found} == named


def test_every_partition_stands_behind_the_api(stage: Stage) -> None:
    partitioned = _rows(stage, "select oid::regclass from pg_class where relkind = 'p' and not relispartition")
    assert {name.removeprefix("public.") for (name,) in partitioned} == set(stage.matrix.behind.partitioned)
    exposed = "select oid::regclass from pg_class where relispartition and relnamespace = 'public'::regnamespace"
    assert _rows(stage, exposed) == []


def test_the_roles_hold_what_the_matrix_says_of_every_relation_behind_the_api_and_nothing_of_partitions(
    stage: Stage,
) -> None:
    held = _rows(stage, _HELD, list(ROLES), list(_PRIVILEGES))
    everything = " ".join(sorted(_PRIVILEGES))
    named = {
        (name, role, everything if privileges == "all" else privileges)
        for name, roles in stage.matrix.behind.open.items()
        for role, privileges in roles.items()
    }
    assert set(held) == named
    sequences = _rows(
        stage,
        "select c.oid::regclass, r.role from pg_class c, unnest(%s::text[]) r (role) where c.relkind = 'S' "
        "and has_sequence_privilege(r.role, c.oid, 'usage, select, update')",
        list(ROLES),
    )
    assert sequences == []


def test_the_roles_use_the_schemas_the_matrix_says_and_create_nothing_anywhere(stage: Stage) -> None:
    query = (
        "select r.role, n.nspname from pg_namespace n, unnest(%s::text[]) r (role) "
        "where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and has_schema_privilege(r.role, n.oid, %s)"
    )
    used = _rows(stage, query, list(ROLES), "usage")
    assert set(used) == {(role, name) for role, names in stage.matrix.schemas.use.items() for name in names}
    assert _rows(stage, query, list(ROLES), "create") == []
    powerful = "select rolname from pg_roles where rolname = any (%s) and (rolsuper or rolcreaterole or rolcanlogin)"
    assert _rows(stage, powerful, list(ROLES)) == []


def test_the_roles_hold_the_functions_the_matrix_says_and_no_other(stage: Stage) -> None:
    held = _rows(
        stage,
        "select p.pronamespace::regnamespace, p.proname, string_agg(r.role, ' ' order by r.role) "
        "from pg_proc p, unnest(%s::text[]) r (role) where p.pronamespace::regnamespace::text = any (%s) "
        "and has_function_privilege(r.role, p.oid, 'execute') group by p.oid",
        list(ROLES),
        list(stage.matrix.behind.functions),
    )
    named = {
        (schema, name, roles)
        for schema, groups in stage.matrix.behind.functions.items()
        for roles, names in groups.items()
        for name in names
    }
    assert set(held) == named


def test_the_matrix_names_every_type(stage: Stage) -> None:
    found = _rows(
        stage,
        "select t.typnamespace::regnamespace, t.typname from pg_type t left join pg_class c on c.oid = t.typrelid "
        "where t.typnamespace::regnamespace::text in ('public', 'private', 'ledger', 'worker_api') "
        "and (t.typtype in ('e', 'd', 'r') or c.relkind = 'c')",
    )
    assert set(found) == {(schema, name) for schema, names in stage.matrix.behind.types.items() for name in names}


def test_what_is_made_later_is_closed_until_somebody_opens_it(stage: Stage) -> None:
    with stage.world.connect() as database, database.transaction(force_rollback=True):
        for schema in ("public", "private", "ledger", "worker_api"):
            database.execute(f"create table {schema}.later (id bigint generated always as identity)".encode())
            database.execute(f"create function {schema}.later() returns int language sql as 'select 1'".encode())
        held = database.execute(
            "select r.role, n.nspname from unnest(%s::text[]) r (role), pg_namespace n "
            "join pg_class c on c.relnamespace = n.oid and c.relname = 'later' "
            "join pg_proc p on p.pronamespace = n.oid and p.proname = 'later' "
            "where has_table_privilege(r.role, c.oid, 'select, insert, update, delete, truncate') "
            "or has_function_privilege(r.role, p.oid, 'execute')",
            [list(ROLES)],
        ).fetchall()
    assert held == []


@pytest.mark.parametrize("role", ROLES)
def test_every_relation_behind_the_api_refuses_in_fact(stage: Stage, role: Role) -> None:
    relations = _rows(
        stage,
        "select c.oid::regclass, verb from pg_class c, unnest(%s::text[]) verb "
        "where (c.relkind in ('r', 'p') or (c.relkind = 'v' and verb <> 'truncate')) and (c.relispartition "
        "or c.relnamespace::regnamespace::text = any (%s)) and c.oid::regclass::text <> all (%s)",
        list(_ATTEMPTS),
        list(_OURS),
        list(stage.matrix.behind.open),
    )
    with become(stage, role) as database:
        queries = [_ATTEMPTS[verb].format(name) for name, verb in relations]
        let_in = [query for query in queries if not is_refused(database, query)]
    assert let_in == []


@pytest.mark.parametrize("role", ROLES)
def test_every_function_behind_the_api_refuses_in_fact(stage: Stage, role: Role) -> None:
    functions = _rows(
        stage,
        "select format('select %%I.%%I(%%s)', p.pronamespace::regnamespace, p.proname, coalesce("
        "(select string_agg('null::' || format_type(a, null), ', ') from unnest(p.proargtypes) a), '')) "
        "from pg_proc p where p.pronamespace::regnamespace::text in ('private', 'ledger') "
        "and not has_function_privilege(%s, p.oid, 'execute')",
        role,
    )
    with become(stage, role) as database:
        # Explained, not run: the privilege is looked at before the first row.
        let_in = [query for (query,) in functions if not is_refused(database, f"explain {query}")]
    assert let_in == []


def test_everyone_receives_and_sends_on_the_topics_they_may(stage: Stage) -> None:
    people = dict(_topics(stage))
    stage.database.execute(
        "insert into realtime.messages (topic, extension, payload, event, private) "
        "select t.name, e.name, '{}', 'told', true "
        "from unnest(%s::text[]) t (name), unnest('{broadcast,presence}'::text[]) e (name)",
        [list(people)],
    )
    wrong = []
    for actor in stage.cast:
        if actor.caller.role == "service_role":
            continue
        with become(stage, actor.caller.role, actor) as database:
            for topic, named in people.items():
                mine = {name for name, user in named.items() if user == actor.id and actor.id}
                rights = stage.matrix.topics.get(re.sub(r":[0-9a-f-]{36}", ":<id>", topic), {})
                may = {
                    what: any(Right.parse(text).holds(actor.caller, mine, ()) for text in rights.get(what, []))
                    for what in ("receive", "broadcast", "presence")
                }
                database.execute("select set_config('realtime.topic', %s, false)", [topic])
                seen = database.execute("select from realtime.messages where topic = %s", [topic]).rowcount
                if bool(seen) != may["receive"]:
                    wrong.append(f"{actor.name} on {topic}: expected {may['receive']}")
                for extension in ("broadcast", "presence"):
                    told = "insert into realtime.messages (topic, extension) values (%s, %s)"
                    if is_refused(database, told, topic, extension) == may[extension]:
                        wrong.append(f"{actor.name} sends {extension} on {topic}: expected {may[extension]}")
    assert wrong == []


def _topics(stage: Stage) -> Iterator[tuple[str, dict[str, str | None]]]:
    yield "readers", {}
    yield "anything", {}
    yield "session:no-uuid", {}
    for actor in stage.cast.people():
        yield f"user:{actor.id}", {"self": actor.id}
    for (client, reader, state), session in stage.scenery.sessions.items():
        both: dict[str, str | None] = {"client": stage.cast[client].id, "reader": stage.cast[reader].id}
        yield f"session:{session}", both
        yield f"session:{session}:peer", both if state in ("running", "paused") else {}
    blocked = {frozenset(facts.people.values()) for facts in stage.facts["blocks"]}
    for facts in stage.facts["conversations"]:
        members = {} if frozenset(facts.people.values()) in blocked else facts.people
        yield f"conversation:{facts.key}", members
        yield f"conversation:{facts.key}:peer", members
    for facts in stage.facts["live_streams"]:
        viewer = stage.cast["other_client"].id if facts.key == stage.scenery.stream else None
        yield f"stream:{facts.key}", {**facts.people, "viewer": viewer}
        yield f"stream:{facts.key}:peer", {**facts.people, "viewer": viewer}


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_a_bucket_that_no_policy_names_is_closed(stage: Stage, role: Role) -> None:
    owner = stage.cast["client"]
    with stage.database.transaction():
        stage.database.execute("insert into storage.buckets (id, name) values (%s, %s)", [role, role])
        stage.database.execute(
            "insert into storage.objects (bucket_id, name, owner_id) values (%s, %s, %s)",
            [role, f"{owner.id}/a", owner.id],
        )
    with become(stage, role, owner) as database:
        assert database.execute("select from storage.objects where bucket_id = %s", [role]).rowcount == 0
        assert database.execute("select from storage.buckets").rowcount == 0
        assert database.execute("update storage.objects set name = 'b' where bucket_id = %s", [role]).rowcount == 0
        assert database.execute("update storage.buckets set name = 'b' where true").rowcount == 0
        assert is_refused(
            database,
            "insert into storage.objects (bucket_id, name, owner_id) values (%s, %s, %s)",
            role,
            f"{owner.id}/c",
            owner.id,
        )
        assert is_refused(database, "insert into storage.buckets (id, name) values ('mine', 'mine')")
