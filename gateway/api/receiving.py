"""Receiving a delivery: what clerks scan of it, and what follows when they close it.

Who scans a unit's number takes it over unopened: its lines came. To look inside, scan its pieces instead, or send
``accept`` as false. What clerks send carries a ``seen`` that they made, so that what is sent twice counts once.
"""

import sqlite3
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from gateway.api.access import CLERK, Clerk
from gateway.api.codes import parse
from gateway.api.deliveries import Delivery, Name, change_and_tell, delivery_of, row_of
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body, TimeMs, Token
from gateway.api.stock import gtin_of
from gateway.core.deliveries import Seen
from gateway.store import catalogue, counts, deliveries, tasks
from models.codes.gs1 import ParsedCode
from models.messages.facts import StockChanged
from models.messages.goods import DeliveryReceived, ReceivedLine
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/deliveries", tags=["deliveries"], route_class=StrictRoute)
MOST_LINES_TOLD: Final = 5000
_Caller = Annotated[Clerk, Depends(CLERK)]


class Scan(Body):
    """Any text that a scanner read, or a number that was typed: a unit's, a product's, a tag's."""

    code: Annotated[str, Field(min_length=1, max_length=4000)]
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    accept: bool = True
    seen: Token | None = None
    t_ms: TimeMs | None = None


class Unscan(Body):
    """Which scan to take back; the caller's last one if none is named."""

    seen: Token | None = None


class Scanned(BaseModel):
    """What a scan was: ``expected`` here or not, and then which other delivery awaits it (``elsewhere``)."""

    kind: Literal["unit", "tag", "hand"]
    expected: bool
    elsewhere: str | None
    gtin: str | None
    sscc: str | None
    epc: str | None
    name_en: str | None
    name_zh: str | None
    quantity: int
    pieces_expected: int
    pieces_received: int


@router.post("/{delivery}/open", responses=errors(404, 409))
async def open_delivery(request: Request, delivery: Name, clerk: _Caller) -> Delivery:
    """Begin to receive a delivery."""
    desk = desk_of(request)

    def change(connection: sqlite3.Connection) -> Delivery:
        row = row_of(connection, delivery)
        if row["state"] == "expected":
            deliveries.set_state(connection, delivery, "open", clerk.id, desk.clock.now_ms())
        elif row["state"] != "open":
            raise _over(row)
        return delivery_of(connection, delivery)

    return await change_and_tell(desk, delivery, change)


@router.post("/{delivery}/seen", responses=errors(404, 409))
async def see(request: Request, delivery: Name, body: Scan, clerk: _Caller) -> Scanned:
    """Say what a scanner read. A unit's number takes the unit over unopened, unless ``accept`` is false."""
    desk, code = desk_of(request), parse(body.code)

    def change(connection: sqlite3.Connection) -> Scanned:
        row, now_ms = row_of(connection, delivery), desk.clock.now_ms()
        if row["state"] == "expected":
            deliveries.set_state(connection, delivery, "open", clerk.id, now_ms)
        elif row["state"] != "open":
            raise _over(row)
        one = _seen(connection, code, body, now_ms if body.t_ms is None else min(body.t_ms, now_ms))
        deliveries.see(connection, delivery, one, clerk.id, body.seen)
        return _scanned(connection, delivery, one)

    return await change_and_tell(desk, delivery, change)


@router.post("/{delivery}/unsee", responses=errors(404, 409))
async def unsee(request: Request, delivery: Name, clerk: _Caller, body: Unscan | None = None) -> Delivery:
    """Take back the caller's last scan, or the one that they name."""
    desk = desk_of(request)

    def change(connection: sqlite3.Connection) -> Delivery:
        row = row_of(connection, delivery)
        if row["state"] != "open":
            raise _over(row)
        if deliveries.unsee(connection, delivery, clerk.id, None if body is None else body.seen) is None:
            raise Refused(404, "nothing", "You have scanned nothing here that could be taken back.", "Scan first.")
        return delivery_of(connection, delivery)

    return await change_and_tell(desk, delivery, change)


@router.post("/{delivery}/received", responses=errors(404, 409))
async def receive(request: Request, delivery: Name, clerk: _Caller) -> Delivery:
    """Close a delivery: goods without tags are in the back room's books, and headquarters knows what came."""
    desk = desk_of(request)

    def change(connection: sqlite3.Connection) -> Delivery:
        row = row_of(connection, delivery)
        if row["state"] == "cancelled":
            raise _over(row)
        if row["state"] != "received":
            _close(desk, connection, delivery, clerk)
        return delivery_of(connection, delivery)

    return await change_and_tell(desk, delivery, change)


