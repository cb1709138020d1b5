"""Node, broker and gateway are killed with SIGKILL under load, again and again: nothing lost, nothing doubled."""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cloud_sync.settings import BrokerSettings

HERE = Path(__file__).resolve().parent
TOTAL = 3000
KILLS = 6


class Process:
    """A program that is started again whenever it was killed."""

    def __init__(self, *command: str | Path) -> None:
        self._command = [str(part) for part in command]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
        self._process = subprocess.Popen(self._command, env=environment, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def kill_server(broker: Process) -> None:
    """Kill the broker's server; its parent starts it again."""
    assert broker._process is not None
    for child in psutil.Process(broker._process.pid).children():
        child.kill()


@pytest.fixture
def port_settings(tmp_path: Path) -> BrokerSettings:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return BrokerSettings.model_validate(
        {
            "store": "s1",
            "listen": f"127.0.0.1:{port}",
            "data_dir": tmp_path / "broker",
            "users": [
                {"name": "gateway", "password": "correct-horse", "role": "gateway"},
                {"name": "node-1", "password": "correct-horse", "role": "node"},
            ],
        }
    )


def folded(file: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"ledger": [], "telemetry": []}
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return found
    try:
        for stream, n in connection.execute("SELECT class, n FROM folded ORDER BY rowid"):
            found[stream].append(n)
    except sqlite3.OperationalError:
        pass
    finally:
        connection.close()
    return found


def until(condition: Callable[[], object], timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.1)


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_everything_is_killed_under_load(
    tmp_path: Path, port_settings: BrokerSettings
) -> None:
    config = tmp_path / "broker.toml"
    users = "".join(
        f'[[users]]\nname = "{user.name}"\npassword = "{user.password}"\nrole = "{user.role}"\n'
        for user in port_settings.users
    )
    config.write_text(
        f'store = "s1"\nlisten = "{port_settings.listen}"\ndata_dir = "{port_settings.data_dir}"\n{users}'
    )
    file, draw = tmp_path / "gateway.db", random.Random(1)
    broker = Process(Path(sys.executable).with_name("aisle"), "broker", "--config", config)
    gateway = Process(sys.executable, HERE / "pretend_gateway.py", file, port_settings.listen)
    node = Process(sys.executable, HERE / "pretend_node.py", tmp_path / "node.db", port_settings.listen, str(TOTAL))
    try:
        until(lambda: folded(file)["ledger"], 60)
        for turn in range(KILLS):
            time.sleep(draw.uniform(0.2, 0.8))
            if turn % 3 == 0:
                kill_server(broker)
            else:
                victim = (gateway, node)[turn % 3 - 1]
                victim.kill()
                victim.start()
        until(lambda: sum(map(len, folded(file).values())) >= TOTAL, 100)
    finally:
        for process in (node, gateway, broker):
            process.kill()
    assert folded(file) == {"ledger": list(range(1, TOTAL + 1, 2)), "telemetry": list(range(2, TOTAL + 1, 2))}
