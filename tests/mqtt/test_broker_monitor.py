"""The broker's process says how its server is."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync.broker import Broker
from cloud_sync.broker_monitor import BrokerMonitor
from cloud_sync.settings import BrokerSettings, BrokerUser


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[Broker, str]]:
    """A running broker and the address of its monitor."""
    settings = BrokerSettings(
        store="demo",
        listen=f"127.0.0.1:{port()}",
        monitor=f"127.0.0.1:{port()}",
        data_dir=tmp_path,
        users=[BrokerUser(name="gateway", password="not-a-secret", role="gateway")],
    )
    server = Broker(settings)
    stop = threading.Event()
    server.start()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    with BrokerMonitor(settings, server):
        yield server, f"http://{settings.monitor}"
    stop.set()
    thread.join()
    server.stop()


def test_a_server_that_is_killed_is_said_to_be_down_comes_back_and_is_counted(broker: tuple[Broker, str]) -> None:
    server, url = broker
    assert httpx.get(f"{url}/health").json() == {"ok": True, "problems": []}
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    os.kill(server.pid, signal.SIGKILL)
    seen: set[int] = set()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not ({503, 200} <= seen and server.restarts):
        seen.add(httpx.get(f"{url}/health").status_code)
        time.sleep(0.02)
    assert 503 in seen
    assert "aisle_broker_restarts 1.0" in httpx.get(f"{url}/metrics").text
    assert httpx.get(f"{url}/health").status_code == 200
    assert httpx.get(f"{url}/anything").status_code == 404
