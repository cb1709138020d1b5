"""Stock: what is where, how sure; and counts by hand."""

import asyncio
import hashlib
import sqlite3
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import TASKS, Desk, desk_of
from gateway.api.products import Body, Found, Gtin, PlaceName, Product, TimeMs, Token, product_of, values_of
from gateway.store import catalogue, counting, counts, items, shrink, stock
from gateway.store.tasks import Outcome
from models.codes.errors import BadCode
from models.codes.gs1 import ParsedCode, parse_code
from models.messages.facts import StockCounted
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/stock", tags=["stock"], route_class=StrictRoute)

MOST_PRODUCTS = 20_000
"""So many a handheld keeps at most."""
SEEN_GRAIN_MS = 600_000
_UNKNOWN = "This store's catalogue has no such product."


class Count(Body):
    """What somebody counted; ``t_ms`` is when, where it is sent later."""

    gtin: Gtin
    place: PlaceName
    quantity: Annotated[int, Field(ge=0, le=1_000_000)]
    count: Token
    t_ms: TimeMs | None = None


def product(desk: Desk, connection: sqlite3.Connection, gtin: str) -> Product:
    """One product with its stock. Raises ``Refused`` (404)."""
    now_ms = desk.clock.now_ms()
    row = catalogue.find(connection, gtin, now_ms)
    if row is None:
        raise Refused(404, "unknown_product", _UNKNOWN, "Check the number, or search by name.")
    (found,) = stock.of(connection, [row], desk.floor(connection), now_ms)
    return product_of(found, desk.settings.store.currency)


