"""Connections that have become a role as PostgREST and Storage do, in somebody's name."""

import json

import psycopg
from psycopg import sql

from stack.access import Role
from tests.policies.cast import Actor
from tests.policies.stage import Stage

Connection = psycopg.Connection[tuple[object, ...]]


def become(stage: Stage, role: Role, actor: Actor | None = None) -> Connection:
    """Return a connection of a role, with the claims of somebody's token if one is given."""
    database = stage.world.connect("authenticator")
    database.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    claims = {"role": role}
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
