"""The access matrix of `policies/access.yaml`: what it says, and the page of `docs/` made of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from stack.paths import PROJECT_ROOT

PLACE = PROJECT_ROOT / "policies" / "access.yaml"
PERMISSIONS = ("manage_users", "manage_finances", "moderate_content", "manage_settings")
Role = Literal["anon", "authenticated", "service_role"]
ROLES: tuple[Role, ...] = ("anon", "authenticated", "service_role")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls, as far as rights depend on it.

    Attributes:
        role: the database role the token names.
        active: the account is ACTIVE in the table.
        named: no anonymous sign-in.
        permissions: what an administrator may do.
    """

    role: Role
    active: bool = False
    named: bool = True
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Right:
    """A right as the matrix writes it: [standing] person [if rows].

    Attributes:
        standing: active, account, or empty.
        person: who has it.
        rows: name of the condition on rows, or empty.
    """

    standing: str
    person: str
    rows: str

    @classmethod
    def parse(cls, text: str) -> "Right":
        """Return the right that a line of the matrix writes."""
        subject, _, rows = text.partition(" if ")
        standing, _, person = subject.rpartition(" ")
        return cls(standing, person, rows)

    def is_for(self, role: Role) -> bool:
        """Tell whether anyone of a database role may have it: whether that role needs the privilege."""
        if role == "service_role":
            return self.person == "service_role"
        return self.person == "anyone" or (role == "authenticated" and self.person != "service_role")

    def holds(self, caller: Caller, people: Collection[str], rows: Collection[str]) -> bool:
        """Tell whether a caller has it on a row.

        Args:
            caller: who calls.
            people: what the row names the caller as.
            rows: names of the conditions the row meets.
        """
        if not self.is_for(caller.role) or (self.rows and self.rows not in rows):
            return False
        if (self.standing and not caller.active) or (self.standing == "account" and not caller.named):
            return False
        if self.person in PERMISSIONS:
            return caller.active and self.person in caller.permissions
        return self.person in ("anyone", "signed_in", "service_role") or self.person in people


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Part):
    """Rights on a table or view of public; the matrix explains its members."""

    key: str = "id"
    people: dict[str, str] = Field(default_factory=dict)
    rows: dict[str, str] = Field(default_factory=dict)
    hidden: list[str] = Field(default_factory=list)
    read: list[str]
    insert: dict[str, list[str]] = Field(default_factory=dict)
    update: dict[str, list[str]] = Field(default_factory=dict)
    delete: list[str] = Field(default_factory=list)

    def readers(self) -> list[Right]:
        """Return who reads."""
        return [Right.parse(text) for text in self.read]

    def inserters(self, column: str | None = None) -> list[Right]:
        """Return who inserts, or who gives a value to a column on insert."""
        return [Right.parse(text) for text, columns in self.insert.items() if column is None or column in columns]

    def updaters(self, column: str | None = None) -> list[Right]:
        """Return who updates anything, or a column."""
        return [Right.parse(text) for text, columns in self.update.items() if column is None or column in columns]

    def deleters(self) -> list[Right]:
        """Return who deletes."""
        return [Right.parse(text) for text in self.delete]


class Function(_Part):
    """Rights on a function of public."""

    call: list[str]
    needs: list[str] = Field(default_factory=list)

    def callers(self) -> list[Right]:
        """Return who reaches it."""
        return [Right.parse(text) for text in self.call]


class Schemas(_Part):
    """What of the database the API shows, and which schemas a role may use."""

    exposed: list[str]
    use: dict[Role, list[str]]


class Behind(_Part):
    """What the API does not show, and what the roles hold there."""

    closed: dict[str, list[str]]
    partitioned: list[str]
    open: dict[str, dict[Role, str]]
    functions: dict[str, dict[str, list[str]]]
    types: dict[str, list[str]]


class Bucket(_Part):
    """Rights on the files of a bucket; the matrix explains its members."""

    public: bool = False
    folder: str
    read: list[str]
    insert: list[str]
    update: list[str]
    delete: list[str]

    def rights(self, action: str) -> list[Right]:
        """Return who reads, inserts, updates or deletes."""
        return [Right.parse(text) for text in getattr(self, action)]


class Matrix(_Part):
    """The whole matrix."""

    tables: dict[str, Table]
    needs: dict[str, str]
    functions: dict[str, Function]
    worker_api: list[str]
    schemas: Schemas
    behind: Behind
    topics: dict[str, dict[str, list[str]]]
    buckets: dict[str, Bucket]


def load() -> Matrix:
    """Read the matrix.

    Raises:
        pydantic.ValidationError: it is not written as it should be.
    """
    return Matrix.model_validate(yaml.safe_load(PLACE.read_text()))


_HEAD = """# Access

Made by `soulseer docs build` from `policies/access.yaml`. Tests try every cell of it through the API, with real
tokens.

Whatever is not written here is refused. *Active* is an account whose status is ACTIVE in the table, whatever its token
says; an *account* is active and no anonymous sign-in. Writes need an active account unless a line says otherwise.

## At a glance

R read, I insert, U update, D delete; small letters: some rows only. An administrator has what any account has, and
besides what the permission's column shows.

"""


