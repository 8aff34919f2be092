"""`/v1/accounts`: connected accounts, what they may do, and what Stripe still wants to know of them.

What is answered of capabilities, requirements and `payouts_enabled` is computed in `requirements` from what was
submitted, so it changes in one place; every change is announced by `account.updated`.
"""

from stack.stripe import ids, listing
from stack.stripe.errors import ApiError, invalid
from stack.stripe.resources import external_accounts, requirements
from stack.stripe.schema import (
    ADDRESS,
    EXPAND,
    PAGE,
    Choice,
    Currency,
    Flag,
    Hash,
    Integer,
    Metadata,
    Text,
    merge_metadata,
)
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, snapshot

_CAPABILITY = Hash({"requested": Flag()})
_PERSON = Hash(
    {
        "address": ADDRESS,
        "dob": Hash({"day": Integer(1, 31), "month": Integer(1, 12), "year": Integer(1900, 2100)}),
        "email": Text(),
        "first_name": Text(),
        "id_number": Text(),
        "last_name": Text(),
        "phone": Text(),
        "ssn_last_4": Text(4),
    }
)
_PROFILE = Hash(
    {name: Text() for name in ("mcc", "name", "product_description", "support_email", "support_phone", "url")}
)
_INTERVAL = Choice(("manual", "daily", "weekly", "monthly"))
_PAYOUTS = Hash(
    {
        "debit_negative_balances": Flag(),
        "schedule": Hash({"interval": _INTERVAL, "delay_days": Text()}),
        "statement_descriptor": Text(22),
    }
)
_UPDATE = Hash(
    {
        "business_profile": _PROFILE,
        "business_type": Choice(("individual", "company", "non_profit", "government_entity")),
        "capabilities": Hash({"card_payments": _CAPABILITY, "transfers": _CAPABILITY}),
        "default_currency": Currency(),
        "email": Text(),
        "external_account": external_accounts.BANK,
        "individual": _PERSON,
        "metadata": Metadata(),
        "settings": Hash({"payouts": _PAYOUTS}),
        "tos_acceptance": Hash({"date": Integer(), "ip": Text(), "service_agreement": Text(), "user_agent": Text()}),
    }
)
_CONTROLLER = Hash(
    {
        "fees": Hash({"payer": Choice(("account", "application"))}),
        "losses": Hash({"payments": Choice(("application", "stripe"))}),
        "requirement_collection": Choice(("application", "stripe")),
        "stripe_dashboard": Hash({"type": Choice(("express", "full", "none"))}),
    }
)
_CREATE = _UPDATE | Hash(
    {"controller": _CONTROLLER, "country": Text(2), "type": Choice(("custom", "express", "standard"))}
)
_DASHBOARDS = {"express": "express", "full": "standard", "none": "custom"}


def create(call: Call) -> Body:
    """A new connected account; an express one is onboarded through an account link."""
    if call.account != PLATFORM:
        raise invalid("Only a platform can create connected accounts.")
    if "type" in call.params and "controller" in call.params:
        raise invalid("You may not provide both `type` and `controller`.", param="type")
    body = blank(call)
    call.store.insert(PLATFORM, body, requirements.fresh())
    _apply(call, body)
    requirements.refresh(call.world, body, None)
    return body


def blank(call: Call) -> Body:
    """An account nothing is known of yet."""
    params = call.params
    dashboard = (params.get("controller") or {}).get("stripe_dashboard", {}).get("type", "full")
    kind = params.get("type") or _DASHBOARDS[dashboard]
    country = (params.get("country") or "US").upper()
    account_id = ids.new("acct", 16)
    return {
        "id": account_id,
        "object": "account",
        "business_profile": dict.fromkeys((*_PROFILE.fields, "annual_revenue", "support_address", "support_url")),
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": _controller(kind, params.get("controller") or {}),
        "country": country,
        "created": int(call.world.now()),
        "default_currency": "usd" if country == "US" else "eur",
        "details_submitted": False,
        "email": None,
        "external_accounts": listing.whole([], f"/v1/accounts/{account_id}/external_accounts") | {"total_count": 0},
        "future_requirements": requirements.summary([], None),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": requirements.summary([], None),
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": kind,
    }


def _controller(kind: str, given: Body) -> Body:
    by_stripe = kind != "custom"
    pays = "account" if kind == "standard" else "application"
    return {
        "fees": {"payer": given.get("fees", {}).get("payer", pays)},
        "is_controller": True,
        "losses": {
            "payments": given.get("losses", {}).get("payments", "stripe" if kind == "standard" else "application")
        },
        "requirement_collection": given.get("requirement_collection", "stripe" if by_stripe else "application"),
        "stripe_dashboard": {"type": {"standard": "full", "express": "express", "custom": "none"}[kind]},
        "type": "application",
    }


