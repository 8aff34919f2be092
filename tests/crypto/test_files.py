"""Sealed files: what is sealed opens, whatever its size; whatever was done to one, or to its note, is refused."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from soulseer_crypto import CryptoError, FileNote, SealedFile, make_evidence, open_file, seal_file, verify_evidence
from soulseer_crypto.encoding import to_text
from soulseer_crypto.files import MAX_FILE, padded_length, sealed_length
from tests.crypto.talk import Talk, refuses

CHUNK: Final = 65_536
SEALED_CHUNK: Final = CHUNK + 17
START: Final = len(b"soulseer/file/1") + 24
FOLDER: Final = str(uuid.uuid4())
BUCKET_LIMIT: Final = 10 * 1024 * 1024
# Three chunks, the last a shorter one.
THREE: Final = seal_file(b"\x80" * 150_000, "image/png", FOLDER)
_TALK: Final = Talk()
SHOWN: Final = _TALK.his.receive(_TALK.says("", "IMAGE"))
EMPTY: Final = hashlib.blake2b(b"", digest_size=32).digest()


@pytest.fixture(scope="module")
def talk() -> Talk:
    return Talk()


def noted_anew(file: SealedFile, sealed: bytes) -> FileNote:
    """The note of somebody who has the key: it names the changed bytes as the right ones."""
    return replace(file.note, hash=hashlib.blake2b(sealed, digest_size=32).digest())


def chunks(sealed: bytes) -> list[bytes]:
    return [sealed[place : place + SEALED_CHUNK] for place in range(START, len(sealed), SEALED_CHUNK)]


# What opens --------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=6000), mime=st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif"]))
def test_any_bytes_open_again(content: bytes, mime: str) -> None:
    file = seal_file(content, mime, FOLDER)
    assert open_file(file.note, file.sealed) == content
    assert len(file.sealed) == sealed_length(len(content))
    assert (file.note.size, file.note.mime) == (len(content), mime)


@settings(max_examples=60, deadline=None)
@given(
    edge=st.sampled_from([4096, CHUNK, 2 * CHUNK, 3 * CHUNK, 16 * CHUNK]),
    beyond=st.integers(-40, 40),
    byte=st.sampled_from([b"\0", b"\x80", b"\xff"]),
)
def test_any_size_around_a_boundary_opens_again(edge: int, beyond: int, byte: bytes) -> None:
    content = byte * (edge + beyond)
    file = seal_file(content, "image/png", FOLDER)
    assert open_file(file.note, file.sealed) == content


def test_the_largest_file_fits_into_the_bucket_and_one_byte_more_is_refused() -> None:
    file = seal_file(b"x" * MAX_FILE, "image/jpeg", FOLDER)
    assert len(file.sealed) <= BUCKET_LIMIT < sealed_length(MAX_FILE + 1)
    assert open_file(file.note, file.sealed) == b"x" * MAX_FILE
    with refuses("too_long"):
        seal_file(b"x" * (MAX_FILE + 1), "image/jpeg", FOLDER)


@given(size=st.integers(0, MAX_FILE))
def test_padding_hides_the_size_for_at_most_a_sixteenth(size: int) -> None:
    padded = padded_length(size)
    assert size < padded <= max(4096, (size + 1) * 17 / 16)
    assert padded_length(padded - 1) == padded


def test_few_lengths_are_ever_seen() -> None:
    lengths = [padded_length(size) for size in range(0, MAX_FILE + 1, 64)]
    assert all(one <= other for one, other in pairwise(lengths))
    assert len(set(lengths)) < 300


def test_nothing_of_a_file_shows_and_no_two_are_alike() -> None:
    content = b"The tower falls" * 300
    files = [seal_file(content, "image/png", FOLDER) for _ in range(20)]
    for part in ("key", "hash", "path"):
        assert len({getattr(one.note, part) for one in files}) == 20
    assert not [one for one in files if b"tower" in one.sealed or one.note.key in one.sealed]
    assert all(one.note.path.startswith(f"{FOLDER}/") for one in files)
    assert not [one for one in files if repr(one.note.key) in repr(one.note)]


@pytest.mark.parametrize("mime", ["", "image/svg+xml", "text/html", "IMAGE/PNG", "image/png\n"])
def test_what_is_no_picture_is_not_sealed(mime: str) -> None:
    with refuses("malformed"):
        seal_file(b"x", mime, FOLDER)
    with refuses("malformed"):
        seal_file(b"x", "image/png", "no conversation")


# What was done to the bytes ----------------------------------------------


def test_a_changed_truncated_or_extended_file_is_refused() -> None:
    sealed = THREE.sealed
    for changed in (b"", sealed[:-1], sealed[1:], sealed[:START], sealed + b"\0", sealed[:-SEALED_CHUNK], sealed * 2):
        with refuses("forged"):
            open_file(THREE.note, changed)
    assert open_file(THREE.note, sealed) == b"\x80" * 150_000


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, len(THREE.sealed) - 1), change=st.integers(1, 255), is_known=st.booleans())
def test_one_changed_byte_is_refused_even_by_a_note_that_names_it(place: int, change: int, is_known: bool) -> None:
    sealed = bytearray(THREE.sealed)
    sealed[place] ^= change
    note = noted_anew(THREE, bytes(sealed)) if is_known else THREE.note
    with refuses("malformed" if is_known and place < START - 24 else "forged"):
        open_file(note, bytes(sealed))


def test_chunks_that_are_reordered_repeated_or_left_out_are_refused() -> None:
    head, (first, second, last) = THREE.sealed[:START], chunks(THREE.sealed)
    other = chunks(seal_file(b"\x80" * 150_000, "image/png", FOLDER).sealed)
    for pieces in ([second, first, last], [first, first, last], [first, other[1], last], [*other]):
        sealed = head + b"".join(pieces)
        with refuses("forged"):
            open_file(THREE.note, sealed)
        # Nor when who has the key says that it is so.
        with refuses("forged"):
            open_file(noted_anew(THREE, sealed), sealed)


def test_a_file_cut_between_chunks_is_refused_also_with_a_fitting_size() -> None:
    # Two whole chunks, and a size that has two: only the missing end tells.
    sealed = THREE.sealed[: START + 2 * SEALED_CHUNK]
    note = replace(noted_anew(THREE, sealed), size=2 * CHUNK - 1)
    assert sealed_length(note.size) == len(sealed)
    with refuses("forged"):
        open_file(note, sealed)


def stream(key: bytes, pieces: list[tuple[bytes, int]], about: bytes = b"soulseer/file/1") -> bytes:
    """A stream that no client would write."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    sealed = about + bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    for piece, tag in pieces:
        sealed += bindings.crypto_secretstream_xchacha20poly1305_push(state, piece, b"soulseer/file/1", tag)
    return sealed


