"""Everything that a camera node sends and keeps while it watches real people, byte for byte: numbers, no pictures."""

import base64
import json
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from cloud_sync.broker import Broker
from cloud_sync.settings import BrokerSettings, BrokerUser
from edge.adapters.footage import VTEST_CAMERA

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse"
WATCHED_S = 60.0

MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF", b"ftyp", b"\x00\x00\x01\xb3", b"\x00\x00\x00\x01\x67")
"""How JPEG, PNG, WebP and AVI, MP4, MPEG and H.264 begin."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Tap:
    """Stands between the node and the broker and writes down what the node says."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.said = bytearray()
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                inside, _ = self._door.accept()
                outside = socket.create_connection(("127.0.0.1", self._target))
                self._links += [inside, outside]
                for source, sink, notes in ((inside, outside, self.said), (outside, inside, bytearray())):
                    threading.Thread(target=self._carry, args=(source, sink, notes), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, sink: socket.socket, notes: bytearray) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                notes += data
                sink.sendall(data)

    def close(self) -> None:
        for link in (self._door, *self._links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()


@pytest.fixture
def tap(tmp_path: Path) -> Iterator[Tap]:
    """A running broker behind a tap."""
    port = free_port()
    user = BrokerUser(name="n1", password=PASSWORD, role="node", lanes=("1",), doors=("main",))
    broker = Broker(
        BrokerSettings(store="s1", listen=f"127.0.0.1:{port}", data_dir=tmp_path / "broker", users=(user,))
    )
    broker.start()
    tapped = Tap(port)
    yield tapped
    tapped.close()
    broker.stop()


LONG = (
    rb"[A-Za-z0-9+/=_-]{120,}",
    rb"(?:-?\d+\.\d+(?:e-?\d+)?[,\s]+){12,}",
    rb"(?:\d{1,3}[,\s]+){48,}",
    rb"(?:\\x[0-9a-f]{2}[^\\]{0,6}){16,}",
)
"""A thumbnail in base64 or hexadecimal, a face as a row of decimals, grey values as numbers, bytes in a log."""


def without_pictures(data: bytes) -> bool:
    """Whether no picture begins in ``data``, and nothing in it is long enough to be one, or to tell faces apart.

    The heat of the floor is a grid of whole seconds, summed over a quarter of an hour: it is left out. So are the
    zeros of what the outlook has not learned yet.
    """
    rest = re.sub(rb'"person_s":\[[0-9,]*\]|(?:\b0\.0,)+', b"", data)
    return not any(magic in rest for magic in MAGIC) and not any(re.search(pattern, rest) for pattern in LONG)


def kept_by(folder: Path) -> Iterator[bytes]:
    """Every value in the node's databases, and every other file whole."""
    for path in folder.rglob("*"):
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as database:
                for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    for row in database.execute(f'SELECT * FROM "{table}"'):
                        yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
        elif path.is_file() and not path.name.endswith(("-wal", "-shm")):
            yield path.read_bytes().strip(b"\0")  # what is kept free on the disk for later is zeros


def is_text(data: bytes) -> bool:
    """Whether these bytes are words and numbers for people, not packed ones."""
    try:
        return data.decode().isprintable() or b"\n" in data
    except UnicodeDecodeError:
        return False


SETTINGS = """\
store = "s1"
node = "n1"
data_dir = "{kept}"
[mqtt]
hosts = ["127.0.0.1:{port}"]
username = "n1"
password = "{password}"
[screen]
port = {screen}
[[lane]]
id = "1"
"""


def test_a_camera_node_sends_and_keeps_numbers_and_no_pictures(footage: Path, tap: Tap, tmp_path: Path) -> None:
    kept = tmp_path / "node"
    settings = SETTINGS.format(kept=kept, port=tap.port, password=PASSWORD, screen=free_port())
    config = tmp_path / "edge.toml"
    config.write_text(settings + VTEST_CAMERA.replace("var/footage/vtest.avi", str(footage)), encoding="utf-8")
    command = [sys.executable, "-m", "aisle", "edge", "--config", str(config)]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as node:
        end = time.monotonic() + WATCHED_S
        while time.monotonic() < end and (tap.said.count(b'"people":') < 8 or tap.said.count(b'"in":') < 5):
            assert node.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        node.terminate()
    said = bytes(tap.said)
    assert said.count(b'"people":') >= 5, "the tap heard no counts, so it proves nothing"
    assert said.count(b'"in":') >= 5
    # One frame of the footage is 1.3 MB, 60 kB as a JPEG, a thumbnail 2 kB.
    # A quarter of an hour that ends meanwhile is a grid of small numbers, 1.2 kB and more.
    longest = max(len(part) for part in said.split(b"aisle/v1/") if b"floor.heat" not in part)
    assert longest < 2000
    assert without_pictures(said)
    values = [(tmp_path / "log").read_bytes(), *kept_by(kept)]
    assert any(b"footfall" in value or b"lane" in value for value in values), "nothing was kept, so it proves nothing"
    assert max(map(len, values[0].splitlines()), default=0) < 1000, "a line of the log could hold a picture"
    for value in values:
        assert is_text(value), value[:200]
        assert without_pictures(value), value[:200]
        assert len(value) < 5_000_000


def test_the_search_for_pictures_finds_one() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(200))
    assert not without_pictures(b'{"v":1}' + jpeg)
    assert not without_pictures(b'{"picture":"' + base64.b64encode(jpeg) + b'"}')
    assert not without_pictures(json.dumps({"face": [k / 7 for k in range(32)]}).encode())
    assert not without_pictures(json.dumps({"grey": [k % 256 for k in range(64)]}).encode())
    assert not without_pictures(repr(bytes(range(128, 200))).encode())
    assert not is_text(jpeg[20:])
    assert without_pictures(b'{"people":3,"in":4}')
