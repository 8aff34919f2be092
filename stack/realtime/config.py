"""What a client asks for when it joins a channel."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.realtime.tokens import JsonObject


class InvalidJoinError(Exception):
    """The payload of a join cannot be understood."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class BroadcastConfig(_Part):
    """How a channel broadcasts: whether it hears itself, whether the server says that it took a message."""

    ack: bool = False
    to_self: bool = Field(default=False, alias="self")
    replication_ready: bool = False


class PresenceConfig(_Part):
    """Under which key a channel is present, and whether it wants to know who else is."""

    key: str | None = None
    enabled: bool = False


class ChannelConfig(_Part):
    """The member `config` of a join; null means the member is absent."""

    broadcast: BroadcastConfig | None = None
    presence: PresenceConfig | None = None
    postgres_changes: list[JsonObject | None] | None = None
    private: bool | None = None


class Join(_Part):
    """A join's payload."""

    config: ChannelConfig | None = None
    access_token: str | None = None
    user_token: str | None = None

    @classmethod
    def read(cls, payload: JsonObject) -> "Join":
        """Read a payload.

        Raises:
            InvalidJoinError: a member has another type. Hosted takes the default instead; a channel that was meant to
                be private must not become public by a typing error, so this refuses.
        """
        try:
            return cls.model_validate(payload)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InvalidJoinError(f"{first['msg']} at {where}") from error

    @property
    def token(self) -> str | None:
        """The user's token, if one is named."""
        return self.user_token or self.access_token

    @property
    def changes(self) -> list[JsonObject]:
        """The tables it wants to hear of."""
        listed = self.config.postgres_changes if self.config else None
        return [wanted for wanted in listed or [] if wanted is not None]
