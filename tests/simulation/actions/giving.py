"""What people pay at once: gifts, tips and orders, in sessions, on streams and alone; and what must be refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Answer, Simulation
from tests.simulation.talks import Talk, share_of
from tests.simulation.template import Person

_PRICES: Final = (1, 3, 99, 101, 499, 1999)
_SHARES: Final = (0, 1, 3333, 6667, 9999, 10_000)
_ENORMOUS: Final = 1 << 62
_UNPAID: Final = ("insufficient_funds", "wallet_frozen", "spending_disabled")
_ADDRESS: Final = json.dumps({"line1": "1 Long Lane"})


@dataclass(slots=True)
class Product:
    """Something on the shelf, as it must be."""

    id: str
    seller: str
    price: int
    # None: not counted.
    stock: int | None


@dataclass
class Shop:
    """What can be bought, and the readers' shares of it."""

    gifts: dict[str, int] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)
    shares: dict[tuple[str, str | None], int] = field(default_factory=dict)
    # Purchases with gifts left to send: (buyer, purchase, gift, price).
    bought: list[tuple[Person, str, str, int]] = field(default_factory=list)
    streams: dict[str, Person] = field(default_factory=dict)

    def share(self, kind: str, reader: str) -> int:
        """A reader's share of a kind of sale, basis points."""
        return self.shares.get((kind, reader), self.shares[kind, None])


def begin(sim: Simulation) -> None:
    """Fill the shelves, and have people give and buy."""
    shop = _stock(sim)
    sim.often(12.0, "gift", lambda: _give(sim, shop))
    sim.often(40.0, "gifts bought", lambda: _buy_gifts(sim, shop))
    sim.often(15.0, "tip", lambda: _tip(sim, shop))
    sim.often(18.0, "order", lambda: _order(sim, shop))
    sim.often(90.0, "stream", lambda: _stream(sim, shop))
    sim.often(60.0, "price", lambda: _change_price(sim, shop))
    sim.often(60.0, "nonsense", lambda: _ask_nonsense(sim, shop))


def _stock(sim: Simulation) -> Shop:
    shop = Shop()
    for number, price in enumerate(_PRICES):
        row = f"('{number}', {price}, 'g')"
        sql = f"insert into public.virtual_gifts (name, price, image_url) values {row} returning id::text"
        shop.gifts[sim.query(sql)[0][0]] = price
    for kind, share in sim.query("select kind::text, share_bps from ledger.rules where reader_id is null"):
        shop.shares[kind, None] = share
    for number, reader in enumerate(sim.people.readers):
        if number % 2 == 0:
            for kind in ("GIFT", "TIP", "ORDER"):
                shop.shares[kind, reader.id] = share = sim.rng.choice(_SHARES)
                sim.operate(
                    f"insert into ledger.rules (kind, reader_id, share_bps) values ('{kind}', '{reader.id}', {share})"
                )
        if number < 20:
            shop.products.append(_shelve(sim, reader, is_file=number % 4 == 0))
    return shop


def _shelve(sim: Simulation, reader: Person, *, is_file: bool) -> Product:
    price, stock = sim.rng.choice(_PRICES), None if is_file else sim.rng.randint(1, 30)
    kind, path = ("DIGITAL", f"'{reader.id}/file'") if is_file else ("PHYSICAL", "null")
    if is_file:
        sim.operate(f"insert into storage.objects (bucket_id, name) values ('products', {path}) on conflict do nothing")
    sql = (
        "insert into public.products (name, description, type, category, price, stock_quantity, file_url, reader_id) "
        f"values ('thing', 'thing', '{kind}', 'things', {price}, {'null' if stock is None else stock}, {path}, "
        f"'{reader.id}') returning id::text"
    )
    return Product(sim.query(sql)[0][0], reader.id, price, stock)


# Paying, and what must follow ----------------------------------------------------------------------------------------


def _pay(
    sim: Simulation, code: str, price: int, shares: dict[str, int], payer: Person, ask: Callable[[], Answer]
) -> Answer:
    """Have someone pay once, and prove that exactly the price moved, and to each reader exactly the share."""
    books = sim.books
    funds = books.funds(payer.id)
    spent = books.spent[payer.id, code]
    earned = {reader: books.earned[reader, code] for reader in shares}
    answer = ask()
    is_paid = answer.body is not None
    moved = books.spent[payer.id, code] - spent
    if moved != (price if is_paid else 0):
        raise ViolationError(f"a {code} for {price} moved {moved}, answered {answer}")
    for reader, share in shares.items():
        got = books.earned[reader, code] - earned[reader]
        if got != (share if is_paid else 0):
            raise ViolationError(f"a reader gets {got} of a {code} for {price}, not {share}: {answer}")
    if is_paid and price > funds:
        raise ViolationError(f"a {code} for {price} is paid out of {funds}")
    if answer.code == "insufficient_funds" and price <= funds:
        raise ViolationError(f"a {code} for {price} is refused with {funds} available")
    return answer


