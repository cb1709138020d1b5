"""The whole way: a node over a real broker, the gateway, headquarters over HTTP, and a clerk who watches."""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud_sync.broker import Broker
from cloud_sync.hq.app import Headquarters, create_headquarters, open_headquarters
from cloud_sync.hq.settings import HqSettings
from cloud_sync.mqtt import FactSender, MqttLink
from cloud_sync.settings import BrokerSettings, HqLinkSettings, MqttSettings
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from gateway.app import create_gateway
from models.messages.codec import encode
from models.messages.facts import Fact, ItemPlaced, PriceChanged, ProductChanged, SaleCompleted, SaleLine
from models.messages.ids import StreamClass
from models.messages.samples import DoorSample, LaneSample, NodeStatus
from models.messages.topics import DoorTopic, FactsTopic, LaneTopic, StatusTopic
from models.process.clock import SystemClock
from models.process.health import Health
from tests.gateway.conftest import EPC, MILK, TEA, Store, free_port, store_settings

PASSWORD = "correct-horse"
KEY = "key-of-store-1-0123456789"


def until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    """Wait for something that has to happen."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    listen = f"127.0.0.1:{free_port()}"
    settings = BrokerSettings.model_validate(
        {
            "store": "store-1",
            "listen": listen,
            "data_dir": tmp_path_factory.mktemp("broker"),
            "users": [
                {"name": "gateway", "password": PASSWORD, "role": "gateway"},
                {"name": "shelf-1", "password": PASSWORD, "role": "node", "lanes": ["lane-1"], "doors": ["main"]},
            ],
        }
    )
    server = Broker(settings)
    server.start()
    yield listen
    server.stop()


def mqtt_as(name: str, listen: str) -> MqttSettings:
    return MqttSettings(hosts=[listen], username=name, password=PASSWORD)


class Node:
    """An edge node's end of the wire."""

    def __init__(self, folder: Path, listen: str) -> None:
        clock, path = SystemClock(), folder / "node.db"
        prepare(path)
        self.link = MqttLink(mqtt_as("shelf-1", listen), client_id="shelf-1", will=None, health=Health(clock))
        self.writer = Writer(path)
        self.outbox = Outbox(clock=clock)
        self.sender = FactSender(
            self.link, self.writer, self.outbox, store="store-1", node="shelf-1", peer="gateway", clock=clock
        )
        self.sender.start()
        self.link.start()
        until(lambda: self.link.is_connected)

    def say(self, *facts: Fact) -> None:
        self.writer.run(lambda c: self.outbox.append(c, "gateway", facts))
        self.sender.wake()

    def stop(self) -> None:
        self.sender.stop()
        self.link.stop()
        self.writer.close()


@pytest.fixture
def node(tmp_path: Path, broker: str) -> Iterator[Node]:
    made = Node(tmp_path, broker)
    yield made
    made.stop()


@pytest.fixture
def headquarters(tmp_path: Path, serve: Callable[..., Any]) -> tuple[Headquarters, str]:
    settings = HqSettings.model_validate(
        {
            "data_dir": tmp_path / "hq",
            "stores": [
                {"id": "store-1", "name": "Main Street", "key_sha256": hashlib.sha256(KEY.encode()).hexdigest()}
            ],
        }
    )
    made = open_headquarters(settings)
    return made, serve(create_headquarters(made, poll_s=1.0)).url


@pytest.fixture
def store(
    tmp_path: Path, broker: str, headquarters: tuple[Headquarters, str], serve: Callable[..., Any]
) -> Iterator[Store]:
    hq = HqLinkSettings(url=headquarters[1], key=KEY)
    settings = store_settings(tmp_path, mqtt=mqtt_as("gateway", broker), hq=hq)
    app = create_gateway(settings)
    running = Store(settings, app, serve(app).url, SystemClock())  # type: ignore[arg-type] # the real time, here
    yield running
    running.forget()


class Watcher:
    """A page that holds the event stream open, and what it heard."""

    def __init__(self, client: httpx.Client) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._client = client
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        until(lambda: self.heard)

    def _listen(self) -> None:
        name = ""
        try:
            with self._client.stream("GET", "/api/events", timeout=30.0) as stream:
                for line in stream.iter_lines():
                    if line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: "):
                        self.heard.append((name, json.loads(line[6:])))
        except httpx.HTTPError:
            return

    def has(self, name: str, wanted: Callable[[Any], bool]) -> bool:
        return any(kind == name and wanted(data) for kind, data in self.heard)


