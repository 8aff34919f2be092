"""The stories: payments, refunds, disputes, warnings, payouts, accounts and cards, as Stripe tells them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from uuid import UUID

import stripe

from soulseer.worker_api import payout_accounts, topups
from stack.stripe.resources import account_links, disputes, early_fraud_warnings, payouts, refunds, requirements
from stack.stripe.store import Body
from stack.stripe.world import World
from tests.orders.story import Recorder
from workers.payouts import service as payout_jobs
from workers.refunds import service as refund_jobs

_PAGE = "http://app"


class Client:
    """Somebody who pays by card."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.id = recorder.people.sign_up()
        recorder.story.people.append(self.id)
        self.v1 = recorder.stripe.untroubled.v1
        made = recorder.at_stripe(lambda: self.v1.customers.create({"metadata": {"user_id": self.id}}))
        self.customer = made.id
        recorder.desk.call("record_stripe_customer", {"p_user_id": self.id, "p_stripe_customer_id": made.id})

    def begin(self, amount: int, *, save_card: bool = False) -> tuple[str, stripe.PaymentIntent]:
        """Begin a top-up, as the bridge does before it records the PaymentIntent."""
        topup = self.recorder.people.begin_topup(self.id, amount)
        asked: stripe.params.PaymentIntentCreateParams = {
            "amount": amount,
            "currency": "usd",
            "customer": self.customer,
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"transaction_id": topup, "user_id": self.id},
        }
        if save_card:
            asked["setup_future_usage"] = "off_session"
        return topup, self.recorder.at_stripe(lambda: self.v1.payment_intents.create(asked))

    def record(self, topup: str, intent: str) -> None:
        """Let the bridge record the PaymentIntent, which may come late."""
        call = topups.record_payment_intent(UUID(topup), intent)
        self.recorder.job("the bridge records the PaymentIntent", lambda tools: tools.rpc.run(call))

    def confirm(self, intent: str, card: str = "pm_card_visa") -> None:
        """Pay, or try to."""

        def pay() -> None:
            try:
                self.v1.payment_intents.confirm(intent, {"payment_method": card, "return_url": _PAGE})
            except stripe.CardError:
                return

        self.recorder.at_stripe(pay)

    def paid(self, amount: int) -> tuple[str, str]:
        """Have paid, before the story; return the top-up and the PaymentIntent."""
        topup, intent = self.begin(amount)
        self.confirm(intent.id)
        self.recorder.wait(2)
        self.recorder.settle()
        return topup, intent.id


def top_up(recorder: Recorder) -> None:
    """A card is declined, another pays, its fee comes later, the card is saved and taken off again."""
    client = Client(recorder)
    recorder.begin()
    topup, intent = client.begin(2500, save_card=True)
    client.record(topup, intent.id)
    client.confirm(intent.id, "pm_card_chargeDeclined")
    client.confirm(intent.id)
    recorder.wait(2)
    method = str(recorder.find(intent.id)["payment_method"])
    recorder.at_stripe(lambda: client.v1.payment_methods.detach(method))


def canceled(recorder: Recorder) -> None:
    """A card is declined, another asks for its owner, who gives up."""
    client = Client(recorder)
    recorder.begin()
    topup, intent = client.begin(2500)
    client.record(topup, intent.id)
    client.confirm(intent.id, "pm_card_chargeDeclined")
    client.confirm(intent.id, "pm_card_authenticationRequired")
    recorder.at_stripe(lambda: client.v1.payment_intents.cancel(intent.id))


def two_payments(recorder: Recorder) -> None:
    """Two top-ups of one person, the second one paid first."""
    client = Client(recorder)
    recorder.begin()
    begun = [client.begin(amount) for amount in (1000, 2000)]
    for topup, intent in begun:
        client.record(topup, intent.id)
    for _, intent in reversed(begun):
        client.confirm(intent.id)
    recorder.wait(2)


def _spent(recorder: Recorder, paid: int, spent: int) -> tuple[Client, str, str]:
    client, reader = Client(recorder), recorder.people.reader()
    recorder.story.people.append(reader)
    topup, intent = client.paid(paid)
    if spent:
        recorder.people.tip(client.id, reader, spent)
    return client, topup, intent


