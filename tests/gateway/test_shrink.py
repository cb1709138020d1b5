"""The shrink ledger: what is missing, what was last seen of it, and what turned up again."""

import csv
import io
from functools import partial
from zoneinfo import ZoneInfo

import httpx
import pytest

from gateway import jobs
from gateway.closing import last_closing_ms
from gateway.core.life import given_up_before_ms
from gateway.store import shrink
from models.messages.facts import (
    Evidence,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    ProductChanged,
    ShelfReader,
    StockChanged,
    StockCounted,
)
from tests.gateway.conftest import EPC, MILK, NOW_MS, TEA, StartStore, Store

HOUR_MS = 3_600_000


@pytest.fixture
def store(start_store: StartStore) -> Store:
    running = start_store(hq={"url": "http://127.0.0.1:9", "key": "0123456789abcdef0123"})
    running.sell_goods()
    return running


@pytest.fixture
def manager(store: Store) -> httpx.Client:
    return store.manager()


def lift(store: Store, epc: str = EPC) -> None:
    evidence = Evidence(reads=4, read_rate=0.7, last_read_ms=NOW_MS - 12_000)
    store.fold(
        ItemPlaced(t_ms=NOW_MS - HOUR_MS, epc=epc, shelf="A1", p=0.97, gtin=MILK, serial="6789"),
        ItemTaken(t_ms=NOW_MS, epc=epc, shelf="A1", p=0.88, gtin=MILK, evidence=evidence),
    )


def give_up(store: Store, after_h: float) -> None:
    store.clock.advance(after_h * 3600)
    jobs.give_up(store.desk)


