"""A preview is for a manager, in their browser alone, for minutes, and is logged: a real node and a real gateway."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from cloud_sync.broker import Broker
from cloud_sync.settings import BrokerSettings, BrokerUser, MqttSettings
from edge.adapters.footage import VTEST_CAMERA
from edge.adapters.own_address import own_pages
from edge.adapters.preview import LONGEST_MS, Preview
from edge.core.lane.people import People
from edge.migrations import migrate
from edge.node import Node, screen_server
from edge.screen.app import create_screen
from edge.screen.board import Board
from edge.settings import EdgeSettings, ScreenSettings
from gateway.app import create_gateway
from models.process.clock import ManualClock, SystemClock
from models.process.health import Health
from models.process.settings import load_settings
from tests.gateway.conftest import Store, free_port, store_settings
from tests.vision.conftest import noise
from tests.vision.test_wire import PASSWORD, SETTINGS

JPEG = b"\xff\xd8\xff"


def until(holds: Callable[[], Any], seconds: float = 30.0) -> Any:  # noqa: ANN401 - whatever it waits for
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


# --- one camera's preview -----------------------------------------------------------------------------------


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def preview(clock: ManualClock, tmp_path: Path) -> Preview:
    path = tmp_path / "edge.toml"
    path.write_text(SETTINGS.format(kept="edge", port=1, password=PASSWORD, screen=0) + VTEST_CAMERA)
    return Preview(load_settings(path, EdgeSettings).camera[0], clock)


def put(preview: Preview, t_ms: int = 0) -> None:
    preview.put(noise(1), People().frame(np.zeros((0, 5), np.float32), (160, 120), t_ms))


def test_no_frame_is_kept_while_nobody_may_look(preview: Preview, clock: ManualClock) -> None:
    put(preview)
    assert preview.jpeg() is None
    preview.allow(hashed("t"), clock.now_ms() + 60_000)
    assert preview.jpeg() is None, "what came before somebody was let in is not shown"
    put(preview)
    assert preview.jpeg() is not None
    clock.advance(61)
    assert preview.jpeg() is None
    put(preview)
    clock.advance(-60)
    assert preview._seen is None


def test_a_ticket_ends_by_itself_and_a_newer_one_ends_it(preview: Preview, clock: ManualClock) -> None:
    until_ms = preview.allow(hashed("one"), clock.now_ms() + 10 * LONGEST_MS)
    assert until_ms == clock.now_ms() + LONGEST_MS
    assert preview.holds("one")
    assert not preview.holds("two")
    assert not preview.holds("")
    preview.allow(hashed("two"), clock.now_ms() + 60_000)
    assert not preview.holds("one")
    clock.advance(60)
    assert not preview.holds("two")


def test_the_picture_needs_the_cookie_of_the_ticket(
    preview: Preview, clock: ManualClock, serve: Callable[..., Any]
) -> None:
    health = Health(clock)
    app = create_screen(Board(clock), health, CollectorRegistry(), clock, previews={"front": preview})
    preview.allow(hashed("t"), clock.now_ms() + 60_000)
    put(preview)
    with httpx.Client(base_url=serve(app).url, follow_redirects=True) as client:
        assert client.get("/cameras/front/open/guess").status_code == 401
        assert client.get("/cameras/front/picture").status_code == 401
        assert client.get("/cameras/back/open/t").status_code == 401
        client.get("/cameras/front/open/t").raise_for_status()
        answer = client.get("/cameras/front/picture").raise_for_status()
        assert answer.content.startswith(JPEG)
        assert answer.headers["cache-control"] == "no-store"
        assert client.get("/cameras/front/scene").json()["doors"][0]["id"] == "main"
        clock.advance(61)
        assert client.get("/cameras/front/picture").status_code == 401


@pytest.mark.parametrize(
    ("screen", "broker", "pages"),
    [
        ("127.0.0.1", "192.168.1.2:1883", ""),
        ("127.0.0.1", "127.0.0.1:1883", "http://127.0.0.1:8081"),
        ("192.168.1.7", "192.168.1.2:1883", "http://192.168.1.7:8081"),
        ("0.0.0.0", "127.0.0.1:1883", "http://127.0.0.1:8081"),  # noqa: S104 - the setting's own word
    ],
)
def test_pages_on_loopback_are_offered_only_where_the_whole_store_is_one_machine(
    screen: str, broker: str, pages: str
) -> None:
    assert own_pages(ScreenSettings(host=screen, port=8081), MqttSettings(hosts=[broker])) == pages


# --- from the manager's request to the browser --------------------------------------------------------------


@pytest.fixture
def gateway_and_node(tmp_path: Path, footage: Path, serve: Callable[..., Any]) -> Iterator[tuple[Store, Node]]:
    """A gateway, a broker, and a node whose camera plays real footage."""
    port, screen = free_port(), free_port()
    users = (
        BrokerUser(name="n1", password=PASSWORD, role="node", lanes=("1",), doors=("main",)),
        BrokerUser(name="gateway", password=PASSWORD, role="gateway"),
    )
    broker = Broker(BrokerSettings(store="s1", listen=f"127.0.0.1:{port}", data_dir=tmp_path / "broker", users=users))
    broker.start()
    mqtt = MqttSettings(hosts=[f"127.0.0.1:{port}"], username="gateway", password=PASSWORD)
    settings = store_settings(tmp_path, mqtt=mqtt, store={"id": "s1", "name": "Main Street"})
    app: FastAPI = create_gateway(settings, clock=SystemClock())
    store = Store(settings, app, serve(app).url, SystemClock())  # type: ignore[arg-type]
    config = tmp_path / "edge.toml"
    text = SETTINGS.format(kept=tmp_path / "node", port=port, password=PASSWORD, screen=screen)
    config.write_text(text + VTEST_CAMERA.replace("var/footage/vtest.avi", str(footage)))
    (tmp_path / "node").mkdir()
    migrate(tmp_path / "node" / "edge.db")
    node = Node(load_settings(config, EdgeSettings))
    node.start()
    serve(screen_server(node).config.app, screen)
    yield store, node
    node.stop()
    store.forget()
    broker.stop()


def test_a_manager_sees_a_camera_in_the_browser_and_it_is_logged(
    gateway_and_node: tuple[Store, Node], visitor: Callable[..., Any]
) -> None:
    store, _node = gateway_and_node
    manager = store.manager()
    listed = until(lambda: manager.get("/api/cameras").raise_for_status().json()["cameras"])
    assert listed == [{"node": "n1", "camera": "front", "online": True, "can_be_seen": True}]
    given = manager.post("/api/cameras/n1/front/preview").raise_for_status().json()
    page = visitor(width=1280, height=900)
    assert until(lambda: page.goto(given["url"]).status == 200, 10), "the node has not heard of it"
    page.wait_for_selector("#stage img")
    page.wait_for_selector("#stage .lane")
    page.click("#stage", position={"x": 100, "y": 100})
    assert page.inner_text("#toml").startswith("polygon = [[0.")
    looks = until(lambda: manager.get("/api/cameras").json()["looks"])
    assert [(look["camera"], look["by_name"]) for look in looks] == [("front", "Clerk A")]


def test_only_a_manager_may_ask_and_only_for_a_camera_that_is_there(
    gateway_and_node: tuple[Store, Node],
) -> None:
    store, _node = gateway_and_node
    assert store.client().post("/api/cameras/n1/front/preview").status_code == 401
    manager = store.manager()
    assert manager.post("/api/cameras/n1/back/preview").status_code == 404
    assert manager.get("/api/cameras").json()["looks"] == []