def refunds_made_at_stripe(recorder: Recorder) -> None:
    """Two partial refunds of a payment that is partly spent, made at Stripe; the bank returns the second one."""
    client, _, intent = _spent(recorder, 1000, 300)
    recorder.begin()
    recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 200}))
    made = recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 300}))
    recorder.control(refunds.move, recorder.find(made.id), "failed", "lost_or_stolen_card")


def refund_of_spent_money(recorder: Recorder) -> None:
    """One refund made at Stripe of more than what is left, returned by the bank in the end."""
    client, _, intent = _spent(recorder, 1000, 800)
    recorder.begin()
    made = recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 700}))
    recorder.control(refunds.move, recorder.find(made.id), "pending", "")
    recorder.control(refunds.move, recorder.find(made.id), "failed", "expired_or_canceled_card")


def two_refunds_of_spent_money(recorder: Recorder) -> None:
    """Two refunds made at Stripe of more than what is left together; the first one comes back."""
    recorder.story.is_netted = True
    client, _, intent = _spent(recorder, 1000, 600)
    recorder.begin()
    made = recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 300}))
    recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 500}))
    recorder.control(refunds.move, recorder.find(made.id), "failed", "lost_or_stolen_card")


def refund_asked_for(recorder: Recorder) -> None:
    """A client asks for a refund, the worker makes it, the bank returns it; another one stays."""
    client, topup, intent = _spent(recorder, 1000, 300)
    for number, amount in enumerate((400, 200)):
        recorder.people.as_person(
            client.id,
            f"public.request_card_refund(p_topup_transaction_id => '{topup}', p_amount => {amount}, "
            f"p_idempotency_key => 'refund {number} of {topup}')",
        )
    jobs = json.loads(
        recorder.desk.text(
            "select json_agg(o.id order by o.id) from private.outbox o join private.card_refunds r "
            f"on r.id::text = o.payload ->> 'refund_id' where r.topup_id = '{topup}'"
        )
    )
    recorder.begin()
    for job in jobs:
        recorder.job("the worker makes a refund", partial(refund_jobs.execute, outbox_id=UUID(job)))
    first = client.v1.refunds.list({"payment_intent": intent}).data[-1].id
    recorder.control(refunds.move, recorder.find(first), "failed", "lost_or_stolen_card")


def _charge(recorder: Recorder, intent: str) -> Body:
    return recorder.find(str(recorder.find(intent)["latest_charge"]))


def dispute_won(recorder: Recorder) -> None:
    """The bank warns of fraud, the payment is disputed, evidence is given, the money comes back."""
    client, _, intent = _spent(recorder, 1000, 400)
    recorder.begin()
    recorder.control(early_fraud_warnings.warn, _charge(recorder, intent), "unauthorized_use_of_card")
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {})
    recorder.at_stripe(
        lambda: client.v1.disputes.update(made["id"], {"evidence": {"customer_name": "A"}, "submit": True})
    )
    recorder.control(disputes.move, recorder.find(made["id"]), "won")


def dispute_lost(recorder: Recorder) -> None:
    """The payment is disputed, in part, and lost."""
    _, _, intent = _spent(recorder, 1000, 800)
    recorder.begin()
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {"amount": 700})
    recorder.control(early_fraud_warnings.warn, _charge(recorder, intent), "made_with_stolen_card")
    recorder.control(disputes.move, recorder.find(made["id"]), "under_review")
    recorder.control(disputes.move, recorder.find(made["id"]), "lost")


def inquiry(recorder: Recorder) -> None:
    """An inquiry becomes a dispute, which is won."""
    _, _, intent = _spent(recorder, 1000, 1000)
    recorder.begin()
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {"inquiry": True})
    recorder.control(disputes.move, recorder.find(made["id"]), "needs_response")
    recorder.control(disputes.move, recorder.find(made["id"]), "won")


def inquiry_closed(recorder: Recorder) -> None:
    """An inquiry about one payment ends by itself; another payment is warned of and refunded whole."""
    client, _, intent = _spent(recorder, 1000, 200)
    _, other = client.paid(500)
    recorder.begin()
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {"inquiry": True})
    recorder.control(early_fraud_warnings.warn, _charge(recorder, other), "unauthorized_use_of_card")
    recorder.control(disputes.move, recorder.find(made["id"]), "warning_closed")
    recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": other}))


