"""The databases of a stack: the hosted baseline, the project's migrations, the template tests clone, clones."""

import psycopg
from psycopg import sql

from stack.errors import MigrationError
from stack.migrations import apply_pending
from stack.paths import PROJECT_ROOT, StackPaths
from stack.postgres import PostgresServer

MAIN = "postgres"
BASELINE = "soulseer_baseline"
TEMPLATE = "soulseer_template"
BASELINE_FILES = PROJECT_ROOT / "stack" / "baseline"
_SERVICE_ROLES = (
    "authenticator",
    "supabase_auth_admin",
    "supabase_storage_admin",
    "supabase_realtime_admin",
    "supabase_replication_admin",
    "supabase_etl_admin",
    "supabase_read_only_user",
    "pgbouncer",
)


def prepare(server: PostgresServer, paths: StackPaths) -> list[str]:
    """Bring the main database and the template up to date, whatever is there already.

    A new server gets the baseline first. Pending migrations run as the role postgres. The template is made anew when a
    migration ran, or when it is missing.

    Returns:
        Versions of the migrations that ran.

    Raises:
        MigrationError: a statement failed; what ran before it stays.
    """
    with server.connect("template1") as admin:
        if BASELINE not in _databases(admin):
            _make_baseline(server, admin)
        if not _is_ours(admin):
            _recreate(admin, MAIN, BASELINE)
    applied = apply_pending(server, paths, MAIN)
    with server.connect("template1") as admin:
        if applied or TEMPLATE not in _databases(admin):
            _recreate(admin, TEMPLATE, MAIN)
    for name in (MAIN, TEMPLATE):
        with server.connect(name) as connection:
            connection.execute("select realtime.ensure_partitions()")
            # A server that was connected all along has not seen the new tables.
            connection.execute("notify pgrst, 'reload schema'")
    return applied


def recreate_main(server: PostgresServer) -> None:
    """Throw the main database and the template away and start the former from the baseline. Ends their connections."""
    with server.connect("template1") as admin:
        _recreate(admin, MAIN, BASELINE)
        _drop(admin, TEMPLATE)


def clone(server: PostgresServer, name: str, origin: str = TEMPLATE) -> None:
    """Make a database of its own from the template: schema and baseline, no rows but those of the migrations.

    From BASELINE instead, it is as hosted is before the first migration.
    """
    with server.connect("template1") as admin:
        _recreate(admin, name, origin)


def drop(server: PostgresServer, name: str) -> None:
    """Drop a database, ending its connections. One that is not there is no error."""
    with server.connect("template1") as admin:
        _drop(admin, name)


def _databases(admin: psycopg.Connection[tuple[object, ...]]) -> set[str]:
    return {str(row[0]) for row in admin.execute("select datname from pg_database")}


def _is_ours(admin: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Tell whether the main database came from the baseline, not from initdb: only then does postgres own it."""
    found = admin.execute("select datdba = 'postgres'::regrole from pg_database where datname = %s", (MAIN,)).fetchone()
    return found is not None and bool(found[0])


def _drop(admin: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    # Who reads the stream of a database's commits holds it even against force.
    admin.execute(
        "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where database = %s and active",
        (name,),
    )
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _recreate(admin: psycopg.Connection[tuple[object, ...]], name: str, origin: str) -> None:
    """Make `name` a copy of `origin`, whose connections are ended and held off meanwhile: Postgres wants it alone."""
    _drop(admin, name)
    gate = sql.SQL("alter database {} allow_connections {}")
    admin.execute(gate.format(sql.Identifier(origin), sql.SQL("false")))
    try:
        admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (origin,))
        made = sql.SQL("create database {} template {} owner postgres strategy file_copy")
        admin.execute(made.format(sql.Identifier(name), sql.Identifier(origin)))
    finally:
        admin.execute(gate.format(sql.Identifier(origin), sql.SQL("true")))
    # A copy does not bring the rights on the database itself.
    granted = sql.SQL(
        "grant create on database {} to supabase_realtime_admin, supabase_auth_admin, supabase_storage_admin"
    )
    admin.execute(granted.format(sql.Identifier(name)))


def _make_baseline(server: PostgresServer, admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """Make the database every other one comes from, and the roles. Roles belong to the server, so this happens once."""
    building = f"{BASELINE}_new"
    _drop(admin, building)
    admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(building)))
    with server.connect(building) as database:
        for place in sorted(BASELINE_FILES.glob("*.sql")):
            try:
                with database.transaction():
                    database.execute(place.read_bytes())
            except psycopg.Error as error:
                raise MigrationError(f"{place.name}: {error}") from error
        for role in _SERVICE_ROLES:
            _set_password(database, role, server.password)
        _set_password(database, "postgres", "postgres")
    admin.execute(sql.SQL("alter database {} owner to postgres").format(sql.Identifier(building)))
    renamed = sql.SQL("alter database {} rename to {}")
    admin.execute(renamed.format(sql.Identifier(building), sql.Identifier(BASELINE)))


def _set_password(database: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    database.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))
