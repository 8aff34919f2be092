"""The database before its first migration has what a hosted project has: roles, schemas, functions, tables, limits."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from stack.database import BASELINE
from stack.instance import Stack

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def admin(stack: Stack) -> Iterator[Connection]:
    with stack.layout().server.connect(BASELINE) as connection:
        yield connection


@pytest.fixture
def owner(stack: Stack) -> Iterator[Connection]:
    """The role postgres, in a transaction that is never kept."""
    with psycopg.connect(stack.layout().server.dsn(BASELINE, "postgres")) as connection:
        yield connection
        connection.rollback()


def rows(connection: Connection, query: str, *arguments: object) -> list[tuple[Any, ...]]:
    return connection.execute(query, arguments).fetchall()


def value(connection: Connection, query: str, *arguments: object) -> Any:
    return rows(connection, query, *arguments)[0][0]


# Attributes in the order: login, superuser, inherit, createdb, createrole, replication, bypassrls.
@pytest.mark.parametrize(
    ("role", "attributes"),
    [
        ("anon", "--i----"),
        ("authenticated", "--i----"),
        ("service_role", "--i---b"),
        ("authenticator", "l------"),
        ("postgres", "l-idcrb"),
        ("supabase_admin", "lsidcrb"),
        ("supabase_auth_admin", "l------"),
        ("supabase_storage_admin", "l---c--"),
        ("supabase_realtime_admin", "l----r-"),
        ("supabase_read_only_user", "l-i---b"),
        ("dashboard_user", "--idcr-"),
        ("pgbouncer", "l-i----"),
    ],
)
def test_roles_have_the_attributes_of_hosted(admin: Connection, role: str, attributes: str) -> None:
    columns = (
        "rolcanlogin",
        "rolsuper",
        "rolinherit",
        "rolcreatedb",
        "rolcreaterole",
        "rolreplication",
        "rolbypassrls",
    )
    found = rows(admin, f"select {', '.join(columns)} from pg_roles where rolname = %s", role)[0]  # noqa: S608
    letters = "".join(letter if on else "-" for letter, on in zip("lsidcrb", found, strict=True))
    assert letters == attributes


def test_api_roles_have_the_limits_of_hosted(admin: Connection) -> None:
    query = """
        select rolname, array_to_string(setconfig, ' ') from pg_db_role_setting join pg_roles on pg_roles.oid = setrole
         where rolname in ('anon', 'authenticated', 'authenticator')
    """
    found = dict(rows(admin, query))
    assert found == {
        "anon": "statement_timeout=3s",
        "authenticated": "statement_timeout=8s",
        "authenticator": "statement_timeout=8s lock_timeout=8s",
    }


def test_authenticator_and_postgres_are_members_of_the_api_roles(admin: Connection) -> None:
    members = """
        select roleid::regrole::text, admin_option from pg_auth_members
         where member = %s::regrole and roleid::regrole::text in ('anon', 'authenticated', 'service_role') order by 1
    """
    api = ["anon", "authenticated", "service_role"]
    assert rows(admin, members, "authenticator") == [(role, False) for role in api]
    assert rows(admin, members, "postgres") == [(role, True) for role in api]


def test_schemas_of_hosted_are_there(admin: Connection) -> None:
    present = {row[0] for row in rows(admin, "select nspname from pg_namespace")}
    wanted = {"auth", "extensions", "graphql", "graphql_public", "pgbouncer", "realtime", "storage", "vault", "public"}
    assert wanted | {"supabase_functions"} <= present


def test_extensions_are_in_their_own_schema(admin: Connection) -> None:
    found = dict(
        rows(admin, "select extname, extnamespace::regnamespace::text from pg_extension where extname <> 'plpgsql'")
    )
    assert found == {"pgcrypto": "extensions", "uuid-ossp": "extensions", "pg_stat_statements": "extensions"}


@pytest.mark.parametrize(
    ("function", "result"),
    [
        ("auth.uid()", "uuid"),
        ("auth.jwt()", "jsonb"),
        ("auth.role()", "text"),
        ("auth.email()", "text"),
        ("storage.foldername(text)", "text[]"),
        ("storage.filename(text)", "text"),
        ("storage.extension(text)", "text"),
        ("storage.operation()", "text"),
        ("storage.allow_only_operation(text)", "boolean"),
        ("storage.allow_any_operation(text[])", "boolean"),
        ("realtime.topic()", "text"),
        ("realtime.send(jsonb,text,text,boolean)", "void"),
        ("realtime.broadcast_changes(text,text,text,text,text,record,record,text)", "void"),
    ],
)
def test_functions_of_hosted_are_there_and_callable_by_users(admin: Connection, function: str, result: str) -> None:
    assert (
        value(admin, "select prorettype::regtype::text from pg_proc where oid = %s::regprocedure", function) == result
    )
    assert value(admin, "select has_function_privilege('authenticated', %s, 'execute')", function)


COLUMNS = {
    "auth.users": """
        instance_id id aud role email encrypted_password email_confirmed_at invited_at confirmation_token
        confirmation_sent_at recovery_token recovery_sent_at email_change_token_new email_change email_change_sent_at
        last_sign_in_at raw_app_meta_data raw_user_meta_data is_super_admin created_at updated_at phone
        phone_confirmed_at phone_change phone_change_token phone_change_sent_at confirmed_at email_change_token_current
        email_change_confirm_status banned_until reauthentication_token reauthentication_sent_at is_sso_user deleted_at
        is_anonymous
    """,
    "storage.buckets": """
        id name owner created_at updated_at public avif_autodetection file_size_limit allowed_mime_types owner_id type
    """,
    "storage.objects": """
        id bucket_id name owner created_at updated_at last_accessed_at metadata path_tokens version owner_id
        user_metadata
    """,
    "realtime.messages": """
        topic extension payload event private updated_at inserted_at id binary_payload
    """,
}


@pytest.mark.parametrize(("table", "columns"), COLUMNS.items())
def test_tables_of_hosted_have_their_columns_and_row_security(admin: Connection, table: str, columns: str) -> None:
    query = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 order by attnum"
    assert [row[0] for row in rows(admin, query, table)] == columns.split()
    assert value(admin, "select relrowsecurity from pg_class where oid = %s::regclass", table)


def test_messages_are_partitioned_by_day_and_open_to_the_api_roles(admin: Connection) -> None:
    assert (
        value(admin, "select partstrat from pg_partitioned_table where partrelid = 'realtime.messages'::regclass")
        == "r"
    )
    today = value(admin, "select to_regclass('realtime.messages_' || to_char(current_date, 'YYYY_MM_DD')) is not null")
    assert today
    for role in ("anon", "authenticated", "service_role"):
        for privilege in ("select", "insert", "update"):
            assert value(admin, "select has_table_privilege(%s, 'realtime.messages', %s)", role, privilege)
        assert not value(admin, "select has_table_privilege(%s, 'realtime.messages', 'delete')", role)


def test_partitions_carry_no_grants_past_the_parents_policies(admin: Connection) -> None:
    query = """
        select count(*) from pg_inherits where inhparent = 'realtime.messages'::regclass
           and has_table_privilege('anon', inhrelid, 'select, insert, update, delete')
    """
    assert value(admin, query) == 0


def test_the_publication_is_there_and_empty(admin: Connection) -> None:
    assert value(admin, "select count(*) from pg_publication where pubname = 'supabase_realtime'") == 1
    assert value(admin, "select count(*) from pg_publication_rel") == 0


# What the owner of a project may and may not do -----------------------------------------------------


def test_a_new_table_in_public_is_not_exposed(owner: Connection) -> None:
    owner.execute("create table public.fresh (id int)")
    for role in ("anon", "authenticated", "service_role"):
        for privilege in ("select", "insert", "update", "delete"):
            assert not value(owner, "select has_table_privilege(%s, 'public.fresh', %s)", role, privilege)


@pytest.mark.parametrize("schema", ["auth", "storage", "realtime"])
def test_postgres_may_not_create_in_schemas_of_the_services(owner: Connection, schema: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        owner.execute(f"create table {schema}.mine (id int)")


@pytest.mark.parametrize("command", ["alter table auth.users add column mine int", "drop table auth.users"])
def test_postgres_may_not_change_the_shape_of_auth(owner: Connection, command: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        owner.execute(command)  # type: ignore[arg-type]


def test_postgres_may_not_run_programs_or_become_superuser(owner: Connection) -> None:
    with pytest.raises(errors.InsufficientPrivilege), owner.transaction():
        owner.execute("copy (select 1) to program 'true'")
    with pytest.raises(errors.InsufficientPrivilege), owner.transaction():
        owner.execute("set role supabase_admin")


def test_postgres_may_write_policies_and_triggers_where_migrations_need_them(owner: Connection) -> None:
    owner.execute("create policy mine on storage.objects for select to authenticated using (true)")
    owner.execute("create policy mine on realtime.messages for select to authenticated using (true)")
    owner.execute(
        "create function public.noted() returns trigger language plpgsql as $$ begin return new; end $$;"
        "create trigger noted after insert on auth.users for each row execute function public.noted()"
    )


def test_postgres_may_enable_extensions_migrations_use(owner: Connection) -> None:
    for extension in ("citext", "pg_trgm", "btree_gist"):
        owner.execute(f"create extension {extension} with schema extensions")


# How the functions behave -----------------------------------------------------------------------------


def test_claims_are_read_from_the_request(owner: Connection) -> None:
    claims = '{"sub": "11111111-1111-4111-8111-111111111111", "role": "authenticated", "email": "a@b.c"}'
    owner.execute("select set_config('request.jwt.claims', %s, true)", [claims])
    found = rows(owner, "select auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'role'")
    assert found == [("11111111-1111-4111-8111-111111111111", "authenticated", "a@b.c", "authenticated")]


def test_paths_of_objects_are_taken_apart(owner: Connection) -> None:
    query = (
        "select storage.foldername(p), storage.filename(p), storage.extension(p) from (values ('a/b/c.tar.gz')) t (p)"
    )
    assert rows(owner, query) == [(["a", "b"], "c.tar.gz", "gz")]


def test_objects_cannot_be_deleted_by_sql(owner: Connection) -> None:
    owner.execute("insert into storage.buckets (id, name) values ('b', 'b')")
    owner.execute("insert into storage.objects (bucket_id, name) values ('b', 'x/y.png')")
    with pytest.raises(errors.InsufficientPrivilege, match="Use the Storage API"), owner.transaction():
        owner.execute("delete from storage.objects")
    assert value(owner, "select path_tokens from storage.objects") == ["x", "y.png"]


def test_a_broadcast_becomes_a_message_and_never_an_error(owner: Connection) -> None:
    owner.execute("""select realtime.send('{"n": 1}', 'ping', 'user:1', true)""")
    sent = rows(owner, "select topic, event, private, extension, payload ->> 'n' from realtime.messages")
    assert sent == [("user:1", "ping", True, "broadcast", "1")]
    owner.execute("select realtime.send(null, null, null, true)")
    assert value(owner, "select count(*) from realtime.messages") == 1


def test_a_change_is_broadcast_with_its_record(owner: Connection) -> None:
    owner.execute(
        "create table public.things (id int);"
        "create function public.tell() returns trigger language plpgsql as $$ begin"
        "  perform realtime.broadcast_changes('things', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);"
        "  return null; end $$;"
        "create trigger tell after insert on public.things for each row execute function public.tell();"
        "insert into public.things values (7)"
    )
    payload = value(owner, "select payload from realtime.messages where topic = 'things'")
    assert payload["record"] == {"id": 7}
    assert (payload["operation"], payload["schema"], payload["table"]) == ("INSERT", "public", "things")
