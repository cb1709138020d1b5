"""A gateway's real sender and puller against a real headquarters that is stopped, started and restored meanwhile."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cloud_sync.hq.app import create_headquarters, open_headquarters
from cloud_sync.http import HttpPuller, HttpSender
from cloud_sync.settings import HqLinkSettings
from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from models.messages.every_fact import AnyFact
from models.messages.facts import Fact, PointsEntered
from models.process.clock import SystemClock
from models.process.health import Health
from tests.conftest import Serve, Served
from tests.hq.conftest import PASSWORD, key_of, settings_for

MEMBER = "M7K2Q9XA"


def entry(number: int) -> PointsEntered:
    return PointsEntered(t_ms=number, entry=f"e-{number}", member=MEMBER, points=1, reason="sale")


class Store:
    """The sending and receiving half of a gateway, over its own file."""

    def __init__(self, folder: Path, url: str, resources: ExitStack) -> None:
        clock, health = SystemClock(), Health(SystemClock())
        path = folder / "gateway.db"
        prepare(path)
        self.writer = resources.enter_context(Writer(path))
        self.outbox = Outbox(budget_bytes=100_000_000, clock=clock)
        self.heard: list[AnyFact] = []
        settings = HqLinkSettings(url=url, key=key_of("harbour"))
        self.sender = HttpSender(settings, self.writer, self.outbox, node="gateway", health=health, clock=clock)
        inbox = Inbox(self._fold, clock=clock)
        self.puller = HttpPuller(settings, self.writer, inbox, health=health, clock=clock)
        for part in (self.sender, self.puller):
            part.start()
            resources.callback(part.stop)

    def _fold(self, _connection: sqlite3.Connection, _origin: Origin, received: Sequence[Received]) -> None:
        self.heard += [one.fact for one in received]

    def say(self, *facts: Fact) -> None:
        self.writer.run(lambda connection: self.outbox.append(connection, "hq", facts))
        self.sender.wake()

    def unacknowledged(self) -> int:
        with self.writer.reading() as connection:
            return sum(state.last - state.acknowledged for state in self.outbox.states(connection))


class Headquarters:
    """Headquarters that can be stopped and started on the same port and file."""

    def __init__(self, folder: Path, serve: Serve) -> None:
        self.folder, self._serve = folder, serve
        self.served: Served = self._start(0)

    def _start(self, port: int) -> Served:
        hq = open_headquarters(settings_for(self.folder, "harbour", "shanghai"))
        return self._serve(create_headquarters(hq, poll_s=2.0), port)

    def stop(self) -> None:
        self.served.stop()

    def start(self) -> None:
        self.served = self._start(self.served.port)

    def entries(self) -> list[str]:
        connection = sqlite3.connect(self.folder / "hq.db")
        try:
            return [row[0] for row in connection.execute("SELECT entry FROM points ORDER BY number")]
        finally:
            connection.close()


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def headquarters(tmp_path: Path, serve: Serve) -> Headquarters:
    return Headquarters(tmp_path / "hq", serve)


@pytest.fixture
def store(tmp_path: Path, headquarters: Headquarters) -> Iterator[Store]:
    with ExitStack() as resources:
        yield Store(tmp_path, headquarters.served.url, resources)


def test_every_fact_arrives_once_and_in_order_over_restarts_of_headquarters(
    headquarters: Headquarters, store: Store
) -> None:
    for number in range(3):
        store.say(*[entry(number * 1500 + i) for i in range(1500)])
        if number < 2:
            headquarters.stop()
            headquarters.start()
    until(lambda: store.unacknowledged() == 0)
    assert headquarters.entries() == [f"e-{number}" for number in range(4500)]


def test_headquarters_that_came_back_from_a_backup_is_filled_up_again(
    headquarters: Headquarters, store: Store, tmp_path: Path
) -> None:
    store.say(*[entry(number) for number in range(100)])
    until(lambda: store.unacknowledged() == 0)
    headquarters.stop()
    shutil.copytree(headquarters.folder, tmp_path / "backup")
    headquarters.start()
    store.say(*[entry(number) for number in range(100, 300)])
    until(lambda: store.unacknowledged() == 0)
    headquarters.stop()
    shutil.rmtree(headquarters.folder)
    shutil.copytree(tmp_path / "backup", headquarters.folder)
    headquarters.start()
    store.say(entry(300))
    until(lambda: len(headquarters.entries()) == 301)
    assert headquarters.entries() == [f"e-{number}" for number in range(301)]


def test_a_product_that_is_entered_reaches_the_gateway_by_itself(headquarters: Headquarters, store: Store) -> None:
    with httpx.Client(base_url=headquarters.served.url) as desk:
        assert desk.post("/api/session", json={"name": "desk-1", "password": PASSWORD}).status_code == 200
        for name in ("Pencil", "Pencil HB", "Pencil 2B"):
            assert desk.put("/api/products/4006381333931", json={"name_en": name}).status_code == 200
    until(lambda: len(store.heard) == 3)
    assert [getattr(fact, "name_en", "") for fact in store.heard] == ["Pencil", "Pencil HB", "Pencil 2B"]


def test_what_a_store_could_not_fold_it_asks_for_again_and_hears_in_order(
    headquarters: Headquarters, store: Store
) -> None:
    with httpx.Client(base_url=headquarters.served.url) as desk:
        assert desk.post("/api/session", json={"name": "desk-1", "password": PASSWORD}).status_code == 200
        for name in ("Pencil", "Pencil HB"):
            assert desk.put("/api/products/4006381333931", json={"name_en": name}).status_code == 200
        until(lambda: len(store.heard) == 2)
        store.writer.run(lambda connection: connection.execute("DELETE FROM inbox"))  # as its gateway does then
        until(lambda: len(store.heard) == 4)
    names = ["Pencil", "Pencil HB"]
    assert [getattr(fact, "name_en", "") for fact in store.heard] == names + names
