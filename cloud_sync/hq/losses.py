"""What stores miss: items that nobody paid for, what untagged goods lack, and alarms that nobody has closed."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from cloud_sync.hq import stock
from cloud_sync.hq.answers import Missing, OpenAlarm, StoreLosses
from cloud_sync.hq.settings import StoreSettings
from models.messages.facts import StockChanged
from models.messages.goods import AlarmClosed, AlarmRaised, ItemExited, ItemFound, ItemMissing

TABLES: Final = (
    """CREATE TABLE losses(
        id INTEGER PRIMARY KEY, store TEXT NOT NULL, epc TEXT, gtin TEXT, quantity INTEGER NOT NULL,
        value_minor INTEGER NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL, t_ms INTEGER NOT NULL,
        found_ms INTEGER)""",
    "CREATE INDEX losses_by_time ON losses(store, t_ms)",
    "CREATE INDEX losses_open ON losses(store, epc) WHERE found_ms IS NULL AND epc NOT NULL",
    """CREATE TABLE alarms(
        store TEXT NOT NULL, alarm TEXT NOT NULL, type TEXT NOT NULL, gtin TEXT, shelf TEXT, door TEXT,
        quantity INTEGER NOT NULL, t_ms INTEGER NOT NULL, outcome TEXT, closed_ms INTEGER,
        PRIMARY KEY(store, alarm)) WITHOUT ROWID""",
)
MOST_ALARMS: Final = 50
KEPT_MS: Final = 400 * 86_400_000


def fold_exited(connection: sqlite3.Connection, store: str, found: Sequence[ItemExited], latest_ms: int) -> set[str]:
    """What passed a door is no stock; gives the products that it concerns."""
    for fact in found:
        stock.turn(connection, store, [fact.epc], min(fact.t_ms, latest_ms), present=False)
    return _products(connection, store, [fact.epc for fact in found])


def fold_missing(
    connection: sqlite3.Connection, store: str, found: Sequence[ItemMissing], latest_ms: int
) -> set[str]:
    """An item is missing from now on; gives the products."""
    for fact in found:
        t_ms = min(fact.t_ms, latest_ms)
        stock.turn(connection, store, [fact.epc], t_ms, present=False)
        connection.execute(
            """INSERT INTO losses(store, epc, gtin, quantity, value_minor, place, reason, t_ms)
               SELECT ?1, ?2, ?3, 1, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
                   SELECT 1 FROM losses WHERE store = ?1 AND epc = ?2 AND found_ms IS NULL)""",
            (store, fact.epc, fact.gtin, fact.price_minor or 0, fact.shelf, fact.reason, t_ms),
        )
    return _products(connection, store, [fact.epc for fact in found])


def fold_found(connection: sqlite3.Connection, store: str, found: Sequence[ItemFound], latest_ms: int) -> None:
    """An item turned up, or was paid after all. Where it stands, its shelf says, or what the gateway says for it."""
    connection.executemany(
        "UPDATE losses SET found_ms = ? WHERE store = ? AND epc = ? AND found_ms IS NULL",
        [(min(fact.t_ms, latest_ms), store, fact.epc) for fact in found],
    )


def fold_lost(connection: sqlite3.Connection, store: str, fact: StockChanged, latest_ms: int) -> None:
    """Goods without tags that a count found too few, at the price that holds."""
    t_ms = min(fact.t_ms, latest_ms)
    row = connection.execute(
        "SELECT price_minor FROM prices WHERE gtin = ? AND from_ms <= ? ORDER BY from_ms DESC LIMIT 1",
        (fact.gtin, t_ms),
    ).fetchone()
    connection.execute(
        """INSERT INTO losses(store, epc, gtin, quantity, value_minor, place, reason, t_ms)
           VALUES (?,NULL,?,?,?,?,'counted',?)""",
        (store, fact.gtin, -fact.delta, -fact.delta * (0 if row is None else row[0]), fact.place, t_ms),
    )


def fold_raised(connection: sqlite3.Connection, store: str, found: Sequence[AlarmRaised]) -> None:
    """An alarm rings, has grown, or was opened again."""
    connection.executemany(
        """INSERT INTO alarms(store, alarm, type, gtin, shelf, door, quantity, t_ms) VALUES (?,?,?,?,?,?,?,?)
           ON CONFLICT(store, alarm) DO UPDATE SET quantity = excluded.quantity, gtin = excluded.gtin,
           outcome = NULL, closed_ms = NULL""",
        [(store, one.alarm, one.type, one.gtin, one.shelf, one.door, one.quantity, one.t_ms) for one in found],
    )


def fold_closed(connection: sqlite3.Connection, store: str, found: Sequence[AlarmClosed]) -> None:
    """Somebody looked."""
    connection.executemany(
        "UPDATE alarms SET outcome = ?, closed_ms = ? WHERE store = ? AND alarm = ?",
        [(one.outcome, one.t_ms, store, one.alarm) for one in found],
    )


def _products(connection: sqlite3.Connection, store: str, epcs: Sequence[str]) -> set[str]:
    marks = ",".join("?" * len(epcs))
    found = connection.execute(
        f"SELECT DISTINCT gtin FROM items WHERE store = ? AND gtin NOT NULL AND epc IN ({marks})",  # noqa: S608 - marks
        (store, *epcs),
    )
    return {row[0] for row in found.fetchall()}


def glance(connection: sqlite3.Connection, settings: StoreSettings, since_ms: int) -> Missing:
    """What a store misses since then, in one line."""
    pieces, value_minor = connection.execute(
        """SELECT coalesce(sum(quantity), 0), coalesce(sum(value_minor), 0) FROM losses
            WHERE store = ? AND t_ms >= ? AND found_ms IS NULL""",
        (settings.id, since_ms),
    ).fetchone()
    (ringing,) = connection.execute(
        "SELECT count(*) FROM alarms WHERE store = ? AND closed_ms IS NULL", (settings.id,)
    ).fetchone()
    return {"items": pieces, "value_minor": value_minor, "currency": settings.currency, "alarms": ringing}


def of_store(connection: sqlite3.Connection, settings: StoreSettings, since_ms: int) -> StoreLosses:
    """What a store missed since then, and the alarms that ring there."""
    pieces, value_minor, found = connection.execute(
        """SELECT coalesce(sum(quantity) FILTER (WHERE found_ms IS NULL), 0),
                  coalesce(sum(value_minor) FILTER (WHERE found_ms IS NULL), 0),
                  coalesce(sum(quantity) FILTER (WHERE found_ms NOT NULL), 0)
             FROM losses WHERE store = ? AND t_ms >= ?""",
        (settings.id, since_ms),
    ).fetchone()
    reasons = connection.execute(
        """SELECT reason, sum(quantity) FROM losses WHERE store = ? AND t_ms >= ? AND found_ms IS NULL
           GROUP BY reason ORDER BY reason""",
        (settings.id, since_ms),
    ).fetchall()
    ringing: list[OpenAlarm] = [
        {
            "alarm": alarm, "type": kind, "gtin": gtin, "shelf": shelf, "door": door, "quantity": quantity,
            "t_ms": t_ms,
        }
        for alarm, kind, gtin, shelf, door, quantity, t_ms in connection.execute(
            """SELECT alarm, type, gtin, shelf, door, quantity, t_ms FROM alarms
                WHERE store = ? AND closed_ms IS NULL ORDER BY t_ms DESC, alarm LIMIT ?""",
            (settings.id, MOST_ALARMS),
        ).fetchall()
    ]  # fmt: skip
    return {
        "store": settings.id,
        "name": settings.name,
        "currency": settings.currency,
        "items": pieces,
        "value_minor": value_minor,
        "found": found,
        "reasons": {str(reason): int(count) for reason, count in reasons},
        "alarms": ringing,
    }


def prune(connection: sqlite3.Connection, now_ms: int) -> None:
    """Forget what is older than a year."""
    connection.execute("DELETE FROM losses WHERE t_ms < ?", (now_ms - KEPT_MS,))
    connection.execute("DELETE FROM alarms WHERE t_ms < ?", (now_ms - KEPT_MS,))
