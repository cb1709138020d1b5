"""Everything that a camera node sends and keeps while it watches real people, byte for byte: numbers, no pictures."""

import base64
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
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


def without_pictures(data: bytes) -> bool:
    """Whether no picture begins in ``data``, and nothing in it is long enough to be one in base64."""
    return not any(magic in data for magic in MAGIC) and not re.search(rb"[A-Za-z0-9+/=_-]{250,}", data)


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
    for path in (tmp_path / "log", *kept.rglob("*")):
        if path.is_file():
            assert without_pictures(path.read_bytes()), path
            assert path.stat().st_size < 5_000_000


def test_the_search_for_pictures_finds_one() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(200))
    assert not without_pictures(b'{"v":1}' + jpeg)
    assert not without_pictures(b'{"picture":"' + base64.b64encode(jpeg) + b'"}')
    assert without_pictures(b'{"people":3,"in":4}')
