"""A real gateway on a real port with a real database; a broker only where a test starts one."""

import json
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from msgspec import Raw

from cloud_sync.settings import MqttSettings
from cloud_sync.stream.inbox import Inbox
from gateway.api.desk import Desk
from gateway.app import create_gateway, rules_of
from gateway.enrolment import enrol
from gateway.settings import GatewaySettings, ListenSettings, StoreSettings
from gateway.store.fold import HqFold, NodeFold
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import Fact, PriceChanged, ProductChanged
from models.messages.ids import StreamClass
from models.process.clock import ManualClock

NOW_MS = 1_790_000_000_000
MILK = "04006381333931"
TEA = "06901234567892"
SOAP = "05000112637922"
EPC = "3034257BF7194E4000001A85"


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def store_settings(folder: Path, **changes: object) -> GatewaySettings:
    """A store in ``folder`` whose broker is not there."""
    values: dict[str, Any] = {
        "store": StoreSettings(id="store-1", name="Main Street"),
        "data_dir": folder / "gateway",
        "listen": ListenSettings(port=0),
        "mqtt": MqttSettings(hosts=[f"127.0.0.1:{free_port()}"]),
    }
    return GatewaySettings.model_validate(values | changes)


@dataclass
class Store:
    """A gateway that runs, and what tests do to it."""

    settings: GatewaySettings
    app: FastAPI
    url: str
    clock: ManualClock
    _clients: list[httpx.Client] = field(default_factory=list)
    _numbers: dict[tuple[str, StreamClass], int] = field(default_factory=dict)
    _epoch: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def desk(self) -> Desk:
        """What its routes share."""
        desk: Desk = self.app.state.desk
        return desk

    def fold(self, *facts: Fact, node: str = "shelf-1") -> None:
        """Fold facts as if a node had sent them, one batch per class; ``hq`` is headquarters."""
        rules, clock = rules_of(self.settings), self.clock
        fold = (
            HqFold(rules, self.desk.touched, clock)
            if node == "hq"
            else NodeFold(rules, self.desk.touched, clock, self.desk.outbox, peer="hq")
        )
        for stream in StreamClass:
            raws = tuple(Raw(encode(fact)) for fact in facts if fact.stream is stream)
            if raws:
                first = self._numbers.get((node, stream), 0) + 1
                self._numbers[node, stream] = first + len(raws) - 1
                batch = FactBatch(epoch=self._epoch, first=first, facts=raws)
                inbox = Inbox(fold, clock=clock)
                self.desk.writer.run(partial(inbox.receive, node=node, stream=stream, batch=batch))
        self.desk.announce()

    def sell_goods(self) -> None:
        """Give the store a small catalogue."""
        names = {MILK: ("Whole milk 1 l", "全脂牛奶"), TEA: ("Green tea", "绿茶"), SOAP: ("Hand soap", "洗手液")}
        t_ms = self.clock.now_ms()
        self.fold(
            *(
                ProductChanged(t_ms=t_ms, gtin=gtin, name_en=en, name_zh=zh, category="food", tagged=gtin == MILK)
                for gtin, (en, zh) in names.items()
            ),
            *(
                PriceChanged(t_ms=t_ms, gtin=gtin, price_minor=price, currency="EUR")
                for gtin, price in ((MILK, 129), (TEA, 349), (SOAP, 199))
            ),
            node="hq",
        )

    def client(self) -> httpx.Client:
        """Somebody with an empty browser."""
        client = httpx.Client(base_url=self.url, timeout=10.0)
        self._clients.append(client)
        return client

    def forget(self) -> None:
        """Close everybody's browser."""
        for client in self._clients:
            client.close()

    def handheld(self, manager: str | None = None) -> tuple[httpx.Client, str, str]:
        """An enrolled device, and the id and PIN of a manager who is not signed in yet."""
        made = enrol(self.settings, device="Handheld 1", manager=manager or "Clerk A", clock=self.clock)
        client = self.client()
        session = client.post("/api/devices/enrol", json={"code": made.code}).raise_for_status().json()
        who = next(clerk["id"] for clerk in session["clerks"] if clerk["name"] == made.manager)
        return client, who, made.pin or ""

    def manager(self) -> httpx.Client:
        """A manager who is signed in."""
        client, who, pin = self.handheld()
        client.post("/api/session", json={"clerk": who, "pin": pin}).raise_for_status()
        return client

    def outgoing(self) -> list[dict[str, Any]]:
        """All facts that wait for headquarters, in order."""
        facts: list[dict[str, Any]] = []
        with self.desk.reading() as connection:
            for stream in StreamClass:
                batch = self.desk.outbox.batch(connection, "hq", stream, 1)
                if batch is not None:
                    facts += json.loads(batch.payload)["facts"]
        return facts


StartStore = Callable[..., Store]


@pytest.fixture
def start_store(tmp_path: Path, serve: Callable[..., Any]) -> Iterator[StartStore]:
    """``start_store(**settings)`` runs a gateway until the test ends."""
    running: list[Store] = []

    def start(**changes: object) -> Store:
        clock = ManualClock(NOW_MS)
        settings = store_settings(tmp_path, **changes)
        app = create_gateway(settings, clock=clock)
        running.append(Store(settings, app, serve(app).url, clock))
        return running[-1]

    yield start
    for store in running:
        store.forget()


@pytest.fixture
def store(start_store: StartStore) -> Store:
    """A gateway with a small catalogue, no broker and no headquarters."""
    running = start_store()
    running.sell_goods()
    return running
