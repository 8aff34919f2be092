"""Orders paid from the wallet: stock, sellers, shipping, and everything back when one is cancelled in time."""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row

NOBODYS = "00000000-0000-7000-8000-000000000000"
ADDRESS = {"name": "Ada", "line1": "Way 1", "city": "Berlin", "country": "DE"}


def add_product(market: Marketplace, seller: Person | None, price: int = 1000, **more: Any) -> str:
    """Put a product on the shelf; without a seller it is the house's."""
    row = {"type": "SERVICE", "name": f"Deck {uuid.uuid4()}", "description": "Cards", "category": "decks", **more}
    row |= {"price": price, "reader_id": seller and seller.id}
    if row["type"] == "DIGITAL":
        row["file_url"] = f"{seller.id if seller else 'house'}/{uuid.uuid4()}.pdf"
        market.database.execute(
            "insert into storage.objects (bucket_id, name) values ('products', %s)", [row["file_url"]]
        )
    names = ", ".join(row)
    made = market.value(
        f"insert into products ({names}) values ({', '.join(['%s'] * len(row))}) returning id::text", *row.values()
    )
    return str(made)


def place(market: Marketplace, buyer: Person, *lines: tuple[str, Any], **more: Any) -> Row:
    items = [{"product_id": product, "quantity": quantity} for product, quantity in lines]
    arguments = {"p_items": items, "p_idempotency_key": str(uuid.uuid4()), **more}
    answer: Row = market.call(buyer, "place_order", **arguments)
    return answer


def act(market: Marketplace, person: Person, verb: str, order: Row, **more: Any) -> Row:
    answer: Row = market.call(person, f"{verb}_order", p_order_id=order["id"], **more)
    return answer


def stock(market: Marketplace, product: str) -> tuple[int | None, str]:
    row = market.row("select stock_quantity, status::text from products where id = %s", product)
    return row["stock_quantity"], row["status"]


def refusals(answers: Sequence[object]) -> list[str]:
    return [answer.code for answer in answers if isinstance(answer, RefusedError)]


# Placing ------------------------------------------------------------


def test_an_order_takes_stock_pays_and_copies_price_seller_and_share(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=4000, promo=500)
    product = add_product(market, seller, 1001, type="PHYSICAL", stock_quantity=5)
    order = place(market, buyer, (product, 3), p_shipping_address=ADDRESS)
    assert (order["status"], order["total_amount"], order["shipping_address"]) == ("PAID", 3003, ADDRESS)
    market.database.execute("update products set price = 9 where id = %s", [product])
    (item,) = market.rows("select quantity, price, reader_id::text, share_bps from order_items")
    assert item == {"quantity": 3, "price": 1001, "reader_id": seller.id, "share_bps": 8500}
    paid = market.row("select * from transactions where id = %s", order["transaction_id"])
    assert (paid["type"], paid["amount"], paid["reader_earnings"]) == ("PURCHASE", 3003, 2552)
    assert market.wallet(buyer) == {"balance": 1497, "held": 0, "available": 1497, "promo": 0}
    assert market.earned(seller) == 2552
    assert stock(market, product) == (2, "ACTIVE")


def test_one_order_pays_several_sellers_and_the_house(market: Marketplace) -> None:
    first, second, buyer = market.reader(), market.reader(), market.client(funds=700)
    before = market.house("platform_revenue")
    lines = [(add_product(market, seller, price), 1) for seller, price in ((first, 99), (first, 2), (second, 99))]
    order = place(market, buyer, *lines, (add_product(market, None, 500), 1))
    assert order["total_amount"] == 700
    assert (market.earned(first), market.earned(second)) == (85, 84)
    assert market.house("platform_revenue") - before == 700 - 85 - 84
    assert market.wallet(buyer)["available"] == 0


