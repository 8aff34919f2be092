"""What the Storage stand-in reads from its environment, once, at start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[int, Field(gt=0)]
Bytes = Annotated[int, Field(gt=0)]


class StorageSettings(BaseSettings):
    """Settings of the stand-in; each is the variable `STACK_STORAGE_` plus the name in upper case.

    Those without a default must be set.
    """

    model_config = SettingsConfigDict(env_prefix="STACK_STORAGE_", frozen=True)

    db_url: str
    """Postgres, as supabase_storage_admin."""
    port: int
    host: str = "127.0.0.1"
    folder: Path
    """Where the bytes lie; nothing else may write there."""
    jwks_file: Path
    """Keys that verify tokens, as a JWK set: the public key of people's tokens and the secret, which signs URLs."""
    file_size_limit: Bytes = 50 * 1024 * 1024
    """The largest object of any bucket, in bytes."""
    upload_url_seconds: Seconds = 7200
    """How long a signed upload URL may be used."""
    pool_size: Annotated[int, Field(ge=1)] = 8
