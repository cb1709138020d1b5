"""Settings from a TOML file into one frozen object; a bad file is refused with the line and what was expected."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class Settings(BaseModel):
    """Base of every settings object: frozen, and a key that nobody knows is an error, not a surprise."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


S = TypeVar("S", bound=BaseModel)
Location = tuple[int | str, ...]


class BadSettings(Exception):
    """A settings file that cannot be used. The text names file, line, key and what was expected."""


def load_settings(path: Path, kind: type[S]) -> S:
    """Read ``path`` as a ``kind``.

    Raises:
        BadSettings: no such file, not TOML, or a value that ``kind`` refuses.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: cannot be read: {error}. `aisle init` writes an example.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path}:{_line_of_error(text, error)}: not valid TOML: {error}") from error
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems = [_describe(path, text, e["loc"], e["msg"], e.get("input")) for e in error.errors()]
        raise BadSettings("\n".join(problems)) from error


def _line_of_error(text: str, error: tomllib.TOMLDecodeError) -> int:
    said = re.search(r"at line (\d+)", str(error))
    return int(said[1]) if said else max(1, len(text.splitlines()))


def _describe(path: Path, text: str, location: Location, expected: str, given: object) -> str:
    key = ".".join(str(part) for part in location)
    shown = "" if isinstance(given, dict | list) else f" (it is {given!r})"
    if _is_secret(key):
        shown = ""
    return f"{path}:{line_of(text, location)}: {key}: {expected}{shown}"


def _is_secret(key: str) -> bool:
    return re.search(r"password|secret|key|pin|token", key, re.IGNORECASE) is not None


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""^\s*(["']?)([A-Za-z0-9_.-]+)\1\s*=""")


def line_of(text: str, location: Location) -> int:
    """Find the line (from 1) that says ``location``, or the nearest one around it."""
    best, best_depth = 1, 0
    table: list[int | str] = []
    seen: dict[tuple[int | str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            names = [part.strip().strip("\"'") for part in header[2].split(".")]
            table = _resolve(names, seen)
            if header[1] == "[[":
                # Counted per parent: the second camera's lanes begin at 0 again.
                place = tuple(table)
                seen[place] = seen.get(place, -1) + 1
                table.append(seen[place])
            here: tuple[int | str, ...] = tuple(table)
        elif key := _KEY.match(line):
            here = (*table, *key[2].split("."))
        else:
            continue
        depth = _shared(here, location)
        if depth == len(here) and depth > best_depth:
            best, best_depth = number, depth
    return best


def _resolve(names: list[str], seen: dict[tuple[int | str, ...], int]) -> list[int | str]:
    """Put the index of the newest element behind each array of tables that ``names`` passes through."""
    table: list[int | str] = []
    for depth, name in enumerate(names, start=1):
        table.append(name)
        if depth < len(names) and tuple(table) in seen:
            table.append(seen[tuple(table)])
    return table


def _shared(left: Location, right: Location) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