def refund_and_dispute(recorder: Recorder) -> None:
    """A payment of which nothing is spent is refunded in part, and the rest of it is disputed."""
    client, _, intent = _spent(recorder, 1000, 0)
    recorder.begin()
    recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 300}))
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {})
    recorder.control(disputes.move, recorder.find(made["id"]), "won")


def dispute_of_refunded(recorder: Recorder) -> None:
    """A payment that is mostly spent is refunded in part, the rest of it is disputed and lost."""
    client, _, intent = _spent(recorder, 1000, 600)
    recorder.begin()
    recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 300}))
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {})
    recorder.control(disputes.move, recorder.find(made["id"]), "lost")


def stolen_card(recorder: Recorder) -> None:
    """A payment that is partly spent is refunded in part and disputed; the card is closed, so the refund comes back."""
    recorder.story.is_netted = True
    client, _, intent = _spent(recorder, 1000, 600)
    recorder.begin()
    refund = recorder.at_stripe(lambda: client.v1.refunds.create({"payment_intent": intent, "amount": 300}))
    made = recorder.control(disputes.open_one, _charge(recorder, intent), {})
    recorder.control(refunds.move, recorder.find(refund.id), "failed", "lost_or_stolen_card")
    recorder.control(disputes.move, recorder.find(made["id"]), "lost")


