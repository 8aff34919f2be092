"""The audit record: who changed what from where, personal values masked, nobody edits it, and tampering shows."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from stack.worlds import World
from tests.administration.tables import with_second_factor
from tests.sql.marketplace import Marketplace, Person, RefusedError, Row

BROWSER = {"User-Agent": "Test browser", "X-Forwarded-For": "203.0.113.7, 10.0.0.1", "X-Request-Id": "req-audit"}


def browse(market: Marketplace, caller: Person, function: str, **arguments: Any) -> None:
    """Call an RPC as a browser behind the gateway does."""
    headers = {"Authorization": f"Bearer {caller.token}", **BROWSER}
    answer = market.http.post(f"/rpc/{function}", json=arguments, headers=headers)
    if answer.status_code >= 400:
        raise RefusedError(answer)


def entries(market: Marketplace, table: str, row_id: object) -> list[Row]:
    """Return what the record says of a row, as its readers see it."""
    path = f"audit_logs?entity_type=eq.{table}&entity_id=eq.{row_id}&order=created_at,id"
    return market.read(market.admin, path)


# What is written ------------------------------------------------------------


def test_a_change_has_actor_address_agent_request_and_old_to_new(market: Marketplace) -> None:
    setting = market.value("select id from public.system_settings where key = 'topup.per_hour'")
    browse(market, market.admin, "update_setting", p_key="topup.per_hour", p_value="33")

    (entry,) = [row for row in entries(market, "system_settings", setting) if row["request_id"] == "req-audit"]

    assert entry["user_id"] == market.admin.id
    assert (entry["action"], entry["ip_address"], entry["user_agent"]) == ("update", "203.0.113.7", "Test browser")
    assert entry["changes"] == {"value": ["20", "33"]}


def test_a_forged_address_is_no_reason_to_fail(market: Marketplace) -> None:
    headers = {
        "Authorization": f"Bearer {market.admin.token}",
        "X-Forwarded-For": "'; drop table",
        "User-Agent": "x" * 900,
    }
    arguments = {"p_key": "topup.per_hour", "p_value": "34"}
    assert market.http.post("/rpc/update_setting", json=arguments, headers=headers).status_code == 200
    newest = market.row(
        "select ip_address, length(user_agent) as agent from public.audit_logs where length(user_agent) > 100"
    )
    assert newest == {"ip_address": None, "agent": 500}


def test_personal_values_are_recorded_as_changed_not_as_what_they_were(market: Marketplace) -> None:
    reader = market.reader()
    row = market.value("select id from public.readers where user_id = %s", reader.id)
    headers = {"Authorization": f"Bearer {reader.token}", **BROWSER}
    values = {"last_name": "Confidential", "bio": "Confidential", "headline": "Confidential", "experience": 7}
    answer = market.http.patch(f"/readers?user_id=eq.{reader.id}", json=values, headers=headers)
    assert answer.status_code == 204

    (newest,) = [entry for entry in entries(market, "readers", row) if entry["user_id"] == reader.id]

    assert newest["changes"] == {
        "last_name": ["…", "…"],
        "bio": ["…", "…"],
        "headline": [None, "…"],
        "experience": [0, 7],
    }


def test_columns_that_change_by_themselves_are_left_out(market: Marketplace) -> None:
    reader = market.reader()
    row = market.value("select id from public.readers where user_id = %s", reader.id)
    before = len(entries(market, "readers", row))
    for status in ("AWAY", "OFFLINE", "ONLINE"):
        market.call(reader, "set_reader_status", p_status=status)
    assert len(entries(market, "readers", row)) == before


# One statement for each audited table that changes, or makes, a row of it; it answers the row's id.
CHANGES = {
    "system_settings": "update public.system_settings set value = '35' where key = 'topup.per_hour' returning id",
    "users": "update public.users set username = 'audited_one' where id = {person} returning id",
    "admins": "insert into public.admins (user_id, permissions) values ({person}, '{{manage_users}}') returning id",
    "readers": "update public.readers set experience = experience + 1 where user_id = {reader} returning id",
    "reader_accounts": "update public.reader_accounts set disabled_reason = 'x' where user_id = {reader} returning id",
    "reader_applications": "update public.reader_applications set reason = 'x' where user_id = {reader} returning id",
    "products": "insert into public.products (name, description, type, category, price) "
    "values ('n', 'd', 'SERVICE', 'c', 1) returning id",
    "virtual_gifts": "insert into public.virtual_gifts (name, price, image_url) values ('rose', 1, 'x') returning id",
    "promo_codes": "insert into public.promo_codes (code, kind, amount) values ('AUDIT', 'CREDIT', 1) returning id",
    "money_approvals": "insert into public.money_approvals (kind, user_id, amount, reason, needs_second, requested_by, "
    "expires_at) values ('GOODWILL', {person}, 1, 'why', true, {reader}, private.now()) returning id",
    "reports": "insert into public.reports (reporter_id, reported_id, entity_type, entity_id, reason) "
    "values ({person}, {reader}, 'user', {reader}, 'why') returning id",
    "forum_categories": "insert into public.forum_categories (name) values ('audited') returning id",
    "consents": "insert into public.consents (user_id, kind, version) values ({person}, 'TERMS', '1') returning id",
    "recording_consents": "insert into public.recording_consents (session_id, user_id) "
    "select s.id, {person} from public.sessions s limit 1 returning id",
    "rules": "insert into ledger.rules (kind, share_bps) values ('GIFT', 6000) returning id",
    "accounts": "update ledger.accounts set frozen_at = private.now() "
    "where user_id = {person} and kind = 'client_wallet' returning id",
    "payouts": "with t as (insert into public.transactions (user_id, type, amount, status) "
    "values ({reader}, 'PAYOUT', 1, 'PENDING') returning id) "
    "insert into public.payouts (reader_id, amount, transaction_id) select {reader}, 1, t.id from t returning id",
    "orders": "with o as (insert into public.orders (client_id, total_amount) values ({person}, 1) returning id) "
    "select id from o",
    "forum_posts": "insert into public.forum_posts (author_id, category_id, title, content) "
    "select {person}, c.id, 't', 'c' from public.forum_categories c limit 1 returning id",
    "forum_replies": "insert into public.forum_replies (author_id, post_id, content) "
    "select {person}, p.id, 'c' from public.forum_posts p limit 1 returning id",
    "reviews": "select id from public.reviews limit 1",
}
# Recorded when they change, not when they are made.
THEN = {
    "orders": "update public.orders set status = 'CANCELLED' where id = %s",
    "forum_posts": "update public.forum_posts set is_pinned = true where id = %s",
    "forum_replies": "update public.forum_replies set status = 'DELETED' where id = %s",
    "reviews": "update public.reviews set is_hidden = true where id = %s",
}


def test_every_audited_table_is_listed_here(market: Marketplace) -> None:
    audited = market.rows(
        "select c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid "
        "where t.tgfoid = 'private.audit'::regproc and t.tgparentid = 0"
    )
    assert {row["name"] for row in audited} == CHANGES.keys()


def test_each_audited_table_writes_a_line(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    session.talk(30)
    session.by(session.client, "end")
    market.call(session.client, "review_session", p_session_id=session.id, p_rating=5)
    people = {"person": f"'{market.sign_up().id}'", "reader": f"'{session.reader.id}'"}
    silent = []
    for table, statement in CHANGES.items():
        # The order matters: a reply needs a post.
        row_id = market.value(statement.format(**people))
        if table in THEN:
            market.database.execute(THEN[table].encode(), [row_id])
        if not entries(market, table, row_id):
            silent.append(table)
    assert silent == []


def test_a_look_at_a_persons_profile_is_recorded(market: Marketplace) -> None:
    person = market.sign_up()
    browse(market, market.admin, "admin_read_client", p_user_id=person.id)
    (entry,) = entries(market, "clients", person.id)
    assert (entry["action"], entry["user_id"], entry["changes"]) == ("client.read", market.admin.id, None)
    assert (entry["ip_address"], entry["request_id"]) == ("203.0.113.7", "req-audit")
    other = market.make_admin("manage_finances")
    with market.refuses("permission_denied"):
        market.call(other, "admin_read_client", p_user_id=person.id)
    with market.refuses("not_found"):
        market.call(market.admin, "admin_read_client", p_user_id=str(uuid.uuid4()))


def test_a_change_of_status_is_recorded_with_its_reason(market: Marketplace) -> None:
    person = market.sign_up()
    arguments = {"p_user_id": person.id, "p_status": "SUSPENDED", "p_reason": "spam"}
    browse(market, with_second_factor(market, market.admin), "admin_set_user_status", **arguments)
    assert {row["action"]: row["changes"] for row in entries(market, "users", person.id)} == {
        "update": {"status": ["ACTIVE", "SUSPENDED"]},
        "user.status": {"reason": "spam", "status": "SUSPENDED"},
    }


def test_the_record_is_for_administrators_of_users(market: Marketplace) -> None:
    assert market.read(market.admin, "audit_logs?limit=1")
    for person in (market.sign_up(), market.reader(), market.make_admin("manage_finances", "manage_settings")):
        assert market.read(person, "audit_logs?limit=1") == []
    answer = market.http.get("/audit_logs", headers={"Authorization": f"Bearer {market.world.anon_key}"})
    assert answer.status_code == 401


# Nobody edits it ------------------------------------------------------------

EDITS = [
    "update {table} set action = 'nothing' where true",
    "update {table} set changes = null where true",
    "update {table} set ip_address = '203.0.113.1', user_agent = 'me' where true",
    "delete from {table} where true",
    "truncate {table}",
]


@pytest.mark.parametrize("role", ["postgres", "service_role"])
@pytest.mark.parametrize("edit", EDITS)
def test_neither_owner_nor_services_edit_it(market: Marketplace, role: str, edit: str) -> None:
    market.call(market.admin, "admin_read_client", p_user_id=market.sign_up().id)
    before = market.value("select count(*) from public.audit_logs")
    partitions = market.rows(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'public.audit_logs'::regclass"
    )
    months = [row["name"] for row in partitions if market.value(f"select exists (select from {row['name']})")]  # noqa: S608
    for table in ["public.audit_logs", *months]:
        with psycopg.connect(market.world.dsn, autocommit=True) as database:
            database.execute(f"set role {role}".encode())
            with pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)):
                database.execute(edit.format(table=table).encode())
    assert market.value("select count(*) from public.audit_logs") == before


def test_neither_does_the_api(market: Marketplace) -> None:
    service = {"Authorization": f"Bearer {market.world.service_key}"}
    for method in ("POST", "PATCH", "DELETE"):
        answer = market.http.request(method, "/audit_logs?action=eq.update", json={"action": "x"}, headers=service)
        assert answer.status_code == 403
    for schema in ("private", "ledger"):
        answer = market.http.get("/audit_seals", headers={**service, "Accept-Profile": schema})
        assert answer.status_code == 406


# Sealed ------------------------------------------------------------


@pytest.fixture
def sealed(world: World) -> Iterator[Marketplace]:
    """A marketplace of its own whose last two months are sealed."""
    market = Marketplace(world)
    for _ in range(2):
        for _ in range(3):
            market.call(market.admin, "admin_read_client", p_user_id=market.sign_up().id)
        market.clock.advance(31 * 86_400)
        market.worker("run_upkeep")
        market.worker("seal_audit")
    yield market
    market.close()


@pytest.fixture
def owner_of_sealed(sealed: Marketplace) -> Iterator[psycopg.Connection[Any]]:
    """The superuser of the sealed marketplace, whom no trigger stops."""
    with psycopg.connect(sealed.world.superuser_dsn, autocommit=True) as connection:
        yield connection


def test_a_month_that_is_over_is_sealed_once(sealed: Marketplace) -> None:
    seals = sealed.rows("select month, rows, hash from private.audit_seals order by month")
    assert len(seals) == 2
    assert all(seal["rows"] > 0 for seal in seals)
    (newest,) = sealed.worker("seal_audit")
    assert newest == {
        "month": seals[-1]["month"].isoformat(),
        "sealed_rows": seals[-1]["rows"],
        "hash": seals[-1]["hash"].hex(),
    }
    assert sealed.rows("select month, rows, hash from private.audit_seals order by month") == seals
    assert sealed.worker("verify_audit") == []


TAMPERINGS = {
    "a value changed": "update public.audit_logs set changes = '{{\"value\": [1, 2]}}' where id = {id}",
    "an actor changed": "update public.audit_logs set user_id = gen_random_uuid() where id = {id}",
    "a line removed": "delete from public.audit_logs where id = {id}",
    "a line added": "insert into public.audit_logs (id, action, entity_type, entity_id) "
    "select private.uuid_v7(created_at), 'update', 'users', 'x' from public.audit_logs where id = {id}",
}


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_tampering_by_a_superuser_shows(sealed: Marketplace, owner_of_sealed: Any, tampering: str) -> None:
    first = sealed.row("select id::text, created_at from public.audit_logs order by id limit 1")
    owner_of_sealed.execute("alter table public.audit_logs disable trigger append_only")
    owner_of_sealed.execute(tampering.format(id=f"'{first['id']}'").encode())
    owner_of_sealed.execute("alter table public.audit_logs enable trigger append_only")

    (broken,) = sealed.worker("verify_audit")

    months = sealed.row("select min(month)::text as first, max(month)::text as last from private.audit_seals")
    assert broken["month"] == months["first"]
    assert sealed.worker("verify_audit", p_month=months["first"]) == [broken]
    assert sealed.worker("verify_audit", p_month=months["last"]) == []


def test_a_seal_made_anew_breaks_the_later_ones(sealed: Marketplace, owner_of_sealed: Any) -> None:
    months = [row["month"] for row in sealed.rows("select month::text from private.audit_seals order by month")]
    owner_of_sealed.execute("alter table public.audit_logs disable trigger append_only")
    owner_of_sealed.execute("alter table private.audit_seals disable trigger append_only")
    owner_of_sealed.execute(
        "delete from public.audit_logs where id = (select id from public.audit_logs order by id limit 1)"
    )
    owner_of_sealed.execute(
        "update private.audit_seals s set rows = h.rows, hash = h.hash from private.audit_hash(%s) h "
        "where s.month = %s",
        [months[0], months[0]],
    )
    assert [row["month"] for row in sealed.worker("verify_audit")] == [months[1]]


def test_what_erasure_blanks_is_no_tampering(sealed: Marketplace) -> None:
    person = sealed.row(
        "select user_id::text as id from public.audit_logs where user_agent is not null and user_id is not null limit 1"
    )["id"]
    another = sealed.make_admin("manage_users")
    sealed.call(Person(person, sealed.world.token(person)), "erase_account")

    assert another.id != person
    assert not sealed.rows("select 1 from public.audit_logs where user_id = %s and user_agent is not null", person)
    assert sealed.worker("verify_audit") == []


def test_the_record_of_a_month_takes_few_looks(market: Marketplace) -> None:
    plan = market.rows(
        "explain (format json) select * from public.audit_logs "
        "where id >= private.uuid_v7_floor('2026-11-01') and id < private.uuid_v7_floor('2026-12-01')"
    )
    assert json.dumps(plan).count("audit_logs_20") <= 2
