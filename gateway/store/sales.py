"""Sales: what was paid leaves the stock, and a member's sale earns points once."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core import life
from gateway.core.points import earned
from gateway.store import alarms, baskets, counts, exits, items, members, pace
from gateway.store import life as steps
from gateway.store.life import Happening, Turn
from gateway.store.shelf_batch import Places
from models.messages.facts import Fact, PointsEntered, SaleCompleted, SaleLine, StockChanged

KEPT_MS: Final = 400 * 86_400_000
OWED_MS: Final = 15 * 60_000
"""So long after a sale a shelf may miss what was sold; who takes something later has not paid yet."""


@dataclass(frozen=True, slots=True)
class SaleRules:
    """What the folding of a sale needs to know of the store."""

    store: str
    backroom: str
    minor_per_point: int
    counter: str = "counter"
    exit_grace_ms: int = 20_000
    sweep_odds: float = 1e-4

    @property
    def places(self) -> Places:
        """The names of places that are no shelf."""
        return Places(self.backroom, self.counter)


@dataclass(frozen=True, slots=True)
class _Sold:
    """When something was sold, by which sale, at which till."""

    t_ms: int
    sale: str | None
    till: str | None = None


def fold(
    connection: sqlite3.Connection,
    fact: SaleCompleted,
    rules: SaleRules,
    latest_ms: int,
    now_ms: int,
    *,
    is_late: bool = False,
) -> list[Fact]:
    """Fold one sale; gives the facts that follow: points, items that are missing no more, alarms that it explains.

    A sale that is known already (told by two nodes, say) changes nothing. ``is_late``: who stands before its till
    now is somebody else.
    """
    t_ms = min(fact.t_ms, latest_ms)
    member = fact.member or (None if is_late else baskets.member_at_device(connection, fact.till))
    cursor = connection.execute(
        """INSERT INTO sales(sale, till, lane, t_ms, total_minor, currency, member, lines) VALUES (?,?,?,?,?,?,?,?)
           ON CONFLICT DO NOTHING""",
        (fact.sale, fact.till, fact.lane, t_ms, fact.total_minor, fact.currency, member, len(fact.lines)),
    )
    if cursor.rowcount == 0:
        return []
    pace.note(connection, ((line.gtin, line.quantity) for line in fact.lines), t_ms)
    turns: list[Turn] = []
    for line in fact.lines:
        turns += _leave_stock(connection, line, fact, rules, t_ms)
    if not is_late:
        baskets.close_at_device(connection, fact.till, t_ms)
    facts = alarms.settle(connection, turns, now_ms)
    if member is not None:
        facts += _points(connection, fact, member, rules, t_ms)
    return facts


def _points(
    connection: sqlite3.Connection, fact: SaleCompleted, member: str, rules: SaleRules, t_ms: int
) -> list[Fact]:
    points = earned(fact.total_minor, rules.minor_per_point, members.tier(connection, member))
    entry = PointsEntered(
        t_ms=t_ms, entry=entry_of(rules.store, fact.sale), member=member, points=points, reason="sale", sale=fact.sale
    )
    return [entry] if points and members.enter(connection, entry) else []


def entry_of(store: str, sale: str) -> str:
    """The name of a sale's entry in the ledger: the same however often it is made, another in another store."""
    return "sale-" + hashlib.sha256(f"{store}/{sale}".encode()).hexdigest()[:32]


def _leave_stock(
    connection: sqlite3.Connection, line: SaleLine, fact: SaleCompleted, rules: SaleRules, t_ms: int
) -> list[Turn]:
    """Mark tagged items as paid: those that the till named, else those that left a shelf; count others."""
    if line.epcs and line.quantity >= 0:
        return _sell(connection, line.epcs, t_ms, {"sale": fact.sale})
    if line.epcs:
        back = [Happening(epc, t_ms, life.BROUGHT_BACK, 1.0, rules.counter, {"sale": fact.sale}) for epc in line.epcs]
        return steps.happen(connection, back, early=True)
    if items.is_tagged(connection, line.gtin):
        # A return that names no piece counts as soon as a reader sees the piece.
        return _sell_tagged(connection, line.gtin, max(line.quantity, 0), _Sold(t_ms, fact.sale, fact.till))
    if line.quantity:
        change = StockChanged(
            t_ms=t_ms,
            gtin=line.gtin,
            place=counts.place_of_sale(connection, line.gtin, rules.backroom),
            delta=-line.quantity,
            reason="sale" if line.quantity > 0 else "return",
            reference=fact.sale,
        )
        counts.fold_change(connection, change, t_ms)
    return []


def _sell(connection: sqlite3.Connection, epcs: Sequence[str], t_ms: int, evidence: dict[str, object]) -> list[Turn]:
    exits.cleared(connection, epcs)
    return steps.happen(connection, [Happening(epc, t_ms, life.SALE, 1.0, "", evidence) for epc in epcs], early=True)


def _sell_tagged(connection: sqlite3.Connection, gtin: str, pieces: int, sold: _Sold) -> list[Turn]:
    """Sell pieces of which the till gave the number only: those that went out, were scanned, or left a shelf first.

    A shelf misses some only later: they are owed.
    """
    found = list(
        dict.fromkeys(
            [
                *exits.unpaid_of(connection, gtin, sold.t_ms, pieces),
                *baskets.scanned_of(connection, gtin, sold.till),
                *_lifted_of(connection, gtin, pieces),
            ]
        )
    )[:pieces]
    turns = _sell(connection, found, sold.t_ms, {"sale": sold.sale, "reason": "inferred"})
    if len(found) < pieces:
        connection.execute(
            "INSERT INTO owed(gtin, pieces, t_ms, sale) VALUES (?,?,?,?)",
            (gtin, pieces - len(found), sold.t_ms, sold.sale),
        )
    return turns


def _lifted_of(connection: sqlite3.Connection, gtin: str, limit: int) -> list[str]:
    found = connection.execute(
        "SELECT epc FROM items WHERE gtin = ? AND state = 'picked_up' ORDER BY t_ms LIMIT ?", (gtin, limit)
    )
    return [row[0] for row in found.fetchall()]


def settle(connection: sqlite3.Connection, gtins: Iterable[str], now_ms: int) -> list[Turn]:
    """Sell what is owed of products of which a shelf has just missed a piece; gives what turned."""
    if connection.execute("SELECT 1 FROM owed LIMIT 1").fetchone() is None:
        return []
    turns: list[Turn] = []
    for gtin in gtins:
        owed = connection.execute(
            "DELETE FROM owed WHERE gtin = ? AND t_ms > ? RETURNING pieces, t_ms, sale", (gtin, now_ms - OWED_MS)
        ).fetchall()
        for pieces, t_ms, sale in sorted(owed, key=lambda row: int(row[1])):
            turns += _sell_tagged(connection, gtin, pieces, _Sold(t_ms, sale))
    return turns


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget what no shelf missed in time, and sales of more than a year ago; gives how many."""
    gone = connection.execute("DELETE FROM owed WHERE t_ms < ?", (now_ms - OWED_MS,)).rowcount
    return gone + connection.execute("DELETE FROM sales WHERE t_ms < ?", (now_ms - KEPT_MS,)).rowcount
