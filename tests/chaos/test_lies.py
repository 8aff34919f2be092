"""A client that lies, through the gateway: about rate, amount, time, who it is, and what it may write."""

from uuid import uuid4

import pytest
from postgrest.exceptions import APIError

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform


@pytest.fixture(scope="module")
def reader(platform: Platform) -> Person:
    return make_reader(platform)


@pytest.fixture(scope="module")
def liar(platform: Platform) -> Person:
    return make_client(platform, 5000)


def refusal(error: pytest.ExceptionInfo[APIError]) -> str | None:
    return error.value.message


@pytest.mark.parametrize(
    "lie",
    [
        {"rate": 1},
        {"reader_rate": 1},
        {"amount": 1},
        {"share_bps": 0},
        {"client_id": str(uuid4())},
        {"now": "2020-01-01"},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_request_takes_no_rate_amount_share_person_or_time(
    liar: Person, reader: Person, lie: dict[str, object]
) -> None:
    with pytest.raises(APIError) as refused:
        liar.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key=str(uuid4()), **lie)
    assert refused.value.code == "PGRST202"
    assert liar.rows("sessions") == []


@pytest.mark.parametrize("function", ["join_session", "heartbeat_session", "end_session"])
@pytest.mark.parametrize(
    "lie", [{"seconds": 1}, {"ended_at": "2020-01-01"}, {"cost": 0}], ids=lambda lie: next(iter(lie))
)
def test_no_call_of_a_session_takes_a_time_or_a_cost(liar: Person, function: str, lie: dict[str, object]) -> None:
    with pytest.raises(APIError) as refused:
        liar.call(function, session_id=str(uuid4()), **lie)
    assert refused.value.code == "PGRST202"


@pytest.mark.parametrize(
    "function",
    ["accept_session", "decline_session", "cancel_session", "join_session", "heartbeat_session", "end_session"],
)
def test_someone_elses_session_and_one_that_is_not_look_the_same(
    platform: Platform, liar: Person, reader: Person, function: str
) -> None:
    client = make_client(platform, 1000)
    theirs = client.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key=str(uuid4()))["id"]
    try:
        refusals = []
        for session_id in (theirs, str(uuid4())):
            with pytest.raises(APIError) as refused:
                liar.call(function, session_id=session_id)
            refusals.append(refused.value.json())
        assert refusals[0] == refusals[1]
        assert refusals[0]["message"] == "not_participant"
        assert liar.rows("sessions", id=theirs) == []
    finally:
        client.call("cancel_session", session_id=theirs)


def test_a_client_does_not_accept_for_the_reader(liar: Person, reader: Person) -> None:
    mine = liar.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key=str(uuid4()))["id"]
    with pytest.raises(APIError) as refused:
        liar.call("accept_session", session_id=mine)
    assert refusal(refused) == "not_participant"
    liar.call("cancel_session", session_id=mine)


def test_beats_of_one_side_do_not_keep_the_other_in(platform: Platform, liar: Person, reader: Person) -> None:
    with platform.setting("session.heartbeat_timeout_seconds", 2), Conversation(liar, reader) as talk:
        talk.silence(liar)
        talk.wait_pause("client_absent")
        ended = talk.end(reader)
    # Not a second in which only the reader was there.
    assert ended["billed_seconds"] <= 2


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("sessions", {"reader_rate": 1, "type": "CHAT", "max_minutes": 1, "terms": {}}),
        ("transactions", {"type": "ADD_FUNDS", "amount": 1_000_000, "status": "COMPLETED"}),
        ("payouts", {"amount": 1000}),
        ("payout_attempts", {"number": 1, "amount": 1000, "currency": "USD", "destination": "acct_1"}),
        ("system_settings", {"key": "session.cheat", "value": "1", "value_type": "INTEGER", "description": "x"}),
        ("admins", {"permissions": ["manage_finances"]}),
        ("users", {"role": "ADMIN"}),
        ("reader_accounts", {"total_earnings": 1_000_000}),
        ("wallets", {"balance": 1_000_000}),
        ("reader_earnings", {"balance": 1_000_000}),
    ],
)
def test_nobody_writes_money_or_power_into_a_table(liar: Person, table: str, row: dict[str, object]) -> None:
    columns = {
        "users": "id",
        "sessions": "client_id",
        "payouts": "reader_id",
        "payout_attempts": "id",
        "system_settings": "id",
    }
    column = columns.get(table, "user_id")
    for attempt in (
        liar.supabase.table(table).insert({column: liar.id, **row}),
        liar.supabase.table(table).update(row).eq(column, liar.id),
        liar.supabase.table(table).delete().eq(column, liar.id),
    ):
        with pytest.raises(APIError) as refused:
            attempt.execute()
        # A view that no one can write to says so before it asks who is writing.
        assert refused.value.code in {"42501", "55000", "0A000"}


def test_a_client_raises_no_wallet_rate_or_rank_by_update(liar: Person, reader: Person) -> None:
    own = liar.supabase.table("users").select("role, status").eq("id", liar.id).execute().data
    assert own == [{"role": "CLIENT", "status": "ACTIVE"}]
    lowered = liar.supabase.table("readers").update({"pricing": {"CHAT": 1}}).eq("user_id", reader.id).execute()
    assert lowered.data == []
    assert reader.row("readers", user_id=reader.id)["pricing"] == {"CHAT": 6000}
    for column, value in {"is_verified": True, "total_sessions": 999, "status": "ONLINE", "average_rating": 5}.items():
        with pytest.raises(APIError) as refused:
            reader.supabase.table("readers").update({column: value}).eq("user_id", reader.id).execute()
        assert refused.value.code == "42501"


@pytest.mark.parametrize("schema", ["worker_api", "private", "ledger"])
def test_what_the_services_call_is_closed_to_people(liar: Person, schema: str) -> None:
    with pytest.raises(APIError) as refused:
        liar.supabase.schema(schema).rpc("charge_due_minutes", {}).execute()
    assert refused.value.code in {"42501", "PGRST106"}


def test_what_is_told_of_money_is_told_to_its_owner_only(platform: Platform, liar: Person, reader: Person) -> None:
    with Conversation(make_client(platform, 1000), reader) as talk:
        talk.end(reader)
    for table in ("transactions", "wallets", "sessions"):
        assert [row for row in liar.rows(table) if liar.id not in row.values()] == []
    assert reader.rows("transactions", session_id=talk.id) == []
