"""What every store has: tagged items as readers see them, counted goods as people count them.

The rules are the store's own (its gateway folds the same facts), so that both say the same number: the newest count
of a place and what came or went after it; where both speak of a place, the readers are right.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from models.messages.facts import ItemFact, ItemTaken, SaleLine, StockChanged, StockCounted

BACKROOM: Final = "backroom"
COUNTER: Final = "counter"
UNKNOWN_PLACE: Final = "floor"
"""Where something was sold from that nobody ever counted anywhere."""

MOST: Final = 10**9
"""The wire's bound of a quantity."""

_KEEP_MS: Final = 10 * 60_000
_JOINED_MS: Final = 2 * 86_400_000
_JOINED_FROM: Final = 20

_ITEM: Final = """
    INSERT INTO items(store, epc, gtin, place, present, t_ms) VALUES (?,?,?,?,?,?)
    ON CONFLICT(store, epc) DO UPDATE SET gtin = coalesce(gtin, excluded.gtin),
        place = CASE WHEN excluded.t_ms >= t_ms THEN excluded.place ELSE place END,
        present = CASE WHEN excluded.t_ms >= t_ms THEN excluded.present ELSE present END,
        t_ms = max(t_ms, excluded.t_ms)
"""


def fold_items(connection: sqlite3.Connection, store: str, found: Sequence[ItemFact], latest_ms: int) -> set[str]:
    """Fold placed, moved, taken, returned in their order; gives the products that they touch."""
    connection.executemany(
        _ITEM,
        [
            (store, fact.epc, fact.gtin, fact.shelf, not isinstance(fact, ItemTaken), min(fact.t_ms, latest_ms))
            for fact in found
        ],
    )
    return {fact.gtin for fact in found if fact.gtin is not None}


def fold_count(connection: sqlite3.Connection, store: str, fact: StockCounted, latest_ms: int) -> None:
    """Enter a count of one place."""
    _enter(
        connection, store, fact.gtin, fact.place, amount=fact.quantity, t_ms=min(fact.t_ms, latest_ms), is_count=True
    )


def fold_change(connection: sqlite3.Connection, store: str, fact: StockChanged, latest_ms: int) -> None:
    """Enter pieces that came or went."""
    _enter(connection, store, fact.gtin, fact.place, amount=fact.delta, t_ms=min(fact.t_ms, latest_ms))


def sell(connection: sqlite3.Connection, store: str, lines: Iterable[SaleLine], t_ms: int) -> None:
    """Take what was paid out of the stock: the tagged items that the till named, else pieces of the fullest place."""
    for line in lines:
        if line.epcs:
            turn(connection, store, line.epcs, t_ms, present=line.quantity < 0)
        elif line.quantity and not _is_tagged(connection, store, line.gtin):
            place = _place_of_sale(connection, store, line.gtin)
            _enter(connection, store, line.gtin, place, amount=-line.quantity, t_ms=t_ms)


def turn(connection: sqlite3.Connection, store: str, epcs: Iterable[str], t_ms: int, *, present: bool) -> None:
    """What no shelf says: these items were sold, went out or are missing (or came back to the counter).

    Where an item was is kept. A tag that no shelf has spoken of yet is kept without its product: that a till or a
    door knows it makes no product one with tags.
    """
    connection.executemany(
        """INSERT INTO items(store, epc, gtin, place, present, t_ms) VALUES (?,?,NULL,?,?,?)
           ON CONFLICT(store, epc) DO UPDATE SET present = excluded.present, t_ms = excluded.t_ms,
               place = CASE WHEN excluded.present THEN excluded.place ELSE place END
           WHERE excluded.t_ms >= t_ms""",
        [(store, epc, COUNTER, present, t_ms) for epc in epcs],
    )


def _is_tagged(connection: sqlite3.Connection, store: str, gtin: str) -> bool:
    row = connection.execute("SELECT 1 FROM items WHERE store = ? AND gtin = ? LIMIT 1", (store, gtin)).fetchone()
    return row is not None


def _place_of_sale(connection: sqlite3.Connection, store: str, gtin: str) -> str:
    row = connection.execute(
        "SELECT place FROM counted WHERE store = ? AND gtin = ? ORDER BY place = ?, quantity DESC, place LIMIT 1",
        (store, gtin, BACKROOM),
    ).fetchone()
    return UNKNOWN_PLACE if row is None else str(row[0])


