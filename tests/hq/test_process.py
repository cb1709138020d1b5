"""The command itself: its own process over HTTPS, killed and started again."""

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud_sync.certificates import make_certificates
from models.messages.codec import decode, encode
from models.messages.envelopes import Ack, FactBatch
from tests.hq.conftest import key_of
from tests.hq.test_streams import sale

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """``aisle hq`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.config = folder / "hq.toml"
        tls = folder / "tls"
        make_certificates(tls, ["127.0.0.1"], days=10)
        self.config.write_text(
            f'data_dir = "{folder / "data"}"\nport = {self.port}\n\n'
            f'[tls]\ncert_file = "{tls / "127.0.0.1.pem"}"\nkey_file = "{tls / "127.0.0.1.key"}"\n\n'
            f'[[stores]]\nid = "harbour"\nname = "Harbour"\nkey = "{key_of("harbour")}"\n',
            encoding="utf-8",
        )
        self.http = httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            verify=ssl.create_default_context(cafile=str(tls / "ca.pem")),
            headers={"authorization": f"Bearer {key_of('harbour')}"},
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "aisle.py"), "hq", "--config", str(self.config)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            assert self.process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it does not answer"
            try:
                assert self.http.get("/health").json() == {"ok": True, "problems": []}
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return

    def end(self, *, kindly: bool) -> int:
        assert self.process is not None
        self.process.terminate() if kindly else self.process.kill()
        return self.process.wait(15)

    def send(self, first: int, count: int) -> int:
        from msgspec import Raw

        raws = tuple(Raw(encode(sale(f"t-{number}"))) for number in range(first, first + count))
        batch = FactBatch(epoch="0123456789abcdef", first=first, facts=raws)
        return decode(self.http.post("/v1/streams/gateway/ledger", content=encode(batch)).content, Ack).upto


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.http.close()
    if process.process is not None and process.process.poll() is None:
        process.end(kindly=False)


def test_what_was_acknowledged_over_https_outlives_a_kill(process: Process) -> None:
    process.start()
    assert process.send(1, 40) == 40
    process.end(kindly=False)
    process.start()
    assert process.send(1, 0) == 40
    assert process.send(31, 20) == 50
    assert process.end(kindly=True) in {0, -15}
