"""One store's day at headquarters: queues and visitors put together from the minutes that it sent."""

import sqlite3
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict

from cloud_sync.hq.settings import StoreSettings

HOUR_MS: Final = 3_600_000
LANE_COLUMNS: Final = (
    *("lane", "t_ms", "people_mean", "people_max", "open_s", "served", "wait_s", "wait_high_s"),
    *("waited_s", "foretold_s", "joined", "abandoned", "changed_in", "changed_out", "seen_s"),
)
"""Of a lane's minute: the table's, and the fact's fields."""

TABLES: Final = (
    "ALTER TABLE lane_minutes ADD COLUMN waited_s REAL",
    "ALTER TABLE lane_minutes ADD COLUMN foretold_s REAL",
    "ALTER TABLE lane_minutes ADD COLUMN joined INTEGER",
    "ALTER TABLE lane_minutes ADD COLUMN abandoned INTEGER",
    "ALTER TABLE lane_minutes ADD COLUMN changed_in INTEGER",
    "ALTER TABLE lane_minutes ADD COLUMN changed_out INTEGER",
    "ALTER TABLE lane_minutes ADD COLUMN seen_s REAL",
    """CREATE TABLE door_days(
        store TEXT NOT NULL, door TEXT NOT NULL, day TEXT NOT NULL, entered INTEGER NOT NULL, left INTEGER NOT NULL,
        PRIMARY KEY(store, day, door)) WITHOUT ROWID""",
    "CREATE INDEX door_minutes_by_time ON door_minutes(store, t_ms)",
    "CREATE INDEX sales_by_time ON sales(store, t_ms)",
)


class QueueBin(TypedDict):
    """Some minutes of all lanes together. Means of waits weigh each minute by those whose service began in it."""

    t_ms: int
    lanes_open: float
    people: float | None
    served: int
    joined: int | None
    abandoned: int | None
    changed: int | None
    wait_high_s: float | None
    waited_s: float | None
    foretold_s: float | None


class DayHour(TypedDict):
    """One hour: who came and went, sales, and sales per visitor."""

    t_ms: int
    entered: int
    left: int
    sales: int
    conversion: float | None


class DoorSum(TypedDict):
    """One door's day. ``drift``: what its counts were off by when the day was over; null while it is not."""

    door: str
    entered: int
    left: int
    drift: int | None


class QueueSums(TypedDict):
    """What a day of queues adds up to."""

    served: int
    joined: int | None
    abandoned: int | None
    changed: int | None
    waited_s: float | None
    foretold_s: float | None


class StoreDay(TypedDict):
    """A store's day: its queues by ``step_min``, its visitors by the hour, its doors."""

    store: str
    name: str
    day: str
    today: str
    time_zone: str
    from_ms: int
    to_ms: int
    newest_ms: int | None
    step_min: int
    queues: QueueSums
    bins: list[QueueBin]
    entered: int
    left: int
    sales: int
    conversion: float | None
    hours: list[DayHour]
    doors: list[DoorSum]


Minutes = list[tuple[object, ...]]


def span_of(day: str, zone: ZoneInfo) -> tuple[int, int]:
    """Where a store's day begins and ends, in ms. It has 23 or 25 hours when the clocks change."""
    first = date.fromisoformat(day)
    begin, end = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (first, first + timedelta(days=1)))
    return round(begin.timestamp() * 1000), round(end.timestamp() * 1000)


_SUMS: Final = """sum(served) AS served, sum(joined) AS joined, sum(abandoned) AS abandoned,
    sum(changed_in) AS changed,
    round(sum(waited_s * max(served, 1)) / sum(max(served, 1)) FILTER (WHERE waited_s NOT NULL), 1) AS waited_s,
    round(sum(foretold_s * max(served, 1)) FILTER (WHERE waited_s NOT NULL) / sum(max(served, 1))
          FILTER (WHERE waited_s NOT NULL AND foretold_s NOT NULL), 1) AS foretold_s"""
_BINS: Final = f"""SELECT ?1 + (t_ms - 1 - ?1) / ?2 * ?2 AS t_ms,
    round(sum(open_s) / 60 / count(DISTINCT t_ms), 2) AS lanes_open,
    round(sum(people_mean) FILTER (WHERE seen_s IS NULL OR seen_s > 0)
          / count(DISTINCT t_ms) FILTER (WHERE seen_s IS NULL OR seen_s > 0), 2) AS people,
    {_SUMS}, round(avg(wait_high_s) FILTER (WHERE open_s > 0), 1) AS wait_high_s
    FROM lane_minutes WHERE store = ?3 AND t_ms > ?1 AND t_ms <= ?4 GROUP BY (t_ms - 1 - ?1) / ?2 ORDER BY 1"""  # noqa: S608 - ours


