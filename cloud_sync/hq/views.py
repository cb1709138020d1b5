"""What people look at, read from the SQLite file. A store's day is its own time zone's."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from cloud_sync.hq import catalogue
from cloud_sync.hq.settings import StoreSettings
from cloud_sync.stream import dead_letters
from cloud_sync.stream.writer import Writer
from models.process.clock import Clock

ALIVE_MS: Final = 60_000
"""A store that is well asks at least every twenty seconds."""

NOW_MS: Final = 180_000
"""A lane's minute older than this says nothing about now."""

RECENT_MS: Final = 15 * 60_000

Json = dict[str, Any]


class SqliteViews:
    """Implements ``ports.Views``. Each call reads one moment of the file and takes milliseconds."""

    def __init__(
        self, writer: Writer, stores: Mapping[str, StoreSettings], seen: Mapping[str, int], clock: Clock
    ) -> None:
        self._writer, self._stores, self._seen, self._clock = writer, stores, seen, clock
        self._zones = {store: ZoneInfo(settings.time_zone) for store, settings in stores.items()}

    def overview(self) -> Json:
        """All stores at a glance, and all together."""
        now_ms = self._clock.now_ms()
        with self._writer.reading() as connection:
            stores = [self._store(connection, store, now_ms) for store in self._stores]
            products = connection.execute("SELECT count(*) FROM products WHERE active").fetchone()[0]
            members = connection.execute("SELECT count(*) FROM members").fetchone()[0]
        return {
            "t_ms": now_ms,
            "stores": stores,
            "total": {**_total(stores), "products": products, "members": members},
        }

    def _store(self, connection: sqlite3.Connection, store: str, now_ms: int) -> Json:
        settings = self._stores[store]
        today = self._today(store, now_ms)
        seen_ms = self._seen_ms(connection, store)
        return {
            "store": store,
            "name": settings.name,
            "time_zone": settings.time_zone,
            "day": today,
            "seen_ms": seen_ms,
            "alive": seen_ms is not None and now_ms - seen_ms <= ALIVE_MS,
            "streams": _streams(connection, store),
            "untold": _untold(connection, store),
            "dropped": _one(connection, "SELECT coalesce(sum(count), 0) FROM dropped WHERE store = ?", store),
            "problems": _rows(
                connection,
                "SELECT node, subject, code, since_ms FROM problems WHERE store = ? ORDER BY since_ms LIMIT 50",
                store,
            ),
            "on_hand": _one(connection, "SELECT coalesce(sum(on_hand), 0) FROM stock WHERE store = ?", store),
            "products": _one(connection, "SELECT count(*) FROM stock WHERE store = ? AND on_hand > 0", store),
            "sales": _sales_of(connection, store, today) or [_no_sales(settings.currency)],
            "footfall": _footfall_of(connection, store, today),
            "waits": _waits_of(connection, store, now_ms, RECENT_MS),
        }

    def _seen_ms(self, connection: sqlite3.Connection, store: str) -> int | None:
        row = connection.execute("SELECT seen_ms FROM contacts WHERE store = ?", (store,)).fetchone()
        known = [t_ms for t_ms in (self._seen.get(store), row and row[0]) if t_ms is not None]
        return max(known, default=None)

    def _today(self, store: str, now_ms: int) -> str:
        return datetime.fromtimestamp(now_ms / 1000, self._zones[store]).date().isoformat()

    def stock(self, text: str, limit: int) -> list[Json]:
        """Products that match ``text``, with what each store has."""
        with self._writer.reading() as connection:
            rows = catalogue.search(connection, text, limit)
            return [self._product(connection, row) for row in rows]

    def product(self, gtin: str) -> Json | None:
        """One product, with what each store has."""
        with self._writer.reading() as connection:
            row = catalogue.find(connection, gtin)
            return None if row is None else self._product(connection, row)

    def _product(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Json:
        found = {
            store: (number, t_ms)
            for store, number, t_ms in connection.execute(
                "SELECT store, on_hand, t_ms FROM stock WHERE gtin = ?", (row["gtin"],)
            ).fetchall()
        }
        stores = [
            {"store": store, "name": settings.name, "on_hand": found[store][0], "t_ms": found[store][1]}
            for store, settings in self._stores.items()
            if store in found
        ]
        prices = catalogue.prices_now(connection, row["gtin"], self._clock.now_ms())
        product = {**dict(row), "tagged": bool(row["tagged"]), "active": bool(row["active"])}
        return {**product, "prices": prices, "on_hand": sum(one["on_hand"] for one in stores), "stores": stores}

    def sales(self, day: str | None) -> Json:
        """Sales of a day by store and in total, and the products that sold most."""
        now_ms = self._clock.now_ms()
        with self._writer.reading() as connection:
            days = {store: day or self._today(store, now_ms) for store in self._stores}
            stores = [
                {
                    "store": store,
                    "name": self._stores[store].name,
                    "day": days[store],
                    "sales": _sales_of(connection, store, days[store]),
                    "products": _best_of(connection, store, days[store]),
                }
                for store in self._stores
            ]
        return {"stores": stores, "total": _by_currency(stores)}

    def footfall(self, day: str | None) -> Json:
        """Who came and went by store and hour of a day."""
        now_ms = self._clock.now_ms()
        with self._writer.reading() as connection:
            stores = [
                {
                    "store": store,
                    "name": self._stores[store].name,
                    "day": day or self._today(store, now_ms),
                    **_footfall_of(connection, store, day or self._today(store, now_ms)),
                }
                for store in self._stores
            ]
        return {"stores": stores, "total": _sum(stores, "entered", "left", "inside")}

    def waits(self, minutes: int) -> Json:
        """Waits by store and lane over the last minutes, the worst of all stores first."""
        now_ms = self._clock.now_ms()
        with self._writer.reading() as connection:
            stores = [
                {
                    "store": store,
                    "name": self._stores[store].name,
                    **_waits_of(connection, store, now_ms, minutes * 60_000),
                }
                for store in self._stores
            ]
        return {"stores": stores, "total": _worst(stores)}

    def members(self) -> Json:
        """How many members there are, by the store that registered them, and how many points."""
        with self._writer.reading() as connection:
            registered = dict(connection.execute("SELECT store, count(*) FROM members GROUP BY store").fetchall())
            tiers = dict(connection.execute("SELECT tier, count(*) FROM members GROUP BY tier").fetchall())
            points = connection.execute("SELECT coalesce(sum(points), 0), count(*) FROM points").fetchone()
        stores = [
            {"store": store, "name": settings.name, "members": registered.get(store, 0)}
            for store, settings in self._stores.items()
        ]
        total = {"members": sum(registered.values()), "points": points[0], "entries": points[1], "tiers": tiers}
        return {"stores": stores, "total": total}

    def refused(self, limit: int) -> Json:
        """What was refused: counts by reason, and the newest."""
        with self._writer.reading() as connection:
            newest = dead_letters.newest(connection, limit)
            counts = dead_letters.counts(connection)
        shown = [
            {"t_ms": one.t_ms, "source": one.source, "reason": one.reason, "detail": one.detail,
             "body": one.body.decode("utf-8", "replace")}
            for one in newest
        ]  # fmt: skip
        return {"counts": counts, "newest": shown}


def _rows(connection: sqlite3.Connection, query: str, *values: object) -> list[Json]:
    return [dict(row) for row in connection.execute(query, values).fetchall()]


def _one(connection: sqlite3.Connection, query: str, *values: object) -> int:
    return int(connection.execute(query, values).fetchone()[0])


def _streams(connection: sqlite3.Connection, store: str) -> list[Json]:
    """How far each stream of the store has come, in its newest epoch."""
    return _rows(
        connection,
        """SELECT substr(node, length(?1) + 2) AS node, class AS stream, upto, max(updated_ms) AS t_ms FROM inbox
           WHERE substr(node, 1, length(?1) + 1) = ?1 || '/' GROUP BY node, class ORDER BY node, class""",
        store,
    )


def _untold(connection: sqlite3.Connection, store: str) -> int:
    """How many facts the store has yet to hear."""
    return _one(connection, "SELECT coalesce(sum(next_seq - 1 - acked), 0) FROM outbox_heads WHERE peer = ?", store)


def _sales_of(connection: sqlite3.Connection, store: str, day: str) -> list[Json]:
    return _rows(
        connection,
        "SELECT currency, sales, pieces, total_minor FROM sales_days WHERE store = ? AND day = ? ORDER BY currency",
        store,
        day,
    )


def _no_sales(currency: str) -> Json:
    return {"currency": currency, "sales": 0, "pieces": 0, "total_minor": 0}


def _best_of(connection: sqlite3.Connection, store: str, day: str) -> list[Json]:
    return _rows(
        connection,
        """SELECT gtin, name_en, name_zh, currency, pieces, total_minor FROM sales_products
           LEFT JOIN products USING(gtin) WHERE store = ? AND day = ? ORDER BY total_minor DESC, gtin LIMIT 20""",
        store,
        day,
    )


def _footfall_of(connection: sqlite3.Connection, store: str, day: str) -> Json:
    hours = [0] * 24
    came = went = 0
    for hour, entered, left in connection.execute(
        "SELECT hour, entered, left FROM footfall WHERE store = ? AND day = ?", (store, day)
    ).fetchall():
        hours[hour] += entered
        came, went = came + entered, went + left
    return {"entered": came, "left": went, "inside": max(came - went, 0), "hours": hours}


def _waits_of(connection: sqlite3.Connection, store: str, now_ms: int, recent_ms: int) -> Json:
    """Each lane's newest minute, the worst wait now, and the worst of the recent minutes."""
    lanes = _rows(
        connection,
        """SELECT lane, max(t_ms) AS t_ms, people_mean, people_max, open_s, wait_s, wait_high_s FROM lane_minutes
           WHERE store = ? AND t_ms > ? GROUP BY lane ORDER BY lane""",
        store,
        now_ms - recent_ms,
    )
    worst = connection.execute(
        "SELECT max(wait_s), sum(served) FROM lane_minutes WHERE store = ? AND t_ms > ?", (store, now_ms - recent_ms)
    ).fetchone()
    current = [one["wait_s"] for one in lanes if one["t_ms"] > now_ms - NOW_MS and one["wait_s"] is not None]
    return {
        "lanes": lanes, "worst_now_s": max(current, default=None), "worst_recent_s": worst[0], "served": worst[1] or 0
    }  # fmt: skip


def _sum(stores: list[Json], *names: str) -> Json:
    return {name: sum(one[name] for one in stores) for name in names}


def _worst(waits: list[Json]) -> Json:
    worst = {
        name: max((one[name] for one in waits if one[name] is not None), default=None)
        for name in ("worst_now_s", "worst_recent_s")
    }
    return {**worst, "served": sum(one["served"] for one in waits)}


def _by_currency(stores: list[Json]) -> list[Json]:
    """Money of different currencies is never added."""
    sums: dict[str, Json] = {}
    for one in (sale for store in stores for sale in store["sales"]):
        found = sums.setdefault(one["currency"], _no_sales(one["currency"]))
        for name in ("sales", "pieces", "total_minor"):
            found[name] += one[name]
    return [sums[currency] for currency in sorted(sums)]


def _total(stores: list[Json]) -> Json:
    return {
        "stores": len(stores),
        "alive": sum(one["alive"] for one in stores),
        "problems": sum(len(one["problems"]) for one in stores),
        "on_hand": sum(one["on_hand"] for one in stores),
        "sales": _by_currency(stores),
        "footfall": {
            **_sum([one["footfall"] for one in stores], "entered", "left", "inside"),
            "hours": [sum(one["footfall"]["hours"][hour] for one in stores) for hour in range(24)],
        },
        "waits": _worst([one["waits"] for one in stores]),
    }
