"""Baskets: what a shopper scans with a phone, and what a fixed scanner reads."""

import secrets
import sqlite3
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from gateway.api.access import BASKET_COOKIE, CLERK, SHOPPER, Clerk, Shopper, guard, room, set_cookie
from gateway.api.codes import parse
from gateway.api.desk import Desk, basket_topic, desk_of
from gateway.api.products import Body, Token
from gateway.api.stock import gtin_of
from gateway.baskets_told import tell_baskets
from gateway.core.basket import total
from gateway.store import baskets, catalogue, clerks, items, members, standing, stock
from models.messages.facts import BasketLineAdded, BasketLineRemoved, SaleLine
from models.messages.ids import SLUG_PATTERN
from models.process.refusals import errors, stream_errors
from models.process.web import PUBLIC, Refused, StrictRoute

router = APIRouter(prefix="/api", tags=["baskets"], route_class=StrictRoute)

PHONE = "phone"
"""What facts call the device of a shopper's own basket: which phone it is, nobody knows."""


class BasketLine(BaseModel):
    """Pieces of one product. Taking line ``n`` out takes out one piece, the one scanned last."""

    n: int
    gtin: str
    name_en: str
    name_zh: str
    quantity: int
    price_minor: int
    line_minor: int
    on_hand: int


class BasketMember(BaseModel):
    """Whose basket it is."""

    member: str
    points: int


class Basket(BaseModel):
    """A basket; ``basket`` is empty for a fixed scanner before which nothing stands."""

    basket: str
    lines: list[BasketLine]
    total_minor: int
    currency: str
    member: BasketMember | None
    lane: str | None = None
    """Where the shopper says that they stand in line."""
    is_paid: bool = False
    """The till sold just this: the basket is no more."""


class Line(Body):
    """Where a shopper stands in line to pay."""

    lane: Annotated[str, Field(pattern=SLUG_PATTERN)]


class Scan(Body):
    """What was scanned; ``scan`` is made by the client, so that what is sent twice counts once."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    scan: Token


def read(desk: Desk, connection: sqlite3.Connection, name: str | None) -> Basket:
    """Say a basket, with names and stock as they are now."""
    currency = desk.settings.store.currency
    if name is None:
        return Basket(basket="", lines=[], total_minor=0, currency=currency, member=None)
    kept = baskets.read(connection, name)
    now_ms = desk.clock.now_ms()
    rows = [row for line in kept.lines if (row := catalogue.find(connection, line.gtin, now_ms)) is not None]
    known = {one.product["gtin"]: one for one in stock.of(connection, rows, desk.floor(connection), now_ms)}
    lines = [
        BasketLine(
            n=line.n,
            gtin=line.gtin,
            name_en=known[line.gtin].product["name_en"] if line.gtin in known else "",
            name_zh=known[line.gtin].product["name_zh"] if line.gtin in known else "",
            quantity=line.quantity,
            price_minor=line.price_minor,
            line_minor=line.line_minor,
            on_hand=known[line.gtin].on_hand if line.gtin in known else 0,
        )
        for line in kept.lines
    ]
    owner = kept.member
    member = None if owner is None else BasketMember(member=owner, points=members.balance(connection, owner))
    return Basket(
        basket=name,
        lines=lines,
        total_minor=total(kept.lines),
        currency=currency,
        member=member,
        lane=standing.lane_of(connection, name, now_ms),
        is_paid=kept.is_closed and kept.device is None,
    )


@router.post("/baskets", status_code=201, dependencies=[Depends(PUBLIC)], responses=errors(429))
async def create(request: Request, response: Response) -> Basket:
    """Take a new basket; the cookie carries it."""
    desk = desk_of(request)
    guard(request, desk.baskets)
    token = secrets.token_urlsafe(32)
    name = await desk.writer.arun(
        lambda connection: baskets.create(connection, desk.clock.now_ms(), token_hash=clerks.hash_token(token))
    )
    set_cookie(desk, response, BASKET_COOKIE, token, baskets.ABANDONED_MS // 1000)
    return Basket(basket=name, lines=[], total_minor=0, currency=desk.settings.store.currency, member=None)


@router.get("/baskets/mine", responses=errors())
async def mine(request: Request, shopper: Annotated[Shopper, Depends(SHOPPER)]) -> Basket:
    """The basket whose cookie I carry."""
    desk = desk_of(request)
    with desk.reading() as connection:
        return read(desk, connection, shopper.basket)


@router.post("/baskets/mine/scans", responses=errors(404, 409))
async def scan(request: Request, body: Scan, shopper: Annotated[Shopper, Depends(SHOPPER)]) -> Basket:
    """Put what was scanned into my basket; a member's code says whose it is."""
    desk = desk_of(request)
    code = parse(body.text)
    now_ms = desk.clock.now_ms()

    def change(connection: sqlite3.Connection) -> None:
        if code.member is not None:
            baskets.attach(connection, shopper.basket, code.member, now_ms)
            return
        gtin = gtin_of(connection, code)
        row = None if gtin is None else catalogue.find(connection, gtin, now_ms)
        if gtin is None or row is None:
            raise Refused(404, "unknown_product", "This code names no product of this store.", "Ask a clerk.")
        price_minor, epc = row["price_minor"], items.tag_of(connection, gtin, code)
        if not baskets.add(
            connection, shopper.basket, gtin, price_minor=price_minor, t_ms=now_ms, scan=body.scan, epc=epc
        ):
            return
        if epc is not None:
            desk.settle(connection, baskets.scanned(connection, shopper.basket, epc, now_ms))
        line = SaleLine(gtin=gtin, quantity=1, price_minor=price_minor, epcs=() if epc is None else (epc,))
        desk.send(connection, BasketLineAdded(t_ms=now_ms, basket=shopper.basket, device=PHONE, line=line))

    try:
        await desk.writer.arun(change)
    except baskets.BasketFull as error:
        raise Refused(409, "basket_full", "The basket takes no more.", "Pay first, or ask a clerk.") from error
    return _told(desk, shopper.basket)


