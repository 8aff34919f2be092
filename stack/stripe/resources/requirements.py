"""What a connected account still owes Stripe, and what follows: capabilities, `payouts_enabled`, `account.updated`.

An account's private record holds `submitted` (onboarding was finished), `verified` (a moment later), and `blocked`
(what `/_control` imposes: further requirements, a reason, payouts off).
"""

from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import World, changed, snapshot

_FROM_PERSON = ("address", "dob", "first_name", "last_name")


def fresh() -> Body:
    """The private record of a new account."""
    return {"submitted": False, "verified": False, "blocked": {}}


def summary(due: list[str], reason: str | None, pending: list[str] | None = None) -> Body:
    """A `requirements` object."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": reason,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": pending or [],
    }


def refresh(world: World, body: Body, before: Body | None) -> None:
    """Compute anew what depends on the account's details, save it, and announce what differs from `before`."""
    private = world.store.private(body["id"])
    due = _due(body, private)
    blocked = private["blocked"]
    complete = not due and bool(body["capabilities"])
    body["details_submitted"] = private["submitted"] or (body["type"] == "custom" and not _due(body, fresh()))
    active = complete and private["verified"]
    pending = [] if private["verified"] or not complete else ["individual.verification.document"]
    reason = blocked.get("disabled_reason") or (
        "requirements.past_due" if due else "requirements.pending_verification" if pending else None
    )
    status = "active" if active and not blocked.get("disabled_reason") else "pending" if pending else "inactive"
    body["capabilities"] = dict.fromkeys(body["capabilities"], status)
    body["requirements"] = summary(due, reason, pending)
    has_bank = bool(body["external_accounts"]["data"])
    body["payouts_enabled"] = status == "active" and has_bank and not blocked.get("payouts_off", False)
    body["charges_enabled"] = body["capabilities"].get("card_payments") == "active"
    world.store.save(body)
    if complete and not private["verified"]:
        world.later("account_verified", body["id"], world.timing("verification_seconds"))
    if before is not None and body != before:
        _announce(world, before, body)


def _due(body: Body, private: Body) -> list[str]:
    due = list(private["blocked"].get("due", []))
    if body["controller"]["requirement_collection"] == "stripe":
        if not private["submitted"]:
            due += ["business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]
        return due
    person = body.get("individual") or {}
    if not body["business_type"]:
        due.append("business_type")
    if not body["external_accounts"]["data"]:
        due.append("external_account")
    due += [f"individual.{name}" for name in _FROM_PERSON if not person.get(name)]
    due += [f"tos_acceptance.{name}" for name in ("date", "ip") if not body["tos_acceptance"].get(name)]
    return due


def _announce(world: World, before: Body, body: Body) -> None:
    for name, status in body["capabilities"].items():
        if before["capabilities"].get(name) != status:
            previous = {"status": before["capabilities"].get(name, "unrequested")}
            world.emit("capability.updated", capability(body, name), body["id"], previous)
    world.emit("account.updated", body, body["id"], changed(before, body))


def capability(body: Body, name: str) -> Body:
    """A capability object of an account."""
    empty = summary([], None)
    return {
        "id": name,
        "object": "capability",
        "account": body["id"],
        "future_requirements": empty,
        "requested": True,
        "requested_at": body["created"],
        "requirements": {**empty, "currently_due": body["requirements"]["currently_due"]},
        "status": body["capabilities"][name],
    }


def verify(world: World, account_id: str) -> None:
    """Stripe has looked at the details: what is complete becomes active."""
    body = world.get("account", account_id, PLATFORM)
    private = world.store.private(account_id)
    if private["verified"] or body.get("deleted"):
        return
    world.store.save_private(account_id, {**private, "verified": True})
    refresh(world, body, snapshot(body))


def submit(world: World, account_id: str, before: Body) -> Body:
    """The person has finished the onboarding form; `before` is the account as it was when they began."""
    body = world.get("account", account_id, PLATFORM)
    world.store.save_private(account_id, {**world.store.private(account_id), "submitted": True})
    if body["business_type"] is None:
        body["business_type"] = "individual"
    body["tos_acceptance"] = {**body["tos_acceptance"], "date": int(world.now())}
    refresh(world, body, before)
    return body


def block(world: World, account_id: str, blocked: Body) -> Body:
    """Impose (or with an empty dictionary lift) requirements: `due`, `disabled_reason`, `payouts_off`."""
    body = world.get("account", account_id, PLATFORM)
    world.store.save_private(account_id, {**world.store.private(account_id), "blocked": blocked})
    refresh(world, body, snapshot(body))
    return body
