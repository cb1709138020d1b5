"""The foreman's look at a large store, beside the bare query that every look needs.

Twenty thousand planned products and fifty thousand tagged items on watched shelves and in the back room. A first look
raises a task for each shelf that is low; after that, facts touch a few products at a time. Made-up stock.
"""

import json
import random
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.stock import gtin_of, percentile
from gateway.core.planogram import DefaultRule
from gateway.core.stock import Floor, Watch
from gateway.store import counting, tasks
from gateway.store.migrations import migrate

SHELVES = 400
AT_ONCE = 200
NOW_MS = 1_790_000_000_000
BARE = """SELECT gtin, place, state, count(*), avg(p) FROM items
          WHERE gtin IN (SELECT value FROM json_each(?)) GROUP BY gtin, place, state"""


def _fill(connection: sqlite3.Connection, products: int, items: int) -> list[str]:
    draw = random.Random(1)
    gtins = [gtin_of(number) for number in range(products)]
    connection.executemany(
        "INSERT INTO products(gtin, name_en, name_zh, category, tagged, active, t_ms) VALUES (?,?,?,'',1,1,0)",
        [(gtin, f"Product {number}", f"商品{number}") for number, gtin in enumerate(gtins)],
    )
    connection.executemany(
        "INSERT INTO planogram VALUES (?,?,2,8,2,0)",
        [(gtin, f"A{number % SHELVES}") for number, gtin in enumerate(gtins)],
    )
    rows = []
    for number in range(items):
        product = draw.randrange(products)
        is_spare = draw.random() < 0.2
        place = "backroom" if is_spare else f"A{product % SHELVES}"
        state = "back_room" if is_spare else "on_shelf"
        rows.append((f"3034257BF7194E{number:010X}", gtins[product], place, state))
    connection.executemany(
        """INSERT INTO items(epc, gtin, serial, place, state, p, t_ms, seen_ms, since_ms)
           VALUES (?,?,'1',?,?,0.97,0,0,0)""",
        rows,
    )
    connection.commit()
    return gtins


def _timed(calls: list[Any]) -> dict[str, float]:
    taken = []
    for call in calls:
        start_s = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start_s) * 1000)
    return {"p50_ms": round(percentile(taken, 0.5), 2), "p99_ms": round(percentile(taken, 0.99), 2)}


def run(*, quick: bool = False) -> dict[str, Any]:
    """Figures of a first look, of looks at few and many products, of the day's counts; ``ratio`` to a bare query."""
    products, items, times = (1000, 2500, 20) if quick else (20_000, 50_000, 200)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        migrate(path)
        connection = sqlite3.connect(path)
        gtins = _fill(connection, products, items)
        watches = {f"A{number}": Watch("reading", NOW_MS) for number in range(SHELVES)}
        floor, rule = Floor("backroom", "counter", watches), DefaultRule(1, 6)

        def look(some: list[str]) -> None:
            tasks.reconcile(connection, some, floor, rule, NOW_MS)
            connection.commit()

        began_s = time.perf_counter()
        for start in range(0, products, AT_ONCE):
            look(gtins[start : start + AT_ONCE])
        first_s = time.perf_counter() - began_s
        (raised,) = connection.execute("SELECT count(*) FROM tasks").fetchone()
        draw = random.Random(2)
        several = [draw.sample(gtins, AT_ONCE) for _ in range(times)]
        looks = _timed([lambda some=some: look(some) for some in several])
        ones = _timed([lambda some=some: look(some[:1]) for some in several])
        bare = _timed(
            [lambda some=some: connection.execute(BARE, (json.dumps(some),)).fetchall() for some in several]
        )
        counts = _timed([lambda: counting.raise_due(connection, floor, 20, 0, NOW_MS) for _ in range(5)])
        connection.close()
    return {
        "products": products, "items": items, "tasks raised": raised, "first look at all s": round(first_s, 2),
        "second look at one product": ones, f"second look at {AT_ONCE} products": looks,
        f"bare query of {AT_ONCE} products": bare, "counts of the day": counts,
        "ratio": round(looks["p50_ms"] / bare["p50_ms"], 2),
    }  # fmt: skip
