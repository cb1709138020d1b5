"""What nodes last said of how many pieces of a product stand on a shelf, with how likely it is just as many."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from models.messages.goods import ShelfCounted


@dataclass(frozen=True, slots=True)
class Told:
    """One count. ``unknown`` more stood there when their antenna fell silent."""

    quantity: int
    p: float
    unknown: int
    t_ms: int


def fold(connection: sqlite3.Connection, facts: Sequence[ShelfCounted], latest_ms: int) -> None:
    """Keep the newest count of each product and shelf; a count from the future was made now."""
    connection.executemany(
        """INSERT INTO shelf_counts(shelf, gtin, quantity, p, unknown, t_ms) VALUES (?,?,?,?,?,?)
           ON CONFLICT(shelf, gtin) DO UPDATE SET quantity = excluded.quantity, p = excluded.p,
           unknown = excluded.unknown, t_ms = excluded.t_ms WHERE excluded.t_ms >= t_ms""",
        [(f.shelf, f.gtin, f.quantity, f.p, f.unknown, min(f.t_ms, latest_ms)) for f in facts],
    )


def of_shelf(connection: sqlite3.Connection, shelf: str) -> dict[str, Told]:
    """By GTIN, what was last said of a shelf."""
    found = connection.execute(
        "SELECT gtin, quantity, p, unknown, t_ms FROM shelf_counts WHERE shelf = ?", (shelf,)
    ).fetchall()
    return {gtin: Told(quantity, p, unknown, t_ms) for gtin, quantity, p, unknown, t_ms in found}
