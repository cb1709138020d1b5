"""Tagged items: where each stands, what became of it, and which shelves are being watched."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.store import rows
from models.messages.facts import ItemFact, ItemMoved, ItemPlaced, ItemReturned, ItemTaken, ShelfReader

CHANGES_SHOWN: Final = 12
FILED_AT_ONCE: Final = 5000
"""Changes that are filed by item in one go: some 20 ms, in which nothing is folded."""

GONE_KEPT_MS: Final = 90 * 86_400_000
"""A sold item may come back within a season, and then has its history."""

_STATES: Final[dict[type, tuple[str, str]]] = {
    ItemPlaced: ("on_shelf", "stands"),
    ItemMoved: ("on_shelf", "stands"),
    ItemReturned: ("on_shelf", "stands"),
    ItemTaken: ("picked_up", "lifted"),
}

# What was sold stays sold when its shelf notices a moment later that it is gone.
_FOLD: Final = """
    INSERT INTO items(epc, gtin, serial, place, state, p, t_ms, seen_ms) VALUES (?,?,?,?,?,?,?,?)
    ON CONFLICT(epc) DO UPDATE SET
        place = excluded.place, p = excluded.p, t_ms = excluded.t_ms, seen_ms = excluded.seen_ms,
        state = CASE WHEN excluded.state = 'picked_up' AND state = 'paid' THEN 'paid' ELSE excluded.state END
    WHERE excluded.t_ms >= t_ms
"""
_APPEND: Final = "INSERT INTO item_changes(epc, t_ms, kind, place, p) VALUES (?,?,?,?,?)"


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
    changed, steps = [], []
    for fact in facts:
        state, kind = _STATES[type(fact)]
        t_ms = min(fact.t_ms, latest_ms)
        p = fact.p
        seen_ms = t_ms
        if fact.evidence is not None and fact.evidence.last_read_ms is not None:
            seen_ms = min(fact.evidence.last_read_ms, latest_ms)
        changed.append((fact.epc, fact.gtin, fact.serial, fact.shelf, state, p, t_ms, seen_ms))
        steps.append((fact.epc, t_ms, kind, fact.shelf, p))
    connection.executemany(_FOLD, changed)
    connection.executemany(_APPEND, steps)


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
        """INSERT INTO item_changes(epc, t_ms, kind, place, p)
           SELECT epc, ?1, 'paid', place, 1.0 FROM items WHERE epc = ?2 AND (t_ms <= ?1 OR state = 'picked_up')""",
        [(t_ms, epc) for epc in epcs],
    )
    connection.executemany(
        """UPDATE items SET state = 'paid', p = 1.0, t_ms = max(t_ms, ?1), seen_ms = max(seen_ms, ?1)
            WHERE epc = ?2 AND (t_ms <= ?1 OR state = 'picked_up')""",
        [(t_ms, epc) for epc in epcs],
    )


def taken_of(connection: sqlite3.Connection, gtin: str, limit: int) -> list[str]:
    """Items of a product that left their shelf and were not paid yet, the longest gone first."""
    found = connection.execute(
        "SELECT epc FROM items WHERE gtin = ? AND state = 'picked_up' ORDER BY t_ms LIMIT ?", (gtin, limit)
    )
    return [row[0] for row in found.fetchall()]


def is_tagged(connection: sqlite3.Connection, gtin: str) -> bool:
    """Whether any item of this product was ever seen with a tag."""
    return connection.execute("SELECT 1 FROM items WHERE gtin = ? LIMIT 1", (gtin,)).fetchone() is not None


def find(connection: sqlite3.Connection, epc: str) -> sqlite3.Row | None:
    """One item, or ``None``."""
    return rows.one(connection, "SELECT * FROM items WHERE epc = ?", (epc,))


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget items that left a season ago, and what became of any item before that; gives how many items."""
    before_ms = now_ms - GONE_KEPT_MS
    connection.execute("DELETE FROM item_history WHERE t_ms < ?", (before_ms,))
    return connection.execute("DELETE FROM items WHERE state NOT IN ('on_shelf', 'misplaced', 'back_room') AND t_ms < ?", (before_ms,)).rowcount


def file_changes(connection: sqlite3.Connection) -> int:
    """File the oldest changes that were only appended so far by their item; gives how many."""
    (last,) = connection.execute(
        "SELECT max(id) FROM (SELECT id FROM item_changes ORDER BY id LIMIT ?)", (FILED_AT_ONCE,)
    ).fetchone()
    if last is None:
        return 0
    connection.execute(
        """INSERT INTO item_history(epc, id, t_ms, kind, place, p)
           SELECT epc, id, t_ms, kind, place, p FROM item_changes WHERE id <= ? ORDER BY epc""",
        (last,),
    )
    return connection.execute("DELETE FROM item_changes WHERE id <= ?", (last,)).rowcount


def changes(connection: sqlite3.Connection, epc: str) -> list[Change]:
    """The newest changes of an item, the newest first."""
    found = connection.execute(
        """SELECT t_ms, kind, place, p FROM (
               SELECT id, t_ms, kind, place, p FROM item_history WHERE epc = ?1
               UNION ALL SELECT id, t_ms, kind, place, p FROM item_changes WHERE epc = ?1)
           ORDER BY t_ms DESC, id DESC LIMIT ?2""",
        (epc, CHANGES_SHOWN),
    )
    return [Change(*row) for row in found.fetchall()]
