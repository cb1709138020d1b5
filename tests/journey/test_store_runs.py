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
from firmware_stubs.demo.plan import LANES, LLRP_SHELVES, MQTT_SHELVES, STORE
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.store.catalogue import CATALOGUE
from models.messages.topics import ANY, DoorTopic, FactsTopic, LaneTopic, StatusTopic

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
    def shelves() -> bool:
        places = [place for product in all_stock(store) for place in product["places"]]
        return {place["place"] for place in places if place["kind"] == "shelf"} == {*LLRP_SHELVES, *MQTT_SHELVES}

    eventually(shelves)
    (jeans,) = [one for one in find(store, "修身牛仔") if one["name_en"] == "Jeans, slim, 32/32"]
    assert {place["kind"] for place in jeans["places"]} == {"shelf", "backroom"}
    elsewhere = eventually(lambda: find(store, "修身牛仔")[0]["elsewhere"])
    assert elsewhere[0]["store"] == "harbour"


def test_the_screen_shows_every_lane_and_what_waits_there(store: RunningStore) -> None:
    def open_with_waits() -> bool:
        lanes = lanes_on_screen(store)
        return set(LANES) <= set(lanes) and sum(lane["high_min"] is not None for lane in lanes.values()) >= 2

    eventually(open_with_waits)


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
