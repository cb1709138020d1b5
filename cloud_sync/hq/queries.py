"""The reads behind the views, each of one store at one moment of the file."""

import sqlite3
from collections.abc import Iterable
from typing import Final, cast

from cloud_sync.hq.answers import Footfall, LaneWait, SoldProduct, StoreProblem, StreamPosition, Sum, Waits, WorstWait

NOW_MS: Final = 180_000
"""A lane's minute older than this says nothing about now."""

MOST_PROBLEMS: Final = 50
MOST_PRODUCTS: Final = 20


def rows(connection: sqlite3.Connection, query: str, *values: object) -> list[dict[str, object]]:
    """All rows of a query, by column."""
    return [dict(row) for row in connection.execute(query, values).fetchall()]


def number(connection: sqlite3.Connection, query: str, *values: object) -> int:
    """The one number that a query gives."""
    return int(connection.execute(query, values).fetchone()[0])


def streams(connection: sqlite3.Connection, store: str) -> list[StreamPosition]:
    """How far each stream of the store has come, in its newest epoch."""
    found = rows(
        connection,
        """SELECT substr(node, length(?1) + 2) AS node, class AS stream, upto, max(updated_ms) AS t_ms FROM inbox
           WHERE substr(node, 1, length(?1) + 1) = ?1 || '/' GROUP BY node, class ORDER BY node, class""",
        store,
    )
    return cast("list[StreamPosition]", found)


def problems(connection: sqlite3.Connection, store: str) -> list[StoreProblem]:
    """What is wrong in the store, the oldest first."""
    found = rows(
        connection,
        "SELECT node, subject, code, since_ms FROM problems WHERE store = ? ORDER BY since_ms, subject LIMIT ?",
        store,
        MOST_PROBLEMS,
    )
    return cast("list[StoreProblem]", found)


def untold(connection: sqlite3.Connection, store: str) -> int:
    """How many facts the store has yet to hear."""
    return number(connection, "SELECT coalesce(sum(next_seq - 1 - acked), 0) FROM outbox_heads WHERE peer = ?", store)


def no_sales(currency: str) -> Sum:
    """A day on which nothing was sold."""
    return {"currency": currency, "sales": 0, "pieces": 0, "total_minor": 0}


def sales(connection: sqlite3.Connection, store: str, day: str) -> list[Sum]:
    """What the store sold on a day, by currency."""
    found = rows(
        connection,
        "SELECT currency, sales, pieces, total_minor FROM sales_days WHERE store = ? AND day = ? ORDER BY currency",
        store,
        day,
    )
    return cast("list[Sum]", found)


def best_products(connection: sqlite3.Connection, store: str, day: str) -> list[SoldProduct]:
    """The products that brought most on a day."""
    found = rows(
        connection,
        """SELECT gtin, name_en, name_zh, currency, pieces, total_minor FROM sales_products
           LEFT JOIN products USING(gtin) WHERE store = ? AND day = ? ORDER BY total_minor DESC, gtin LIMIT ?""",
        store,
        day,
        MOST_PRODUCTS,
    )
    return cast("list[SoldProduct]", found)


def footfall(connection: sqlite3.Connection, store: str, day: str) -> Footfall:
    """Who came and went on a day, by hour."""
    hours = [0] * 24
    came = went = 0
    for hour, entered, left in connection.execute(
        "SELECT hour, entered, left FROM footfall WHERE store = ? AND day = ?", (store, day)
    ).fetchall():
        hours[hour] += entered
        came, went = came + entered, went + left
    return {"entered": came, "left": went, "inside": max(came - went, 0), "hours": hours}


def waits(connection: sqlite3.Connection, store: str, now_ms: int, span_ms: int) -> Waits:
    """Each lane's newest minute, the longest wait now, and the longest of the span."""
    found = rows(
        connection,
        """SELECT lane, max(t_ms) AS t_ms, people_mean, people_max, open_s, wait_s, wait_high_s FROM lane_minutes
           WHERE store = ? AND t_ms > ? GROUP BY lane ORDER BY lane""",
        store,
        now_ms - span_ms,
    )
    lanes = cast("list[LaneWait]", found)
    longest, served = connection.execute(
        "SELECT max(wait_s), coalesce(sum(served), 0) FROM lane_minutes WHERE store = ? AND t_ms > ?",
        (store, now_ms - span_ms),
    ).fetchone()
    now = [lane["wait_s"] for lane in lanes if lane["t_ms"] > now_ms - NOW_MS]
    return {"lanes": lanes, "worst_now_s": largest(now), "worst_recent_s": longest, "served": served}


def largest(values: Iterable[float | None]) -> float | None:
    """The largest of those that are known."""
    return max((value for value in values if value is not None), default=None)


def worst(found: Iterable[Waits]) -> WorstWait:
    """The longest waits of several stores, and how many they served."""
    known = list(found)
    return {
        "worst_now_s": largest(one["worst_now_s"] for one in known),
        "worst_recent_s": largest(one["worst_recent_s"] for one in known),
        "served": sum(one["served"] for one in known),
    }


def by_currency(found: Iterable[Sum]) -> list[Sum]:
    """Add up, each currency for itself: different money is never added."""
    sums: dict[str, Sum] = {}
    for one in found:
        total = sums.setdefault(one["currency"], no_sales(one["currency"]))
        total["sales"] += one["sales"]
        total["pieces"] += one["pieces"]
        total["total_minor"] += one["total_minor"]
    return [sums[currency] for currency in sorted(sums)]