def page() -> str:
    """Return docs/access.md."""
    matrix = load()
    sections = {
        "Tables and views": "".join(_table(name, table) for name, table in matrix.tables.items()),
        "Calls": _functions(matrix),
        "Topics": _topics(matrix),
        "Files": _files(matrix),
        "Behind the API": _behind(matrix),
    }
    return _HEAD + _overview(matrix) + "".join(f"\n## {title}\n\n{text.lstrip()}" for title, text in sections.items())


def _glances() -> dict[str, tuple[Caller, bool]]:
    """Return the columns of the overview: who calls, and whether the rows are theirs."""
    account = Caller("authenticated", active=True)
    suspended = Caller("authenticated")
    return {
        "visitor": (Caller("anon"), False),
        "account, own rows": (account, True),
        "others' rows": (account, False),
        "anonymous sign-in, own rows": (Caller("authenticated", active=True, named=False), True),
        "suspended or banned, own rows": (suspended, True),
        **{
            permission: (Caller("authenticated", active=True, permissions=frozenset({permission})), False)
            for permission in PERMISSIONS
        },
        "service_role": (Caller("service_role"), False),
    }


def _overview(matrix: Matrix) -> str:
    columns = _glances()
    lines = [f"| table | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for name, table in matrix.tables.items():
        cells = (_letters(table, caller, table.people if own else ()) for caller, own in columns.values())
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _letters(table: Table, caller: Caller, people: Collection[str]) -> str:
    actions = {"R": table.readers(), "I": table.inserters(), "U": table.updaters(), "D": table.deleters()}
    return "".join(_letter(letter, rights, caller, people) for letter, rights in actions.items()) or "-"


def _letter(letter: str, rights: Iterable[Right], caller: Caller, people: Collection[str]) -> str:
    held = [right for right in rights if right.holds(caller, people, {right.rows})]
    if not held:
        return ""
    return letter if any(not right.rows for right in held) else letter.lower()


def _table(name: str, table: Table) -> str:
    terms = {"People": table.people, "Rows": table.rows}
    prose = [
        f"{kind}: {'; '.join(f'*{said}*: `{meant}`' for said, meant in named.items())}.\n\n"
        for kind, named in terms.items()
        if named
    ]
    lines = ["- read: " + "; ".join(table.read)]
    if table.hidden:
        lines.append(f"- read by service_role only: {_code(table.hidden)}")
    lines += [f"- insert: {who}: {_code(columns)}" for who, columns in table.insert.items()]
    lines += [f"- update: {who}: {_code(columns)}" for who, columns in table.update.items()]
    if table.delete:
        lines.append("- delete: " + "; ".join(table.delete))
    return f"\n### {name}\n\n" + "".join(prose) + "\n".join(lines) + "\n"


def _functions(matrix: Matrix) -> str:
    lines = ["| function | called by | asks of its caller, in this order |", "| --- | --- | --- |"]
    for name, function in matrix.functions.items():
        needs = ", ".join(f"{need} (`{matrix.needs[need]}`)" for need in function.needs)
        lines.append(f"| `{name}` | {', '.join(function.call) or 'nobody'} | {needs} |")
    lines.append(f"\n`worker_api`, for service_role and nobody else: {_code(matrix.worker_api)}.")
    return "\n".join(lines) + "\n"


def _topics(matrix: Matrix) -> str:
    lines = ["| topic | received by | broadcasts sent by | presence sent by |", "| --- | --- | --- | --- |"]
    for topic, rights in matrix.topics.items():
        cells = (", ".join(rights.get(what, [])) or "nobody" for what in ("receive", "broadcast", "presence"))
        lines.append(f"| `{topic}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _files(matrix: Matrix) -> str:
    text = (
        "Everyone inserts into their own name and changes or deletes what is their own, besides what is said here; the"
        " folder says whose or of what a file is. What lies in a public bucket is read by its address, by anyone.\n\n"
        "| bucket | folder | read | insert | update | delete |\n| --- | --- | --- | --- | --- | --- |\n"
    )
    for name, bucket in matrix.buckets.items():
        cells = ("; ".join(held) for held in (bucket.read, bucket.insert, bucket.update, bucket.delete))
        text += f"| `{name}`{', public' if bucket.public else ''} | `{bucket.folder}` | {' | '.join(cells)} |\n"
    return text


def _behind(matrix: Matrix) -> str:
    behind = matrix.behind
    lines = [f"The API shows the schemas {_code(matrix.schemas.exposed)} and no other. No role may create anything.\n"]
    lines += [f"- {role} may use the schemas {_code(names)}" for role, names in matrix.schemas.use.items()]
    lines += [f"- nobody holds anything of `{schema}`: {_code(names)}" for schema, names in behind.closed.items()]
    lines.append(f"- nobody holds any partition of {_code(behind.partitioned)}")
    for name, roles in behind.open.items():
        held = "; ".join(f"{role} {privileges}" for role, privileges in roles.items())
        lines.append(f"- `{name}`, under row-level security where it is a table: {held}")
    for schema, groups in behind.functions.items():
        lines += [f"- functions of `{schema}` for {roles}: {_code(names)}" for roles, names in groups.items()]
    return "\n".join(lines) + "\n"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
