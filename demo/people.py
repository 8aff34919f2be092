"""People: each signs up and acts through supabase-py with the publishable key, as an app would."""

from typing import TypeVar
from uuid import UUID

from postgrest.exceptions import APIError
from pydantic import TypeAdapter
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from demo.rows import Row
from demo.waiting import DemoError
from stack.environment import StackEnv

RowT = TypeVar("RowT", bound=Row)


class Person:
    """Somebody who is signed in.

    Attributes:
        id: their user id.
        access_token: what they show to the bridge.
    """

    def __init__(self, client: Client, user_id: UUID, access_token: str) -> None:
        """Take a client that is signed in as this person."""
        self._client = client
        self.id = user_id
        self.access_token = access_token

    @classmethod
    def sign_up(cls, env: StackEnv, email: str, password: str) -> "Person":
        """Sign up by e-mail and password.

        Raises:
            DemoError: the sign-up gave no session.
        """
        # A session of an hour outlives the demonstration, and the renewal's timer would outlive the process's end.
        client = create_client(env.api_url, env.publishable_key, SyncClientOptions(auto_refresh_token=False))
        answer = client.auth.sign_up({"email": email, "password": password})
        if answer.user is None or answer.session is None:
            raise DemoError(f"{email} signed up and was given no session.", "auth")
        return cls(client, UUID(answer.user.id), answer.session.access_token)

    def call(self, function: str, answer: type[RowT], **arguments: object) -> RowT:
        """Call an RPC that answers one row.

        Raises:
            DemoError: it was refused, with the code and the sentence of the refusal.
        """
        return answer.model_validate(self._call(function, arguments))

    def tell(self, function: str, **arguments: object) -> None:
        """Call an RPC whose answer does not matter; raises as `call` does."""
        self._call(function, arguments)

    def _call(self, function: str, arguments: dict[str, object]) -> object:
        try:
            return self._client.rpc(function, arguments).execute().data
        except APIError as error:
            raise refused(function, error) from error

    def rows(self, table: str, row: type[RowT], **equal: object) -> list[RowT]:
        """Read rows this person may see, those whose columns equal what is given; newest last for ids in time order."""
        asked = self._client.table(table).select("*")
        for column, value in equal.items():
            asked = asked.eq(column, str(value))
        try:
            found = asked.execute().data
        except APIError as error:
            raise refused(f"reading {table}", error) from error
        return TypeAdapter(list[row]).validate_python(found)  # type: ignore[valid-type]  # a type made at run time

    def row(self, table: str, row: type[RowT], **equal: object) -> RowT:
        """Read the one row of a table that this person may see.

        Raises:
            DemoError: there is none, or more than one.
        """
        found = self.rows(table, row, **equal)
        if len(found) != 1:
            raise DemoError(f"{table} showed {len(found)} rows where one was expected.", "postgrest")
        return found[0]


def refused(what: str, error: APIError) -> DemoError:
    """Return a refusal of the API as the reason for which the demonstration ends."""
    told = " ".join(str(part) for part in (error.message, error.details, error.hint) if part)
    return DemoError(f"{what} was refused: {told} ({error.code}).", "postgrest", "postgres")
