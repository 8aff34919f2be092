"""Absent sides: the meter counts shared time only, and unused seconds of a paid increment carry over."""

from datetime import timedelta

from tests.sql.marketplace import LiveSession, Marketplace


def live(market: Marketplace, funds: int = 6000, rate: int = 300) -> LiveSession:
    return market.started(market.client(funds=funds), market.reader(rate=rate))


def test_a_silent_side_pauses_the_meter_as_of_its_last_sign_of_life(market: Marketplace) -> None:
    session = live(market)
    session.talk(50)
    session.talk(40, [session.client])
    # Silent for 40 of 45 seconds: a second minute has begun and is charged.
    assert session.meter()["charged"] == 600
    session.talk(6, [session.client])
    state = session.by(session.client, "heartbeat")
    assert (state["pause_reason"], state["cost"], state["paid_until"]) == ("reader_absent", 300, None)
    assert session.row()["paused_at"] - session.row()["started_at"] == timedelta(seconds=50)
    assert market.wallet(session.client)["balance"] == 5700
    assert market.problems() == []


def test_the_absent_side_may_be_the_client(market: Marketplace) -> None:
    session = live(market)
    session.talk(46, [session.reader])
    assert session.row()["pause_reason"] == "client_absent"


def test_a_gap_within_the_timeout_is_no_absence(market: Marketplace) -> None:
    session = live(market)
    session.talk(45, [session.client])
    session.by(session.reader, "heartbeat")
    market.tick()
    assert session.row()["pause_reason"] is None
    assert market.rows("select * from private.presence_gaps where session_id = %s", session.id) == []


def test_unused_seconds_carry_over_exactly(market: Marketplace) -> None:
    session = live(market)
    session.talk(50)
    session.talk(100, [session.client])
    session.talk(0.001)
    resumed_at = market.clock.now()
    state = session.by(session.client, "heartbeat")
    # 10 seconds of the paid minute are left, from the return on.
    assert market.value("select %s::timestamptz", state["paid_until"]) == resumed_at + timedelta(seconds=10)
    session.talk(9.999)
    assert session.meter()["charged"] == 300
    session.talk(0.001)
    assert session.meter()["charged"] == 600
    session.by(session.client, "end")
    assert session.row()["total_cost"] == 600


def test_several_pauses_add_up(market: Marketplace) -> None:
    session = live(market)
    for absent in (session.reader, session.client, session.reader):
        session.talk(25)
        session.talk(60, [p for p in (session.client, session.reader) if p is not absent])
        session.talk(0.001)
    session.talk(25)
    # 100 shared seconds (and three thousandths, spent returning): two minutes begun.
    meter = session.meter()
    assert (meter["pauses"], meter["charged"]) == (3, 600)
    assert meter["paused_for"] == timedelta(seconds=180.003)
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 500
    assert market.problems() == []


def test_both_gone_and_back_at_different_times(market: Marketplace) -> None:
    session = live(market)
    session.talk(30)
    session.talk(60, [])
    session.talk(20, [session.client])
    assert session.row()["pause_reason"] is not None
    session.talk(10)
    assert session.row()["pause_reason"] is None
    # The run goes on from the later return.
    session.talk(20)
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 50 * 5


def test_the_present_side_may_end_it_and_gets_the_unused_seconds_back(market: Marketplace) -> None:
    session = live(market)
    session.talk(40)
    session.talk(60, [session.client])
    session.by(session.client, "end")
    row = session.row()
    assert (row["status"], row["end_reason"], row["total_cost"]) == ("COMPLETED", "client_ended", 200)
    assert session.is_free()


def test_too_long_an_absence_disconnects(market: Marketplace) -> None:
    session = live(market)
    session.talk(40)
    session.talk(599, [session.client])
    assert session.row()["status"] == "IN_PROGRESS"
    session.talk(1, [session.client])
    row = session.row()
    assert (row["status"], row["end_reason"], row["total_cost"]) == ("DISCONNECTED", "disconnected", 200)
    assert row["ended_at"] - row["started_at"] == timedelta(seconds=40)
    assert session.is_free()
    assert market.problems() == []


def test_absences_that_add_up_past_the_cap_disconnect(market: Marketplace) -> None:
    session = live(market)
    for _ in range(2):
        session.talk(30)
        session.talk(299, [session.client])
        session.talk(0.001)
    session.talk(60, [session.client])
    session.talk(1, [session.client])
    assert session.row()["status"] == "DISCONNECTED"
    assert session.row()["total_cost"] == 300


def test_one_pause_too_many_disconnects(market: Marketplace) -> None:
    with market.setting("session.max_pauses", 2):
        session = live(market)
    for _ in range(2):
        session.talk(30)
        session.talk(60, [session.reader])
        session.talk(0.001)
    session.talk(30)
    session.talk(60, [session.reader])
    assert session.row()["status"] == "DISCONNECTED"
    assert session.row()["total_cost"] == 450


