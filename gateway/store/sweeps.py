"""Sweeps: many items of one product, or of one shelf, that leave within seconds."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.core import life
from gateway.core.alarms import PRODUCT_RULE, SHELF_RULE, SweepRule, thickest, unlikely
from gateway.store import alarms, habits
from gateway.store.alarms import Cause
from gateway.store.life import Turn
from models.messages.facts import Fact

RECENT_MS: Final = 5 * 60_000
"""Lifts that are told later than this ring no bell: who swept is gone."""


@dataclass(frozen=True, slots=True)
class Lift:
    """One item that was lifted."""

    t_ms: int
    epc: str
    gtin: str | None
    shelf: str


def note(
    connection: sqlite3.Connection, turns: Sequence[Turn], backroom: str, now_ms: int, odds: float
) -> list[Fact]:
    """Note what was lifted, learn from it, and raise alarms of what is no habit. Gives the facts that say so.

    ``odds``: how unlikely so many at once must be.
    """
    paid = {turn.epc for turn in turns if turn.now == life.PAID}
    lifts = [
        Lift(turn.t_ms, turn.epc, turn.gtin, turn.place)
        for turn in turns
        if turn.now == life.PICKED_UP
        and turn.epc not in paid
        and turn.place != backroom
        and turn.t_ms > now_ms - RECENT_MS
    ]
    if not lifts:
        return []
    connection.execute("DELETE FROM lifted WHERE t_ms < ?", (now_ms - RECENT_MS,))
    connection.executemany(
        "INSERT INTO lifted(t_ms, epc, gtin, shelf) VALUES (?,?,?,?)",
        [(lift.t_ms, lift.epc, lift.gtin, lift.shelf) for lift in lifts],
    )
    facts: list[Fact] = []
    for gtin in sorted({lift.gtin for lift in lifts if lift.gtin is not None}):
        mine = [lift for lift in lifts if lift.gtin == gtin]
        facts += _judge(connection, habits.product(gtin), replace(PRODUCT_RULE, likely=odds), mine, gtin=gtin)
    for shelf in sorted({lift.shelf for lift in lifts}):
        mine = [lift for lift in lifts if lift.shelf == shelf]
        facts += _judge(connection, habits.shelf(shelf), replace(SHELF_RULE, likely=odds), mine, gtin=None)
    return facts


def _judge(
    connection: sqlite3.Connection, subject: str, rule: SweepRule, new: Sequence[Lift], *, gtin: str | None
) -> list[Fact]:
    times = sorted(lift.t_ms for lift in new)
    habits.lifted(connection, subject, times, rule.span_ms)
    cause = Cause("sweep", shelf=new[0].shelf, gtin=gtin)
    going_on = alarms.recent(connection, cause, times[0])
    if going_on is not None:
        alarm, is_open = going_on
        if not is_open:
            return []
        return alarms.grow(connection, alarm, [lift.epc for lift in new], times[-1])
    window = _window(connection, cause, times[0] - rule.span_ms, times[-1])
    first, last = thickest([lift.t_ms for lift in window], rule.span_ms)
    swept = window[first:last]
    if gtin is None and len({lift.gtin for lift in swept}) < 2:
        return []
    p = unlikely(len(swept), habits.of(connection, subject), rule)
    if p is None or _is_explained(connection, swept):
        return []
    habits.not_learned(connection, subject)
    return alarms.ring(
        connection, cause, [lift.epc for lift in swept], t_ms=swept[0].t_ms, last_ms=swept[-1].t_ms, p=1 - p
    )[1]


def _window(connection: sqlite3.Connection, cause: Cause, from_ms: int, to_ms: int) -> list[Lift]:
    """What was lifted of a product, or from a shelf and in no alarm yet, and nobody has paid or scanned since."""
    only = (
        "lifted.gtin = :gtin"
        if cause.gtin is not None
        else "shelf = :shelf AND epc NOT IN (SELECT epc FROM alarm_items)"
    )
    found = connection.execute(
        f"""SELECT lifted.t_ms, epc, lifted.gtin, shelf FROM lifted JOIN items USING(epc)
            WHERE lifted.t_ms BETWEEN :from AND :to AND state IN ('picked_up', 'left', 'missing') AND {only}
            ORDER BY lifted.t_ms""",  # noqa: S608 - constants
        {"from": from_ms, "to": to_ms, "gtin": cause.gtin, "shelf": cause.shelf},
    ).fetchall()
    return list({row[1]: Lift(*row) for row in found}.values())


def _is_explained(connection: sqlite3.Connection, swept: Sequence[Lift]) -> bool:
    """Whether a clerk at work, a delivery that is put away, or a reader that does not look explains it."""
    for shelf, gtin in {(lift.shelf, lift.gtin) for lift in swept}:
        row = connection.execute(
            """SELECT EXISTS (SELECT 1 FROM shelves WHERE shelf = :shelf AND state <> 'reading')
                   OR EXISTS (SELECT 1 FROM tasks WHERE state = 'claimed' AND gtin = :gtin)
                   OR EXISTS (SELECT 1 FROM tasks WHERE state = 'claimed' AND :shelf IN (shelf, from_place, to_place))
                   OR EXISTS (SELECT 1 FROM deliveries JOIN delivery_lines USING(delivery)
                               WHERE deliveries.state = 'open' AND delivery_lines.gtin = :gtin)""",
            {"shelf": shelf, "gtin": gtin},
        ).fetchone()
        if row[0]:
            return True
    return False
