"""The LLRP client against a pretend reader that misbehaves, and what it tells the status."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from edge.adapters.llrp import LlrpReader
from edge.adapters.llrp_settings import LlrpReaderSettings
from firmware_stubs.llrp.reader import PretendReader
from models.llrp.codec import frame_bytes
from models.process.clock import SystemClock
from models.process.health import Health
from tests.llrp.listening import Heard, eventually

EPC = "3034257BF7194E4000001A85"


def settings(port: int, **more: object) -> LlrpReaderSettings:
    quick = {"keepalive_s": 1.0, "retry_s": 0.001, "retry_max_s": 0.01, "timeout_s": 2.0, "cycle_ms": 100}
    given = {"name": "r", "host": "127.0.0.1", "port": port, "antennas": {1: "A1", 2: "A2"}, **quick, **more}
    if given.get("behaviour") == "exit":
        given.setdefault("door", "main")
    return LlrpReaderSettings.model_validate(given)


class Bench:
    """A pretend reader, the client and what was heard."""

    def __init__(self, pretend: PretendReader, heard: Heard, **more: object) -> None:
        clock = SystemClock()
        self.pretend, self.heard, self.health = pretend, heard, Health(clock)
        self.refused: list[bytes] = []
        self.profile = ""
        self.reader = LlrpReader(
            settings(pretend.port, **more), on_read=heard.on_read, on_event=heard.on_event, health=self.health,
            clock=clock, on_refused=lambda _name, body, _error: self.refused.append(body),
        )  # fmt: skip

    def codes(self) -> dict[str, str]:
        return {problem.subject: problem.code for problem in self.health.problems()}

    async def read(self, epc: str = EPC) -> None:
        """See a tag until it is heard."""
        async with asyncio.timeout(20):
            while epc not in self.heard.epcs():
                self.pretend.see(epc, 1, -51.4)
                await asyncio.sleep(0.001)


@asynccontextmanager
async def bench(heard: Heard, **more: object) -> AsyncIterator[Bench]:
    async with PretendReader() as pretend:
        made = Bench(pretend, heard, **more)
        async with made.reader:
            yield made


@pytest.mark.parametrize("behaviour", ["shelf", "exit", "counting"])
def test_every_behaviour_reads_and_keepalives_are_answered(heard: Heard, behaviour: str) -> None:
    async def run() -> None:
        async with bench(heard, behaviour=behaviour, power_dbm=27.5, mode=1, session=2, keepalive_s=0.1) as b:
            await b.read()
            await eventually(lambda: b.pretend.acks >= 3)
            assert b.codes() == {}
            assert b.pretend.connections == 1
            assert (heard.sightings[0].antenna, heard.sightings[0].rssi_dbm) == (1, -51.0)

    asyncio.run(run())


def test_a_shelf_reports_once_a_cycle_a_tag_that_answered_often(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard, cycle_ms=200) as b:
            await b.read()
            del heard.sightings[:]
            for _ in range(50):
                b.pretend.see(EPC, 2, -60.0)
            await eventually(lambda: heard.sightings)
            assert len(heard.sightings) <= 2

    asyncio.run(run())


def test_five_hundred_reconnects_each_read_again(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard, behaviour="exit", retry_s=0.0, retry_max_s=0.0) as b:
            for number in range(500):
                await b.read(f"{number:024X}")
                b.pretend.hang_up(in_the_middle=number % 2 == 0)
            await b.read("F" * 24)
            assert b.reader.counts.connections == b.pretend.connections == 501

    asyncio.run(run())
    assert heard.values() == ["reader_connected", "reader_disconnected"] * 500 + ["reader_connected"]


def test_a_second_client_is_told_that_the_reader_is_busy_and_comes_in_later(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard) as b:
            await b.read()
            second = Bench(b.pretend, Heard())
            async with second.reader:
                await eventually(lambda: second.codes().get("reader.r") == "busy")
                assert "another client" in second.health.problems()[0].message
                await b.reader.__aexit__(None, None, None)
                await second.read()
                assert second.codes() == {}

    asyncio.run(run())


def test_another_client_that_wants_the_reader_is_named_to_the_one_that_has_it(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard) as b:
            await b.read()
            second = Bench(b.pretend, Heard())
            async with second.reader:
                await eventually(lambda: b.codes().get("reader.r.rival") == "wanted")
            assert b.reader.counts.rivals >= 1

    asyncio.run(run())
    assert heard.values()[:2] == ["reader_connected", "another_client"]


@pytest.mark.parametrize("behaviour", ["shelf", "exit"])
def test_a_reader_that_somebody_else_stops_is_set_up_anew(heard: Heard, behaviour: str) -> None:
    async def run() -> None:
        async with bench(heard, behaviour=behaviour, keepalive_s=0.2) as b:
            await b.read()
            b.pretend.halt()
            await eventually(lambda: "reader_disconnected" in heard.values())
            await b.read("A" * 24)

    asyncio.run(run())
    note = next(event.note for event in heard.events if event.value == "reader_disconnected")
    assert "stopped" in note or "not read" in note


def test_inputs_that_changed_while_nobody_listened_are_told(heard: Heard) -> None:
    async def run() -> None:
        async with PretendReader() as pretend:
            pretend.input(2, is_high=True)
            b = Bench(pretend, heard, inputs=(1, 2))
            async with b.reader:
                await heard.told(3)

    asyncio.run(run())
    assert [(event.value, event.antenna) for event in heard.events[1:3]] == [("input_low", 1), ("input_high", 2)]


def test_a_reader_that_is_not_there_yet_is_a_state_and_no_crash(heard: Heard) -> None:
    async def run() -> None:
        async with PretendReader() as pretend:
            port = pretend.port
        gone = Bench(PretendReader(port), heard)
        async with gone.reader:
            await eventually(lambda: gone.codes().get("reader.r") == "unreachable")
            assert heard.events == []
            async with gone.pretend:
                await gone.read()
                assert gone.codes() == {}
            await eventually(lambda: gone.codes().get("reader.r") == "unreachable")

    asyncio.run(run())
    assert heard.values() == ["reader_connected", "reader_disconnected"]


def test_a_reader_that_falls_silent_is_left_and_found_again(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard, keepalive_s=0.1) as b:
            await b.read()
            b.pretend.freeze()
            await eventually(lambda: "reader_disconnected" in heard.values())
            assert b.codes() == {"reader.r": "silent"}
            b.pretend.freeze(is_frozen=False)
            await b.read("A" * 24)

    asyncio.run(run())


@pytest.mark.parametrize(
    "junk", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x04\x3d\xff\xff\xff\xff\0\0\0\0", b"\x04\x3d\0\0\0\0\0\0\0\0"]
)
def test_bytes_that_are_not_llrp_end_the_link_and_it_comes_back(heard: Heard, junk: bytes) -> None:
    async def run() -> None:
        async with bench(heard) as b:
            await b.read()
            b.pretend.send_bytes(junk)
            await eventually(lambda: "reader_disconnected" in heard.values())
            await b.read("A" * 24)

    asyncio.run(run())
    assert "LLRP" in next(event.note for event in heard.events if event.value == "reader_disconnected")


def test_one_broken_report_is_refused_and_the_link_goes_on(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard) as b:
            await b.read()
            b.pretend.send_bytes(frame_bytes(61, b"\x00\xf0\x00\x09\x8d"))
            b.pretend.send_bytes(frame_bytes(63, b"\x00\xf6\x00\x00"))
            b.pretend.send_bytes(frame_bytes(900, b"of another vendor"))
            await b.read("A" * 24)
            assert b.refused == [b"\x00\xf0\x00\x09\x8d", b"\x00\xf6\x00\x00"]
            assert b.reader.counts.refused == 2

    asyncio.run(run())
    assert heard.values() == ["reader_connected"]


def test_events_of_the_reader_are_told_and_shown(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard, inputs=(3,)) as b:
            await b.read()
            await heard.told(2)
            b.pretend.plug(2, is_in=False)
            b.pretend.plug(4, is_in=False)  # not ours
            b.pretend.fill(80)
            b.pretend.overflow()
            b.pretend.complain("too hot")
            b.pretend.input(4, is_high=True)  # not ours
            b.pretend.input(3, is_high=True)
            await eventually(lambda: "input_high" in heard.values())
            assert b.codes() == {
                "reader.r.2": "antenna_disconnected",
                "reader.r.buffer": "overflow",
                "reader.r.exception": "exception",
            }
            assert all(problem.hint for problem in b.health.problems())
            counts = b.reader.counts
            assert (counts.warnings, counts.overflows, counts.exceptions) == (1, 1, 1)
            b.pretend.plug(2, is_in=True)
            await eventually(lambda: "antenna_connected" in heard.values())
            assert "reader.r.2" not in b.codes()

    asyncio.run(run())
    told = [(event.value, event.antenna, event.note) for event in heard.events[1:7]]
    assert told == [
        ("input_low", 3, ""),  # how it was when we came
        ("antenna_disconnected", 2, ""),
        ("buffer_filling", None, "80 %"),
        ("buffer_overflow", None, ""),
        ("reader_exception", None, "too hot"),
        ("input_high", 3, ""),
    ]


def test_an_antenna_that_is_not_plugged_in_at_the_start_is_told(heard: Heard) -> None:
    async def run() -> None:
        async with PretendReader() as pretend:
            pretend.plug(2, is_in=False)
            b = Bench(pretend, heard)
            async with b.reader:
                await b.read()
                assert b.codes() == {"reader.r.2": "antenna_disconnected"}

    asyncio.run(run())
    assert [event.value for event in heard.events] == ["reader_connected", "antenna_disconnected"]


def test_an_antenna_beyond_the_readers_ports_is_named_and_the_others_read(heard: Heard) -> None:
    async def run() -> None:
        async with PretendReader(antennas=1) as pretend:
            b = Bench(pretend, heard)
            async with b.reader:
                await b.read()
                assert b.codes() == {"reader.r.2": "antenna_disconnected", "reader.r.settings": "unsupported"}
                assert "has 1 antenna" in b.health.problems()[0].message

    asyncio.run(run())


@pytest.mark.parametrize("ahead_s", [-86_400.0, 3600.0])
def test_a_clock_that_is_wrong_by_hours_is_corrected_by_arrival(heard: Heard, ahead_s: float) -> None:
    async def run() -> None:
        async with PretendReader(clock_ahead_s=ahead_s) as pretend:
            b = Bench(pretend, heard)
            async with b.reader:
                await b.read()
                pretend.clock_ahead_s += 7200  # somebody sets it while it reads
                await b.read("A" * 24)
                now_ms = SystemClock().now_ms()
                assert all(now_ms - 20_000 < sighting.t_ms <= now_ms for sighting in heard.sightings)

    asyncio.run(run())


def test_tags_of_others_are_left_out_and_counted(heard: Heard) -> None:
    async def run() -> None:
        async with bench(heard, ignore_epcs=("e280",)) as b:
            await b.read()
            b.pretend.see("E2801170000002AA", 1, -40.0)
            await eventually(lambda: b.reader.counts.ignored)

    asyncio.run(run())
    assert heard.epcs() == {EPC}


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1, as readers have them: certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "reader")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "reader.crt", folder / "reader.key"
    files[0].write_bytes(signed.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_a_reader_that_speaks_tls_is_read_and_one_whose_certificate_is_unknown_is_not(
    heard: Heard, tmp_path: Path
) -> None:
    cert_file, key_file = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)

    async def run() -> None:
        async with PretendReader(tls=context) as pretend:
            stranger = Bench(pretend, Heard(), tls=True)
            async with stranger.reader:
                await eventually(lambda: stranger.codes().get("reader.r") == "tls")
            missing = Bench(pretend, Heard(), tls=True, ca_file=tmp_path / "none.crt")
            async with missing.reader:
                await eventually(lambda: missing.codes().get("reader.r") == "tls")
            friend = Bench(pretend, heard, tls=True, ca_file=cert_file)
            async with friend.reader:
                await friend.read()

    asyncio.run(run())
    assert heard.values() == ["reader_connected"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("antennas", {}, "at least 1"),
        ("antennas", {0: "A"}, "greater than or equal to 1"),
        ("behaviour", "x", "'shelf', 'exit' or 'counting'"),
        ("behaviour", "exit", "which door"),
        ("door", "main", "which door"),
        ("ca_file", "ca.pem", "tls = true"),
        ("power_dbm", 99, "less than or equal to 36"),
        ("antenna_power_dbm", {3: 20}, "names antenna 3"),
        ("powr", 1, "Extra inputs"),
    ],
)
def test_settings_say_what_is_wrong(key: str, value: object, said: str) -> None:
    given = {"name": "r", "host": "h", "antennas": {1: "A1"}, key: value}
    with pytest.raises(ValidationError, match=said):
        LlrpReaderSettings.model_validate(given)
