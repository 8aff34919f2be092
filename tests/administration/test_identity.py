"""Who somebody is: roles, applications, status, administrators, consents; and that a stale token helps nobody."""

import uuid
from typing import Any

import pytest

from tests.administration.tables import add, change, refused, remove, with_second_factor
from tests.sql.marketplace import Marketplace, Person, RefusedError

EVERYTHING = ["manage_users", "manage_finances", "moderate_content", "manage_settings"]
# What a suspended person may still call: a heartbeat keeps no session alive that the suspension ends, and a view is not
# counted; both are shown below.
# Whoever loses a device may revoke it, whatever the account's status: it only takes away.
HARMLESS = {"heartbeat_session", "revoke_device", "view_post"}


def role(market: Marketplace, person: Person) -> str:
    return str(market.value("select role::text from public.users where id = %s", person.id))


# Roles ------------------------------------------------------------


def test_nobody_writes_a_role_or_a_status(market: Marketplace) -> None:
    person = market.sign_up()
    for values in ({"role": "ADMIN"}, {"status": "ACTIVE"}):
        with pytest.raises(RefusedError) as caught:
            change(market, person, f"users?id=eq.{person.id}", **values)
        assert caught.value.sqlstate == "42501"
    for table in ("admins", "readers", "reader_accounts"):
        with pytest.raises(RefusedError) as caught:
            add(market, person, table, user_id=person.id)
        assert caught.value.sqlstate == "42501"
    assert role(market, person) == "CLIENT"


def test_metadata_and_token_claims_make_nobody_an_administrator(market: Marketplace) -> None:
    person = market.sign_up()
    claims: dict[str, Any] = {
        "user_role": "ADMIN",
        "user_metadata": {"role": "ADMIN"},
        "app_metadata": {"role": "ADMIN"},
    }
    pretender = Person(person.id, market.world.token(person.id, aal="aal2", **claims))
    refused(market, "permission_denied", "update_setting", pretender, p_key="topup.maximum", p_value="1")
    assert market.read(pretender, "audit_logs") == []


def test_the_service_role_changes_roles_through_functions_only(market: Marketplace) -> None:
    person = market.sign_up()
    service = Person("", market.world.service_key)
    with pytest.raises(RefusedError) as caught:
        change(market, service, f"users?id=eq.{person.id}", role="ADMIN")
    assert caught.value.sqlstate == "42501"


def test_an_application_is_decided_once_and_only_approval_makes_a_reader(market: Marketplace) -> None:
    person = market.sign_up()
    market.apply(person)
    decided = market.call(
        market.admin, "review_reader_application", p_user_id=person.id, p_approve=False, p_reason="Too short."
    )
    assert (decided["status"], decided["reviewed_by"], decided["reason"]) == ("REJECTED", market.admin.id, "Too short.")
    assert role(market, person) == "CLIENT"
    refused(market, "not_found", "review_reader_application", market.admin, p_user_id=person.id, p_approve=True)

    market.apply(person)
    market.call(market.admin, "review_reader_application", p_user_id=person.id, p_approve=True)

    assert role(market, person) == "READER"
    assert market.value("select is_verified from public.readers where user_id = %s", person.id)
    seen = market.read(person, "reader_applications?select=status")
    assert sorted(row["status"] for row in seen) == ["APPROVED", "REJECTED"]
    assert market.read(market.sign_up(), "reader_applications") == []


# Administrators ------------------------------------------------------------


def test_permissions_ask_for_a_second_factor(market: Marketplace) -> None:
    person = market.sign_up()
    arguments = {"p_user_id": person.id, "p_permissions": ["moderate_content"]}
    refused(market, "second_factor_required", "admin_set_permissions", market.admin, **arguments)
    assert role(market, person) == "CLIENT"

    admin = with_second_factor(market, market.admin)
    market.call(admin, "admin_set_permissions", **arguments)
    assert role(market, person) == "ADMIN"
    refused(market, "permission_denied", "admin_set_permissions", with_second_factor(market, person), **arguments)

    market.call(
        with_second_factor(market, market.admin), "admin_set_permissions", p_user_id=person.id, p_permissions=[]
    )
    assert role(market, person) == "CLIENT"


