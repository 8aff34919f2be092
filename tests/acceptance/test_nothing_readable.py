"""A conversation on the whole platform; then what was said is looked for wherever the platform keeps anything."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from psycopg import sql

from soulseer_crypto import Conversation, Device, FileNote, Identity, KeyBackup, Message, Pins, open_file, seal_file
from soulseer_crypto.backup import INTERACTIVE
from tests.acceptance.conversation import Conversation as LiveSession
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform, Row


class Sealing:
    """A person's device and what it knows, by the official client."""

    def __init__(self, person: Person) -> None:
        self.person, self.identity, self.pins = person, Identity(), Pins()
        self.device = Device(person.id)
        self.pins.pin(person.id, self.identity.public)
        person.supabase.rpc("register_device", dict(self.identity.certify(self.device).arguments())).execute()

    def talk(self, row: Row) -> Conversation:
        supabase = self.person.supabase
        for member in (row["first_id"], row["second_id"]):
            self.pins.trust(member, supabase.table("user_keys").select("*").eq("user_id", member).execute().data)
        talk = Conversation(row["id"], (row["first_id"], row["second_id"]), self.device, self.pins)
        if row["key_version"] == 0:
            change = talk.start_version(0)
            keys = [one.argument() for one in change.wrapped]
            about = {"p_conversation_id": row["id"], "p_version": 1, "p_device_id": self.device.device_id}
            supabase.rpc("start_conversation_key", {**about, "p_keys": keys}).execute()
        mine = supabase.table("conversation_keys").select("*").eq("device_id", self.device.device_id)
        assert talk.learn(mine.eq("conversation_id", row["id"]).execute().data, 1) == []
        return talk

    def send(self, receiver: Person, content: object, kind: str = "TEXT") -> None:
        sent = {"p_receiver_id": receiver.id, "p_content": content, "p_message_type": kind}
        self.person.supabase.rpc("send_message", {**sent, "p_idempotency_key": str(uuid.uuid4())}).execute()

    def show(self, receiver: Person, talk: Conversation, picture: bytes) -> FileNote:
        file = seal_file(picture, "image/png", talk.conversation_id)
        self.files().upload(file.note.path, file.sealed, {"content-type": "application/octet-stream"})
        self.send(receiver, talk.seal(file.note.plaintext(), "IMAGE"), "IMAGE")
        return file.note

    def files(self) -> Any:
        return self.person.supabase.storage.from_("chat-media")

    def received(self) -> list[Message]:
        rows = self.person.supabase.table("messages").select("id, sender_id, message_type, content").execute().data
        return [Message.read(row) for row in rows]


def forms(secret: bytes) -> list[bytes]:
    """How something may stand somewhere: as it is, as hexadecimal digits, as base64 at each of its three places."""
    encoded = [base64.b64encode(b"x" * shift + secret)[shift + 1 : -4] for shift in range(3)]
    return [secret, secret.hex().encode(), *encoded, *(one.translate(bytes.maketrans(b"+/", b"-_")) for one in encoded)]


def in_tables(database: psycopg.Connection[Any], wanted: list[bytes]) -> list[str]:
    """The tables of the database, of every schema, whose rows hold one of the forms."""
    tables = database.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'm') and n.nspname <> 'information_schema'"
    ).fetchall()
    # Texts only: what is no text in the first place stands in a row as digits.
    like = [f"%{form.decode()}%" for form in wanted if form.isascii()]
    found = []
    for schema, table in tables:
        query = sql.SQL("select count(*) from only {table} as t where t::text like any (%s)")
        counted = database.execute(query.format(table=sql.Identifier(schema, table)), [like]).fetchone()
        if counted is not None and counted[0]:
            found.append(f"{schema}.{table}")
    return found


