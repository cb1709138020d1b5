"""An item's life: what follows from what, in every order, and why the store believes it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from gateway.core import life
from gateway.store import exits
from gateway.store import life as steps
from gateway.store.fold import NodeFold, Touched
from gateway.store.migrations import migrate
from gateway.store.sales import SaleRules
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import (
    CodeScanned,
    Evidence,
    Fact,
    ItemMoved,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    SaleCompleted,
    SaleLine,
)
from models.messages.goods import ItemExited, PlanogramChanged
from models.messages.ids import StreamClass
from models.process.clock import ManualClock
from tests.gateway.conftest import EPC, MILK, NOW_MS, Store

ROOT = Path(__file__).parents[2]
SERIAL = "6789"
LINK = f"https://id.example.org/01/{MILK}/21/{SERIAL}"


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


def placed(
    t_ms: int = NOW_MS - 60_000,
    shelf: str = "A1",
    *,
    epc: str = EPC,
    serial: str = SERIAL,
    evidence: Evidence | None = None,
) -> ItemPlaced:
    return ItemPlaced(t_ms=t_ms, shelf=shelf, epc=epc, p=0.97, gtin=MILK, serial=serial, evidence=evidence)


def taken(t_ms: int, shelf: str = "A1") -> ItemTaken:
    return ItemTaken(t_ms=t_ms, epc=EPC, shelf=shelf, p=0.9, gtin=MILK)


def sale(t_ms: int, *epcs: str, quantity: int = 1, name: str = "t-1") -> SaleCompleted:
    line = SaleLine(gtin=MILK, quantity=quantity, price_minor=129, epcs=epcs)
    return SaleCompleted(
        t_ms=t_ms, sale=name, till="till-1", lines=(line,), total_minor=129 * quantity, currency="EUR"
    )


def state_of(clerk: httpx.Client, epc: str = EPC) -> tuple[str, str]:
    found = clerk.get(f"/api/items/{epc}").raise_for_status().json()
    return found["state"], found["place"]


# --- the table ----------------------------------------------------------------------------------------------


def test_the_documented_table_is_the_one_that_is_followed() -> None:
    page = (ROOT / "docs" / "stock.md").read_text(encoding="utf-8")
    assert life.table_page() in page, "put the output of gateway.core.life.table_page() into docs/stock.md"


@pytest.mark.parametrize("event", life.TABLE)
def test_what_is_said_twice_changes_nothing_the_second_time(event: str) -> None:
    for state in (life.NEW, *life.STATES):
        once = life.after(state, event) or state
        assert (life.after(once, event) or once) == once


def test_every_state_is_reached_and_every_row_leads_to_one() -> None:
    assert {after for row in life.TABLE.values() for after in row.values()} == set(life.STATES)
    assert {before for row in life.TABLE.values() for before in row} <= {life.NEW, *life.STATES}


# --- every order --------------------------------------------------------------------------------------------


class Tables:
    """A store's tables in memory, and streams into them."""

    def __init__(self, schema: str) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.executescript(schema)
        clock = ManualClock(NOW_MS)
        fold = NodeFold(SaleRules("store-1", "backroom", 100), Touched(), clock, Outbox(clock=clock))
        self.inbox = Inbox(fold, clock=clock)
        self.numbers: dict[str, int] = {}

    def fold(self, node: str, *facts: Fact) -> None:
        first = self.numbers.get(node, 1)
        self.numbers[node] = first + len(facts)
        batch = FactBatch(epoch="0" * 16, first=first, facts=tuple(Raw(encode(fact)) for fact in facts))
        self.inbox.receive(self.connection, node, StreamClass.LEDGER, batch)

    def item(self) -> tuple[object, ...]:
        found = self.connection.execute("SELECT state, place, p, t_ms, seen_ms, since_ms FROM items").fetchone()
        return tuple(found)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("schema") / "gateway.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        kept = (
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE '%fts%' AND name NOT LIKE 'sqlite_%'"
        )
        return ";".join(row[0] for row in connection.execute(kept))


