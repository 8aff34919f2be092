"""The operator's acts, with the secret keys: settings, the first administrator, the ledger's proof, Stripe's word."""

from collections.abc import Mapping
from uuid import UUID

import stripe
from postgrest.exceptions import APIError
from pydantic import BaseModel, TypeAdapter
from supabase import create_client
from supabase.lib.client_options import SyncClientOptions

from demo.people import refused
from soulseer.stripe_client import API_VERSION
from stack.environment import StackEnv


class LedgerCheck(BaseModel):
    """The proof: balanced, or what is wrong."""

    balanced: bool
    problems: list[dict[str, object]]


class _Setting(BaseModel):
    """A row of system_settings."""

    key: str
    value: str


class Backoffice:
    """The operator of one stack."""

    def __init__(self, env: StackEnv) -> None:
        """Args: the stack's addresses and keys."""
        self._client = create_client(env.api_url, env.secret_key, SyncClientOptions(auto_refresh_token=False))
        self._stripe = stripe.StripeClient(
            env.stripe_secret_key, stripe_version=API_VERSION, base_addresses={"api": env.stripe_api_url}
        )

    def change_settings(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Change settings of the platform and return what they were before."""
        found = self._client.table("system_settings").select("key, value").in_("key", list(settings)).execute().data
        before = {row.key: row.value for row in TypeAdapter(list[_Setting]).validate_python(found)}
        for key, value in settings.items():
            self._call("change_setting", p_key=key, p_value=value)
        return before

    def appoint_admin(self, user_id: UUID, *permissions: str) -> None:
        """Make somebody an administrator."""
        self._call("appoint_admin", p_user_id=str(user_id), p_permissions=list(permissions))

    def check_ledger(self) -> LedgerCheck:
        """Prove the ledger."""
        return LedgerCheck.model_validate(self._call("check_ledger"))

    def bank_payout_status(self, account_id: str, payout_id: str) -> str:
        """Return what Stripe says of a payout to a reader's bank, as its dashboard shows it."""
        return self._stripe.v1.payouts.retrieve(payout_id, options={"stripe_account": account_id}).status

    def _call(self, function: str, **arguments: object) -> object:
        try:
            rpc = self._client.schema("worker_api").rpc
            # The library's types know arguments that are text.
            return rpc(function, arguments).execute().data  # type: ignore[arg-type]
        except APIError as error:
            raise refused(f"worker_api.{function}", error) from error
