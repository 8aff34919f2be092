"""Keys in the database: who registers and revokes what, which key a message may have, what a report may reveal."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from functools import partial
from typing import Any

import pytest

from soulseer_crypto import Device, Identity, KeyBackup, make_evidence, verify_evidence
from soulseer_crypto.backup import INTERACTIVE
from tests.crypto.talk import flipped, texts
from tests.sql.marketplace import Marketplace, Person, RefusedError, Row
from tests.sql.sealing import Member

PASSPHRASE = "correct horse battery staple"
# Points of order 1, 2, 4 and 8, and other texts of the same: libsodium's list.
LOW_ORDER = (
    "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ee" + "ff" * 31, "00" * 31 + "80",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
)  # fmt: skip


def device_key(key: str) -> dict[str, str]:
    """The argument, of a key in hex."""
    return {"p_device_key": urlsafe_b64encode(bytes.fromhex(key)).decode().rstrip("=")}


def pair(market: Marketplace) -> tuple[Member, Member, Row]:
    """A client and a reader with a device each, and their conversation without a key."""
    client, reader = Member(market, market.client()), Member(market, market.reader())
    return client, reader, market.call(client.person, "open_conversation", p_user_id=reader.person.id)


def test_two_people_talk_and_the_database_holds_nothing_readable(market: Marketplace) -> None:
    client, reader, row = pair(market)
    assert market.call(client.person, "open_conversation", p_user_id=reader.person.id)["id"] == row["id"]
    hers = client.talk(row)
    assert client.start_key(hers, 0)["key_version"] == 1
    client.send(reader.person, hers.seal(b"What do the cards say?"))
    his = reader.talk(row)
    (came,) = [his.receive(message) for message in reader.read()]
    assert came.plaintext == b"What do the cards say?"
    # Ids sort by their millisecond.
    market.clock.advance(0.01)
    reader.send(client.person, his.seal(b"They say hello."))
    assert texts(hers.read_history(client.read(), complete=True)) == ["What do the cards say?", "They say hello."]
    assert "hello" not in str(market.rows("select * from public.messages"))


def test_a_device_is_registered_once_under_one_identity(market: Marketplace) -> None:
    member = Member(market, market.client())
    record = member.identity.certify(member.device)
    again = market.call(member.person, "register_device", **record.arguments())
    assert again["device_id"] == member.device.device_id
    assert market.value("select count(*) from user_keys where user_id = %s", member.person.id) == 1
    other = member.identity.certify(Device(member.person.id, member.device.device_id))
    with market.refuses("device_conflict"):
        market.call(member.person, "register_device", **other.arguments())
    stranger = Identity().certify(Device(member.person.id))
    with market.refuses("identity_conflict"):
        market.call(member.person, "register_device", **stranger.arguments())
    for wrong in ({"p_device_key": "short"}, {"p_signature": None}, {"p_device_id": None}, *map(device_key, LOW_ORDER)):
        with market.refuses("invalid_argument"):
            market.call(member.person, "register_device", **{**record.arguments(), **wrong})
    with market.setting("message.devices", 1), market.refuses("too_many_devices"):
        member.register()
    # Everything lost, no backup: what was there is revoked, and a new identity begins.
    market.call(member.person, "revoke_device", p_device_id=member.device.device_id)
    market.call(member.person, "register_device", **stranger.arguments())


def test_a_device_is_written_by_calls_alone(market: Marketplace) -> None:
    member, other = Member(market, market.client()), Member(market, market.client())
    for write in (
        partial(market.change, member.person, f"user_keys?user_id=eq.{member.person.id}", {"device_key": "k" * 43}),
        partial(market.add, member.person, "user_keys", {"user_id": member.person.id}),
        partial(market.add, member.person, "conversation_keys", {"user_id": member.person.id}),
        partial(market.change, member.person, f"conversations?first_id=eq.{member.person.id}", {"key_version": 7}),
    ):
        with pytest.raises(RefusedError):
            write()
    with market.refuses("not_found"):
        market.call(member.person, "revoke_device", p_device_id=other.device.device_id)


def test_a_key_is_wrapped_for_exactly_the_devices_of_both(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    change = hers.start_version(0)
    arguments = client.key_arguments(1, change.wrapped, hers)
    for fewer in ([], arguments["p_keys"][:1], [arguments["p_keys"][0]] * 2):
        with market.refuses("devices_changed" if fewer else "invalid_argument"):
            market.call(client.person, "start_conversation_key", **{**arguments, "p_keys": fewer})
    elsewhere = {**arguments["p_keys"][0], "conversation_id": str(uuid.uuid4())}
    with market.refuses("invalid_argument"):
        market.call(
            client.person, "start_conversation_key", **{**arguments, "p_keys": [*arguments["p_keys"], elsewhere]}
        )
    new = reader.register()
    with market.refuses("devices_changed"):
        market.call(client.person, "start_conversation_key", **arguments)
    market.call(reader.person, "revoke_device", p_device_id=new.device_id)
    assert market.call(client.person, "start_conversation_key", **arguments)["key_version"] == 1
    # The answer was lost: the same call answers the same; another one is too late.
    assert market.call(client.person, "start_conversation_key", **arguments)["key_version"] == 1
    with market.refuses("key_version_taken"):
        market.call(reader.person, "start_conversation_key", **{**arguments, "p_device_id": reader.device.device_id})
    for version in (3, None):
        with market.refuses("key_version_taken"):
            market.call(client.person, "start_conversation_key", **{**arguments, "p_version": version})
    with market.refuses("device_unknown"):
        market.call(client.person, "start_conversation_key", **{**arguments, "p_device_id": str(uuid.uuid4())})
    stranger = Member(market, market.client())
    with market.refuses("not_found"):
        market.call(stranger.person, "start_conversation_key", **arguments)
    # Each sees the copies for their own devices.
    assert {key["user_id"] for key in market.read(client.person, "conversation_keys")} == {client.person.id}
    assert market.read(stranger.person, "conversation_keys") == []


def test_two_who_start_a_key_at_once_end_with_one(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers, his = client.talk(row), reader.talk(row)
    starts = [
        partial(
            market.call, member.person, "start_conversation_key",
            **member.key_arguments(1, talk.start_version(0).wrapped, talk),
        )
        for member, talk in ((client, hers), (reader, his)) * 3
    ]  # fmt: skip
    answers = market.at_once(starts)
    refused = [answer for answer in answers if isinstance(answer, RefusedError)]
    assert (len(refused), {answer.code for answer in refused}) == (5, {"key_version_taken"})
    client.learn(hers)
    reader.learn(his)
    assert hers.keys() == his.keys() != {}


def test_the_other_without_a_device_is_said(market: Marketplace) -> None:
    client, reader = Member(market, market.client()), market.reader()
    row = market.call(client.person, "open_conversation", p_user_id=reader.id)
    key = {"conversation_id": row["id"], "version": 1, "user_id": client.person.id, "wrapped_key": "w" * 192}
    with market.refuses("no_devices"):
        market.call(
            client.person, "start_conversation_key", p_conversation_id=row["id"], p_version=1,
            p_device_id=client.device.device_id, p_keys=[{**key, "device_id": client.device.device_id}],
        )  # fmt: skip


def test_a_message_needs_the_newest_key_and_a_device_of_its_sender(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    client.start_key(hers, 0)
    first: Any = hers.seal(b"one")
    for change, code in (
        ({"key": 2}, "key_unknown"),
        ({"device": reader.device.device_id}, "device_unknown"),
        ({"device": str(uuid.uuid4())}, "device_unknown"),
        ({"device": "-" * 36}, "device_unknown"),
    ):
        with market.refuses(code):
            client.send(reader.person, {**first, **change})
    his = reader.talk(row)
    reader.start_key(his, 1)
    with market.refuses("key_outdated"):
        client.send(reader.person, first)
    client.learn(hers)
    client.send(reader.person, hers.seal(b"two"))


def test_a_revoked_device_writes_nothing_and_its_key_must_be_renewed(market: Marketplace) -> None:
    client, reader, row = pair(market)
    lost = client.another(client.register())
    hers = client.talk(row)
    client.start_key(hers, 0)
    on_lost = lost.talk(row)
    revoked = market.call(client.person, "revoke_device", p_device_id=lost.device.device_id)
    assert market.call(client.person, "revoke_device", p_device_id=lost.device.device_id) == revoked
    with market.refuses("key_outdated"):
        client.send(reader.person, hers.seal(b"under the old key"))
    client.start_key(hers, 1)
    assert market.value("select rotation_due from conversations where id = %s", row["id"]) is False
    client.send(reader.person, hers.seal(b"under the new one"))
    with market.refuses("key_outdated"):
        lost.send(reader.person, on_lost.seal(b"from the lost one"))
    stolen: Any = on_lost.seal(b"from the lost one")
    with market.refuses("device_revoked"):
        lost.send(reader.person, {**stolen, "key": 2})
    with market.refuses("device_revoked"):
        market.call(lost.person, "share_keys", p_device_id=lost.device.device_id, p_keys=[{}])
    assert (
        market.rows("select from conversation_keys where version = 2 and device_id = %s", lost.device.device_id) == []
    )


def test_a_device_that_opened_the_backup_is_one_that_may_have_every_key(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    client.start_key(hers, 0)
    # It has no wrapped key of its own: what it knows came out of the backup.
    lost = client.another(client.register())
    market.call(client.person, "revoke_device", p_device_id=lost.device.device_id)
    assert market.value("select rotation_due from conversations where id = %s", row["id"]) is True
    with market.refuses("key_outdated"):
        reader.send(client.person, reader.talk(row).seal(b"under the old key"))
    client.start_key(hers, 1)
    # A repeat is no second revocation.
    market.call(client.person, "revoke_device", p_device_id=lost.device.device_id)
    assert market.value("select rotation_due from conversations where id = %s", row["id"]) is False


@pytest.mark.parametrize(
    "change",
    [{"v": "1"}, {"key": "1"}, {"seq": "0"}, {"v": 1.5}, {"box": "b" * 106}, {"box": "b" * 108}, {"box": "b" * 21847}],
    ids=str,
)
def test_an_envelope_has_numbers_and_a_padded_length(market: Marketplace, change: dict[str, Any]) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    client.start_key(hers, 0)
    envelope: Any = hers.seal(b"hello")
    with market.refuses("invalid_argument"):
        client.send(reader.person, {**envelope, **change})
    client.send(reader.person, envelope)


def test_a_new_device_is_given_the_history(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    for version in (0, 1):
        client.start_key(hers, version)
        client.send(reader.person, hers.seal(b"in version %d" % (version + 1)))
        market.clock.advance(0.01)
    new = client.another(client.register())
    client.see(client.person.id)
    keys = [one.argument() for one in hers.share(new.device.device_id)]
    share = {"p_device_id": client.device.device_id, "p_keys": keys}
    assert market.call(client.person, "share_keys", **share) == 2
    assert market.call(client.person, "share_keys", **share) == 0
    answers = new.talk(row).read_history(new.read(), complete=True)
    assert texts(answers) == ["in version 1", "in version 2"]
    for change, code in (
        ({"version": 3}, "key_unknown"),
        ({"conversation_id": str(uuid.uuid4())}, "key_unknown"),
        ({"device_id": str(uuid.uuid4())}, "device_unknown"),
        ({"user_id": reader.person.id}, "invalid_argument"),
        ({"wrapped_key": "short"}, "invalid_argument"),
    ):
        with market.refuses(code):
            market.call(client.person, "share_keys", **{**share, "p_keys": [{**keys[0], **change}]})
    for wrong in (None, {}, [], [7], ["x"], [[]], keys * 300):
        with market.refuses("invalid_argument"):
            market.call(client.person, "share_keys", **{**share, "p_keys": wrong})


def test_a_conversation_is_opened_with_whom_one_may_write_to(market: Marketplace) -> None:
    client, other = market.client(), market.client()
    for whom in (other.id, client.id, str(uuid.uuid4())):
        with market.refuses("recipient_unavailable"):
            market.call(client, "open_conversation", p_user_id=whom)


def test_a_sessions_chat_has_a_conversation_and_keys_of_its_own(market: Marketplace) -> None:
    client, reader = Member(market, market.client(funds=1000)), Member(market, market.reader())
    session = market.request(client.person, reader.person)
    with market.refuses("invalid_state"):
        market.call(client.person, "open_session_conversation", p_session_id=session.id)
    session.by(reader.person, "accept")
    row = market.call(client.person, "open_session_conversation", p_session_id=session.id)
    assert market.call(reader.person, "open_session_conversation", p_session_id=session.id)["id"] == row["id"]
    stranger = market.client()
    with market.refuses("not_participant"):
        market.call(stranger, "open_session_conversation", p_session_id=session.id)
    session.by(client.person, "join")
    session.by(reader.person, "join")
    hers = client.talk(row)

    def chat(content: object) -> None:
        market.add(
            client.person, "chat_messages",
            {"session_id": session.id, "sender_id": client.person.id, "content": content, "message_type": "TEXT"},
        )  # fmt: skip

    client.start_key(hers, 0)
    sent: Any = hers.seal(b"hello")
    for change, code in (({"key": 9}, "key_unknown"), ({"device": reader.device.device_id}, "device_unknown")):
        with market.refuses(code):
            chat({**sent, **change})
    chat(sent)
    his = reader.talk(row)
    assert [his.receive(one).plaintext for one in reader.read("chat_messages")] == [b"hello"]
    reader.start_key(his, 1)
    with market.refuses("key_outdated"):
        chat(hers.seal(b"late"))


def test_a_backup_is_ones_own_and_is_not_undone_by_an_older_device(market: Marketplace) -> None:
    member, other = Member(market, market.client()), market.client()
    backup = KeyBackup(member.person.id, member.identity)
    first, second = (backup.seal(PASSPHRASE, INTERACTIVE) for _ in range(2))
    store = partial(market.call, member.person, "set_key_backup")
    assert store(p_backup=first, p_version=1)["version"] == 1
    assert store(p_backup=first, p_version=1)["version"] == 1
    for version in (1, 3, 0, None):
        with market.refuses("backup_conflict"):
            store(p_backup=second, p_version=version)
    assert store(p_backup=second, p_version=2)["version"] == 2
    (row,) = market.read(member.person, "key_backups")
    opened = KeyBackup.open(row["backup"], member.person.id, PASSPHRASE)
    assert opened.identity.public == member.identity.public
    assert market.read(other, "key_backups") == market.read(market.admin, "key_backups") == []
    for change in ({"mem": 1024}, {"ops": 1}, {"kdf": "none"}, {"box": "plain text"}, {"more": 1}):
        with market.refuses("invalid_argument"):
            store(p_backup={**second, **change}, p_version=3)


def complain(market: Marketplace, person: Person, about: str, evidence: object) -> Row:
    answer: Row = market.call(
        person, "file_report", p_entity_type="message", p_entity_id=about, p_reason="Rude.", p_evidence=evidence
    )
    return answer


def of_others(members: list[str]) -> list[Any]:
    """What is not the conversation's two members, in their order."""
    first, second = members
    stranger = str(uuid.uuid4())
    return [
        [second, first], [first, stranger], [stranger, second], [first, first], [first], [first, second, stranger],
        [], {}, None, f"{first},{second}", [1, 2], [None, None], [first.upper(), second],
    ]  # fmt: skip


