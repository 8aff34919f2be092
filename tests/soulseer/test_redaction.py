"""No secret is written to a log, whatever it is called and wherever it stands."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from soulseer import logs, request_id
from soulseer.redaction import MASK, mask

# Put together here, so that no scanner takes this file for a leak.
SECRETS = [
    "sk_" + "live_51Habcdefghijklmnop",
    "rk_" + "test_51Habcdefghijklmnop",
    "whsec_" + "abcdefghijklmnop",
    "sb_secret_" + "N7abcdefghijklmnop",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl",
    "pi_3Habc_secret_" + "abcdefghijkl",
    "Bearer " + "abcdefghijklmnop",
]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Give a function that returns what was logged, and leave logging as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield lambda: capsys.readouterr().err
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(
    written: Callable[[], str], secret: str, log_format: logs.LogFormat
) -> None:
    logs.configure("test", log_format=log_format)
    log = structlog.stdlib.get_logger("test")

    log.info("said", text=f"key {secret} end", nested={"list": [secret]}, raw=secret.encode())
    log.warning("in the event itself: " + secret)  # noqa: G003  what a careless caller writes
    logging.getLogger("library").warning("by a library: %s", secret)
    try:
        int(secret)
    except ValueError:
        log.exception("raised")

    text = written()
    assert secret not in text
    assert text.count(MASK) >= 4


@pytest.mark.parametrize("name", ["password", "api_key", "apikey", "Authorization", "client_secret", "cookie", "token"])
def test_a_value_is_masked_by_the_name_of_its_key(name: str) -> None:
    assert {name: MASK, "amount": 399} == mask({name: "innocent looking", "amount": 399})


def test_a_password_inside_a_url_is_masked() -> None:
    assert f"redis://{MASK}@cache:6379/0" == mask("redis://user:hunter2@cache:6379/0")


def test_every_line_carries_the_request_id_and_the_service(written: Callable[[], str]) -> None:
    logs.configure("bridge", log_format="json")

    with request_id.bound("req-1", job="stripe.event"):
        structlog.stdlib.get_logger("test").info("inside")
        logging.getLogger("library").warning("from a library")

    lines = [json.loads(line) for line in written().splitlines()]
    assert [(line["service"], line["request_id"], line["job"]) for line in lines] == [
        ("bridge", "req-1", "stripe.event")
    ] * 2


@pytest.mark.parametrize("offered", [None, "", "a b", "x" * 200, "line\nbreak", "-leading"])
def test_an_offered_request_id_of_another_form_is_replaced(offered: str | None) -> None:
    assert request_id.accept(offered).startswith("req_")
    assert request_id.accept(offered) != offered
