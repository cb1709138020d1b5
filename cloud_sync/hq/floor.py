"""What every store saw: queues, footfall, what is wrong there, and what was dropped on the way."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from cloud_sync.hq.days import LANE_COLUMNS
from models.messages.facts import DoorDay, DoorMinute, FactsDropped, LaneMinute, NodeHealth, ShelfReader

_lane_values: Final = attrgetter(*LANE_COLUMNS)
_LANE_MINUTE: Final = f"""INSERT OR REPLACE INTO lane_minutes(store, {", ".join(LANE_COLUMNS)})
    VALUES (?, {", ".join("?" * len(LANE_COLUMNS))})"""  # noqa: S608 - our names

LocalTime = Callable[[int], datetime]
"""Milliseconds since 1970 → the store's own time."""


def fold_lanes(connection: sqlite3.Connection, store: str, found: Sequence[LaneMinute]) -> None:
    """Keep each lane's minute; told twice, the newest word counts."""
    connection.executemany(_LANE_MINUTE, [(store, *_lane_values(fact)) for fact in found])


def fold_door_days(connection: sqlite3.Connection, store: str, found: Sequence[DoorDay]) -> None:
    """Keep how a door's day ended; said by a node, and again by the one that took over, the larger counts hold."""
    connection.executemany(
        """INSERT INTO door_days VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET
           entered = max(entered, excluded.entered), left = max(left, excluded.left)""",
        [(store, f.door, f.day, f.entered, f.left) for f in found],
    )


def fold_doors(connection: sqlite3.Connection, store: str, found: Sequence[DoorMinute], local: LocalTime) -> None:
    """Add each door's minute to its hour, once."""
    for fact in found:
        cursor = connection.execute(
            "INSERT OR IGNORE INTO door_minutes VALUES (?,?,?,?,?)",
            (store, fact.door, fact.t_ms, fact.entered, fact.left),
        )
        if cursor.rowcount == 0:
            continue
        # A minute is named by its end: the one that ended at 10:00 belongs to nine o'clock.
        when = local(max(fact.t_ms - 1, 0))
        connection.execute(
            """INSERT INTO footfall VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET
               entered = entered + excluded.entered, left = left + excluded.left""",
            (store, when.date().isoformat(), when.hour, fact.entered, fact.left),
        )


def fold_health(connection: sqlite3.Connection, store: str, found: Sequence[NodeHealth]) -> None:
    """Note what began to be wrong and forget what ended."""
    for fact in found:
        _note(connection, (store, fact.node, fact.subject), fact.code, fact.t_ms, is_well=fact.ok)


def fold_readers(connection: sqlite3.Connection, store: str, node: str, found: Sequence[ShelfReader]) -> None:
    """A shelf that nobody reads is a problem of its store."""
    for fact in found:
        is_well = fact.state == "reading"
        _note(connection, (store, node, f"shelf {fact.shelf}"), fact.state, fact.t_ms, is_well=is_well)


def _note(connection: sqlite3.Connection, who: tuple[str, str, str], code: str, t_ms: int, *, is_well: bool) -> None:
    if is_well:
        connection.execute("DELETE FROM problems WHERE store = ? AND node = ? AND subject = ?", who)
        return
    connection.execute(
        """INSERT INTO problems VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET code = excluded.code,
           since_ms = CASE WHEN code = excluded.code THEN since_ms ELSE excluded.since_ms END""",
        (*who, code, t_ms),
    )


def fold_dropped(
    connection: sqlite3.Connection, store: str, node: str, stream: str, found: Sequence[FactsDropped]
) -> None:
    """Count what is no more."""
    connection.execute(
        "INSERT INTO dropped VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        (store, node, stream, sum(fact.count for fact in found)),
    )
