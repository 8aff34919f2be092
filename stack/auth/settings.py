"""What the Auth stand-in reads from its environment, once, at start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[int, Field(gt=0)]


class AuthSettings(BaseSettings):
    """Settings of the stand-in; each is the variable `STACK_AUTH_` plus the name in upper case.

    Durations are in seconds. Those without a default must be set.
    """

    model_config = SettingsConfigDict(env_prefix="STACK_AUTH_", frozen=True)

    db_url: str
    """Postgres, as supabase_auth_admin."""
    port: int
    host: str = "127.0.0.1"
    signing_key_file: Path
    """ES256 private key as a JWK with a kid; signs access tokens."""
    jwt_secret: str
    """Secret of the legacy HS256 keys of the roles anon and service_role."""
    site_url: str
    """Where links in mails lead when the caller names no address."""
    issuer: str
    """Public address of this server; the iss claim and the start of every link in a mail."""

    autoconfirm: bool = True
    """New e-mail addresses count as confirmed at once."""
    signup_enabled: bool = True
    anonymous_enabled: bool = True
    password_min_length: Annotated[int, Field(ge=1, le=72)] = 6
    password_reauthentication: bool = False
    """A new password on a device signed in for more than a day needs a mailed code."""
    secure_email_change: bool = True
    """Both addresses are written to; both must confirm unless addresses confirm themselves."""
    bcrypt_cost: Annotated[int, Field(ge=4, le=16)] = 10
    token_seconds: Seconds = 3600
    reuse_seconds: Annotated[int, Field(ge=0)] = 10
    """How long a refresh token that was replaced is taken for a retry rather than for theft."""
    otp_seconds: Seconds = 3600
    otp_digits: Annotated[int, Field(ge=6, le=10)] = 6
    flow_seconds: Seconds = 300
    """How long the code of a PKCE link may be redeemed."""
    challenge_seconds: Seconds = 300
    """How long a second factor's challenge may be answered."""
    factor_seconds: Seconds = 300
    """How long a factor that was enrolled may wait for its first code."""
    max_factors: Annotated[int, Field(ge=1)] = 10
    hook_seconds: Annotated[float, Field(gt=0)] = 2.0
    redirect_urls: tuple[str, ...] = ()
    """Addresses beside the site's host that links may lead to; `*` matches anything. A JSON list."""
    smtp_port: int | None = None
    """Where mails of others are taken into the same mailbox; without it nowhere."""
    mailbox_file: Path | None = None
    """Where mails are kept across a restart; without it they live in memory."""
    pool_size: Annotated[int, Field(ge=1)] = 8
