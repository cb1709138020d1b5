"""Facts from a node's outbox to the gateway's tables, over each broker."""

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from cloud_sync.broker import Broker
from cloud_sync.mqtt import FactReceiver, FactSender, MqttLink
from cloud_sync.settings import BrokerSettings, MqttSettings
from cloud_sync.stream import dead_letters
from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from models.messages.facts import DoorMinute, Fact, StockCounted
from models.process.clock import SystemClock
from models.process.health import Health

PASSWORD = "correct-horse"
CLOCK = SystemClock()


def until(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


def fact(n: int) -> Fact:
    if n % 3 == 0:
        return DoorMinute(t_ms=n, door="main", entered=n, left=0)
    return StockCounted(t_ms=n, gtin="00012345678905", place="A1", quantity=n, by="tests")


def fold(connection: sqlite3.Connection, origin: Origin, facts: Sequence[Received]) -> None:
    rows = [(origin.node, origin.stream, f.fact.t_ms) for f in facts]
    connection.executemany("INSERT INTO folded VALUES(?,?,?)", rows)


@contextmanager
def node(
    path: Path, hosts: list[str], name: str = "node-1"
) -> Iterator[tuple[Callable[[Sequence[Fact]], None], FactSender]]:
    """A node's sending half: gives a function that stores facts as a node would."""
    prepare(path)
    link = MqttLink(
        MqttSettings(hosts=hosts, username=name, password=PASSWORD), client_id=name, will=None, health=Health(CLOCK)
    )
    outbox = Outbox(clock=CLOCK)
    with Writer(path) as writer:
        sender = FactSender(link, writer, outbox, store="s1", node=name, peer="gateway", clock=CLOCK)

        def happen(facts: Sequence[Fact]) -> None:
            writer.run(lambda c: outbox.append(c, "gateway", facts))
            sender.wake()

        link.start()
        sender.start()
        yield happen, sender
        sender.stop()
        link.stop()


class Gateway:
    """A gateway's receiving half."""

    def __init__(self, path: Path, hosts: list[str]) -> None:
        prepare(path)
        self.health = Health(CLOCK)
        self.registry = CollectorRegistry()
        self.writer = Writer(path)
        self.writer.run(lambda c: c.execute("CREATE TABLE IF NOT EXISTS folded(node, class, n)"))
        settings = MqttSettings(hosts=hosts, username="gateway", password=PASSWORD)
        self.link = MqttLink(settings, client_id="gateway", will=None, health=self.health)
        self.receiver = FactReceiver(
            self.link, self.writer, Inbox(fold, clock=CLOCK), store="s1", health=self.health, registry=self.registry
        )
        self.receiver.start()
        self.link.start()

    def folded(self, name: str = "node-1") -> list[int]:
        with self.writer.reading() as connection:
            rows = connection.execute("SELECT n FROM folded WHERE node = ?", (name,)).fetchall()
        return sorted(row[0] for row in rows)

    def refused(self) -> dict[str, int]:
        with self.writer.reading() as connection:
            return dead_letters.counts(connection)

    def stop(self) -> None:
        self.link.stop()
        self.receiver.stop()
        self.writer.close()


OpenGateway = Callable[[list[str]], Gateway]


@pytest.fixture
def open_gateway(tmp_path: Path) -> Iterator[OpenGateway]:
    opened: list[Gateway] = []

    def open_(hosts: list[str]) -> Gateway:
        opened.append(Gateway(tmp_path / "gateway.db", hosts))
        return opened[-1]

    yield open_
    for gateway in opened:
        gateway.stop()


def test_facts_are_folded_once_each_and_acknowledged(
    broker_settings: BrokerSettings, tmp_path: Path, open_gateway: OpenGateway
) -> None:
    gateway = open_gateway([broker_settings.listen])
    with node(tmp_path / "node.db", [broker_settings.listen]) as (happen, _sender):
        for n in range(0, 1000, 50):
            happen([fact(k) for k in range(n, n + 50)])
        until(lambda: len(gateway.folded()) >= 1000)
        assert gateway.folded() == list(range(1000))
        until(lambda: acknowledged(tmp_path / "node.db") == 1000)
    counted = gateway.registry.get_sample_value
    folded = [counted("aisle_facts_folded_total", {"node": "node-1", "stream": s}) for s in ("ledger", "telemetry")]
    assert folded == [666, 334]


def acknowledged(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT sum(acked) FROM outbox_heads").fetchone()[0])
    finally:
        connection.close()


def test_what_happened_while_the_gateway_was_away_arrives_when_it_is_back(
    broker_settings: BrokerSettings, tmp_path: Path, open_gateway: OpenGateway
) -> None:
    with node(tmp_path / "node.db", [broker_settings.listen]) as (happen, _sender):
        happen([fact(n) for n in range(500)])
        gateway = open_gateway([broker_settings.listen])
        until(lambda: len(gateway.folded()) == 500)
        gateway.stop()
        happen([fact(n) for n in range(500, 700)])
        again = open_gateway([broker_settings.listen])
        until(lambda: len(again.folded()) >= 700)
        assert again.folded() == list(range(700))


def test_a_gateway_restored_from_a_backup_gets_again_what_it_forgot(
    broker_settings: BrokerSettings, tmp_path: Path, open_gateway: OpenGateway
) -> None:
    with node(tmp_path / "node.db", [broker_settings.listen]) as (happen, _sender):
        gateway = open_gateway([broker_settings.listen])
        happen([fact(n) for n in range(100)])
        until(lambda: len(gateway.folded()) == 100)
        gateway.stop()
        backup = (tmp_path / "gateway.db").read_bytes()
        gateway = open_gateway([broker_settings.listen])
        happen([fact(n) for n in range(100, 300)])
        until(lambda: len(gateway.folded()) == 300)
        gateway.stop()
        (tmp_path / "gateway.db").write_bytes(backup)
        gateway = open_gateway([broker_settings.listen])
        until(lambda: len(gateway.folded()) >= 300)
        assert gateway.folded() == list(range(300))


BAD_MESSAGES = {
    "not JSON": b"\xff\x00 nonsense",
    "another shape": b'{"epoch":"0123456789abcdef","facts":{}}',
    "nested too deeply": b'{"epoch":"0123456789abcdef","first":1,"facts":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
    "not a number": b'{"epoch":"0123456789abcdef","first":NaN,"facts":[]}',
    "out of range": b'{"epoch":"0123456789abcdef","first":1e400,"facts":[]}',
    "another version": b'{"epoch":"0123456789abcdef","first":1,"facts":[],"v":2}',
    "too big": b'{"epoch":"0123456789abcdef","first":1,"facts":["' + b"x" * 1_000_001 + b'"]}',
    "empty": b"",
}


def test_bad_messages_are_kept_and_counted_and_the_next_good_one_is_folded(
    broker_settings: BrokerSettings, tmp_path: Path, open_gateway: OpenGateway, open_link: Callable[..., MqttLink]
) -> None:
    gateway = open_gateway([broker_settings.listen])
    hostile = open_link("node-2")
    with node(tmp_path / "node.db", [broker_settings.listen]) as (happen, _sender):
        for n, payload in enumerate(BAD_MESSAGES.values()):
            assert hostile.publish("aisle/v1/s1/node/node-2/facts/ledger", payload, qos=1)
            happen([fact(n)])
        until(lambda: sum(gateway.refused().values()) == len(BAD_MESSAGES))
        until(lambda: gateway.folded() == list(range(len(BAD_MESSAGES))))
    assert gateway.refused() == {"malformed": 6, "oversized": 1, "version": 1}
    assert not gateway.health.problems()


def test_a_bad_fact_is_refused_alone_and_its_neighbours_are_folded(
    broker_settings: BrokerSettings, tmp_path: Path, open_gateway: OpenGateway, open_link: Callable[..., MqttLink]
) -> None:
    gateway = open_gateway([broker_settings.listen])
    until(lambda: gateway.link.is_connected)
    answers: list[tuple[str, bytes]] = []
    hostile = open_link("node-2", hear={"aisle/v1/s1/node/node-2/acks/+": answers})
    good = b'{"kind":"door.minute","t_ms":%d,"door":"main","in":1,"out":0}'
    out_of_range = b'{"kind":"door.minute","t_ms":-1,"door":"main","in":1,"out":0}'
    bad = (out_of_range, b'{"kind":"from.the.future","t_ms":1}', b"{}", b'"text"')
    facts = [good % 1, *bad, good % 2]
    payload = b'{"epoch":"0123456789abcdef","first":1,"facts":[' + b",".join(facts) + b"]}"
    assert hostile.publish("aisle/v1/s1/node/node-2/facts/telemetry", payload, qos=1)
    until(lambda: answers)
    assert answers[-1][1] == b'{"epoch":"0123456789abcdef","upto":6}'
    assert gateway.folded("node-2") == [1, 2]
    assert gateway.refused() == {"malformed": 4}


def test_a_broker_that_goes_away_is_one_problem_and_the_other_address_is_tried(
    tmp_path: Path, open_gateway: OpenGateway
) -> None:
    settings, other = fresh_settings(tmp_path / "one"), fresh_settings(tmp_path / "two")
    hosts = [settings.listen, other.listen]
    first, second = Broker(settings), Broker(other)
    first.start()
    gateway = open_gateway(hosts)
    try:
        with node(tmp_path / "node.db", hosts) as (happen, _sender):
            happen([fact(n) for n in range(100)])
            until(lambda: len(gateway.folded()) == 100)
            first.stop()
            happen([fact(n) for n in range(100, 200)])
            until(gateway.health.problems)
            assert [problem.subject for problem in gateway.health.problems()] == ["broker"]
            second.start()
            until(lambda: len(gateway.folded()) >= 200)
            assert gateway.folded() == list(range(200))
            assert not gateway.health.problems()
    finally:
        first.stop()
        second.stop()


def fresh_settings(data_dir: Path) -> BrokerSettings:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    users = [
        {"name": "gateway", "password": PASSWORD, "role": "gateway"},
        {"name": "node-1", "password": PASSWORD, "role": "node"},
    ]
    return BrokerSettings.model_validate(
        {"store": "s1", "listen": f"127.0.0.1:{port}", "data_dir": data_dir, "users": users}
    )
