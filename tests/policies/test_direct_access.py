"""Beside the access matrix: other people's rows, the schemas of the house, partitions."""

from dataclasses import dataclass

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person, Row

# What a person may change of their own.
_CHANGED_BY_OWNER = {
    "users": {"username"},
    "clients": {
        "first_name",
        "last_name",
        "avatar",
        "bio",
        "date_of_birth",
        "timezone",
        "preferences",
        "preferred_session_types",
        "preferred_categories",
    },
    "readers": {
        "first_name",
        "last_name",
        "avatar",
        "bio",
        "headline",
        "specialties",
        "experience",
        "certifications",
        "languages",
        "session_types",
        "pricing",
        "timezone",
    },
}


@dataclass(frozen=True, slots=True)
class Cast:
    """A session that ran, its two sides, and who tries to reach it."""

    session: LiveSession
    callers: dict[str, Person]


@pytest.fixture(scope="module")
def cast(market: Marketplace) -> Cast:
    """Everyone with rows in as many tables as one life makes."""
    session = market.started(market.client(funds=5000, promo=100), market.reader(rate=3000))
    market.clock.advance(30)
    session.by(session.client, "end")
    market.open_payout_account(session.reader)
    market.clock.advance(604_800)
    market.call(session.reader, "request_payout", p_idempotency_key="k")
    applicant = market.sign_up()
    market.apply(applicant)
    return Cast(
        session,
        {
            "anon": Person("", market.world.anon_key),
            "nobody": Person("", ""),
            "stranger": market.client(funds=1000),
            "client": session.client,
            "reader": session.reader,
            "anonymous": market.sign_up(is_anonymous=True),
        },
    )


def tries(market: Marketplace, caller: Person, method: str, path: str, body: Row | None = None) -> tuple[int, str]:
    """Answer the status and the SQLSTATE of a direct request."""
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    answer = market.http.request(method, path, json=body, headers=headers)
    return answer.status_code, answer.json().get("code", "") if answer.status_code >= 400 else ""


_CALLERS = ["anon", "nobody", "stranger", "client", "reader", "anonymous"]


@pytest.mark.parametrize("who", ["stranger", "anonymous"])
def test_granted_columns_change_in_ones_own_row_only(market: Marketplace, cast: Cast, who: str) -> None:
    victims = [cast.session.client.id, cast.session.reader.id]
    before = market.fingerprint()
    for name, columns in _CHANGED_BY_OWNER.items():
        owner = "id" if name == "users" else "user_id"
        for column in columns:
            path = f"/{name}?{owner}=in.({','.join(victims)})"
            assert tries(market, cast.callers[who], "PATCH", path, {column: None}) == (204, "")
    assert market.fingerprint() == before


def test_each_side_sees_the_session_and_its_own_money(market: Marketplace, cast: Cast) -> None:
    counts = {
        who: tuple(len(market.read(cast.callers[who], t)) for t in ("sessions", "transactions", "payouts", "wallets"))
        for who in ("client", "reader", "stranger")
    }
    # A top-up, a gift of credit and the charge; a payout; a top-up.
    assert counts == {"client": (1, 3, 0, 1), "reader": (1, 1, 1, 1), "stranger": (0, 1, 0, 1)}


@pytest.mark.parametrize("who", _CALLERS)
def test_schemas_of_the_house_are_out_of_reach(market: Marketplace, cast: Cast, who: str) -> None:
    token = cast.callers[who].token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for schema in ("private", "ledger", "auth", "storage", "extensions", "pg_catalog"):
        answer = market.http.get("/accounts", headers={**headers, "Accept-Profile": schema})
        assert (answer.status_code, answer.json()["code"]) == (406, "PGRST106"), schema
    for row in market.rows("select distinct proname from pg_proc where pronamespace = 'worker_api'::regnamespace"):
        names = market.row(
            "select coalesce(proargnames[:pronargs], '{}') as names from pg_proc "
            "where proname = %s and pronamespace = 'worker_api'::regnamespace",
            row["proname"],
        )["names"]
        answer = market.http.post(
            f"/rpc/{row['proname']}", json=dict.fromkeys(names), headers={**headers, "Content-Profile": "worker_api"}
        )
        assert (answer.status_code in {401, 403}, answer.json()["code"]) == (True, "42501"), row["proname"]


def test_the_token_hook_is_for_auth_alone(market: Marketplace, cast: Cast) -> None:
    for who in ("stranger", "client"):
        status, code = tries(market, cast.callers[who], "POST", "/rpc/custom_access_token_hook", {"event": {}})
        assert (status, code) == (403, "42501")


def test_no_role_of_the_api_can_reach_a_partition(market: Marketplace) -> None:
    granted = market.rows(
        "select c.oid::regclass::text, r.rolname from pg_class c "
        "cross join (values ('anon'), ('authenticated'), ('service_role')) r (rolname) "
        "where c.relispartition and c.relnamespace in ('ledger'::regnamespace, 'private'::regnamespace, "
        "'public'::regnamespace) and c.relkind = 'r' "
        "and has_table_privilege(r.rolname, c.oid, 'select, insert, update, delete, truncate')"
    )
    assert granted == []
