"""What a server, or somebody with an account of their own, may try with the rows of `user_keys`."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pytest

from soulseer_crypto import Device, Identity, Pins, make_evidence, verify_evidence
from soulseer_crypto.encoding import to_text
from tests.crypto.talk import Json, Party, Talk, codes, device_row, flipped, key_row, random_key, refuses, resigned

# Points of X25519 that give nothing, whatever they meet: zero, one, two of order eight, and p - 1, p, p + 1.
LOW_ORDER: Final = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
    "ed" + "ff" * 31,
]


@pytest.fixture
def talk() -> Talk:
    return Talk()


def begun_anew(party: Party) -> Device:
    """The person lost everything: all devices are revoked, another identity begins with a new one."""
    for row in party.rows:
        row["revoked_at"] = "2026-01-01T00:00:00Z"
    party.identity = Identity()
    return party.device()


def junk(party: Party) -> Json:
    """A revoked row that whoever had the account for a moment left behind: nobody's identity signed it."""
    made = device_row(Identity().certify(Device(party.user_id)), revoked=True)
    return {**made, "signature": flipped(made["signature"])}


def test_who_revokes_a_device_of_that_id_silences_nobody_else(talk: Talk) -> None:
    # Mallory registers Alice's device id under an own account beside a device of the usual kind, and revokes it.
    mallory = Party()
    usual = mallory.device()
    mallory.rows.append(device_row(mallory.identity.certify(Device(mallory.user_id, talk.alice_device.device_id))))
    mallory.revoke(Device(mallory.user_id, talk.alice_device.device_id))
    for viewer in (talk.alice, talk.bob):
        (found,) = viewer.pins.trust(mallory.user_id, mallory.rows)
        assert found.device_id == usual.device_id
    assert talk.his.receive(talk.says("still here")).plaintext == b"still here"
    talk.rotate(talk.his)
    assert talk.his.receive(talk.says("and after a rotation")).missing == 0


def test_revocations_are_kept_by_person_and_device(talk: Talk) -> None:
    lost = talk.alice.device()
    talk.alice.revoke(lost)
    talk.see_devices()
    kept: Json = talk.bob.pins.export()
    assert kept["revoked"] == [f"{talk.alice.user_id}/{lost.device_id}"]
    again = Pins()
    again.restore(kept)
    for row in talk.alice.rows:
        row["revoked_at"] = None
    assert lost.device_id not in {one.device_id for one in again.trust(talk.alice.user_id, talk.alice.rows)}
    for wrong in (lost.device_id, f"{lost.device_id}/", "/", 7, None, f"{talk.alice.user_id}/{lost.device_id}/x"):
        with refuses("malformed"):
            Pins().restore({**kept, "revoked": [wrong]})
    for odd in (
        {"identities": {talk.alice.user_id: "text"}, "revoked": []},
        {"identities": {"who": [random_key()]}, "revoked": []},
    ):
        with refuses("malformed"):
            Pins().restore(odd)


def test_two_people_with_one_device_id_are_counted_apart(talk: Talk) -> None:
    # Bob takes Alice's device id for one of his: what he sends from it says nothing of what she sent.
    taken, third = Device(talk.bob.user_id, talk.alice_device.device_id), talk.bob.device()
    talk.bob.rows.append(device_row(talk.bob.identity.certify(taken)))
    talk.see_devices()
    on_taken, on_third = talk.join(talk.bob, taken), talk.join(talk.bob, third)
    for conversation in (on_taken, on_third):
        conversation.restore_keys(talk.his.keys())
    for number in range(3):
        assert on_third.receive(talk.by(talk.bob, on_taken, f"his {number}")).missing == 0
    assert on_third.receive(talk.says("hers")).missing == 0


def test_who_began_anew_is_trusted_at_first_sight(talk: Talk) -> None:
    new = begun_anew(talk.alice)
    for rows in (talk.alice.rows, talk.alice.rows[::-1]):
        (found,) = Pins().trust(talk.alice.user_id, rows)
        assert found.device_id == new.device_id


