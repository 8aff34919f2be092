"""Erasure: refused while money or a promise remains, and then nothing says who somebody was, while the books stay."""

import json
import uuid
from collections.abc import Callable

import pytest

from soulseer.jobs import OUTBOX_TOPICS
from tests.administration.tables import add, change, refused, with_second_factor
from tests.sql.marketplace import Marketplace, Person

SECRET_WORDS = "Wilhelmina-of-the-secret-garden"
Situation = Callable[[Marketplace], Person]
SITUATIONS: list[Situation] = []


def situation(made: Situation) -> Situation:
    """Register somebody who may not go yet."""
    SITUATIONS.append(made)
    return made


@situation
def bought_money_unspent(market: Marketplace) -> Person:
    return market.client(funds=500)


@situation
def a_frozen_wallet(market: Marketplace) -> Person:
    person = market.client()
    market.freeze(person)
    return person


@situation
def a_request_open(market: Marketplace) -> Person:
    return market.request(market.client(promo=1000), market.reader()).client


@situation
def asked_for_a_session(market: Marketplace) -> Person:
    return market.request(market.client(promo=1000), market.reader()).reader


@situation
def in_a_session(market: Marketplace) -> Person:
    return market.started(market.client(promo=1000), market.reader()).client


@situation
def earnings_not_paid_out(market: Marketplace) -> Person:
    return spent(market)[1]


@situation
def a_payout_on_its_way(market: Marketplace) -> Person:
    _, reader = spent(market, rate=3000)
    market.clock.advance(604_800)
    market.open_payout_account(reader)
    market.call(reader, "request_payout", p_idempotency_key="k")
    return reader


@situation
def a_card_payment_under_way(market: Marketplace) -> Person:
    person = market.client()
    begun = market.worker("begin_topup", p_user_id=person.id, p_amount=500, p_currency="USD", p_idempotency_key="k")
    market.worker(
        "record_payment_intent",
        p_transaction_id=begun["transaction_id"],
        p_payment_intent_id=f"pi_{person.id.replace('-', '')}",
    )
    return person


def begun_checkout(market: Marketplace) -> tuple[Person, str]:
    """Begin a top-up on a page of Stripe's; returns who and the transaction."""
    person = market.client()
    begun = market.worker(
        "begin_topup",
        p_user_id=person.id,
        p_amount=500,
        p_currency="USD",
        p_idempotency_key="k",
        p_checkout=True,
    )
    session = f"cs_test_{person.id.replace('-', '')}"
    market.worker("record_checkout_session", p_transaction_id=begun["transaction_id"], p_session_id=session)
    return person, begun["transaction_id"]


@situation
def a_page_to_pay_on_that_is_open(market: Marketplace) -> Person:
    person, _ = begun_checkout(market)
    market.clock.advance(100_000)
    return person


@situation
def a_bank_debit_under_way_for_days(market: Marketplace) -> Person:
    person, transaction = begun_checkout(market)
    intent = f"pi_{person.id.replace('-', '')}"
    market.worker(
        "apply_payment_intent",
        p_event_id=market.store_event("payment_intent.processing", intent),
        p_sequence=market.worker("next_object_sequence", p_object_id=intent),
        p_payment_intent_id=intent,
        p_status="processing",
        p_amount=500,
        p_amount_received=0,
        p_currency="usd",
        p_transaction_id=transaction,
    )
    market.clock.advance(604_800)
    return person


@situation
def a_debt(market: Marketplace) -> Person:
    person = market.client()
    market.database.execute(
        "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(%s, 'client_debt'), "
        "ledger.account_of(null, 'stripe_clearing'), 5)",
        [person.id],
    )
    return person


@situation
def an_order_to_be_sent(market: Marketplace) -> Person:
    return sold(market)[0]


@situation
def an_order_to_send(market: Marketplace) -> Person:
    return sold(market)[1]


@situation
def a_live_stream(market: Marketplace) -> Person:
    reader = market.reader()
    market.database.execute(
        "insert into public.live_streams (reader_id, title, category, status, started_at) "
        "values (%s, 't', 'c', 'LIVE', private.now())",
        [reader.id],
    )
    return reader


def spent(market: Marketplace, rate: int = 300) -> tuple[Person, Person]:
    """Return a client who spent everything on a session, and its reader."""
    session = market.started(market.client(funds=rate), market.reader(rate=rate))
    session.talk(30)
    session.by(session.client, "end")
    return session.client, session.reader


