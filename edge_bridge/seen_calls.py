"""Remembers in Redis which signed calls have come, so that each is taken once."""

from __future__ import annotations

from typing import Final

import redis
from redis import RedisError
from starlette.concurrency import run_in_threadpool

from edge_bridge.signatures import TOLERANCE_SECONDS
from soulseer import logs
from soulseer.errors import UnavailableError

log = logs.get(__name__)

_PREFIX: Final = "soulseer:seen-call:"
# A call stamped as far ahead as is allowed stays good for twice the tolerance; a minute more for clocks.
_KEPT_SECONDS: Final = 2 * TOLERANCE_SECONDS + 60


class SeenCalls:
    """The ids of the calls of the last minutes, shared by every process of the bridge.

    Args:
        client: Redis.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    async def add(self, call_id: str) -> bool:
        """Remember a call whose signature was found good; tell whether it is new.

        Args:
            call_id: Its webhook-id.

        Raises:
            UnavailableError: Redis is away. The call is refused: what cannot be told from a replay is not taken.
        """
        try:
            answer = await run_in_threadpool(self._redis.set, _PREFIX + call_id, b"", nx=True, ex=_KEPT_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("seen_calls_away", error=str(error))
            raise UnavailableError("the record of calls cannot be reached", code="service_unavailable") from error
        return bool(answer)
