"""The wall of shelves over HTTP, beside the same judgement on a bare sqlite3 connection and beside the bare queries.

A store of twenty shelves, each product planned on one of them and each item standing on its product's. The gateway
runs as its own process; every answer is timed from the request to the last byte, over one kept connection.
"""

import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from msgspec import Raw

from benchmarks.stock import Clerk, Shop, running, timed
from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from gateway.app import rules_of
from gateway.core.stock import Floor, Watch
from gateway.store.fold import NodeFold, Touched
from gateway.store.wall import wall
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import ItemPlaced, ShelfReader
from models.messages.ids import StreamClass, new_epoch
from models.process.clock import SystemClock

SHELVES = 20
BARE = (
    "SELECT gtin, shelf, facings, capacity, low FROM planogram WHERE facings > 0",
    "SELECT gtin, place, quantity, t_ms FROM counted",
    "SELECT place, gtin, count(*), avg(p), max(seen_ms) FROM items WHERE state = 'on_shelf' GROUP BY place, gtin",
    "SELECT shelf, node FROM shelves",
    "SELECT gtin, name_en, name_zh, tagged FROM products",
)


def _shelf_of(number: int) -> str:
    return f"{'ABCD'[number % 4]}{number % SHELVES // 4 + 1}"


def _place(shop: Shop) -> None:
    """Every item onto its product's shelf, as a node says it."""
    clock, now_ms, epoch = SystemClock(), time.time_ns() // 1_000_000, new_epoch()
    homes = {gtin: _shelf_of(number) for number, gtin in enumerate(shop.products)}
    placed = [
        ItemPlaced(t_ms=now_ms, epc=epc, gtin=gtin, serial="1", shelf=homes[gtin], p=0.97) for epc, gtin in shop.items
    ]
    readers = [ShelfReader(t_ms=now_ms, shelf=shelf, state="reading") for shelf in sorted(set(homes.values()))]
    with Writer(shop.settings.database) as writer:
        outbox = Outbox(budget_bytes=shop.settings.outbox_bytes, clock=clock)
        inbox = Inbox(NodeFold(rules_of(shop.settings), Touched(), clock, outbox, peer=None), clock=clock)
        for stream, facts in ((StreamClass.LEDGER, placed), (StreamClass.TELEMETRY, readers)):
            for start in range(0, len(facts), 500):
                raws = tuple(Raw(encode(fact)) for fact in facts[start : start + 500])
                batch = FactBatch(epoch=epoch, first=start + 1, facts=raws)
                writer.run(lambda c, b=batch, s=stream: inbox.receive(c, "shelf-1", s, b))  # type: ignore[misc]


def _plan(shop: Shop, clerk: Clerk) -> None:
    for number, gtin in enumerate(shop.products):
        body = {"facings": 2, "capacity": 8, "low": 2}
        clerk.call("PUT", f"/api/planogram/{_shelf_of(number)}/{gtin}", body)


def bare(shop: Shop, times: int) -> dict[str, dict[str, float]]:
    """The wall without HTTP and JSON, and its queries without the wall."""
    connection = sqlite3.connect(f"file:{shop.settings.database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    now_ms = time.time_ns() // 1_000_000
    watches = {_shelf_of(number): Watch("reading", now_ms) for number in range(SHELVES)}
    floor = Floor("backroom", "counter", watches)
    try:
        return {
            "bare judgement": timed(lambda: wall(connection, floor, now_ms), times),
            "bare queries": timed(lambda: [connection.execute(query).fetchall() for query in BARE], times),
        }
    finally:
        connection.close()


def run(*, quick: bool = False) -> dict[str, Any]:
    """Figures of the wall, of one shelf, and of what news ask for; ``ratio`` is the wall to its bare queries."""
    products, items, times = (200, 500, 30) if quick else (1000, 5000, 200)
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), products, items)
        shop.fill()
        _place(shop)
        with running(shop):
            clerk = Clerk(shop)
            _plan(shop, clerk)
            found = {
                "all shelves": timed(lambda: clerk.call("GET", "/api/shelves"), times),
                "shelves of three products": timed(
                    lambda: clerk.call("GET", "/api/shelves?" + "&".join(f"gtin={one}" for one in shop.products[:3])),
                    times,
                ),
                "one shelf with its items": timed(lambda: clerk.call("GET", "/api/shelves/A1"), times),
                **bare(shop, times),
            }
            size = len(clerk.call("GET", "/api/shelves"))
    ratio = found["all shelves"]["p50_ms"] / found["bare queries"]["p50_ms"]
    return {
        "shelves": SHELVES, "products": products, "items": items, "answer_kb": round(size / 1000, 1), **found,
        "ratio": round(ratio, 2),
    }  # fmt: skip
