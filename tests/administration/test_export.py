"""Export: everything of one person, gathered once, and nothing of anybody else's."""

import json
from typing import Any

from tests.administration.tables import add, refused
from tests.sql.marketplace import Marketplace, Person

# Tables with a person in them of which an export holds nothing, and why.
LEFT_OUT = {
    "audit_logs": "the record of who did what is the platform's",
    "data_exports": "the export itself",
    "money_approvals": "administrators' papers; what came of one is in the transactions",
    "promo_codes": "whoever made one did so for the platform",
}


def gather(market: Marketplace, person: Person) -> dict[str, Any]:
    """Ask for an export, do what the worker does, and read it as its owner."""
    export = market.call(person, "request_export")
    job = market.value("select id::text from private.outbox where payload ->> 'export_id' = %s", export["id"])
    assert market.worker("apply_account_export", p_outbox_id=job) is True
    (row,) = market.read(person, f"data_exports?id=eq.{export['id']}")
    assert row["completed_at"] is not None
    content: dict[str, Any] = row["content"]
    return content


def test_it_holds_everything_of_one_person(market: Marketplace) -> None:
    reader, client = market.reader(), market.client(funds=600)
    session = market.started(client, reader)
    session.talk(30)
    session.by(client, "end")
    market.call(client, "review_session", p_session_id=session.id, p_rating=4, p_comment="Kind.")
    add(market, client, "favorites", client_id=client.id, reader_id=reader.id)
    market.call(client, "give_consent", p_kind="TERMS", p_version="1")

    mine, theirs = gather(market, client), gather(market, reader)

    assert mine["account"]["email"] == f"{client.id}@example.test"
    assert [row["id"] for row in mine["sessions"]] == [session.id]
    assert {row["type"] for row in mine["transactions"]} == {"ADD_FUNDS", "SESSION_CHARGE"}
    assert {row["kind"] for row in mine["accounts"]} == {"client_wallet", "promo_credit", "client_debt"}
    assert [row["comment"] for row in mine["reviews"]] == ["Kind."]
    assert len(mine["favorites"]) == len(mine["consents"]) == 1
    assert mine["reader"] is None
    assert theirs["reader"]["user_id"] == reader.id
    assert [row["status"] for row in theirs["applications"]] == ["APPROVED"]
    assert [row["comment"] for row in theirs["reviews"]] == ["Kind."]


def test_it_holds_nothing_of_others(market: Marketplace) -> None:
    reader, client = market.reader(), market.client(funds=600)
    session = market.started(client, reader)
    session.talk(30)
    session.by(client, "end")
    add(market, client, "blocks", blocker_id=client.id, blocked_id=reader.id)
    market.database.execute(
        "insert into public.reports (reporter_id, reported_id, entity_type, entity_id, reason) "
        "values (%s, %s, 'user', %s, 'said-in-confidence')",
        [client.id, reader.id, reader.id],
    )

    text = json.dumps(gather(market, reader))

    assert f"{client.id}@example.test" not in text
    assert "said-in-confidence" not in text
    assert market.admin.id not in text
    theirs = json.loads(text)
    assert theirs["blocks"] == theirs["reports"] == theirs["transactions"] == []
    assert {row["user_id"] for row in theirs["accounts"]} == {reader.id}
    assert "said-in-confidence" in json.dumps(gather(market, client))


def test_every_table_with_a_person_in_it_is_gathered_or_left_out_on_purpose(market: Marketplace) -> None:
    tables = {
        row["name"]
        for row in market.rows(
            "select distinct c.conrelid::regclass::text as name from pg_constraint c join pg_class r "
            "on r.oid = c.conrelid where c.contype = 'f' and c.confrelid = 'public.users'::regclass "
            "and r.relnamespace = 'public'::regnamespace and not r.relispartition"
        )
    }
    source = market.value("select prosrc from pg_proc where proname = 'gather_export'")
    missing = {table for table in tables if f"public.{table} " not in source} - LEFT_OUT.keys()
    assert missing == set()


def test_it_is_gathered_once_and_read_by_its_owner_only(market: Marketplace) -> None:
    person, other = market.sign_up(), market.sign_up()
    first = market.call(person, "request_export")
    assert market.call(person, "request_export")["id"] == first["id"]
    jobs = market.rows("select id::text from private.outbox where payload ->> 'export_id' = %s", first["id"])
    assert len(jobs) == 1

    gathered = market.at_once([lambda: market.worker("apply_account_export", p_outbox_id=jobs[0]["id"])] * 4)

    assert sorted(gathered) == [False, False, False, True]
    assert market.read(other, f"data_exports?id=eq.{first['id']}") == []
    assert market.read(market.admin, f"data_exports?id=eq.{first['id']}") == []
    assert market.call(person, "request_export")["id"] != first["id"]


def test_it_is_dropped_after_a_week(market: Marketplace) -> None:
    person = market.sign_up()
    gather(market, person)
    waiting = market.call(person, "request_export")
    market.clock.advance(7 * 86_400 - 10)
    market.worker("run_upkeep")
    assert len(market.read(person, "data_exports")) == 2

    market.clock.advance(11)
    assert market.worker("run_upkeep")["exports_dropped"] >= 1

    assert [row["id"] for row in market.read(person, "data_exports")] == [waiting["id"]]


def test_a_suspended_person_waits(market: Marketplace) -> None:
    person = market.sign_up()
    market.suspend(person)
    refused(market, "account_suspended", "request_export", person)
