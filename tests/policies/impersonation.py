"""Connections that have become a role as PostgREST and Storage do, in somebody's name."""

import json
from collections.abc import Sequence

import psycopg
from psycopg import sql

from stack.access import Role
from tests.policies.cast import Actor
from tests.policies.stage import Stage

Connection = psycopg.Connection[tuple[object, ...]]

# Tries a statement with each of many values, in the server: thousands of attempts would be as many round trips.
_TRY_EACH = """
    do $try$
    declare
        v_value   jsonb;
        v_count   integer;
        v_results jsonb := '[]';
    begin
        for v_value in select * from jsonb_array_elements(current_setting('attempts.values')::jsonb) loop
            begin
                execute current_setting('attempts.statement') using v_value;
                get diagnostics v_count = row_count;
                raise exception 'undo' using errcode = 'UN000';
            exception
                when insufficient_privilege then v_count := 0;
                when sqlstate 'UN000' then null;
            end;
            v_results := v_results || to_jsonb(v_count > 0);
        end loop;
        perform set_config('attempts.results', v_results::text, false);
    end
    $try$
"""


def become(stage: Stage, role: Role, actor: Actor | None = None) -> Connection:
    """Return a connection of a role, with the claims of somebody's token if one is given."""
    database = stage.world.connect("authenticator")
    database.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    claims: dict[str, object] = {"role": role}
    if actor and actor.id:
        claims |= {"sub": actor.id, "is_anonymous": not actor.caller.named}
    database.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(claims)])
    return database


def is_refused(database: Connection, query: str, *values: object) -> bool:
    """Tell whether a statement is refused for want of a right; nothing of it stays."""
    try:
        with database.transaction(force_rollback=True):
            database.execute(query.encode(), values or None)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def try_each(database: Connection, statement: str, values: Sequence[dict[str, str | None]]) -> list[bool]:
    """Tell with which values a statement writes a row; nothing of it stays. It reads them as jsonb, from $1."""
    setting = "select set_config('attempts.statement', %s, false), set_config('attempts.values', %s, false)"
    database.execute(setting, [statement, json.dumps(values)])
    database.execute(_TRY_EACH)
    row = database.execute("select current_setting('attempts.results')").fetchone()
    assert row is not None
    results: list[bool] = json.loads(str(row[0]))
    return results
