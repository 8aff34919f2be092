"""The project's buckets, as people use them: through the official client, with the calls that open and close them."""

import uuid
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from storage3 import SyncStorageClient

from soulseer_crypto import CryptoError, FileNote, make_evidence, open_file, seal_file, verify_evidence
from stack.storage.harness import StorageHost
from stack.worlds import World
from tests.administration.tables import remove, with_second_factor
from tests.sql.marketplace import LiveSession, Marketplace, Person, Row
from tests.sql.sealing import Member
from tests.stack.storage.refusals import NO_OBJECT, NO_RIGHT, TAKEN, refused

PNG = {"content-type": "image/png"}
PDF = {"content-type": "application/pdf"}
WEBM = {"content-type": "audio/webm"}
SEALED = {"content-type": "application/octet-stream"}


@pytest.fixture(scope="module")
def market(storage_world: World) -> Iterator[Marketplace]:
    with closing(Marketplace(storage_world)) as opened:
        yield opened


@pytest.fixture(scope="module")
def seller(market: Marketplace) -> Person:
    return market.reader()


@pytest.fixture(scope="module")
def session(market: Marketplace) -> LiveSession:
    """A session that runs."""
    return market.started(market.client(funds=90_000), market.reader())


def files(storage: StorageHost, person: Person) -> SyncStorageClient:
    return storage.client(person.token)


# Avatars ------------------------------------------------------------


def test_everyone_sees_a_face_and_changes_their_own(storage: StorageHost, market: Marketplace) -> None:
    person, other = market.sign_up(), market.sign_up()
    mine, theirs = files(storage, person).from_("avatars"), files(storage, other).from_("avatars")
    mine.upload(f"{person.id}/face.png", b"1", PNG)
    mine.upload(f"{person.id}/face.png", b"2", {**PNG, "upsert": "true"})
    assert httpx.get(mine.get_public_url(f"{person.id}/face.png")).content == b"2"
    assert [entry["name"] for entry in mine.list(person.id)] == ["face.png"]
    assert theirs.list(person.id) == []
    assert refused(lambda: theirs.upload(f"{person.id}/mustache.png", b"x", PNG)) == NO_RIGHT
    assert refused(lambda: theirs.update(f"{person.id}/face.png", b"x", PNG)) == NO_RIGHT
    assert refused(lambda: mine.move(f"{person.id}/face.png", f"{other.id}/face.png")) == NO_RIGHT
    assert theirs.remove([f"{person.id}/face.png"]) == []
    assert refused(lambda: mine.upload(f"{person.id}/page.html", b"x", {"content-type": "text/html"}))[0] == "415"
    assert refused(lambda: mine.upload("face.png", b"x", PNG)) == NO_RIGHT
    assert len(mine.remove([f"{person.id}/face.png"])) == 1


def test_whoever_is_suspended_writes_nothing_and_still_reads(storage: StorageHost, market: Marketplace) -> None:
    person = market.sign_up()
    documents = files(storage, person).from_("verification-docs")
    avatars = files(storage, person).from_("avatars")
    documents.upload(f"{person.id}/id.pdf", b"mine", PDF)
    avatars.upload(f"{person.id}/face.png", b"1", PNG)
    market.suspend(person)
    assert refused(lambda: avatars.upload(f"{person.id}/other.png", b"x", PNG)) == NO_RIGHT
    assert refused(lambda: avatars.update(f"{person.id}/face.png", b"x", PNG)) == NO_RIGHT
    assert refused(lambda: documents.upload(f"{person.id}/more.pdf", b"x", PDF)) == NO_RIGHT
    assert refused(lambda: avatars.create_signed_upload_url(f"{person.id}/late.png")) == NO_RIGHT
    assert avatars.remove([f"{person.id}/face.png"]) == []
    assert documents.download(f"{person.id}/id.pdf") == b"mine"


# Documents ------------------------------------------------------------


