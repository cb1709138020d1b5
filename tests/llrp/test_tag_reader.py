"""What every ``TagReader`` keeps to, run over the LLRP client (against the pretend reader) and the one in memory."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest

from edge.adapters.llrp import LlrpReader
from edge.adapters.llrp_settings import LlrpReaderSettings
from edge.adapters.tag_reader import MemoryReader, OnRead, Sighting, TagReader
from firmware_stubs.llrp.reader import PretendReader
from models.process.clock import SystemClock
from models.process.health import Health
from tests.llrp.listening import Heard, eventually

EPC = "3034257BF7194E4000001A85"
OTHER = "3034257BF7194E4000001A86"


@dataclass
class Rig:
    """A reader and the hands of whoever stands beside it."""

    reader: TagReader
    see: Callable[[str, int], None]
    unplug: Callable[[int], None]
    plug: Callable[[int], None]
    cut: Callable[[], None]
    mend: Callable[[], Awaitable[None]]


@asynccontextmanager
async def memory_rig(heard: Heard, on_read: OnRead | None = None) -> AsyncIterator[Rig]:
    reader = MemoryReader("r", [1, 2], on_read=on_read or heard.on_read, on_event=heard.on_event)

    def now() -> int:
        return time.time_ns() // 1_000_000

    async def mend() -> None:
        reader.connect(now())

    yield Rig(
        reader,
        lambda epc, antenna: reader.see(epc, antenna, -50.0, now()),
        lambda antenna: reader.plug(antenna, now(), is_in=False),
        lambda antenna: reader.plug(antenna, now(), is_in=True),
        lambda: reader.disconnect(now()),
        mend,
    )


@asynccontextmanager
async def llrp_rig(heard: Heard, on_read: OnRead | None = None) -> AsyncIterator[Rig]:
    async with PretendReader(antennas=4) as pretend:
        settings = LlrpReaderSettings(
            name="r", host="127.0.0.1", port=pretend.port, antennas={1: "A1", 2: "A2"}, behaviour="exit", door="main",
            keepalive_s=1.0, retry_s=0.001, retry_max_s=0.01,
        )  # fmt: skip
        clock = SystemClock()
        reader = LlrpReader(
            settings, on_read=on_read or heard.on_read, on_event=heard.on_event, health=Health(clock), clock=clock
        )

        async def mend() -> None:
            await eventually(lambda: pretend.is_active and pretend.has_client)

        yield Rig(
            reader,
            lambda epc, antenna: pretend.see(epc, antenna, -50.0),
            lambda antenna: pretend.plug(antenna, is_in=False),
            lambda antenna: pretend.plug(antenna, is_in=True),
            lambda: pretend.hang_up(in_the_middle=True),
            mend,
        )


Rigs = Callable[..., AbstractAsyncContextManager[Rig]]
every_reader = pytest.mark.parametrize("rig_of", [memory_rig, llrp_rig])


async def until_read(rig: Rig, heard: Heard, epc: str, antenna: int = 1) -> None:
    """See a tag until it is heard: a reader that begins to read may miss the first."""
    end = time.monotonic() + 20
    while epc not in heard.epcs():
        assert time.monotonic() < end
        rig.see(epc, antenna)
        await asyncio.sleep(0.005)


@every_reader
def test_a_connection_is_told_before_the_first_sighting_and_a_sighting_is_as_it_was_seen(
    rig_of: Rigs, heard: Heard
) -> None:
    async def run() -> None:
        async with rig_of(heard) as rig, rig.reader:
            await until_read(rig, heard, EPC)

    asyncio.run(run())
    assert heard.order[0] == "reader_connected"
    seen = heard.sightings[0]
    assert (seen.epc, seen.antenna, seen.rssi_dbm) == (EPC, 1, -50.0)
    assert 0 <= time.time_ns() // 1_000_000 - seen.t_ms < 60_000


@every_reader
def test_an_antenna_that_is_not_configured_is_not_told(rig_of: Rigs, heard: Heard) -> None:
    async def run() -> None:
        async with rig_of(heard) as rig, rig.reader:
            await eventually(lambda: heard.events)
            for _ in range(20):
                rig.see(OTHER, 3)
            await until_read(rig, heard, EPC, antenna=2)

    asyncio.run(run())
    assert heard.epcs() == {EPC}


@every_reader
def test_an_antenna_unplugged_and_plugged_in_is_told_once_each(rig_of: Rigs, heard: Heard) -> None:
    async def run() -> None:
        async with rig_of(heard) as rig, rig.reader:
            await until_read(rig, heard, EPC)
            rig.unplug(2)
            await eventually(lambda: "antenna_disconnected" in heard.values())
            rig.see(OTHER, 2)
            rig.plug(2)
            await eventually(lambda: "antenna_connected" in heard.values())

    asyncio.run(run())
    told = [(event.value, event.antenna) for event in heard.events if event.value.startswith("antenna")]
    assert told == [("antenna_disconnected", 2), ("antenna_connected", 2)]
    assert OTHER not in heard.epcs()


@every_reader
def test_connected_and_disconnected_alternate_and_it_reads_again(rig_of: Rigs, heard: Heard) -> None:
    async def run() -> None:
        async with rig_of(heard) as rig, rig.reader:
            await until_read(rig, heard, EPC)
            for number in range(5):
                rig.cut()
                await heard.told(number * 2 + 2)
                await rig.mend()
                await until_read(rig, heard, f"{number:024X}")

    asyncio.run(run())
    assert heard.values() == ["reader_connected", "reader_disconnected"] * 5 + ["reader_connected"]


@every_reader
def test_a_listener_that_fails_does_not_stop_the_reader(rig_of: Rigs, heard: Heard) -> None:
    def fails(name: str, sightings: Sequence[Sighting]) -> None:
        heard.on_read(name, sightings)
        raise ValueError("a bug")

    async def run() -> None:
        async with rig_of(heard, fails) as rig, rig.reader:
            await until_read(rig, heard, EPC)
            await until_read(rig, heard, OTHER)

    asyncio.run(run())
    assert heard.epcs() == {EPC, OTHER}


@every_reader
def test_nothing_is_told_after_it_was_left(rig_of: Rigs, heard: Heard) -> None:
    async def run() -> None:
        async with rig_of(heard) as rig:
            async with rig.reader:
                await until_read(rig, heard, EPC)
            told = len(heard.order)
            rig.see(OTHER, 1)
            rig.unplug(1)
            rig.cut()
            await asyncio.sleep(0.02)
            assert len(heard.order) == told

    asyncio.run(run())
