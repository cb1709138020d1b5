"""A reader that sends nonsense over the wire: every report is read or refused, every cut is survived."""

import asyncio
import random

from firmware_stubs.llrp.answers import event
from models.llrp.codec import encode_message, encode_parameters, frame_bytes
from models.llrp.layout import BitString
from models.llrp.messages import RoAccessReport
from models.llrp.reports import (
    CONNECTED,
    AntennaId,
    ConnectionAttemptEvent,
    Custom,
    Epc96,
    EpcData,
    LastSeenUtc,
    PeakRssi,
    TagReportData,
)
from tests.llrp.listening import Heard, eventually
from tests.llrp.test_llrp_reader import Bench, bench


def report(draw: random.Random) -> bytes:
    """The body of a report of some tags, as Impinj and Zebra send them, with parameters that we do not know."""
    tags = [
        TagReportData(
            (Epc96(draw.randbytes(12)), AntennaId(1), PeakRssi(-50), LastSeenUtc(1), Custom(25_882, 57, b"ab"))
        )
        for _ in range(draw.randint(1, 5))
    ]
    tags.append(TagReportData((EpcData(BitString(64, draw.randbytes(8))), AntennaId(2), Custom(161, 709, b"cd"))))
    return encode_parameters(tuple(tags))


def mutated(body: bytes, draw: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(draw.randint(1, 8)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data[: draw.randint(0, len(data))] if draw.random() < 0.2 else data)


def test_two_thousand_mutated_reports_over_the_wire_are_read_or_refused_and_the_link_stands(heard: Heard) -> None:
    draw = random.Random(22)

    async def run() -> None:
        async with bench(heard) as b:
            await b.read()
            for number in range(2000):
                b.pretend.send_bytes(frame_bytes(RoAccessReport.TYPE, mutated(report(draw), draw), number))
                if number % 100 == 0:
                    await asyncio.sleep(0)
            await b.read("A" * 24)
            assert 200 < b.reader.counts.refused < 1900
            assert len(b.refused) == b.reader.counts.refused
            assert b.pretend.connections == 1

    asyncio.run(run())
    assert heard.values() == ["reader_connected"]
    assert all(sighting.t_ms > 0 and sighting.antenna in {1, 2} for sighting in heard.sightings)


def test_a_greeting_cut_at_every_byte_is_survived_and_the_next_one_is_taken(heard: Heard) -> None:
    greeting = encode_message(event(ConnectionAttemptEvent(CONNECTED), 1), 0)
    served: list[int] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting[: len(served) % len(greeting)])
        served.append(1)
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        b = Bench(_At(port), heard, retry_s=0.0, retry_max_s=0.0)  # type: ignore[arg-type] # it only needs a port
        async with b.reader:
            await eventually(lambda: len(served) > len(greeting))
            assert b.codes() == {"reader.r": "hung_up"}
        server.close()
        await server.wait_closed()

    asyncio.run(run())
    assert heard.events == []


class _At:
    """Somebody on a port."""

    def __init__(self, port: int) -> None:
        self.port = port
