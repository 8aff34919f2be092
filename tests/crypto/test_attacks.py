"""What an attacker may try: somebody in between, the server, a member, or who holds an old device."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from soulseer_crypto import Device, Message, Pins, make_evidence, safety_number, verify_evidence
from soulseer_crypto.encoding import to_text
from soulseer_crypto.envelope import BUCKETS, MAX_PLAINTEXT
from tests.crypto.talk import Json, Party, Talk, codes, device_row, flipped, key_row, opened, random_key, refuses, texts


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_both_read_what_the_other_writes(talk: Talk) -> None:
    for number in range(3):
        opened = talk.his.receive(talk.says(f"number {number} ✨"))
        assert (opened.plaintext.decode(), opened.missing) == (f"number {number} ✨", 0)
    answer = Message(talk.bob.user_id, "IMAGE", talk.his.seal(b"", "IMAGE"))
    assert talk.hers.receive(answer).plaintext == b""


def test_another_sender_type_or_conversation_does_not_verify(talk: Talk) -> None:
    sent = talk.says("hello")
    with refuses("unknown_device"):
        talk.his.receive(replace(sent, sender_id=talk.bob.user_id))
    with refuses("wrong_sender"):
        talk.his.receive(replace(sent, sender_id=str(uuid.uuid4())))
    for kind in ("IMAGE", "SIGNAL"):
        with refuses("forged"):
            talk.his.receive(replace(sent, message_type=kind))
    elsewhere = Talk.__new__(Talk)
    elsewhere.__dict__.update(talk.__dict__, id=str(uuid.uuid4()))
    other = elsewhere.join(talk.bob, talk.bob_device)
    other.restore_keys(talk.his.keys())
    with refuses("forged"):
        other.receive(sent)


def test_a_member_cannot_write_as_the_other(talk: Talk) -> None:
    # He has the conversation's key, but not her device's.
    content = {**talk.his.seal(b"I owe you"), "device": talk.alice_device.device_id}
    with refuses("forged"):
        talk.hers.receive(Message(talk.alice.user_id, "TEXT", content))


def test_a_replay_is_refused_and_a_reordered_one_as_well(talk: Talk) -> None:
    first, second, third = (talk.says(text) for text in ("one", "two", "three"))
    talk.his.receive(first)
    with refuses("replayed"):
        talk.his.receive(first)
    assert talk.his.receive(third).missing == 1
    with refuses("replayed"):
        talk.his.receive(second)


def test_a_message_left_out_is_noticed(talk: Talk) -> None:
    sent = [talk.says(text) for text in ("one", "two", "three")]
    assert [one.missing for one in opened(talk.his.read_history([sent[0], sent[2]], complete=True))] == [0, 1]
    assert opened(talk.his.read_history(sent[1:], complete=True))[0].missing == 1
    assert opened(talk.his.read_history(sent[1:]))[0].missing == 0
    assert texts(talk.his.read_history([sent[1], sent[0], sent[2]])) == ["two", "replayed", "three"]
    with refuses("replayed"):
        talk.his.receive(sent[2])


@pytest.mark.parametrize("part", ["nonce", "box", "sig"])
def test_a_changed_or_truncated_part_does_not_verify(talk: Talk, part: str) -> None:
    sent = talk.says("hello")
    content: Any = sent.content
    for place in (0, len(content[part]) // 2):
        with refuses("forged", "malformed"):
            talk.his.receive(replace(sent, content={**content, part: flipped(content[part], place)}))
    with refuses("malformed"):
        talk.his.receive(replace(sent, content={**content, part: content[part][:-4]}))
    # A refusal leaves no trace: the message itself is still read.
    assert talk.his.receive(sent).plaintext == b"hello"


def test_moved_to_another_place_it_does_not_verify(talk: Talk) -> None:
    sent = talk.says("hello")
    talk.rotate(talk.hers)
    content: Any = sent.content
    for change in ({"seq": 7}, {"key": 2}, {"key": 2, "seq": 7}):
        with refuses("forged" if "key" in change else "key_outdated"):
            talk.his.receive(replace(sent, content={**content, **change}))
    with refuses("key_unknown"):
        talk.his.receive(replace(sent, content={**content, "key": 3}))


def test_a_key_is_never_used_twice_for_a_message(talk: Talk) -> None:
    sent = [talk.hers.seal(b"the same") for _ in range(50)]
    assert len({one["nonce"] for one in sent}) == len({one["box"] for one in sent}) == 50
    keys = {talk.hers.reveal(Message(talk.alice.user_id, "TEXT", one)) for one in sent}
    assert len(keys) == 50
    assert not keys & set(talk.hers.keys().values())


def test_an_old_key_is_refused_after_a_rotation(talk: Talk) -> None:
    before = talk.says("before")
    talk.rotate(talk.his)
    with refuses("key_outdated"):
        talk.his.receive(before)
    after = talk.says("after")
    assert talk.his.receive(after).plaintext == b"after"
    assert texts(talk.his.read_history([before, after])) == ["before", "after"]
    assert texts(talk.his.read_history([after, before])) == ["after", "key_outdated"]


def test_a_revoked_device_is_not_heard_and_gets_no_new_key(talk: Talk) -> None:
    lost = talk.alice.device()
    talk.rotate(talk.hers)
    on_lost = talk.join(talk.alice, lost)
    talk.learn(on_lost, lost)
    sent = Message(talk.alice.user_id, "TEXT", on_lost.seal(b"from the lost one"))
    talk.alice.revoke(lost)
    talk.rotate(talk.hers)
    assert not [row for row in talk.rows if row["device_id"] == lost.device_id and row["version"] == 3]
    with refuses("revoked_device"):
        talk.his.receive(sent)
    # The server says it is not revoked after all.
    for row in talk.alice.rows:
        row["revoked_at"] = None
    talk.see_devices()
    with refuses("revoked_device"):
        talk.his.receive(sent)
    with refuses("key_unknown"):
        on_lost.receive(talk.says("not for you"))
    assert texts(talk.his.read_history([sent])) == ["from the lost one"]


def test_a_current_key_from_a_revoked_device_is_not_taken(talk: Talk) -> None:
    lost = talk.alice.device()
    talk.see_devices()
    on_lost = talk.join(talk.alice, lost)
    change = on_lost.start_version(1)
    talk.alice.revoke(lost)
    talk.see_devices()
    rows = [key_row(one) for one in change.wrapped if one.device_id == talk.bob_device.device_id]
    assert codes(talk.his.learn(rows, 2)) == ["revoked_device"]
    assert talk.his.start_version(2).version == 3


def test_a_server_cannot_slip_in_a_key_of_its_own(talk: Talk) -> None:
    # It has everybody's public keys, and no device that anybody signed.
    for user_id in (talk.alice.user_id, talk.bob.user_id, str(uuid.uuid4())):
        for device_id in (talk.alice_device.device_id, str(uuid.uuid4())):
            planted = talk.wrapped(b"k" * 32, 2, talk.bob_device, Device(user_id, device_id))
            assert codes(talk.his.learn([planted], 2)) in (["forged"], ["unknown_device"])
    with refuses("key_unknown"):
        talk.his.seal(b"under no key of the server's")


def test_a_server_cannot_move_wrapped_keys(talk: Talk) -> None:
    (row,) = talk.key_rows(talk.bob_device)
    changes: list[Json] = [
        {"version": 2},
        {"wrapped_by": talk.bob.user_id},
        {"wrapped_by": str(uuid.uuid4())},
        {"wrapped_key": flipped(row["wrapped_key"], 20)},
        {"conversation_id": str(uuid.uuid4())},
    ]
    fresh = talk.join(talk.bob, talk.bob_device)
    refused = codes(fresh.learn([row], 0) + fresh.learn(talk.key_rows(talk.alice_device), 1))
    assert refused + codes(fresh.learn([{**row, **change} for change in changes], 2)) == [
        "forged", "forged", "forged", "unknown_device", "forged", "forged", "forged",
    ]  # fmt: skip
    assert fresh.keys() == {}
    talk.rotate(talk.hers)
    with refuses("rolled_back"):
        talk.his.learn([row], 1)
    with refuses("rolled_back"):
        talk.his.start_version(1)


def test_a_swapped_identity_is_refused_until_it_is_accepted(talk: Talk) -> None:
    malice = Party(user_id=talk.bob.user_id)
    malice.device()
    with refuses("identity_changed"):
        talk.alice.pins.trust(talk.bob.user_id, malice.rows)
    with refuses("identity_changed"):
        talk.alice.pins.trust(talk.bob.user_id, [*talk.bob.rows, *malice.rows])
    # A device of the server's under the right identity: it cannot sign that.
    forged = {**malice.rows[0], "identity_key": talk.bob.rows[0]["identity_key"]}
    with refuses("forged"):
        talk.alice.pins.trust(talk.bob.user_id, [forged])
    with refuses("forged"):
        talk.alice.pins.trust(talk.bob.user_id, talk.alice.rows)
    for name in ("device_key", "signing_key", "device_id"):
        other = random_key() if name != "device_id" else str(uuid.uuid4())
        with refuses("forged"):
            talk.alice.pins.trust(talk.bob.user_id, [{**talk.bob.rows[0], name: other}])
    assert {one.device_id for one in talk.alice.pins.devices(talk.bob.user_id)} == {talk.bob_device.device_id}
    # Bob did begin anew, and Alice has compared: then, and only then, is it taken.
    talk.bob.revoke(talk.bob_device)
    talk.alice.pins.pin(talk.bob.user_id, malice.identity.public)
    assert len(talk.alice.pins.trust(talk.bob.user_id, [*talk.bob.rows, *malice.rows])) == 1


def test_a_device_does_not_change_its_keys(talk: Talk) -> None:
    again = talk.bob.identity.certify(Device(talk.bob.user_id, talk.bob_device.device_id))
    with refuses("identity_changed"):
        talk.alice.pins.trust(talk.bob.user_id, [device_row(again)])


def test_two_identities_at_first_sight_are_refused() -> None:
    one, other = Party(), Party()
    other.user_id = one.user_id
    one.device()
    other.device()
    with refuses("identity_changed"):
        Pins().trust(one.user_id, [*one.rows, *other.rows])


def test_pins_and_conversations_outlive_a_run(talk: Talk) -> None:
    sent = talk.says("one")
    talk.his.receive(sent)
    pins = Pins()
    pins.restore(talk.bob.pins.export())
    malice = Party(user_id=talk.alice.user_id)
    malice.device()
    with refuses("identity_changed"):
        pins.trust(talk.alice.user_id, malice.rows)
    for party in (talk.alice, talk.bob):
        pins.trust(party.user_id, party.rows)
    again = talk.join(Party(pins=pins), talk.bob_device)
    again.restore(talk.his.export())
    with refuses("replayed"):
        again.receive(sent)
    assert again.receive(talk.says("two")).missing == 0


def test_safety_numbers_agree_only_on_the_same_identities(talk: Talk) -> None:
    hers, his = (talk.alice.user_id, talk.alice.identity.public), (talk.bob.user_id, talk.bob.identity.public)
    number = safety_number(hers, his)
    assert number == safety_number(his, hers)
    assert [len(group) for group in number.split()] == [5] * 12
    assert number != safety_number(hers, (talk.bob.user_id, Party().identity.public))


def test_a_new_device_reads_history_by_what_an_old_one_shares(talk: Talk) -> None:
    before = talk.says("before")
    talk.rotate(talk.hers)
    after = talk.says("after")
    new = talk.bob.device()
    talk.see_devices()
    on_new = talk.join(talk.bob, new)
    assert on_new.learn([key_row(one) for one in talk.his.share(new.device_id)], talk.version) == []
    assert texts(on_new.read_history([before, after], complete=True)) == ["before", "after"]
    with refuses("unknown_device"):
        talk.his.share(str(uuid.uuid4()))
    talk.bob.revoke(new)
    talk.see_devices()
    with refuses("revoked_device"):
        talk.his.share(new.device_id)


@pytest.mark.parametrize("length", [0, 1, 62, 63, 64, 127, 128, 5000, MAX_PLAINTEXT])
def test_a_length_shows_as_its_bucket_only(talk: Talk, length: int) -> None:
    content: Any = talk.hers.seal(b"\x80" * length)
    bucket = next(size for size in BUCKETS if size > length)
    assert len(content["box"]) == -(-(bucket + 16) * 4 // 3)
    assert talk.his.receive(Message(talk.alice.user_id, "TEXT", content)).plaintext == b"\x80" * length


def test_too_long_a_message_is_refused_and_takes_no_number(talk: Talk) -> None:
    with refuses("too_long"):
        talk.hers.seal(b"x" * (MAX_PLAINTEXT + 1))
    assert talk.says("short").content["seq"] == 0  # type: ignore[index]


def test_what_is_said_to_be_refused_is_missed(talk: Talk) -> None:
    talk.his.receive(talk.says("one"))
    # No number is used twice: a server that says no and keeps the message could show one in the place of another.
    talk.says("refused by the server")
    assert talk.his.receive(talk.says("two")).missing == 1


def test_signals_are_counted_apart(talk: Talk) -> None:
    talk.his.receive(talk.says("one"))
    assert talk.his.receive(talk.says("offer", "SIGNAL")).missing == 0
    assert talk.his.receive(talk.says("two")).missing == 0


def test_a_report_proves_what_it_reveals_and_opens_nothing_else(talk: Talk) -> None:
    rude, private = talk.says("rude"), talk.says("private")
    evidence = make_evidence(talk.his, [rude])
    (proved,) = verify_evidence(evidence, talk.user_keys())
    assert (proved.plaintext, proved.message.sender_id) == (b"rude", talk.alice.user_id)
    assert proved.identity == talk.alice.identity.public
    (revealed,) = evidence["messages"]  # type: ignore[misc]
    assert revealed["key"] not in {to_text(key) for key in talk.his.keys().values()}
    with refuses("forged"):
        verify_evidence({**evidence, "messages": [{**revealed, "envelope": private.content}]}, talk.user_keys())


@pytest.mark.parametrize("field", ["sender_id", "message_type", "key", "conversation_id", "members"])
def test_a_forged_report_does_not_verify(talk: Talk, field: str) -> None:
    evidence = make_evidence(talk.his, [talk.says("hello")])
    other = {"sender_id": talk.bob.user_id, "message_type": "IMAGE", "key": random_key()}
    if field == "conversation_id":
        forged: Any = {**evidence, field: str(uuid.uuid4())}
    elif field == "members":
        # Said to somebody else, it was not said at all.
        forged = {**evidence, field: sorted((talk.alice.user_id, str(uuid.uuid4())))}
    else:
        forged = {**evidence, "messages": [{**evidence["messages"][0], field: other[field]}]}  # type: ignore[index]
    with refuses("forged", "unknown_device"):
        verify_evidence(forged, talk.user_keys())


def test_a_reporter_cannot_invent_a_message(talk: Talk) -> None:
    # He seals with the conversation's key as himself, and says it was hers.
    invented = Message(talk.bob.user_id, "TEXT", talk.his.seal(b"I threaten you"), str(uuid.uuid4()))
    evidence: Any = make_evidence(talk.his, [invented])
    evidence["messages"][0]["sender_id"] = talk.alice.user_id
    with refuses("unknown_device"):
        verify_evidence(evidence, talk.user_keys())
    evidence["messages"][0]["envelope"]["device"] = talk.alice_device.device_id
    with refuses("forged"):
        verify_evidence(evidence, talk.user_keys())


def test_members_of_a_report_have_one_form(talk: Talk) -> None:
    evidence: Any = make_evidence(talk.his, [talk.says("hello")])
    first, second = evidence["members"]
    assert (first, second) == talk.his.members
    for wrong in ([second, first], [first], [first, first], [first, second, second], f"{first}{second}", None, [1, 2]):
        with refuses("malformed"):
            verify_evidence({**evidence, "members": wrong}, talk.user_keys())
    with refuses("wrong_sender"):
        verify_evidence({**evidence, "members": sorted(str(uuid.uuid4()) for _ in range(2))}, talk.user_keys())
