"""`/v1/account_links`: single-use links to the onboarding page (see `pages`)."""

from stack.stripe import ids
from stack.stripe.errors import ApiError, invalid, missing
from stack.stripe.resources import external_accounts, requirements
from stack.stripe.schema import EXPAND, Choice, Hash, Text
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, World, snapshot

_LIFE = 300
_NEW = Hash(
    {
        "account": Text(),
        "collect": Choice(("currently_due", "eventually_due")),
        "collection_options": Hash({"fields": Choice(("currently_due", "eventually_due"))}),
        "refresh_url": Text(),
        "return_url": Text(),
        "type": Choice(("account_onboarding", "account_update")),
    },
    ("account", "type"),
)


def create(call: Call) -> Body:
    """A link, good for five minutes and one use."""
    params, world = call.params, call.world
    account = call.store.find(params["account"])
    if account is None or account["object"] != "account":
        raise missing("account", params["account"], "account", 400)
    for name in ("refresh_url", "return_url"):
        if not params.get(name):
            raise invalid(f"You must provide a {name}.", code="parameter_missing", param=name)
        if not params[name].startswith(("http://", "https://")):
            raise invalid(f"Not a valid URL: {params[name]}", code="url_invalid", param=name)
    if params["type"] == "account_update" and account["type"] != "custom":
        raise invalid("account_update is only available for custom accounts.", param="type")
    token = ids.token(32)
    now = int(world.now())
    link: Body = {
        "object": "account_link",
        "created": now,
        "expires_at": now + _LIFE,
        "url": f"{world.settings.origin}/setup/{token}",
    }
    kept = {**link, "id": f"link_{token}", "object": "account_link"}
    private = {"account": account["id"], "used": False, **call.given("return_url", "refresh_url")}
    call.store.insert(PLATFORM, kept, private)
    return link


class LinkExpiredError(Exception):
    """The link was used, or is too old; the person is sent to `refresh_url`."""

    def __init__(self, refresh_url: str) -> None:
        """Args: where to get a new link."""
        super().__init__("account link expired")
        self.refresh_url = refresh_url


def open_link(world: World, token: str) -> Body:
    """The private record (`account`, `return_url`, `refresh_url`) of a link that can still be used.

    Raises:
        ApiError: 404 when there never was such a link.
        LinkExpiredError: when it was used or is too old.
    """
    link = world.store.find(f"link_{token}")
    if link is None:
        raise ApiError(404, "No such account link")
    private = world.store.private(link["id"])
    if private["used"] or link["expires_at"] < world.now():
        raise LinkExpiredError(private["refresh_url"])
    return private


def complete(world: World, account_id: str, number: str = external_accounts.GOOD) -> Body:
    """Finish onboarding as the person at the page does, with a bank account number to be paid out to."""
    account = world.get("account", account_id, PLATFORM)
    call = Call(world, PLATFORM, {"id": account_id}, {})
    details = {"account_number": number, "country": account["country"], "routing_number": "110000000"}
    before = snapshot(account)
    bank = external_accounts.make(call, account, details)
    external_accounts.replace_default(call, account, bank)
    return requirements.submit(world, account_id, before)


def spend(world: World, token: str) -> None:
    """Mark a link used."""
    private = world.store.private(f"link_{token}")
    world.store.save_private(f"link_{token}", {**private, "used": True})


ROUTES = (Route("POST", "/v1/account_links", create, _NEW | EXPAND),)
