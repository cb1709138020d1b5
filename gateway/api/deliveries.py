"""Deliveries: what is on its way, what of it was seen, and what came in the end."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, MANAGER, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Token
from gateway.core.deliveries import Tally
from gateway.store import catalogue, deliveries
from gateway.store.fold import DELIVERIES
from models.codes.notice import Notice
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/deliveries", tags=["deliveries"], route_class=StrictRoute)

T = TypeVar("T")
MOST_LINES_TOLD: Final = 5000
Name = Annotated[Token, Path()]
_Caller = Annotated[Clerk, Depends(CLERK)]


class DeliveryGlance(BaseModel):
    """A delivery and how far it is: units and pieces, seen or received of expected."""

    delivery: str
    supplier: str
    due_ms: int
    state: Literal["expected", "open", "received", "cancelled"]
    units: int
    units_seen: int
    expected: int
    received: int
    unexpected_pieces: int
    received_ms: int | None
    by: str | None
    by_name: str | None


class Deliveries(BaseModel):
    """Deliveries: those that are open first, then by when they are due, then what came."""

    as_of_ms: int
    deliveries: list[DeliveryGlance]


class DeliveryLineState(BaseModel):
    """What of a line came, by each witness; ``received`` is what the one says that saw most."""

    gtin: str
    name_en: str | None
    name_zh: str | None
    expected: int
    by_unit: int
    by_tag: int
    by_hand: int
    received: int


class UnitState(BaseModel):
    """A unit: when it was first seen, and whether somebody took it over unopened."""

    sscc: str | None
    seen_ms: int | None
    accepted: bool
    lines: list[DeliveryLineState]


class UnexpectedState(BaseModel):
    """Something that the notice does not speak of."""

    gtin: str | None
    epc: str | None
    sscc: str | None
    name_en: str | None
    name_zh: str | None
    quantity: int


class Delivery(DeliveryGlance):
    """One delivery with everything that is known of it."""

    units_list: list[UnitState]
    unexpected: list[UnexpectedState]


@router.get("", responses=errors())
async def get_deliveries(
    request: Request, _clerk: _Caller, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Deliveries:
    """What is being received, what is on its way, and what came."""
    desk = desk_of(request)
    found = await asyncio.to_thread(_glances, desk, limit)
    return Deliveries(as_of_ms=desk.clock.now_ms(), deliveries=found)


def _glances(desk: Desk, limit: int) -> list[DeliveryGlance]:
    with desk.reading() as connection:
        return [
            DeliveryGlance(**_glance(row, deliveries.tally_of(connection, row["delivery"])))
            for row in deliveries.newest(connection, limit)
        ]


@router.get("/{delivery}", responses=errors(404))
async def one(request: Request, delivery: Name, _clerk: _Caller) -> Delivery:
    """One delivery, unit by unit."""
    with desk_of(request).reading() as connection:
        return delivery_of(connection, delivery)


@router.post("", status_code=201, responses=errors(409))
async def expect(request: Request, body: Notice, _manager: Annotated[Clerk, Depends(MANAGER)]) -> Delivery:
    """Say what is on its way; said again, the newest holds until it arrives."""
    desk = desk_of(request)

    def change(connection: sqlite3.Connection) -> Delivery:
        known = deliveries.find(connection, body.delivery)
        if known is not None and known["state"] == "received":
            raise Refused(409, "received", "This delivery has been received.", "Give the new one another number.")
        fact = body.fact(max(desk.clock.now_ms(), 0 if known is None else known["t_ms"] + 1))
        deliveries.fold_expected(connection, [fact])
        desk.send(connection, fact)
        return delivery_of(connection, body.delivery)

    return await change_and_tell(desk, body.delivery, change)


def row_of(connection: sqlite3.Connection, delivery: str) -> sqlite3.Row:
    """One delivery. Raises ``Refused`` (404)."""
    row = deliveries.find(connection, delivery)
    if row is None:
        raise Refused(
            404, "unknown_delivery", "No such delivery is expected.", "Ask the manager to enter its notice."
        )
    return row


def _glance(row: sqlite3.Row, tally: Tally) -> dict[str, Any]:
    numbered = [unit for unit in tally.units if unit.sscc is not None]
    return {
        "delivery": row["delivery"],
        "supplier": row["supplier"],
        "due_ms": row["due_ms"],
        "state": row["state"],
        "units": len(numbered),
        "units_seen": sum(unit.seen_ms is not None for unit in numbered),
        "expected": tally.expected,
        "received": tally.received,
        "unexpected_pieces": sum(one.quantity for one in tally.unexpected),
        "received_ms": row["received_ms"],
        "by": row["clerk"],
        "by_name": row["by_name"],
    }


def delivery_of(connection: sqlite3.Connection, delivery: str) -> Delivery:
    """One delivery with everything that is known of it. Raises ``Refused`` (404)."""
    row, tally = row_of(connection, delivery), deliveries.tally_of(connection, delivery)
    gtins = {line.gtin for unit in tally.units for line in unit.lines}
    names = catalogue.names(connection, gtins | {one.gtin for one in tally.unexpected if one.gtin is not None})

    def named(gtin: str | None) -> dict[str, str | None]:
        name_en, name_zh = names.get(gtin or "", (None, None))
        return {"gtin": gtin, "name_en": name_en, "name_zh": name_zh}

    units = [
        {
            "sscc": unit.sscc,
            "seen_ms": unit.seen_ms,
            "accepted": unit.accepted,
            "lines": [
                {
                    **named(line.gtin),
                    "expected": line.expected,
                    "by_unit": line.by_unit,
                    "by_tag": line.by_tag,
                    "by_hand": line.by_hand,
                    "received": line.received,
                }
                for line in unit.lines
            ],
        }
        for unit in tally.units
    ]
    unexpected = [
        {**named(one.gtin), "epc": one.epc, "sscc": one.sscc, "quantity": one.quantity} for one in tally.unexpected
    ]
    return Delivery.model_validate({**_glance(row, tally), "units_list": units, "unexpected": unexpected})


async def change_and_tell(desk: Desk, delivery: str, change: Callable[[sqlite3.Connection], T]) -> T:
    """Change something of a delivery and tell who watches."""
    answer = await desk.writer.arun(change)
    desk.watchers.tell(DELIVERIES, [delivery])
    desk.announce()
    return answer
