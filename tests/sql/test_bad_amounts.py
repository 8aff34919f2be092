"""Numbers no call can mean: each is refused with a code of ours, never by a cast of PostgREST's."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest

from tests.administration.tables import with_second_factor
from tests.sql.marketplace import Marketplace, Person, Row
from tests.sql.test_gifts import add_gift
from tests.sql.test_orders import add_product

TOO_SMALL = {"zero": 0, "negative": -1}
NO_COLUMNS = {
    "fraction": 1.5,
    "2^63": 2**63,
    "2^64": 2**64,
    "below_-2^63": -(2**63) - 1,
    "1e30": 1e30,
}
TOO_LARGE = {"2^31": 2**31, "2^63-1": 2**63 - 1}
AMOUNTS = TOO_SMALL | NO_COLUMNS | TOO_LARGE


@dataclass(frozen=True, slots=True)
class Case:
    """An argument of a call, and the codes that refuse what it cannot be.

    Attributes:
        call: The RPC.
        argument: Which of its arguments is wrong.
        small: For zero and less.
        large: For more than there is.
        fraction: For what is no whole number, and less than a column holds.
        beyond: For more than a column holds.
    """

    call: str
    argument: str
    small: str = "amount_out_of_range"
    large: str = "amount_out_of_range"
    fraction: str = "amount_out_of_range"
    beyond: str = "amount_out_of_range"

    def code(self, name: str) -> str:
        """Return the code for one of `AMOUNTS`."""
        if name in ("fraction", "below_-2^63"):
            return self.fraction
        return self.small if name in TOO_SMALL else self.large if name in TOO_LARGE else self.beyond


def invalid(call: str, argument: str) -> Case:
    """Return the case of an argument that is no amount of money."""
    return Case(call, argument, *["invalid_argument"] * 4)


CASES = (
    Case("request_payout", "p_amount", large="payout_exceeds_payable"),
    Case("request_card_refund", "p_amount", large="refund_exceeds_unspent"),
    Case("send_tip", "p_amount"),
    Case("set_auto_reload", "p_amount"),
    Case("set_auto_reload", "p_monthly_cap"),
    Case("set_auto_reload", "p_threshold"),
    Case("admin_create_promo", "p_amount", small="invalid_argument"),
    Case("admin_goodwill", "p_amount", large="admin_limit_exceeded", beyond="admin_limit_exceeded"),
    Case("admin_refund_charge", "p_amount", large="refund_exceeds_charge", beyond="refund_exceeds_charge"),
    Case("admin_refund_session", "p_amount", large="refund_exceeds_charge", beyond="refund_exceeds_charge"),
    invalid("admin_create_promo", "p_minutes"),
    invalid("admin_create_promo", "p_max_redemptions"),
    invalid("buy_gifts", "p_quantity"),
    invalid("request_session", "p_max_minutes"),
    invalid("booking_terms", "p_minutes"),
    invalid("place_order", "p_items"),
)
# Numbers among which zero, or the largest there is, is a good one.
RANGES = (
    invalid("admin_set_commission", "p_share_bps"),
    invalid("review_session", "p_rating"),
    invalid("reader_directory", "p_max_price"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """People for whom every call of `CASES` would do with a sensible number."""

    callers: dict[str, Person]
    arguments: dict[str, Row]


@pytest.fixture(scope="module")
def scene(market: Marketplace) -> Scene:
    """Give a client who has bought, a reader who has cleared earnings, and an administrator of money."""
    client, reader, other = market.sign_up(), market.reader(), market.reader()
    topup = market.top_up(client, 10_000)
    market.save_card(client)
    market.open_payout_account(reader)
    session = market.started(client, reader)
    session.talk(700)
    session.by(client, "end")
    market.clock.advance(604_800)
    lately = market.started(client, reader)
    lately.talk(130)
    lately.by(client, "end")
    market.worker("run_upkeep")
    market.call(reader, "set_reader_status", p_status="ONLINE")
    market.call(other, "set_reader_status", p_status="ONLINE")
    admin = with_second_factor(market, market.make_admin("manage_finances"))
    to_other = {"p_reader_id": other.id, "p_type": "CHAT"}
    reason = {"p_reason": "The line was poor."}
    arguments: dict[str, Row] = {
        "request_payout": {},
        "request_card_refund": {"p_topup_transaction_id": topup},
        "send_tip": {"p_session_id": lately.id},
        "set_auto_reload": {"p_amount": 1000, "p_monthly_cap": 5000},
        "admin_goodwill": {"p_user_id": client.id, **reason},
        "admin_refund_charge": {"p_transaction_id": str(session.row()["transaction_id"]), **reason},
        "admin_refund_session": {"p_session_id": session.id, **reason},
        "buy_gifts": {"p_gift_id": add_gift(market, 100)},
        "request_session": to_other,
        "booking_terms": to_other,
        "place_order": {"product_id": add_product(market, other)},
        "admin_set_commission": {"p_kind": "TIP", "p_reader_id": reader.id},
        "review_session": {"p_session_id": lately.id},
    }
    admins = {case.call: admin for case in (*CASES, *RANGES) if case.call.startswith("admin_")}
    callers = {**{case.call: client for case in (*CASES, *RANGES)}, **admins, "request_payout": reader}
    return Scene(callers, arguments)


def asked(scene: Scene, case: Case, value: object) -> Row:
    """Return the arguments of a call, one of which is the value."""
    sent = {**scene.arguments.get(case.call, {}), case.argument: value}
    if case.call == "place_order":
        sent = {"p_items": [{**scene.arguments["place_order"], "quantity": value}]}
    elif case.call == "admin_create_promo":
        kind = "FREE_MINUTES" if case.argument == "p_minutes" else "CREDIT"
        worth = {"p_minutes": 5} if kind == "FREE_MINUTES" else {"p_amount": 500}
        sent = {"p_kind": kind, "p_code": "WELCOME", **worth, **sent}
    keyless = ("set_auto_reload", "booking_terms", "admin_set_commission", "review_session", "reader_directory")
    return sent if case.call in keyless else {**sent, "p_idempotency_key": str(uuid.uuid4())}


@pytest.mark.parametrize("name", AMOUNTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.call}-{case.argument}")
def test_a_number_no_call_can_mean_is_refused_and_changes_nothing(
    market: Marketplace, scene: Scene, case: Case, name: str
) -> None:
    with market.refuses(case.code(name)):
        market.call(scene.callers[case.call], case.call, **asked(scene, case, AMOUNTS[name]))


@pytest.mark.parametrize("name", NO_COLUMNS)
@pytest.mark.parametrize("case", RANGES, ids=lambda case: f"{case.call}-{case.argument}")
def test_a_number_that_fits_no_column_is_refused(market: Marketplace, scene: Scene, case: Case, name: str) -> None:
    with market.refuses(case.code(name)):
        market.call(scene.callers[case.call], case.call, **asked(scene, case, NO_COLUMNS[name]))