@pytest.mark.parametrize(
    ("code", "pieces", "size"),
    [
        ("malformed", [(b"\0" * 4096, 3)], 10),
        ("malformed", [((b"x" * 9 + b"\x80").ljust(4096, b"\0"), 3)], 10),
        ("malformed", [((b"x" * 10 + b"\x80").ljust(4095, b"\0") + b"\x01", 3)], 10),
        ("forged", [((b"x" * 10 + b"\x80").ljust(4096, b"\0"), 0)], 10),
        ("forged", [((b"x" * 10 + b"\x80").ljust(4096, b"\0"), 1)], 10),
        ("forged", [((b"x" * 10 + b"\x80").ljust(8192, b"\0"), 3)], 10),
        ("forged", [(b"x" * CHUNK, 3), (b"\x80".ljust(2048, b"\0"), 3)], CHUNK),
        ("forged", [(b"x" * CHUNK, 2), (b"\x80".ljust(2048, b"\0"), 3)], CHUNK),
    ],
)
def test_a_member_cannot_send_a_file_of_another_form(code: str, pieces: list[tuple[bytes, int]], size: int) -> None:
    sealed = stream(THREE.note.key, pieces)
    with refuses(code):
        open_file(replace(noted_anew(THREE, sealed), size=size), sealed)


def test_another_version_is_refused() -> None:
    sealed = stream(THREE.note.key, [(b"\x80".ljust(4096, b"\0"), 3)], b"soulseer/file/2")
    with refuses("malformed"):
        open_file(replace(noted_anew(THREE, sealed), size=0), sealed)


