"""A real gateway with goods on its shelves, and people who come to it with a real browser."""

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from msgspec import Raw

from cloud_sync.settings import MqttSettings
from cloud_sync.stream import dead_letters
from cloud_sync.stream.inbox import Inbox
from gateway.api.desk import Desk
from gateway.app import create_gateway, rules_of
from gateway.enrolment import enrol
from gateway.settings import GatewaySettings, ListenSettings, StoreSettings
from gateway.store.fold import HqFold, NodeFold
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import (
    Fact,
    ItemPlaced,
    PriceChanged,
    ProductChanged,
    ShelfReader,
    StockCounted,
    StockElsewhere,
)
from models.messages.ids import StreamClass
from models.messages.samples import DoorSample, LaneSample, NodeStatus, Problem, StreamState
from models.process.clock import SystemClock

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLOCK = SystemClock()
MILK, TEA, SOAP, KETTLE = "04006381333931", "06901234567892", "05000112637922", "00614141123452"
EPC = "3034257BF40B2E4000001A85"
EVIL = "<img src=x onerror=\"document.title='owned'\">"
GOODS = {
    MILK: ("Whole milk 1 l", "全脂牛奶 1 升", 129, False),
    TEA: ("Green tea, loose, 100 g", "龙井绿茶 100 克", 849, False),
    SOAP: ("Hand soap, olive", "橄榄洗手液", 199, False),
    KETTLE: ("Electric kettle", "电热水壶", 3490, True),
}


