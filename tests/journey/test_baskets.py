"""Baskets on their way: a till, a shopper's phone, the gateway, a node and the waits that it tells, over a broker."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud_sync.broker import Broker
from cloud_sync.mqtt import MqttLink
from cloud_sync.settings import BrokerSettings, MqttSettings
from edge.migrations import migrate
from edge.node import Node
from edge.record import DATABASE
from edge.settings import EdgeSettings
from gateway.app import create_gateway
from models.messages.codec import encode
from models.messages.devices import PeopleCount, Till
from models.messages.topics import DeviceKind, DeviceTopic
from models.process.clock import SystemClock
from models.process.health import Health
from tests.gateway.conftest import MILK, Store, free_port, store_settings

PASSWORD = "correct-horse"
LANES = ("1", "2")


@dataclass
class Checkouts:
    """A gateway and a node of two lanes, and the devices at them; three stand at each."""

    store: Store
    till: MqttLink

    def say(self, message: Till) -> None:
        assert self.till.publish(str(DeviceTopic("store-1", "till-1", DeviceKind.TILL)), encode(message), qos=1)

    def waits(self) -> dict[str, float | None]:
        lanes = httpx.get(f"{self.store.url}/api/lanes").json()["lanes"]
        return {lane["lane"]: lane["wait_s"] for lane in lanes}


def until(condition: Callable[[], object], timeout_s: float = 25.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.1)


def link_as(name: str, listen: str) -> MqttLink:
    settings = MqttSettings(hosts=[listen], username=name, password=PASSWORD)
    made = MqttLink(settings, client_id=name, will=None, health=Health(SystemClock()))
    made.start()
    until(lambda: made.is_connected)
    return made


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    listen = f"127.0.0.1:{free_port()}"
    devices = [f"{kind}-{lane}" for lane in LANES for kind in ("till", "counter")]
    users = [
        {"name": "gateway", "password": PASSWORD, "role": "gateway"},
        {"name": "pi-1", "password": PASSWORD, "role": "node", "lanes": LANES, "devices": devices},
        *({"name": name, "password": PASSWORD, "role": "device"} for name in devices),
    ]
    server = Broker(
        BrokerSettings.model_validate(
            {"store": "store-1", "listen": listen, "data_dir": tmp_path / "broker", "users": users}
        )
    )
    server.start()
    yield listen
    server.stop()


@pytest.fixture
def node(tmp_path: Path, broker: str) -> Iterator[Node]:
    settings = EdgeSettings.model_validate(
        {
            "store": "store-1",
            "node": "pi-1",
            "data_dir": tmp_path,
            "mqtt": {"hosts": [broker], "username": "pi-1", "password": PASSWORD},
            "lane": [{"id": lane, "counter": f"counter-{lane}", "till": f"till-{lane}"} for lane in LANES],
        }
    )
    migrate(tmp_path / DATABASE)
    made = Node(settings)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def counters(broker: str) -> Iterator[None]:
    """Three people stand at each lane, said once a second."""
    links = {lane: link_as(f"counter-{lane}", broker) for lane in LANES}
    stop = threading.Event()

    def count() -> None:
        while not stop.wait(0.5):
            for lane, link in links.items():
                topic = str(DeviceTopic("store-1", f"counter-{lane}", DeviceKind.COUNT))
                link.publish(topic, encode(PeopleCount(people=3)))

    thread = threading.Thread(target=count)
    thread.start()
    yield
    stop.set()
    thread.join()
    for link in links.values():
        link.stop()


@pytest.fixture
def checkouts(
    tmp_path: Path, broker: str, node: Node, counters: None, serve: Callable[..., Any]
) -> Iterator[Checkouts]:
    del node, counters
    settings = store_settings(tmp_path, mqtt=MqttSettings(hosts=[broker], username="gateway", password=PASSWORD))
    app = create_gateway(settings)
    store = Store(settings, app, serve(app).url, SystemClock())  # type: ignore[arg-type] # the real time, here
    store.sell_goods()
    till = link_as("till-1", broker)
    yield Checkouts(store, till)
    till.stop()
    store.forget()


def test_a_big_basket_at_the_till_and_one_in_line_make_the_wait_longer(checkouts: Checkouts) -> None:
    until(lambda: None not in checkouts.waits().values() and len(checkouts.waits()) == len(LANES))
    checkouts.say(Till(event="start", transaction="t-1", items=80))
    until(lambda: _is_longer(checkouts.waits(), "1", "2", 25.0))
    before = checkouts.waits()["2"] or 0.0

    phone = checkouts.store.client()
    phone.post("/api/baskets").raise_for_status()
    for number in range(60):
        phone.post("/api/baskets/mine/scans", json={"text": MILK, "scan": str(number)}).raise_for_status()
    assert phone.put("/api/baskets/mine/lane", json={"lane": "2"}).raise_for_status().json()["lane"] == "2"
    until(lambda: (checkouts.waits()["2"] or 0.0) > before + 20.0)


def _is_longer(waits: dict[str, float | None], one: str, other: str, seconds: float) -> bool:
    first, second = waits[one], waits[other]
    return first is not None and second is not None and first > second + seconds
