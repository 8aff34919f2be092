"""The job that mails a notification: over a real SMTP server, and what becomes of it when something is away."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from soulseer.mail import Mailer
from stack.ports import free_port
from tests.doubles.scripted import Answer, ScriptedServer
from workers.notifications import service
from workers.tools import Tools

JOB = uuid4()
GONE = {"code": 404, "error_code": "user_not_found", "msg": "User not found"}
USER, NOTIFICATION, TOKEN = str(uuid4()), str(uuid4()), str(uuid4())


class Provider:
    """An SMTP server that keeps what it is given, or answers what a test says."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self._lock = threading.Lock()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  its name
        await asyncio.sleep(0)
        content = envelope.content
        assert isinstance(content, bytes)
        with self._lock:
            if self.answer.startswith("250"):
                self.mails.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
            return self.answer


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def server(provider: Provider) -> Iterator[Controller]:
    controller = Controller(provider, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def mailing(tools: Tools, server: Controller, database: ScriptedServer) -> Tools:
    database.rpc("start_notification_email", Answer(body=mail()))
    database.rpc("finish_notification_email", Answer(body=True))
    person = {"id": USER, "aud": "authenticated", "email": "ada@example.test", "created_at": "2026-11-01T00:00:00Z"}
    person |= {"email_confirmed_at": "2026-11-01T00:00:00Z", "app_metadata": {}, "user_metadata": {}}
    database.on("GET", f"/auth/v1/admin/users/{USER}", Answer(body=person))
    return dataclasses.replace(
        tools, mailer=Mailer(f"smtp://127.0.0.1:{server.port}", "SoulSeer <n@soulseer.test>", "https://bridge.test/")
    )


def mail() -> dict[str, str]:
    return {
        "notification_id": NOTIFICATION, "user_id": USER, "kind": "payout_changed", "subject": "News of your payout",
        "sentence": "A payout arrived.", "unsubscribe_token": TOKEN,
    }  # fmt: skip


def test_a_mail_says_what_the_database_says_and_how_to_stop(
    mailing: Tools, provider: Provider, database: ScriptedServer
) -> None:
    service.send(mailing, JOB)

    (sent,) = provider.mails
    link = f"https://bridge.test/unsubscribe?token={TOKEN}"
    assert (sent["To"], sent["Subject"]) == ("ada@example.test", "News of your payout")
    assert sent["Message-ID"] == f"<{NOTIFICATION}@notifications.soulseer>"
    headers = (sent["List-Unsubscribe"].strip(), sent["List-Unsubscribe-Post"])
    assert headers == (f"<{link}>", "List-Unsubscribe=One-Click")
    text = sent.get_content()
    assert "A payout arrived." in text
    assert link in text
    assert len(database.calls("finish_notification_email")) == 1


def test_nothing_is_sent_of_what_is_done_already(mailing: Tools, provider: Provider, database: ScriptedServer) -> None:
    database.rpc("start_notification_email", Answer(body=None))
    service.send(mailing, JOB)
    assert provider.mails == []
    assert database.calls("finish_notification_email") == []


@pytest.mark.parametrize("answer", ["451 Later", "421 Away"])
def test_a_provider_that_asks_to_wait_is_asked_again(
    mailing: Tools, provider: Provider, database: ScriptedServer, answer: str
) -> None:
    provider.answer = answer
    service.send(mailing, JOB)
    (failed,) = database.calls("fail_outbox")
    assert failed["p_is_away"] is True
    assert database.calls("finish_notification_email") == []


def test_a_provider_that_is_away_is_asked_again(mailing: Tools, database: ScriptedServer) -> None:
    away = Mailer(f"smtp://127.0.0.1:{free_port()}", "n@soulseer.test", "https://bridge.test")
    service.send(dataclasses.replace(mailing, mailer=away), JOB)
    (failed,) = database.calls("fail_outbox")
    assert failed["p_is_away"] is True


def test_what_a_provider_refuses_for_good_ends(mailing: Tools, provider: Provider, database: ScriptedServer) -> None:
    provider.answer = "550 No such person"
    service.send(mailing, JOB)
    assert database.calls("fail_outbox") == []
    assert len(database.calls("finish_notification_email")) == 1


def test_without_a_provider_or_an_address_it_ends_unsent(
    mailing: Tools, provider: Provider, database: ScriptedServer
) -> None:
    service.send(dataclasses.replace(mailing, mailer=None), JOB)
    database.on("GET", f"/auth/v1/admin/users/{USER}", Answer(404, GONE))
    service.send(mailing, JOB)
    assert provider.mails == []
    assert len(database.calls("finish_notification_email")) == 2


def test_auth_that_is_away_is_asked_again(mailing: Tools, provider: Provider, database: ScriptedServer) -> None:
    database.on("GET", f"/auth/v1/admin/users/{USER}", Answer(503))
    service.send(mailing, JOB)
    assert provider.mails == []
    (failed,) = database.calls("fail_outbox")
    assert failed["p_is_away"] is True