def test_a_leave_seen_on_the_channel_shortens_patience_and_a_heartbeat_restores_it(market: Marketplace) -> None:
    session = live(market)
    session.talk(20)
    leave = {"p_session_ids": [session.id], "p_sides": ["reader"], "p_left": True}
    assert market.worker("record_presence", **leave) == 1
    session.talk(5)
    assert session.row()["pause_reason"] is None
    market.worker("record_presence", **leave)
    session.talk(6, [session.client])
    assert session.row()["pause_reason"] == "reader_absent"


def test_a_hint_about_one_side_bills_nothing_after_the_last_sign_of_the_other(market: Marketplace) -> None:
    for is_seen_gone in (False, True):
        session = live(market)
        session.talk(40)
        market.clock.advance(7)
        session.by(session.client, "heartbeat")
        leave = {"p_session_ids": [session.id], "p_sides": ["client"], "p_left": True}
        assert market.worker("record_presence", **leave) == 1
        market.clock.advance(6)
        if is_seen_gone:
            market.tick()
        session.by(session.client, "heartbeat")
        market.tick()
        # The meter is brought up to now while the reader's silence may still be nothing.
        market.clock.advance(20)
        market.tick()
        assert session.row()["pause_reason"] is None
        # It never ends: 40 seconds were shared.
        session.talk(650, [session.client])
        assert (session.row()["status"], session.row()["total_cost"]) == ("DISCONNECTED", 200)
        assert market.problems() == []


def test_a_forged_hint_costs_the_other_side_no_more_than_what_lay_between_their_signs(market: Marketplace) -> None:
    session = live(market)
    session.talk(40)
    market.clock.advance(15)
    session.by(session.client, "heartbeat")
    market.worker("record_presence", p_session_ids=[session.id], p_sides=["client"], p_left=True)
    market.clock.advance(4)
    # Heard within the patience of the hint: it changes nothing.
    session.by(session.client, "heartbeat")
    session.talk(11)
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 350


def test_presence_on_the_channel_keeps_a_side_alive_but_does_not_bring_it_back(market: Marketplace) -> None:
    session = live(market)
    seen = {"p_session_ids": [session.id], "p_sides": ["reader"]}
    for _ in range(3):
        session.talk(30, [session.client])
        assert market.worker("record_presence", **seen) == 1
    assert session.row()["pause_reason"] is None
    session.talk(60, [session.client])
    assert market.worker("record_presence", **seen) == 0
    market.tick()
    assert session.row()["pause_reason"] == "reader_absent"


def test_ending_while_out_of_reach_of_the_other_side_is_paid_up_to_their_leave(market: Marketplace) -> None:
    session = live(market)
    session.talk(70)
    market.clock.advance(50)
    session.by(session.reader, "heartbeat")
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 350


def test_an_absence_that_began_before_the_money_ran_out_is_found(market: Marketplace) -> None:
    session = live(market, funds=300)
    session.talk(20)
    session.talk(40, [session.client])
    assert session.row()["pause_reason"] == "insufficient_funds"
    session.talk(6, [session.client])
    assert session.row()["pause_reason"] == "reader_absent"
    session.by(session.client, "end")
    assert session.row()["total_cost"] == 100


def test_an_absence_that_began_before_the_money_ran_out_is_found_though_money_came_meanwhile(
    market: Marketplace,
) -> None:
    session = live(market, funds=300)
    session.talk(50)
    session.talk(12, [session.reader])
    assert session.row()["pause_reason"] == "insufficient_funds"
    market.top_up(session.client, 3000)
    session.talk(1, [session.reader])
    # The client has not been heard since before the pause: nobody knows yet whether the client is there.
    assert session.row()["pause_reason"] == "insufficient_funds"
    session.talk(40, [session.reader])
    assert session.row()["pause_reason"] == "client_absent"
    assert session.row()["paused_at"] - session.row()["started_at"] == timedelta(seconds=50)
    ended = session.by(session.reader, "end")
    assert (ended["billed_seconds"], ended["total_cost"]) == (50, 250)


def test_money_resumes_a_session_with_the_next_sign_of_life_of_both(market: Marketplace) -> None:
    session = live(market, funds=300)
    session.talk(50)
    session.talk(12, [session.reader])
    market.top_up(session.client, 3000)
    session.talk(8)
    assert session.row()["pause_reason"] is None
    assert session.meter()["charged"] == 600


