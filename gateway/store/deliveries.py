"""Deliveries: notices of what is on its way, and everything that was seen of it."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.core.deliveries import Line, Seen, Tally, Unit, tally
from gateway.store import rows
from models.codes.epc import identify
from models.codes.errors import BadEpc
from models.messages.facts import ItemFact, ItemPlaced
from models.messages.goods import DeliveryExpected, DeliveryLine, LogisticUnit

UNDO_MS: Final = 10 * 60_000
KEPT_MS: Final = 180 * 86_400_000
EARLY_MS: Final = 2 * 86_400_000
"""Pieces that a notice names and that were last read longer before it is due were here in an earlier life."""

_COMING: Final = "('expected', 'open')"


def fold_expected(connection: sqlite3.Connection, facts: Iterable[DeliveryExpected]) -> set[str]:
    """Take over notices; the newest holds until the delivery arrived. Gives the deliveries that changed."""
    changed = set()
    for fact in facts:
        row = connection.execute("SELECT state, t_ms FROM deliveries WHERE delivery = ?", (fact.delivery,)).fetchone()
        if row is not None and (row[0] == "received" or row[1] > fact.t_ms):
            continue
        if fact.cancelled and row is not None and row[0] == "open":
            continue  # it stands at the door: somebody decides
        state = "cancelled" if fact.cancelled else "open" if row is not None and row[0] == "open" else "expected"
        connection.execute(
            """INSERT INTO deliveries(delivery, supplier, due_ms, state, t_ms) VALUES (?,?,?,?,?)
               ON CONFLICT(delivery) DO UPDATE SET supplier = excluded.supplier, due_ms = excluded.due_ms,
               state = excluded.state, t_ms = excluded.t_ms""",
            (fact.delivery, fact.supplier, fact.due_ms, state, fact.t_ms),
        )
        _put_lines(connection, fact)
        _see_those_here(connection, fact)
        changed.add(fact.delivery)
    return changed


def _see_those_here(connection: sqlite3.Connection, fact: DeliveryExpected) -> None:
    """Goods may be quicker than their notice: named pieces that were read about when they are due have come."""
    here = connection.execute(
        """SELECT epc, items.gtin, seen_ms FROM items JOIN delivery_epcs USING (epc)
           WHERE delivery = ? AND seen_ms >= ?""",
        (fact.delivery, fact.due_ms - EARLY_MS),
    ).fetchall()
    for epc, gtin, seen_ms in here:
        one = Seen("tag", seen_ms, epc=epc, gtin=gtin)
        see(connection, fact.delivery, one, None, f"tag:{fact.delivery}:{epc}")


def _put_lines(connection: sqlite3.Connection, fact: DeliveryExpected) -> None:
    for table in ("delivery_lines", "delivery_epcs"):
        connection.execute(f"DELETE FROM {table} WHERE delivery = ?", (fact.delivery,))  # noqa: S608 - names of ours
    lines: dict[tuple[int, str], tuple[str | None, int]] = {}
    epcs = []
    for number, unit in enumerate(fact.units):
        for line in unit.lines:
            _sscc, known = lines.get((number, line.gtin), (None, 0))
            lines[number, line.gtin] = unit.sscc, known + line.quantity
            epcs += [(epc, fact.delivery, number, line.gtin) for epc in line.epcs]
    connection.executemany(
        "INSERT INTO delivery_lines(delivery, unit, gtin, sscc, quantity) VALUES (?,?,?,?,?)",
        [(fact.delivery, number, gtin, *line) for (number, gtin), line in lines.items()],
    )
    connection.executemany("INSERT OR IGNORE INTO delivery_epcs(epc, delivery, unit, gtin) VALUES (?,?,?,?)", epcs)


def units(connection: sqlite3.Connection, delivery: str) -> list[Unit]:
    """What is expected, unit by unit."""
    named: dict[tuple[int, str], set[str]] = {}
    for epc, number, gtin in connection.execute(
        "SELECT epc, unit, gtin FROM delivery_epcs WHERE delivery = ?", (delivery,)
    ).fetchall():
        named.setdefault((number, gtin), set()).add(epc)
    found: dict[int, tuple[str | None, list[Line]]] = {}
    for number, sscc, gtin, quantity in connection.execute(
        "SELECT unit, sscc, gtin, quantity FROM delivery_lines WHERE delivery = ? ORDER BY unit, gtin", (delivery,)
    ).fetchall():
        epcs = frozenset(named.get((number, gtin), ()))
        found.setdefault(number, (sscc, []))[1].append(Line(gtin, quantity, epcs))
    return [Unit(sscc, tuple(lines)) for sscc, lines in found.values()]


def notice(connection: sqlite3.Connection, delivery: str, t_ms: int) -> DeliveryExpected:
    """A delivery's notice, to be told again as of ``t_ms``."""
    row = find(connection, delivery)
    assert row is not None  # noqa: S101 - the caller found it
    expected = tuple(
        LogisticUnit(
            sscc=unit.sscc,
            lines=tuple(
                DeliveryLine(gtin=line.gtin, quantity=line.expected, epcs=tuple(sorted(line.epcs)))
                for line in unit.lines
            ),
        )
        for unit in units(connection, delivery)
    )
    return DeliveryExpected(
        t_ms=t_ms, delivery=delivery, supplier=row["supplier"], due_ms=row["due_ms"], units=expected
    )