def shown_keys(market: Marketplace, members: list[str]) -> list[Row]:
    """Both people's devices, as a moderator reads them."""
    return [row for user_id in members for row in market.read(market.admin, f"user_keys?user_id=eq.{user_id}")]


def test_a_report_reveals_what_was_sent_and_a_moderator_can_prove_it(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    client.start_key(hers, 0)
    rude, kept = (client.send(reader.person, hers.seal(text)) for text in (b"rude", b"private"))
    his = reader.talk(row)
    messages = {message.id: message for message in reader.read()}
    evidence: Any = make_evidence(his, [messages[rude["id"]]])
    (revealed,) = evidence["messages"]
    invented: Any = {**revealed, "envelope": his.seal(b"I threaten you")}
    for forged in (
        {"messages": [revealed["envelope"]]},
        {**evidence, "messages": []},
        {**evidence, "messages": [{**revealed, "key": "short"}]},
        {**evidence, "messages": [{**revealed, "sender_id": reader.person.id}]},
        {**evidence, "messages": [{**revealed, "message_type": "IMAGE"}]},
        {**evidence, "messages": [{**revealed, "id": kept["id"]}]},
        {**evidence, "messages": [revealed, invented]},
        {**evidence, "conversation_id": str(uuid.uuid4())},
        {name: value for name, value in evidence.items() if name != "members"},
        *({**evidence, "members": wrong} for wrong in of_others(evidence["members"])),
        {**evidence, "note": "and more"},
        "rude",
    ):
        with market.refuses("invalid_argument"):
            complain(market, reader.person, rude["id"], forged)
    with market.refuses("invalid_argument"):
        complain(market, reader.person, kept["id"], evidence)
    complain(market, reader.person, rude["id"], evidence)
    (filed,) = market.read(market.admin, f"reports?entity_id=eq.{rude['id']}")
    (proved,) = verify_evidence(filed["evidence"], shown_keys(market, evidence["members"]))
    assert (proved.plaintext, proved.message.sender_id) == (b"rude", client.person.id)
    assert proved.identity == client.identity.public
    # The moderators have that message, and nothing that opens another.
    assert market.read(market.admin, "messages") == market.read(market.admin, "conversation_keys") == []


def test_only_a_complaint_about_what_is_private_reveals_messages(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    client.start_key(hers, 0)
    client.send(reader.person, hers.seal(b"rude"))
    his = reader.talk(row)
    evidence = make_evidence(his, reader.read())
    category = market.value("insert into public.forum_categories (name) values ('c') returning id::text")
    post = market.value(
        "insert into public.forum_posts (author_id, category_id, title, content) values (%s, %s, 't', 'c') "
        "returning id::text",
        client.person.id, category,
    )  # fmt: skip
    stream = market.value(
        "insert into public.live_streams (reader_id, title, category) values (%s, 't', 'TAROT') returning id::text",
        client.person.id,
    )
    ask = partial(market.call, reader.person, "file_report", p_reason="Rude.")
    for kind, about in (("forum_post", post), ("live_stream", stream)):
        with market.refuses("invalid_argument"):
            ask(p_entity_type=kind, p_entity_id=about, p_evidence=evidence)
        assert ask(p_entity_type=kind, p_entity_id=about)["evidence"] is None


def test_what_is_revealed_was_written_with_whom_is_complained_of(market: Marketplace) -> None:
    client, reader = Member(market, market.client(funds=1000)), Member(market, market.reader())
    row = market.call(client.person, "open_conversation", p_user_id=reader.person.id)
    hers = client.talk(row)
    client.start_key(hers, 0)
    client.send(reader.person, hers.seal(b"rude"))
    evidence = make_evidence(reader.talk(row), reader.read())
    mine = market.started(client.person, reader.person)
    mine.by(client.person, "end")
    other = market.started(market.client(funds=1000), reader.person)
    ask = partial(market.call, reader.person, "file_report", p_reason="Rude.", p_evidence=evidence)
    for kind, about in (("user", other.client.id), ("session", other.id)):
        with market.refuses("invalid_argument"):
            ask(p_entity_type=kind, p_entity_id=about)
    assert ask(p_entity_type="session", p_entity_id=mine.id)["reported_id"] == client.person.id
    assert ask(p_entity_type="user", p_entity_id=client.person.id)["reported_id"] == client.person.id


def test_who_began_anew_is_still_answerable_for_what_was_said_before(market: Marketplace) -> None:
    client, reader, row = pair(market)
    hers = client.talk(row)
    client.start_key(hers, 0)
    rude = client.send(reader.person, hers.seal(b"rude"))
    his = reader.talk(row)
    (message,) = reader.read()
    complain(market, reader.person, rude["id"], make_evidence(his, [message]))
    # A new identity, and a row beside it that no identity signed; then all of it is revoked but one device.
    market.call(client.person, "revoke_device", p_device_id=client.device.device_id)
    earlier, client.identity = client.identity.public, Identity()
    junk = client.identity.certify(Device(client.person.id)).arguments()
    market.call(client.person, "register_device", **{**junk, "p_signature": flipped(junk["p_signature"])})
    market.call(client.person, "revoke_device", p_device_id=junk["p_device_id"])
    client.register()
    (filed,) = market.read(market.admin, f"reports?entity_id=eq.{rude['id']}")
    (proved,) = verify_evidence(filed["evidence"], shown_keys(market, list(hers.members)))
    assert (proved.plaintext, proved.identity) == (b"rude", earlier)
    # Those who meet them now, and those who accept the new identity, talk on.
    Member(market, market.client()).see(client.person.id)
    reader.pins.pin(client.person.id, client.identity.public)
    reader.start_key(his, 1)
