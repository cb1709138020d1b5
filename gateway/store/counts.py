"""Goods without tags: a ledger of counts and of what came and went, and what they come to per place."""

import sqlite3
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.core.stock import balance
from gateway.store import rows
from models.messages.facts import StockChanged, StockCounted

UNKNOWN_PLACE: Final = "floor"
"""Where something was sold from that nobody ever counted anywhere."""
UNDO_MS: Final = 10 * 60_000
_BY_CLERKS: Final = ("delivery", "transfer")
_BY_SHOPPERS: Final = ("sale", "return")
"""What makes a count doubtful: pieces that clerks bring (deliveries, transfers) were counted as they moved."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A count that was taken back, and what its place holds again."""

    gtin: str
    place: str
    quantity: int


def fold_count(
    connection: sqlite3.Connection, fact: StockCounted, latest_ms: int, reference: str | None = None
) -> bool:
    """Enter a count; gives whether it is new (``reference``, a client-made id, enters once)."""
    cursor = connection.execute(
        """INSERT INTO counted_entries(gtin, place, kind, amount, t_ms, reason, reference, entered_ms)
           VALUES (?,?,'count',?,?,?,?,?) ON CONFLICT DO NOTHING""",
        (fact.gtin, fact.place, fact.quantity, min(fact.t_ms, latest_ms), fact.by, reference, latest_ms),
    )
    if cursor.rowcount:
        _balance(connection, fact.gtin, fact.place)
    return cursor.rowcount > 0


def fold_change(connection: sqlite3.Connection, fact: StockChanged, latest_ms: int) -> None:
    """Enter pieces that came or went."""
    connection.execute(
        """INSERT INTO counted_entries(gtin, place, kind, amount, t_ms, reason, reference, entered_ms)
           VALUES (?,?,'delta',?,?,?,?,?)""",
        (fact.gtin, fact.place, fact.delta, min(fact.t_ms, latest_ms), fact.reason, fact.reference, latest_ms),
    )
    _balance(connection, fact.gtin, fact.place)


def book(connection: sqlite3.Connection, wish: StockChanged) -> StockChanged:
    """Enter pieces that this store itself moves; gives the fact, which is newer than any count that is known.

    A count of the same moment, or from a clock that runs ahead, would else swallow them.
    """
    (newest_ms,) = connection.execute(
        """SELECT coalesce(max(t_ms), -1) FROM counted_entries
           WHERE gtin = ? AND place = ? AND kind = 'count' AND undone = 0""",
        (wish.gtin, wish.place),
    ).fetchone()
    fact = msgspec.structs.replace(wish, t_ms=max(wish.t_ms, newest_ms + 1))
    fold_change(connection, fact, fact.t_ms)
    return fact


def books(connection: sqlite3.Connection, gtin: str, place: str, t_ms: int) -> int | None:
    """What the ledger said at ``t_ms``; ``None`` where nobody had counted or delivered anything there yet."""
    entries = connection.execute(
        """SELECT kind, t_ms, amount, reason FROM counted_entries
           WHERE gtin = ? AND place = ? AND undone = 0 AND t_ms <= ?""",
        (gtin, place, t_ms),
    ).fetchall()
    if not any(kind == "count" or reason in _BY_CLERKS for kind, _t, _n, reason in entries):
        return None
    counted = [(at_ms, amount) for kind, at_ms, amount, _reason in entries if kind == "count"]
    return balance(counted, [(at_ms, amount) for kind, at_ms, amount, _reason in entries if kind == "delta"])


def has_books(connection: sqlite3.Connection, gtin: str, place: str) -> bool:
    """Whether people ever counted or booked this product in this place."""
    row = connection.execute("SELECT 1 FROM counted WHERE gtin = ? AND place = ?", (gtin, place)).fetchone()
    return row is not None


def place_of_sale(connection: sqlite3.Connection, gtin: str, backroom: str) -> str:
    """Where a shopper most likely took an untagged product from: the fullest place that is not the back room."""
    row = connection.execute(
        "SELECT place FROM counted WHERE gtin = ? ORDER BY place = ?, quantity DESC, place LIMIT 1", (gtin, backroom)
    ).fetchone()
    return UNKNOWN_PLACE if row is None else str(row[0])


def find_count(connection: sqlite3.Connection, reference: str) -> sqlite3.Row | None:
    """The entry that a client-made id names, or ``None``."""
    return rows.one(connection, "SELECT * FROM counted_entries WHERE kind = 'count' AND reference = ?", (reference,))


def undo(connection: sqlite3.Connection, reference: str) -> Undone | None:
    """Take a count back: its place holds what it held before. ``None`` where no such count stands."""
    row = connection.execute(
        """UPDATE counted_entries SET undone = 1 WHERE kind = 'count' AND reference = ? AND undone = 0
           RETURNING gtin, place""",
        (reference,),
    ).fetchone()
    if row is None:
        return None
    return Undone(row[0], row[1], _balance(connection, row[0], row[1]))


def _balance(connection: sqlite3.Connection, gtin: str, place: str) -> int:
    entries = connection.execute(
        """SELECT kind, t_ms, amount, reason FROM counted_entries WHERE gtin = ?1 AND place = ?2 AND undone = 0
           AND t_ms >= coalesce((SELECT max(t_ms) FROM counted_entries
                                 WHERE gtin = ?1 AND place = ?2 AND kind = 'count' AND undone = 0), 0)""",
        (gtin, place),
    ).fetchall()
    if not entries:
        connection.execute("DELETE FROM counted WHERE gtin = ? AND place = ?", (gtin, place))
        return 0
    counts = [(t_ms, amount) for kind, t_ms, amount, _reason in entries if kind == "count"]
    deltas = [(t_ms, amount) for kind, t_ms, amount, _reason in entries if kind == "delta"]
    # The wire's bound: two counts of a billion would else make a number that no fact can carry.
    quantity = max(-(10**9), min(10**9, balance(counts, deltas)))
    evidence_ms = max(counts)[0] if counts else max(deltas)[0]
    counted_ms = max(counts)[0] if counts else -1
    moved = sum(abs(n) for _k, t_ms, n, reason in entries if reason in _BY_SHOPPERS and t_ms > counted_ms)
    connection.execute(
        """INSERT INTO counted(gtin, place, quantity, t_ms, moved) VALUES (?,?,?,?,?)
           ON CONFLICT(gtin, place) DO UPDATE SET quantity = excluded.quantity, t_ms = excluded.t_ms,
           moved = excluded.moved""",
        (gtin, place, quantity, evidence_ms, min(moved, 10**9)),
    )
    return quantity


def prune(connection: sqlite3.Connection) -> int:
    """Forget entries that a later count has made meaningless; gives how many."""
    return connection.execute(
        """DELETE FROM counted_entries WHERE t_ms < (SELECT max(later.t_ms) - ? FROM counted_entries AS later
           WHERE later.gtin = counted_entries.gtin AND later.place = counted_entries.place
           AND later.kind = 'count' AND later.undone = 0)""",
        (UNDO_MS,),
    ).rowcount
