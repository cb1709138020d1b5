"""What facts do to the store's tables, in whatever order they come."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from gateway.store.fold import NodeFold, Touched
from gateway.store.migrations import migrate
from gateway.store.sales import SaleRules
from models.messages.codec import decode_batch, encode
from models.messages.envelopes import FactBatch
from models.messages.facts import (
    Fact,
    FactsDropped,
    ItemMoved,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    LaneMinute,
    MessageRefused,
    SaleCompleted,
    SaleLine,
    StockChanged,
    StockCounted,
)
from models.messages.ids import StreamClass
from models.process.clock import ManualClock

NOW_MS = 1_790_000_000_000
MILK = "04006381333931"
TEA = "06901234567892"
EPCS = [f"3034257BF7194E400000000{digit}" for digit in range(4)]
RULES = SaleRules("store-1", "backroom", 100)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("schema") / "gateway.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        kept = (
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE '%fts%' AND name NOT LIKE 'sqlite_%'"
        )
        return ";".join(row[0] for row in connection.execute(kept))


class Tables:
    """The store's tables in memory, and a stream into them."""

    def __init__(self, schema: str) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.executescript(schema)
        self.clock = ManualClock(NOW_MS)
        self.outbox = Outbox(clock=self.clock)
        self.touched = Touched()
        fold = NodeFold(RULES, self.touched, self.clock, self.outbox)
        self.inbox = Inbox(fold, clock=self.clock)
        self.numbers: dict[tuple[str, StreamClass], int] = {}

    def fold(self, *facts: Fact, node: str = "shelf-1") -> None:
        for stream in StreamClass:
            raws = tuple(Raw(encode(fact)) for fact in facts if fact.stream is stream)
            first = self.numbers.get((node, stream), 1)
            self.numbers[node, stream] = first + len(raws)
            if raws:
                batch = FactBatch(epoch="0" * 16, first=first, facts=raws)
                self.inbox.receive(self.connection, node, stream, batch)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def outgoing(self, stream: StreamClass = StreamClass.LEDGER) -> list[dict[str, object]]:
        batch = self.outbox.batch(self.connection, "hq", stream, 1)
        return [] if batch is None else [json.loads(bytes(raw)) for raw in decode_batch(batch.payload).facts]


@pytest.fixture
def tables(schema: str) -> Iterator[Tables]:
    made = Tables(schema)
    yield made
    made.connection.close()


def item(kind: type, t_ms: int, *, epc: str = EPCS[0], shelf: str = "A1") -> Fact:
    more = {"from_shelf": "Z9"} if kind is ItemMoved else {}
    fact: Fact = kind(t_ms=t_ms, epc=epc, shelf=shelf, p=0.9, gtin=MILK, **more)
    return fact


