"""What was seen becomes hints: one for each leave, none for an outage, and each taken back when the side is there."""

from __future__ import annotations

from uuid import UUID

from edge_bridge.sightings import Report, Sightings

ONE = UUID("0197a000-0000-7000-8000-000000000001")
TWO = UUID("0197a000-0000-7000-8000-000000000002")


def left(*seen: tuple[UUID, str]) -> Report:
    return Report(tuple(seen), ())  # type: ignore[arg-type]  # sides are spelled out


def back(*seen: tuple[UUID, str]) -> Report:
    return Report((), tuple(seen))  # type: ignore[arg-type]


NOTHING = Report((), ())


def test_a_side_that_was_there_and_is_not_has_left() -> None:
    seen = Sightings()
    seen.saw(ONE, ["client", "reader"])
    seen.saw(TWO, ["reader"])
    assert seen.take() == NOTHING
    seen.saw(ONE, ["client"])
    seen.saw(TWO, [])
    assert seen.take() == left((ONE, "reader"), (TWO, "reader"))
    seen.saw(ONE, ["client"])
    assert seen.take() == NOTHING


def test_who_never_showed_up_has_not_left() -> None:
    seen = Sightings()
    seen.saw(ONE, [])
    seen.saw(ONE, ["client"])
    assert seen.take() == NOTHING


def test_a_leave_that_was_over_before_it_was_told_is_not_told() -> None:
    seen = Sightings()
    seen.saw(ONE, ["client", "reader"])
    seen.saw(ONE, ["client"])
    seen.saw(ONE, ["client", "reader"])
    assert seen.take() == NOTHING


def test_a_side_that_is_back_takes_its_hint_back_once() -> None:
    seen = Sightings()
    seen.saw(ONE, ["client", "reader"])
    seen.saw(ONE, ["client"])
    seen.take()
    seen.saw(ONE, ["client", "reader"])
    assert seen.take() == back((ONE, "reader"))
    seen.saw(ONE, ["client", "reader"])
    assert seen.take() == NOTHING


def test_a_side_that_comes_and_goes_again_has_left() -> None:
    seen = Sightings()
    seen.saw(ONE, ["reader"])
    seen.saw(ONE, [])
    seen.take()
    seen.saw(ONE, ["reader"])
    seen.saw(ONE, [])
    assert seen.take() == left((ONE, "reader"))


def test_after_a_lost_connection_nobody_has_left_but_who_is_there_takes_a_hint_back() -> None:
    seen = Sightings()
    seen.saw(ONE, ["client", "reader"])
    seen.saw(ONE, ["client"])
    seen.take()
    seen.lose([ONE])
    seen.saw(ONE, [])
    assert seen.take() == NOTHING
    seen.saw(ONE, ["reader"])
    assert seen.take() == back((ONE, "reader"))


def test_of_a_session_that_is_over_nothing_is_told() -> None:
    seen = Sightings()
    seen.saw(ONE, ["client", "reader"])
    seen.saw(ONE, ["client"])
    seen.forget([ONE])
    assert seen.take() == NOTHING
    seen.saw(ONE, ["reader"])
    assert seen.take() == NOTHING


def test_a_report_that_was_not_made_is_made_again_unless_it_was_overtaken() -> None:
    seen = Sightings()
    seen.saw(ONE, ["client", "reader"])
    seen.saw(TWO, ["reader"])
    seen.saw(ONE, [])
    seen.saw(TWO, [])
    report = seen.take()
    seen.saw(TWO, ["reader"])
    seen.give_back(report)
    assert seen.take() == Report(((ONE, "client"), (ONE, "reader")), ((TWO, "reader"),))

    seen.saw(ONE, ["client"])
    report = seen.take()
    assert report == back((ONE, "client"))
    seen.give_back(report)
    assert seen.take() == report