def test_documents_are_for_their_person_and_for_who_decides(storage: StorageHost, market: Marketplace) -> None:
    applicant, stranger = market.sign_up(), market.reader()
    place = f"{applicant.id}/passport.pdf"
    documents = files(storage, applicant).from_("verification-docs")
    documents.upload(place, b"passport", PDF)
    assert documents.download(place) == b"passport"
    decider, colleague = market.make_admin("manage_users"), market.make_admin("manage_users")
    theirs = files(storage, decider).from_("verification-docs")
    # Nobody looks into a drawer: whose application one was shown, and the record tells it, has documents.
    assert refused(lambda: theirs.download(place)) == NO_OBJECT
    market.apply(applicant)
    shown = market.call(decider, "admin_read_applications", p_limit=200)
    assert applicant.id in {row["user_id"] for row in shown}
    assert theirs.download(place) == b"passport"
    assert refused(lambda: files(storage, colleague).from_("verification-docs").download(place)) == NO_OBJECT
    assert [entry["name"] for entry in theirs.list(applicant.id)] == ["passport.pdf"]
    # An address would outlive the right, and so would a copy in a folder of one's own.
    assert refused(lambda: theirs.create_signed_url(place, 60)) == NO_OBJECT
    assert theirs.create_signed_urls([place], 60)[0]["signedURL"] in (None, "")
    assert refused(lambda: theirs.copy(place, f"{decider.id}/copy.pdf")) == NO_OBJECT
    assert refused(lambda: theirs.move(place, f"{decider.id}/moved.pdf")) == NO_OBJECT
    market.clock.advance(3601)
    assert refused(lambda: theirs.download(place)) == NO_OBJECT
    for other in (stranger, market.make_admin("manage_finances", "moderate_content", "manage_settings")):
        theirs = files(storage, other).from_("verification-docs")
        assert refused(lambda theirs=theirs: theirs.download(place)) == NO_OBJECT
        assert refused(lambda theirs=theirs: theirs.create_signed_url(place, 60)) == NO_OBJECT
    # What was handed in stays as it was.
    assert refused(lambda: documents.update(place, b"other", PDF)) == NO_RIGHT
    assert documents.remove([place]) == []
    assert storage.call("GET", f"/object/public/verification-docs/{place}").json()["message"] == "Bucket not found"


# Recordings ------------------------------------------------------------


def test_a_session_is_recorded_only_while_both_agree(
    storage: StorageHost, market: Marketplace, session: LiveSession
) -> None:
    client, reader = session.client, session.reader
    recordings = files(storage, client).from_("recordings")

    def agree(person: Person, *, to: bool = True) -> bool:
        return bool(market.call(person, "consent_to_recording", p_session_id=session.id, p_consents=to))

    def record(name: str) -> object:
        return recordings.upload(f"{session.id}/{name}", b"voices", WEBM)

    assert refused(lambda: record("1.webm")) == NO_RIGHT
    assert agree(client) is False
    assert agree(client) is False
    assert refused(lambda: record("1.webm")) == NO_RIGHT
    assert agree(reader) is True
    record("1.webm")
    assert refused(lambda: record("1.webm")) == TAKEN
    assert agree(reader, to=False) is False
    assert refused(lambda: record("2.webm")) == NO_RIGHT
    assert refused(lambda: recordings.create_signed_upload_url(f"{session.id}/2.webm")) == NO_RIGHT

    assert files(storage, reader).from_("recordings").download(f"{session.id}/1.webm") == b"voices"
    stranger = files(storage, market.sign_up()).from_("recordings")
    assert refused(lambda: stranger.download(f"{session.id}/1.webm")) == NO_OBJECT
    # Neither side takes away or alters what both have.
    assert recordings.remove([f"{session.id}/1.webm"]) == []
    assert refused(lambda: recordings.update(f"{session.id}/1.webm", b"cut", WEBM)) == NO_RIGHT


def test_a_session_names_its_recording_once_and_both_have_it(storage: StorageHost, market: Marketplace) -> None:
    session = market.started(market.client(funds=9000), market.reader())
    client, reader, stranger = session.client, session.reader, market.sign_up()
    path, other = f"{session.id}/1.webm", f"{session.id}/2.webm"

    def attach(person: Person, name: str | None) -> Row:
        row: Row = market.call(person, "attach_recording", p_session_id=session.id, p_path=name)
        return row

    def agree(person: Person, *, to: bool = True) -> None:
        market.call(person, "consent_to_recording", p_session_id=session.id, p_consents=to)

    with market.refuses("recording_not_agreed"):
        attach(client, path)
    agree(client)
    agree(reader)
    with market.refuses("not_found"):
        attach(client, path)
    for name in (path, other):
        files(storage, client).from_("recordings").upload(name, b"voices", WEBM)
    with market.refuses("not_participant"):
        attach(stranger, path)
    # Who uploaded it says so, and of this session.
    with market.refuses("not_found"):
        attach(reader, path)
    for elsewhere in (None, "1.webm", f"{uuid.uuid4()}/1.webm", f"{session.id}/{'x' * 500}"):
        with market.refuses("invalid_argument"):
            attach(client, elsewhere)
    agree(reader, to=False)
    with market.refuses("recording_not_agreed"):
        attach(client, path)
    agree(reader)
    session.by(client, "end")

    told = "select count(*) from realtime.messages where topic = %s"
    before = market.value(told, f"session:{session.id}")
    assert [attach(client, path)["recording_url"] for _ in range(2)] == [path, path]
    assert market.value(told, f"session:{session.id}") == before + 1
    with market.refuses("invalid_state"):
        attach(client, other)

    # What was recorded while both agreed stays with both.
    agree(reader, to=False)
    assert attach(client, path)["recording_url"] == path
    for person in (client, reader):
        (seen,) = market.read(person, f"sessions?id=eq.{session.id}&select=recording_url")
        assert files(storage, person).from_("recordings").download(seen["recording_url"]) == b"voices"
    assert refused(lambda: files(storage, stranger).from_("recordings").download(path)) == NO_OBJECT


