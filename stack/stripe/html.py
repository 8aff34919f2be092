"""How pages look: plain HTML without scripts, readable on a phone and by a screen reader."""

from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1a1f36 }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #e3e8ee; font-size: .9rem }
button { font: inherit; padding: .5rem 1rem; margin-right: .5rem; cursor: pointer }
code { font-size: .85rem } label { display: block; margin: .4rem 0 }
.pay { max-width: 30rem; margin: 0 auto } .amount { font-size: 2.2rem; font-weight: 600; margin: 0 }
.pay fieldset { border: 1px solid #c1c9d2; border-radius: .5rem; margin: 1rem 0; padding: .5rem 1rem 1rem }
.pay legend { font-weight: 600; padding: 0 .3rem } .pay label:focus-within { background: #f0f3ff }
.pay input:not([type=radio]) { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem .6rem }
.pay button { width: 100%; margin: .3rem 0; border: 1px solid #4f46e5; border-radius: .4rem; background: #fff }
.pay button.main { background: #4f46e5; color: #fff } .hint { color: #4b5567; font-size: .9rem }
.alert { border-left: .3rem solid #c0123c; background: #fdf0f3; padding: .5rem 1rem }
"""


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A page: a title, which is its heading too, and HTML below it."""
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1>{body}</main></html>",
        status,
    )


def money(amount: int, currency: str) -> str:
    """An amount of minor units as people read it."""
    shown = f"{amount}" if currency == "jpy" else f"{amount / 100:,.2f}"
    return f"{shown} {currency.upper()}"


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of text."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{lines}</table>"