def _give(sim: Simulation, shop: Shop) -> None:
    """A gift in a session, on a stream, alone, or out of an earlier purchase."""
    place = sim.rng.random()
    if place < 0.25 and shop.bought:
        _send_bought(sim, shop)
        return
    gift, price = sim.rng.choice(list(shop.gifts.items()))
    client, reader = sim.rng.choice(sim.people.clients), sim.rng.choice(sim.people.readers)
    where: dict[str, object] = {}
    if place < 0.7 and (talk := _some(sim, lambda talk: talk.status == "IN_PROGRESS")):
        client, reader, where = talk.client, talk.reader, {"session_id": talk.id}
    elif place < 0.8 and shop.streams:
        stream, reader = sim.rng.choice(list(shop.streams.items()))
        where = {"stream_id": stream}
        if sim.ask(client, "join_stream", "invalid_state", "stream_full", stream_id=stream).code:
            return
    sim.doing = ("gift", "", "")
    _pay(
        sim, "gift", price, {reader.id: share_of(price, shop.share("GIFT", reader.id))}, client,
        lambda: sim.ask_twice(
            client, "send_gift", "reader_unavailable", "invalid_state", "not_found", *_UNPAID,
            receiver_id=reader.id, gift_id=gift, **where,
        ),
    )  # fmt: skip


def _buy_gifts(sim: Simulation, shop: Shop) -> None:
    client, quantity = sim.rng.choice(sim.people.clients), sim.rng.choice((1, 2, 7))
    gift, price = sim.rng.choice(list(shop.gifts.items()))
    answer = _pay(
        sim, "gift", price * quantity, {}, client,
        lambda: sim.ask_twice(client, "buy_gifts", *_UNPAID, gift_id=gift, quantity=quantity),
    )  # fmt: skip
    if answer.body is not None:
        shop.bought += [(client, answer.body["id"], gift, price)] * quantity


def _send_bought(sim: Simulation, shop: Shop) -> None:
    """Send what was bought before: the buyer pays nothing, the reader gets the share of the price of then."""
    bought = shop.bought[sim.rng.randrange(len(shop.bought))]
    client, purchase, gift, price = bought
    reader = sim.rng.choice(sim.people.readers)
    share = share_of(price, shop.share("GIFT", reader.id))
    before = sim.books.earned[reader.id, "gift"], sim.books.spent[client.id, "gift"]
    answer = sim.ask_twice(
        client, "send_gift", "reader_unavailable", receiver_id=reader.id, gift_id=gift, purchase_id=purchase
    )
    after = sim.books.earned[reader.id, "gift"], sim.books.spent[client.id, "gift"]
    if answer.body is not None:
        shop.bought.remove(bought)
    if after != (before[0] + (share if answer.body is not None else 0), before[1]):
        raise ViolationError(f"a gift bought for {price} moves {before} to {after}, its share is {share}: {answer}")


def _tip(sim: Simulation, shop: Shop) -> None:
    """A tip for a session that runs or ended lately."""
    talk = _some(sim, lambda talk: talk.row["started_at"] is not None)
    if talk is None:
        return
    amount = sim.rng.choice((100, 101, 333, 1000, 50_000))
    sim.doing = ("tip", talk.id, "client")
    _pay(
        sim, "tip", amount, {talk.reader.id: share_of(amount, shop.share("TIP", talk.reader.id))}, talk.client,
        lambda: sim.ask_twice(
            talk.client, "send_tip", "invalid_state", "reader_unavailable", *_UNPAID, session_id=talk.id, amount=amount
        ),
    )  # fmt: skip


# Orders --------------------------------------------------------------------------------------------------------------


def _order(sim: Simulation, shop: Shop) -> None:
    client = sim.rng.choice(sim.people.clients)
    lines = [
        (product, sim.rng.choice((1, 1, 2, 9))) for product in sim.rng.sample(shop.products, sim.rng.randint(1, 3))
    ]
    price, shares = sum(product.price * quantity for product, quantity in lines), {}
    for product, quantity in lines:
        shares[product.seller] = share_of(product.price * quantity, shop.share("ORDER", product.seller))
    fits = all(product.stock is None or product.stock >= quantity for product, quantity in lines)
    items = json.dumps([{"product_id": product.id, "quantity": quantity} for product, quantity in lines])
    sim.doing = ("order", "", "")
    answer = _pay(
        sim, "order", price, shares, client,
        lambda: sim.ask_twice(
            client, "place_order", "not_on_sale", "out_of_stock", *_UNPAID, items=items, shipping_address=_ADDRESS
        ),
    )  # fmt: skip
    if (answer.body is not None and not fits) or (answer.code == "out_of_stock" and fits):
        raise ViolationError(f"an order of {lines} is answered {answer}")
    if answer.body is not None:
        _take(lines, 1)
        _plan(sim, client, lines, answer.body)