# Goods ------------------------------------------------------------


def sell(storage: StorageHost, market: Marketplace, seller: Person, **more: object) -> tuple[str, str]:
    """Put a file on the shelf, as a reader does; the product, and where its file lies."""
    words = {"name": f"Guide {uuid.uuid4()}", "description": "All of it", "category": "guides", "type": "DIGITAL"}
    headers = {"Authorization": f"Bearer {seller.token}"}
    row = {**words, "price": 500, "status": "DRAFT", "reader_id": seller.id}
    assert market.http.post("/products", json=row, headers=headers).status_code == 201
    product = str(market.value("select id::text from products where name = %s", words["name"]))
    path = f"{seller.id}/{product}/guide.pdf"
    files(storage, seller).from_("products").upload(path, b"the whole guide", PDF)
    changes = {"file_url": path, "status": "ACTIVE", **more}
    assert market.http.patch(f"/products?id=eq.{product}", json=changes, headers=headers).status_code == 204
    return product, path


def buy(market: Marketplace, buyer: Person, product: str) -> Row:
    items = [{"product_id": product, "quantity": 1}]
    order: Row = market.call(buyer, "place_order", p_items=items, p_idempotency_key=str(uuid.uuid4()))
    return order


def test_a_file_is_the_buyers_by_a_signed_url(storage: StorageHost, market: Marketplace, seller: Person) -> None:
    product, path = sell(storage, market, seller)
    buyer, browser = market.client(funds=5000), market.client(funds=5000)
    shelf = files(storage, buyer).from_("products")
    assert refused(lambda: shelf.create_signed_url(path, 60)) == NO_OBJECT

    order = buy(market, buyer, product)

    (bought,) = market.call(buyer, "order_files", p_order_id=order["id"])
    assert bought["path"] == path
    url = shelf.create_signed_url(bought["path"], 60, {"download": "guide.pdf"})["signedURL"]
    answer = httpx.get(url)
    assert answer.content == b"the whole guide"
    assert "guide.pdf" in answer.headers["Content-Disposition"]
    assert refused(lambda: files(storage, browser).from_("products").create_signed_url(path, 60)) == NO_OBJECT
    with market.refuses("not_found"):
        market.call(browser, "order_files", p_order_id=order["id"])
    assert refused(lambda: shelf.upload(f"{seller.id}/{product}/more.pdf", b"x", PDF)) == NO_RIGHT
    assert shelf.remove([path]) == []

    market.database.execute("update orders set status = 'REFUNDED' where id = %s", [order["id"]])
    assert refused(lambda: shelf.create_signed_url(path, 60)) == NO_OBJECT
    with market.refuses("invalid_state"):
        market.call(buyer, "order_files", p_order_id=order["id"])