ITEM_FACTS = st.lists(
    st.tuples(
        st.sampled_from([ItemPlaced, ItemMoved, ItemTaken, ItemReturned]),
        st.sampled_from(EPCS),
        st.sampled_from(["A1", "B2"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=ITEM_FACTS, data=st.data())
def test_facts_of_several_nodes_come_to_the_same_in_every_order(
    schema: str, kinds: list[tuple[type, str, str]], data: st.DataObject
) -> None:
    facts = [item(kind, NOW_MS - 1000 + n, epc=epc, shelf=shelf) for n, (kind, epc, shelf) in enumerate(kinds)]
    ends = []
    for order in (facts, data.draw(st.permutations(facts))):
        tables = Tables(schema)
        for fact in order:
            tables.fold(fact)
        ends.append(tables.rows("SELECT epc, place, state, t_ms FROM items ORDER BY epc"))
        tables.connection.close()
    assert ends[0] == ends[1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(st.tuples(st.booleans(), st.integers(0, 50), st.integers(0, 6)), max_size=10), data=st.data())
def test_counts_and_changes_come_to_the_same_in_every_order(
    schema: str, entries: list[tuple[bool, int, int]], data: st.DataObject
) -> None:
    facts: list[Fact] = [
        StockCounted(t_ms=NOW_MS - when, gtin=TEA, place="C1", quantity=n, by="c-1")
        if is_count
        else StockChanged(t_ms=NOW_MS - when, gtin=TEA, place="C1", delta=n - 25, reason="loss")
        for is_count, n, when in entries
    ]
    ends = []
    for order in (facts, data.draw(st.permutations(facts))):
        tables = Tables(schema)
        for fact in order:
            tables.fold(fact)
        ends.append(tables.rows("SELECT gtin, place, quantity FROM counted"))
        tables.connection.close()
    assert ends[0] == ends[1]


def test_facts_travel_on_to_headquarters_unchanged_and_in_order(tables: Tables) -> None:
    facts = [item(ItemPlaced, NOW_MS - 9, epc=epc) for epc in EPCS]
    minute = LaneMinute(t_ms=NOW_MS, lane="lane-1", people_mean=1.5, people_max=3, open_s=60.0)
    tables.fold(*facts, minute)
    assert tables.outgoing() == [json.loads(encode(fact)) for fact in facts]
    assert tables.outgoing(StreamClass.TELEMETRY) == [json.loads(encode(minute))]
    assert tables.rows("SELECT lane, people_max, wait_s FROM lane_minutes") == [("lane-1", 3, None)]


def sale(*lines: SaleLine, name: str = "t-1", member: str | None = None) -> SaleCompleted:
    total = sum(line.quantity * line.price_minor for line in lines)
    return SaleCompleted(
        t_ms=NOW_MS, sale=name, till="till-1", lines=lines, total_minor=total, currency="EUR", member=member
    )


def test_a_sale_marks_the_items_that_the_till_named(tables: Tables) -> None:
    tables.fold(item(ItemPlaced, NOW_MS - 9), item(ItemTaken, NOW_MS - 5))
    tables.fold(sale(SaleLine(gtin=MILK, quantity=1, price_minor=129, epcs=(EPCS[0],))), node="till-1")
    assert tables.rows("SELECT state FROM items") == [("paid",)]


def test_what_is_sold_stays_sold_when_the_shelf_notices_later_and_stands_again_when_it_is_returned(
    tables: Tables,
) -> None:
    tables.fold(item(ItemPlaced, NOW_MS - 9))
    tables.fold(sale(SaleLine(gtin=MILK, quantity=1, price_minor=129, epcs=(EPCS[0],))), node="till-1")
    tables.fold(item(ItemTaken, NOW_MS + 20_000))
    assert tables.rows("SELECT state FROM items") == [("paid",)]
    tables.fold(item(ItemReturned, NOW_MS + 30_000))
    assert tables.rows("SELECT state FROM items") == [("on_shelf",)]


def test_a_till_that_names_no_items_sells_those_that_left_their_shelf_first(tables: Tables) -> None:
    for number, epc in enumerate(EPCS):
        tables.fold(item(ItemPlaced, NOW_MS - 100, epc=epc))
        if number < 3:
            tables.fold(item(ItemTaken, NOW_MS - 50 + number, epc=epc))
    tables.fold(sale(SaleLine(gtin=MILK, quantity=2, price_minor=129)), node="till-1")
    states = tables.rows("SELECT state FROM items ORDER BY epc")
    assert states == [("paid",), ("paid",), ("picked_up",), ("on_shelf",)]
    assert tables.rows("SELECT * FROM counted") == []


def test_a_piece_that_its_shelf_misses_after_the_sale_is_sold_all_the_same(tables: Tables) -> None:
    for epc in EPCS[:3]:
        tables.fold(item(ItemPlaced, NOW_MS - 100, epc=epc))
    tables.fold(item(ItemTaken, NOW_MS - 50, epc=EPCS[0]))
    tables.fold(sale(SaleLine(gtin=MILK, quantity=2, price_minor=129)), node="till-1")
    tables.fold(item(ItemTaken, NOW_MS + 20_000, epc=EPCS[1]))
    tables.fold(item(ItemTaken, NOW_MS + 30_000, epc=EPCS[2]))
    assert tables.rows("SELECT state FROM items ORDER BY epc") == [("paid",), ("paid",), ("picked_up",)]
    assert tables.rows("SELECT * FROM owed") == []


def test_who_takes_something_long_after_a_sale_has_not_paid_for_it(tables: Tables) -> None:
    tables.fold(item(ItemPlaced, NOW_MS - 100))
    tables.fold(sale(SaleLine(gtin=MILK, quantity=1, price_minor=129)), node="till-1")
    tables.clock.advance(16 * 60)
    tables.fold(item(ItemTaken, tables.clock.now_ms()))
    assert tables.rows("SELECT state FROM items") == [("picked_up",)]


def test_an_untagged_sale_leaves_the_fullest_shelf_not_the_back_room(tables: Tables) -> None:
    for place, quantity in (("C1", 3), ("C2", 8), ("backroom", 90)):
        tables.fold(StockCounted(t_ms=NOW_MS - 9, gtin=TEA, place=place, quantity=quantity, by="c-1"))
    tables.fold(sale(SaleLine(gtin=TEA, quantity=2, price_minor=349)), node="till-1")
    assert tables.rows("SELECT place, quantity FROM counted ORDER BY place") == [
        ("C1", 3), ("C2", 6), ("backroom", 90),
    ]  # fmt: skip


def test_a_sale_told_by_two_nodes_changes_the_stock_once(tables: Tables) -> None:
    tables.fold(StockCounted(t_ms=NOW_MS - 9, gtin=TEA, place="C1", quantity=10, by="c-1"))
    for node in ("till-1", "till-2"):
        tables.fold(sale(SaleLine(gtin=TEA, quantity=4, price_minor=349), member="ABCDEFGH2345"), node=node)
    assert tables.rows("SELECT quantity FROM counted") == [(6,)]
    entered = [fact for fact in tables.outgoing() if fact["kind"] == "points.entered"]
    assert [(fact["member"], fact["points"]) for fact in entered] == [("ABCDEFGH2345", 13)]


def test_what_a_node_dropped_is_counted_and_its_numbers_travel_on(tables: Tables) -> None:
    tables.fold(FactsDropped(t_ms=NOW_MS, count=600, reason="budget", until_ms=NOW_MS - 1))
    tables.numbers["shelf-1", StreamClass.TELEMETRY] = 601
    tables.fold(LaneMinute(t_ms=NOW_MS, lane="lane-1", people_mean=1.5, people_max=3, open_s=60.0))
    assert tables.rows("SELECT node, facts FROM dropped") == [("shelf-1", 600)]
    batch = tables.outbox.batch(tables.connection, "hq", StreamClass.TELEMETRY, 1)
    assert batch is not None
    assert (batch.last, batch.facts) == (601, 2)


def test_what_a_node_refused_stands_among_the_dead_letters(tables: Tables) -> None:
    tables.fold(
        MessageRefused(t_ms=NOW_MS, node="shelf-1", source="scan-1", reason="malformed", detail="no JSON", start="he")
    )
    assert tables.rows("SELECT source, reason, detail, body FROM dead_letters") == [
        ("shelf-1/scan-1", "malformed", "no JSON", b"he")
    ]


def test_a_shelf_belongs_to_the_node_that_spoke_of_it_last(tables: Tables) -> None:
    tables.fold(item(ItemPlaced, NOW_MS - 9))
    tables.fold(item(ItemMoved, NOW_MS - 5), node="shelf-2")
    tables.fold(item(ItemTaken, NOW_MS - 7))
    assert tables.rows("SELECT shelf, node, state FROM shelves") == [("A1", "shelf-2", "reading")]


def test_a_gateway_that_does_not_know_the_time_corrects_nobody(tables: Tables) -> None:
    tables.clock._now_ms = 1000
    tables.fold(item(ItemPlaced, NOW_MS))
    assert tables.rows("SELECT t_ms FROM items") == [(NOW_MS,)]


def test_a_store_without_headquarters_keeps_nothing_for_it(schema: str) -> None:
    tables = Tables(schema)
    fold = NodeFold(RULES, tables.touched, tables.clock, tables.outbox, peer=None)
    tables.inbox = Inbox(fold, clock=tables.clock)
    tables.fold(item(ItemPlaced, NOW_MS))
    assert tables.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert tables.touched.take() == ({MILK}, set())
    tables.connection.close()


def test_the_hot_path_carries_no_index_on_what_changes(schema: str, tmp_path: Path) -> None:
    assert "items_gtin" in schema
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema)
        indexed = {
            column
            for (name,) in connection.execute("SELECT name FROM pragma_index_list('items')")
            for (column,) in connection.execute("SELECT name FROM pragma_index_info(?)", (name,))
        }
    assert not indexed & {"place", "state", "p", "t_ms", "seen_ms"}
