"""What a running stack tells the outside: addresses and keys, as `soulseer status -o env` prints them."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from stack.keys import StackKeys


@dataclass(frozen=True, slots=True)
class StackEnv:
    """Addresses and keys of a stack; the names in capitals are those of the shell variables."""

    api_url: str
    db_url: str
    publishable_key: str
    secret_key: str
    anon_key: str
    service_role_key: str
    jwt_secret: str
    redis_url: str
    stripe_api_url: str
    stripe_secret_key: str
    stripe_publishable_key: str
    webhook_url: str
    webhook_secret: str
    connect_webhook_url: str
    connect_webhook_secret: str
    bridge_url: str
    functions_url: str
    mailbox_url: str
    smtp_url: str

    @classmethod
    def of(cls, keys: StackKeys, ports: Mapping[str, int]) -> "StackEnv":
        """Return the environment of a stack with these keys and ports."""

        def local(part: str, path: str = "") -> str:
            return f"http://127.0.0.1:{ports[part]}{path}"

        return cls(
            api_url=local("gateway"),
            db_url=f"postgresql://postgres:postgres@127.0.0.1:{ports['postgres']}/postgres",
            publishable_key=keys.publishable_key,
            secret_key=keys.secret_key,
            anon_key=keys.anon_key,
            service_role_key=keys.service_role_key,
            jwt_secret=keys.jwt_secret,
            redis_url=f"redis://127.0.0.1:{ports['valkey']}/0",
            stripe_api_url=local("stripe"),
            stripe_secret_key=keys.stripe_secret_key,
            stripe_publishable_key=keys.stripe_publishable_key,
            webhook_url=local("webhooks", "/stripe/platform"),
            webhook_secret=keys.webhook_secret,
            connect_webhook_url=local("webhooks", "/stripe/connect"),
            connect_webhook_secret=keys.connect_webhook_secret,
            bridge_url=local("bridge"),
            functions_url=local("gateway", "/functions/v1"),
            mailbox_url=local("auth", "/mailbox"),
            smtp_url=f"smtp://127.0.0.1:{ports['smtp']}",
        )

    def variables(self) -> dict[str, str]:
        """Return it as variables, in the order of the fields."""
        return {name.upper(): value for name, value in asdict(self).items()}

    def as_shell(self) -> str:
        """Return it as lines a shell can read with `eval` or `source`."""
        return "\n".join(f"{name}={shlex.quote(value)}" for name, value in self.variables().items())