@pytest.fixture
def tables(schema: str) -> Iterator[Tables]:
    made = Tables(schema)
    yield made
    made.connection.close()


def fact_of(kind: str, t_ms: int, shelf: str) -> tuple[str, Fact]:
    evidence = Evidence(reads=3, last_read_ms=t_ms - 5)
    told: dict[str, tuple[str, Fact]] = {
        "placed": ("shelf-1", placed(t_ms, shelf, evidence=evidence)),
        "moved": ("shelf-2", ItemMoved(t_ms=t_ms, epc=EPC, shelf=shelf, from_shelf="Z9", p=0.8, gtin=MILK)),
        "taken": ("shelf-1", taken(t_ms, shelf)),
        "returned": ("shelf-2", ItemReturned(t_ms=t_ms, epc=EPC, shelf=shelf, p=0.7, gtin=MILK)),
        "passed": ("door-1", ItemExited(t_ms=t_ms, epc=EPC, door="main", p=0.95, gtin=MILK)),
        "sold": ("till-1", sale(t_ms, EPC, name=f"t-{t_ms}")),
        "back": ("till-1", sale(t_ms, EPC, quantity=-1, name=f"t-{t_ms}")),
        "scanned": (
            "till-2",
            CodeScanned(t_ms=t_ms, device="scan-1", symbology="QRCODE", text=LINK, gtin=MILK, serial=SERIAL),
        ),
    }
    return told[kind]


KINDS = ["placed", "moved", "taken", "returned", "passed", "sold", "back", "scanned"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["A1", "B2", "backroom"])), max_size=8),
    data=st.data(),
)
def test_one_items_facts_from_several_nodes_end_the_same_in_every_order_doubled_or_not(
    schema: str, kinds: list[tuple[str, str]], data: st.DataObject
) -> None:
    told = [fact_of(kind, NOW_MS - 1000 + n, shelf) for n, (kind, shelf) in enumerate(kinds)]
    doubled = data.draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
    ends = []
    for order in (told, data.draw(st.permutations([*told, *doubled]))):
        tables = Tables(schema)
        tables.fold("shelf-1", placed(NOW_MS - 5000))
        for node, fact in order:
            tables.fold(node, fact)
        kept = steps.steps(tables.connection, [EPC])[EPC]
        now = life.replay(one.step for one in kept)
        row = tables.item()
        assert (now.state, now.place, now.p, now.t_ms, now.seen_ms, now.since_ms) == row
        ends.append((row[0], row[1], row[3]))
        tables.connection.close()
    assert ends[0] == ends[1]


def test_what_a_door_said_of_a_tag_waits_for_the_shelf_that_knows_it(tables: Tables) -> None:
    tables.fold("door-1", ItemExited(t_ms=NOW_MS - 10, epc=EPC, door="main", p=0.9, gtin=MILK))
    assert tables.connection.execute("SELECT count(*) FROM items").fetchone() == (0,)
    tables.fold("shelf-1", placed(NOW_MS - 500), taken(NOW_MS - 100))
    assert tables.item()[0] == "left"
    assert tables.connection.execute("SELECT count(*) FROM early").fetchone() == (0,)


@pytest.mark.parametrize("judged_after", range(4))
@pytest.mark.parametrize("order", list(permutations(("taken", "passed", "sold"))))
@pytest.mark.parametrize("names_piece", [True, False])
def test_however_shelf_door_and_till_are_heard_who_paid_has_left_and_is_not_missing(
    tables: Tables, order: tuple[str, ...], judged_after: int, names_piece: bool
) -> None:
    told = {
        "taken": ("shelf-1", taken(NOW_MS - 3000)),
        "passed": ("door-1", ItemExited(t_ms=NOW_MS - 1000, epc=EPC, door="main", p=0.9, gtin=MILK)),
        "sold": ("till-1", sale(NOW_MS - 2000, *([EPC] if names_piece else []))),
    }
    tables.fold("shelf-1", placed(NOW_MS - 5000))
    for number, kind in enumerate((*order, None)):
        if number == judged_after:
            exits.settle(tables.connection, NOW_MS + 60_000)
        if kind is not None:
            tables.fold(told[kind][0], told[kind][1])
    exits.settle(tables.connection, NOW_MS + 60_000)
    assert tables.item()[0] == "left"
    for what in ("shrink WHERE found_ms IS NULL", "alarms WHERE closed_ms IS NULL", "owed", "exits"):
        assert tables.connection.execute(f"SELECT count(*) FROM {what}").fetchone() == (0,), what