@router.delete("/baskets/mine/lines/{n}", responses=errors(404))
async def take_out(
    request: Request, n: Annotated[int, Path(ge=1, le=10_000)], shopper: Annotated[Shopper, Depends(SHOPPER)]
) -> Basket:
    """Take one piece out again, the last of line ``n``."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()

    def change(connection: sqlite3.Connection) -> None:
        removed = baskets.remove(connection, shopper.basket, n, now_ms)
        if removed is None:
            raise Refused(404, "unknown_line", "This is not in the basket.", "It may have been taken out already.")
        epc = baskets.tag_of(connection, shopper.basket, n)
        if epc is not None:
            desk.settle(connection, baskets.unscanned(connection, shopper.basket, epc, now_ms))
        line = SaleLine(
            gtin=removed.gtin, quantity=1, price_minor=removed.price_minor, epcs=() if epc is None else (epc,)
        )
        desk.send(connection, BasketLineRemoved(t_ms=now_ms, basket=shopper.basket, device=PHONE, line=line))

    await desk.writer.arun(change)
    return _told(desk, shopper.basket)


def _told(desk: Desk, basket: str) -> Basket:
    desk.touched.add(set(), [basket])
    desk.announce()
    with desk.reading() as connection:
        return read(desk, connection, basket)


@router.put("/baskets/mine/lane", responses=errors(404, 409))
async def stand_in_line(request: Request, body: Line, shopper: Annotated[Shopper, Depends(SHOPPER)]) -> Basket:
    """Say where I stand in line: that lane's wait takes my basket into account, by its number of pieces alone."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    if body.lane not in {lane.lane for lane in desk.samples.lanes(now_ms)}:
        raise Refused(404, "no_such_lane", "There is no such checkout.", "Look at the number above it.")

    def change(connection: sqlite3.Connection) -> None:
        if not baskets.read(connection, shopper.basket).lines:
            raise Refused(409, "empty_basket", "The basket is empty.", "Scan something first.")
        standing.stand(connection, shopper.basket, body.lane, now_ms)

    await desk.writer.arun(change)
    tell_baskets(desk)
    return _told(desk, shopper.basket)


@router.delete("/baskets/mine/lane", responses=errors())
async def leave_line(request: Request, shopper: Annotated[Shopper, Depends(SHOPPER)]) -> Basket:
    """Say that I went on shopping."""
    desk = desk_of(request)
    await desk.writer.arun(lambda connection: standing.leave(connection, shopper.basket))
    tell_baskets(desk)
    return _told(desk, shopper.basket)


@router.get(
    "/baskets/mine/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(room)],
    responses=stream_errors(),
)
async def events(request: Request, shopper: Annotated[Shopper, Depends(SHOPPER)]) -> AsyncIterator[ServerSentEvent]:
    """My basket now and after each change, as the event ``basket``."""
    desk = desk_of(request)
    async for _news in desk.watchers.watch({basket_topic(shopper.basket)}):
        with desk.reading() as connection:
            now = read(desk, connection, shopper.basket)
        yield ServerSentEvent(event="basket", data=now)


@router.get("/devices/{device}/basket", responses=errors())
async def of_device(
    request: Request,
    device: Annotated[str, Path(pattern=SLUG_PATTERN)],
    _clerk: Annotated[Clerk, Depends(CLERK)],
) -> Basket:
    """The basket before a fixed scanner."""
    desk = desk_of(request)
    with desk.reading() as connection:
        return read(desk, connection, baskets.of_device(connection, device, desk.clock.now_ms()))
