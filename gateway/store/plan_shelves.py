"""Where the planogram wants each product, kept in memory: every read of a shelf asks for it.

The database draws a new number whenever a row of the planogram changes, and a rollback brings the old number back.
What was read under a number is therefore good wherever that number is found, on any connection.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Final

Wanted = Mapping[str | None, frozenset[str]]


class _Kept:
    """The plan that was read last, and the number under which."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._number: int | None = None
        self._wanted: Wanted = {}

    def under(self, number: int) -> Wanted | None:
        with self._lock:
            return self._wanted if number == self._number else None

    def keep(self, number: int, wanted: Wanted) -> None:
        with self._lock:
            self._number, self._wanted = number, wanted


_KEPT: Final = _Kept()


def wanted(connection: sqlite3.Connection) -> Wanted:
    """The shelves of every product that belongs somewhere. A product that is not in it has no wrong shelf."""
    row = connection.execute("SELECT number FROM plan_number").fetchone()
    if row is not None and (known := _KEPT.under(row[0])) is not None:
        return known
    found: dict[str, set[str]] = {}
    for gtin, shelf in connection.execute("SELECT gtin, shelf FROM planogram WHERE facings > 0").fetchall():
        found.setdefault(gtin, set()).add(shelf)
    read: Wanted = {gtin: frozenset(shelves) for gtin, shelves in found.items()}
    if row is not None:
        _KEPT.keep(row[0], read)
    return read


def of(connection: sqlite3.Connection, gtins: Iterable[str]) -> dict[str, list[str]]:
    """The shelves of these products, in order; one that belongs nowhere is not in it."""
    plan = wanted(connection)
    return {gtin: sorted(plan[gtin]) for gtin in gtins if gtin in plan}