def test_what_is_a_file_is_delivered_at_once(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    file = add_product(market, seller, 100, type="DIGITAL")
    order = place(market, buyer, (file, 1))
    assert order["status"] == "DELIVERED"
    mixed = place(market, buyer, (file, 1), (add_product(market, seller, 100), 1))
    assert mixed["status"] == "PAID"
    for bought in (order, mixed):
        with market.refuses("invalid_state"):
            act(market, buyer, "cancel", bought)


def test_the_last_one_leaves_the_shelf_out_of_stock(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=9000)
    product = add_product(market, seller, 1, stock_quantity=2)
    place(market, buyer, (product, 2))
    assert stock(market, product) == (0, "OUT_OF_STOCK")
    with market.refuses("out_of_stock"):
        place(market, buyer, (product, 1))


def test_twenty_buyers_at_once_get_what_is_there_and_no_more(market: Marketplace) -> None:
    seller = market.reader()
    products = [add_product(market, seller, 10, stock_quantity=7), add_product(market, seller, 10, stock_quantity=99)]
    buyers = [market.client(promo=100) for _ in range(20)]
    # Half of them name the products the other way round: whoever locks in the order named waits in a circle.
    answers = market.at_once(
        [
            lambda i=i, buyer=buyer: place(market, buyer, *[(product, 1) for product in products[:: (-1) ** i]])
            for i, buyer in enumerate(buyers)
        ]
    )
    assert refusals(answers) == ["out_of_stock"] * 13
    assert [stock(market, product)[0] for product in products] == [0, 92]
    assert market.earned(seller) == 7 * 17


def test_orders_with_the_same_sellers_cross_without_a_deadlock(market: Marketplace) -> None:
    sellers = [market.reader() for _ in range(3)]
    products = [add_product(market, seller, 10) for seller in sellers]
    buyers = [market.client(promo=100) for _ in range(9)]
    answers = market.at_once(
        [
            lambda i=i, buyer=buyer: place(market, buyer, *[(products[(i + j) % 3], 1) for j in range(3)])
            for i, buyer in enumerate(buyers)
        ]
    )
    assert refusals(answers) == []


def test_the_same_key_buys_once_and_answers_the_same(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    product = add_product(market, seller, 100, stock_quantity=9)
    answers = market.at_once([lambda: place(market, buyer, (product, 2), p_idempotency_key="k")] * 6)
    assert answers == [answers[0]] * 6
    assert (stock(market, product)[0], market.wallet(buyer)["balance"]) == (7, 800)
    with market.refuses("idempotency_key_reused"):
        place(market, buyer, (product, 1), p_idempotency_key="k")


# Refusals ------------------------------------------------------------


@pytest.mark.parametrize("quantity", [0, -1, 1001, 2**63, 1.5, "2", None, True])
def test_quantities_are_whole_and_bounded(market: Marketplace, quantity: object) -> None:
    buyer, product = market.client(funds=1000), add_product(market, market.reader(), 1)
    with market.refuses("invalid_argument"):
        place(market, buyer, (product, quantity))


@pytest.mark.parametrize("items", [None, {}, [], "x", [1], [{}], [{"product_id": "x", "quantity": 1}], [[]] * 51])
def test_items_are_a_list_of_products(market: Marketplace, items: object) -> None:
    buyer = market.client(funds=1000)
    with market.refuses("invalid_argument"):
        place(market, buyer, p_items=items)


@pytest.mark.parametrize("address", [{}, [], "Way 1", {"line1": "x" * 2001}])
def test_an_address_is_an_object_of_bounded_size(market: Marketplace, address: object) -> None:
    buyer, product = market.client(funds=1000), add_product(market, market.reader(), 1)
    with market.refuses("invalid_argument"):
        place(market, buyer, (product, 1), p_shipping_address=address)


def test_what_may_not_be_bought_is_refused(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    suspended, blocking = market.reader(), market.reader()
    sold = {status: add_product(market, seller, 1, status=status) for status in ("ACTIVE", "INACTIVE", "DRAFT")}
    parcel = add_product(market, seller, 1, type="PHYSICAL")
    unseen = [sold["INACTIVE"], sold["DRAFT"], add_product(market, suspended), add_product(market, blocking), NOBODYS]
    market.suspend(suspended)
    market.add(blocking, "blocks", {"blocker_id": blocking.id, "blocked_id": buyer.id})
    for product in unseen:
        with market.refuses("not_on_sale"):
            place(market, buyer, (sold["ACTIVE"], 1), (product, 1))
    with market.refuses("invalid_argument"):
        place(market, seller, (sold["ACTIVE"], 1))
    with market.refuses("invalid_argument"):
        place(market, buyer, (parcel, 1))
    with market.refuses("invalid_argument"):
        place(market, buyer, (sold["ACTIVE"], 1), (sold["ACTIVE"], 1))


def test_totals_are_bounded_whatever_is_multiplied(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    dearest = [add_product(market, seller, 100_000_000) for _ in range(50)]
    with market.refuses("amount_out_of_range"):
        place(market, buyer, *[(product, 1000) for product in dearest])
    with market.setting("order.maximum", 100_000_000_000), market.refuses("insufficient_funds"):
        place(market, buyer, (dearest[0], 1000))


def test_an_order_that_cannot_be_paid_leaves_the_stock(market: Marketplace) -> None:
    seller, poor, frozen = market.reader(), market.client(funds=10), market.client(funds=1000)
    product = add_product(market, seller, 100, stock_quantity=1)
    market.freeze(frozen)
    with market.refuses("insufficient_funds"):
        place(market, poor, (product, 1))
    with market.refuses("wallet_frozen"):
        place(market, frozen, (product, 1))
    with market.setting("switch.spending", value=False), market.refuses("spending_disabled"):
        place(market, poor, (product, 1))


# Shipping ------------------------------------------------------------


def test_an_order_is_shipped_by_its_seller_and_received_by_its_buyer(market: Marketplace) -> None:
    seller, buyer, stranger = market.reader(), market.client(funds=5000), market.client()
    order = place(market, buyer, (add_product(market, seller, type="PHYSICAL"), 1), p_shipping_address=ADDRESS)
    for person in (buyer, stranger):
        with market.refuses("not_found"):
            act(market, person, "ship", order, p_tracking_number="T1")
    for tracking in (None, "", "x" * 101):
        with market.refuses("invalid_argument"):
            act(market, seller, "ship", order, p_tracking_number=tracking)
    with market.refuses("invalid_state"):
        act(market, buyer, "deliver", order)
    for _ in range(2):
        shipped = act(market, seller, "ship", order, p_tracking_number="T1")
        assert (shipped["status"], shipped["tracking_number"]) == ("SHIPPED", "T1")
    for person in (buyer, seller):
        with market.refuses("invalid_state"):
            act(market, person, "cancel", order)
    for person in (seller, stranger):
        with market.refuses("not_found"):
            act(market, person, "deliver", order)
    for _ in range(2):
        assert act(market, buyer, "deliver", order)["status"] == "DELIVERED"


def test_an_order_of_several_sellers_is_shipped_when_the_last_one_has_sent(market: Marketplace) -> None:
    first, second, buyer = market.reader(), market.reader(), market.client(funds=5000)
    order = place(market, buyer, *[(add_product(market, seller), 1) for seller in (first, second)])
    assert act(market, first, "ship", order, p_tracking_number="T1")["status"] == "PAID"
    with market.refuses("invalid_state"):
        act(market, second, "cancel", order)
    assert act(market, second, "ship", order)["status"] == "SHIPPED"
    tracked = market.rows("select tracking_number from order_items where order_id = %s order by 1", order["id"])
    assert [row["tracking_number"] for row in tracked] == ["T1", None]


def test_what_the_house_sells_is_shipped_by_whoever_manages_finances(market: Marketplace) -> None:
    buyer, manager, other = (
        market.client(funds=5000),
        market.make_admin("manage_finances"),
        market.make_admin("manage_users"),
    )
    order = place(market, buyer, (add_product(market, None), 1))
    with market.refuses("not_found"):
        act(market, other, "ship", order)
    assert act(market, manager, "ship", order)["status"] == "SHIPPED"


# Cancelling ------------------------------------------------------------


@pytest.mark.parametrize("by", ["buyer", "seller"])
def test_a_cancelled_order_gives_everything_back_the_way_it_came(market: Marketplace, by: str) -> None:
    first, second, buyer = market.reader(), market.reader(), market.client(funds=5000, promo=333)
    before = market.house("platform_revenue")
    last = add_product(market, first, 777, stock_quantity=2)
    uncounted = add_product(market, second, 1001)
    order = place(market, buyer, (last, 2), (uncounted, 3))
    for _ in range(2):
        cancelled = act(market, buyer if by == "buyer" else second, "cancel", order)
        assert cancelled["status"] == "CANCELLED"
    assert market.wallet(buyer) == {"balance": 5000, "held": 0, "available": 5333, "promo": 333}
    assert (market.earned(first), market.earned(second)) == (0, 0)
    assert market.house("platform_revenue") == before
    assert stock(market, last) == (2, "ACTIVE")
    assert stock(market, uncounted) == (None, "ACTIVE")
    given = market.rows(
        "select type::text, amount from transactions where user_id = %s and type = 'REVERSAL'", buyer.id
    )
    assert given == [{"type": "REVERSAL", "amount": order["total_amount"]}]
    with market.refuses("invalid_state"):
        act(market, first, "ship", order)


def test_what_was_given_back_before_is_not_given_again(market: Marketplace) -> None:
    buyer = market.client(funds=1000)
    order = place(market, buyer, (add_product(market, market.reader(), 1000), 1))
    market.rows("select ledger.reverse_transaction(%s, 400)", order["transaction_id"])
    act(market, buyer, "cancel", order)
    assert market.wallet(buyer)["balance"] == 1000


def test_of_shipping_and_cancelling_at_once_one_happens(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=9000)
    for _ in range(4):
        order = place(market, buyer, (add_product(market, seller), 1))
        answers = market.at_once(
            [
                lambda order=order: act(market, buyer, "cancel", order),
                lambda order=order: act(market, seller, "ship", order),
            ]
        )
        assert refusals(answers) == ["invalid_state"]


def test_a_stranger_cancels_nothing(market: Marketplace) -> None:
    stranger = market.client()
    order = place(market, market.client(funds=1000), (add_product(market, market.reader()), 1))
    with market.refuses("not_found"):
        act(market, stranger, "cancel", order)
    with market.refuses("not_found"):
        act(market, stranger, "cancel", {"id": NOBODYS})


# Proof ------------------------------------------------------------

_DAMAGES = {
    "transaction differs from what was spent": "update transactions set amount = amount + 1 where id = %(paid)s",
    "order differs from its items or its payment": "update orders set total_amount = total_amount + 1 "
    "where id = %(order)s",
    "seller's share differs from the order": "update order_items set share_bps = 8400 where order_id = %(order)s",
    "cancelled order not given back": "update orders set status = 'CANCELLED' where id = %(order)s",
}


@pytest.mark.parametrize("problem", _DAMAGES)
def test_the_proof_finds_a_wrong_order(market: Marketplace, problem: str) -> None:
    order = place(market, market.client(funds=1000), (add_product(market, market.reader()), 1))
    with market.database.transaction(force_rollback=True):
        market.database.execute(_DAMAGES[problem].encode(), {"order": order["id"], "paid": order["transaction_id"]})
        assert problem in {row["problem"] for row in market.problems()}
