"""The pretend reader by itself, spoken to in bytes: what ROSpecs may do when, what waits for an absent client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from edge.adapters.llrp_plan import Abilities, add_rospec
from edge.adapters.llrp_profile import GENERIC, shipped
from edge.adapters.llrp_settings import LlrpReaderSettings
from firmware_stubs.llrp.reader import PretendReader
from models.llrp.codec import Frame, Framer, decode_message, encode_message
from models.llrp.layout import Message, every, first
from models.llrp.messages import (
    AddRoSpec,
    CustomMessage,
    DeleteRoSpec,
    DisableRoSpec,
    EnableEventsAndReports,
    EnableRoSpec,
    GetRoSpecs,
    RoAccessReport,
    SetReaderConfig,
    StartRoSpec,
    StopRoSpec,
)
from models.llrp.reports import LlrpStatus
from models.llrp.rospec import EventsAndReports, KeepaliveSpec, RoSpec
from models.llrp.tags import decode_tags
from tests.llrp.listening import eventually

EPC = "3034257BF7194E4000001A85"
CAN = Abilities(4, 0, 0, "", (), 0)
SETTINGS = LlrpReaderSettings(name="r", host="h", antennas={1: "A1"}, behaviour="exit", door="main")
ADD = add_rospec(SETTINGS, CAN, shipped(GENERIC))


class Client:
    """A client that says what it is told to say."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self._framer, self._next_id = Framer(), 0
        self._frames: list[Frame] = []

    async def next(self, kind: int | None = None) -> tuple[int, Message, bytes]:
        """The next message, or the next of a type."""
        while True:
            while not self._frames:
                data = await asyncio.wait_for(self._reader.read(65_536), 20)
                assert data, "the reader hung up"
                self._frames += self._framer.feed(data)
            frame = self._frames.pop(0)
            if kind is None or frame.type == kind:
                return frame.id, decode_message(frame), frame.body

    async def ask(self, message: Message) -> int:
        """Ask; the status of the answer."""
        self._next_id += 1
        self.writer.write(encode_message(message, self._next_id))
        while True:
            answered, answer, _ = await self.next()
            if answered == self._next_id:
                status = first(answer, LlrpStatus)  # type: ignore[arg-type] # every answer has children
                assert status is not None
                return status.code


@asynccontextmanager
async def connected(pretend: PretendReader) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", pretend.port))
    await client.next(63)
    yield client
    client.writer.close()
    await client.writer.wait_closed()


def with_reader(work: Callable[[PretendReader], Awaitable[None]]) -> None:
    async def run() -> None:
        async with PretendReader() as pretend:
            await work(pretend)

    asyncio.run(run())


def test_a_rospec_goes_from_disabled_to_active_and_back_and_nothing_else_is_allowed() -> None:
    async def work(pretend: PretendReader) -> None:
        async with connected(pretend) as client:
            wrong = [
                await client.ask(message)
                for message in (StartRoSpec(1), EnableRoSpec(1), AddRoSpec(), DeleteRoSpec(7))
            ]
            assert all(wrong)
            assert await client.ask(ADD) == 0
            assert await client.ask(ADD) != 0, "the same id twice"
            assert await client.ask(StartRoSpec(1)) != 0, "still disabled"
            assert [
                await client.ask(m) for m in (EnableRoSpec(1), StopRoSpec(1), StartRoSpec(1), DisableRoSpec(0))
            ] == [0] * 4
            client.writer.write(encode_message(GetRoSpecs(), 99))
            _, answer, _ = await client.next(36)
            assert [spec.state for spec in every(answer, RoSpec)] == [0]  # type: ignore[arg-type] # as above
            assert await client.ask(DeleteRoSpec(0)) == 0
            assert not pretend.is_active

    with_reader(work)


def test_a_rospec_for_an_antenna_that_it_has_not_is_refused() -> None:
    async def work(pretend: PretendReader) -> None:
        settings = LlrpReaderSettings(name="r", host="h", antennas={9: "A9"})
        async with connected(pretend) as client:
            assert await client.ask(add_rospec(settings, Abilities(0, 0, 0, "", (), 0), shipped(GENERIC))) != 0

    with_reader(work)


def test_a_message_that_it_does_not_know_gets_an_error_and_the_connection_stays() -> None:
    async def work(pretend: PretendReader) -> None:
        async with connected(pretend) as client:
            assert await client.ask(CustomMessage(25882, 21)) == 109
            assert await client.ask(ADD) == 0

    with_reader(work)


def test_what_is_held_back_is_reported_when_the_client_asks_for_it() -> None:
    async def work(pretend: PretendReader) -> None:
        async with connected(pretend) as client:
            await client.ask(SetReaderConfig(0x80, (EventsAndReports(0x80),)))
            await client.ask(ADD)
            await client.ask(EnableRoSpec(1))
            for antenna in (1, 1, 2):
                pretend.see(EPC, antenna, -40.0)
            client.writer.write(encode_message(EnableEventsAndReports(), 50))
            _, _, body = await client.next(RoAccessReport.TYPE)
            ((epc, seen_by, rssi, _, _, count),) = decode_tags(body)
            assert (epc, seen_by, rssi, count) == (EPC, 1, -40, 2)

    with_reader(work)


def test_reads_without_a_client_wait_for_the_next_one() -> None:
    async def work(pretend: PretendReader) -> None:
        async with connected(pretend) as client:
            await client.ask(ADD)
            await client.ask(EnableRoSpec(1))
        await eventually(lambda: not pretend.has_client)
        pretend.see(EPC, 1, -40.0)
        async with connected(pretend) as client:
            client.writer.write(encode_message(EnableEventsAndReports(), 50))
            _, _, body = await client.next(RoAccessReport.TYPE)
            assert [tag[0] for tag in decode_tags(body)] == [EPC]

    with_reader(work)


def test_a_client_that_answers_no_keepalive_is_dropped() -> None:
    async def work(pretend: PretendReader) -> None:
        async with connected(pretend) as client:
            await client.ask(SetReaderConfig(0, (KeepaliveSpec(1, 10),)))
            await eventually(lambda: not pretend.has_client)

    with_reader(work)


def test_it_sees_what_a_source_says_at_its_time() -> None:
    async def source() -> AsyncIterator[tuple[float, str, int, float]]:
        for number in range(3):
            yield number * 0.01, f"{number:024X}", 1, -50.0

    async def work(pretend: PretendReader) -> None:
        async with connected(pretend) as client:
            await client.ask(ADD)
            await client.ask(EnableRoSpec(1))
            await pretend.follow(source())
            seen = [decode_tags((await client.next(RoAccessReport.TYPE))[2])[0][0] for _ in range(3)]
            assert seen == [f"{number:024X}" for number in range(3)]

    with_reader(work)
