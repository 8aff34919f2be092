"""Writes `supabase/types/`: the schema `public` as types, for clients in TypeScript and in Python.

They are what `supabase gen types` says, formatted so that a change of the schema is a change of a few lines.
"""

import re
import subprocess
import sys
from pathlib import Path

from stack import supabase_cli
from stack.binaries import find_deno
from stack.errors import StackError
from stack.paths import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "supabase" / "types"
_MADE = "Made by `soulseer types build` from the schema public."
_TYPESCRIPT = f"// {_MADE} Give it to the client: createClient<Database>(url, key).\n\n"
_PYTHON = f'"""{_MADE} Models of rows, and what may be sent."""\n\n'
_WIDTH = "120"
_UNKNOWN_TYPE = re.compile(r"\bPgCatalog\w+\b")
_ALIAS = re.compile(r"^(\w+): TypeAlias = .*\n\n?", re.MULTILINE)


def texts(dsn: str) -> dict[Path, str]:
    """Return each file and what it must hold, as the database at `dsn` (the postgres role) says it.

    Raises:
        StackError: the Supabase CLI or a formatter failed.
    """
    return {
        FOLDER / "database.ts": _formatted_typescript(_TYPESCRIPT + _generate("typescript", dsn)),
        FOLDER / "database.py": _formatted_python(_PYTHON + _completed(_generate("python", dsn))),
    }


def build(dsn: str) -> list[Path]:
    """Write the files that differ and return their places."""
    changed = [(place, text) for place, text in texts(dsn).items() if not place.exists() or place.read_text() != text]
    for place, text in changed:
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return [place for place, _ in changed]


def _generate(language: str, dsn: str) -> str:
    made = supabase_cli.run(["gen", "types", "--lang", language, "--schema", "public"], dsn)
    if made.returncode != 0 or not made.stdout.strip():
        raise StackError(f"`supabase gen types --lang {language}` failed:\n{made.stderr.strip()}")
    return made.stdout


def _completed(source: str) -> str:
    """Define the names the generator leaves open, and take out those that nothing uses.

    Types the generator does not know are text over the API. Enums of schemas no client sees are listed as well.
    """
    unknown = sorted(set(_UNKNOWN_TYPE.findall(source)))
    used = _ALIAS.sub(lambda alias: alias[0] if len(re.findall(rf"\b{alias[1]}\b", source)) > 1 else "", source)
    head, separator, models = used.partition("\nclass ")
    return head + "".join(f"\n{name}: TypeAlias = str\n" for name in unknown) + separator + models


def _formatted_typescript(source: str) -> str:
    return _piped([str(find_deno().path), "fmt", "--no-config", "--line-width", _WIDTH, "--ext", "ts", "-"], source)


def _formatted_python(source: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", _WIDTH, "-"]
    return _piped(command, source)


def _piped(command: list[str], source: str) -> str:
    done = subprocess.run(command, input=source, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise StackError(f"`{' '.join(command[:3])}` failed:\n{done.stderr.strip()}")
    return done.stdout
