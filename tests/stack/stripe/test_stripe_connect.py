"""Connected accounts: onboarding, transfers, reversals and payouts."""

import httpx
import pytest
import stripe

from stack.stripe.harness import Receiver, Standin

TRANSFERS: stripe.params.AccountCreateParamsCapabilities = {"transfers": {"requested": True}}


def express(client: stripe.StripeClient) -> stripe.Account:
    return client.v1.accounts.create(
        {
            "type": "express",
            "email": "reader@example.test",
            "capabilities": TRANSFERS,
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
            "metadata": {"user_id": "u1"},
        }
    )


def onboarding_link(client: stripe.StripeClient, account: str) -> str:
    return client.v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": "http://127.0.0.1/again",
            "return_url": "http://127.0.0.1/done",
        }
    ).url


def balance(client: stripe.StripeClient, account: str | None = None) -> int:
    options: stripe.RequestOptions = {} if account is None else {"stripe_account": account}
    return client.v1.balance.retrieve({}, options).available[0].amount


def test_a_reader_onboards_on_the_page(client: stripe.StripeClient, receiver: Receiver) -> None:
    account = express(client)
    assert account.capabilities is not None
    assert account.settings is not None
    assert account.settings.payouts is not None
    assert (account.details_submitted, account.payouts_enabled) == (False, False)
    assert account.capabilities.transfers == "inactive"
    assert account.settings.payouts.schedule.interval == "manual"
    link = onboarding_link(client, account.id)
    assert account.id in httpx.get(link).text
    assert httpx.post(link, data={"outcome": "complete"}).headers["location"] == "http://127.0.0.1/done"
    updates = receiver.wait("account.updated", 2)
    assert {update.event["account"] for update in updates} == {account.id}
    assert {update.path for update in updates} == {"/connect"}
    ready = client.v1.accounts.retrieve(account.id)
    assert ready.capabilities is not None
    assert ready.requirements is not None
    assert (ready.details_submitted, ready.payouts_enabled) == (True, True)
    assert (ready.capabilities.transfers, ready.requirements.disabled_reason) == ("active", None)
    assert httpx.get(link).headers["location"] == "http://127.0.0.1/again"


def test_a_reader_who_leaves_the_page_is_not_onboarded(client: stripe.StripeClient) -> None:
    account = express(client)
    assert httpx.post(onboarding_link(client, account.id), data={"outcome": "later"}).status_code == 303
    left = client.v1.accounts.retrieve(account.id)
    assert left.requirements is not None
    assert (left.details_submitted, left.requirements.disabled_reason) == (False, "requirements.past_due")


def test_a_custom_account_is_verified_by_what_is_told_of_it(client: stripe.StripeClient, receiver: Receiver) -> None:
    account = client.v1.accounts.create({"type": "custom", "capabilities": TRANSFERS, "business_type": "individual"})
    assert account.requirements is not None
    assert account.requirements.currently_due is not None
    assert "external_account" in account.requirements.currently_due
    client.v1.accounts.update(
        account.id,
        {
            "external_account": "btok_us_verified",
            "individual": {
                "first_name": "Ada",
                "last_name": "Reader",
                "dob": {"day": 1, "month": 2, "year": 1990},
                "address": {"line1": "1 Way", "city": "Town", "state": "CA", "postal_code": "94000", "country": "US"},
                "ssn_last_4": "0000",
            },
            "tos_acceptance": {"date": 1700000000, "ip": "127.0.0.1"},
        },
    )
    receiver.wait("account.updated", 2)
    ready = client.v1.accounts.retrieve(account.id)
    assert (ready.details_submitted, ready.payouts_enabled) == (True, True)


def test_requirements_can_close_and_open_the_gate(
    standin: Standin, client: stripe.StripeClient, reader_account: str, receiver: Receiver
) -> None:
    standin.control(f"accounts/{reader_account}", {"due": ["individual.verification.document"]})
    closed = client.v1.accounts.retrieve(reader_account)
    assert closed.capabilities is not None
    assert (closed.capabilities.transfers, closed.payouts_enabled) == ("inactive", False)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 100, "currency": "usd", "destination": reader_account})
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    standin.control(f"accounts/{reader_account}", {})
    assert client.v1.accounts.retrieve(reader_account).payouts_enabled is True
    receiver.wait("capability.updated", 2)


