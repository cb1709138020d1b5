"""Headquarters and a store's own gateway fold the same facts to the same stock, whatever the facts are."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_sync.hq.fold import StoreFold
from cloud_sync.hq.migrations import prepare
from cloud_sync.stream.inbox import Origin, Received
from cloud_sync.stream.outbox import Outbox
from gateway.core.stock import Floor, on_hand, places
from gateway.store.fold import NodeFold, Touched
from gateway.store.migrations import migrate
from gateway.store.sales import SaleRules
from gateway.store.stock import standings
from models.messages.codec import encode
from models.messages.facts import (
    Fact,
    ItemMoved,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    SaleCompleted,
    SaleLine,
    StockChanged,
    StockCounted,
)
from models.messages.ids import StreamClass
from models.process.clock import ManualClock
from tests.hq.conftest import NOON_MS, settings_for

GTINS = ("04006381333931", "80614141123458")
EPCS = [f"3034257BF7194E400000{number:04X}" for number in range(4)]
PLACES = ("A1", "A2", "backroom")

times = st.integers(NOON_MS - 5, NOON_MS + 5)
gtins = st.sampled_from(GTINS)
shelves = st.sampled_from(PLACES)
items: dict[str, Any] = {
    "t_ms": times, "epc": st.sampled_from(EPCS), "shelf": shelves, "p": st.just(0.9), "gtin": st.just(GTINS[0]),
}  # fmt: skip
lines = st.builds(
    SaleLine,
    gtin=gtins,
    quantity=st.integers(-2, 3),
    price_minor=st.just(100),
    epcs=st.sampled_from([(), (), (EPCS[0],), (EPCS[1], EPCS[2])]),
)
facts = st.one_of(
    st.builds(ItemPlaced, **items),
    st.builds(ItemTaken, **items),
    st.builds(ItemReturned, **items),
    st.builds(ItemMoved, from_shelf=shelves, **items),
    st.builds(StockCounted, t_ms=times, gtin=gtins, place=shelves, quantity=st.integers(0, 9), by=st.just("c")),
    st.builds(
        StockChanged, t_ms=times, gtin=gtins, place=shelves, delta=st.integers(-4, 9), reason=st.just("delivery")
    ),
    st.builds(
        SaleCompleted,
        t_ms=times,
        sale=st.sampled_from(["s-1", "s-2", "s-3", "s-4"]),
        till=st.just("till-1"),
        lines=st.lists(lines, max_size=2).map(tuple),
        total_minor=st.just(100),
        currency=st.just("EUR"),
    ),
)


def received(found: list[Fact]) -> list[Received]:
    return [Received(number, fact, encode(fact)) for number, fact in enumerate(found, 1)]  # type: ignore[arg-type]


class NobodyToTell:
    """A headquarters of one store tells nobody."""

    def tell(self, _connection: sqlite3.Connection, _facts: object) -> None:
        return None


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two empty databases."""
    folder = tmp_path_factory.mktemp("schemas")
    prepare(folder / "hq.db")
    migrate(folder / "gateway.db")
    return folder


def copy_of(path: Path) -> sqlite3.Connection:
    """The database in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with closing(sqlite3.connect(path)) as source:
        source.backup(connection)
    connection.row_factory = sqlite3.Row
    return connection


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(facts, max_size=25))
def test_both_say_the_same_number(schemas: Path, found: list[Fact]) -> None:
    clock = ManualClock(NOON_MS)
    hq, gateway = copy_of(schemas / "hq.db"), copy_of(schemas / "gateway.db")
    try:
        store = {one.id: one for one in settings_for(schemas, "harbour").stores}
        hq_fold = StoreFold(store, {"harbour": ZoneInfo("Europe/Berlin")}, NobodyToTell(), clock)  # type: ignore[arg-type]
        node_fold = NodeFold(
            SaleRules("harbour", "backroom", 100), Touched(), clock, Outbox(budget_bytes=10**8, clock=clock)
        )
        hq_fold(hq, Origin("harbour/gateway", StreamClass.LEDGER, "0" * 16), received(found))
        node_fold(gateway, Origin("pi-1", StreamClass.LEDGER, "0" * 16), received(found))
        tagged, counted = standings(gateway, list(GTINS))
        floor = Floor("backroom", "counter", {})
        for gtin in GTINS:
            here = on_hand(places(tagged.get(gtin, ()), counted.get(gtin, ()), floor, NOON_MS))
            row = hq.execute("SELECT on_hand FROM stock WHERE gtin = ?", (gtin,)).fetchone()
            assert (0 if row is None else row[0]) == here, gtin
    finally:
        hq.close()
        gateway.close()
