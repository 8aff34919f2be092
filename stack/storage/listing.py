"""Listing of a bucket's objects, in both versions of the API, of what the caller may see."""

import base64
import json
from typing import Annotated, Literal, LiteralString

from psycopg import sql
from psycopg.rows import dict_row
from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.storage.database import Connection
from stack.storage.errors import StorageError
from stack.storage.keys import JsonObject
from stack.storage.names import checked_bucket
from stack.storage.rows import moment
from stack.storage.server import Body, StorageServer, caller_of, read_body

Order = Literal["asc", "desc"]

# A folder is whatever several names begin with; it has no row. Folders come first.
_FOLDER = """
    with seen as (
        select o.*, split_part(substr(o.name, length(%(folder)s) + 1), '/', 1) as leaf,
               strpos(substr(o.name, length(%(folder)s) + 1), '/') = 0 as is_file
        from storage.objects o
        where o.bucket_id = %(bucket)s and starts_with(o.name, %(folder)s)
          and starts_with(lower(substr(o.name, length(%(folder)s) + 1)), lower(%(search)s))
    ), entries as (
        select leaf as name, null::uuid as id, null::timestamptz as updated_at, null::timestamptz as created_at,
               null::timestamptz as last_accessed_at, null::jsonb as metadata, 0 as rank
        from seen where not is_file group by leaf
        union all
        select leaf, id, updated_at, created_at, last_accessed_at, metadata, 1 from seen where is_file
    )
    select name, id::text, updated_at, created_at, last_accessed_at, metadata
    from entries order by rank, {column} {order}, name limit %(limit)s offset %(offset)s
"""

# A page goes on behind the place its cursor names. Folders are sorted by when their first object was made.
_PAGE = """
    with seen as (
        select o.*, case when %(delimited)s and strpos(substr(o.name, length(%(prefix)s) + 1), '/') > 0
                         then left(o.name, length(%(prefix)s) + strpos(substr(o.name, length(%(prefix)s) + 1), '/'))
                    end as folder
        from storage.objects o where o.bucket_id = %(bucket)s and starts_with(o.name, %(prefix)s)
    ), entries as (
        select folder collate "C" as name, null::uuid as id, min(updated_at) as updated_at,
               min(created_at) as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata,
               null::text as version, {folder_key} as key
        from seen where folder is not null group by folder
        union all
        select name collate "C", id, updated_at, created_at, last_accessed_at, metadata, version, {object_key} as key
        from seen where folder is null
    )
    select name, id::text, updated_at, created_at, last_accessed_at, metadata, version, key::text as key
    from entries where %(after_key)s::{type} is null or (key, name) {beyond} (%(after_key)s::{type}, %(after_name)s)
    order by key {order}, name {order} limit %(limit)s + 1
"""


class FolderSort(Body):
    """How a folder is sorted."""

    column: Literal["name", "id", "updated_at", "created_at", "last_accessed_at"] = "name"
    order: Order = "asc"


class FolderQuery(Body):
    """What of a folder is listed."""

    prefix: str = ""
    search: str = ""
    limit: Annotated[int, Field(ge=1)] = 100
    offset: Annotated[int, Field(ge=0)] = 0
    sort_by: Annotated[FolderSort, Field(alias="sortBy")] = FolderSort()


class PageSort(Body):
    """How pages are sorted."""

    column: Literal["name", "updated_at", "created_at"] = "name"
    order: Order = "asc"


class PageQuery(Body):
    """Which page is listed."""

    prefix: str = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    cursor: str | None = None
    with_delimiter: bool = False
    sort_by: Annotated[PageSort, Field(alias="sortBy")] = PageSort()


async def list_folder(request: Request) -> JSONResponse:
    """List folders and objects directly under a prefix, which is taken for a folder."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id = checked_bucket(request.path_params["bucket"])
    asked = await read_body(request, FolderQuery)
    folder = asked.prefix if not asked.prefix or asked.prefix.endswith("/") else f"{asked.prefix}/"
    query = sql.SQL(_FOLDER).format(column=sql.Identifier(asked.sort_by.column), order=_direction(asked.sort_by.order))
    values = {"folder": folder, "bucket": bucket_id, **asked.model_dump(include={"search", "limit", "offset"})}
    async with server.database.acting(caller, "object.list") as conn:
        return JSONResponse(await _entries(conn, query, values))


async def list_page(request: Request) -> JSONResponse:
    """List a page of the objects whose names begin with a prefix, below a delimiter as folders."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id = checked_bucket(request.path_params["bucket"])
    asked = await read_body(request, PageQuery)
    descending = asked.sort_by.order == "desc"
    by_name = asked.sort_by.column == "name"
    after = _read_cursor(asked.cursor)
    keys: tuple[LiteralString, LiteralString] = ('folder collate "C"', 'name collate "C"')
    query = sql.SQL(_PAGE).format(
        folder_key=sql.SQL(keys[0] if by_name else "min(created_at)"),
        object_key=sql.SQL(keys[1]) if by_name else sql.Identifier(asked.sort_by.column),
        type=sql.SQL("text" if by_name else "timestamptz"),
        beyond=sql.SQL("<" if descending else ">"),
        order=_direction(asked.sort_by.order),
    )
    values = {
        "bucket": bucket_id,
        "prefix": asked.prefix,
        "delimited": asked.with_delimiter,
        "after_key": after[0],
        "after_name": after[1],
        "limit": asked.limit,
    }
    async with server.database.acting(caller, "object.list_v2") as conn:
        found = await _entries(conn, query, values)
    return JSONResponse(_page(found, asked.limit))


async def _entries(conn: Connection, query: sql.Composed, values: dict[str, object]) -> list[JsonObject]:
    cursor = conn.cursor(row_factory=dict_row)
    await cursor.execute(query, values)
    times = ("updated_at", "created_at", "last_accessed_at")
    return [{**row, **{name: moment(row[name]) for name in times}} async for row in cursor]


def _page(found: list[JsonObject], limit: int) -> JsonObject:
    shown, more = found[:limit], len(found) > limit
    folders: list[JsonValue] = [{"name": entry["name"], "key": _key(entry)} for entry in shown if entry["id"] is None]
    objects: list[JsonValue] = [{**entry, "key": _key(entry)} for entry in shown if entry["id"] is not None]
    page: JsonObject = {"hasNext": more, "folders": folders, "objects": objects}
    if more:
        page["nextCursor"] = _cursor(shown[-1])
    return page


def _key(entry: JsonObject) -> JsonValue:
    name = entry["name"]
    return name.removesuffix("/") if isinstance(name, str) else name


def _cursor(entry: JsonObject) -> str:
    return base64.urlsafe_b64encode(json.dumps([entry["key"], entry["name"]]).encode()).decode()


def _read_cursor(cursor: str | None) -> tuple[str | None, str | None]:
    if cursor is None:
        return None, None
    try:
        key, name = json.loads(base64.urlsafe_b64decode(cursor))
        if isinstance(key, str) and isinstance(name, str):
            return key, name
    except ValueError:
        pass
    raise StorageError(400, "InvalidParameter", "Invalid Parameter cursor")


def _direction(order: Order) -> sql.SQL:
    return sql.SQL("desc" if order == "desc" else "asc")
