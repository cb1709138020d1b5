"""What stores should hold and what is on its way to them: plans and deliveries, told by either side.

The newest word on a slot of a plan holds, by the rule of the store's own gateway, so that both end with the same
plan. A notice holds until its delivery was received.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from cloud_sync.hq.answers import DeliveryLine, HqDelivery, Misrouted, PlanSlot
from models.messages.codec import encode
from models.messages.goods import DeliveryExpected, DeliveryReceived, PlanogramChanged

TABLES = (
    """CREATE TABLE planogram(
        store TEXT NOT NULL, gtin TEXT NOT NULL, shelf TEXT NOT NULL, facings INTEGER NOT NULL,
        capacity INTEGER NOT NULL, low INTEGER NOT NULL, t_ms INTEGER NOT NULL,
        PRIMARY KEY(store, shelf, gtin)) WITHOUT ROWID""",
    """CREATE TABLE deliveries(
        store TEXT NOT NULL, delivery TEXT NOT NULL, supplier TEXT NOT NULL, due_ms INTEGER NOT NULL,
        state TEXT NOT NULL, notice BLOB NOT NULL, t_ms INTEGER NOT NULL, received_ms INTEGER,
        received TEXT NOT NULL DEFAULT '[]', units TEXT NOT NULL DEFAULT '[]', PRIMARY KEY(store, delivery)
        ) WITHOUT ROWID""",
    """CREATE TABLE delivery_units(
        sscc TEXT NOT NULL, store TEXT NOT NULL, delivery TEXT NOT NULL,
        PRIMARY KEY(sscc, store, delivery)) WITHOUT ROWID""",
)

_PUT = """
    INSERT INTO planogram(store, gtin, shelf, facings, capacity, low, t_ms) VALUES (?,?,?,?,?,?,?)
    ON CONFLICT(store, shelf, gtin) DO UPDATE SET facings = excluded.facings, capacity = excluded.capacity,
        low = excluded.low, t_ms = excluded.t_ms
    WHERE (excluded.t_ms, excluded.facings, excluded.capacity, excluded.low) > (t_ms, facings, capacity, low)
"""


def fold_plan(connection: sqlite3.Connection, store: str, facts: Sequence[PlanogramChanged]) -> None:
    """Take over what a store, or we ourselves, say of its plan."""
    connection.executemany(
        _PUT, [(store, one.gtin, one.shelf, one.facings, one.capacity, one.low, one.t_ms) for one in facts]
    )


def newer(connection: sqlite3.Connection, store: str, fact: PlanogramChanged) -> PlanogramChanged | None:
    """The wish as something newer than what is known, ``None`` where it says nothing new."""
    row = connection.execute(
        "SELECT facings, capacity, low, t_ms FROM planogram WHERE store = ? AND shelf = ? AND gtin = ?",
        (store, fact.shelf, fact.gtin),
    ).fetchone()
    if row is None:
        return fact if fact.facings else None
    if tuple(row[:3]) == (fact.facings, fact.capacity, fact.low):
        return None
    return msgspec.structs.replace(fact, t_ms=max(fact.t_ms, row[3] + 1))


def fold_expected(connection: sqlite3.Connection, store: str, fact: DeliveryExpected) -> bool:
    """Take over a notice; gives ``False`` for one that is older than what is known, or that was received since."""
    row = connection.execute(
        "SELECT state, t_ms, received_ms FROM deliveries WHERE store = ? AND delivery = ?", (store, fact.delivery)
    ).fetchone()
    # A store that opens a delivery again says its notice anew, later than it said that it was received.
    if row is not None and (row[1] > fact.t_ms or (row[0] == "received" and (row[2] or 0) >= fact.t_ms)):
        return False
    connection.execute(
        """INSERT INTO deliveries(store, delivery, supplier, due_ms, state, notice, t_ms) VALUES (?,?,?,?,?,?,?)
           ON CONFLICT(store, delivery) DO UPDATE SET supplier = excluded.supplier, due_ms = excluded.due_ms,
           state = excluded.state, notice = excluded.notice, t_ms = excluded.t_ms, received_ms = NULL,
           received = '[]', units = '[]'""",
        (
            store, fact.delivery, fact.supplier, fact.due_ms, "cancelled" if fact.cancelled else "expected",
            encode(fact), fact.t_ms,
        ),
    )  # fmt: skip
    connection.execute("DELETE FROM delivery_units WHERE store = ? AND delivery = ?", (store, fact.delivery))
    connection.executemany(
        "INSERT OR IGNORE INTO delivery_units VALUES (?,?,?)",
        [(unit.sscc, store, fact.delivery) for unit in fact.units if unit.sscc is not None],
    )
    return True


def fold_received(connection: sqlite3.Connection, store: str, fact: DeliveryReceived) -> None:
    """Take over what came of a delivery, whether or not we knew of it."""
    lines = json.dumps([[line.gtin, line.expected, line.received] for line in fact.lines])
    notice = encode(DeliveryExpected(t_ms=fact.t_ms, delivery=fact.delivery, supplier="", due_ms=fact.t_ms, units=()))
    connection.execute(
        """INSERT INTO deliveries(store, delivery, supplier, due_ms, state, notice, t_ms, received_ms, received,
               units)
           VALUES (:store,:delivery,'',:t_ms,'received',:notice,:t_ms,:t_ms,:lines,:units)
           ON CONFLICT(store, delivery) DO UPDATE SET state = 'received', received_ms = excluded.received_ms,
           received = excluded.received, units = excluded.units
           WHERE excluded.received_ms >= coalesce(received_ms, 0)""",
        {
            "store": store, "delivery": fact.delivery, "t_ms": fact.t_ms, "notice": notice, "lines": lines,
            "units": json.dumps(fact.units),
        },
    )  # fmt: skip


def everything(connection: sqlite3.Connection, store: str) -> Iterator[PlanogramChanged | DeliveryExpected]:
    """All that a store has to know of its plan and of what is on its way, for one that begins anew."""
    for gtin, shelf, facings, capacity, low, t_ms in connection.execute(
        "SELECT gtin, shelf, facings, capacity, low, t_ms FROM planogram WHERE store = ? ORDER BY gtin", (store,)
    ):
        yield PlanogramChanged(t_ms=t_ms, gtin=gtin, shelf=shelf, facings=facings, capacity=capacity, low=low)
    for (notice,) in connection.execute(
        "SELECT notice FROM deliveries WHERE store = ? AND state = 'expected' ORDER BY due_ms", (store,)
    ):
        yield msgspec.json.decode(notice, type=DeliveryExpected)


def plan(connection: sqlite3.Connection, store: str) -> list[PlanSlot]:
    """A store's plan, by shelf and product."""
    found = connection.execute(
        """SELECT shelf, planogram.gtin, name_en, name_zh, facings, capacity, low, planogram.t_ms
           FROM planogram LEFT JOIN products ON products.gtin = planogram.gtin
           WHERE store = ? AND facings > 0 ORDER BY shelf, planogram.gtin""",
        (store,),
    )
    return [
        {
            "shelf": shelf, "gtin": gtin, "name_en": name_en, "name_zh": name_zh, "facings": facings,
            "capacity": capacity, "low": low, "t_ms": t_ms,
        }
        for shelf, gtin, name_en, name_zh, facings, capacity, low, t_ms in found.fetchall()
    ]  # fmt: skip


