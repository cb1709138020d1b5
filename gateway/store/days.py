"""A store's days as they were kept: minutes of lanes, doors and zones, sales, and the floor's heat."""

import json
import sqlite3
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gateway.core.days import Day, LaneMinuteRow
from gateway.store.minutes import LANE_COLUMNS

_LANES: Final = f"""SELECT {", ".join(LANE_COLUMNS)} FROM lane_minutes
    WHERE t_ms > ? AND t_ms <= ? ORDER BY t_ms, lane"""  # noqa: S608 - our names


def day_of(name: str, zone: ZoneInfo) -> Day:
    """The day called ``name`` (2026-11-22). Raises ``ValueError``: there is no such day."""
    day = date.fromisoformat(name)
    begin, end = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (day, day + timedelta(days=1)))
    return Day(day.isoformat(), round(begin.timestamp() * 1000), round(end.timestamp() * 1000))


def today(now_ms: int, zone: ZoneInfo) -> str:
    """The store's date."""
    return datetime.fromtimestamp(now_ms / 1000, zone).date().isoformat()


def days_like(name: str, which: str) -> list[str]:
    """The days that a day is compared with: "before", "week", "year" (the same weekday), "usual", or a date.

    The usual is what the same weekdays of the six weeks before were like.
    """
    day = date.fromisoformat(name)
    if which == "usual":
        return [(day - timedelta(weeks=back)).isoformat() for back in range(1, 7)]
    back = {"before": timedelta(days=1), "week": timedelta(weeks=1), "year": timedelta(weeks=52)}.get(which)
    return [(date.fromisoformat(which) if back is None else day - back).isoformat()]


def on_day(t_ms: int, name: str, zone: ZoneInfo) -> int:
    """The same time of day by the store's clock on another day, also where the clocks change in between."""
    when = datetime.fromtimestamp(t_ms / 1000, zone)
    day = date.fromisoformat(name)
    return round(when.replace(year=day.year, month=day.month, day=day.day).timestamp() * 1000)


def advised(connection: sqlite3.Connection, day: Day) -> dict[int, int]:
    """Minute's end → lanes that were needed then, over all nodes that advise."""
    found = connection.execute(
        "SELECT t_ms, sum(needed) FROM advice_minutes WHERE t_ms > ? AND t_ms <= ? GROUP BY t_ms ORDER BY t_ms",
        (day.from_ms, day.to_ms),
    )
    return {row[0]: row[1] for row in found.fetchall()}


def newest(connection: sqlite3.Connection, table: Literal["lane_minutes", "door_minutes"], day: Day) -> int | None:
    """The end of a day's last minute."""
    query = f"SELECT max(t_ms) FROM {table} WHERE t_ms > ? AND t_ms <= ?"  # noqa: S608 - our names
    row = connection.execute(query, (day.from_ms, day.to_ms)).fetchone()
    return None if row[0] is None else int(row[0])


def lane_minutes(connection: sqlite3.Connection, day: Day) -> list[LaneMinuteRow]:
    """Every minute of every lane."""
    return [LaneMinuteRow(*row) for row in connection.execute(_LANES, (day.from_ms, day.to_ms)).fetchall()]


def door_minutes(connection: sqlite3.Connection, day: Day) -> list[tuple[str, int, int, int]]:
    """(door, end of the minute, entered, left)."""
    found = connection.execute(
        "SELECT door, t_ms, entered, went FROM door_minutes WHERE t_ms > ? AND t_ms <= ? ORDER BY t_ms, door",
        (day.from_ms, day.to_ms),
    )
    return [tuple(row) for row in found.fetchall()]


def door_days(connection: sqlite3.Connection, most: int) -> list[tuple[str, int, int]]:
    """(day, entered, left) over all doors of the last days that are over, the newest first."""
    found = connection.execute(
        "SELECT day, sum(entered), sum(went) FROM door_days GROUP BY day ORDER BY day DESC LIMIT ?", (most,)
    )
    return [tuple(row) for row in found.fetchall()]


def sale_times(connection: sqlite3.Connection, day: Day) -> list[int]:
    """When each sale was; what was brought back is none."""
    found = connection.execute(
        "SELECT t_ms FROM sales WHERE t_ms >= ? AND t_ms < ? AND total_minor >= 0", (day.from_ms, day.to_ms)
    )
    return [row[0] for row in found.fetchall()]


def zone_minutes(connection: sqlite3.Connection, day: Day) -> list[tuple[str, int, int, int, float, float, int]]:
    """(zone, end of the minute, entered, visits that ended, their seconds, people on the mean, at most)."""
    found = connection.execute(
        """SELECT zone, t_ms, entered, visits, dwell_s, people_mean, people_max FROM zone_minutes
           WHERE t_ms > ? AND t_ms <= ? ORDER BY t_ms, zone""",
        (day.from_ms, day.to_ms),
    )
    return [tuple(row) for row in found.fetchall()]


def heat_cameras(connection: sqlite3.Connection, day: Day) -> list[str]:
    """Which cameras said where people stood."""
    found = connection.execute(
        "SELECT DISTINCT camera FROM floor_heat WHERE t_ms > ? AND t_ms <= ? ORDER BY camera",
        (day.from_ms, day.to_ms),
    )
    return [row[0] for row in found.fetchall()]


def heat(connection: sqlite3.Connection, day: Day, camera: str) -> tuple[int, int, float, list[int], int] | None:
    """(columns, rows, seconds watched, person-seconds per cell, newest) of one camera's day; ``None``: nothing.

    Quarters of an hour with another grid than the newest one's (the camera was changed) are left out.
    """
    found = connection.execute(
        """SELECT columns, rows, watched_s, person_s, t_ms FROM floor_heat
           WHERE camera = ? AND t_ms > ? AND t_ms <= ? ORDER BY t_ms DESC""",
        (camera, day.from_ms, day.to_ms),
    ).fetchall()
    if not found:
        return None
    columns, rows = found[0][0], found[0][1]
    total, watched_s = [0] * (columns * rows), 0.0
    for row in found:
        if (row[0], row[1]) == (columns, rows):
            watched_s += row[2]
            total = [a + b for a, b in zip(total, json.loads(row[3]), strict=True)]
    return columns, rows, round(watched_s, 1), total, found[0][4]
