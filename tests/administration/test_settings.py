"""Settings: typed, ranged, described, audited, read once a transaction, and public where a screen needs them."""

import psycopg
import pytest

from tests.administration.tables import change, refused
from tests.sql.marketplace import Marketplace, Person, RefusedError


def test_every_setting_is_described_typed_and_ranged(market: Marketplace) -> None:
    settings = market.rows("select * from public.system_settings")
    assert len(settings) > 25
    for setting in settings:
        assert setting["description"].endswith(".")
        whole = setting["value_type"] == "INTEGER"
        assert (setting["minimum"] is not None, setting["maximum"] is not None) == (whole, whole), setting["key"]


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("topup.per_hour", "0", "topup.per_hour takes integer from 1 to 10000."),
        ("topup.per_hour", "10001", "topup.per_hour takes integer from 1 to 10000."),
        ("topup.per_hour", "1.5", "topup.per_hour takes integer from 1 to 10000."),
        ("topup.per_hour", "", "topup.per_hour takes integer from 1 to 10000."),
        ("topup.per_hour", None, "topup.per_hour takes integer from 1 to 10000."),
        ("topup.per_hour", "99999999999999999999", "topup.per_hour takes integer from 1 to 10000."),
        ("switch.topups", "yes", "switch.topups takes boolean."),
        ("switch.topups", "TRUE", "switch.topups takes boolean."),
        ("platform.currency", "usd", "platform.currency is three capital letters, such as USD."),
    ],
)
def test_a_value_that_does_not_fit_is_refused(market: Marketplace, key: str, value: str, says: str) -> None:
    refusal = refused(market, "setting_invalid", "update_setting", market.admin, p_key=key, p_value=value)
    assert refusal.details == says


def test_only_administrators_of_settings_change_them(market: Marketplace) -> None:
    arguments = {"p_key": "topup.per_hour", "p_value": "21"}
    for person in (market.sign_up(), market.reader(), market.make_admin("manage_users", "manage_finances")):
        refused(market, "permission_denied", "update_setting", person, **arguments)
        with pytest.raises(RefusedError) as caught:
            change(market, person, "system_settings?key=eq.topup.per_hour", value="21")
        assert caught.value.sqlstate == "42501"
    refused(market, "setting_unknown", "update_setting", market.admin, p_key="topup.colour", p_value="red")
    changed = market.call(market.make_admin("manage_settings"), "update_setting", **arguments)
    assert changed["value"] == "21"


def test_visitors_and_clients_read_the_public_ones_only(market: Marketplace) -> None:
    every = {row["key"]: row["is_public"] for row in market.rows("select key, is_public from public.system_settings")}
    public = {key for key, is_public in every.items() if is_public}
    assert {"platform.currency", "switch.topups", "session.heartbeat_seconds"} <= public
    assert {"switch.charges", "session.requests_per_minute", "outbox.max_attempts"} <= every.keys() - public

    visitor = Person("", market.world.anon_key)
    for person in (visitor, market.sign_up(), market.reader(), market.make_admin("manage_users")):
        assert {row["key"] for row in market.read(person, "system_settings?select=key")} == public
    everyone = market.read(market.make_admin("manage_settings"), "system_settings?select=key")
    assert {row["key"] for row in everyone} == every.keys()


def test_a_setting_is_read_once_a_transaction(market: Marketplace) -> None:
    read = "select private.setting_int('topup.per_hour')"
    with market.setting("topup.per_hour", 41), psycopg.connect(market.world.dsn, autocommit=True) as database:
        with database.transaction():
            assert database.execute(read).fetchone() == (41,)
            market.set("topup.per_hour", 42)
            assert database.execute(read).fetchone() == (41,)
        # The next transaction, on the same connection, reads anew.
        assert database.execute(read).fetchone() == (42,)


def test_who_changes_a_setting_reads_the_new_value(market: Marketplace) -> None:
    read = "select private.setting_int('topup.per_hour')"
    change_it = "select private.change_setting('topup.per_hour', %s)"
    with psycopg.connect(market.world.dsn, autocommit=True) as database:
        before = database.execute(read).fetchone()
        with database.transaction(force_rollback=True):
            database.execute(read)
            database.execute(change_it, ["43"])
            assert database.execute(read).fetchone() == (43,)
            with pytest.raises(psycopg.Error), database.transaction():
                database.execute(change_it, ["0"])
            assert database.execute(read).fetchone() == (43,)
        assert database.execute(read).fetchone() == before


@pytest.mark.parametrize(
    "wrong",
    ["private.setting_int('topup.colour')", "private.setting_int('switch.topups')", "private.setting_text('x')"],
)
def test_a_wrong_key_or_type_is_an_error_never_a_missing_limit(market: Marketplace, wrong: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException):
        market.value(f"select {wrong}")


def test_a_client_cannot_bring_values_of_its_own(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    headers = {"Authorization": f"Bearer {client.token}", "soulseer.switch.new_sessions": "true"}
    with market.setting("switch.new_sessions", value=False):
        arguments = {"p_reader_id": reader.id, "p_type": "CHAT", "p_idempotency_key": "own"}
        answer = market.http.post("/rpc/request_session", json=arguments, headers=headers)
        assert answer.json()["message"] == "sessions_disabled"
        answer = market.http.post("/rpc/set_config", json={"setting_name": "x", "new_value": "y"}, headers=headers)
        assert answer.status_code == 404
