"""Headquarters' two routes over real ends of a stream: ``pretend_headquarters.py FILE CERTIFICATES PORT KEY``.

Every fifth request is refused, so that whoever passes has tried again. Prices that it tells the store are there from
the start.
"""

import asyncio
import itertools
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response

from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.outbox import Outbox, read_head
from cloud_sync.stream.writer import Writer
from models.messages.codec import decode, decode_batch, encode
from models.messages.envelopes import Ack
from models.messages.facts import PriceChanged
from models.messages.ids import StreamClass
from models.process.clock import SystemClock

PRICES = [PriceChanged(t_ms=n, gtin="00012345678905", price_minor=n, currency="EUR") for n in range(400)]

path, certificates, port, key = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
app = FastAPI()
writer = Writer(path)
outbox = Outbox(clock=SystemClock())
calls = itertools.count(1)


def fold(connection: sqlite3.Connection, origin: Origin, facts: Sequence[Received]) -> None:
    rows = [(origin.node, origin.stream, origin.epoch, f.number, type(f.fact).__name__, f.raw) for f in facts]
    connection.executemany("INSERT INTO folded VALUES(?,?,?,?,?,?)", rows)


inbox = Inbox(fold, clock=SystemClock())


def refuses(request: Request) -> bool:
    return next(calls) % 5 == 0 or request.headers["authorization"] != f"Bearer {key}"


@app.post("/v1/streams/{node}/{stream}")
async def up(request: Request, node: str, stream: StreamClass) -> Response:
    if refuses(request):
        return Response(status_code=503)
    batch = decode_batch(await request.body())
    ack = await writer.arun(lambda c: inbox.receive(c, node, stream, batch))
    return Response(encode(ack))


@app.post("/v1/down/{stream}")
async def down(request: Request, stream: StreamClass) -> Response:
    if refuses(request):
        return Response(status_code=503)
    ack = decode(await request.body(), Ack)
    await writer.arun(lambda c: outbox.acknowledge(c, "s1", stream, ack))
    with writer.reading() as connection:
        head = read_head(connection, "s1", stream)
        first = ack.upto + 1 if head and head.epoch == ack.epoch else 1
        found = outbox.batch(connection, "s1", stream, first, most_facts=50)
    if found:
        return Response(found.payload)
    await asyncio.sleep(0.2)
    return Response(status_code=204)


if __name__ == "__main__":
    with writer.reading() as reading:
        is_told = read_head(reading, "s1", StreamClass.LEDGER) is not None
    if not is_told:
        for price in PRICES:
            writer.submit(lambda c, price=price: outbox.append(c, "s1", [price]))  # type: ignore[misc]
    pem, private = str(certificates / "127.0.0.1.pem"), str(certificates / "127.0.0.1.key")
    uvicorn.run(app, port=port, log_level="error", ssl_certfile=pem, ssl_keyfile=private)
