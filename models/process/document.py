"""Writes ``docs/settings.md`` from the settings classes: every key, its type, limits, default and what it is for."""

import json
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

_HEAD: Final = """# Settings

<!-- Written by `aisle docs` from the settings classes; a test compares. Change the classes, not this page. -->

Each process reads one TOML file. A file that it cannot use is refused with its name, the line, the key and what was
expected there; a key that nobody knows is refused as well. `aisle init` writes commented examples.
"""
_PLAIN: Final = {str: "text", int: "integer", float: "number", bool: "true or false", Path: "path", bytes: "bytes"}


def settings_page(processes: Mapping[str, type[BaseModel]]) -> str:
    """The whole page: for each process its tables, the outermost first."""
    parts = [_HEAD]
    for process, kind in processes.items():
        parts.append(f"## `{process}.toml`\n")
        parts += [_section(place, table) for place, table in _tables(kind, "")]
    return "\n".join(parts)


def _section(place: str, kind: type[BaseModel]) -> str:
    rows = [_row(name, field) for name, field in kind.model_fields.items()]
    title = [f"### `{place}`\n"] if place else []
    prose = " ".join((kind.__doc__ or "").replace("``", "`").split())
    return "\n".join([*title, f"{prose}\n", "| key | type | default | what it is |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo) -> str:
    what = " ".join(part for part in (field.description or "", _limits(field)) if part)
    return f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {what} |".replace("\n", " ")


def _limits(field: FieldInfo) -> str:
    words = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}",
             "min_length": "at least {} long", "max_length": "at most {} long", "pattern": "like `{}`"}  # fmt: skip
    found = [
        text.format(str(value).replace("|", "\\|"))
        for limit in field.metadata
        for name, text in words.items()
        if (value := getattr(limit, name, None)) is not None
    ]
    return f"({', '.join(found)})" if found else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, BaseModel):
        return "the table's own"
    shown = value.value if isinstance(value, Enum) else str(value) if isinstance(value, Path) else value
    return f"`{json.dumps(shown, ensure_ascii=False, default=str)}`"


def _type(kind: Any) -> str:  # noqa: ANN401 - an annotation may be anything
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return " or ".join(_type(one) for one in inner if one is not type(None))
    if origin is Literal:
        return ", ".join(f"`{json.dumps(value)}`" for value in inner)
    if origin in {list, tuple, set, frozenset}:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"table of {_type(inner[1])}"
    if origin is not None:
        return _type(inner[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    return _PLAIN.get(kind, getattr(kind, "__name__", str(kind)))


def _tables(kind: type[BaseModel], place: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The table itself and all tables in it, with the header that each has in the file."""
    yield place, kind
    for name, field in kind.model_fields.items():
        for inner, is_list in _models(field.annotation):
            below = f"{place.strip('[]')}.{name}".lstrip(".")
            yield from _tables(inner, f"[[{below}]]" if is_list else f"[{below}]")


def _models(kind: Any, *, is_list: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:  # noqa: ANN401 - as above
    if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel):
        yield kind, is_list
        return
    for inner in get_args(kind):
        if isinstance(inner, type) or get_origin(inner) is not None:
            yield from _models(inner, is_list=is_list or get_origin(kind) in {list, tuple})
