"""Rows with names, on any connection: the writer's gives bare tuples, which is what folding wants."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import cast


def one(
    connection: sqlite3.Connection, query: str, values: Sequence[object] | Mapping[str, object] = ()
) -> sqlite3.Row | None:
    """The first row of ``query`` with its names, or ``None``."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cast("sqlite3.Row | None", cursor.execute(query, values).fetchone())