@pytest.mark.parametrize("size", [MAX_FILE + 1, 2**40, 2**53 - 1])
def test_a_note_that_claims_a_huge_size_is_refused_at_once(size: int) -> None:
    with refuses("too_long"):
        open_file(replace(THREE.note, size=size), THREE.sealed)


@pytest.mark.parametrize("size", [-1, True, 2**200, 1.5])
def test_a_size_that_is_none_is_refused(size: int) -> None:
    with refuses("malformed"):
        open_file(replace(THREE.note, size=size), THREE.sealed)


def test_another_key_or_another_size_does_not_open_it() -> None:
    with refuses("forged"):
        open_file(replace(THREE.note, key=bytes(32)), THREE.sealed)
    for size in (0, 149_000, 150_001, MAX_FILE):
        with refuses("forged", "malformed"):
            open_file(replace(THREE.note, size=size), THREE.sealed)
    with refuses("forged"):
        open_file(replace(THREE.note, hash=EMPTY), THREE.sealed)


# In a conversation -------------------------------------------------------


def test_the_receiver_opens_what_the_message_tells_of(talk: Talk) -> None:
    message, sealed = talk.shows(b"a picture of the tower")
    note = FileNote.of(talk.his.receive(message), talk.id)
    assert (open_file(note, sealed), note.mime) == (b"a picture of the tower", "image/png")
    assert note.path.startswith(f"{talk.id}/")


def test_two_files_cannot_be_swapped(talk: Talk) -> None:
    (one, first), (other, second) = talk.shows(b"the tower"), talk.shows(b"the star!")
    notes = [FileNote.of(talk.his.receive(message), talk.id) for message in (one, other)]
    with refuses("forged"):
        open_file(notes[0], second)
    with refuses("forged"):
        open_file(notes[1], first)


def test_a_note_of_another_message_or_conversation_is_refused(talk: Talk) -> None:
    message, _ = talk.shows(b"the tower")
    with refuses("forged"):
        talk.his.receive(replace(message, message_type="TEXT"))
    with refuses("forged"):
        FileNote.of(talk.his.receive(message), str(uuid.uuid4()))
    # A note that somebody wrote as a text is a text.
    written = talk.his.receive(talk.says(THREE.note.plaintext().decode()))
    with refuses("malformed"):
        FileNote.of(written, FOLDER)


def with_a_change(change: tuple[int, bytes, int]) -> bytes:
    """A note with a stretch of it replaced."""
    place, new, length = change
    good = THREE.note.plaintext()
    return good[:place] + new + good[place + length :]


CHANGES: Final = st.tuples(st.integers(0, 229), st.binary(max_size=3), st.integers(0, 4))


@settings(max_examples=150, deadline=None)
@given(plaintext=st.binary(max_size=600) | CHANGES.map(with_a_change))
def test_a_note_has_one_form(plaintext: bytes) -> None:
    try:
        note = FileNote.of(replace(SHOWN, plaintext=plaintext), FOLDER)
    except CryptoError:
        return
    assert note.plaintext() == plaintext


def test_a_report_of_a_picture_opens_it_and_no_other(talk: Talk) -> None:
    (rude, sealed), (private, other) = talk.shows(b"a rude picture"), talk.shows(b"a private one")
    evidence = make_evidence(talk.his, [rude])
    (proved,) = verify_evidence(evidence, talk.user_keys())
    note = FileNote.of(proved, str(evidence["conversation_id"]))
    assert (open_file(note, sealed), proved.message.sender_id) == (b"a rude picture", talk.alice.user_id)
    with refuses("forged"):
        open_file(note, other)
    with refuses("forged"):
        open_file(noted_anew(SealedFile(note, other), other), other)
    # A note of the reporter's own making proves nothing.
    revealed = evidence["messages"][0]  # type: ignore[index]
    with refuses("forged"):
        moved = {**evidence, "messages": [{**revealed, "envelope": private.content}]}
        verify_evidence(moved, talk.user_keys())
    assert to_text(note.key) not in str(evidence)