class Reader:
    """Somebody who is paid."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.id = recorder.people.reader()
        recorder.story.people.append(self.id)
        self.v1 = recorder.stripe.untroubled.v1

    def open_account(self) -> str:
        """Have Stripe make the account, as the bridge does before it records it."""
        asked: stripe.params.AccountCreateParams = {
            "type": "express",
            "capabilities": {"transfers": {"requested": True}},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
            "metadata": {"user_id": self.id},
        }
        return self.recorder.at_stripe(lambda: self.v1.accounts.create(asked)).id

    def ready(self, earned: int) -> tuple[str, UUID]:
        """Have an open gate, earnings, and a payout asked for; return the account and the job."""
        account = self.open_account()
        self.recorder.desk.call("record_payout_account", {"p_user_id": self.id, "p_stripe_account_id": account})
        self.recorder.control(account_links.complete, account)
        self.recorder.wait(2)
        client = Client(self.recorder)
        client.paid(earned * 2)
        self.recorder.people.tip(client.id, self.id, earned * 2)
        self.recorder.settle()
        payout = self.recorder.people.as_person(
            self.id, f"(public.request_payout(p_idempotency_key => 'payout {self.id}', p_amount => {earned})).id"
        )
        job = self.recorder.desk.text(f"select id from private.outbox where payload ->> 'payout_id' = '{payout}'")
        return account, UUID(job)


def _pay_out(recorder: Recorder) -> Body:
    reader = Reader(recorder)
    account, job = reader.ready(2500)
    recorder.begin()
    recorder.job("the worker pays out", lambda tools: payout_jobs.execute(tools, job))
    [payout] = recorder.stripe.world.store.select("payout", account, {})
    return payout


def payout_fails(recorder: Recorder) -> None:
    """A payout is made, paid, and failed in the end; its transfer is changed by hand meanwhile."""
    payout = _pay_out(recorder)
    [transfer] = recorder.stripe.world.store.select("transfer", None, {"destination": _owner(recorder, payout)})
    recorder.at_stripe(
        lambda: recorder.stripe.untroubled.v1.transfers.update(transfer["id"], {"metadata": {"seen": "1"}})
    )
    for status in ("in_transit", "paid", "failed"):
        recorder.control(
            payouts.move, recorder.find(payout["id"]), status, ("account_closed", "The account is closed.")
        )


def _owner(recorder: Recorder, body: Body) -> str:
    return str(recorder.stripe.world.store.owner(body["id"]))


def payout_paid(recorder: Recorder) -> None:
    """A payout is made and paid while Stripe asks for more and is satisfied."""
    payout = _pay_out(recorder)
    account = _owner(recorder, payout)
    recorder.control(
        requirements.block, account, {"due": ["individual.id_number"], "disabled_reason": "rejected.other"}
    )
    recorder.control(payouts.move, recorder.find(payout["id"]), "paid", ("", ""))
    recorder.control(requirements.block, account, {})


def account_opened(recorder: Recorder) -> None:
    """A reader opens an account, is asked for more, gives it; thin events tell of it as well."""
    reader = Reader(recorder)
    recorder.begin()
    account = reader.open_account()
    call = payout_accounts.record_payout_account(UUID(reader.id), account)
    recorder.job("the bridge records the account", lambda tools: tools.rpc.run(call))
    recorder.control(account_links.complete, account)
    recorder.wait(2)
    recorder.tell_thin("v2.core.account[configuration.recipient].capability_status_updated", account)
    recorder.control(requirements.block, account, {"due": ["individual.id_number"], "payouts_off": True})
    recorder.tell_thin("v2.core.account[requirements].updated", account)
    recorder.control(requirements.block, account, {})


def account_left(recorder: Recorder) -> None:
    """A reader opens an account, and sends us away."""
    reader = Reader(recorder)
    account = reader.open_account()
    recorder.desk.call("record_payout_account", {"p_user_id": reader.id, "p_stripe_account_id": account})
    recorder.begin()
    recorder.control(account_links.complete, account)
    recorder.wait(2)
    recorder.at_stripe(lambda: reader.v1.accounts.delete(account))
    recorder.tell("account.application.deauthorized", {"id": "ca_1", "object": "application"}, "connect", account)


def _lost(world: World, account: str) -> Body:
    """Whoever owns an account takes it along, with what is in its balance: to us it is as good as deleted."""
    gone: Body = {"id": account, "object": "account", "deleted": True}
    world.store.save(gone)
    return gone


def _leave(recorder: Recorder, account: str) -> None:
    recorder.control(_lost, account)
    recorder.tell("account.application.deauthorized", {"id": "ca_1", "object": "application"}, "connect", account)


def account_left_after_transfer(recorder: Recorder) -> None:
    """A reader sends us away after the transfer to them, and before their bank payout."""
    reader = Reader(recorder)
    account, job = reader.ready(2500)
    recorder.begin()
    recorder.before["/v1/payouts"] = lambda: _leave(recorder, account)
    recorder.job("the worker pays out", lambda tools: payout_jobs.execute(tools, job))


def account_left_before_the_bank(recorder: Recorder) -> None:
    """A reader sends us away while their bank payout is on its way."""
    reader = Reader(recorder)
    account, job = reader.ready(2500)
    recorder.begin()
    recorder.job("the worker pays out", lambda tools: payout_jobs.execute(tools, job))
    _leave(recorder, account)


def card_taken_off(recorder: Recorder) -> None:
    """A card is saved without a payment, agreed to for auto-reload before, changed by its bank, and taken off."""
    client = Client(recorder)
    topup, intent = client.begin(1000, save_card=True)
    client.confirm(intent.id)
    recorder.wait(2)
    recorder.settle()
    recorder.people.as_person(client.id, "public.set_auto_reload(p_amount => 1000, p_monthly_cap => 5000)")
    first = str(recorder.find(intent.id)["payment_method"])
    recorder.begin()
    second = recorder.at_stripe(
        lambda: client.v1.payment_methods.attach("pm_card_mastercard", {"customer": client.customer})
    ).id
    setup: Body = {"id": f"seti_{topup[:8]}", "object": "setup_intent", "status": "succeeded", "payment_method": second,
                   "customer": client.customer}  # fmt: skip
    recorder.beyond[f"/v1/setup_intents/{setup['id']}"] = setup
    recorder.tell("setup_intent.succeeded", setup)
    recorder.at_stripe(lambda: client.v1.payment_methods.update(first, {"card": {"exp_year": 2039}}))
    recorder.at_stripe(lambda: client.v1.payment_methods.detach(first))
    recorder.at_stripe(lambda: client.v1.payment_methods.detach(second))


STORIES: Mapping[str, Callable[[Recorder], None]] = MappingProxyType(
    {
        tell.__name__.replace("_", "-"): tell
        for tell in (
            top_up,
            canceled,
            two_payments,
            refunds_made_at_stripe,
            refund_of_spent_money,
            two_refunds_of_spent_money,
            refund_asked_for,
            dispute_won,
            dispute_lost,
            inquiry,
            inquiry_closed,
            refund_and_dispute,
            dispute_of_refunded,
            stolen_card,
            payout_fails,
            payout_paid,
            account_opened,
            account_left,
            account_left_after_transfer,
            account_left_before_the_bank,
            card_taken_off,
        )
    }
)
