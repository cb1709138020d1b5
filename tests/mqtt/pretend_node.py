"""A node's sending half as a process: ``pretend_node.py FILE HOST TOTAL``; tells until ``TOTAL`` facts were told."""

import sqlite3
import sys
import time
from pathlib import Path

from cloud_sync.mqtt import FactSender, MqttLink
from cloud_sync.settings import MqttSettings
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from models.messages.facts import DoorMinute, Fact, StockCounted
from models.process.clock import SystemClock
from models.process.health import Health

path, host, total = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
clock = SystemClock()
prepare(path)
writer = Writer(path)
outbox = Outbox(clock=clock)
settings = MqttSettings(hosts=[host], username="node-1", password="correct-horse")
link = MqttLink(settings, client_id="node-1", will=None, health=Health(clock))
sender = FactSender(link, writer, outbox, store="s1", node="node-1", peer="gateway", clock=clock)
writer.run(lambda c: c.execute("CREATE TABLE IF NOT EXISTS told(n INTEGER PRIMARY KEY)"))


def tell(connection: sqlite3.Connection) -> int:
    """What a device said becomes state and facts in one transaction."""
    (n,) = connection.execute("SELECT coalesce(max(n), 0) FROM told").fetchone()
    ids = range(n + 1, min(n + 8, total) + 1)
    facts: list[Fact] = [
        StockCounted(t_ms=i, gtin="00012345678905", place="A1", quantity=i, by="drill")
        if i % 2
        else DoorMinute(t_ms=i, door="main", entered=i, left=0)
        for i in ids
    ]
    connection.executemany("INSERT INTO told VALUES(?)", [(i,) for i in ids])
    outbox.append(connection, "gateway", facts)
    return ids.stop - 1


link.start()
sender.start()
while writer.run(tell) < total:
    sender.wake()
    time.sleep(0.003)
sender.wake()
time.sleep(3600)
