"""The parts every connection and endpoint works with, made once at start."""

from dataclasses import dataclass

from stack.realtime.changes import Changes
from stack.realtime.limits import Rate
from stack.realtime.policies import Authorizer, Pool
from stack.realtime.replication import Feed
from stack.realtime.rooms import Rooms
from stack.realtime.settings import RealtimeSettings
from stack.realtime.tokens import Verifier


@dataclass(frozen=True, slots=True)
class RealtimeServer:
    """The server.

    Attributes:
        settings: as read at start.
        pool: connections of supabase_realtime_admin.
        verifier: knows the keys of tokens.
        authorizer: asks the policies.
        rooms: who is where.
        changes: who listens to which table.
        feed: what the database commits.
        joins: rate of joins.
        messages: rate of what clients send.
        presences: rate of what clients tell about themselves.
    """

    settings: RealtimeSettings
    pool: Pool
    verifier: Verifier
    authorizer: Authorizer
    rooms: Rooms
    changes: Changes
    feed: Feed
    joins: Rate
    messages: Rate
    presences: Rate

    @classmethod
    def of(cls, settings: RealtimeSettings, pool: Pool) -> "RealtimeServer":
        """Make the parts.

        Raises:
            ValueError: the key set cannot be read.
        """
        rooms = Rooms()
        changes = Changes(pool, settings.roles)
        return cls(
            settings=settings,
            pool=pool,
            verifier=Verifier.load(settings.jwks_file),
            authorizer=Authorizer(pool, settings.roles),
            rooms=rooms,
            changes=changes,
            feed=Feed(settings, rooms, changes),
            joins=Rate(settings.joins_per_second),
            messages=Rate(settings.messages_per_second),
            presences=Rate(settings.presences_per_second),
        )