def test_revoked_rows_of_anybodys_making_stop_nobody(talk: Talk) -> None:
    other = device_row(Identity().certify(Device(talk.alice.user_id)), revoked=True)
    low = {**other, "device_id": str(uuid.uuid4()), "device_key": to_text(bytes(32))}
    rows = [junk(talk.alice), other, low, *talk.alice.rows]
    for pins in (Pins(), talk.bob.pins):
        (found,) = pins.trust(talk.alice.user_id, rows)
        assert found.device_id == talk.alice_device.device_id
        assert [one.device_id for one in pins.devices(talk.alice.user_id)] == [talk.alice_device.device_id]
    assert Pins().trust(talk.alice.user_id, [other]) == []
    # One that is said to live is another matter.
    with refuses("forged"):
        Pins().trust(talk.alice.user_id, [{**junk(talk.alice), "revoked_at": None}, *talk.alice.rows])
    with refuses("identity_changed"):
        Pins().trust(talk.alice.user_id, [{**other, "revoked_at": None}, *talk.alice.rows])


def test_devices_of_an_earlier_identity_get_nothing_whatever_the_server_says(talk: Talk) -> None:
    old = talk.bob_device
    begun_anew(talk.bob)
    talk.alice.pins.pin(talk.bob.user_id, talk.bob.identity.public)
    # The server leaves the revoked rows out: nothing says that the old device is revoked, but that its identity is old.
    (found,) = talk.alice.pins.trust(talk.bob.user_id, talk.bob.rows[1:])
    assert found.device_id != old.device_id
    wrapped = talk.hers.start_version(talk.version).wrapped
    assert old.device_id not in {one.device_id for one in wrapped}


@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_device_key_that_gives_nothing_is_refused_when_read(talk: Talk, point: str) -> None:
    device = Device(talk.bob.user_id)
    object.__setattr__(device, "box_public", bytes.fromhex(point))
    with refuses("malformed"):
        talk.alice.pins.trust(talk.bob.user_id, [*talk.bob.rows, device_row(talk.bob.identity.certify(device))])


def test_a_key_sealed_from_such_a_point_does_not_open(talk: Talk) -> None:
    # A member's own device signs it, so that nothing but the point is wrong.
    wrapped = talk.hers.start_version(1).wrapped[-1]
    for point in LOW_ORDER:
        weak = resigned(wrapped, bytes.fromhex(point) + bytes(48), talk.place(), talk.alice_device)
        assert codes(talk.his.learn([key_row(weak)], 2)) == ["forged"]


# Reports -----------------------------------------------------------------


def test_a_message_under_an_earlier_identity_is_proved_and_the_identity_named(talk: Talk) -> None:
    sent, earlier = talk.says("rude"), talk.alice.identity.public
    evidence = make_evidence(talk.his, [sent])
    begun_anew(talk.alice)
    talk.alice.rows.append(junk(talk.alice))
    (proved,) = verify_evidence(evidence, [*talk.alice.rows, *talk.bob.rows])
    assert (proved.plaintext, proved.identity) == (b"rude", earlier)


def test_a_report_needs_the_row_of_the_device_and_its_right_certificate(talk: Talk) -> None:
    evidence = make_evidence(talk.his, [talk.says("rude")])
    (row,) = talk.alice.rows
    for rows in ([], talk.bob.rows, [row, row], ["row", None]):
        with refuses("unknown_device"):
            verify_evidence(evidence, rows)
    swapped: Any = {**row, "identity_key": to_text(Identity().public)}
    with refuses("forged"):
        verify_evidence(evidence, [swapped])
    # What a server can do: show another device under the name, which then did not sign this.
    other = device_row(Identity().certify(Device(talk.alice.user_id, talk.alice_device.device_id)))
    with refuses("forged"):
        verify_evidence(evidence, [other])
