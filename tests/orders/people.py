"""Who is in the stories, and what they have before one begins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import uuid4

from tests.orders.desk import Desk
from tests.simulation.door import caller, literal


@dataclass
class People:
    """Makes people in the database of a desk; what they are given stays."""

    desk: Desk

    def sign_up(self) -> str:
        """Return somebody with an account."""
        user = str(uuid4())
        self.desk.lasting(
            "insert into auth.users (id, aud, role, email) "
            f"values ('{user}', 'authenticated', 'authenticated', '{user}@example.test')"
        )
        return user

    def as_person(self, user: str, call: str) -> str:
        """Run a call of the public API as somebody, to stay, and return what it answers as text."""
        text = self.desk.text(f"begin; select {caller('authenticated', user, 'aal2')}; select {call}")
        self.desk.lasting("commit")
        return text

    def reader(self) -> str:
        """Return somebody who reads."""
        user, admin = self.sign_up(), self.sign_up()
        permissions = literal(["manage_users", "manage_finances", "moderate_content", "manage_settings"])
        self.desk.lasting(f"select worker_api.appoint_admin('{admin}', {permissions})")
        self.as_person(
            user,
            "public.apply_as_reader(p_first_name => 'Ada', p_last_name => 'Reader', p_bio => 'Reads.', "
            "p_specialties => '{tarot}', p_session_types => '{CHAT}', "
            f"p_pricing => {literal(json.dumps({'CHAT': 300}))}, p_timezone => 'Europe/Berlin')",
        )
        self.as_person(admin, f"public.review_reader_application(p_user_id => '{user}', p_approve => true)")
        return user

    def begin_topup(self, user: str, amount: int) -> str:
        """Write a top-up down that is to be paid; return its transaction."""
        answer = self.desk.call(
            "begin_topup",
            {"p_user_id": user, "p_amount": amount, "p_currency": "USD", "p_idempotency_key": str(uuid4())},
        )
        return str(json.loads(answer)["transaction_id"])

    def tip(self, user: str, reader: str, amount: int) -> None:
        """Let somebody pay a reader, who earns seven tenths of it, cleared at once."""
        self.desk.lasting(
            "with made as (insert into public.transactions (user_id, type, amount, status, reader_earnings, "
            f"platform_revenue) values ('{user}', 'TIP', {amount}, 'COMPLETED', {amount * 7 // 10}, "
            f"{amount - amount * 7 // 10}) returning id) "
            f"select private.spend(made.id, 'tip', '{user}', '{reader}', {amount}, 7000) from made; "
            "set session_replication_role = replica; update ledger.earnings set clears_at = earned_at; "
            "reset session_replication_role"
        )