def of_store(
    connection: sqlite3.Connection, settings: StoreSettings, day: str, today: str, step_min: int
) -> StoreDay:
    """A store's day; empty lists where nothing is known (any more: minutes are kept for 90 days)."""
    store, (from_ms, to_ms) = settings.id, span_of(day, ZoneInfo(settings.time_zone))
    found = connection.execute(_BINS, (from_ms, step_min * 60_000, store, to_ms))
    bins: list[QueueBin] = [dict(row) for row in found.fetchall()]  # type: ignore[misc]
    sums = connection.execute(
        f"SELECT {_SUMS}, max(t_ms) AS newest FROM lane_minutes WHERE store = ? AND t_ms > ? AND t_ms <= ?",  # noqa: S608 - ours
        (store, from_ms, to_ms),
    ).fetchone()
    hours = _hours(connection, store, from_ms, to_ms)
    entered, sales = sum(hour["entered"] for hour in hours), sum(hour["sales"] for hour in hours)
    return {
        "store": store,
        "name": settings.name,
        "day": day,
        "today": today,
        "time_zone": settings.time_zone,
        "from_ms": from_ms,
        "to_ms": to_ms,
        "newest_ms": sums["newest"],
        "step_min": step_min,
        "queues": {
            "served": sums["served"] or 0,
            "joined": sums["joined"],
            "abandoned": sums["abandoned"],
            "changed": sums["changed"],
            "waited_s": sums["waited_s"],
            "foretold_s": sums["foretold_s"],
        },
        "bins": bins,
        "entered": entered,
        "left": sum(hour["left"] for hour in hours),
        "sales": sales,
        "conversion": _share(sales, entered),
        "hours": hours,
        "doors": _doors(connection, store, day, (from_ms, to_ms)),
    }


def _hours(connection: sqlite3.Connection, store: str, from_ms: int, to_ms: int) -> list[DayHour]:
    came = connection.execute(
        """SELECT (t_ms - 1 - ?1) / ?2, sum(entered), sum(left) FROM door_minutes
           WHERE store = ?3 AND t_ms > ?1 AND t_ms <= ?4 GROUP BY 1""",
        (from_ms, HOUR_MS, store, to_ms),
    ).fetchall()
    sold = connection.execute(
        """SELECT (t_ms - ?1) / ?2, count(*) FROM sales
           WHERE store = ?3 AND t_ms >= ?1 AND t_ms < ?4 AND total_minor >= 0 GROUP BY 1""",
        (from_ms, HOUR_MS, store, to_ms),
    ).fetchall()
    doors = {hour: (entered, left) for hour, entered, left in came}
    sales: dict[int, int] = {hour: count for hour, count in sold}  # noqa: C416 - rows, not tuples
    known = doors.keys() | sales.keys()
    return [
        {
            "t_ms": from_ms + hour * HOUR_MS,
            "entered": (entered := doors.get(hour, (0, 0))[0]),
            "left": doors.get(hour, (0, 0))[1],
            "sales": (count := sales.get(hour, 0)),
            "conversion": _share(count, entered),
        }
        for hour in range(min(known, default=0), max(known, default=-1) + 1)
    ]


def _doors(connection: sqlite3.Connection, store: str, day: str, span: tuple[int, int]) -> list[DoorSum]:
    rows = connection.execute(
        """SELECT door, sum(entered), sum(left) FROM door_minutes WHERE store = ? AND t_ms > ? AND t_ms <= ?
           GROUP BY door ORDER BY door""",
        (store, *span),
    ).fetchall()
    ended = connection.execute("SELECT door, entered - left FROM door_days WHERE store = ? AND day = ?", (store, day))
    drift = {row[0]: row[1] for row in ended.fetchall()}
    return [{"door": door, "entered": came, "left": went, "drift": drift.get(door)} for door, came, went in rows]


def _share(sales: int, visitors: int) -> float | None:
    return round(sales / visitors, 3) if visitors else None


def lane_minutes(connection: sqlite3.Connection, store: str, span: tuple[int, int]) -> Minutes:
    """Every minute of every lane between two times, ``LANE_COLUMNS``."""
    found = connection.execute(
        f"""SELECT {", ".join(LANE_COLUMNS)} FROM lane_minutes WHERE store = ? AND t_ms > ? AND t_ms <= ?
            ORDER BY t_ms, lane""",  # noqa: S608 - our names
        (store, *span),
    )
    return [tuple(row) for row in found.fetchall()]


def door_minutes(connection: sqlite3.Connection, store: str, span: tuple[int, int]) -> Minutes:
    """Every minute of every door: (door, end of the minute, in, out)."""
    found = connection.execute(
        """SELECT door, t_ms, entered, left FROM door_minutes WHERE store = ? AND t_ms > ? AND t_ms <= ?
           ORDER BY t_ms, door""",
        (store, *span),
    )
    return [tuple(row) for row in found.fetchall()]
