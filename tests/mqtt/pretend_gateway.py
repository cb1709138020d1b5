"""A gateway's receiving half as a process: ``pretend_gateway.py FILE HOST``."""

import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cloud_sync.mqtt import FactReceiver, MqttLink
from cloud_sync.settings import MqttSettings
from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from models.process.clock import SystemClock
from models.process.health import Health

path, host = Path(sys.argv[1]), sys.argv[2]
clock = SystemClock()
prepare(path)
writer = Writer(path)
writer.run(lambda c: c.execute("CREATE TABLE IF NOT EXISTS folded(class, n)"))


def fold(connection: sqlite3.Connection, origin: Origin, facts: Sequence[Received]) -> None:
    connection.executemany("INSERT INTO folded VALUES(?,?)", [(origin.stream, f.fact.t_ms) for f in facts])


health = Health(clock)
settings = MqttSettings(hosts=[host], username="gateway", password="correct-horse")
link = MqttLink(settings, client_id="gateway", will=None, health=health)
receiver = FactReceiver(link, writer, Inbox(fold, clock=clock), store="s1", health=health)
receiver.start()
link.start()
time.sleep(3600)