def test_a_transfer_moves_money_and_can_be_found_again(
    client: stripe.StripeClient, reader_account: str, receiver: Receiver
) -> None:
    made = client.v1.transfers.create(
        {
            "amount": 4000,
            "currency": "usd",
            "destination": reader_account,
            "transfer_group": "payout-7",
            "metadata": {"attempt_id": "a7"},
        },
        {"idempotency_key": "tr:a7"},
    )
    assert (balance(client), balance(client, reader_account)) == (96_000, 4000)
    assert [row.id for row in client.v1.transfers.list({"transfer_group": "payout-7"}).data] == [made.id]
    assert client.v1.transfers.list({"transfer_group": "other"}).data == []
    assert [row.id for row in client.v1.transfers.list({"destination": reader_account}).data] == [made.id]
    [told] = receiver.wait("transfer.created")
    assert told.path == "/platform"
    assert told.event["data"]["object"]["metadata"] == {"attempt_id": "a7"}
    assert told.event["request"]["idempotency_key"] == "tr:a7"
    client.v1.transfers.update(made.id, {"metadata": {"note": "x"}})
    [line] = client.v1.balance_transactions.list({"source": made.id}).data
    assert (line.type, line.amount, line.fee) == ("transfer", -4000, 0)
    [received] = client.v1.balance_transactions.list({}, {"stripe_account": reader_account}).data
    assert (received.type, received.source) == ("payment", made.destination_payment)


def test_transfers_beyond_the_balance_are_refused(client: stripe.StripeClient, reader_account: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 100_001, "currency": "usd", "destination": reader_account})
    assert (refused.value.http_status, refused.value.code) == (400, "balance_insufficient")
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": "acct_nobody"})
    assert (unknown.value.code, unknown.value.param) == ("resource_missing", "destination")


