"""The planogram: what belongs where. The newest word holds, whether the store said it or headquarters."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from gateway.core.planogram import Slot
from models.messages.goods import PlanogramChanged

UNDO_MS: Final = 10 * 60_000
_COLUMNS: Final = "gtin, shelf, facings, capacity, low, t_ms"

# Of two in the same millisecond the larger holds: headquarters keeps the same rule, and so the same plan.
_PUT: Final = """
    INSERT INTO planogram(gtin, shelf, facings, capacity, low, t_ms) VALUES (?,?,?,?,?,?)
    ON CONFLICT(gtin, shelf) DO UPDATE SET facings = excluded.facings, capacity = excluded.capacity,
        low = excluded.low, t_ms = excluded.t_ms
    WHERE (excluded.t_ms, excluded.facings, excluded.capacity, excluded.low) > (t_ms, facings, capacity, low)
"""


def fold(connection: sqlite3.Connection, facts: Iterable[PlanogramChanged]) -> set[str]:
    """Take over what headquarters says; gives the products that it concerns."""
    gtins = set()
    for fact in facts:
        values = (fact.gtin, fact.shelf, fact.facings, fact.capacity, fact.low, fact.t_ms)
        if connection.execute(_PUT, values).rowcount:
            gtins.add(fact.gtin)
    return gtins


def edit(connection: sqlite3.Connection, wished: Sequence[Slot], change: str, now_ms: int) -> list[PlanogramChanged]:
    """Change the plan as a manager wishes, whatever it said before; gives the facts of what really changed.

    What was there is kept under ``change``, so that it can be undone. An edit is newer than what it replaces even
    where that came from a clock that runs ahead: else nobody in the store could correct it.
    """
    facts = []
    for slot in wished:
        old = find(connection, slot.gtin, slot.shelf)
        before = old or Slot(slot.gtin, slot.shelf, 0, 0, 0, -1)
        if (before.facings, before.capacity, before.low) == (slot.facings, slot.capacity, slot.low):
            continue
        if old is None and not slot.is_live:
            continue
        new = replace(slot, t_ms=max(now_ms, before.t_ms + 1))
        connection.execute(_PUT, _values(new))
        connection.execute(
            "INSERT INTO plan_edits(change, gtin, shelf, facings, capacity, low, entered_ms) VALUES (?,?,?,?,?,?,?)",
            (change, *_values(before)[:5], now_ms),
        )
        facts.append(fact_of(new))
    return facts


def before(connection: sqlite3.Connection, change: str, now_ms: int) -> list[Slot]:
    """What the plan said before ``change``, in the last ten minutes; nothing for a change that nobody remembers."""
    found = connection.execute(
        "SELECT gtin, shelf, facings, capacity, low FROM plan_edits WHERE change = ? AND entered_ms >= ? ORDER BY id",
        (change, now_ms - UNDO_MS),
    )
    # The first word on a slot is what was there before the whole change.
    oldest: dict[tuple[str, str], Slot] = {}
    for gtin, shelf, facings, capacity, low in found.fetchall():
        oldest.setdefault((gtin, shelf), Slot(gtin, shelf, facings, capacity, low))
    return list(oldest.values())


def find(connection: sqlite3.Connection, gtin: str, shelf: str) -> Slot | None:
    """What the plan says of a product on a shelf, tombstones included."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM planogram WHERE gtin = ? AND shelf = ?",  # noqa: S608 - columns of ours
        (gtin, shelf),
    ).fetchone()
    return None if row is None else Slot(*row)


def live(connection: sqlite3.Connection) -> list[Slot]:
    """The whole plan, by shelf and product."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM planogram WHERE facings > 0 ORDER BY shelf, gtin"  # noqa: S608 - columns of ours
    )
    return [Slot(*row) for row in found.fetchall()]


def of(connection: sqlite3.Connection, gtins: Sequence[str] | None = None) -> dict[str, list[Slot]]:
    """Where these products belong, by GTIN; of all for ``None``."""
    found: dict[str, list[Slot]] = {}
    marks = "" if gtins is None else f"AND gtin IN ({','.join('?' * len(gtins))})"
    for row in connection.execute(
        f"SELECT {_COLUMNS} FROM planogram WHERE facings > 0 {marks} ORDER BY gtin, shelf",  # noqa: S608 - marks only
        gtins or (),
    ).fetchall():
        slot = Slot(*row)
        found.setdefault(slot.gtin, []).append(slot)
    return found


def gtins_on(connection: sqlite3.Connection, shelves: Sequence[str]) -> set[str]:
    """The products that belong on these shelves."""
    marks = ",".join("?" * len(shelves))
    found = connection.execute(
        f"SELECT DISTINCT gtin FROM planogram WHERE facings > 0 AND shelf IN ({marks})",  # noqa: S608 - marks only
        shelves,
    )
    return {row[0] for row in found.fetchall()}


def fact_of(slot: Slot) -> PlanogramChanged:
    """What headquarters is told."""
    return PlanogramChanged(
        t_ms=slot.t_ms, gtin=slot.gtin, shelf=slot.shelf, facings=slot.facings, capacity=slot.capacity, low=slot.low
    )


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget what can no longer be undone; gives how many edits."""
    return connection.execute("DELETE FROM plan_edits WHERE entered_ms < ?", (now_ms - UNDO_MS,)).rowcount


def _values(slot: Slot) -> tuple[str, str, int, int, int, int]:
    return slot.gtin, slot.shelf, slot.facings, slot.capacity, slot.low, slot.t_ms