def test_a_dismissed_administrator_who_reads_is_a_reader_again(market: Marketplace) -> None:
    reader, admin = market.reader(), with_second_factor(market, market.admin)
    market.call(admin, "admin_set_permissions", p_user_id=reader.id, p_permissions=["moderate_content"])
    market.call(admin, "admin_set_permissions", p_user_id=reader.id, p_permissions=[])
    assert role(market, reader) == "READER"


@pytest.mark.parametrize("permissions", [None, [None]])
def test_no_permissions_are_not_an_empty_list(market: Marketplace, permissions: list[str] | None) -> None:
    admin = with_second_factor(market, market.admin)
    arguments = {"p_user_id": market.sign_up().id, "p_permissions": permissions}
    refused(market, "invalid_argument", "admin_set_permissions", admin, **arguments)


def test_the_last_administrator_of_users_stays_whatever_the_way(market: Marketplace) -> None:
    last = with_second_factor(market, market.admin)
    others = market.rows("select user_id::text as id from public.admins where user_id <> %s", last.id)
    for other in others:
        market.call(last, "admin_set_permissions", p_user_id=other["id"], p_permissions=[])

    with market.refuses("last_admin"):
        market.call(last, "admin_set_permissions", p_user_id=last.id, p_permissions=["manage_settings"])
    with market.refuses("last_admin"):
        market.call(last, "admin_set_user_status", p_user_id=last.id, p_status="SUSPENDED", p_reason="mine")
    with market.refuses("last_admin"):
        market.call(last, "erase_account")


def test_two_last_administrators_cannot_dismiss_each_other_at_once(market: Marketplace) -> None:
    first, second = (with_second_factor(market, market.make_admin("manage_users")) for _ in range(2))
    market.worker("appoint_admin", p_user_id=market.admin.id, p_permissions=["manage_settings"])
    try:
        outcomes = market.at_once(
            [
                lambda: market.call(first, "admin_set_permissions", p_user_id=second.id, p_permissions=[]),
                lambda: market.call(second, "admin_set_permissions", p_user_id=first.id, p_permissions=[]),
            ]
        )
        refusals = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
        assert len(refusals) == 1
        # Dismissed a moment before, or the last one: which, is a matter of who came first.
        assert refusals[0].code in {"permission_denied", "last_admin"}
    finally:
        market.worker("appoint_admin", p_user_id=market.admin.id, p_permissions=EVERYTHING)


# Status ------------------------------------------------------------


def dummy(kind: str) -> object:
    """Return an argument of a type, good enough for a call that ends before it looks at it."""
    if kind.endswith("[]"):
        return []
    values = {
        "uuid": str(uuid.uuid4()),
        "text": "x",
        "bigint": 1,
        "integer": 1,
        "boolean": True,
        "jsonb": {},
        "session_type": "CHAT",
        "reader_status": "ONLINE",
        "user_status": "ACTIVE",
        "consent_kind": "TERMS",
    }
    return values.get(kind)


def write_doors(market: Marketplace) -> dict[str, dict[str, object]]:
    """Return every function of the API that may write, with arguments."""
    doors = market.rows(
        """
        select p.proname as name, p.proargnames[1:p.pronargs] as names,
               array(select case when t.typcategory = 'A' then 'x[]' else t.typname end
                     from unnest(p.proargtypes) with ordinality a (type, n)
                     join pg_type t on t.oid = a.type order by n) as types
        from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v' and p.prorettype <> 'trigger'::regtype
          and has_function_privilege('authenticated', p.oid, 'execute')
        """
    )
    short = {"int8": "bigint", "int4": "integer", "bool": "boolean"}
    return {
        door["name"]: {
            name: dummy(short.get(kind, kind)) for name, kind in zip(door["names"] or [], door["types"], strict=True)
        }
        for door in doors
    }


