"""The subscribers that are compared: ``python -m benchmarks.facts_subscriber bare|stream|aisle PORT FACTS FILE``.

Each is a process of its own, folds so many facts into a SQLite file and prints the seconds from the first message to
the last commit, and the seconds of processor time that it took.
"""

import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from prometheus_client import CollectorRegistry

from cloud_sync.mqtt.fact_receiver import FactReceiver
from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.session import Incoming
from cloud_sync.settings import MqttSettings
from cloud_sync.stream.inbox import Fold, Inbox, Origin, Received
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from gateway.store import migrations
from gateway.store.fold import NodeFold, Touched
from gateway.store.sales import SaleRules
from models.messages.facts import ItemMoved
from models.process.clock import SystemClock
from models.process.health import Health

GROUP_S = 0.05


class Batch(msgspec.Struct):
    """What the bare subscriber decodes."""

    epoch: str
    first: int
    facts: list[ItemMoved]


def bare(port: int, facts: int, path: Path) -> tuple[float, float]:
    """paho, msgspec and sqlite3 with a commit every 50 ms: no numbers, no duplicates, no state, nothing passed on."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE facts(epc, t_ms, shelf, from_shelf, p)")
    decode = msgspec.json.Decoder(Batch).decode
    rows: list[tuple[object, ...]] = []
    done = Event()
    begun_s = committed_s = cpu_s = 0.0
    count = 0

    def receive(_client: Client, _data: object, message: MQTTMessage) -> None:
        nonlocal begun_s, committed_s, cpu_s, count, rows
        if not begun_s:
            begun_s = committed_s = time.perf_counter()
            cpu_s = time.process_time()
        batch = decode(message.payload)
        rows += [(f.epc, f.t_ms, f.shelf, f.from_shelf, f.p) for f in batch.facts]
        count += len(batch.facts)
        if time.perf_counter() - committed_s >= GROUP_S or count >= facts:
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO facts VALUES(?,?,?,?,?)", rows)
            connection.execute("COMMIT")
            rows = []
            committed_s = time.perf_counter()
        if count >= facts:
            cpu_s = time.process_time() - cpu_s
            done.set()

    client = Client(CallbackAPIVersion.VERSION2, client_id="bare")
    client.on_message = receive
    client.connect("127.0.0.1", port)
    client.subscribe("aisle/v1/bench/node/+/facts/+", 1)
    client.loop_start()
    done.wait()
    client.disconnect()
    client.loop_stop()
    return committed_s - begun_s, cpu_s


def stream(port: int, facts: int, path: Path) -> tuple[float, float]:
    """The gateway's receiver with a fold that does what the bare one does: what the protocol alone costs."""
    prepare(path)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE facts(epc, t_ms, shelf, from_shelf, p)")
    connection.close()

    def fold(connection: sqlite3.Connection, _origin: Origin, received: Sequence[Received]) -> None:
        found = [fact for _number, fact, _raw in received if isinstance(fact, ItemMoved)]
        rows = [(f.epc, f.t_ms, f.shelf, f.from_shelf, f.p) for f in found]
        connection.executemany("INSERT INTO facts VALUES(?,?,?,?,?)", rows)

    return receive(port, facts, path, fold)


def aisle(port: int, facts: int, path: Path) -> tuple[float, float]:
    """The gateway's receiver, with its own fold into items, stock history and headquarters' outbox."""
    migrations.migrate(path)
    clock = SystemClock()
    return receive(
        port, facts, path, NodeFold(SaleRules("bench", "backroom", 100), Touched(), clock, Outbox(clock=clock))
    )


def receive(port: int, facts: int, path: Path, fold: Fold) -> tuple[float, float]:
    """Drain the backlog through a ``FactReceiver``."""
    clock, registry = SystemClock(), CollectorRegistry()
    health = Health(clock)
    link = MqttLink(MqttSettings(hosts=[f"127.0.0.1:{port}"]), client_id="aisle", will=None, health=health)
    times: list[tuple[float, float]] = []
    with Writer(path) as writer:
        inbox = Inbox(fold, clock=clock)
        receiver = FactReceiver(link, writer, inbox, store="bench", health=health, registry=registry)
        done = Event()

        def begin(_message: Incoming) -> None:
            if not times:
                times.append((time.perf_counter(), time.process_time()))

        def folded() -> None:
            upto = registry.get_sample_value("aisle_facts_folded_total", {"node": "node-1", "stream": "ledger"})
            if upto == facts:
                times.append((time.perf_counter(), time.process_time()))
                done.set()

        link.subscribe_sink("aisle/v1/bench/node/+/facts/+", 1, begin)
        receiver.on_folded(folded)
        receiver.start()
        link.start()
        done.wait()
        link.stop()
        receiver.stop()
    return times[1][0] - times[0][0], times[1][1] - times[0][1]


if __name__ == "__main__":
    kind, port, facts, path = sys.argv[1:]
    print(*{"bare": bare, "stream": stream, "aisle": aisle}[kind](int(port), int(facts), Path(path)))
