"""What people look at, read from the SQLite file. A store's day is its own time zone's."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast
from zoneinfo import ZoneInfo

from cloud_sync.hq import catalogue, days, goods, letters, losses, queries
from cloud_sync.hq.answers import (
    AllStores,
    FootfallDay,
    FootfallTotal,
    HqDeliveries,
    Losses,
    Members,
    Overview,
    Price,
    Product,
    Sales,
    StoreFootfall,
    StoreGlance,
    StorePlan,
    StoreSales,
    StoreWaits,
    WaitsNow,
)
from cloud_sync.hq.days import Minutes, StoreDay
from cloud_sync.hq.letters import Refused
from cloud_sync.hq.settings import StoreSettings
from cloud_sync.stream.writer import Writer
from models.process.clock import Clock

ALIVE_MS: Final = 60_000
"""A store that is well asks at least every twenty seconds."""

RECENT_MS: Final = 15 * 60_000
DAY_MS: Final = 86_400_000
MISSING_DAYS: Final = 30


class SqliteViews:
    """Implements ``ports.Views``. Each call reads one moment of the file and takes milliseconds."""

    def __init__(
        self, writer: Writer, stores: Mapping[str, StoreSettings], seen: Mapping[str, int], clock: Clock
    ) -> None:
        """``seen``: store → when it last called, which is newer than what the file says."""
        self._writer, self._stores, self._seen, self._clock = writer, stores, seen, clock
        self._zones = {store: ZoneInfo(settings.time_zone) for store, settings in stores.items()}

    def _today(self, store: str) -> str:
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, self._zones[store]).date().isoformat()

    def overview(self) -> Overview:
        """All stores at a glance, and all together."""
        now_ms = self._clock.now_ms()
        with self._writer.reading() as connection:
            stores = [self._glance(connection, settings, now_ms) for settings in self._stores.values()]
            products = queries.number(connection, "SELECT count(*) FROM products WHERE active")
            members = queries.number(connection, "SELECT count(*) FROM members")
        return {"t_ms": now_ms, "stores": stores, "total": _together(stores, products, members)}

    def _glance(self, connection: sqlite3.Connection, settings: StoreSettings, now_ms: int) -> StoreGlance:
        store, today = settings.id, self._today(settings.id)
        seen_ms = self._seen_ms(connection, store)
        on_hand, products = connection.execute(
            "SELECT coalesce(sum(on_hand), 0), coalesce(sum(on_hand > 0), 0) FROM stock WHERE store = ?", (store,)
        ).fetchone()
        return {
            "store": store,
            "name": settings.name,
            "time_zone": settings.time_zone,
            "day": today,
            "seen_ms": seen_ms,
            "alive": seen_ms is not None and now_ms - seen_ms <= ALIVE_MS,
            "streams": queries.streams(connection, store),
            "untold": queries.untold(connection, store),
            "dropped": queries.number(
                connection, "SELECT coalesce(sum(count), 0) FROM dropped WHERE store = ?", store
            ),
            "problems": queries.problems(connection, store),
            "on_hand": on_hand,
            "products": products,
            "sales": queries.sales(connection, store, today) or [queries.no_sales(settings.currency)],
            "footfall": queries.footfall(connection, store, today),
            "waits": queries.waits(connection, store, now_ms, RECENT_MS),
            "missing": losses.glance(connection, settings, now_ms - MISSING_DAYS * DAY_MS),
        }

    def _seen_ms(self, connection: sqlite3.Connection, store: str) -> int | None:
        row = connection.execute("SELECT seen_ms FROM contacts WHERE store = ?", (store,)).fetchone()
        return max((t_ms for t_ms in (self._seen.get(store), row and row[0]) if t_ms is not None), default=None)

    def stock(self, text: str, limit: int) -> list[Product]:
        """Products that match ``text``, with what each store has."""
        with self._writer.reading() as connection:
            return [self._product(connection, row) for row in catalogue.search(connection, text, limit)]

    def product(self, gtin: str) -> Product | None:
        """One product, with what each store has."""
        with self._writer.reading() as connection:
            row = catalogue.find(connection, gtin)
            return None if row is None else self._product(connection, row)

    def _product(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Product:
        gtin = row["gtin"]
        rows = connection.execute("SELECT store, on_hand, t_ms FROM stock WHERE gtin = ?", (gtin,)).fetchall()
        found = {store: (on_hand, t_ms) for store, on_hand, t_ms in rows if store in self._stores}
        return {
            "gtin": gtin,
            "name_en": row["name_en"],
            "name_zh": row["name_zh"],
            "category": row["category"],
            "tagged": bool(row["tagged"]),
            "active": bool(row["active"]),
            "prices": cast("list[Price]", catalogue.prices_now(connection, gtin, self._clock.now_ms())),
            "on_hand": sum(on_hand for on_hand, _t_ms in found.values()),
            "stores": [
                {"store": store, "name": settings.name, "on_hand": found[store][0], "t_ms": found[store][1]}
                for store, settings in self._stores.items()
                if store in found
            ],
        }

    def sales(self, day: str | None) -> Sales:
        """Sales of a day by store and in total, and the products that sold most."""
        with self._writer.reading() as connection:
            stores: list[StoreSales] = [
                {
                    "store": store,
                    "name": settings.name,
                    "day": day or self._today(store),
                    "sales": queries.sales(connection, store, day or self._today(store)),
                    "products": queries.best_products(connection, store, day or self._today(store)),
                }
                for store, settings in self._stores.items()
            ]
        return {"stores": stores, "total": queries.by_currency(one for store in stores for one in store["sales"])}

    def footfall(self, day: str | None) -> FootfallDay:
        """Who came and went by store and hour of a day."""
        with self._writer.reading() as connection:
            stores: list[StoreFootfall] = [
                {
                    "store": store,
                    "name": settings.name,
                    "day": day or self._today(store),
                    **queries.footfall(connection, store, day or self._today(store)),
                }
                for store, settings in self._stores.items()
            ]
        total: FootfallTotal = {
            "entered": sum(one["entered"] for one in stores),
            "left": sum(one["left"] for one in stores),
            "inside": sum(one["inside"] for one in stores),
        }
        return {"stores": stores, "total": total}

    def day(self, store: str, day: str | None, step_min: int) -> StoreDay:
        """A store's day: queues and visitors."""
        today = self._today(store)
        with self._writer.reading() as connection:
            return days.of_store(connection, self._stores[store], day or today, today, step_min)

    def lane_minutes(self, store: str, day: str | None) -> tuple[str, str, Minutes]:
        """(time zone, day, every minute of every lane) of a store's day."""
        called = day or self._today(store)
        with self._writer.reading() as connection:
            rows = days.lane_minutes(connection, store, days.span_of(called, self._zones[store]))
        return self._stores[store].time_zone, called, rows

    def door_minutes(self, store: str, day: str | None) -> tuple[str, str, Minutes]:
        """(time zone, day, every minute of every door) of a store's day."""
        called = day or self._today(store)
        with self._writer.reading() as connection:
            rows = days.door_minutes(connection, store, days.span_of(called, self._zones[store]))
        return self._stores[store].time_zone, called, rows

    def waits(self, minutes: int) -> WaitsNow:
        """Waits by store and lane over the last minutes, and the worst of all."""
        now_ms = self._clock.now_ms()
        with self._writer.reading() as connection:
            stores: list[StoreWaits] = [
                {"store": store, "name": settings.name, **queries.waits(connection, store, now_ms, minutes * 60_000)}
                for store, settings in self._stores.items()
            ]
        return {"stores": stores, "total": queries.worst(stores)}

    def members(self) -> Members:
        """How many members there are, by the store that registered them, and how many points."""
        with self._writer.reading() as connection:
            registered = dict(connection.execute("SELECT store, count(*) FROM members GROUP BY store").fetchall())
            tiers = dict(connection.execute("SELECT tier, count(*) FROM members GROUP BY tier").fetchall())
            points, entries = connection.execute("SELECT coalesce(sum(points), 0), count(*) FROM points").fetchone()
        return {
            "stores": [
                {"store": store, "name": settings.name, "members": registered.get(store, 0)}
                for store, settings in self._stores.items()
            ],
            "total": {"members": sum(registered.values()), "points": points, "entries": entries, "tiers": tiers},
        }

    def plan(self, store: str) -> StorePlan:
        """What belongs where in a store."""
        with self._writer.reading() as connection:
            return {"store": store, "slots": goods.plan(connection, store)}

    def deliveries(self, store: str | None, limit: int) -> HqDeliveries:
        """What is on its way to a store (or to any) and what came."""
        names = {store.id: store.name for store in self._stores.values()}
        with self._writer.reading() as connection:
            return {"deliveries": goods.deliveries(connection, names, store, limit)}

    def losses(self, days: int) -> Losses:
        """What each store missed in the last days, and the alarms that ring."""
        since_ms = self._clock.now_ms() - days * DAY_MS
        with self._writer.reading() as connection:
            stores = [losses.of_store(connection, settings, since_ms) for settings in self._stores.values()]
        return {"since_ms": since_ms, "stores": stores}

    def refused(self, limit: int) -> Refused:
        """What was refused: counts by reason, and the newest."""
        with self._writer.reading() as connection:
            return letters.refused(connection, limit)


def _together(stores: list[StoreGlance], products: int, members: int) -> AllStores:
    days = [store["footfall"] for store in stores]
    return {
        "stores": len(stores),
        "alive": sum(store["alive"] for store in stores),
        "problems": sum(len(store["problems"]) for store in stores),
        "on_hand": sum(store["on_hand"] for store in stores),
        "products": products,
        "members": members,
        "sales": queries.by_currency(one for store in stores for one in store["sales"]),
        "footfall": {
            "entered": sum(day["entered"] for day in days),
            "left": sum(day["left"] for day in days),
            "inside": sum(day["inside"] for day in days),
            "hours": [sum(day["hours"][hour] for day in days) for hour in range(24)],
        },
        "waits": queries.worst(store["waits"] for store in stores),
    }
