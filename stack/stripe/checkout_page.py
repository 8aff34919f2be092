"""The page of a Checkout Session, where a person pays by test card or test bank account, or goes back.

Tests may POST the same form: `outcome=pay` with `method=<number>` of a test card or test bank account (or any card in
`number`, with `expiry` as MM/YY and `cvc`), with `email` and `name` as wanted; or `outcome=cancel`. It answers 303 to
where the person goes on: the success or cancel address, or the bank's question. A card that is declined answers 402
with the page again.
"""

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stack.stripe import forms
from stack.stripe.errors import ApiError
from stack.stripe.html import money, page, table
from stack.stripe.resources import bank_accounts, checkout_payments
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, World

# What a person can try; any other test card can be typed.
_CARDS = (
    ("4242424242424242", "pays"),
    ("4000000000000002", "is declined"),
    ("4000000000009995", "is declined for insufficient funds"),
    ("4000002760003184", "asks the bank first (3D Secure)"),
    ("4000008260003178", "asks the bank first, then is declined"),
)
_EXPIRY = "12/34"
_CVC = "123"


class CheckoutPage:
    """The page over one world."""

    def __init__(self, world: World) -> None:
        """Args: the world it is in."""
        self._world = world

    def routes(self) -> list[Route]:
        """Where it is."""
        return [
            Route("/pay/{session}", self.show),
            Route("/pay/{session}", self.act, methods=["POST"]),
            Route("/pay/{session}/return", self.come_back),
        ]

    def _session(self, request: Request) -> Body | None:
        found = self._world.store.find(request.path_params["session"])
        return found if found is not None and found["object"] == checkout_payments.OBJECT else None

    async def show(self, request: Request) -> Response:
        """What is to be paid, and how it can be."""
        session = self._session(request)
        if session is None:
            return page("No such payment", "<p>This address was never given.</p>", 404)
        return self._shown(session, None) if session["status"] == "open" else _over(session)

    async def act(self, request: Request) -> Response:
        """The person pays, or goes back."""
        form = forms.decode((await request.body()).decode())
        with self._world.store.transaction():
            session = self._session(request)
            if session is None:
                return page("No such payment", "<p>This address was never given.</p>", 404)
            if session["status"] != "open":
                return _over(session)
            if form.get("outcome") == "cancel":
                # The session stays open: the person may come back to it.
                return RedirectResponse(session["cancel_url"] or session["url"], 303)
            return self._paid(session, form)

    def _paid(self, session: Body, form: dict[str, forms.Raw]) -> Response:
        store = self._world.store
        call = Call(self._world, store.owner(session["id"]) or PLATFORM, {"id": session["id"]}, {})
        try:
            with store.savepoint():
                intent, problem = _tried(call, session, form)
        except ApiError as error:
            # What was wrong with the form leaves nothing behind.
            return self._shown(store.find(session["id"]) or session, str(error))
        if problem is not None:
            return self._shown(session, problem)
        if intent["status"] == "requires_action":
            return RedirectResponse(intent["next_action"]["redirect_to_url"]["url"], 303)
        return RedirectResponse(success_url(session), 303)

    async def come_back(self, request: Request) -> Response:
        """The person comes from the bank's page."""
        session = self._session(request)
        if session is None:
            return page("No such payment", "<p>This address was never given.</p>", 404)
        if session["status"] == "complete":
            return RedirectResponse(success_url(session), 303)
        if session["status"] == "expired":
            return _over(session)
        intent = self._world.store.find(str(session["setup_intent"] or session["payment_intent"])) or {}
        error = intent.get("last_setup_error") or intent.get("last_payment_error") or {}
        return self._shown(session, error.get("message") or "The payment was not completed.")

    def _shown(self, session: Body, problem: str | None) -> Response:
        items = self._world.store.private(session["id"])["items"]
        title, lines = "Save a card", "<p>Nothing is charged now.</p>"
        if session["mode"] == "payment":
            amount = money(session["amount_total"], session["currency"])
            title, lines = f"Pay {amount}", _lines(items, amount)
        alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
        return page(
            title,
            f'<div class="pay">{lines}{alert}'
            f'<form method="post" action="/pay/{escape(session["id"])}">{_methods(session)}{_payer(session)}'
            f'<button class="main" name="outcome" value="pay">{escape(title)}</button>'
            '<button name="outcome" value="cancel" formnovalidate>Cancel and go back</button></form>'
            '<p class="hint">This is a stand-in for Stripe: no money moves.</p></div>',
            402 if problem else 200,
        )


