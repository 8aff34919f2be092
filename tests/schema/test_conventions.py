"""What every table, column, key and function of ours has in common, read from the catalogue."""

from typing import Any, LiteralString

import psycopg
import pytest

Catalogue = psycopg.Connection[tuple[Any, ...]]

# Whole numbers of 64 bits that are not money.
NOT_MONEY = {
    "public.system_settings.minimum",
    "public.system_settings.maximum",
    "private.object_sequences.taken",
    "private.object_sequences.applied",
    "private.post_views.id",
    "private.audit_seals.rows",
}
# Written by our functions from what is bounded already, never from a person's input as it came.
BOUNDED_ELSEWHERE = {
    # Triggers: a time zone this server knows.
    "public.clients.timezone",
    "public.readers.timezone",
    "public.reader_applications.timezone",
    # The audit trigger and the headers it shortens; what a row held is the row's to bound.
    "public.audit_logs.entity_type",
    "public.audit_logs.entity_id",
    "public.audit_logs.changes",
    "public.audit_logs.user_agent",
    "public.audit_logs.request_id",
    # As Stripe says it: refusing the words would lose the event.
    "public.reader_accounts.disabled_reason",
    "public.reader_accounts.requirements_due",
    "public.payout_attempts.destination",
    "public.payout_attempts.stripe_payout_id",
    "public.payout_attempts.error_code",
    "public.payout_attempts.error_message",
    "public.payout_attempts.failed_payouts",
    # What the product named when it was paid for; its two names have their bounds.
    "public.order_items.files",
}


def names(catalogue: Catalogue, query: LiteralString) -> set[str]:
    return {row[0] for row in catalogue.execute(query)}


@pytest.mark.parametrize("kind", ["schema", "table or view", "type", "function", "policy"])
def test_everything_has_a_comment(catalogue: Catalogue, kind: str) -> None:
    found = catalogue.execute("select name, comment from named where kind = %s", (kind,)).fetchall()
    assert found != []
    assert [name for name, comment in found if not comment] == []


def test_every_foreign_key_leads_an_index(catalogue: Catalogue) -> None:
    """An index that begins with the key's columns, holding every row or every row that refers to something."""
    bare = names(
        catalogue,
        """
        select format('%s: %s', o.name, k.conname) from pg_constraint k join ours o on o.oid = k.conrelid
        where k.contype = 'f' and k.conparentid = 0 and not exists (
            select from pg_index i
            where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
              and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey)
        """,
    )
    assert bare == set()


def test_money_is_whole_minor_units_and_says_so(catalogue: Catalogue) -> None:
    silent = names(
        catalogue,
        "select name || '.' || \"column\" from columns where type = 'int8' and comment !~* 'minor units'",
    )
    assert silent == NOT_MONEY


def test_money_is_never_a_fraction(catalogue: Catalogue) -> None:
    """Numeric holds what is measured, never what is paid; floating point holds nothing."""
    fractions = names(
        catalogue,
        "select name || '.' || \"column\" from columns where type in ('float4', 'float8', 'money', 'numeric')",
    )
    rating = "average_rating"
    assert fractions == {"public.products.weight", f"public.readers.{rating}", f"private.directory_entries.{rating}"}


def test_every_currency_is_held_to_the_platforms(catalogue: Catalogue) -> None:
    loose = names(
        catalogue,
        """
        select name from columns c where c.column = 'currency' and not (c.type = 'bpchar' and c.attnotnull and exists (
            select from pg_trigger t
            where t.tgrelid = c.oid and t.tgfoid = 'private.require_platform_currency()'::regprocedure))
        """,
    )
    assert loose == set()


def test_every_change_is_dated_by_the_one_trigger(catalogue: Catalogue) -> None:
    undated = names(
        catalogue,
        """
        select name from columns c where c.column = 'updated_at' and not exists (
            select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'private.touch_updated_at()'::regprocedure)
        """,
    )
    # The posting functions date it themselves: a trigger would cost every minute of every session.
    assert undated == {"ledger.accounts"}


def test_times_carry_their_zone(catalogue: Catalogue) -> None:
    zoneless = names(catalogue, "select name || '.' || \"column\" from columns where type in ('timestamp', 'timetz')")
    assert zoneless == set()


def test_ids_of_public_tables_sort_by_time(catalogue: Catalogue) -> None:
    others = names(
        catalogue,
        """
        select name from columns c where c.schema = 'public' and c.column = 'id'
          and (c.type <> 'uuid' or c.default is distinct from 'private.uuid_v7()')
        """,
    )
    # A person's id is the login's.
    assert others == {"public.users"}


def test_every_table_has_row_level_security(catalogue: Catalogue) -> None:
    open_tables = names(catalogue, "select name from ours where relkind in ('r', 'p') and not relrowsecurity")
    assert open_tables == set()


def test_partitions_live_out_of_reach_and_guarded(catalogue: Catalogue) -> None:
    reachable = names(
        catalogue,
        """
        select c.oid::regclass::text from pg_class c
        where c.relispartition and c.relkind = 'r'
          and c.relnamespace::regnamespace::text in ('public', 'private', 'ledger')
          and (c.relnamespace = 'public'::regnamespace or not c.relrowsecurity or c.relacl is not null)
        """,
    )
    assert reachable == set()


def test_what_people_write_has_bounds(catalogue: Catalogue) -> None:
    """Every text, list and document of a public table is in a CHECK, unless the database alone writes it."""
    unbounded = names(
        catalogue,
        """
        select name || '.' || c.column from columns c
        where c.schema = 'public' and c.attgenerated = '' and c.type in ('text', 'citext', '_text', 'jsonb')
          and not exists (
            select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and c.attnum = any (k.conkey))
        """,
    )
    assert unbounded == BOUNDED_ELSEWHERE


def test_numbers_of_public_tables_have_a_range(catalogue: Catalogue) -> None:
    boundless = names(
        catalogue,
        """
        select name || '.' || c.column from columns c
        where c.schema = 'public' and c.attgenerated = '' and c.type in ('int2', 'int4', 'int8', 'numeric')
          and not exists (
            select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and c.attnum = any (k.conkey))
        """,
    )
    assert boundless == set()


def test_functions_pin_their_search_path(catalogue: Catalogue) -> None:
    loose = names(
        catalogue,
        """
        select oid::regprocedure::text from pg_proc
        where pronamespace::regnamespace::text in ('public', 'private', 'ledger', 'worker_api')
          and not ('search_path=""' = any (coalesce(proconfig, '{}')))
        """,
    )
    assert loose == set()


def test_functions_of_public_run_as_their_caller(catalogue: Catalogue) -> None:
    definers = names(
        catalogue,
        "select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace and prosecdef",
    )
    assert definers == set()


def test_views_run_as_their_reader(catalogue: Catalogue) -> None:
    owners = names(
        catalogue,
        """
        select oid::regclass::text from pg_class where relkind = 'v'
          and relnamespace::regnamespace::text in ('public', 'private', 'ledger', 'worker_api')
          and not ('security_invoker=true' = any (coalesce(reloptions, '{}')))
        """,
    )
    assert owners == set()