@pytest.mark.parametrize("status", ["SUSPENDED", "BANNED", "PENDING"])
def test_a_status_acts_at_once_on_an_old_token_at_every_call_that_writes(market: Marketplace, status: str) -> None:
    person = market.reader()
    market.worker("appoint_admin", p_user_id=person.id, p_permissions=EVERYTHING)
    old = Person(person.id, market.world.token(person.id, aal="aal2", user_status="ACTIVE", user_role="ADMIN"))
    market.call(market.admin, "admin_set_user_status", p_user_id=person.id, p_status=status, p_reason="a test")

    doors = write_doors(market)
    assert {"request_session", "erase_account", "update_setting", "give_consent", "request_payout"} <= doors.keys()
    answers = {}
    for name, arguments in doors.items():
        try:
            answers[name] = str(market.call(old, name, **arguments))
        except RefusedError as refusal:
            answers[name] = refusal.code
    open_doors = {
        name: answer
        for name, answer in answers.items()
        if name not in HARMLESS and answer not in {"account_suspended", "permission_denied"}
    }
    assert open_doors == {}


def test_a_suspended_heartbeat_keeps_nothing_alive_and_a_view_is_not_counted(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    session.talk(30)
    market.call(market.admin, "admin_set_user_status", p_user_id=session.client.id, p_status="SUSPENDED", p_reason="x")
    session.talk(60)
    row = session.row()
    assert (row["end_reason"], row["billed_minutes"]) == ("account_suspended", 1)

    post = market.value(
        "insert into public.forum_posts (author_id, category_id, title, content) values (%s, %s, 't', 'c') "
        "returning id",
        session.reader.id,
        market.value("insert into public.forum_categories (name) values (%s) returning id", str(uuid.uuid4())),
    )
    market.call(session.client, "view_post", p_post_id=str(post))
    market.call(session.reader, "view_post", p_post_id=str(post))
    assert market.value("select count(*) from private.post_views where post_id = %s", post) == 1


def table_doors(market: Marketplace, person: Person) -> dict[str, Any]:
    """Return one write for each table a person may write, none of which changes a suspended person's rows."""
    other, reader = market.sign_up(), market.reader()
    category = market.value("insert into public.forum_categories (name) values (%s) returning id", str(uuid.uuid4()))
    post = add(market, person, "forum_posts", author_id=person.id, category_id=str(category), title="t", content="c")
    favored = add(market, person, "favorites", client_id=person.id, reader_id=reader.id)
    blocked = add(market, person, "blocks", blocker_id=person.id, blocked_id=other.id)
    market.database.execute("insert into public.notifications (user_id, kind) values (%s, 'hello')", [person.id])
    slot = {"day_of_week": 1, "start_time": "09:00", "end_time": "10:00", "is_recurring": True}
    hours = add(market, person, "availability", reader_id=person.id, **slot)
    new_post = {"author_id": person.id, "category_id": str(category), "title": "t", "content": "c"}
    product = {"name": "n", "description": "d", "type": "SERVICE", "category": "c", "price": 100}
    return {
        "username": lambda: change(market, person, f"users?id=eq.{person.id}", username="someone_else"),
        "client": lambda: change(market, person, f"clients?user_id=eq.{person.id}", bio="x"),
        "reader": lambda: change(market, person, f"readers?user_id=eq.{person.id}", bio="x"),
        "post": lambda: add(market, person, "forum_posts", **new_post),
        "edit": lambda: change(market, person, f"forum_posts?id=eq.{post['id']}", content="x"),
        "reply": lambda: add(market, person, "forum_replies", author_id=person.id, post_id=post["id"], content="x"),
        "favorite": lambda: add(market, person, "favorites", client_id=person.id, reader_id=other.id),
        "unfavorite": lambda: remove(market, person, f"favorites?id=eq.{favored['id']}"),
        "block": lambda: add(market, person, "blocks", blocker_id=person.id, blocked_id=reader.id),
        "unblock": lambda: remove(market, person, f"blocks?id=eq.{blocked['id']}"),
        "read": lambda: change(market, person, f"notifications?user_id=eq.{person.id}", read_at="2026-11-01T00:00:00Z"),
        "dismiss": lambda: remove(market, person, f"notifications?user_id=eq.{person.id}"),
        "hours": lambda: add(market, person, "availability", reader_id=person.id, **{**slot, "day_of_week": 2}),
        "fewer hours": lambda: remove(market, person, f"availability?id=eq.{hours['id']}"),
        "product": lambda: add(market, person, "products", reader_id=person.id, **product),
        "stream": lambda: add(market, person, "live_streams", reader_id=person.id, title="t", category="c"),
    }


def test_a_status_acts_at_once_on_an_old_token_at_every_table(market: Marketplace) -> None:
    person = market.reader()
    doors = table_doors(market, person)
    market.call(market.admin, "admin_set_user_status", p_user_id=person.id, p_status="SUSPENDED", p_reason="a test")

    outcomes = {}
    for name, door in doors.items():
        try:
            outcomes[name] = str(door())
        except RefusedError as refusal:
            outcomes[name] = refusal.sqlstate
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in {"[]", "42501"}} == {}

    market.call(market.admin, "admin_set_user_status", p_user_id=person.id, p_status="ACTIVE", p_reason="a test")
    assert doors["client"]()
    assert doors["unfavorite"]()