@router.post("/{delivery}/reopen", responses=errors(404, 409))
async def reopen(request: Request, delivery: Name, _clerk: _Caller) -> Delivery:
    """Take back within ten minutes that a delivery was received; what it put into the books is taken out again."""
    desk = desk_of(request)

    def change(connection: sqlite3.Connection) -> Delivery:
        row, now_ms = row_of(connection, delivery), desk.clock.now_ms()
        if row["state"] == "open":
            return delivery_of(connection, delivery)
        if row["state"] != "received":
            raise _over(row)
        if row["received_ms"] < now_ms - deliveries.UNDO_MS:
            raise Refused(409, "too_late", "A delivery can be opened again for ten minutes.", "Count instead.")
        for gtin, quantity in deliveries.take_booked(connection, delivery):
            _book(desk, connection, delivery, gtin, -quantity)
        deliveries.reopen(connection, delivery)
        desk.send(connection, deliveries.notice(connection, delivery, max(now_ms, row["received_ms"] + 1)))
        return delivery_of(connection, delivery)

    return await change_and_tell(desk, delivery, change)


def _over(row: sqlite3.Row) -> Refused:
    if row["state"] == "cancelled":
        return Refused(409, "cancelled", "This delivery was cancelled.", "Call the supplier before you take it.")
    if row["state"] == "received":
        who = row["by_name"] or "Somebody"
        return Refused(409, "received", f"{who} has received this delivery.", "Open it again within ten minutes.")
    return Refused(409, "not_open", "Nobody has begun to receive this delivery.", "Begin with it first.")


def _seen(connection: sqlite3.Connection, code: ParsedCode, body: Scan, t_ms: int) -> Seen:
    """What a code is, as something seen. Raises ``Refused`` where it names neither product nor unit."""
    if code.sscc is not None:
        return Seen("unit", t_ms, sscc=code.sscc, epc=code.epc, accepted=body.accept)
    gtin = gtin_of(connection, code)
    if code.epc is not None:
        return Seen("tag", t_ms, epc=code.epc, gtin=gtin)
    if gtin is None:
        raise Refused(422, "bad_code", "This code names neither a product nor a unit.", "Scan another code of it.")
    return Seen("hand", t_ms, gtin=gtin, quantity=body.quantity)


def _scanned(connection: sqlite3.Connection, delivery: str, one: Seen) -> Scanned:
    tally = deliveries.tally_of(connection, delivery)
    lines = [line for unit in tally.units for line in unit.lines if _is_of(one, unit.sscc, line.gtin)]
    elsewhere = None
    if not lines and (one.epc is not None or one.sscc is not None):
        awaiting = deliveries.awaiting(connection, epc=one.epc, sscc=one.sscc)
        elsewhere = awaiting if awaiting != delivery else None
    names = catalogue.names(connection, [one.gtin]) if one.gtin is not None else {}
    name_en, name_zh = names.get(one.gtin or "", (None, None))
    return Scanned(
        kind=one.kind,
        expected=bool(lines),
        elsewhere=elsewhere,
        gtin=one.gtin,
        sscc=one.sscc,
        epc=one.epc,
        name_en=name_en,
        name_zh=name_zh,
        quantity=one.quantity,
        pieces_expected=sum(line.expected for line in lines),
        pieces_received=sum(line.received for line in lines),
    )


def _is_of(one: Seen, sscc: str | None, gtin: str) -> bool:
    return one.sscc == sscc if one.kind == "unit" else one.gtin == gtin


def _close(desk: Desk, connection: sqlite3.Connection, delivery: str, clerk: Clerk) -> None:
    """Enter what came into the books and tell headquarters."""
    now_ms = desk.clock.now_ms()
    tally = deliveries.tally_of(connection, delivery)
    for gtin in {line.gtin for unit in tally.units for line in unit.lines}:
        _expected, received = tally.by_product()[gtin]
        # Pieces with tags come by their own reads; what nobody expected is kept apart until somebody decides.
        if received and not tasks.is_tagged(connection, gtin):
            _book(desk, connection, delivery, gtin, received)
            deliveries.keep_booked(connection, delivery, gtin, received)
    deliveries.set_state(connection, delivery, "received", clerk.id, now_ms)
    sums = sorted(tally.by_product().items())[:MOST_LINES_TOLD]
    seen = [unit.sscc for unit in tally.units if unit.seen_ms is not None and unit.sscc is not None]
    seen += [one.sscc for one in tally.unexpected if one.sscc is not None]
    fact = DeliveryReceived(
        t_ms=now_ms,
        delivery=delivery,
        by=clerk.id,
        lines=tuple(ReceivedLine(gtin=gtin, expected=e, received=r) for gtin, (e, r) in sums),
        units=tuple(seen[:500]),
    )
    desk.send(connection, fact)


def _book(desk: Desk, connection: sqlite3.Connection, delivery: str, gtin: str, delta: int) -> None:
    fact = StockChanged(
        t_ms=desk.clock.now_ms(),
        gtin=gtin,
        place=desk.settings.store.backroom,
        delta=delta,
        reason="delivery",
        reference=delivery,
    )
    desk.send(connection, counts.book(connection, fact))
    desk.touched.add({gtin})