def test_an_item_that_was_given_up_and_then_told_of_late_was_never_missing(tables: Tables) -> None:
    tables.fold("shelf-1", placed(NOW_MS - 5000), taken(NOW_MS - 4000))
    steps.happen(tables.connection, [steps.Happening(EPC, NOW_MS - 100, life.GIVEN_UP, 0.9)])
    assert tables.item()[0] == "missing"
    tables.fold("shelf-2", ItemReturned(t_ms=NOW_MS - 3000, epc=EPC, shelf="B2", p=0.9, gtin=MILK))
    assert tables.item()[:2] == ("on_shelf", "B2")


# --- through the front --------------------------------------------------------------------------------------


def test_a_piece_stands_misplaced_where_the_planogram_does_not_want_it_and_is_judged_again_when_that_changes(
    store: Store, clerk: httpx.Client
) -> None:
    store.fold(placed(shelf="B2"))
    assert state_of(clerk) == ("on_shelf", "B2")
    plan = PlanogramChanged(t_ms=NOW_MS, gtin=MILK, shelf="A1", facings=2, capacity=10, low=2)
    store.fold(plan, node="hq")
    assert state_of(clerk) == ("misplaced", "B2")
    (listed,) = clerk.get("/api/items", params={"state": "misplaced", "gtin": MILK}).json()["items"]
    assert (listed["epc"], listed["belongs"], listed["name_en"]) == (EPC, ["A1"], "Whole milk 1 l")
    store.fold(ItemMoved(t_ms=NOW_MS + 1, epc=EPC, shelf="A1", from_shelf="B2", p=0.9, gtin=MILK))
    assert state_of(clerk) == ("on_shelf", "A1")
    store.fold(ItemMoved(t_ms=NOW_MS + 2, epc=EPC, shelf="backroom", from_shelf="A1", p=0.9, gtin=MILK))
    assert state_of(clerk) == ("back_room", "backroom")
    gone = PlanogramChanged(t_ms=NOW_MS + 3, gtin=MILK, shelf="A1", facings=0, capacity=0, low=0)
    store.fold(gone, ItemReturned(t_ms=NOW_MS + 4, epc=EPC, shelf="Z9", p=0.9, gtin=MILK), node="hq")
    assert state_of(clerk) == ("back_room", "backroom")


def test_why_the_store_believes_something_has_an_answer_for_every_step(store: Store, clerk: httpx.Client) -> None:
    evidence = Evidence(reads=7, rssi_dbm=-58.5, read_rate=0.82, last_read_ms=NOW_MS - 61_000)
    store.fold(placed(evidence=evidence), taken(NOW_MS - 40_000))
    store.fold(sale(NOW_MS - 20_000, EPC, name="t-9"), node="till-1")
    store.fold(ItemExited(t_ms=NOW_MS - 10_000, epc=EPC, door="main", p=0.93, gtin=MILK), node="door-1")
    item = clerk.get(f"/api/items/{EPC}").json()
    told = [(step["event"], step["state"], step["place"]) for step in item["history"]]
    assert told == [
        ("passed_door", "left", "A1"),
        ("paid", "paid", "A1"),
        ("lifted", "picked_up", "A1"),
        ("stands", "on_shelf", "A1"),
    ]
    proofs = [{k: v for k, v in step["evidence"].items() if v is not None} for step in item["history"]]
    assert proofs[0] == {"reads": 0, "door": "main"} or proofs[0] == {"door": "main"}
    assert proofs[1] == {"sale": "t-9"}
    assert proofs[3] == {"reads": 7, "rssi_dbm": -58.5, "read_rate": 0.82, "last_read_ms": NOW_MS - 61_000}
    assert (item["name_zh"], item["serial"], item["state"]) == ("全脂牛奶", SERIAL, "left")


