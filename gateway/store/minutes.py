"""Queues and footfall, a row per lane or door and minute, and what nodes had to drop."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from models.messages.facts import DoorMinute, FactsDropped, LaneMinute

KEPT_MS: Final = 400 * 86_400_000
"""A year and a month, so that a day can be compared with the same one last year."""


def fold_lanes(connection: sqlite3.Connection, facts: Sequence[LaneMinute]) -> None:
    """Keep minutes of lanes."""
    connection.executemany(
        "INSERT OR REPLACE INTO lane_minutes VALUES (?,?,?,?,?,?,?,?)",
        [
            (f.lane, f.t_ms, f.people_mean, f.people_max, f.open_s, f.served, f.wait_s, f.wait_high_s)
            for f in facts
        ],
    )  # fmt: skip


def fold_doors(connection: sqlite3.Connection, facts: Sequence[DoorMinute]) -> None:
    """Keep minutes of doors."""
    connection.executemany(
        "INSERT OR REPLACE INTO door_minutes VALUES (?,?,?,?)", [(f.door, f.t_ms, f.entered, f.left) for f in facts]
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
    gone = connection.execute("DELETE FROM lane_minutes WHERE t_ms < ?", (now_ms - KEPT_MS,)).rowcount
    return gone + connection.execute("DELETE FROM door_minutes WHERE t_ms < ?", (now_ms - KEPT_MS,)).rowcount
