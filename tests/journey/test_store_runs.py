"""From a shelf, a queue and a scan to the screen, the handheld and headquarters; nothing lost when parts are killed.

The tests of this module share one running store and go on in order: look at it, hurt it, balance its books.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from firmware_stubs.demo.books import balance, read_truth, wait_until_settled
from firmware_stubs.demo.losses import losses
from firmware_stubs.demo.plan import BACKROOM, LANES, LLRP_SHELVES, MQTT_SHELVES, STORE, UNTAGGED_SHELF
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.store.catalogue import CATALOGUE
from models.messages.topics import ANY, DoorTopic, FactsTopic, LaneTopic, StatusTopic
from tests.journey.two_items import BOUGHT, DELIVERY, PRODUCT, SHELF, STOLEN, life_of

T = TypeVar("T")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def eventually(check: Callable[[], T], timeout_s: float = 30.0) -> T:
    deadline = time.monotonic() + timeout_s
    while not (found := check()):
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s"
        time.sleep(0.2)
    return found


def find(store: RunningStore, words: str) -> list[dict[str, Any]]:
    assert store.manager is not None
    return store.manager.find(words)


def all_stock(store: RunningStore) -> list[dict[str, Any]]:
    assert store.manager is not None
    return store.manager.all_stock()


def lanes_on_screen(store: RunningStore) -> dict[str, Any]:
    return {lane["lane"]: lane for lane in httpx.get(f"{store.screen_url}/api/lanes").json()["lanes"]}


def test_a_clerk_finds_what_stands_on_shelves_of_both_kinds_of_reader(store: RunningStore) -> None:
    expected = {*LLRP_SHELVES, *MQTT_SHELVES, UNTAGGED_SHELF, BACKROOM}

    def places() -> bool:
        return {place["place"] for product in all_stock(store) for place in product["places"]} == expected

    eventually(places)

    def jeans() -> bool:
        (found,) = [one for one in find(store, "修身牛仔") if one["name_en"] == "Jeans, slim, 32/32"]
        return {place["kind"] for place in found["places"]} == {"shelf", "backroom"}

    eventually(jeans)
    elsewhere = eventually(lambda: find(store, "修身牛仔")[0]["elsewhere"])
    assert elsewhere[0]["store"] == "harbour"


def test_the_screen_shows_every_lane_and_what_waits_there(store: RunningStore) -> None:
    def open_with_waits() -> bool:
        lanes = lanes_on_screen(store)
        return set(LANES) <= set(lanes) and sum(lane["high_min"] is not None for lane in lanes.values()) >= 2

    eventually(open_with_waits)


def test_the_screen_sends_nobody_to_a_lane_that_a_manager_says_closes(store: RunningStore) -> None:
    manager = store.manager
    assert manager is not None

    def says(word: str, states: set[str]) -> None:
        manager.http.post(f"/api/lanes/{LANES[0]}/{word}").raise_for_status()
        eventually(lambda: lanes_on_screen(store)[LANES[0]]["state"] in states)

    says("closing", {"closing", "closed"})
    shown = httpx.get(f"{store.screen_url}/api/lanes").json()
    assert shown["recommended"] not in {None, LANES[0]}
    says("opened", {"open"})


def test_headquarters_sees_the_stores_sales_and_stock(store: RunningStore) -> None:
    def demo_store() -> dict[str, Any] | None:
        assert store.staff is not None
        found: dict[str, Any] = next(one for one in store.staff.get("/api/stores")["stores"] if one["store"] == STORE)
        return found if found["on_hand"] > 100 and store.staff.get("/api/sales")["stores"] else None

    eventually(demo_store)


def test_a_scan_at_the_fixed_scanner_is_a_basket_line_with_name_and_price(store: RunningStore) -> None:
    eventually(lambda: any(one.kind == "scanned" for one in read_truth(store.plan.truth)))
    assert store.manager is not None
    manager = store.manager
    lines = eventually(lambda: manager.basket("scan-1")["lines"])
    assert lines[0]["name_en"] in {product.name_en for product in CATALOGUE}
    assert lines[0]["price_minor"] > 0


def everything_said(store: RunningStore, seconds: float) -> list[tuple[str, bytes]]:
    """Whatever the gateway may hear, heard by a client of its own: facts, statuses, samples."""
    heard: list[tuple[str, bytes]] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", protocol=mqtt.MQTTv311)
    client.username_pw_set("gateway", store.plan.passwords["gateway"])
    client.on_message = lambda _client, _data, message: heard.append((message.topic, bytes(message.payload)))
    client.connect("127.0.0.1", store.plan.ports.broker)
    for topic in (
        FactsTopic(STORE, ANY, None),
        StatusTopic(STORE, ANY),
        LaneTopic(STORE, ANY),
        DoorTopic(STORE, ANY),
    ):
        client.subscribe(str(topic), 1)
    client.loop_start()
    time.sleep(seconds)
    client.disconnect()
    client.loop_stop()
    return heard


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def test_nothing_that_a_camera_node_says_could_be_a_picture(store: RunningStore, footage: Path | None) -> None:
    assert footage is not None, "no footage: sudo apt-get update, then aisle footage fetch"
    heard = everything_said(store, 6)
    assert {f"aisle/v1/{STORE}/lane/5", f"aisle/v1/{STORE}/door/main"} <= {topic for topic, _ in heard}
    for topic, payload in heard:
        assert payload.isascii(), topic
        assert max(map(len, strings(json.loads(payload))), default=0) <= 500, topic
    # Folders of the broker come and go while it runs: `walk` passes them over.
    files = [Path(name) for _folder, _folders, names in os.walk(store.plan.folder) for name in names]
    assert len(files) > 10
    assert not [path for path in files if path.suffix in {".jpg", ".jpeg", ".png", ".avi", ".mp4"}]


def test_the_screen_goes_on_with_gateway_and_headquarters_dead(store: RunningStore) -> None:
    for name in ("gateway", "hq"):
        store.programs[name].kill()
    time.sleep(3)
    before = lanes_on_screen(store)
    time.sleep(2)
    after = lanes_on_screen(store)
    assert max(lane["t_ms"] for lane in after.values()) > max(lane["t_ms"] for lane in before.values())
    assert all(lane["believed_for_ms"] > 0 for lane in after.values() if lane["state"] == "open")
    for name in ("hq", "gateway"):
        store.restart(name)
        store.programs[name].wait_until_ready()


def test_the_life_of_a_bought_piece_is_told_from_its_delivery_to_the_door(store: RunningStore) -> None:
    item = eventually(lambda: (now := life_of(store, BOUGHT))["state"] == "left" and now, timeout_s=70)
    assert (item["name_en"], item["serial"], item["belongs"]) == (PRODUCT.name_en, "810001", [SHELF])
    told = [(step["event"], step["state"], step["place"]) for step in reversed(item["history"])]
    milestones = [
        ("stands_in_back_room", "back_room", "backroom"),
        ("stands", "on_shelf", SHELF),
        ("scanned", "in_basket", SHELF),
        ("paid", "paid", SHELF),
        ("passed_door", "left", SHELF),
    ]
    assert [step for step in told if step in milestones] == milestones, told
    evidence = {step["event"]: step["evidence"] for step in reversed(item["history"])}
    for seen in ("stands_in_back_room", "stands"):
        assert evidence[seen]["reads"] > 0
        assert evidence[seen]["rssi_dbm"] < 0
        assert evidence[seen]["last_read_ms"] > 0
    assert evidence["scanned"]["basket"]
    assert evidence["paid"]["sale"] == "two-1"
    assert evidence["passed_door"]["door"] == "main"
    assert store.manager is not None
    delivery = store.manager.get(f"/api/deliveries/{DELIVERY}")
    assert [line["by_tag"] for unit in delivery["units_list"] for line in unit["lines"]] == [2]


def test_a_stolen_piece_ends_in_shrink_also_when_the_gateway_dies_before_it_could_say_so(store: RunningStore) -> None:
    manager = store.manager
    assert manager is not None
    eventually(lambda: life_of(store, STOLEN)["state"] in {"left", "missing"}, timeout_s=40)
    store.programs["gateway"].kill()
    time.sleep(1)
    store.restart("gateway")
    store.programs["gateway"].wait_until_ready()
    item = eventually(lambda: (now := life_of(store, STOLEN))["state"] == "missing" and now)
    ledger = manager.get("/api/shrink")["lines"]
    (line,) = [line for line in ledger if line["epc"] == STOLEN]
    assert (line["reason"], line["place"], line["value_minor"]) == ("exit_unpaid", SHELF, PRODUCT.price_minor)
    assert line["found_ms"] is None
    assert line["last_seen_ms"] <= line["missing_ms"]
    events = [step["event"] for step in item["history"]]
    assert events[0] == "given_up"
    assert "passed_door" in events
    alarms = manager.get("/api/alarms?open=1")["alarms"]
    (alarm,) = [alarm for alarm in alarms if STOLEN in alarm["epcs"]]
    assert (alarm["type"], alarm["door"]) == ("exit_unpaid", "main")
    assert BOUGHT not in {line["epc"] for line in ledger}


def test_a_clerk_carries_goods_to_shelves_and_takes_a_delivery_in_over_the_api(store: RunningStore) -> None:
    manager = store.manager
    assert manager is not None

    def worked() -> bool:
        tasks = [*manager.get("/api/tasks")["tasks"], *manager.tasks_done()]
        return any(task["type"] == "replenish" and task["claimed_name"] == "Clerk B" for task in tasks)

    def received() -> bool:
        return any(one["state"] == "received" and one["by_name"] == "Clerk B" for one in manager.deliveries())

    eventually(worked, timeout_s=60)
    eventually(received, timeout_s=60)
    moved = {one.epc for one in read_truth(store.plan.truth) if one.kind == "moved"} - {BOUGHT, STOLEN}
    assert moved, "goods moved in the store, not only in its books"


def test_nothing_is_lost_or_doubled_when_nodes_broker_and_gateway_are_killed_under_load(store: RunningStore) -> None:
    for name in ("checkouts", "broker", "gateway", "shelves"):
        store.programs[name].kill()
        time.sleep(1.0)
        store.restart(name)
        time.sleep(1.5)
    for program in store.programs.values():
        program.wait_until_ready()
    time.sleep(2)
    assert store.programs["pretend"].stop(timeout_s=60), store.programs["pretend"].tail()
    assert wait_until_settled(store.plan, 60), "the streams did not settle"
    books = balance(store.plan)
    assert books.sales_true > 10
    assert (books.lost, books.doubled) == (0, 0), books
    assert books.total_hq_minor == books.total_true_minor
    assert books.is_balanced, books
    assert losses(store.plan, read_truth(store.plan.truth)).wrongly == 0, "what was paid for is nobody's loss"