def test_what_somebody_paid_for_stays_as_it_was_bought(
    storage: StorageHost, market: Marketplace, seller: Person
) -> None:
    product, path = sell(storage, market, seller)
    shelf = files(storage, seller).from_("products")
    shelf.update(path, b"the guide, nobody bought it yet", PDF)
    buyer = market.client(funds=5000)
    order = buy(market, buyer, product)

    assert shelf.remove([path]) == []
    assert refused(lambda: shelf.update(path, b"nothing", PDF)) in (NO_OBJECT, NO_RIGHT)
    assert refused(lambda: shelf.upload(path, b"nothing", {**PDF, "upsert": "true"})) in (NO_OBJECT, NO_RIGHT)
    assert refused(lambda: shelf.create_signed_upload_url(f"{seller.id}/{product}/late.pdf")) == NO_RIGHT
    assert refused(lambda: shelf.move(path, f"{seller.id}/{product}/away.pdf")) in (NO_OBJECT, NO_RIGHT)
    second = f"{seller.id}/{product}/second.pdf"
    shelf.upload(second, b"the second edition", PDF)
    headers = {"Authorization": f"Bearer {seller.token}"}
    assert market.http.patch(f"/products?id=eq.{product}", json={"file_url": second}, headers=headers).is_success
    mine = files(storage, buyer).from_("products")
    assert mine.download(path) == b"the guide, nobody bought it yet"
    assert refused(lambda: mine.download(second)) == NO_OBJECT

    treasurer = with_second_factor(market, market.make_admin("manage_finances"))
    market.call(
        treasurer, "admin_refund_charge", p_transaction_id=order["transaction_id"], p_amount=500,
        p_reason="It is empty.", p_idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
    assert refused(lambda: mine.download(path)) == NO_OBJECT
    assert [gone["name"] for gone in shelf.remove([path])] == [path]


def test_what_is_not_in_storage_is_not_sold(storage: StorageHost, market: Marketplace, seller: Person) -> None:
    product, path = sell(storage, market, seller)
    files(storage, seller).from_("products").remove([path])
    buyer = market.client(funds=5000)
    with market.refuses("not_on_sale"):
        buy(market, buyer, product)
    assert market.wallet(buyer)["balance"] == 5000


def test_a_seller_hands_out_nothing_of_anybody_else(storage: StorageHost, market: Marketplace, seller: Person) -> None:
    _, victims = sell(storage, market, market.reader())
    product, mine = sell(storage, market, seller, download_url=victims)
    buyer = market.client(funds=5000)
    order = buy(market, buyer, product)
    assert [one["path"] for one in market.call(buyer, "order_files", p_order_id=order["id"])] == [mine]
    assert refused(lambda: files(storage, buyer).from_("products").download(victims)) == NO_OBJECT
    shelf = files(storage, seller).from_("products")
    assert refused(lambda: shelf.upload(f"{seller.id}/{uuid.uuid4()}/x.pdf", b"x", PDF)) == NO_RIGHT


def test_pictures_of_goods_are_everyones_to_see(storage: StorageHost, market: Marketplace, seller: Person) -> None:
    product, _ = sell(storage, market, seller)
    pictures = files(storage, seller).from_("product-images")
    pictures.upload(f"{seller.id}/{product}/front.png", b"1", PNG)
    assert httpx.get(pictures.get_public_url(f"{seller.id}/{product}/front.png")).content == b"1"
    stranger = market.reader()
    theirs = files(storage, stranger).from_("product-images")
    for place in (f"{seller.id}/{product}/x.png", f"{stranger.id}/{product}/x.png"):
        assert refused(lambda place=place: theirs.upload(place, b"x", PNG)) == NO_RIGHT


# Chat media ------------------------------------------------------------


def test_what_is_sent_in_a_session_is_sealed_and_for_its_two(
    storage: StorageHost, market: Marketplace, session: LiveSession
) -> None:
    place = f"{session.id}/{uuid.uuid4()}"
    mine = files(storage, session.client).from_("chat-media")
    mine.upload(place, b"sealed", SEALED)
    assert files(storage, session.reader).from_("chat-media").download(place) == b"sealed"
    assert refused(lambda: mine.upload(f"{place}.png", b"x", PNG))[0] == "415"
    stranger = files(storage, market.sign_up()).from_("chat-media")
    assert refused(lambda: stranger.download(place)) == NO_OBJECT
    assert refused(lambda: stranger.upload(f"{place}.own", b"x", SEALED)) == NO_RIGHT
    assert files(storage, session.reader).from_("chat-media").remove([place]) == []

    ended = market.started(market.client(funds=9000), market.reader())
    ended.by(ended.client, "end")
    late = files(storage, ended.client).from_("chat-media")
    assert refused(lambda: late.upload(f"{ended.id}/late", b"x", SEALED)) == NO_RIGHT
    assert len(mine.remove([place])) == 1


def test_a_moderator_opens_the_file_that_a_report_reveals_and_no_other(
    storage: StorageHost, market: Marketplace
) -> None:
    client, reader = Member(market, market.client()), Member(market, market.reader())
    row = market.call(client.person, "open_conversation", p_user_id=reader.person.id)
    hers = client.talk(row)
    client.start_key(hers, 0)
    hers_files = files(storage, client.person).from_("chat-media")
    sent = []
    for picture in (b"rude", b"private"):
        file = seal_file(picture, "image/png", row["id"])
        hers_files.upload(file.note.path, file.sealed, SEALED)
        sent.append(client.send(reader.person, hers.seal(file.note.plaintext(), "IMAGE"), "IMAGE")["id"])
    his = reader.talk(row)
    came = {message.id: message for message in reader.read()}
    rude, private = (his.receive(came[message]) for message in sent)

    moderator, stranger = market.make_admin("moderate_content"), market.make_admin("manage_users")
    rude_note, private_note = (FileNote.of(opened, row["id"]) for opened in (rude, private))
    theirs = files(storage, moderator).from_("chat-media")
    assert refused(lambda: theirs.download(rude_note.path)) == NO_OBJECT
    about = {"p_entity_type": "message", "p_entity_id": rude.message.id, "p_reason": "Rude."}
    market.call(reader.person, "file_report", **about, p_evidence=make_evidence(his, [rude.message]))

    (filed,) = market.read(moderator, f"reports?entity_id=eq.{rude.message.id}")
    keys = market.read(moderator, f"user_keys?user_id=in.({client.person.id},{reader.person.id})")
    (proved,) = verify_evidence(filed["evidence"], keys)
    note = FileNote.of(proved, filed["evidence"]["conversation_id"])
    assert open_file(note, theirs.download(note.path)) == b"rude"
    assert proved.message.sender_id == client.person.id
    # The other file comes sealed, and nothing in the report opens it.
    with pytest.raises(CryptoError):
        open_file(note, theirs.download(private_note.path))
    assert refused(lambda: files(storage, stranger).from_("chat-media").download(note.path)) == NO_OBJECT
    assert theirs.remove([note.path]) == []
    assert refused(lambda: theirs.create_signed_url(note.path, 60)) == NO_OBJECT
    own = market.call(moderator, "open_conversation", p_user_id=market.reader().id)
    assert refused(lambda: theirs.copy(note.path, f"{own['id']}/copy")) == NO_OBJECT
    # What is complained of in public opens no conversation, whatever stands in the row.
    public = market.make_admin("moderate_content")
    market.database.execute("update public.reports set entity_type = 'forum_post' where id = %s", [filed["id"]])
    assert refused(lambda: files(storage, public).from_("chat-media").download(note.path)) == NO_OBJECT
    market.database.execute("update public.reports set entity_type = 'message' where id = %s", [filed["id"]])
    # Once it is decided, there is nothing more to look at.
    market.call(moderator, "admin_resolve_report", p_report_id=filed["id"], p_uphold=True, p_resolution="Warned.")
    assert refused(lambda: theirs.download(note.path)) == NO_OBJECT


@pytest.mark.parametrize("who_blocks", ["client", "reader"])
def test_a_block_closes_a_conversation_to_new_files_and_leaves_what_is_there(
    storage: StorageHost, market: Marketplace, who_blocks: str
) -> None:
    people = {"client": market.client(funds=9000), "reader": market.reader()}
    first, second = sorted(person.id for person in people.values())
    talk = market.value(
        "insert into conversations (first_id, second_id) values (%s, %s) returning id::text", first, second
    )
    mine = {name: files(storage, person).from_("chat-media") for name, person in people.items()}
    for name, bucket in mine.items():
        bucket.upload(f"{talk}/{name}", b"sealed", SEALED)
    blocker, blocked = people.pop(who_blocks), next(iter(people.values()))
    market.add(blocker, "blocks", {"blocker_id": blocker.id, "blocked_id": blocked.id})

    for bucket in mine.values():
        assert refused(lambda bucket=bucket: bucket.upload(f"{talk}/more", b"x", SEALED)) == NO_RIGHT
        assert refused(lambda bucket=bucket: bucket.create_signed_upload_url(f"{talk}/more")) == NO_RIGHT
        assert [bucket.download(f"{talk}/{name}") for name in mine] == [b"sealed", b"sealed"]

    remove(market, blocker, f"blocks?blocked_id=eq.{blocked.id}")
    for name, bucket in mine.items():
        bucket.upload(f"{talk}/{name}-again", b"sealed", SEALED)


def test_a_block_does_not_end_a_session_that_is_paid_for(storage: StorageHost, market: Marketplace) -> None:
    session = market.started(market.client(funds=9000), market.reader())
    market.add(session.client, "blocks", {"blocker_id": session.client.id, "blocked_id": session.reader.id})
    for person in (session.client, session.reader):
        files(storage, person).from_("chat-media").upload(f"{session.id}/{person.id}", b"sealed", SEALED)
