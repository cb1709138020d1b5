"""Shoppers who scan while they shop and say where they stand in line: what lanes may know of their baskets."""

import sqlite3
from collections import Counter
from typing import Final

from models.messages.facts import SaleCompleted

STANDS_MS: Final = 40 * 60_000
"""Who has not paid by then stands nowhere."""
SCANNING_MS: Final = 20 * 60_000
FEWEST_BASKETS: Final = 5
MOST: Final = 500
MOST_ITEMS: Final = 10_000


def stand(connection: sqlite3.Connection, basket: str, lane: str, t_ms: int) -> None:
    """A shopper stands in line at ``lane`` with their basket, or walked over to it."""
    connection.execute("INSERT OR REPLACE INTO standing(basket, lane, t_ms) VALUES (?,?,?)", (basket, lane, t_ms))


def leave(connection: sqlite3.Connection, basket: str) -> None:
    """They went on shopping."""
    connection.execute("DELETE FROM standing WHERE basket = ?", (basket,))


def lane_of(connection: sqlite3.Connection, basket: str, now_ms: int) -> str | None:
    """Where the shopper of a basket stands in line, if they said so."""
    row = connection.execute(
        "SELECT lane FROM standing WHERE basket = ? AND t_ms > ?", (basket, now_ms - STANDS_MS)
    ).fetchone()
    return None if row is None else str(row[0])


def in_line(connection: sqlite3.Connection, now_ms: int) -> list[tuple[str, int, int]]:
    """(lane, pieces, since when) of each basket in line, the newest first; whose it is stays here."""
    rows = connection.execute(
        """SELECT lane, count(*), standing.t_ms FROM standing JOIN basket_scans USING(basket)
            WHERE standing.t_ms > ? AND removed = 0 GROUP BY basket ORDER BY standing.t_ms DESC LIMIT ?""",
        (now_ms - STANDS_MS, MOST),
    )
    return [(lane, min(pieces, MOST_ITEMS), t_ms) for lane, pieces, t_ms in rows]


def level(connection: sqlite3.Connection, now_ms: int) -> float | None:
    """Pieces per phone that scanned lately; ``None`` if too few did."""
    baskets, pieces = connection.execute(
        """SELECT count(DISTINCT basket), count(*) FROM baskets JOIN basket_scans USING(basket)
            WHERE device IS NULL AND closed_ms IS NULL AND changed_ms > ? AND removed = 0""",
        (now_ms - SCANNING_MS,),
    ).fetchone()
    return pieces / baskets if baskets >= FEWEST_BASKETS else None


def paid(connection: sqlite3.Connection, sale: SaleCompleted, now_ms: int) -> str | None:
    """Close the basket in line that this sale paid: of its lane, with just these pieces, there the longest."""
    if connection.execute("SELECT 1 FROM sales WHERE sale = ?", (sale.sale,)).fetchone():
        return None
    wanted: Counter[str] = Counter()
    for line in sale.lines:
        wanted[line.gtin] += line.quantity
    waiting = connection.execute(
        "SELECT basket FROM standing WHERE lane = ? AND t_ms > ? ORDER BY t_ms", (sale.lane, now_ms - STANDS_MS)
    ).fetchall()
    for (basket,) in waiting:
        rows = connection.execute(
            "SELECT gtin, count(*) FROM basket_scans WHERE basket = ? AND removed = 0 GROUP BY gtin", (basket,)
        )
        if dict(rows.fetchall()) == dict(wanted):
            leave(connection, basket)
            connection.execute("UPDATE baskets SET closed_ms = ? WHERE basket = ?", (now_ms, basket))
            return str(basket)
    return None


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget who stands nowhere any more; gives how many."""
    return connection.execute("DELETE FROM standing WHERE t_ms < ?", (now_ms - STANDS_MS,)).rowcount
