"""Facts over real HTTPS, up and down, with an authority of our own."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from cloud_sync.certificates import make_certificates
from cloud_sync.http import HttpPuller, HttpSender
from cloud_sync.settings import HqLinkSettings
from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from models.messages.codec import encode
from models.messages.facts import DoorMinute, Fact, PriceChanged, StockCounted
from models.messages.ids import StreamClass
from models.process.clock import SystemClock
from models.process.health import Health

OpenWriter = Callable[[str], Writer]
Fold = Callable[[sqlite3.Connection, Origin, Sequence[Received]], None]
CLOCK = SystemClock()
KEY = "the-key-of-this-store"


def until(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


def fact(n: int) -> Fact:
    if n % 3 == 0:
        return DoorMinute(t_ms=n, door="main", entered=n, left=0)
    return StockCounted(t_ms=n, gtin="00012345678905", place="A1", quantity=n, by="tests")


@contextmanager
def headquarters(file: Path, certificates: Path, port: int) -> Iterator[None]:
    """A process that serves until it is killed with SIGKILL."""
    script = Path(__file__).with_name("pretend_headquarters.py")
    environment = {**os.environ, "PYTHONPATH": str(script.parents[2])}
    command = [sys.executable, str(script), str(file), str(certificates), str(port), KEY]
    with subprocess.Popen(command, env=environment) as process:
        try:
            until(lambda: can_connect(port))
            yield
        finally:
            process.kill()


def can_connect(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def file(open_writer: OpenWriter) -> Path:
    """Headquarters' file, which nobody has open."""
    writer = open_writer("hq")
    writer.close()
    return writer.path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    make_certificates(directory, ["127.0.0.1", "hq.example.com"], days=30)
    return directory


def link(port: int, certificates: Path, key: str = KEY) -> HqLinkSettings:
    return HqLinkSettings(url=f"https://127.0.0.1:{port}", key=key, ca_file=certificates / "ca.pem")


def folded(file: Path, origin: str) -> list[bytes]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT raw FROM folded WHERE node = ? ORDER BY class, number", (origin,)
        ).fetchall()
    finally:
        connection.close()
    return [row[0] for row in rows]


def raws(facts: Sequence[Fact]) -> list[bytes]:
    return [encode(f) for stream in StreamClass for f in facts if f.stream == stream]


def test_facts_reach_headquarters_once_each_though_it_refuses_and_is_killed(
    open_writer: OpenWriter, file: Path, certificates: Path, port: int
) -> None:
    gateway, outbox, health = open_writer("gateway"), Outbox(clock=CLOCK), Health(CLOCK)
    facts = [fact(n) for n in range(3000)]
    sender = HttpSender(link(port, certificates), gateway, outbox, node="gateway", health=health, clock=CLOCK)

    def happen(some: Sequence[Fact]) -> None:
        gateway.run(lambda c: outbox.append(c, "hq", some))
        sender.wake()

    sender.start()
    happen(facts[:1000])
    until(health.problems)
    with headquarters(file, certificates, port):
        until(lambda: len(folded(file, "gateway")) == 1000)
        happen(facts[1000:2000])
        until(lambda: len(folded(file, "gateway")) > 1000)
    happen(facts[2000:])
    with headquarters(file, certificates, port):
        until(lambda: len(folded(file, "gateway")) >= 3000)
        until(lambda: not health.problems())
    sender.stop()
    assert folded(file, "gateway") == raws(facts)


def test_what_headquarters_says_reaches_the_store_once_each(
    open_writer: OpenWriter, fold: Fold, file: Path, certificates: Path, port: int
) -> None:
    gateway, health = open_writer("gateway"), Health(CLOCK)

    def puller() -> HttpPuller:
        inbox = Inbox(fold, clock=CLOCK)
        return HttpPuller(link(port, certificates), gateway, inbox, health=health, clock=CLOCK)

    with headquarters(file, certificates, port):
        first = puller()
        first.start()
        until(lambda: len(folded(gateway.path, "hq")) >= 50)
        first.stop()
        second = puller()
        second.start()
        until(lambda: len(folded(gateway.path, "hq")) >= 400)
        second.stop()
    assert folded(gateway.path, "hq") == raws(
        [PriceChanged(t_ms=n, gtin="00012345678905", price_minor=n, currency="EUR") for n in range(400)]
    )


@pytest.mark.parametrize("wrong", ["key", "authority"])
def test_a_wrong_key_or_authority_sends_nothing_and_is_a_problem(
    open_writer: OpenWriter, file: Path, certificates: Path, port: int, tmp_path: Path, wrong: str
) -> None:
    gateway, outbox, health = open_writer("gateway"), Outbox(clock=CLOCK), Health(CLOCK)
    gateway.run(lambda c: outbox.append(c, "hq", [fact(1)]))
    make_certificates(tmp_path / "stranger", ["127.0.0.1"], days=1)
    authority = certificates if wrong == "key" else tmp_path / "stranger"
    settings = link(port, authority, KEY if wrong == "authority" else "somebody-elses-key")
    with headquarters(file, certificates, port):
        sender = HttpSender(settings, gateway, outbox, node="gateway", health=health, clock=CLOCK)
        sender.start()
        until(health.problems)
        sender.stop()
    (problem,) = health.problems()
    assert problem.subject == "headquarters.ledger"
    assert "somebody" not in problem.message
    assert folded(file, "gateway") == []


@pytest.mark.parametrize(
    "url", ["http://hq.example.com", "ftp://x", "hq.example.com", "http://127.0.0.1.evil.example"]
)
def test_clear_text_is_refused_beyond_this_machine(url: str) -> None:
    with pytest.raises(ValidationError, match="https"):
        HqLinkSettings(url=url, key=KEY)
    assert HqLinkSettings(url="http://127.0.0.1:8080", key=KEY).url == "http://127.0.0.1:8080"


def test_keys_are_for_their_owner_only_and_the_authority_stays_when_certificates_are_renewed(tmp_path: Path) -> None:
    make_certificates(tmp_path, ["gateway"], days=30)
    authority, before = (tmp_path / "ca.pem").read_bytes(), (tmp_path / "gateway.pem").read_bytes()
    make_certificates(tmp_path, ["gateway", "127.0.0.1"], days=30)
    assert (tmp_path / "ca.pem").read_bytes() == authority
    assert (tmp_path / "gateway.pem").read_bytes() != before
    for key in tmp_path.glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
