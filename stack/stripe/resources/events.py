"""`/v1/events`: what happened, as webhooks told it; and `/v1/webhook_endpoints`: who is told."""

from hashlib import sha256

from stack.stripe import ids, listing
from stack.stripe.errors import invalid
from stack.stripe.schema import CURSOR, EXPAND, PAGE, Choice, Flag, Hash, Metadata, Sequence, Text, merge_metadata
from stack.stripe.settings import API_VERSION, PLATFORM, Endpoint
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, World


def retrieve(call: Call) -> Body:
    """An event of the calling account."""
    return call.world.get("event", call.id, call.account)


def index(call: Call) -> Body:
    """Events of the calling account, newest first."""
    filters = call.given("type")
    if call.params.get("types"):
        filters["type"] = call.params["types"]
    return listing.answer(call, "event", filters, "/v1/events")


def install(world: World, endpoints: tuple[Endpoint, ...]) -> None:
    """Have the endpoints of the settings and no former ones of theirs; those made by the API stay."""
    wanted = {}
    for endpoint in endpoints:
        digest = sha256(f"{endpoint.url} {endpoint.connect}".encode()).hexdigest()[:24]
        wanted[f"we_{digest}"] = endpoint
    for known in world.store.select("webhook_endpoint", PLATFORM, {}):
        private = world.store.private(known["id"])
        if private.get("installed"):
            known["status"] = "enabled" if known["id"] in wanted else "disabled"
            world.store.save(known)
    for endpoint_id, endpoint in wanted.items():
        private = {"secret": endpoint.secret, "connect": endpoint.connect, "installed": True}
        if world.store.find(endpoint_id) is None:
            world.store.insert(PLATFORM, _new(world, endpoint_id, endpoint.url, ["*"]), private)
        world.store.save_private(endpoint_id, private)


def _new(world: World, endpoint_id: str, url: str, kinds: list[str]) -> Body:
    return {
        "id": endpoint_id,
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": int(world.now()),
        "description": None,
        "enabled_events": kinds,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }


def create_endpoint(call: Call) -> Body:
    """A new endpoint; its signing secret is told only here."""
    params = call.params
    _check_url(params["url"])
    body = _new(call.world, ids.new("we"), params["url"], params["enabled_events"])
    body.update(call.given("description"))
    body["metadata"] = merge_metadata({}, params)
    secret = f"whsec_{ids.token(32)}"
    call.store.insert(call.account, body, {"secret": secret, "connect": params.get("connect", False)})
    return {**body, "secret": secret}


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise invalid(f"Invalid URL: {url}", code="url_invalid", param="url")


def retrieve_endpoint(call: Call) -> Body:
    """An endpoint."""
    return call.world.get("webhook_endpoint", call.id, call.account)


def update_endpoint(call: Call) -> Body:
    """Change address, events, description or metadata, or disable it."""
    body = call.world.get("webhook_endpoint", call.id, call.account)
    body.update(call.given("description", "enabled_events", "url"))
    _check_url(body["url"])
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    if "disabled" in call.params:
        body["status"] = "disabled" if call.params["disabled"] else "enabled"
    call.store.save(body)
    return body


def delete_endpoint(call: Call) -> Body:
    """Delete an endpoint; what was queued for it is not sent."""
    body = call.world.get("webhook_endpoint", call.id, call.account)
    gone: Body = {"id": body["id"], "object": "webhook_endpoint", "deleted": True}
    call.store.save(gone)
    return dict(gone)


def index_endpoints(call: Call) -> Body:
    """Endpoints, newest first."""
    return listing.answer(call, "webhook_endpoint", {"deleted": None}, "/v1/webhook_endpoints")


_ENDPOINT = Hash(
    {"description": Text(), "enabled_events": Sequence(Text()), "metadata": Metadata(), "url": Text()},
)
_CREATE = _ENDPOINT | Hash({"api_version": Choice((API_VERSION,)), "connect": Flag()}, ("enabled_events", "url"))

ROUTES = (
    Route("GET", "/v1/events", index, PAGE | EXPAND | Hash({"type": Text(), "types": Sequence(Text())})),
    Route("GET", "/v1/events/{id}", retrieve, EXPAND),
    Route("POST", "/v1/webhook_endpoints", create_endpoint, _CREATE | EXPAND),
    Route("GET", "/v1/webhook_endpoints", index_endpoints, CURSOR | EXPAND),
    Route("GET", "/v1/webhook_endpoints/{id}", retrieve_endpoint, EXPAND),
    Route("POST", "/v1/webhook_endpoints/{id}", update_endpoint, _ENDPOINT | Hash({"disabled": Flag()}) | EXPAND),
    Route("DELETE", "/v1/webhook_endpoints/{id}", delete_endpoint),
)
