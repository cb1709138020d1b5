"""Sales: what was paid leaves the stock, and a member's sale earns points once."""

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.core.points import earned
from gateway.store import baskets, counts, items, members
from models.messages.facts import PointsEntered, SaleCompleted, SaleLine, StockChanged

KEPT_MS: Final = 400 * 86_400_000
OWED_MS: Final = 15 * 60_000
"""So long after a sale a shelf may miss what was sold; who takes something later has not paid yet."""


@dataclass(frozen=True, slots=True)
class SaleRules:
    """What the folding of a sale needs to know of the store."""

    store: str
    backroom: str
    minor_per_point: int


def fold(
    connection: sqlite3.Connection, fact: SaleCompleted, rules: SaleRules, latest_ms: int
) -> PointsEntered | None:
    """Fold one sale; gives the points entry that it made.

    A sale that is known already (told by two nodes, say) changes nothing.
    """
    t_ms = min(fact.t_ms, latest_ms)
    member = fact.member or baskets.member_at_device(connection, fact.till)
    cursor = connection.execute(
        """INSERT INTO sales(sale, till, lane, t_ms, total_minor, currency, member, lines) VALUES (?,?,?,?,?,?,?,?)
           ON CONFLICT DO NOTHING""",
        (fact.sale, fact.till, fact.lane, t_ms, fact.total_minor, fact.currency, member, len(fact.lines)),
    )
    if cursor.rowcount == 0:
        return None
    baskets.close_at_device(connection, fact.till, t_ms)
    for line in fact.lines:
        _leave_stock(connection, line, fact.sale, rules, t_ms)
    if member is None:
        return None
    points = earned(fact.total_minor, rules.minor_per_point, members.tier(connection, member))
    entry = PointsEntered(
        t_ms=t_ms, entry=entry_of(rules.store, fact.sale), member=member, points=points, reason="sale", sale=fact.sale
    )
    return entry if points and members.enter(connection, entry) else None


def entry_of(store: str, sale: str) -> str:
    """The name of a sale's entry in the ledger: the same however often it is made, another in another store."""
    return "sale-" + hashlib.sha256(f"{store}/{sale}".encode()).hexdigest()[:32]


def _leave_stock(connection: sqlite3.Connection, line: SaleLine, sale: str, rules: SaleRules, t_ms: int) -> None:
    """Mark tagged items as sold: those that the till named, else those that left a shelf; count others."""
    if line.epcs:
        items.sell(connection, line.epcs, t_ms)
    elif items.is_tagged(connection, line.gtin):
        _sell_tagged(connection, line.gtin, max(line.quantity, 0), t_ms)
    elif line.quantity:
        change = StockChanged(
            t_ms=t_ms,
            gtin=line.gtin,
            place=counts.place_of_sale(connection, line.gtin, rules.backroom),
            delta=-line.quantity,
            reason="sale" if line.quantity > 0 else "return",
            reference=sale,
        )
        counts.fold_change(connection, change, t_ms)


def _sell_tagged(connection: sqlite3.Connection, gtin: str, pieces: int, t_ms: int) -> None:
    """Sell pieces that left a shelf, the longest gone first. A shelf misses some only later: they are owed."""
    taken = items.taken_of(connection, gtin, pieces)
    items.sell(connection, taken, t_ms)
    if len(taken) < pieces:
        connection.execute("INSERT INTO owed(gtin, pieces, t_ms) VALUES (?,?,?)", (gtin, pieces - len(taken), t_ms))


def settle(connection: sqlite3.Connection, gtins: Iterable[str], now_ms: int) -> None:
    """Sell what is owed of products of which a shelf has just missed a piece."""
    if connection.execute("SELECT 1 FROM owed LIMIT 1").fetchone() is None:
        return
    for gtin in gtins:
        owed = connection.execute(
            "DELETE FROM owed WHERE gtin = ? AND t_ms > ? RETURNING pieces, t_ms", (gtin, now_ms - OWED_MS)
        ).fetchall()
        for pieces, t_ms in sorted(owed, key=lambda row: int(row[1])):
            _sell_tagged(connection, gtin, pieces, t_ms)


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget what no shelf missed in time, and sales of more than a year ago; gives how many."""
    gone = connection.execute("DELETE FROM owed WHERE t_ms < ?", (now_ms - OWED_MS,)).rowcount
    return gone + connection.execute("DELETE FROM sales WHERE t_ms < ?", (now_ms - KEPT_MS,)).rowcount