@dataclass
class Floor:
    """A store that is open: its gateway, and how to get onto a handheld of it."""

    settings: GatewaySettings
    app: FastAPI
    served: Any

    @property
    def url(self) -> str:
        """Where its pages are."""
        return str(self.served.url)

    @property
    def desk(self) -> Desk:
        """What its routes share."""
        desk: Desk = self.app.state.desk
        return desk

    def fold(self, *facts: Fact, node: str = "shelf-1") -> None:
        """Fold facts as if a node (or headquarters, ``hq``) had sent them."""
        rules = rules_of(self.settings)
        fold = (
            HqFold(rules, self.desk.touched, CLOCK)
            if node == "hq"
            else NodeFold(rules, self.desk.touched, CLOCK, self.desk.outbox, peer=None)
        )
        inbox = Inbox(fold, clock=CLOCK)
        for stream in StreamClass:
            raws = tuple(Raw(encode(fact)) for fact in facts if fact.stream is stream)
            if raws:
                # Each call is a stream of its own: an epoch that was never seen begins at 1.
                batch = FactBatch(epoch=secrets.token_hex(8), first=1, facts=raws)
                self.desk.writer.run(lambda c, b=batch, s=stream: inbox.receive(c, node, s, b))  # type: ignore[misc]
        self.desk.announce()

    def stock_up(self) -> None:
        """Goods, prices, what stands where, what others have."""
        now = CLOCK.now_ms()
        for gtin, (en, zh, price, tagged) in GOODS.items():
            self.fold(
                ProductChanged(t_ms=now, gtin=gtin, name_en=en, name_zh=zh, category="food", tagged=tagged),
                PriceChanged(t_ms=now, gtin=gtin, price_minor=price, currency="EUR"),
                StockElsewhere(t_ms=now - 1_500_000, store="store-2", store_name="Harbour", gtin=gtin, on_hand=7),
                node="hq",
            )
        for gtin, place, quantity in (
            (MILK, "A1", 14),
            (MILK, "backroom", 48),
            (TEA, "B2", 6),
            (TEA, "backroom", 12),
        ):
            self.fold(StockCounted(t_ms=now - 720_000, gtin=gtin, place=place, quantity=quantity, by="c-1"))
        self.fold(ShelfReader(t_ms=now - 60_000, shelf="C3", state="reading"))
        self.fold(*(
            ItemPlaced(t_ms=now - 90_000, epc=f"{EPC[:-2]}{n:02X}", shelf="C3", p=0.98, gtin=KETTLE, serial=str(n))
            for n in range(0x85, 0x88)
        ))  # fmt: skip

    def put_samples(self) -> None:
        """Lanes, a door and two machines, one of them in trouble."""
        now = CLOCK.now_ms()
        for lane, people in (("1", 3), ("2", 1), ("3", 5)):
            self.desk.samples.put_lane(LaneSample(
                lane=lane, t_ms=now, believed_until_ms=now + 15_000, state="open", people=people,
                wait_s=people * 70.0, wait_low_s=people * 45.0, wait_high_s=people * 95.0,
            ))  # fmt: skip
        self.desk.samples.put_lane(LaneSample(lane="4", t_ms=now, believed_until_ms=now + 15_000, state="stopped"))
        self.desk.samples.put_door(
            DoorSample(door="main", t_ms=now, believed_until_ms=now + 60_000, entered=412, left=371, inside=41)
        )
        streams = (
            StreamState(peer="gateway", stream=StreamClass.LEDGER, last=1204, acknowledged=1204),
            StreamState(
                peer="gateway", stream=StreamClass.TELEMETRY, last=8807, acknowledged=7440, dropped=12, bytes=91_000
            ),
        )
        trouble = Problem(
            subject="reader.cold-aisle", code="disconnected", since_ms=now - 540_000,
            message="Reader cold-aisle hung up", hint="Check its cable; the node connects again by itself.",
        )  # fmt: skip
        for node, problems, kept in (("checkout-pi", (), ()), ("shelves-pi", (trouble,), streams)):
            self.desk.samples.put_node(NodeStatus(
                node=node, t_ms=now - 3000, state="online", version="0.1.0", problems=problems, streams=kept,
            ))  # fmt: skip

    def refuse(self, body: bytes) -> None:
        """Keep a message as a dead letter."""
        now = CLOCK.now_ms()
        self.desk.writer.run(lambda connection: dead_letters.keep(
            connection, t_ms=now, source="aisle/v1/store-1/dev/till-3/till", reason="malformed",
            detail="Expected `int`, got `str` - at `$.total_minor`", body=body,
        ))  # fmt: skip

    def sign_in(self, page: "Page", path: str = "/handheld", who: str = "Clerk A") -> None:
        """Enrol the page's browser, sign a new manager in, and open ``path``."""
        made = enrol(self.settings, device="Handheld 1", manager=who, clock=CLOCK)
        session = page.request.post(f"{self.url}/api/devices/enrol", data={"code": made.code}).json()
        clerk = next(clerk["id"] for clerk in session["clerks"] if clerk["name"] == who)
        answer = page.request.post(f"{self.url}/api/session", data={"clerk": clerk, "pin": made.pin})
        assert answer.ok, answer.text()
        page.goto(self.url + path)

    def enrolment(self) -> tuple[str, str]:
        """A one-time link's end for a handheld, and the PIN of the manager Clerk A."""
        made = enrol(self.settings, device="Handheld 1", manager="Clerk A", clock=CLOCK)
        return f"/handheld#enrol={made.code}", str(made.pin)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def open_floor(tmp_path: Path, serve: Callable[..., Any]) -> Callable[..., Floor]:
    """``open_floor(port=0)`` runs a gateway on the test's folder; called again it is the same store, restarted."""

    def start(port: int = 0) -> Floor:
        settings = GatewaySettings(
            store=StoreSettings(id="store-1", name="Main Street"),
            data_dir=tmp_path / "gateway",
            listen=ListenSettings(port=0),
            mqtt=MqttSettings(hosts=[f"127.0.0.1:{free_port()}"]),
        )
        app = create_gateway(settings)
        return Floor(settings, app, serve(app, port=port))

    return start


@pytest.fixture
def floor(open_floor: Callable[..., Floor]) -> Floor:
    """A store with goods."""
    opened = open_floor()
    opened.stock_up()
    return opened


@pytest.fixture
def manager(floor: Floor, visitor: Callable[..., "Page"]) -> "Page":
    """A desk on which the manager has signed in."""
    floor.put_samples()
    page = visitor(width=1440, height=900)
    floor.sign_in(page, "/manager")
    page.locator(".verdict").wait_for()
    return page
