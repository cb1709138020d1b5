"""What passes a door, against the paid list: nobody is called for what was paid, somebody is for what was not."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway import jobs
from gateway.app import create_gateway
from models.messages.facts import ItemPlaced, ItemReturned, ItemTaken, SaleCompleted, SaleLine
from models.messages.goods import ItemExited
from models.messages.samples import NodeStatus
from models.process.clock import ManualClock
from tests.gateway.conftest import MILK, NOW_MS, TEA, StartStore, Store, store_settings

EPCS = [f"3034257BF7194E40000{number:05d}" for number in range(12)]
FOREIGN = "E2801160600002084BB1A1F1"


@pytest.fixture
def store(start_store: StartStore) -> Store:
    running = start_store(hq={"url": "http://127.0.0.1:9", "key": "0123456789abcdef0123"})
    running.sell_goods()
    return running


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


def lifted(store: Store, *epcs: str, gtin: str = MILK, ago_ms: int = 60_000) -> None:
    """Pieces that stood on a shelf and were lifted, minutes apart in habit, ``ago_ms`` ago."""
    now_ms = store.clock.now_ms()
    for epc in epcs:
        store.fold(ItemPlaced(t_ms=now_ms - ago_ms - 600_000, epc=epc, shelf="A1", p=0.97, gtin=gtin))
        store.fold(ItemTaken(t_ms=now_ms - ago_ms, epc=epc, shelf="A1", p=0.9, gtin=gtin))


def passed(store: Store, *epcs: str, ago_ms: int = 1000, door: str = "main", node: str = "door-1") -> None:
    t_ms = store.clock.now_ms() - ago_ms
    store.fold(*(ItemExited(t_ms=t_ms, epc=epc, door=door, p=0.9, gtin=MILK) for epc in epcs), node=node)


def sold(store: Store, *epcs: str, pieces: int = 1, ago_ms: int = 0, name: str = "t-1", gtin: str = MILK) -> None:
    line = SaleLine(gtin=gtin, quantity=pieces, price_minor=129, epcs=epcs)
    store.fold(
        SaleCompleted(
            t_ms=store.clock.now_ms() - ago_ms, sale=name, till="till-1", lines=(line,), total_minor=129 * pieces,
            currency="EUR",
        ),
        node="till-1",
    )  # fmt: skip


def settle(store: Store, after_s: float = 21) -> None:
    """Time passes, and what waits for a till is judged."""
    store.clock.advance(after_s)
    jobs.settle_exits(store.desk)


def alarms(clerk: httpx.Client, **only: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = clerk.get("/api/alarms", params=only).raise_for_status().json()["alarms"]
    return found


def state(clerk: httpx.Client, epc: str) -> str:
    return str(clerk.get(f"/api/items/{epc}").raise_for_status().json()["state"])


def kinds(store: Store) -> list[str]:
    return [fact["kind"] for fact in store.outgoing()]


def test_what_was_paid_leaves_without_a_sound(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    sold(store, EPCS[0], ago_ms=30_000)
    passed(store, EPCS[0])
    settle(store)
    assert state(clerk, EPCS[0]) == "left"
    assert alarms(clerk) == []
    (door,) = clerk.get("/api/alarms").json()["doors"]
    assert door == {"door": "main", "paid": 1, "unpaid": 0, "unknown": 0}


def test_what_nobody_paid_for_calls_somebody_when_its_grace_is_over(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store, 10)
    assert (alarms(clerk), state(clerk, EPCS[0])) == ([], "left")
    settle(store, 11)
    (alarm,) = alarms(clerk, open=1)
    assert (alarm["type"], alarm["door"], alarm["gtin"], alarm["quantity"]) == ("exit_unpaid", "main", MILK, 1)
    assert (alarm["epcs"], alarm["state"], alarm["p"], alarm["name_zh"]) == ([EPCS[0]], "open", 0.9, "全脂牛奶")
    assert state(clerk, EPCS[0]) == "missing"
    (line,) = clerk.get("/api/shrink").json()["lines"]
    assert (line["epc"], line["reason"], line["value_minor"], line["place"]) == (EPCS[0], "exit_unpaid", 129, "A1")
    assert (line["alarm"], line["evidence"]["door"]) == (alarm["alarm"], "main")
    assert kinds(store)[-2:] == ["alarm.raised", "item.missing"]


def test_a_till_that_tells_within_the_grace_clears_the_piece_it_names(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    store.clock.advance(8)
    sold(store, EPCS[0], ago_ms=15_000)
    settle(store)
    assert (alarms(clerk), state(clerk, EPCS[0])) == ([], "left")


@pytest.mark.parametrize("names", [True, False])
def test_a_till_that_was_down_and_tells_later_closes_the_alarm_as_paid(
    store: Store, clerk: httpx.Client, names: bool
) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store)
    assert state(clerk, EPCS[0]) == "missing"
    store.clock.advance(600)
    sold(store, *([EPCS[0]] if names else []), ago_ms=660_000)
    (alarm,) = alarms(clerk)
    assert (alarm["state"], alarm["outcome"], alarm["by"], alarm["by_name"]) == ("closed", "paid", "aisle", None)
    assert state(clerk, EPCS[0]) == "left"
    told = clerk.get("/api/shrink").json()
    assert (told["items"], told["value_minor"], told["found"]) == (0, 0, 1)
    assert told["lines"][0]["found_ms"] == store.clock.now_ms()
    assert kinds(store)[-2:] == ["item.found", "alarm.closed"]
    history = clerk.get(f"/api/items/{EPCS[0]}").json()["history"]
    assert "retracted" in {step["event"] for step in history}


def test_several_pieces_through_one_door_are_one_alarm_and_later_ones_another(
    store: Store, clerk: httpx.Client
) -> None:
    lifted(store, *EPCS[:4])
    passed(store, EPCS[0], ago_ms=5000)
    passed(store, EPCS[1], EPCS[2], ago_ms=1000)
    settle(store)
    passed(store, EPCS[3])
    settle(store)
    assert sorted(alarm["quantity"] for alarm in alarms(clerk, open=1)) == [1, 3]


def test_a_piece_that_follows_within_seconds_joins_the_alarm_that_rings_already(
    store: Store, clerk: httpx.Client
) -> None:
    lifted(store, *EPCS[:2])
    passed(store, EPCS[0], ago_ms=0)
    store.clock.advance(6)
    passed(store, EPCS[1], ago_ms=0)
    settle(store, 15)
    assert [alarm["quantity"] for alarm in alarms(clerk)] == [1]
    settle(store, 6)
    assert [alarm["quantity"] for alarm in alarms(clerk)] == [2]


def test_a_tag_that_no_shelf_knows_is_counted_and_rings_nothing(store: Store, clerk: httpx.Client) -> None:
    passed(store, FOREIGN)
    settle(store)
    told = clerk.get("/api/alarms").json()
    assert told["alarms"] == []
    assert told["doors"] == [{"door": "main", "paid": 0, "unpaid": 0, "unknown": 1}]


def test_of_a_product_that_a_till_sold_by_number_the_piece_that_passes_is_the_one_that_was_paid(
    store: Store, clerk: httpx.Client
) -> None:
    lifted(store, EPCS[0], ago_ms=120_000)
    lifted(store, EPCS[1], ago_ms=60_000)
    sold(store, pieces=1, ago_ms=30_000)
    assert (state(clerk, EPCS[0]), state(clerk, EPCS[1])) == ("paid", "picked_up")
    passed(store, EPCS[1])
    settle(store)
    assert (state(clerk, EPCS[0]), state(clerk, EPCS[1])) == ("picked_up", "left")
    assert alarms(clerk) == []
    passed(store, EPCS[0])
    settle(store)
    assert [alarm["epcs"] for alarm in alarms(clerk)] == [[EPCS[0]]]


def test_a_piece_that_its_shelf_has_not_missed_yet_was_paid_by_the_sale_that_is_owed_one(
    store: Store, clerk: httpx.Client
) -> None:
    store.fold(ItemPlaced(t_ms=NOW_MS - 600_000, epc=EPCS[0], shelf="A1", p=0.97, gtin=MILK))
    sold(store, pieces=1, ago_ms=20_000)
    passed(store, EPCS[0])
    settle(store)
    assert (state(clerk, EPCS[0]), alarms(clerk)) == ("left", [])
    store.fold(ItemTaken(t_ms=store.clock.now_ms(), epc=EPCS[0], shelf="A1", p=0.9, gtin=MILK))
    assert state(clerk, EPCS[0]) == "left"


def test_while_a_tills_node_cannot_be_heard_its_customers_wait_longer(store: Store, clerk: httpx.Client) -> None:
    sold(store, gtin=TEA, name="t-0")
    store.desk.samples.put_node(NodeStatus(node="till-1", t_ms=NOW_MS, state="offline", version="1"))
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store, 300)
    assert alarms(clerk) == []
    settle(store, 330)
    assert [alarm["quantity"] for alarm in alarms(clerk)] == [1]


def test_a_passage_that_is_told_an_hour_late_is_in_the_ledger_and_calls_nobody(
    store: Store, clerk: httpx.Client
) -> None:
    lifted(store, EPCS[0], ago_ms=3_700_000)
    passed(store, EPCS[0], ago_ms=3_600_000)
    settle(store)
    assert alarms(clerk) == []
    assert [line["reason"] for line in clerk.get("/api/shrink").json()["lines"]] == ["exit_unpaid"]


@pytest.mark.parametrize(("outcome", "then"), [("staff", "left"), ("paid", "left"), ("false", "picked_up")])
def test_what_a_clerk_says_of_an_alarm_is_what_becomes_of_its_pieces_and_can_be_taken_back(
    store: Store, clerk: httpx.Client, outcome: str, then: str
) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store)
    (alarm,) = alarms(clerk)
    closed = clerk.post(f"/api/alarms/{alarm['alarm']}/close", json={"outcome": outcome}).raise_for_status().json()
    assert (closed["state"], closed["outcome"], closed["by_name"]) == ("closed", outcome, "Clerk A")
    assert state(clerk, EPCS[0]) == then
    assert clerk.get("/api/shrink").json()["items"] == 0
    again = clerk.post(f"/api/alarms/{alarm['alarm']}/close", json={"outcome": "theft"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_closed")
    assert "Clerk A" in again.json()["error"]["message"]
    opened = clerk.post(f"/api/alarms/{alarm['alarm']}/reopen").raise_for_status().json()
    assert (opened["state"], opened["outcome"]) == ("open", None)
    assert state(clerk, EPCS[0]) == "missing"
    assert clerk.get("/api/shrink").json()["items"] == 1
    stolen = clerk.post(f"/api/alarms/{alarm['alarm']}/close", json={"outcome": "theft"}).raise_for_status().json()
    assert (stolen["outcome"], state(clerk, EPCS[0])) == ("theft", "missing")


def test_an_alarm_opens_again_for_ten_minutes_only(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store)
    (alarm,) = alarms(clerk)
    assert clerk.post(f"/api/alarms/{alarm['alarm']}/reopen").status_code == 409
    clerk.post(f"/api/alarms/{alarm['alarm']}/close", json={"outcome": "staff"}).raise_for_status()
    store.clock.advance(11 * 60)
    late = clerk.post(f"/api/alarms/{alarm['alarm']}/reopen")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "too_late")
    assert clerk.post("/api/alarms/a-0/close", json={"outcome": "staff"}).status_code == 404


def test_a_piece_that_a_shelf_sees_again_was_not_stolen(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store)
    store.fold(ItemReturned(t_ms=store.clock.now_ms(), epc=EPCS[0], shelf="A1", p=0.9, gtin=MILK))
    assert state(clerk, EPCS[0]) == "on_shelf"
    assert [alarm["outcome"] for alarm in alarms(clerk)] == ["false"]
    assert clerk.get("/api/shrink").json()["found"] == 1


def test_a_missing_piece_that_a_clerk_finds_stands_where_they_say(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    settle(store)
    found = clerk.post(f"/api/items/{EPCS[0]}/found", json={"place": "B2"}).raise_for_status().json()
    assert (found["state"], found["place"], found["p"]) == ("on_shelf", "B2", 1.0)
    assert found["history"][0]["evidence"]["by"] is not None
    assert clerk.get("/api/shrink").json()["lines"][0]["by_name"] == "Clerk A"
    assert kinds(store)[-3:] == ["item.found", "alarm.closed", "item.returned"]
    again = clerk.post(f"/api/items/{EPCS[0]}/found", json={"place": "B2"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "stands")


def test_a_gateway_that_is_killed_between_the_door_and_the_alarm_calls_somebody_when_it_is_back(
    store: Store, tmp_path: Path, serve: Callable[[FastAPI], Any]
) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    # What a kill leaves: the files as they are now, nothing closed.
    after = store_settings(tmp_path / "after", hq=store.settings.hq)
    shutil.copytree(store.settings.data_dir, after.data_dir)
    app = create_gateway(after, clock=ManualClock(NOW_MS + 25_000))
    again = Store(after, app, serve(app).url, ManualClock(NOW_MS + 25_000))
    jobs.settle_exits(again.desk)
    with again.desk.reading() as connection:
        (quantity, kind) = connection.execute("SELECT quantity, type FROM alarms").fetchone()
        assert (quantity, kind) == (1, "exit_unpaid")
        assert connection.execute("SELECT state FROM items").fetchone()[0] == "missing"
    assert [fact["kind"] for fact in again.outgoing()][-2:] == ["alarm.raised", "item.missing"]


def test_pages_hear_of_alarms_when_they_open_and_when_one_rings(store: Store, clerk: httpx.Client) -> None:
    lifted(store, EPCS[0])
    passed(store, EPCS[0])
    told: list[str] = []
    with clerk.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        for line in lines:
            if line == "event: alarms":
                told.append(next(lines))
                if len(told) == 1:
                    settle(store)
                else:
                    break
    assert '"open":0' in told[0].replace(" ", "")
    assert '"open":1' in told[1].replace(" ", "")
    assert EPCS[0] in told[1]
