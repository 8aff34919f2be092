"""Lists as Stripe answers them: newest first, a page at a time."""

from collections.abc import Mapping

from stack.stripe.errors import invalid, missing
from stack.stripe.store import Body
from stack.stripe.world import Call


def answer(call: Call, kind: str, filters: Mapping[str, object], url: str, account: str | None = None) -> Body:
    """One page of the objects of a kind on the calling account (or on `account`) that match `filters`."""
    owner = account or call.account
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise invalid("You can only use one of starting_after and ending_before.", param="ending_before")
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor and call.store.owner(cursor) != owner:
            raise missing(kind.replace("_", " "), cursor, param, status=400)
    page = call.store.page(
        kind,
        owner,
        filters,
        limit=call.params.get("limit", 10),
        after=after,
        before=before,
        created=call.params.get("created"),
    )
    return whole(page.rows, url, has_more=page.has_more)


def whole(rows: list[Body], url: str, *, has_more: bool = False) -> Body:
    """A list object around rows that are there already."""
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}
