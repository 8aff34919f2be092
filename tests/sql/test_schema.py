"""What holds of the schema as a whole, read from the catalogue: a table or function forgotten fails here."""

import pytest

from stack.policies import cut, newest
from stack.worlds import World

_OURS = "('public', 'private', 'ledger', 'worker_api')"


def names(world: World, query: str) -> list[str]:
    with world.connect() as database:
        return [str(row[0]) for row in database.execute(query.replace("OURS", _OURS).encode())]


def test_every_table_has_row_level_security_and_a_comment(module_world: World) -> None:
    tables = "from pg_class c where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in OURS"
    assert names(module_world, f"select c.oid::regclass {tables} and not c.relrowsecurity") == []
    described = "obj_description(c.oid, 'pg_class')"
    assert names(module_world, f"select c.oid::regclass {tables} and {described} is null") == []


def test_every_view_runs_as_its_reader_and_has_a_comment(module_world: World) -> None:
    views = "from pg_class c where c.relkind = 'v' and c.relnamespace::regnamespace::text in OURS"
    invoker = "coalesce(c.reloptions @> array['security_invoker=true'], false)"
    assert names(module_world, f"select c.oid::regclass {views} and not {invoker}") == []
    assert names(module_world, f"select c.oid::regclass {views} and obj_description(c.oid, 'pg_class') is null") == []


_FUNCTIONS = (
    "from pg_proc p where p.pronamespace::regnamespace::text in OURS "
    "and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"
)


@pytest.mark.parametrize(
    "fault",
    [
        "obj_description(p.oid, 'pg_proc') is null",
        "p.prosecdef and not coalesce(p.proconfig, '{}') @> array['search_path=\"\"']",
        "p.prosecdef and p.pronamespace = 'public'::regnamespace",
        # Nobody but those named has it: what PUBLIC may call, anyone may.
        "has_function_privilege('public', p.oid, 'execute')",
        "p.pronamespace = 'worker_api'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute')",
        "p.pronamespace = 'worker_api'::regnamespace and not has_function_privilege('service_role', p.oid, 'execute')",
        "p.pronamespace = 'ledger'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute')",
        "p.pronamespace = 'ledger'::regnamespace and has_function_privilege('service_role', p.oid, 'execute')",
    ],
    ids=[
        "comment",
        "search_path",
        "definer_in_public",
        "execute_to_public",
        "worker_api_users",
        "worker_api_workers",
        "ledger_users",
        "ledger_workers",
    ],
)
def test_functions_are_described_and_closed(module_world: World, fault: str) -> None:
    assert names(module_world, f"select p.oid::regprocedure {_FUNCTIONS} and ({fault})") == []


def test_every_money_column_says_minor_units(module_world: World) -> None:
    unsaid = names(
        module_world,
        "select a.attrelid::regclass || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace::regnamespace::text in OURS "
        "and a.atttypid = 'bigint'::regtype and a.attnum > 0 "
        "and a.attname ~ "
        "'(amount|earnings|revenue|cost|rate|fee|price|balance|credits|debits|held|charged|commission|total)' "
        "and coalesce(col_description(c.oid, a.attnum), '') !~* 'minor units'",
    )
    assert unsaid == []


def test_every_policy_is_described_names_its_roles_and_asks_who_calls_once(module_world: World) -> None:
    policies = "from pg_policy p where p.polrelid::regclass::text !~ '^(auth|storage)'"
    ours = f"{policies} and p.polrelid <> 'realtime.messages'::regclass"
    assert names(module_world, f"select p.polname {ours} and obj_description(p.oid, 'pg_policy') is null") == []
    assert names(module_world, f"select p.polname {policies} and p.polroles = '{{0}}'") == []
    # Calls outside a sub-select run once for each row.
    bare = (
        "regexp_replace(coalesce(pg_get_expr(p.polqual, p.polrelid), '') "
        "|| coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''), "
        "'SELECT (auth|private|realtime)\\.[a-z_]+\\(', '', 'g') ~ '(auth|private|realtime)\\.[a-z_]+\\('"
    )
    assert names(module_world, f"select p.polname {policies} and {bare}") == []


def test_each_role_and_action_has_one_permissive_policy(module_world: World) -> None:
    several = names(
        module_world,
        "select p.polrelid::regclass || ' ' || p.polcmd::text || ' ' || r::regrole "
        "from pg_policy p, unnest(p.polroles) r where p.polpermissive "
        "and p.polrelid::regclass::text !~ '^(auth|storage)' "
        "group by p.polrelid, p.polcmd, r having count(*) > 1",
    )
    assert several == []


def test_the_policies_migration_is_what_the_policies_folder_says() -> None:
    assert newest().read_text() == cut()


def test_the_policies_can_be_applied_again(module_world: World) -> None:
    with module_world.connect() as database:
        database.execute(newest().read_bytes())


def test_every_currency_column_is_held_to_the_platforms(module_world: World) -> None:
    loose = names(
        module_world,
        "select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'currency' "
        "where c.relkind = 'r' and c.relnamespace::regnamespace::text in OURS and not exists ("
        "select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'private.require_platform_currency'::regproc)",
    )
    assert loose == []