def test_a_scanned_piece_is_in_the_basket_and_stands_again_when_it_is_taken_out_before_its_shelf_missed_it(
    store: Store, clerk: httpx.Client
) -> None:
    store.fold(placed())
    shopper = store.client()
    shopper.post("/api/baskets").raise_for_status()
    basket = shopper.post("/api/baskets/mine/scans", json={"text": LINK, "scan": "s-1"}).raise_for_status().json()
    assert state_of(clerk)[0] == "in_basket"
    assert clerk.get(f"/api/stock/{MILK}").json()["on_hand"] == 0
    (scanned, *_rest) = clerk.get(f"/api/items/{EPC}").json()["history"]
    assert (scanned["event"], scanned["evidence"]["basket"]) == ("scanned", basket["basket"])
    shopper.delete("/api/baskets/mine/lines/1").raise_for_status()
    assert state_of(clerk) == ("on_shelf", "A1")
    shopper.post("/api/baskets/mine/scans", json={"text": LINK, "scan": "s-2"}).raise_for_status()
    store.fold(taken(NOW_MS + 1000))
    assert state_of(clerk)[0] == "in_basket"
    store.clock.advance(5)
    shopper.delete("/api/baskets/mine/lines/2").raise_for_status()
    assert state_of(clerk)[0] == "picked_up"


def test_a_till_that_names_no_piece_sells_the_one_that_its_scanner_read(store: Store, clerk: httpx.Client) -> None:
    other = EPC[:-1] + "6"
    store.fold(placed(), placed(epc=other, serial="6790"))
    store.fold(ItemTaken(t_ms=NOW_MS - 50_000, epc=other, shelf="A1", p=0.9, gtin=MILK), taken(NOW_MS - 30_000))
    scan = CodeScanned(t_ms=NOW_MS - 9000, device="till-1", symbology="QRCODE", text=LINK, gtin=MILK, serial=SERIAL)
    store.fold(scan, node="till-1")
    store.fold(sale(NOW_MS - 5000), node="till-1")
    assert (state_of(clerk)[0], state_of(clerk, other)[0]) == ("paid", "picked_up")
    newest = clerk.get(f"/api/items/{EPC}").json()["history"][0]
    assert (newest["event"], newest["evidence"]["reason"]) == ("paid", "inferred")


def test_what_is_brought_back_counts_at_the_counter_until_a_shelf_sees_it(store: Store, clerk: httpx.Client) -> None:
    store.fold(placed(), taken(NOW_MS - 30_000))
    store.fold(sale(NOW_MS - 20_000, EPC), node="till-1")
    assert clerk.get(f"/api/stock/{MILK}").json()["on_hand"] == 0
    store.fold(sale(NOW_MS - 10_000, EPC, quantity=-1, name="t-2"), node="till-1")
    assert state_of(clerk) == ("returned", "counter")
    (place,) = clerk.get(f"/api/stock/{MILK}").json()["places"]
    assert (place["place"], place["kind"], place["quantity"]) == ("counter", "counter", 1)
    store.fold(ItemReturned(t_ms=NOW_MS - 5000, epc=EPC, shelf="A1", p=0.9, gtin=MILK))
    assert state_of(clerk) == ("on_shelf", "A1")


def test_an_unknown_tag_has_no_life_and_a_list_wants_a_state(clerk: httpx.Client) -> None:
    assert clerk.get("/api/items/3034257BF7194E4000009999").status_code == 404
    assert clerk.get("/api/items").status_code == 422
    assert clerk.get("/api/items", params={"state": "sold"}).status_code == 422
    assert clerk.get("/api/items", params={"state": "missing"}).json()["items"] == []
