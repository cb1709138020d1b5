"""Tagged items: where each stands, what became of it, and which shelves are being watched."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.store import rows
from models.messages.facts import ItemFact, ItemMoved, ItemPlaced, ItemReturned, ItemTaken, ShelfReader

HISTORY_CHARACTERS: Final = 400
"""About a dozen changes of an item are kept with it; the oldest fall off the end."""

GONE_KEPT_MS: Final = 90 * 86_400_000
"""A sold item may come back within a season, and then has its history."""

_STATES: Final[dict[type, tuple[str, str]]] = {
    ItemPlaced: ("present", "placed"),
    ItemMoved: ("present", "moved"),
    ItemReturned: ("present", "returned"),
    ItemTaken: ("taken", "taken"),
}

# What was sold stays sold when its shelf notices a moment later that it is gone.
_FOLD: Final = f"""
    INSERT INTO items(epc, gtin, serial, place, state, p, t_ms, seen_ms, history) VALUES (?,?,?,?,?,?,?,?,?)
    ON CONFLICT(epc) DO UPDATE SET
        place = excluded.place, p = excluded.p, t_ms = excluded.t_ms, seen_ms = excluded.seen_ms,
        state = CASE WHEN excluded.state = 'taken' AND state = 'sold' THEN 'sold' ELSE excluded.state END,
        history = substr(excluded.history || history, 1, {HISTORY_CHARACTERS})
    WHERE excluded.t_ms >= t_ms
"""  # noqa: S608 - the only value put in is a constant of this module


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an item's history."""

    t_ms: int
    kind: str
    place: str
    p: float


def fold(connection: sqlite3.Connection, facts: Iterable[ItemFact], latest_ms: int) -> None:
    """Fold facts of items, in their order. Older than what is known of an item changes nothing.

    Args:
        connection: inside a change.
        facts: placed, moved, taken, returned.
        latest_ms: a time beyond which no fact can be true; else a node whose clock runs ahead has the last word.
    """
    changed = []
    for fact in facts:
        state, kind = _STATES[type(fact)]
        t_ms = min(fact.t_ms, latest_ms)
        p = fact.p
        seen_ms = t_ms
        if fact.evidence is not None and fact.evidence.last_read_ms is not None:
            seen_ms = min(fact.evidence.last_read_ms, latest_ms)
        entry = f"{t_ms} {kind} {fact.shelf} {p:.3f};"
        changed.append((fact.epc, fact.gtin, fact.serial, fact.shelf, state, p, t_ms, seen_ms, entry))
    connection.executemany(_FOLD, changed)


def fold_watching(connection: sqlite3.Connection, node: str, facts: Iterable[ItemFact], latest_ms: int) -> None:
    """Remember which node speaks for a shelf: when it is gone, what stands there is unknown."""
    spoken = {fact.shelf: fact.t_ms for fact in facts}
    connection.executemany(
        """INSERT INTO shelves(shelf, node, state, t_ms) VALUES (?,?,'reading',?) ON CONFLICT(shelf) DO UPDATE SET
           node = excluded.node, state = excluded.state, t_ms = excluded.t_ms
           WHERE node <> excluded.node AND excluded.t_ms >= t_ms""",
        [(shelf, node, min(t_ms, latest_ms)) for shelf, t_ms in spoken.items()],
    )


def fold_readers(connection: sqlite3.Connection, node: str, facts: Sequence[ShelfReader], latest_ms: int) -> None:
    """Remember which shelves are being watched, and by which node."""
    connection.executemany(
        """INSERT INTO shelves(shelf, node, state, t_ms) VALUES (?,?,?,?) ON CONFLICT(shelf) DO UPDATE SET
           node = excluded.node, state = excluded.state, t_ms = excluded.t_ms WHERE excluded.t_ms >= t_ms""",
        [(fact.shelf, node, fact.state, min(fact.t_ms, latest_ms)) for fact in facts],
    )


def sell(connection: sqlite3.Connection, epcs: Sequence[str], t_ms: int) -> None:
    """Mark items as sold, whatever was believed of them before ``t_ms``."""
    connection.executemany(
        f"""UPDATE items SET state = 'sold', p = 1.0, t_ms = max(t_ms, ?1), seen_ms = max(seen_ms, ?1),
            history = substr(?2 || place || ' 1.000;' || history, 1, {HISTORY_CHARACTERS})
            WHERE epc = ?3 AND (t_ms <= ?1 OR state = 'taken')""",  # noqa: S608 - a constant
        [(t_ms, f"{t_ms} sold ", epc) for epc in epcs],
    )


def taken_of(connection: sqlite3.Connection, gtin: str, limit: int) -> list[str]:
    """Items of a product that left their shelf and were not paid yet, the longest gone first."""
    found = connection.execute(
        "SELECT epc FROM items WHERE gtin = ? AND state = 'taken' ORDER BY t_ms LIMIT ?", (gtin, limit)
    )
    return [row[0] for row in found.fetchall()]


def is_tagged(connection: sqlite3.Connection, gtin: str) -> bool:
    """Whether any item of this product was ever seen with a tag."""
    return connection.execute("SELECT 1 FROM items WHERE gtin = ? LIMIT 1", (gtin,)).fetchone() is not None


def find(connection: sqlite3.Connection, epc: str) -> sqlite3.Row | None:
    """One item, or ``None``."""
    return rows.one(connection, "SELECT * FROM items WHERE epc = ?", (epc,))


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget items that left a season ago; gives how many."""
    return connection.execute(
        "DELETE FROM items WHERE state <> 'present' AND t_ms < ?", (now_ms - GONE_KEPT_MS,)
    ).rowcount


def changes(history: str) -> list[Change]:
    """Take a kept history apart, the newest first; what was cut off at its end is left out."""
    whole = history[: history.rfind(";")] if ";" in history else ""
    return [
        Change(int(t_ms), kind, place, float(p))
        for t_ms, kind, place, p in (entry.split(" ") for entry in whole.split(";") if entry)
    ]
