"""What a server that lies may try with keys, places and the order of messages, with an old device's help or without."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, Final

import pytest

from soulseer_crypto import Conversation, Device, Identity, Message, Opened, Pins, Refused, make_evidence
from soulseer_crypto.wrapping import MAX_VERSION
from tests.crypto.talk import Party, Talk, codes, device_row, opened, refuses, texts

CHOSEN: Final = b"c" * 32


@pytest.fixture
def talk() -> Talk:
    return Talk()


def stolen_from(talk: Talk) -> Device:
    """A device of Alice's that was revoked after somebody took it; it has no part in any key."""
    lost = talk.alice.device()
    talk.see_devices()
    talk.alice.revoke(lost)
    talk.see_devices()
    return lost


# Which key is sealed with -------------------------------------------------


def test_a_revoked_device_does_not_choose_the_key_by_an_older_version(talk: Talk) -> None:
    # The server says version 3, and shows version 2 alone: one that the thief wrapped.
    lost = stolen_from(talk)
    planted = talk.wrapped(CHOSEN, 2, talk.bob_device, lost)
    talk.his.learn([planted], 3)
    with refuses("key_unknown"):
        talk.his.seal(b"for whom?")
    assert talk.his.version == 3
    with refuses("rolled_back"):
        talk.his.learn([planted], 2)
    assert talk.his.start_version(3).version == 4


def test_a_revoked_device_does_not_choose_the_current_key(talk: Talk) -> None:
    lost = stolen_from(talk)
    assert codes(talk.his.learn([talk.wrapped(CHOSEN, 2, talk.bob_device, lost)], 2)) == ["revoked_device"]
    with refuses("key_unknown"):
        talk.his.seal(b"for whom?")


def test_nothing_is_sealed_under_an_older_version_than_the_server_says(talk: Talk) -> None:
    assert talk.his.learn([], 2) == []
    with refuses("key_unknown"):
        talk.his.seal(b"the key of version 2 is missing")
    kept: Any = talk.his.export()
    again = talk.join(talk.bob, talk.bob_device)
    again.restore(kept)
    assert again.learn([], 2) == []
    with refuses("key_unknown"):
        again.seal(b"and after a run")
    talk.rows.append(talk.wrapped(b"n" * 32, 2, talk.bob_device, talk.alice_device))
    assert again.learn(talk.key_rows(talk.bob_device), 2) == []
    assert again.seal(b"here it is")["key"] == 2


@pytest.mark.parametrize("current", [-1, None, True, 1.5, "2", MAX_VERSION + 1])
def test_a_version_that_is_none_is_refused(talk: Talk, current: Any) -> None:
    with refuses("malformed"):
        talk.his.learn([], current)
    with refuses("malformed"):
        talk.his.start_version(current)


def test_one_bad_row_keeps_no_good_one_back(talk: Talk) -> None:
    talk.rotate(talk.hers)
    first, second = talk.key_rows(talk.bob_device)
    fresh = talk.join(talk.bob, talk.bob_device)
    rows = [None, {}, {**first, "wrapped_key": "short"}, first, {**first, "wrapped_by": str(uuid.uuid4())}, second]
    refused = fresh.learn(rows, 2)
    assert [(one.row, one.code) for one in refused] == [
        (rows[0], "malformed"), (rows[1], "malformed"), (rows[2], "malformed"), (rows[4], "forged"),
    ]  # fmt: skip
    assert fresh.keys() == talk.his.keys() != {}
    # A second key under a version that is known changes nothing.
    other = talk.wrapped(CHOSEN, 2, talk.bob_device, talk.alice_device)
    assert codes(fresh.learn([other, first], 2)) == ["forged"]
    assert fresh.keys() == talk.his.keys()


def test_another_identity_for_oneself_is_noticed(talk: Talk) -> None:
    # The server shows Bob as somebody whose devices it has itself.
    false = Party(user_id=talk.bob.user_id)
    theirs = false.device()
    pins = Pins()
    for party in (talk.alice, false):
        pins.trust(party.user_id, party.rows)
    deceived = talk.join(Party(pins=pins), talk.bob_device)
    planted = talk.wrapped(CHOSEN, 1, talk.bob_device, theirs)
    for act in (lambda: deceived.start_version(0), lambda: deceived.learn([planted], 1)):
        with refuses("unknown_device"):
            act()
    # Nor does a device of the same id help.
    again = Pins()
    again.trust(talk.bob.user_id, [device_row(Identity().certify(Device(talk.bob.user_id, talk.bob_device.device_id)))])
    with refuses("identity_changed"):
        talk.join(Party(pins=again), talk.bob_device).start_version(0)
    # Who pins the own identity first sees it at once.
    pinned = Pins()
    pinned.pin(talk.bob.user_id, talk.bob.identity.public)
    with refuses("identity_changed"):
        pinned.trust(talk.bob.user_id, false.rows)


# Whose conversation it is -------------------------------------------------


def presented(talk: Talk, other: Party) -> Conversation:
    """The conversation as a server shows it to Alice: as one with somebody else."""
    talk.alice.pins.trust(other.user_id, other.rows)
    return Conversation(talk.id, (talk.alice.user_id, other.user_id), talk.alice_device, talk.alice.pins)