def test_a_funded_session_that_waits_for_a_sign_of_life_is_not_ended_with_the_grace(market: Marketplace) -> None:
    session = live(market, funds=300)
    grace = session.row()["terms"]["topup_grace_seconds"]
    session.talk(60)
    # Both beat as the minute ends, fall silent for less than their patience, and the money comes late.
    session.talk(grace - 40)
    silence = 39
    market.clock.advance(silence)
    market.top_up(session.client, 3000)
    market.clock.advance(2)
    market.tick()
    assert (session.row()["status"], session.row()["pause_reason"]) == ("IN_PROGRESS", None)


def test_short_increments_begun_in_silence_are_given_back_though_the_money_ran_out(market: Marketplace) -> None:
    with market.setting("session.increment_seconds", 5):
        session = live(market, funds=150)
    session.talk(20)
    session.talk(40, [session.reader])
    assert (session.row()["pause_reason"], session.meter()["charged"]) == ("insufficient_funds", 150)
    session.talk(6, [session.reader])
    assert (session.row()["pause_reason"], session.meter()["charged"]) == ("client_absent", 125)
    session.talk(1)
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 100
    assert market.problems() == []


# Workers away ------------------------------------------------------------


def test_on_return_the_workers_charge_every_shared_increment_once(market: Marketplace) -> None:
    session = live(market)
    session.talk(20)
    session.talk(580, workers=False)
    assert session.meter()["charged"] == 300
    answer = market.worker("charge_due_minutes")
    assert answer["charged"] == 10
    assert market.worker("charge_due_minutes")["charged"] == 0
    assert [leg["increment"] for leg in session.legs("increment")] == list(range(11))
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 3000


def test_absences_while_the_workers_were_away_are_not_charged(market: Marketplace) -> None:
    session = live(market)
    session.talk(100, workers=False)
    session.talk(100, [session.client], workers=False)
    session.talk(100, workers=False)
    session.talk(200, [session.reader], workers=False)
    session.talk(40, workers=False)
    market.tick()
    # The first heartbeat back comes 20 seconds into each stretch of talk: 100 + 80 + 20 shared.
    session.by(session.reader, "end")
    assert session.row()["total_cost"] == 1000
    assert session.row()["status"] == "COMPLETED"


def test_talk_after_a_pause_is_charged_though_the_workers_were_away(market: Marketplace) -> None:
    session = live(market)
    session.talk(60)
    session.talk(60, [session.client])
    assert session.row()["pause_reason"] == "reader_absent"
    session.talk(320, workers=False)
    session.talk(60, [session.client], workers=False)
    session.talk(20, workers=False)
    market.tick()
    session.by(session.reader, "end")
    # 60 before; back 20 s into the 320; then away again for 80: 60 + 300.
    assert session.row()["total_cost"] == 1800
    assert market.problems() == []


def test_talk_after_a_pause_is_charged_though_one_side_is_gone_again(market: Marketplace) -> None:
    session = live(market)
    session.talk(60)
    session.talk(60, [session.client])
    session.talk(320, workers=False)
    session.talk(100, [session.client], workers=False)
    market.tick()
    session.by(session.client, "end")
    assert session.row()["total_cost"] == 1800


def test_what_the_wallet_cannot_cover_after_an_outage_the_house_bears(market: Marketplace) -> None:
    session = live(market, funds=700)
    session.talk(290, workers=False)
    market.tick()
    # Five minutes begun: two paid, two passed whole and unpaid, the last unpaid and not begun.
    assert session.meter()["charged"] == 600
    assert [leg["amount"] for leg in session.legs("outage_increment")] == [210, 210]
    assert session.row()["pause_reason"] == "insufficient_funds"
    session.talk(120)
    row = session.row()
    assert (row["end_reason"], row["total_cost"]) == ("insufficient_funds", 600)
    assert market.earned(session.reader) == 840
    assert market.house("outage_expense") == -420
    assert market.problems() == []


def test_minutes_up_to_the_limit_are_borne_too(market: Marketplace) -> None:
    borne = market.house("outage_expense")
    session = market.started(market.client(funds=300), market.reader(rate=300), p_max_minutes=2)
    session.talk(300, workers=False)
    market.tick()
    row = session.row()
    assert (row["status"], row["end_reason"], row["total_cost"]) == ("COMPLETED", "max_minutes", 300)
    assert market.earned(session.reader) == 420
    assert market.house("outage_expense") == borne - 210


def test_the_kill_switch_stops_meters_and_lets_them_catch_up(market: Marketplace) -> None:
    with market.setting("switch.charges", value=False):
        session = live(market)
        session.talk(180)
        assert session.meter()["charged"] == 300
    market.tick()
    assert session.meter()["charged"] == 1200


def test_a_low_balance_is_told_once(market: Marketplace) -> None:
    session = live(market, funds=1500)
    session.talk(150)
    told = market.value(
        "select count(*) from realtime.messages where topic = %s and event = 'low_balance'", f"user:{session.client.id}"
    )
    assert told == 1
