"""Queues, footfall and dwell, a row per lane, door or zone and minute; the floor's heat; what nodes had to drop."""

import json
import sqlite3
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from models.messages.facts import DoorDay, DoorMinute, FactsDropped, FloorHeat, LaneMinute, ZoneMinute

KEPT_MS: Final = 400 * 86_400_000
"""A year and a month, so that a day can be compared with the same one last year."""

LANE_COLUMNS: Final = (
    *("lane", "t_ms", "people_mean", "people_max", "open_s", "served", "wait_s", "wait_high_s"),
    *("waited_s", "foretold_s", "joined", "abandoned", "changed_in", "changed_out", "seen_s"),
)
"""Of a lane's minute: the table's, and the fact's fields."""

_lane_values: Final = attrgetter(*LANE_COLUMNS)
_LANE_MINUTE: Final = f"""INSERT OR REPLACE INTO lane_minutes({", ".join(LANE_COLUMNS)})
    VALUES ({", ".join("?" * len(LANE_COLUMNS))})"""  # noqa: S608 - our names
_BY_TIME: Final = ("lane_minutes", "door_minutes", "zone_minutes", "floor_heat", "advice_minutes")


def fold_lanes(connection: sqlite3.Connection, facts: Sequence[LaneMinute]) -> None:
    """Keep minutes of lanes."""
    connection.executemany(_LANE_MINUTE, [_lane_values(fact) for fact in facts])


def keep_advice(connection: sqlite3.Connection, t_ms: int, advice: Sequence[tuple[str, int, int]]) -> None:
    """Keep what was advised in the minute that ends at ``t_ms``: (node, lanes open, lanes needed now)."""
    connection.executemany(
        "INSERT OR REPLACE INTO advice_minutes VALUES (?,?,?,?)", [(node, t_ms, *lanes) for node, *lanes in advice]
    )


def fold_doors(connection: sqlite3.Connection, facts: Sequence[DoorMinute]) -> None:
    """Keep minutes of doors."""
    connection.executemany(
        "INSERT OR REPLACE INTO door_minutes VALUES (?,?,?,?)", [(f.door, f.t_ms, f.entered, f.left) for f in facts]
    )


def fold_door_days(connection: sqlite3.Connection, facts: Sequence[DoorDay]) -> None:
    """Keep how a door's day ended; said by a node, and again by the one that took over, the larger counts hold."""
    connection.executemany(
        """INSERT INTO door_days VALUES (?,?,?,?) ON CONFLICT(door, day) DO UPDATE SET
           entered = max(entered, excluded.entered), went = max(went, excluded.went)""",
        [(f.door, f.day, f.entered, f.left) for f in facts],
    )


def fold_zones(connection: sqlite3.Connection, facts: Sequence[ZoneMinute]) -> None:
    """Keep minutes of zones."""
    connection.executemany(
        "INSERT OR REPLACE INTO zone_minutes VALUES (?,?,?,?,?,?,?)",
        [(f.zone, f.t_ms, f.entered, f.visits, f.dwell_s, f.people_mean, f.people_max) for f in facts],
    )


def fold_heat(connection: sqlite3.Connection, facts: Sequence[FloorHeat]) -> None:
    """Keep quarters of an hour of where people stood; a grid that is not as large as it says is left out."""
    connection.executemany(
        "INSERT OR REPLACE INTO floor_heat VALUES (?,?,?,?,?,?)",
        [
            (f.camera, f.t_ms, f.columns, f.rows, f.watched_s, json.dumps(f.person_s, separators=(",", ":")))
            for f in facts
            if len(f.person_s) == f.columns * f.rows
        ],
    )


def fold_dropped(connection: sqlite3.Connection, node: str, facts: Sequence[FactsDropped]) -> None:
    """Add up what a node had to drop."""
    connection.executemany(
        """INSERT INTO dropped(node, reason, facts, until_ms) VALUES (?,?,?,?) ON CONFLICT(node, reason) DO UPDATE SET
           facts = facts + excluded.facts, until_ms = max(until_ms, excluded.until_ms)""",
        [(node, fact.reason, min(fact.count, 10**9), fact.until_ms) for fact in facts],
    )


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget minutes of more than a year ago; gives how many."""
    return sum(
        connection.execute(f"DELETE FROM {table} WHERE t_ms < ?", (now_ms - KEPT_MS,)).rowcount  # noqa: S608 - ours
        for table in _BY_TIME
    )