def sold(market: Marketplace) -> tuple[Person, Person]:
    """Return the buyer and the seller of something paid and not delivered."""
    buyer, seller = market.client(funds=100), market.reader()
    # Without a share, so that nothing but the order is left to the seller.
    market.database.execute(
        "insert into ledger.rules (kind, reader_id, share_bps) values ('ORDER', %s, 0)", [seller.id]
    )
    product = market.value(
        "insert into public.products (name, description, type, category, price, reader_id) "
        "values ('n', 'd', 'PHYSICAL', 'c', 100, %s) returning id::text",
        seller.id,
    )
    market.call(
        buyer,
        "place_order",
        p_items=[{"product_id": product, "quantity": 1}],
        p_idempotency_key="order",
        p_shipping_address={"street": SECRET_WORDS},
    )
    return buyer, seller


@pytest.mark.parametrize("somebody", SITUATIONS, ids=lambda made: made.__name__)
def test_nobody_is_erased_while_something_remains(market: Marketplace, somebody: Situation) -> None:
    person = somebody(market)
    with market.refuses("money_remains"):
        market.call(person, "erase_account")


def test_a_payment_given_up_holds_nobody_back(market: Marketplace) -> None:
    person = a_card_payment_under_way(market)
    market.clock.advance(86_401)
    market.call(person, "erase_account")


def known(market: Marketplace) -> Person:
    """Return a reader who left words in every place there is, and spent and was paid to the last unit."""
    person, reader, words = market.reader(), market.reader(), SECRET_WORDS
    market.give(person, 300)
    session = market.started(person, reader)
    session.talk(30)
    session.by(person, "end")
    market.call(person, "review_session", p_session_id=session.id, p_rating=5, p_comment=words)
    change(market, person, f"users?id=eq.{person.id}", username=f"u{person.id[-12:]}")
    change(market, person, f"clients?user_id=eq.{person.id}", first_name=words, bio=words, date_of_birth="1990-01-01")
    change(market, person, f"readers?user_id=eq.{person.id}", last_name=words, bio=words, headline=words)
    category = market.value("insert into public.forum_categories (name) values (%s) returning id", person.id)
    post = add(
        market, person, "forum_posts", author_id=person.id, category_id=str(category), title=words, content=words
    )
    add(market, person, "forum_replies", author_id=person.id, post_id=post["id"], content=words)
    add(market, person, "favorites", client_id=person.id, reader_id=reader.id)
    add(market, person, "blocks", blocker_id=person.id, blocked_id=market.sign_up().id)
    add(market, person, "live_streams", reader_id=person.id, title=words, category="c", description=words)
    market.call(person, "give_consent", p_kind="TERMS", p_version="1")
    export = market.call(person, "request_export")
    market.database.execute(
        "update public.data_exports set content = %s, completed_at = private.now() where id = %s",
        [json.dumps({"words": words}), export["id"]],
    )
    return person


def where_said(market: Marketplace, words: str) -> set[str]:
    """Return every table of ours in which these words stand."""
    tables = market.rows(
        "select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'private', 'ledger')"
    )
    return {
        table["name"]
        for table in tables
        if market.value(f"select exists (select from {table['name']} r where r::text ilike %s)", f"%{words}%")  # noqa: S608
    }


def test_the_person_goes_and_the_books_stay(market: Marketplace) -> None:
    person = known(market)
    assert where_said(market, SECRET_WORDS) >= {"public.clients", "public.readers", "public.reviews"}
    books = "select t.* from public.transactions t where t.user_id = %s order by id"
    sessions = "select s.* from public.sessions s where s.client_id = %s"
    before = market.rows(books, person.id), market.rows(sessions, person.id)
    assert market.rows("select 1 from public.audit_logs where user_id = %s and user_agent is not null", person.id)

    market.call(person, "erase_account")

    assert where_said(market, SECRET_WORDS) - {"public.orders"} == set()
    assert (market.rows(books, person.id), market.rows(sessions, person.id)) == before
    card = market.row("select username, status::text, role::text from public.users where id = %s", person.id)
    assert card == {"username": None, "status": "BANNED", "role": "READER"}
    kept = "select 1 from public.audit_logs where user_id = %s"
    assert market.rows(kept, person.id)
    assert not market.rows(f"{kept} and (user_agent is not null or ip_address is not null)", person.id)
    rating = market.row("select rating, comment from public.reviews where client_id = %s", person.id)
    assert rating == {"rating": 5, "comment": None}
    assert market.rows("select * from worker_api.verify_audit()") == []


def test_an_erased_account_stays_erased(market: Marketplace) -> None:
    person = market.client()
    market.call(person, "erase_account")
    refused(market, "account_suspended", "erase_account", person)
    with market.refuses("invalid_state"):
        market.call(
            market.admin, "admin_set_user_status", p_user_id=person.id, p_status="ACTIVE", p_reason="asked back"
        )
    assert market.read(person, f"clients?user_id=eq.{person.id}") == []