def in_files(folder: Path, wanted: list[bytes]) -> list[str]:
    """The files below a folder that hold one of the forms: data files, WAL, logs, whatever the stack wrote."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(form in content for form in wanted):
                found.append(str(path.relative_to(folder)))
    return found


def in_valkey(platform: Platform, wanted: list[bytes]) -> list[bytes]:
    """The keys of Valkey that hold one of the forms."""
    with redis.Redis.from_url(platform.env.redis_url) as client:
        kept = [(key, key + (client.dump(key) or b"")) for key in client.scan_iter(count=1000)]
    return [key for key, content in kept if any(form in content for form in wanted)]


def chat_in_a_session(client: Sealing, reader: Sealing, phrase: str) -> None:
    """A paid session whose chat says the phrase."""
    with LiveSession(client.person, reader.person) as session:
        row: Any = client.person.call("open_session_conversation", session_id=session.id)
        content = client.talk(row).seal(phrase.encode())
        said = {"session_id": session.id, "sender_id": client.person.id, "content": content, "message_type": "TEXT"}
        client.person.supabase.table("chat_messages").insert(said).execute()
        his = reader.talk({**row, "key_version": 1})
        heard = [his.receive(Message.read(one)) for one in reader.person.rows("chat_messages", session_id=session.id)]
        assert [one.plaintext.decode() for one in heard] == [phrase]


def picture_in_a_conversation(
    client: Sealing, reader: Sealing, hers: Conversation, his: Conversation, phrase: str
) -> FileNote:
    """A picture whose bytes say the phrase, in more than one chunk; the receiver downloads and opens it."""
    picture = b"\x89PNG\r\n\x1a\n" + phrase.encode() * 2000
    sent = client.show(reader.person, hers, picture)
    (message,) = [one for one in reader.received() if one.message_type == "IMAGE"]
    note = FileNote.of(his.receive(message), his.conversation_id)
    assert note == sent
    assert open_file(note, reader.files().download(note.path)) == picture
    return note


@pytest.fixture
def database(platform: Platform) -> Iterator[psycopg.Connection[Any]]:
    """The main database, past every policy."""
    with platform.stack.layout().server.connect() as connection:
        yield connection


def test_what_was_said_is_found_nowhere(platform: Platform, database: psycopg.Connection[Any]) -> None:
    phrase = f"The tower falls on {uuid.uuid4().hex}"
    client, reader = Sealing(make_client(platform, 10_000)), Sealing(make_reader(platform))
    row: Any = client.person.call("open_conversation", user_id=reader.person.id)
    hers = client.talk(row)
    for number in range(3):
        client.send(reader.person, hers.seal(f"{phrase} {number}".encode()))
    his = reader.talk({**row, "key_version": 1})
    sent = sorted(reader.received(), key=lambda message: message.id or "")
    heard = [his.receive(message).plaintext.decode() for message in sent]
    assert heard == [f"{phrase} {number}" for number in range(3)]
    note = picture_in_a_conversation(client, reader, hers, his, phrase)
    chat_in_a_session(client, reader, phrase)
    backup = KeyBackup(client.person.id, client.identity, {row["id"]: hers.keys()}).seal(phrase, INTERACTIVE)
    client.person.call("set_key_backup", backup=backup, version=1)
    database.execute("checkpoint")

    # What was said, and the keys it was said under: of the conversation, of a message, a file, of devices and identity.
    secrets = [phrase.encode(), *hers.keys().values(), his.reveal(sent[0]), note.key, client.identity.seed]
    secrets += [client.device.box_seed, client.device.sign_seed, reader.device.box_seed, reader.device.sign_seed]
    wanted = [form for secret in secrets for form in forms(secret)]

    assert in_tables(database, wanted) == []
    assert in_files(platform.stack.paths.state, wanted) == []
    assert in_valkey(platform, wanted) == []


def test_what_is_said_openly_is_found(platform: Platform, database: psycopg.Connection[Any]) -> None:
    # The search itself: what is not sealed is found in a table, in the WAL, among the uploads, in Valkey.
    phrase = f"In the open {uuid.uuid4().hex}"
    person = Person(platform)
    person.supabase.table("clients").update({"bio": phrase}).eq("user_id", person.id).execute()
    name = f"{person.id}/{uuid.uuid4()}"
    person.supabase.storage.from_("avatars").upload(name, phrase.encode(), {"content-type": "image/png"})
    with redis.Redis.from_url(platform.env.redis_url) as valkey:
        valkey.set("a test's key", phrase, ex=60)
    database.execute("checkpoint")

    wanted = forms(phrase.encode())

    assert "public.clients" in in_tables(database, wanted)
    folders = {name.split("/")[1] for name in in_files(platform.stack.paths.state, wanted)}
    assert folders >= {"pg_wal", "base", "storage"}
    assert in_valkey(platform, wanted) == [b"a test's key"]