def test_a_conversation_is_not_shown_as_one_with_somebody_else(talk: Talk) -> None:
    mallory = Party()
    mallory.device()
    sent = talk.says("for Bob alone")
    false = presented(talk, mallory)
    # Her own device wrapped the key and sealed the message, but not for these two.
    assert codes(false.learn(talk.key_rows(talk.alice_device), 1)) == ["forged"]
    false.restore_keys(talk.hers.keys())
    assert texts(false.read_history([sent])) == ["forged"]
    with refuses("forged"):
        make_evidence(false, [sent])


def test_members_are_two_people_in_any_order(talk: Talk) -> None:
    alice, bob = talk.alice.user_id, talk.bob.user_id
    turned = Conversation(talk.id, (bob, alice), talk.bob_device, talk.bob.pins)
    assert turned.learn(talk.key_rows(talk.bob_device), 1) == []
    assert turned.receive(talk.says("hello")).plaintext == b"hello"
    for members in ((), (bob,), (bob, bob), (alice, bob, alice), (bob, "nobody")):
        with refuses("malformed"):
            Conversation(talk.id, members, talk.bob_device, talk.bob.pins)


# What is left out ---------------------------------------------------------


def test_a_message_withheld_before_a_rotation_is_noticed_after_it(talk: Talk) -> None:
    talk.his.receive(talk.says("one"))
    withheld = talk.says("two")
    talk.rotate(talk.hers)
    after = talk.says("three")
    content: Any = after.content
    assert (content["key"], content["seq"]) == (2, 2)
    assert talk.his.receive(after).missing == 1
    # It is still there to be read as history, and not as news.
    with refuses("key_outdated"):
        talk.his.receive(withheld)
    assert texts(talk.his.read_history([withheld])) == ["two"]


def test_a_message_withheld_before_a_rotation_is_noticed_in_history(talk: Talk) -> None:
    first, withheld = talk.says("one"), talk.says("two")
    talk.rotate(talk.hers)
    after = talk.says("three")
    answers = opened(talk.his.read_history([first, after], complete=True))
    assert [one.missing for one in answers] == [0, 1]
    # Who was away and reads on from what they knew notices the same.
    away = talk.join(talk.bob, talk.bob_device)
    talk.learn(away, talk.bob_device)
    assert opened(away.read_history([first]))[0].missing == 0
    assert opened(away.read_history([after]))[0].missing == 1
    # An older stretch begins where it begins.
    assert opened(away.read_history([first, withheld]))[0].missing == 0


def test_a_replay_under_the_next_key_is_refused(talk: Talk) -> None:
    talk.his.receive(talk.says("one"))
    later = talk.says("two")
    talk.rotate(talk.hers)
    again = talk.join(talk.alice, talk.alice_device)
    talk.learn(again, talk.alice_device)
    # A device that forgot its count begins anew: under no key does that pass for new.
    with refuses("replayed"):
        talk.his.receive(talk.by(talk.alice, again, "from the start"))
    # Reading its own history, it remembers.
    again.read_history([later])
    assert again.seal(b"three")["seq"] == 2


def test_a_version_that_a_server_made_up_closes_no_conversation_for_ever(talk: Talk) -> None:
    talk.hers.learn([], 999_999_998)
    with refuses("key_unknown"):
        talk.says("one")
    with refuses("malformed"):
        talk.hers.learn([], 999_999_999)
    again = talk.join(talk.alice, talk.alice_device)
    again.restore(talk.hers.export())
    talk.his.receive(talk.by(talk.alice, again, "one"))


def test_signals_count_on_apart_under_the_next_key(talk: Talk) -> None:
    talk.his.receive(talk.says("offer", "SIGNAL"))
    talk.his.receive(talk.says("one"))
    talk.rotate(talk.hers)
    assert talk.his.receive(talk.says("two")).missing == 0
    assert talk.his.receive(talk.says("answer", "SIGNAL")).missing == 0


def test_one_refused_message_keeps_no_other_back(talk: Talk) -> None:
    sent = [talk.says(text) for text in ("one", "two", "three")]
    content: Any = sent[1].content
    broken = replace(sent[1], content={**content, "sig": "A" * 86})
    odd = Message(talk.alice.user_id, "TEXT", {"v": 2})
    foreign = replace(sent[1], sender_id=str(uuid.uuid4()))
    answers = talk.his.read_history([odd, sent[0], broken, foreign, sent[0], sent[2]], complete=True)
    assert texts(answers) == ["malformed", "one", "forged", "wrong_sender", "replayed", "three"]
    assert [one.message for one in answers if isinstance(one, Refused)] == [odd, broken, foreign, sent[0]]
    last = answers[-1]
    assert isinstance(last, Opened)
    assert last.missing == 1


def test_counts_that_were_kept_in_another_form_are_refused(talk: Talk) -> None:
    talk.his.receive(talk.says("one"))
    talk.his.seal(b"two")
    kept: Any = talk.his.export()
    (sender, device, is_signal, seq) = kept["read"][0]
    for wrong in (
        [device, 1, False, 0],
        [sender, device, 0, 0],
        [sender, device, is_signal, seq, 1],
        "",
        None,
        [sender],
    ):
        for name in ("sent", "read"):
            with refuses("malformed"):
                talk.join(talk.bob, talk.bob_device).restore({**kept, name: [wrong]})
    with refuses("malformed"):
        talk.join(talk.bob, talk.bob_device).restore({**kept, "read": {}})