def _take(lines: list[tuple[Product, int]], sign: int) -> None:
    for product, quantity in lines:
        if product.stock is not None:
            product.stock -= sign * quantity


def _plan(sim: Simulation, client: Person, lines: list[tuple[Product, int]], order: dict[str, Any]) -> None:
    """Have an order shipped and received, or cancelled, by either side."""
    sellers = sorted({product.seller for product, _ in lines})
    if sim.rng.random() < 0.4:
        who = sim.rng.choice([client, *(sim.persons[seller] for seller in sellers)])
        sim.later(sim.rng.uniform(1, 300), f"cancel {order['id']}", lambda: _cancel(sim, who, lines, order))
        return
    ship = {"order_id": order["id"], "tracking_number": "T1"}
    for seller in sellers:
        sim.later(
            sim.rng.uniform(1, 600), f"ship {order['id']}",
            lambda who=sim.persons[seller]: sim.ask(who, "ship_order", "invalid_state", **ship),
        )  # fmt: skip
    sim.later(
        700.0, f"receive {order['id']}",
        lambda: sim.ask(client, "deliver_order", "invalid_state", order_id=order["id"]),
    )  # fmt: skip


def _cancel(sim: Simulation, who: Person, lines: list[tuple[Product, int]], order: dict[str, Any]) -> None:
    sim.doing = ("cancel order", "", "")
    answer = sim.ask(who, "cancel_order", "invalid_state", order_id=order["id"])
    if answer.is_lost:
        # Asked again: a repeat answers as before, so that what became of it is known.
        sim.later(1.0, f"cancel {order['id']}", lambda: _cancel(sim, who, lines, order), personal=False)
    elif answer.is_done:
        _take(lines, -1)
        charge = sim.books.charges[order["transaction_id"]]
        if charge.back != charge.paid:
            raise ViolationError(f"order {order['id']} is cancelled, {charge.back} of {charge.paid} is given back")


def _change_price(sim: Simulation, shop: Shop) -> None:
    """A seller names another price and stocks up: what was ordered keeps its own."""
    product = sim.rng.choice(shop.products)
    product.price = sim.rng.choice(_PRICES)
    if product.stock is not None:
        product.stock += 20
    stock = "null" if product.stock is None else product.stock
    sim.operate(
        f"update public.products set price = {product.price}, stock_quantity = {stock}, status = 'ACTIVE' "
        f"where id = '{product.id}'"
    )


# Streams, nonsense ---------------------------------------------------------------------------------------------------


def _stream(sim: Simulation, shop: Shop) -> None:
    reader = sim.rng.choice(sim.people.readers)
    (stream,) = sim.query(
        f"insert into public.live_streams (reader_id, title, category) values ('{reader.id}', 'live', 'all') "
        "returning id::text"
    )[0]
    answer = sim.ask(reader, "start_stream", "invalid_state", stream_id=stream)
    if not answer.is_done:
        return
    shop.streams[stream] = reader

    def end() -> None:
        sim.ask(reader, "end_stream", stream_id=stream)
        shop.streams.pop(stream, None)

    sim.later(sim.rng.uniform(60, 900), f"end stream {stream}", end, personal=False)


def _ask_nonsense(sim: Simulation, shop: Shop) -> None:
    """Amounts that are none, and what belongs to others: always refused, and nothing moves."""
    client, postings = sim.rng.choice(sim.people.clients), sim.books.postings
    gift, product = next(iter(shop.gifts)), sim.rng.choice(shop.products)
    talk = _some(sim, lambda talk: talk.row["started_at"] is not None)
    amount = sim.rng.choice((0, -1, -100, _ENORMOUS))
    few = sim.rng.choice((0, -1, 1001, (1 << 31) - 1))
    tries = [
        sim.ask_twice(client, "buy_gifts", "invalid_argument", gift_id=gift, quantity=few),
        sim.ask_twice(
            client, "place_order", "invalid_argument",
            items=json.dumps([{"product_id": product.id, "quantity": amount}]),
        ),
    ]  # fmt: skip
    if talk is not None:
        tries.append(
            sim.ask_twice(
                talk.client, "send_tip", "amount_out_of_range", "invalid_state", session_id=talk.id, amount=amount
            )
        )
        if client.id != talk.client.id:
            tries.append(sim.ask_twice(client, "send_tip", "not_participant", session_id=talk.id, amount=100))
    if sim.books.postings != postings or any(answer.body is not None for answer in tries):
        raise ViolationError(f"nonsense is answered with {tries}")


def _some(sim: Simulation, fits: Callable[[Talk], bool]) -> Talk | None:
    found = [talk for talk in sim.talks.values() if fits(talk)]
    return sim.rng.choice(found) if found else None