def claimed(market: Marketplace, topic: str, person: Person) -> str:
    """Return the job of this topic that is due for a person, as the relay would claim it."""
    rows = [row for row in market.worker("claim_outbox", p_limit=1000) if row["topic"] == topic]
    market.database.execute("update private.outbox set visible_at = private.now() where topic = %s", [topic])
    (row,) = [row for row in rows if person.id in json.dumps(row["payload"])]
    assert row["topic"] in OUTBOX_TOPICS
    return str(row["id"])


def test_the_login_is_closed_by_a_job_that_ends_once(market: Marketplace) -> None:
    person = market.client()
    market.call(person, "erase_account")
    job = claimed(market, "account.erased", person)

    assert market.worker("start_account_erasure", p_outbox_id=job) == person.id
    assert market.worker("start_account_erasure", p_outbox_id=job) == person.id
    assert market.worker("finish_account_erasure", p_outbox_id=job) is True
    assert market.worker("start_account_erasure", p_outbox_id=job) is None
    assert market.worker("finish_account_erasure", p_outbox_id=job) is False


# Files ------------------------------------------------------------


def kept(market: Marketplace, *files: tuple[str, str, Person]) -> None:
    """Put objects into Storage's table, as if people had uploaded them."""
    market.database.cursor().executemany(
        "insert into storage.objects (bucket_id, name, owner_id) values (%s, %s, %s)",
        [(bucket, name, owner.id) for bucket, name, owner in files],
    )


def to_remove(market: Marketplace, person: Person) -> set[tuple[str, str]]:
    job = claimed(market, "account.erased", person)
    return {(row["bucket"], row["path"]) for row in market.worker("erased_files", p_outbox_id=job)}


def test_pictures_documents_and_what_was_sent_go_and_what_belongs_to_others_stays(market: Marketplace) -> None:
    person, other = market.client(), market.client()
    talk = str(uuid.uuid4())
    theirs = [
        (bucket, f"{one.id}/{name}", one)
        for one in (person, other)
        for bucket, name in (("avatars", "face.png"), ("verification-docs", "passport.pdf"))
    ]
    kept(market, *theirs, ("chat-media", f"{talk}/mine", person), ("chat-media", f"{talk}/theirs", other))

    market.call(person, "erase_account")

    assert to_remove(market, person) == {
        ("avatars", f"{person.id}/face.png"),
        ("verification-docs", f"{person.id}/passport.pdf"),
        ("chat-media", f"{talk}/mine"),
    }


@pytest.mark.parametrize(("status", "stays"), [("DELIVERED", True), ("REFUNDED", False)])
def test_what_a_paid_order_hands_out_stays_for_its_buyer(market: Marketplace, status: str, stays: bool) -> None:
    seller, buyer = market.reader(), market.client(funds=500)
    product = str(uuid.uuid4())
    folder = f"{seller.id}/{product}"
    book, notes, front = f"{folder}/book.pdf", f"{folder}/notes.pdf", f"{folder}/front.png"
    market.database.execute(
        "insert into public.products (id, name, description, category, type, price, file_url, images, reader_id) "
        "values (%s, 'Guide', 'All of it', 'guides', 'DIGITAL', 500, %s, array[%s], %s)",
        [product, book, front, seller.id],
    )
    # A share of nothing: whoever has money is not erased.
    treasurer = with_second_factor(market, market.make_admin("manage_finances"))
    market.call(treasurer, "admin_set_commission", p_kind="ORDER", p_share_bps=0, p_reader_id=seller.id)
    market.clock.advance(1)
    items = [{"product_id": product, "quantity": 1}]
    kept(market, ("products", book, seller), ("products", notes, seller), ("product-images", front, seller))
    order = market.call(buyer, "place_order", p_items=items, p_idempotency_key=product)
    market.database.execute("update public.orders set status = %s where id = %s", [status, order["id"]])

    market.call(seller, "erase_account")

    gone = {("products", notes), ("product-images", front)} | (set() if stays else {("products", book)})
    assert to_remove(market, seller) == gone
    shown = market.row("select status::text, images from public.products where id = %s", product)
    assert shown == {"status": "INACTIVE", "images": []}


def test_a_recording_stays_until_both_of_its_session_are_erased(market: Marketplace) -> None:
    session = market.started(market.client(promo=1000), market.reader())
    path = f"{session.id}/voices.webm"
    for person in (session.client, session.reader):
        market.call(person, "consent_to_recording", p_session_id=session.id, p_consents=True)
    kept(market, ("recordings", path, session.client))
    market.call(session.client, "attach_recording", p_session_id=session.id, p_path=path)
    session.by(session.client, "end")

    named = "select recording_url from public.sessions where id = %s"
    going: list[tuple[Person, set[tuple[str, str]]]] = [
        (session.client, set()),
        (session.reader, {("recordings", path)}),
    ]
    for person, left in going:
        market.call(person, "erase_account")
        assert to_remove(market, person) == left
        assert market.value(named, session.id) == (None if left else path)
