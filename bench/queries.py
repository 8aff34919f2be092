"""The queries clients make, with their people and arguments, on a world that `stack.scale` made.

Each is what PostgREST sends for a request, without its wrapping. `where` and `order by` are as a client writes them;
what row-level security adds is not in the text, which is the point of measuring it.
"""

from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a client.

    Attributes:
        name: what it is for.
        text: the SQL.
        user: who asks; empty for a visitor.
        group: which of the measured six it belongs to; empty when it is only explained.
        months: most monthly partitions its plan may read; 0 when it reads no monthly table.
    """

    name: str
    text: str
    user: str
    group: str = ""
    months: int = 0


@dataclass(frozen=True, slots=True)
class Cast:
    """Whose rows are asked for: the busiest people of the world, since theirs are the hardest plans.

    Attributes:
        client: the client with most sessions.
        reader: the reader with most sessions.
        conversation: the conversation with most messages.
        member: one of its two people.
        chat: a session with chat messages, some forty days ago.
        chat_client: its client.
        admin: an administrator with every permission.
        open_reader: a verified reader with an appointment.
        month: the smallest id of this month.
        next_month: the smallest id of the next.
    """

    client: str
    reader: str
    conversation: str
    member: str
    chat: str
    chat_client: str
    admin: str
    open_reader: str
    month: str
    next_month: str

    @classmethod
    def of(cls, database: Connection) -> "Cast":
        """Find them.

        Args:
            database: a connection that reads past policies, to a database with a small and a large world in it.
        """

        def ask(text: str) -> tuple[str, ...]:
            row = database.execute(text.encode()).fetchone()
            if row is None:
                raise LookupError(f"No row: {text}")
            return tuple(str(value) for value in row)

        (client,) = ask("select client_id from public.sessions group by 1 order by count(*) desc, 1 limit 1")
        (reader,) = ask("select reader_id from public.sessions group by 1 order by count(*) desc, 1 limit 1")
        conversation, member = ask(
            "select c.id, c.first_id from public.conversations c join (select m.conversation_id, count(*) as n "
            "from public.messages m group by 1) m on m.conversation_id = c.id order by m.n desc, c.id limit 1"
        )
        chat, chat_client = ask(
            "select s.id, s.client_id from public.sessions s join public.chat_messages m on m.session_id = s.id "
            "where s.started_at < now() - interval '40 days' order by s.id desc limit 1"
        )
        (admin,) = ask("select user_id from public.admins limit 1")
        (open_reader,) = ask(
            "select b.reader_id from public.bookings b join public.readers r on r.user_id = b.reader_id "
            "where r.is_verified and exists (select from public.availability a where a.reader_id = b.reader_id) limit 1"
        )
        month, next_month = ask(
            "select private.uuid_v7_floor(m), private.uuid_v7_floor((m at time zone 'UTC' + interval '1 month') "
            "at time zone 'UTC') from date_trunc('month', now(), 'UTC') m"
        )
        return cls(client, reader, conversation, member, chat, chat_client, admin, open_reader, month, next_month)


_DIRECTORY: Final = {
    "no filter": "",
    "specialty": "p_specialty => 'tarot'",
    "rare specialty": "p_specialty => 'scrying'",
    "language": "p_language => 'de'",
    "rare language": "p_language => 'cy'",
    "type": "p_type => 'VIDEO'",
    "price": "p_max_price => 199",
    "price of nobody": "p_max_price => 20",
    "price of a type": "p_type => 'CALL', p_max_price => 249",
    "online": "p_online => true",
    "rating": "p_min_rating => 4.5",
    "text": "p_text => 'eclipses'",
    "name": "p_text => 'Tamar Thorn'",
    "several": "p_type => 'VIDEO', p_specialty => 'runes', p_language => 'ja', p_online => true, p_min_rating => 3",
    "next page": "p_after => '3.50_01800000-0000-7002-8000-000000000100'",
}


def _page(table: str, where: str, columns: str = "*", limit: int = 20) -> str:
    return f"select {columns} from public.{table} where {where} order by id desc limit {limit}"


def queries(cast: Cast) -> list[Query]:
    """Return every query that is explained; those with a group are also measured."""
    client, reader = f"'{cast.client}'", f"'{cast.reader}'"
    found = [
        Query(
            f"directory: {name}",
            f"select public.reader_directory({arguments})",
            "",
            "reader directory" if name == "several" else "",
        )
        for name, arguments in _DIRECTORY.items()
    ]
    return [
        *found,
        Query("my sessions, as client", _page("sessions", f"client_id = {client}"), cast.client, "my sessions"),
        Query("my sessions, as reader", _page("sessions", f"reader_id = {reader}"), cast.reader),
        Query(
            "my sessions, either side",
            _page("sessions", f"(client_id = {client} or reader_id = {client})"),
            cast.client,
        ),
        Query("my statement", "select * from public.wallet_statement()", cast.client, "my statement"),
        Query(
            "my statement, a month long past",
            "select * from public.wallet_statement(now() - interval '4 months', now() - interval '3 months')",
            cast.client,
        ),
        Query("my statement, as reader", "select * from public.reader_statement()", cast.reader),
        Query("my sums, as reader", "select * from public.reader_totals()", cast.reader),
        Query("my transactions", _page("transactions", f"user_id = {client}"), cast.client),
        Query("my wallet", f"select * from public.wallets where user_id = {client}", cast.client),
        Query("my earnings", f"select * from public.reader_earnings where user_id = {reader}", cast.reader),
        Query(
            "a conversation's last page",
            _page("messages", f"conversation_id = '{cast.conversation}'", limit=50),
            cast.member,
            "a conversation's last page",
        ),
        Query(
            "my conversations", _page("conversations", f"(first_id = {client} or second_id = {client})"), cast.client
        ),
        # Ids are times: a session's messages come after its own id, so the months before it are never opened.
        Query(
            "a session's chat",
            _page("chat_messages", f"session_id = '{cast.chat}' and id >= '{cast.chat}'", limit=50),
            cast.chat_client,
            months=7,
        ),
        Query(
            "audit, one month",
            _page(
                "audit_logs",
                f"id >= '{cast.month}' and id < '{cast.next_month}'",
            ),
            cast.admin,
            months=1,
        ),
        Query("forum search, rare word", "select * from public.search_forum('eclipse')", cast.client, "forum search"),
        Query("forum search, common words", "select * from public.search_forum('moon river')", cast.client),
        Query("forum, newest", _page("forum_posts", "status = 'PUBLISHED'"), cast.client),
        Query(
            "a reader's free slots",
            f"select * from public.free_slots('{cast.open_reader}', now(), now() + interval '28 days')",
            cast.client,
            "a reader's free slots",
        ),
        Query("a reader's reviews", _page("reviews", f"reader_id = {reader}"), cast.client),
    ]


def become(database: Connection, user: str, role: str = "") -> None:
    """Let a connection act as PostgREST does for a request, until the transaction ends.

    Args:
        database: a connection of a role that may become the others, in a transaction.
        user: whose token it is; empty for a visitor.
        role: another role than the token's, such as service_role.
    """
    chosen = role or ("authenticated" if user else "anon")
    database.execute(sql.SQL("set local role {}").format(sql.Identifier(chosen)))
    claims = f'{{"sub": "{user}", "role": "{chosen}", "aal": "aal1"}}' if user else f'{{"role": "{chosen}"}}'
    database.execute("select set_config('request.jwt.claims', %s, true)", [claims])