def seen(connection: sqlite3.Connection, delivery: str) -> list[Seen]:
    """Everything that was seen of a delivery and not taken back."""
    found = connection.execute(
        """SELECT kind, t_ms, sscc, epc, gtin, quantity, accepted FROM delivery_seen
           WHERE delivery = ? AND undone = 0""",
        (delivery,),
    ).fetchall()
    return [
        Seen(kind, t_ms, sscc, epc, gtin, quantity, bool(accepted))
        for kind, t_ms, sscc, epc, gtin, quantity, accepted in found
    ]


def tally_of(connection: sqlite3.Connection, delivery: str) -> Tally:
    """What came of a delivery so far."""
    return tally(units(connection, delivery), seen(connection, delivery))


def find(connection: sqlite3.Connection, delivery: str) -> sqlite3.Row | None:
    """One delivery, or ``None``."""
    return rows.one(connection, f"{_SHOWN} WHERE delivery = ?", (delivery,))


_SHOWN: Final = "SELECT deliveries.*, clerks.name AS by_name FROM deliveries LEFT JOIN clerks USING (clerk)"


def newest(connection: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """Deliveries: what is open, then what is due, then what came, the newest first."""
    found: list[sqlite3.Row] = connection.execute(
        f"""{_SHOWN} ORDER BY CASE state WHEN 'open' THEN 0 WHEN 'expected' THEN 1 ELSE 2 END,
            CASE WHEN state IN {_COMING} THEN due_ms ELSE -coalesce(received_ms, due_ms) END, delivery LIMIT ?""",
        (limit,),
    ).fetchall()
    return found


def see(connection: sqlite3.Connection, delivery: str, one: Seen, clerk: str | None, name: str | None) -> bool:
    """Write down what was seen; gives ``False`` for a tag or ``name`` (a client's own) that is known already."""
    if (
        one.kind == "tag"
        and connection.execute(
            "SELECT 1 FROM delivery_seen WHERE delivery = ? AND epc = ? AND undone = 0", (delivery, one.epc)
        ).fetchone()
    ):
        return False
    cursor = connection.execute(
        """INSERT INTO delivery_seen(delivery, seen, kind, sscc, epc, gtin, quantity, accepted, t_ms, clerk)
           VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING""",
        (
            delivery, name, one.kind, one.sscc, one.epc, one.gtin, one.quantity, one.accepted, one.t_ms, clerk,
        ),
    )  # fmt: skip
    return cursor.rowcount > 0


def unsee(connection: sqlite3.Connection, delivery: str, clerk: str, name: str | None) -> sqlite3.Row | None:
    """Take back what a clerk saw last, or what they call ``name``; gives what it was, ``None`` for nothing."""
    one = "seen = :name" if name is not None else "undone = 0 AND clerk = :clerk"
    row = rows.one(
        connection,
        f"""SELECT id, kind, sscc, epc, gtin, quantity, undone FROM delivery_seen
            WHERE delivery = :delivery AND {one} ORDER BY id DESC LIMIT 1""",  # noqa: S608 - conditions of ours
        {"delivery": delivery, "clerk": clerk, "name": name},
    )
    if row is not None:
        connection.execute("UPDATE delivery_seen SET undone = 1 WHERE id = ?", (row["id"],))
    return row


def awaiting(connection: sqlite3.Connection, *, epc: str | None = None, sscc: str | None = None) -> str | None:
    """The delivery that is coming and expects this tag or unit; the one that is open first."""
    row = connection.execute(
        f"""SELECT delivery FROM deliveries WHERE state IN {_COMING} AND delivery IN (
                SELECT delivery FROM delivery_epcs WHERE epc = ?1
                UNION SELECT delivery FROM delivery_lines WHERE sscc NOT NULL AND sscc = ?2)
            ORDER BY state = 'expected', due_ms LIMIT 1""",  # noqa: S608 - states of ours
        (epc, sscc),
    ).fetchone()
    return None if row is None else str(row[0])


def fold_placed(connection: sqlite3.Connection, facts: Sequence[ItemFact], backroom: str, latest_ms: int) -> set[str]:
    """See tags that came into the back room; call it before the items are folded, while new ones are still new.

    A tag that a coming delivery names counts for it, a unit's tag says that the unit is there. Any other tag counts
    for the delivery that is open, if the store never knew it: a reader that starts again sees all that stood there.
    """
    placed = [fact for fact in facts if type(fact) is ItemPlaced and fact.shelf == backroom]
    if not placed or not _is_coming(connection):
        return set()
    known = _known(connection, [fact.epc for fact in placed])
    touched = set()
    for fact in placed:
        sscc = _sscc_of(fact)
        delivery = awaiting(connection, epc=fact.epc, sscc=sscc)
        if delivery is None and fact.epc not in known and fact.gtin is not None:
            delivery = _open_for(connection, fact.gtin)
        if delivery is None:
            continue
        t_ms = min(fact.t_ms, latest_ms)
        one = (
            Seen("unit", t_ms, sscc=sscc, epc=fact.epc)
            if sscc is not None
            else Seen("tag", t_ms, epc=fact.epc, gtin=fact.gtin)
        )
        if see(connection, delivery, one, None, f"tag:{delivery}:{fact.epc}"):
            touched.add(delivery)
    return touched


def _is_coming(connection: sqlite3.Connection) -> bool:
    row = connection.execute(f"SELECT 1 FROM deliveries WHERE state IN {_COMING} LIMIT 1").fetchone()  # noqa: S608
    return row is not None


def _known(connection: sqlite3.Connection, epcs: Sequence[str]) -> set[str]:
    found = connection.execute(
        "SELECT epc FROM items WHERE epc IN (SELECT value FROM json_each(?))", (json.dumps(epcs),)
    )
    return {row[0] for row in found.fetchall()}


def _sscc_of(fact: ItemPlaced) -> str | None:
    """The number of a unit that a tag names."""
    if fact.gtin is not None or not fact.epc.startswith("31"):
        return None
    try:
        return identify(fact.epc).key
    except BadEpc:
        return None


def _open_for(connection: sqlite3.Connection, gtin: str) -> str | None:
    """The open delivery that a new tag of this product belongs to: one that expects it, else the only one."""
    found = connection.execute(
        """SELECT delivery, EXISTS (SELECT 1 FROM delivery_lines
               WHERE delivery_lines.delivery = deliveries.delivery AND gtin = ?) AS expects
           FROM deliveries WHERE state = 'open' ORDER BY expects DESC, opened_ms""",
        (gtin,),
    ).fetchall()
    if not found or (len(found) > 1 and not found[0][1]):
        return None
    return str(found[0][0])


def set_state(connection: sqlite3.Connection, delivery: str, state: str, clerk: str, now_ms: int) -> None:
    """Open a delivery, or say that it is received."""
    column = "opened_ms" if state == "open" else "received_ms"
    connection.execute(
        f"UPDATE deliveries SET state = ?, clerk = ?, {column} = ? WHERE delivery = ?",  # noqa: S608 - ours
        (state, clerk, now_ms, delivery),
    )


def reopen(connection: sqlite3.Connection, delivery: str) -> None:
    """A received delivery is open again."""
    connection.execute("UPDATE deliveries SET state = 'open', received_ms = NULL WHERE delivery = ?", (delivery,))


def keep_booked(connection: sqlite3.Connection, delivery: str, gtin: str, quantity: int) -> None:
    """Remember what was entered into the books, to be able to take it out again."""
    connection.execute("INSERT OR REPLACE INTO delivery_booked VALUES (?,?,?)", (delivery, gtin, quantity))


def take_booked(connection: sqlite3.Connection, delivery: str) -> list[tuple[str, int]]:
    """What was entered, which from now on is not."""
    found = connection.execute("DELETE FROM delivery_booked WHERE delivery = ? RETURNING gtin, quantity", (delivery,))
    return [(gtin, quantity) for gtin, quantity in found.fetchall()]


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget deliveries that came half a year ago; gives how many."""
    over = "SELECT delivery FROM deliveries WHERE state IN ('received', 'cancelled') AND max(due_ms, t_ms) < ?"
    for table in ("delivery_lines", "delivery_epcs", "delivery_seen", "delivery_booked"):
        connection.execute(f"DELETE FROM {table} WHERE delivery IN ({over})", (now_ms - KEPT_MS,))  # noqa: S608
    return connection.execute(f"DELETE FROM deliveries WHERE delivery IN ({over})", (now_ms - KEPT_MS,)).rowcount  # noqa: S608
