"""A notification becomes a mail in the mailbox, and the mail's own link stops the next."""

from __future__ import annotations

import re

from tests.acceptance.people import Person, make_client
from tests.acceptance.platform import Platform
from tests.acceptance.waiting import eventually


def test_a_mail_comes_and_its_link_stops_the_next(platform: Platform) -> None:
    client = make_client(platform, 0)
    ((address,),) = (row.values() for row in platform.rows("select email from auth.users where id = %s", client.id))
    platform.rows("select private.notify(%s, 'topup_failed', '{}')", client.id)

    def mails() -> list[dict[str, str]]:
        found: list[dict[str, str]] = platform.http.get(platform.env.mailbox_url, params={"to": str(address)}).json()
        return [mail for mail in found if mail["kind"] == "smtp"]

    (mail,) = eventually(mails, "the mail")
    assert mail["subject"] == "Your top-up failed"
    link = re.search(r"http\S+/unsubscribe\?token=\S+", mail["text"])
    assert link is not None
    # Looked at by a program, nothing happens; one POST does it, again and again.
    assert "No more mails?" in platform.http.get(link[0]).text
    assert _is_mailed(client) is True
    for _ in range(2):
        answer = platform.http.post(link[0], data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "no more mails" in answer.text) == (200, True)
    assert _is_mailed(client) is False
    assert platform.http.post(f"{platform.env.bridge_url}/unsubscribe?token=x").json()["code"] == "invalid_input"


def _is_mailed(person: Person) -> bool:
    (row,) = person.supabase.table("notification_preferences").select("by_email").execute().data
    return bool(row["by_email"])
