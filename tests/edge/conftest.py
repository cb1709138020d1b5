"""A node's record on a real database file, and its devices' desk."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from cloud_sync.stream.chunks import split_facts
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from edge.adapters.mqtt_devices import DevicePlan, MqttDevices, Signal
from edge.migrations import migrate
from edge.record import Record
from models.messages.codec import decode_fact
from models.messages.every_fact import AnyFact
from models.process.clock import ManualClock
from models.process.health import Health

NOW_MS = 1_763_800_000_000


@dataclass
class Desk:
    """The devices' desk of a node in a folder of its own."""

    devices: MqttDevices
    writer: Writer
    clock: ManualClock
    health: Health
    signals: list[Signal] = field(default_factory=list)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def facts(self) -> list[AnyFact]:
        """Everything in the outbox, in order."""
        with self.writer.reading() as connection:
            rows = connection.execute("SELECT body FROM outbox ORDER BY class, seq").fetchall()
        return [decode_fact(raw) for row in rows for raw in split_facts(row["body"])]

    def dead_letters(self) -> list[tuple[str, str]]:
        """(topic, reason) of everything that was refused."""
        with self.writer.reading() as connection:
            return [tuple(row) for row in connection.execute("SELECT source, reason FROM dead_letters ORDER BY id")]


@pytest.fixture
def plan() -> DevicePlan:
    """A shelf, a counter and a till at lane 1, a scanner."""
    return DevicePlan(
        shelves={"shelf-c": {1: "C1", 2: "C2"}},
        ignored={"shelf-c": ("E2003412",)},
        counters={"counter-1": "1"},
        tills={"till-1": "1"},
        scanners=frozenset({"scan-1"}),
    )


@pytest.fixture
def desk(tmp_path: Path, plan: DevicePlan) -> Iterator[Desk]:
    """The desk of a node that begins with an empty record."""
    path = tmp_path / "edge.db"
    migrate(path)
    clock = ManualClock(NOW_MS)
    health = Health(clock)
    with Writer(path) as writer:
        signals: list[Signal] = []
        registry = CollectorRegistry()
        devices = MqttDevices(
            plan,
            node="pi-1",
            signal=signals.append,
            writer=writer,
            record=Record(Outbox(budget_bytes=10_000_000, clock=clock)),
            on_recorded=lambda: None,
            clock=clock,
            health=health,
            registry=registry,
        )
        yield Desk(devices, writer, clock, health, signals, registry)


@pytest.fixture
def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
