"""A real node in trouble: each trouble is a state that its status says, and none of them stops it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from edge.migrations import migrate
from edge.node import Node, screen_server, serve
from edge.record import DATABASE
from edge.settings import EXAMPLE, EdgeSettings
from models.process.clock import ManualClock, SystemClock
from models.process.settings import load_settings


def settings(folder: Path, port: int) -> EdgeSettings:
    return EdgeSettings.model_validate(
        {
            "store": "demo",
            "node": "pi-1",
            "data_dir": folder,
            "mqtt": {"hosts": ["127.0.0.1:1"]},
            "screen": {"port": port},
            "lane": [{"id": "1", "name": "One"}],
            "reader": [{"name": "shelf-a", "host": "127.0.0.1", "port": 1, "antennas": {1: "A1"}}],
            "camera": [
                {
                    "name": "front",
                    "source": str(folder / "no-such-film.avi"),
                    "lanes": [{"id": "1", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}],
                }
            ],
        }
    )


class ClockIn1970(ManualClock):
    """A Pi without network: the date is 1970, and seconds pass all the same."""

    def __init__(self) -> None:
        super().__init__(now_ms=1000)

    def monotonic_s(self) -> float:
        return SystemClock().monotonic_s()


@pytest.fixture
def node(tmp_path: Path, free_port: int) -> Iterator[str]:
    """The address of a node with a broker, a reader and a camera that are not there, and a clock in 1970."""
    migrate(tmp_path / DATABASE)
    running = Node(settings(tmp_path, free_port), ClockIn1970())
    running.start()
    server = screen_server(running)
    thread = threading.Thread(target=lambda: asyncio.run(serve(running, server)))
    thread.start()
    yield f"http://127.0.0.1:{free_port}"
    server.should_exit = True
    thread.join(20)
    running.stop()


def eventually(check: Callable[[], bool], timeout_s: float = 25.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_node_whose_broker_reader_camera_and_clock_are_not_there_says_so_and_goes_on(node: str) -> None:
    wanted = {"broker", "reader.shelf-a", "camera.front", "clock"}

    def told() -> bool:
        try:
            answer = httpx.get(f"{node}/health")
        except httpx.TransportError:
            return False
        problems = {problem["subject"]: problem for problem in answer.json()["problems"]}
        return answer.status_code == 503 and wanted <= set(problems) and all(problems[one]["hint"] for one in wanted)

    eventually(told)
    (lane,) = httpx.get(f"{node}/api/lanes").json()["lanes"]
    assert lane["people"] is None
    assert "aisle_facts_decided" in httpx.get(f"{node}/metrics").text


def test_the_example_settings_are_good(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert load_settings(path, EdgeSettings).node