@router.get("", responses=errors())
async def search(
    request: Request,
    _clerk: Annotated[Clerk, Depends(CLERK)],
    q: Annotated[str, Query(max_length=4000)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Found:
    """Find products by part of a name in any language, GTIN, EPC, or any text that a scanner read."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    with desk.reading() as connection:
        rows = _rows(connection, q, now_ms, limit)
        found = stock.of(connection, rows, desk.floor(connection), now_ms)
    return Found(as_of_ms=now_ms, products=[product_of(one, desk.settings.store.currency) for one in found])


def _rows(connection: sqlite3.Connection, q: str, now_ms: int, limit: int) -> list[sqlite3.Row]:
    parsed = _parsed(q)
    gtin = None if parsed is None else gtin_of(connection, parsed)
    if gtin is not None and (row := catalogue.find(connection, gtin, now_ms)) is not None:
        return [row]
    return catalogue.search(connection, q, now_ms, limit)


def gtin_of(connection: sqlite3.Connection, code: ParsedCode) -> str | None:
    """Which product a code names; what its tag was folded as counts before what it says."""
    item = items.find(connection, code.epc) if code.epc else None
    return code.gtin if item is None or item["gtin"] is None else str(item["gtin"])


def _parsed(q: str) -> ParsedCode | None:
    try:
        return parse_code(q)
    except BadCode:
        # Half a number is no code, but a search for what begins or ends with it.
        return None


@router.get("/snapshot", response_model=Found, responses=errors() | {304: {"description": "Nothing changed since."}})
async def snapshot(request: Request, _clerk: Annotated[Clerk, Depends(CLERK)]) -> Response:
    """All products with their stock, for a handheld to keep while the network is gone; 304 while nothing changed."""
    etag, body = await asyncio.to_thread(_everything, desk_of(request))
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _everything(desk: Desk) -> tuple[str, bytes]:
    """The whole catalogue as JSON, and a hash of what matters of it: «seen a second later» is no news."""
    now_ms, currency = desk.clock.now_ms(), desk.settings.store.currency
    with desk.reading() as connection:
        found = stock.everything(connection, desk.floor(connection), now_ms, MOST_PRODUCTS)
    news = hashlib.sha256()
    products = []
    # One by one into JSON: as objects, 20,000 products take a hundred times the room.
    for one in found:
        values = values_of(one, currency)
        products.append(msgspec.Raw(msgspec.json.encode(values)))
        for place in values["places"]:
            place["last_seen_ms"] //= SEEN_GRAIN_MS
            del place["p"], place["age_ms"]
        for other in values["elsewhere"]:
            del other["t_ms"]
        news.update(msgspec.json.encode(values))
    return f'W/"{news.hexdigest()[:32]}"', msgspec.json.encode({"as_of_ms": now_ms, "products": products})


@router.get("/{gtin}", responses=errors(404))
async def one(
    request: Request, gtin: Annotated[Gtin, Path()], _clerk: Annotated[Clerk, Depends(CLERK)]
) -> Product:  # fmt: skip
    """One product with its stock."""
    desk = desk_of(request)
    with desk.reading() as connection:
        return product(desk, connection, gtin.zfill(14))


@router.post("/counts", responses=errors(404))
async def count(request: Request, body: Count, clerk: Annotated[Clerk, Depends(CLERK)]) -> Product:
    """Say how many there are; sent again with the same ``count`` it counts once."""
    desk = desk_of(request)
    gtin = body.gtin.zfill(14)
    now_ms = desk.clock.now_ms()
    fact = StockCounted(
        t_ms=now_ms if body.t_ms is None else min(body.t_ms, now_ms),
        gtin=gtin,
        place=body.place,
        quantity=body.quantity,
        by=clerk.id,
    )
    outcome = Outcome()

    def change(connection: sqlite3.Connection) -> None:
        if catalogue.find(connection, gtin, now_ms) is None:
            raise Refused(404, "unknown_product", _UNKNOWN, "Check the number, or search by name.")
        floor = desk.floor(connection)
        checked = counting.check(connection, fact, floor)
        if counts.fold_count(connection, fact, now_ms, body.count):
            outcome.join(counting.keep(connection, body.count, fact, checked, now_ms))
            lost = []
            if checked.expected is not None and not checked.by_readers:
                lost = shrink.counted(
                    connection, gtin=gtin, place=fact.place, expected=checked.expected, found=checked.found,
                    by=clerk.id, t_ms=fact.t_ms,
                )  # fmt: skip
            desk.send(connection, fact, *lost, *outcome.facts)
            desk.touched.add({gtin})

    await desk.writer.arun(change)
    if outcome.tasks:
        desk.watchers.tell(TASKS, outcome.tasks)
    desk.announce()
    with desk.reading() as connection:
        return product(desk, connection, gtin)


@router.delete("/counts/{count}", responses=errors(404, 409))
async def undo(
    request: Request, count: Annotated[Token, Path()], clerk: Annotated[Clerk, Depends(CLERK)]
) -> Product:  # fmt: skip
    """Take a count back within ten minutes."""
    desk = desk_of(request)
    now_ms, outcome = desk.clock.now_ms(), Outcome()

    def change(connection: sqlite3.Connection) -> str:
        entry = counts.find_count(connection, count)
        if entry is None:
            raise Refused(404, "unknown_count", "There is no such count.", "It may not have been sent yet.")
        if entry["entered_ms"] < now_ms - counts.UNDO_MS:
            raise Refused(409, "too_late", "A count can be taken back for ten minutes.", "Count again instead.")
        undone = counts.undo(connection, count)
        if undone is not None:
            shrink.undo_counted(connection, gtin=undone.gtin, place=undone.place, t_ms=entry["t_ms"])
            outcome.join(counting.undo(connection, entry, now_ms))
            quantity = max(undone.quantity, 0)
            desk.send(
                connection,
                StockCounted(t_ms=now_ms, gtin=undone.gtin, place=undone.place, quantity=quantity, by=clerk.id),
                *outcome.facts,
            )
            desk.touched.add({undone.gtin})
        return str(entry["gtin"])

    gtin = await desk.writer.arun(change)
    if outcome.tasks:
        desk.watchers.tell(TASKS, outcome.tasks)
    desk.announce()
    with desk.reading() as connection:
        return product(desk, connection, gtin)