def test_from_a_shelf_and_a_till_to_a_clerk_who_watches_and_to_headquarters(
    store: Store, node: Node, headquarters: tuple[Headquarters, str]
) -> None:
    hq, _url = headquarters
    clock = SystemClock()
    asyncio.run(
        hq.log.enter(
            [
                ProductChanged(t_ms=clock.now_ms(), gtin=MILK, name_en="Whole milk", name_zh="全脂牛奶", tagged=True),
                PriceChanged(t_ms=clock.now_ms(), gtin=MILK, price_minor=129, currency="EUR"),
            ]
        )
    )
    client = store.manager()
    until(lambda: client.get(f"/api/stock/{MILK}").status_code == 200)
    watcher = Watcher(client)

    node.say(ItemPlaced(t_ms=clock.now_ms(), epc=EPC, shelf="A1", p=0.98, gtin=MILK))
    until(lambda: watcher.has("stock", lambda news: MILK in news["gtins"]))
    product = client.get(f"/api/stock/{MILK}").json()
    assert (product["on_hand"], product["price_minor"], product["places"][0]["place"]) == (1, 129, "A1")

    now_ms = clock.now_ms()
    lane = LaneSample(lane="lane-1", t_ms=now_ms, believed_until_ms=now_ms + 15_000, state="open", people=2)
    node.link.publish(str(LaneTopic("store-1", "lane-1")), encode(lane), retain=True)
    until(lambda: watcher.has("lanes", lambda news: bool(news["lanes"]) and news["lanes"][0]["people"] == 2))

    member = client.post("/api/members", json={"name": "Member A", "phone": "01701234567"}).json()["member"]
    line = SaleLine(gtin=MILK, quantity=1, price_minor=1290, epcs=(EPC,))
    node.say(
        SaleCompleted(
            t_ms=clock.now_ms(),
            sale="t-1",
            till="till-1",
            lines=(line,),
            total_minor=1290,
            currency="EUR",
            member=member,
        )
    )
    until(lambda: client.get(f"/api/members/{member}/points").json()["balance"] == 12)
    assert client.get(f"/api/stock/{MILK}").json()["on_hand"] == 0

    # Headquarters tells the store what it counted; the balance is still the same, not twice.
    until(lambda: hq.views.members()["total"]["points"] == 12)
    until(lambda: _hq_points(store, member) == 12)
    assert client.get(f"/api/members/{member}/points").json()["balance"] == 12

    told = client.get("/metrics").text
    assert 'aisle_facts_folded_total{node="hq",stream="ledger"}' in told
    assert 'aisle_facts_sent_total{peer="hq",stream="ledger"}' in told
    node.say(ItemPlaced(t_ms=clock.now_ms(), epc=EPC[:-1] + "6", shelf="A1", p=0.98, gtin=MILK))
    until(lambda: (hq.views.product(MILK) or {"on_hand": 0})["on_hand"] == 1)
    states = {(s["peer"], s["stream"]): s for s in client.get("/api/manager/status").json()["streams"]}
    until(lambda: _acknowledged(client))
    assert states["hq", "ledger"]["last"] >= 5


def _hq_points(store: Store, member: str) -> int | None:
    with store.desk.reading() as connection:
        row = connection.execute("SELECT hq_points FROM members WHERE member = ?", (member,)).fetchone()
    return None if row is None else row[0]


def _acknowledged(client: httpx.Client) -> bool:
    streams = client.get("/api/manager/status").json()["streams"]
    return all(stream["acknowledged"] == stream["last"] for stream in streams)


def test_what_is_not_a_message_is_kept_with_its_reason_and_the_next_good_one_is_folded(
    store: Store, node: Node
) -> None:
    client = store.manager()
    lane, facts = str(LaneTopic("store-1", "lane-1")), str(FactsTopic("store-1", "shelf-1", StreamClass.LEDGER))
    deep = b"[" * 100_000
    for topic, payload in (
        (lane, b"not JSON"),
        (lane, b'{"lane":"lane-1","t_ms":1,"believed_until_ms":1,"state":"open","wait_s":1e400}'),
        (lane, b'{"lane":"lane-9","t_ms":1,"believed_until_ms":1,"state":"open"}'),
        (lane, deep),
        (facts, b'{"v":2,"epoch":"0000000000000000","first":1,"facts":[]}'),
        (facts, deep),
        (facts, b'{"epoch":"00000000000000aa","first":1,"facts":[{"kind":"item.placed","p":NaN}]}'),
    ):
        assert node.link.publish(topic, payload, qos=1)
    now_ms = SystemClock().now_ms()
    door = DoorSample(door="main", t_ms=now_ms, believed_until_ms=now_ms + 15_000, entered=7, left=5)
    node.link.publish(str(DoorTopic("store-1", "main")), encode(door), retain=True)
    node.say(ItemPlaced(t_ms=now_ms, epc=EPC, shelf="A1", p=0.98, gtin=TEA))
    until(lambda: client.get(f"/api/items/{EPC}").status_code == 200)
    until(lambda: client.get("/api/lanes").json()["doors"] != [])
    assert client.get("/api/lanes").json()["doors"][0]["in"] == 7
    until(lambda: sum(client.get("/api/manager/dead-letters").json()["counts"].values()) == 7)
    letters = client.get("/api/manager/dead-letters").json()
    assert letters["counts"] == {"malformed": 6, "version": 1}
    assert {letter["source"] for letter in letters["newest"]} == {lane, facts}
    assert "nan" in next(letter["body"] for letter in letters["newest"] if "NaN" in letter["body"]).lower()


def test_a_node_that_is_gone_makes_its_shelves_unknown_and_the_status_says_so(store: Store, node: Node) -> None:
    client = store.manager()
    now_ms = SystemClock().now_ms()
    store.fold(ProductChanged(t_ms=now_ms, gtin=TEA, name_en="Tea", name_zh="茶", tagged=True), node="hq")
    topic = str(StatusTopic("store-1", "shelf-1"))
    node.link.publish(topic, encode(NodeStatus(node="shelf-1", t_ms=now_ms, state="online")), retain=True)
    node.say(ItemPlaced(t_ms=now_ms, epc=EPC, shelf="A1", p=0.98, gtin=TEA))
    until(lambda: (places := client.get(f"/api/stock/{TEA}").json()["places"]) and places[0]["state"] == "sure")
    node.link.publish(topic, encode(NodeStatus(node="shelf-1", t_ms=now_ms, state="offline")), retain=True)
    until(lambda: client.get(f"/api/stock/{TEA}").json()["places"][0]["state"] == "unknown")
    (status,) = client.get("/api/manager/status").json()["nodes"]
    assert (status["node"], status["state"]) == ("shelf-1", "offline")
