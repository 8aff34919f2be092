"""POST /turn-credentials: short-lived credentials of a TURN server, by coturn's shared-secret scheme.

The server knows the secret and no users: a user name begins with the time it expires, and its password is the HMAC of
the name. Who may have one is the database's to say.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from edge_bridge.inputs import TurnInput
from soulseer import logs
from soulseer.errors import SoulSeerError
from soulseer.rpc import AsyncRpc, Row
from soulseer.settings import BridgeSettings
from soulseer.worker_api import edge_calls

log = logs.get(__name__)


class TurnAnswer(Row):
    """What the browser gives to RTCPeerConnection as one of its `iceServers`.

    Attributes:
        urls: Addresses of the server.
        username: "<expiry>:<session>:<side>".
        credential: The password.
        ttl: Seconds it is good for.
        expires_at: Until when.
    """

    urls: tuple[str, ...]
    username: str
    credential: str
    ttl: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TurnServer:
    """The server that relays media.

    Attributes:
        urls: Its addresses.
        secret: What it shares with us (`static-auth-secret`).
        ttl: Seconds that credentials are good for.
    """

    urls: tuple[str, ...]
    secret: str
    ttl: int

    @classmethod
    def of(cls, settings: BridgeSettings) -> TurnServer | None:
        """Return the server of the settings, or None where there is none.

        Args:
            settings: The bridge's settings.
        """
        if settings.turn_secret is None:
            return None
        return cls(settings.turn_urls, settings.turn_secret.get_secret_value(), settings.turn_ttl_seconds)

    def admit(self, session_id: UUID, side: edge_calls.Side, *, now: float) -> TurnAnswer:
        """Return credentials for one side of a session.

        Args:
            session_id: The session.
            side: The side.
            now: Seconds since the epoch.
        """
        expiry = int(now) + self.ttl
        username = f"{expiry}:{session_id}:{side}"
        # SHA-1 is what the scheme and its servers speak; as a MAC it is not broken.
        mark = hmac.digest(self.secret.encode(), username.encode(), "sha1")
        return TurnAnswer(
            urls=self.urls,
            username=username,
            credential=b64encode(mark).decode(),
            ttl=self.ttl,
            expires_at=datetime.fromtimestamp(expiry, UTC),
        )


async def give(rpc: AsyncRpc, server: TurnServer | None, user_id: UUID, asked: TurnInput) -> TurnAnswer:
    """Give credentials to a participant of a session that is about to start or in progress, and to nobody else.

    Args:
        rpc: The door to the database.
        server: The TURN server.
        user_id: The verified user.
        asked: What was asked for.

    Raises:
        RpcError: The database refused (not_participant, account_suspended, invalid_state).
        SoulSeerError: turn_not_configured (503).
    """
    if server is None:
        raise SoulSeerError(
            "turn_not_configured",
            status=503,
            message="No server relays media here.",
            hint="Connect the two sides directly; repeating does not help.",
        )
    side = await rpc.run(edge_calls.turn_side(user_id, asked.session_id))
    log.info("turn_credentials_given", session_id=str(asked.session_id), side=side)
    return server.admit(asked.session_id, side, now=time.time())
