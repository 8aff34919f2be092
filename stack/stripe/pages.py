"""Pages for people: what is in the stand-in, card authentication, onboarding, receipts. Paying is `checkout_page`.

Tests may POST the same forms: `outcome=complete` or `outcome=fail` to an authentication page; `outcome=complete` (with
an optional `account_number`) or `outcome=later` to an onboarding page. Both answer 303 to the return address.
"""

from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stack.stripe import forms
from stack.stripe.errors import ApiError
from stack.stripe.html import money, page, table
from stack.stripe.resources import account_links, checkout_payments, external_accounts
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, World

_SHOWN = (
    "checkout.session",
    "payment_intent",
    "charge",
    "refund",
    "account",
    "transfer",
    "payout",
    "balance_transaction",
    "event",
)
# What a bank asks about.
_ASKED = ("payment_intent", "setup_intent")


class Pages:
    """The pages over one world."""

    def __init__(self, world: World) -> None:
        """Args: the world that is shown."""
        self._world = world

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.index),
            Route("/authenticate/{intent}/{token}", self.authentication),
            Route("/authenticate/{intent}/{token}", self.authenticate, methods=["POST"]),
            Route("/setup/{token}", self.onboarding),
            Route("/setup/{token}", self.onboard, methods=["POST"]),
            Route("/receipts/{charge}", self.receipt),
        ]

    async def index(self, _: Request) -> Response:
        """Balances and the latest objects of each kind."""
        store = self._world.store
        rows = store.rows("select * from balances order by account, currency")
        balances = [
            (row["account"], money(row["available"], row["currency"]), money(row["pending"], row["currency"]))
            for row in rows
        ]
        parts = ["<h2>Balances</h2>", table(("account", "available", "pending"), balances)]
        for kind in _SHOWN:
            found = store.select(kind, None, {}, limit=12)
            if found:
                parts.append(f"<h2>{escape(kind.replace('_', ' '))}</h2>")
                parts.append(table(("id", "status", "amount", "metadata"), [_line(body) for body in found]))
        return page("Stripe stand-in", "".join(parts))

    async def authentication(self, request: Request) -> Response:
        """The bank's question whether the person agrees to a payment."""
        intent = self._waiting(request)
        if intent is None:
            return page("Nothing to authenticate", "<p>This payment does not wait for you any more.</p>", 410)
        what = "let this card be kept"
        if "amount" in intent:
            what = f"pay <b>{escape(money(intent['amount'], intent['currency']))}</b>"
        form = (
            f"<p>Your bank asks whether you agree to {what}.</p><form method=post>"
            "<button name=outcome value=complete>Complete</button><button name=outcome value=fail>Fail</button></form>"
        )
        return page("3D Secure test page", form)

    def _waiting(self, request: Request) -> Body | None:
        intent = self._world.store.find(request.path_params["intent"])
        if intent is None or intent["object"] not in _ASKED or intent["status"] != "requires_action":
            return None
        wanted = self._world.store.private(intent["id"]).get("authentication")
        return intent if wanted == request.path_params["token"] else None

    async def authenticate(self, request: Request) -> Response:
        """The person's answer, after which they go back to the return address."""
        intent = self._waiting(request)
        if intent is None:
            return page("Nothing to authenticate", "<p>This payment does not wait for you any more.</p>", 410)
        complete = forms.decode((await request.body()).decode()).get("outcome") == "complete"
        store = self._world.store
        with store.transaction():
            try:
                checkout_payments.authenticate(
                    Call(self._world, store.owner(intent["id"]) or PLATFORM, {"id": intent["id"]}, {}),
                    complete=complete,
                )
            except ApiError:
                # A card that declines after authentication: the intent and its events tell of it.
                complete = False
        return_url = store.private(intent["id"]).get("return_url")
        if not return_url:
            return page("Thank you", "<p>You can close this page.</p>")
        query = urlencode(
            {
                intent["object"]: intent["id"],
                f"{intent['object']}_client_secret": intent["client_secret"],
                "redirect_status": "succeeded" if complete else "failed",
            }
        )
        return RedirectResponse(f"{return_url}{'&' if '?' in return_url else '?'}{query}", 303)

    async def onboarding(self, request: Request) -> Response:
        """The form in which a reader tells where payouts go."""
        try:
            link = account_links.open_link(self._world, request.path_params["token"])
        except account_links.LinkExpiredError as expired:
            return RedirectResponse(expired.refresh_url, 303)
        except ApiError:
            return page("No such link", "<p>This link was never given.</p>", 404)
        choices = {external_accounts.GOOD: "payouts arrive"} | {
            number: f"payouts fail: {code}" for number, (code, _) in external_accounts.FAILING.items()
        }
        radios = "".join(
            f"<label><input type=radio name=account_number value={number}"
            f"{' checked' if number == external_accounts.GOOD else ''}> {number}: {escape(meaning)}</label>"
            for number, meaning in choices.items()
        )
        form = (
            f"<p>Account <code>{escape(link['account'])}</code></p><form method=post><p>Bank account:</p>{radios}"
            "<p><button name=outcome value=complete>Finish</button><button name=outcome value=later>Later</button></p>"
            "</form>"
        )
        return page("Set up payouts", form)

    async def onboard(self, request: Request) -> Response:
        """The form was sent: done now, or later."""
        form = forms.decode((await request.body()).decode())
        token = request.path_params["token"]
        number = form.get("account_number") or external_accounts.GOOD
        with self._world.store.transaction():
            try:
                link = account_links.open_link(self._world, token)
            except account_links.LinkExpiredError as expired:
                return RedirectResponse(expired.refresh_url, 303)
            except ApiError:
                return page("No such link", "<p>This link was never given.</p>", 404)
            account_links.spend(self._world, token)
            if form.get("outcome", "complete") == "complete":
                account_links.complete(self._world, link["account"], str(number))
        return RedirectResponse(link["return_url"], 303)

    async def receipt(self, request: Request) -> Response:
        """A charge's receipt."""
        charge = self._world.store.find(request.path_params["charge"])
        if charge is None or charge["object"] != "charge":
            return page("No such receipt", "", 404)
        paid = escape(money(charge["amount"], charge["currency"]))
        return page("Receipt", f"<p>Paid: <b>{paid}</b></p><p><code>{escape(charge['id'])}</code></p>")


def _line(body: Body) -> tuple[str, ...]:
    due = body.get("amount", body.get("amount_total"))
    amount = money(due, body["currency"]) if due is not None and "currency" in body else ""
    status = body.get("status") or body.get("type") or ""
    metadata = ", ".join(f"{key}={value}" for key, value in (body.get("metadata") or {}).items())
    return str(body["id"]), str(status), amount, metadata