def success_url(session: Body) -> str:
    """Where the person goes after paying, with the session's id in it where it is asked for."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _over(session: Body) -> Response:
    if session["status"] == "expired":
        return page("This page has expired", "<p>Nothing was paid. Begin again where you came from.</p>", 410)
    onward = f'<p><a href="{escape(success_url(session))}">Go on</a></p>'
    return page("Thank you", f"<p>There is nothing left to do here.</p>{onward}", 410)


def _lines(items: list[Body], amount: str) -> str:
    rows = [
        (str(item["description"]), str(item["quantity"]), money(item["amount_total"], item["currency"]))
        for item in items
    ]
    return f'<p class="amount">{escape(amount)}</p>{table(("What for", "Quantity", "Amount"), rows)}'


def _methods(session: Body) -> str:
    parts = []
    kinds = session["payment_method_types"]
    if "card" in kinds:
        spaced = [
            (number, f"{' '.join(number[at : at + 4] for at in range(0, 16, 4))} {does}") for number, does in _CARDS
        ]
        own = (
            '<label>Another test card <input name="number" inputmode="numeric" autocomplete="cc-number" '
            'placeholder="Card number"></label>'
            f'<label>Expires (MM/YY) <input name="expiry" autocomplete="cc-exp" value="{_EXPIRY}"></label>'
            f'<label>Security code <input name="cvc" inputmode="numeric" autocomplete="cc-csc" value="{_CVC}"></label>'
        )
        parts.append(f"<fieldset><legend>Card</legend>{_radios(spaced, checked=True)}{own}</fieldset>")
    if bank_accounts.KIND in kinds:
        accounts = [(number, f"{number}: {account.meaning}") for number, account in bank_accounts.BY_NUMBER.items()]
        hint = '<p class="hint">The bank answers later, after you have left this page.</p>'
        radios = _radios(accounts, checked="card" not in kinds)
        parts.append(f"<fieldset><legend>US bank account</legend>{hint}{radios}</fieldset>")
    return "".join(parts)


def _radios(choices: list[tuple[str, str]], *, checked: bool) -> str:
    return "".join(
        f'<label><input type="radio" name="method" value="{value}"{" checked" if checked and place == 0 else ""}> '
        f"{escape(label)}</label>"
        for place, (value, label) in enumerate(choices)
    )


def _payer(session: Body) -> str:
    email = (session["customer_details"] or {}).get("email")
    if email:
        return f"<p>Receipt to {escape(email)}</p>"
    return (
        '<fieldset><legend>You</legend><label>Email <input type="email" name="email" autocomplete="email"></label>'
        '<label>Name <input name="name" autocomplete="name"></label></fieldset>'
    )


def _tried(call: Call, session: Body, form: dict[str, forms.Raw]) -> tuple[Body, str | None]:
    """The intent of an attempt, and what the person is told of a decline, which stands; other refusals are raised."""
    try:
        return _attempt(call, session, form), None
    except ApiError as error:
        if not error.stands:
            raise
        return {}, str(error)


def _attempt(call: Call, session: Body, form: dict[str, forms.Raw]) -> Body:
    """Try to pay as the form says: the intent, succeeded, processing or waiting for the bank's question."""
    typed = str(form.get("number") or "").strip()
    number = typed or str(form.get("method") or "")
    payer = {name: str(form.get(name) or "").strip() or None for name in ("name", "email")}
    if not typed and number in bank_accounts.BY_NUMBER:
        return checkout_payments.pay_by_bank(call, session, number, payer)
    month, _, year = str(form.get("expiry") or _EXPIRY).partition("/")
    card = {
        "number": number,
        "exp_month": int(month) if month.strip().isdecimal() else 0,
        "exp_year": int(year) if year.strip().isdecimal() else 0,
        "cvc": str(form.get("cvc") or _CVC),
    }
    return checkout_payments.pay_by_card(call, session, card, payer)