def test_a_status_needs_a_reason_and_a_person(market: Marketplace) -> None:
    person = market.sign_up()
    set_status = "admin_set_user_status"
    for reason in (None, "", "x" * 2001):
        arguments = {"p_user_id": person.id, "p_status": "SUSPENDED", "p_reason": reason}
        refused(market, "invalid_argument", set_status, market.admin, **arguments)
    unknown = {"p_user_id": str(uuid.uuid4()), "p_status": "SUSPENDED", "p_reason": "x"}
    refused(market, "not_found", set_status, market.admin, **unknown)
    other = market.make_admin("manage_finances", "moderate_content", "manage_settings")
    refused(market, "permission_denied", set_status, other, **{**unknown, "p_user_id": person.id})


# Consents ------------------------------------------------------------


def test_a_consent_has_its_version_and_is_withdrawn_never_deleted(market: Marketplace) -> None:
    person = market.sign_up()
    first = market.call(person, "give_consent", p_kind="TERMS", p_version="2026-01")
    assert market.call(person, "give_consent", p_kind="TERMS", p_version="2026-01")["id"] == first["id"]
    market.call(person, "give_consent", p_kind="TERMS", p_version="2026-11")
    market.call(person, "give_consent", p_kind="ADULT", p_version="1", p_details={"said": "of age"})

    assert market.call(person, "withdraw_consent", p_kind="TERMS") == 2
    again = market.call(person, "give_consent", p_kind="TERMS", p_version="2026-01")

    assert again["id"] != first["id"]
    rows = market.read(person, "consents?select=kind,version,withdrawn_at")
    assert sorted((row["kind"], row["version"], row["withdrawn_at"] is None) for row in rows) == [
        ("ADULT", "1", True),
        ("TERMS", "2026-01", False),
        ("TERMS", "2026-01", True),
        ("TERMS", "2026-11", False),
    ]
    assert market.read(market.sign_up(), "consents") == []
    for version in (None, "", "no spaces", "x" * 41):
        refused(market, "invalid_argument", "give_consent", person, p_kind="TERMS", p_version=version)
    with pytest.raises(RefusedError):
        remove(market, person, f"consents?id=eq.{first['id']}")
