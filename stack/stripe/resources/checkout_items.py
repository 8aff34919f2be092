"""What a Checkout Session is about: line items with prices made on the spot. Prices of a catalogue do not exist."""

from stack.stripe import ids
from stack.stripe.errors import invalid, missing
from stack.stripe.schema import Currency, Hash, Integer, Metadata, Sequence, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call

_MOST = 100
_PRODUCT = Hash({"description": Text(), "images": Sequence(Text()), "metadata": Metadata(), "name": Text()}, ("name",))
_PRICE = Hash(
    {"currency": Currency(), "product": Text(), "product_data": _PRODUCT, "unit_amount": Integer(0)}, ("currency",)
)
ITEM = Hash({"metadata": Metadata(), "price": Text(), "price_data": _PRICE, "quantity": Integer(1)})


def read(call: Call, given: list[Body]) -> list[Body]:
    """The line items of a new session.

    Args:
        call: The request.
        given: Its parameter `line_items`.

    Raises:
        ApiError: 400 when there are none or too many, when one has no price, or when their currencies differ.
    """
    if not given:
        raise invalid("Missing required param: line_items.", code="parameter_missing", param="line_items")
    if len(given) > _MOST:
        raise invalid(f"You can have up to {_MOST} line items.", param="line_items")
    items = [_item(call, item, f"line_items[{place}]") for place, item in enumerate(given)]
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    return items


def _item(call: Call, given: Body, place: str) -> Body:
    if given.get("price"):
        raise missing("price", given["price"], f"{place}[price]", 400)
    price_data = given.get("price_data")
    if not price_data:
        message = f"You must specify one of `price` or `price_data` in `{place}`."
        raise invalid(message, code="parameter_missing", param=place)
    if price_data.get("product"):
        raise missing("product", price_data["product"], f"{place}[price_data][product]", 400)
    for name in ("product_data", "unit_amount"):
        if price_data.get(name) is None:
            where = f"{place}[price_data][{name}]"
            raise invalid(f"Missing required param: {where}.", code="parameter_missing", param=where)
    if not given.get("quantity"):
        where = f"{place}[quantity]"
        raise invalid(f"Missing required param: {where}.", code="parameter_missing", param=where)
    amount = price_data["unit_amount"] * given["quantity"]
    return {
        "id": ids.new("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price_data["currency"],
        "description": price_data["product_data"]["name"],
        "metadata": merge_metadata({}, given),
        "price": _price(call, price_data),
        "quantity": given["quantity"],
    }


def _price(call: Call, given: Body) -> Body:
    return {
        "id": ids.new("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": int(call.world.now()),
        "currency": given["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": ids.new("prod", 14),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
    }