def test_a_transfer_of_a_charge_needs_no_available_balance(
    standin: Standin, client: stripe.StripeClient, reader_account: str
) -> None:
    standin.control("balance", {"available": 0})
    standin.control("timing", {"availability_seconds": 3600})
    paid = client.v1.payment_intents.create(
        {"amount": 1000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )
    params: stripe.params.TransferCreateParams = {
        "amount": 700,
        "currency": "usd",
        "destination": reader_account,
        "source_transaction": str(paid.latest_charge),
    }
    assert client.v1.transfers.create(params).transfer_group == f"group_{paid.id}"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(params)
    assert refused.value.code == "balance_insufficient"


def test_reversals_bring_money_back_as_long_as_it_is_there(
    client: stripe.StripeClient, reader_account: str, receiver: Receiver
) -> None:
    made = client.v1.transfers.create({"amount": 1000, "currency": "usd", "destination": reader_account})
    part = client.v1.transfers.reversals.create(made.id, {"amount": 300})
    assert (part.amount, balance(client), balance(client, reader_account)) == (300, 99_300, 700)
    client.v1.payouts.create({"amount": 600, "currency": "usd"}, {"stripe_account": reader_account})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.reversals.create(made.id)
    assert refused.value.code == "balance_insufficient"
    after = client.v1.transfers.retrieve(made.id)
    assert (after.amount_reversed, after.reversed, len(after.reversals.data)) == (300, False, 1)
    receiver.wait("transfer.reversed")
    assert [row.id for row in client.v1.transfers.reversals.list(made.id).data] == [part.id]


def test_a_payout_goes_through_pending_and_in_transit_to_paid(
    client: stripe.StripeClient, reader_account: str, receiver: Receiver
) -> None:
    client.v1.transfers.create({"amount": 1000, "currency": "usd", "destination": reader_account})
    on_account: stripe.RequestOptions = {"stripe_account": reader_account}
    made = client.v1.payouts.create({"amount": 900, "currency": "usd", "metadata": {"attempt_id": "a1"}}, on_account)
    assert made.status == "pending"
    assert balance(client, reader_account) == 100
    [paid] = receiver.wait("payout.paid")
    assert (paid.event["account"], paid.path) == (reader_account, "/connect")
    statuses = [
        delivery.event["data"]["object"]["status"]
        for kind in ("payout.created", "payout.updated", "payout.paid")
        for delivery in receiver.wait(kind)
    ]
    assert statuses == ["pending", "in_transit", "paid"]
    assert client.v1.payouts.retrieve(made.id, {}, on_account).status == "paid"
    assert [row.id for row in client.v1.payouts.list({}, on_account).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        client.v1.payouts.retrieve(made.id)


@pytest.mark.parametrize(("number", "code"), [("000111111116", "no_account"), ("000111111113", "account_closed")])
def test_a_payout_to_a_failing_bank_account_gives_the_money_back(
    client: stripe.StripeClient, standin: Standin, receiver: Receiver, number: str, code: str
) -> None:
    account = express(client)
    httpx.post(onboarding_link(client, account.id), data={"outcome": "complete", "account_number": number})
    receiver.wait("account.updated", 2)
    standin.control("balance", {"account": account.id, "available": 500})
    made = client.v1.payouts.create({"amount": 500, "currency": "usd"}, {"stripe_account": account.id})
    [failed] = receiver.wait("payout.failed")
    assert failed.event["data"]["object"]["failure_code"] == code
    assert balance(client, account.id) == 500
    lines = client.v1.balance_transactions.list({"source": made.id}, {"stripe_account": account.id}).data
    assert [(line.type, line.amount) for line in lines] == [("payout_failure", 500), ("payout", -500)]


def test_an_instant_payout_needs_a_bank_that_takes_it(
    client: stripe.StripeClient, standin: Standin, reader_account: str
) -> None:
    standin.control("balance", {"account": reader_account, "available": 500})
    wish: stripe.params.PayoutCreateParams = {"amount": 500, "currency": "usd", "method": "instant"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payouts.create(wish, {"stripe_account": reader_account})
    assert refused.value.code == "instant_payouts_unsupported"
    standin.control(f"accounts/{reader_account}", {"instant": True})
    made = client.v1.payouts.create(wish, {"stripe_account": reader_account})
    assert made.method == "instant"
    # The platform pays for it, out of its own balance; the reader's moves by the payout alone.
    lines = client.v1.balance_transactions.list({"type": "stripe_fee"}).data
    assert [(line.net, line.source) for line in lines] == [(-50, None)]
    moved = client.v1.balance_transactions.list({"source": made.id}, {"stripe_account": reader_account}).data
    assert [(line.net, line.fee) for line in moved] == [(-500, 0)]


def test_the_control_decides_a_payout_even_after_it_was_paid(
    client: stripe.StripeClient, standin: Standin, reader_account: str, receiver: Receiver
) -> None:
    standin.control("timing", {"payout_step_seconds": 600})
    standin.control("balance", {"account": reader_account, "available": 500})
    made = client.v1.payouts.create({"amount": 500, "currency": "usd"}, {"stripe_account": reader_account})
    assert standin.control(f"payouts/{made.id}", {"status": "paid"})["status"] == "paid"
    failed = standin.control(f"payouts/{made.id}", {"status": "failed", "failure_code": "account_frozen"})
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_frozen")
    receiver.wait("payout.paid")
    receiver.wait("payout.failed")
    assert balance(client, reader_account) == 500


def test_payouts_are_refused_beyond_the_balance_and_before_onboarding(
    client: stripe.StripeClient, reader_account: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payouts.create({"amount": 1, "currency": "usd"}, {"stripe_account": reader_account})
    assert refused.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError) as early:
        client.v1.payouts.create({"amount": 1, "currency": "usd"}, {"stripe_account": express(client).id})
    assert early.value.code == "payouts_not_allowed"


def test_a_pending_payout_can_be_canceled(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    standin.control("timing", {"payout_step_seconds": 600})
    standin.control("balance", {"account": reader_account, "available": 500})
    on_account: stripe.RequestOptions = {"stripe_account": reader_account}
    made = client.v1.payouts.create({"amount": 500, "currency": "usd"}, on_account)
    assert client.v1.payouts.cancel(made.id, {}, on_account).status == "canceled"
    assert balance(client, reader_account) == 500


def test_a_new_bank_account_takes_the_place_of_the_failing_one(
    standin: Standin, client: stripe.StripeClient, receiver: Receiver
) -> None:
    account = express(client)
    standin.control(f"accounts/{account.id}", {"onboard": True, "account_number": "000111111116"})
    receiver.wait("account.updated", 2)
    standin.control("balance", {"account": account.id, "available": 500})
    client.v1.accounts.update(account.id, {"external_account": "btok_us_verified"})
    client.v1.payouts.create({"amount": 500, "currency": "usd"}, {"stripe_account": account.id})
    receiver.wait("payout.paid")


def test_an_account_that_is_not_ours_is_forbidden(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.PermissionError) as refused:
        client.v1.balance.retrieve({}, {"stripe_account": "acct_stranger"})
    assert refused.value.error is not None
    assert refused.value.error.code == "account_invalid"