def lines(manager: httpx.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = manager.get("/api/shrink").raise_for_status().json()["lines"]
    return found


def test_what_was_picked_up_hours_ago_and_neither_paid_nor_put_back_is_missing(
    store: Store, manager: httpx.Client
) -> None:
    lift(store)
    give_up(store, 3.9)
    assert lines(manager) == []
    give_up(store, 0.2)
    told = manager.get("/api/shrink").json()
    (line,) = told["lines"]
    assert (told["items"], told["value_minor"], told["found"], told["currency"]) == (1, 129, 0, "EUR")
    assert (line["epc"], line["gtin"], line["reason"], line["place"]) == (EPC, MILK, "not_seen", "A1")
    assert (line["last_seen_ms"], line["missing_ms"]) == (NOW_MS - 12_000, store.clock.now_ms())
    proof = {name: value for name, value in line["evidence"].items() if value is not None}
    assert proof == {"event": "lifted", "reads": 4, "read_rate": 0.7, "last_read_ms": NOW_MS - 12_000}
    (fact,) = [fact for fact in store.outgoing() if fact["kind"] == "item.missing"]
    assert (fact["epc"], fact["reason"], fact["price_minor"], fact["serial"]) == (EPC, "not_seen", 129, "6789")
    give_up(store, 1)
    assert len(lines(manager)) == 1


def test_what_stands_on_a_shelf_again_is_found(store: Store, manager: httpx.Client) -> None:
    lift(store)
    give_up(store, 5)
    store.fold(ItemReturned(t_ms=store.clock.now_ms(), epc=EPC, shelf="B2", p=0.9, gtin=MILK))
    told = manager.get("/api/shrink").json()
    assert (told["items"], told["found"], told["lines"][0]["found_ms"]) == (0, 1, store.clock.now_ms())
    assert [fact["kind"] for fact in store.outgoing()][-1] == "item.found"


def test_while_its_shelf_does_not_read_nothing_is_given_up(store: Store, manager: httpx.Client) -> None:
    lift(store)
    store.fold(ShelfReader(t_ms=NOW_MS + 1, shelf="A1", state="silent"))
    give_up(store, 10)
    assert lines(manager) == []
    store.fold(ShelfReader(t_ms=store.clock.now_ms(), shelf="A1", state="reading"))
    give_up(store, 0)
    assert len(lines(manager)) == 1


def test_what_somebody_scanned_and_left_on_the_shelf_stands_there_still(store: Store, manager: httpx.Client) -> None:
    store.fold(ItemPlaced(t_ms=NOW_MS - HOUR_MS, epc=EPC, shelf="A1", p=0.97, gtin=MILK, serial="6789"))
    shopper = store.client()
    shopper.post("/api/baskets").raise_for_status()
    link = f"https://id.example.org/01/{MILK}/21/6789"
    shopper.post("/api/baskets/mine/scans", json={"text": link, "scan": "s-1"}).raise_for_status()
    give_up(store, 5)
    assert lines(manager) == []
    assert manager.get(f"/api/items/{EPC}").json()["state"] == "on_shelf"


def test_half_an_hour_after_closing_what_was_picked_up_before_is_missing(start_store: StartStore) -> None:
    store = start_store(loss={"closes": "20:00", "missing_after_h": 240.0})
    store.sell_goods()
    manager = store.manager()
    lift(store)
    closed_ms = last_closing_ms(NOW_MS + 86_400_000, "20:00", ZoneInfo("UTC"))
    assert closed_ms is not None
    store.clock.advance((closed_ms - NOW_MS) / 1000 + 60)
    jobs.give_up(store.desk)
    assert lines(manager) == []
    give_up(store, 0.5)
    assert [line["reason"] for line in lines(manager)] == ["not_seen"]


def test_a_store_closes_once_a_day_in_its_own_time() -> None:
    zone = ZoneInfo("Europe/Berlin")
    noon_ms = 1_789_984_800_000
    closed_ms = last_closing_ms(noon_ms, "20:00", zone)
    assert closed_ms is not None
    assert 0 < noon_ms - closed_ms < 24 * HOUR_MS
    assert last_closing_ms(closed_ms + 29 * 60_000, "20:00", zone) == closed_ms - 24 * HOUR_MS
    assert last_closing_ms(closed_ms + 31 * 60_000, "20:00", zone) == closed_ms
    assert last_closing_ms(noon_ms, None, zone) is None
    assert given_up_before_ms(noon_ms, 4 * HOUR_MS, None) == noon_ms - 4 * HOUR_MS
    assert given_up_before_ms(closed_ms + HOUR_MS, 4 * HOUR_MS, closed_ms) == closed_ms


def test_what_a_count_of_untagged_goods_lacks_is_a_line_and_is_found_when_it_is_counted_again(
    store: Store, manager: httpx.Client
) -> None:
    store.fold(StockCounted(t_ms=NOW_MS - HOUR_MS, gtin=TEA, place="C1", quantity=12, by="c-1"))
    counted = partial(shrink.counted, gtin=TEA, place="C1", by="c-1")
    facts = store.desk.writer.run(lambda c: counted(c, expected=12, found=9, t_ms=NOW_MS))
    assert facts == [StockChanged(t_ms=NOW_MS, gtin=TEA, place="C1", delta=-3, reason="loss")]
    (line,) = lines(manager)
    assert (line["epc"], line["gtin"], line["quantity"], line["value_minor"]) == (None, TEA, 3, 3 * 349)
    assert (line["reason"], line["last_seen_ms"], line["by"]) == ("counted", NOW_MS - HOUR_MS, "c-1")
    assert manager.get("/api/shrink").json()["items"] == 3
    assert store.desk.writer.run(lambda c: counted(c, expected=9, found=12, t_ms=NOW_MS + 1)) == []
    told = manager.get("/api/shrink").json()
    assert (told["items"], told["found"]) == (0, 3)


def test_the_ledger_as_csv_is_read_by_spreadsheets_and_holds_no_formula(store: Store, manager: httpx.Client) -> None:
    evil = ProductChanged(t_ms=NOW_MS, gtin=MILK, name_en='=HYPERLINK("x")', name_zh="全脂牛奶", tagged=True)
    store.fold(evil, node="hq")
    lift(store)
    give_up(store, 5)
    answer = manager.get("/api/shrink.csv").raise_for_status()
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["name_en"] == '\'=HYPERLINK("x")'
    assert (row["name_zh"], row["gtin"], row["value_minor"], row["reason"]) == ("全脂牛奶", MILK, "129", "not_seen")


def test_a_span_holds_what_went_missing_in_it(store: Store, manager: httpx.Client) -> None:
    lift(store)
    give_up(store, 5)
    missing_ms = store.clock.now_ms()
    for from_ms, to_ms, pieces in ((0, missing_ms, 0), (missing_ms, missing_ms + 1, 1), (missing_ms + 1, 2**42, 0)):
        found = manager.get("/api/shrink", params={"from_ms": from_ms, "to_ms": to_ms}).json()
        assert found["items"] == pieces