def _settings() -> Body:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "never"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": False,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


def _apply(call: Call, body: Body) -> None:
    params = call.params
    body.update(call.given("business_type", "default_currency", "email"))
    body["business_profile"].update(params.get("business_profile") or {})
    body["metadata"] = merge_metadata(body["metadata"], params)
    body["tos_acceptance"].update(params.get("tos_acceptance") or {})
    for name, asked in (params.get("capabilities") or {}).items():
        if asked.get("requested"):
            body["capabilities"].setdefault(name, "inactive")
        else:
            body["capabilities"].pop(name, None)
    payouts = (params.get("settings") or {}).get("payouts") or {}
    schedule = payouts.pop("schedule", {})
    if schedule:
        delay = schedule.get("delay_days") or "2"
        body["settings"]["payouts"]["schedule"].update(
            interval=schedule.get("interval", "daily"), delay_days=int(delay) if delay.isdecimal() else 2
        )
    body["settings"]["payouts"].update(payouts)
    if params.get("individual"):
        _set_person(call, body, params["individual"])
    if params.get("external_account"):
        bank = external_accounts.make(call, body, params["external_account"])
        external_accounts.replace_default(call, body, bank)


def _set_person(call: Call, body: Body, given: Body) -> None:
    person = body.get("individual") or {
        "id": ids.new("person", 14),
        "object": "person",
        "account": body["id"],
        "created": int(call.world.now()),
        "metadata": {},
        "id_number_provided": False,
        "ssn_last_4_provided": False,
    }
    for secret in ("id_number", "ssn_last_4"):
        if given.pop(secret, None):
            person[f"{secret}_provided"] = True
    if "address" in given:
        given["address"] = {name: given["address"].get(name) for name in ADDRESS.fields}
    if "dob" in given:
        given["dob"] = {name: given["dob"].get(name) for name in ("day", "month", "year")}
    body["individual"] = {**person, **given}


def retrieve(call: Call) -> Body:
    """A connected account."""
    return _find(call)


def _find(call: Call) -> Body:
    found = call.store.find(call.id)
    if found is None or found["object"] != "account" or found.get("deleted"):
        raise ApiError(
            403,
            f"The provided key does not have access to account '{call.id}' (or that account does not exist). "
            "Application access may have been revoked.",
            code="account_invalid",
        )
    return found


def own(call: Call) -> Body:
    """The account that asks: the connected account of `Stripe-Account`, or the platform itself."""
    return _find(Call(call.world, call.account, {"id": call.account}, {}))


def update(call: Call) -> Body:
    """Change what was given; what Stripe collects by itself (an express account's details) it does not accept here."""
    body = _find(call)
    collected = {"individual", "tos_acceptance", "external_account"} & set(call.params)
    if body["controller"]["requirement_collection"] == "stripe" and call.store.private(call.id)["submitted"]:
        collected.discard("external_account")
        if collected:
            raise ApiError(
                403,
                f"You cannot update {min(collected)} on an account whose requirements Stripe collects, once an "
                "account link has been made for it.",
                code="oauth_not_supported",
            )
    before = snapshot(body)
    _apply(call, body)
    requirements.refresh(call.world, body, before)
    return body


def delete(call: Call) -> Body:
    """Delete an account whose balance is zero."""
    body = _find(call)
    balances = call.store.rows("select available, pending from balances where account = ?", (call.id,))
    if any(row["available"] or row["pending"] for row in balances):
        raise invalid("This account cannot be deleted because its balance is not zero.", code="account_invalid")
    gone: Body = {"id": body["id"], "object": "account", "deleted": True}
    call.store.save(gone)
    return dict(gone)


def index(call: Call) -> Body:
    """Connected accounts, newest first."""
    return listing.answer(call, "account", {"deleted": None}, "/v1/accounts")


def login_link(call: Call) -> Body:
    """A link to the dashboard of an express account that has finished onboarding."""
    body = _find(call)
    if body["type"] != "express" or not body["details_submitted"]:
        raise invalid("Cannot create a login link for an account that has not completed onboarding.")
    url = f"{call.world.settings.origin}/#{call.id}"
    return {"object": "login_link", "created": int(call.world.now()), "url": url}


ROUTES = (
    Route("POST", "/v1/accounts", create, _CREATE | EXPAND),
    Route("GET", "/v1/accounts", index, PAGE | EXPAND),
    Route("GET", "/v1/account", own, EXPAND),
    Route("GET", "/v1/accounts/{id}", retrieve, EXPAND),
    Route("POST", "/v1/accounts/{id}", update, _UPDATE | EXPAND),
    Route("DELETE", "/v1/accounts/{id}", delete),
    Route("POST", "/v1/accounts/{id}/login_links", login_link, EXPAND),
)
