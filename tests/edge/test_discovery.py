"""Readers are found by what they announce, over real packets: alone, many, in parts, among nonsense, and by name."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from edge.adapters.discovery import MOST, FoundReader, _Answers, find_readers, found_in
from edge.adapters.llrp import LlrpReader
from edge.adapters.llrp_settings import LlrpReaderSettings
from edge.adapters.llrp_survey import survey
from edge.readers_command import mount_readers
from firmware_stubs.llrp.announce import Announcement
from firmware_stubs.llrp.answers import IMPINJ_R420, ZEBRA_FX9600, Make
from firmware_stubs.llrp.reader import PretendReader
from models.llrp.dns_sd import RESPONSE, Packet, encode_packet
from models.process.clock import SystemClock
from models.process.health import Health
from tests.llrp.listening import Heard, eventually

HERE = ("127.0.0.1", 0)


@asynccontextmanager
async def announced(make: Make = IMPINJ_R420) -> AsyncIterator[tuple[PretendReader, tuple[str, int]]]:
    async with PretendReader(make=make, announced_at=HERE) as pretend:
        assert pretend.announcement is not None
        yield pretend, pretend.announcement.at


@pytest.mark.parametrize("in_parts", [False, True], ids=["at once", "in parts"])
def test_a_reader_that_announces_itself_is_found_with_host_and_port(in_parts: bool) -> None:
    async def run() -> tuple[list[FoundReader], int]:
        async with announced() as (pretend, at):
            assert pretend.announcement is not None
            pretend.announcement.answers_in_parts = in_parts
            return await find_readers(0.9 if in_parts else 0.3, to=at), pretend.port

    found, port = asyncio.run(run())
    assert found == [FoundReader("SpeedwayR-00-00-01", "127.0.0.1", port, {"model": "2001002"})]


def test_readers_are_found_by_multicast_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        group = ("224.0.0.251", probe.getsockname()[1])

    async def run() -> list[FoundReader]:
        async with Announcement("one", 5084, at=group), Announcement("two", 5085, at=group):
            return await find_readers(2.0, to=group, enough=lambda found: len(found) == 2)

    try:
        found = asyncio.run(run())
    except OSError as error:
        pytest.skip(f"no multicast on this machine: {error}")
    assert {reader.port for reader in found} == {5084, 5085}


def test_a_name_with_what_a_terminal_would_obey_is_shown_and_not_obeyed() -> None:
    async def run() -> list[FoundReader]:
        async with Announcement("evil\x1b[2J", 5084, at=HERE) as announcement:
            return await find_readers(0.3, to=announcement.at)

    (found,) = asyncio.run(run())
    assert found.name == "evil·[2J"


def test_nobody_announces_anything() -> None:
    async def run() -> list[str]:
        return await survey(0.5, to=("127.0.0.1", 9), ask=True)

    assert asyncio.run(run()) == []


def test_the_survey_says_what_each_reader_is_and_leaves_it_as_it_was() -> None:
    async def run() -> list[str]:
        async with announced(ZEBRA_FX9600) as (pretend, at):
            lines = await survey(0.3, to=at, ask=True)
            await eventually(lambda: not pretend.has_client)
            assert pretend.connections == 1
            assert not pretend.is_active
            held = Holder(pretend)
            async with held.reader:
                await eventually(lambda: pretend.is_active)
                lines += await survey(0.3, to=at, ask=True)
                assert held.heard.values()[0] == "reader_connected"
                assert "reader_disconnected" not in held.heard.values()
            return lines

    head, row, _, busy = asyncio.run(run())
    assert head.split() == ["NAME", "HOST", "PORT", "MODEL", "ANTENNAS", "FIRMWARE"]
    assert "FX9600000001" in row
    assert "Zebra FX9600 (96008)" in row
    assert row.endswith("3.32.37.0")
    assert "another client holds the reader" in busy


class Holder:
    """A node's reader that is found by its name."""

    def __init__(self, pretend: PretendReader, name: str = "fx9600000001") -> None:
        assert pretend.announcement is not None
        clock = SystemClock()
        self.heard, self.health = Heard(), Health(clock)
        settings = LlrpReaderSettings(
            name="r", host=f"mdns:{name}", antennas={1: "A1"}, retry_s=0.01, retry_max_s=0.02, keepalive_s=1.0
        )
        self.reader = LlrpReader(
            settings,
            on_read=self.heard.on_read,
            on_event=self.heard.on_event,
            health=self.health,
            clock=clock,
            group=pretend.announcement.at,
        )


def test_a_reader_is_read_by_the_name_that_it_announces_and_one_that_nobody_has_is_said() -> None:
    async def run() -> str:
        async with announced(ZEBRA_FX9600) as (pretend, _):
            found, lost = Holder(pretend), Holder(pretend, "somebody-else")
            async with found.reader, lost.reader:
                await eventually(lambda: found.heard.events and lost.health.problems())
            return lost.health.problems()[0].message

    assert "no reader announces itself as somebody-else" in asyncio.run(run())


def test_the_command_prints_what_it_finds_or_what_to_do() -> None:
    front_door = typer.Typer()
    mount_readers(front_door)
    nothing = CliRunner().invoke(front_door, ["readers", "find", "--seconds", "0.5", "--at", "127.0.0.1:9"])
    assert nothing.exit_code == 1
    assert "same network" in nothing.output
    wrong = CliRunner().invoke(front_door, ["readers", "find", "--at", "nonsense"])
    assert wrong.exit_code == 2


@given(st.binary(max_size=300))
def test_no_packet_stops_the_search(packet: bytes) -> None:
    answers = _Answers()
    answers.datagram_received(packet, ("10.0.0.1", 5353))
    found_in(answers.records)


@given(st.data())
def test_a_packet_that_was_cut_or_changed_anywhere_stops_nothing_either(data: st.DataObject) -> None:
    packet = bytearray(_packet(3))
    for _ in range(data.draw(st.integers(0, 6))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    answers = _Answers()
    answers.datagram_received(bytes(packet[: data.draw(st.integers(0, len(packet)))]), ("10.0.0.1", 5353))
    found_in(answers.records)


def test_a_flood_of_answers_is_bounded() -> None:
    answers, packet = _Answers(), _packet(4)
    for _ in range(MOST * 10):
        answers.datagram_received(packet, ("10.0.0.1", 5353))
    assert len(answers.records) < MOST * 8 + 20


def _packet(readers: int) -> bytes:
    records = [record for n in range(readers) for record in Announcement(f"reader {n}", 5084, at=HERE).records]
    return encode_packet(Packet(0, RESPONSE, records=tuple(records)))