def _enter(
    connection: sqlite3.Connection,
    store: str,
    gtin: str,
    place: str,
    *,
    amount: int,
    t_ms: int,
    is_count: bool = False,
) -> None:
    key = (store, gtin, place)
    connection.execute(
        "INSERT INTO entries(store, gtin, place, is_count, amount, t_ms) VALUES (?,?,?,?,?,?)",
        (*key, is_count, amount, t_ms),
    )
    (newest_ms,) = connection.execute(
        "SELECT coalesce(max(t_ms), -1) FROM entries WHERE store = ? AND gtin = ? AND place = ? AND is_count", key
    ).fetchone()
    (counted,) = connection.execute(
        """SELECT coalesce(max(amount), 0) FROM entries
           WHERE store = ? AND gtin = ? AND place = ? AND is_count AND t_ms = ?""",
        (*key, newest_ms),
    ).fetchone()
    (since,) = connection.execute(
        """SELECT coalesce(sum(amount), 0) FROM entries
           WHERE store = ? AND gtin = ? AND place = ? AND NOT is_count AND t_ms > ?""",
        (*key, newest_ms),
    ).fetchone()
    connection.execute(
        """INSERT INTO counted VALUES (?,?,?,?)
           ON CONFLICT(store, gtin, place) DO UPDATE SET quantity = excluded.quantity""",
        (*key, max(-MOST, min(MOST, counted + since))),
    )
    if is_count:
        connection.execute(
            "DELETE FROM entries WHERE store = ? AND gtin = ? AND place = ? AND t_ms < ?",
            (*key, newest_ms - _KEEP_MS),
        )


def compact(connection: sqlite3.Connection, now_ms: int) -> int:
    """Join what came and went more than two days ago into one entry per place; gives how many entries went.

    A product that is sold all day and never counted would else be added up from every sale that there ever was. A
    count that comes later still than that finds the joined entry at its newest time.
    """
    before_ms = now_ms - _JOINED_MS
    places = connection.execute(
        """SELECT store, gtin, place, sum(amount), max(t_ms), count(*) FROM entries WHERE NOT is_count AND t_ms < ?
           GROUP BY store, gtin, place HAVING count(*) > ?""",
        (before_ms, _JOINED_FROM),
    ).fetchall()
    for store, gtin, place, amount, t_ms, _count in places:
        connection.execute(
            "DELETE FROM entries WHERE store = ? AND gtin = ? AND place = ? AND NOT is_count AND t_ms < ?",
            (store, gtin, place, before_ms),
        )
        connection.execute(
            "INSERT INTO entries(store, gtin, place, is_count, amount, t_ms) VALUES (?,?,?,0,?,?)",
            (store, gtin, place, amount, t_ms),
        )
    return sum(count - 1 for *_place, count in places)


def recount(connection: sqlite3.Connection, store: str, gtins: Iterable[str], now_ms: int) -> list[str]:
    """Bring ``stock`` up to date for these products; gives those whose number changed and notes them as untold."""
    changed = []
    for gtin in gtins:
        quantity = on_hand(connection, store, gtin)
        row = connection.execute("SELECT on_hand FROM stock WHERE gtin = ? AND store = ?", (gtin, store)).fetchone()
        if row is not None and row[0] == quantity:
            continue
        connection.execute(
            """INSERT INTO stock VALUES (?,?,?,?)
               ON CONFLICT(gtin, store) DO UPDATE SET on_hand = excluded.on_hand, t_ms = excluded.t_ms""",
            (gtin, store, quantity, now_ms),
        )
        connection.execute("INSERT OR IGNORE INTO stock_untold VALUES (?,?)", (gtin, store))
        changed.append(gtin)
    return changed


def on_hand(connection: sqlite3.Connection, store: str, gtin: str) -> int:
    """How many pieces the store has, over all places."""
    places = dict(
        connection.execute(
            "SELECT place, max(quantity, 0) FROM counted WHERE store = ? AND gtin = ?", (store, gtin)
        ).fetchall()
    )
    places.update(
        connection.execute(
            "SELECT place, count(*) FROM items WHERE store = ? AND gtin = ? AND present = 1 GROUP BY place",
            (store, gtin),
        ).fetchall()
    )
    return sum(places.values())