def deliveries(
    connection: sqlite3.Connection, names: Mapping[str, str], store: str | None, limit: int
) -> list[HqDelivery]:
    """Deliveries of one store or of all: what is on its way by when it is due, then what came, the newest first."""
    rows = connection.execute(
        """SELECT store, delivery, supplier, due_ms, state, notice, received_ms, received, units FROM deliveries
           WHERE :store IS NULL OR store = :store
           ORDER BY state <> 'expected', CASE state WHEN 'expected' THEN due_ms ELSE -coalesce(received_ms, t_ms) END
           LIMIT :limit""",
        {"store": store, "limit": limit},
    ).fetchall()
    return [_delivery(connection, row, names) for row in rows if row[0] in names]


def _delivery(connection: sqlite3.Connection, row: Sequence[Any], names: Mapping[str, str]) -> HqDelivery:
    store, delivery, supplier, due_ms, state, notice, received_ms, received, units = row
    fact = msgspec.json.decode(notice, type=DeliveryExpected)
    expected: dict[str, int] = {}
    for unit in fact.units:
        for line in unit.lines:
            expected[line.gtin] = expected.get(line.gtin, 0) + line.quantity
    came = {gtin: (wanted, pieces) for gtin, wanted, pieces in json.loads(received)}
    if state != "received":
        came = {gtin: (pieces, 0) for gtin, pieces in expected.items()}
    called = _names(connection, list(came))
    lines: list[DeliveryLine] = [
        {
            "gtin": gtin, "name_en": called.get(gtin, (None, None))[0], "name_zh": called.get(gtin, (None, None))[1],
            "expected": wanted, "received": pieces,
        }
        for gtin, (wanted, pieces) in sorted(came.items())
    ]  # fmt: skip
    numbered = {unit.sscc for unit in fact.units if unit.sscc is not None}
    seen = json.loads(units)
    return {
        "store": store,
        "name": names[store],
        "delivery": delivery,
        "supplier": supplier,
        "due_ms": due_ms,
        "state": state,
        "received_ms": received_ms,
        "units": len(numbered),
        "units_seen": len(numbered & set(seen)),
        "expected": sum(line["expected"] for line in lines),
        "received": sum(line["received"] for line in lines),
        "lines": lines,
        "misrouted": _misrouted(connection, store, set(seen) - numbered),
    }


def _names(connection: sqlite3.Connection, gtins: Sequence[str]) -> dict[str, tuple[str, str]]:
    found = connection.execute(
        "SELECT gtin, name_en, name_zh FROM products WHERE gtin IN (SELECT value FROM json_each(?))",
        (json.dumps(gtins),),
    )
    return {gtin: (name_en, name_zh) for gtin, name_en, name_zh in found.fetchall()}


def _misrouted(connection: sqlite3.Connection, store: str, units: set[str]) -> list[Misrouted]:
    """Units that came to a store and were announced to another, or to nobody (``None``)."""
    found: list[Misrouted] = []
    for sscc in sorted(units):
        row = connection.execute(
            "SELECT store FROM delivery_units WHERE sscc = ? AND store <> ? LIMIT 1", (sscc, store)
        ).fetchone()
        found.append({"sscc": sscc, "expected_by": None if row is None else row[0]})
    return found
