"""The planogram: what belongs where; managers edit it by hand, by CSV, or take what stands now.

Every edit answers with ``change``, under which it can be undone for ten minutes.
"""

import secrets
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from gateway.api.access import CLERK, MANAGER, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body, Gtin, PlaceName, Token
from gateway.core.planogram import Slot, learn
from gateway.core.stock import Floor
from gateway.store import catalogue, items, planogram, stock
from gateway.store.shelf_batch import Places
from models.codes.plan_csv import BadPlan, check_numbers, read_plan, write_plan
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api", tags=["planogram"], route_class=StrictRoute)

AT_ONCE: Final = 500
"""Slots that are changed in one go: some 20 ms, in which nothing else is written."""
_CSV: Final = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
_AS_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The plan."}
}
Manager = Annotated[Clerk, Depends(MANAGER)]
Shelf = Annotated[PlaceName, Path()]
GtinPath = Annotated[Gtin, Path()]


class SlotBody(Body):
    """How a product shall stand on a shelf."""

    facings: Annotated[int, Field(ge=1, le=100_000)]
    capacity: Annotated[int, Field(ge=1, le=100_000)]
    low: Annotated[int, Field(ge=0, le=100_000)]


class Planned(BaseModel):
    """A product on a shelf of the plan."""

    gtin: str
    name_en: str | None
    name_zh: str | None
    facings: int
    capacity: int
    low: int


class ShelfPlan(BaseModel):
    """One shelf of the plan."""

    shelf: str
    products: list[Planned]


class Plan(BaseModel):
    """The whole plan."""

    as_of_ms: int
    shelves: list[ShelfPlan]


class RefusedLine(BaseModel):
    """A line of a file that was left out."""

    line: int
    why: str


class Changed(BaseModel):
    """How many slots really changed; ``change`` undoes them for ten minutes, ``null`` where nothing did."""

    rows: int
    change: str | None


class Imported(Changed):
    """What an import did: ``rows`` good lines of the file, and the lines that were left out, with why."""

    refused: list[RefusedLine]


class LearnedSlot(BaseModel):
    """One slot of a plan that was learned."""

    shelf: str
    gtin: str
    facings: int
    capacity: int
    low: int


class Learned(Changed):
    """What was taken from the shelves: ``rows`` slots, each in ``proposal``."""

    proposal: list[LearnedSlot]


class LearnWish(Body):
    """Whether the plan shall be changed at once, or only be proposed."""

    apply: bool = True


@router.get("/planogram", responses=errors())
async def plan(request: Request, _clerk: Annotated[Clerk, Depends(CLERK)]) -> Plan:
    """What belongs where, shelf by shelf."""
    desk = desk_of(request)
    with desk.reading() as connection:
        slots = planogram.live(connection)
        named = catalogue.names(connection, {slot.gtin for slot in slots})
    shelves: dict[str, list[Planned]] = {}
    for slot in slots:
        name_en, name_zh = named.get(slot.gtin, (None, None))
        shelves.setdefault(slot.shelf, []).append(
            Planned(
                gtin=slot.gtin, name_en=name_en, name_zh=name_zh, facings=slot.facings, capacity=slot.capacity,
                low=slot.low,
            )
        )  # fmt: skip
    found = [ShelfPlan(shelf=shelf, products=products) for shelf, products in shelves.items()]
    return Plan(as_of_ms=desk.clock.now_ms(), shelves=found)


@router.get("/planogram.csv", responses=errors() | _AS_CSV, response_class=Response)
async def export(request: Request, _manager: Manager) -> Response:
    """The whole plan as CSV, as ``import`` takes it."""
    with desk_of(request).reading() as connection:
        slots = planogram.live(connection)
    text = write_plan((slot.shelf, slot.gtin, slot.facings, slot.capacity, slot.low) for slot in slots)
    headers = {"content-disposition": 'attachment; filename="planogram.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.put("/planogram/{shelf}/{gtin}", responses=errors(404))
async def put(request: Request, shelf: Shelf, gtin: GtinPath, body: SlotBody, _manager: Manager) -> Changed:
    """Say how a product stands on a shelf."""
    desk, number = desk_of(request), gtin.zfill(14)
    why = check_numbers(body.facings, body.capacity, body.low)
    if why is not None:
        raise Refused(422, "bad_slot", f"This cannot be: {why}.", "Correct the numbers.")
    with desk.reading() as connection:
        if catalogue.find(connection, number, desk.clock.now_ms()) is None:
            raise Refused(404, "unknown_product", _UNKNOWN, "Check the number, or search by name.")
    return await edit(desk, [Slot(number, shelf, body.facings, body.capacity, body.low)])


@router.delete("/planogram/{shelf}/{gtin}", responses=errors(404))
async def remove(request: Request, shelf: Shelf, gtin: GtinPath, _manager: Manager) -> Changed:
    """Say that a product no longer belongs on a shelf."""
    desk, number = desk_of(request), gtin.zfill(14)
    with desk.reading() as connection:
        known = planogram.find(connection, number, shelf)
    if known is None:
        raise Refused(404, "not_planned", "The plan has no such product on this shelf.", "Nothing has to be done.")
    return await edit(desk, [Slot(number, shelf, 0, 0, 0)])


@router.post("/planogram/import", responses=errors(), openapi_extra=_CSV)
async def import_csv(request: Request, _manager: Manager) -> Imported:
    """Take over a plan as CSV (``shelf,gtin,facings,capacity,low``); lines that cannot be used are named with why."""
    desk = desk_of(request)
    try:
        lines, bad = read_plan(await request.body())
    except BadPlan as error:
        raise Refused(
            422, "bad_plan", f"This is no planogram: {error}.", "Export the plan to see how it looks."
        ) from error
    refused = [RefusedLine(line=one.line, why=one.why) for one in bad]
    with desk.reading() as connection:
        known = catalogue.names(connection, {line.gtin for line in lines})
    refused += [RefusedLine(line=line.line, why=_UNKNOWN) for line in lines if line.gtin not in known]
    good = [line for line in lines if line.gtin in known]
    done = await edit(desk, [Slot(one.gtin, one.shelf, one.facings, one.capacity, one.low) for one in good])
    return Imported(rows=len(good), change=done.change, refused=sorted(refused, key=lambda one: one.line))


@router.post("/planogram/learn", responses=errors())
async def learn_plan(request: Request, _manager: Manager, body: LearnWish | None = None) -> Learned:
    """Take what stands now as the plan, where the plan lacks it or has less room; ``apply`` false only says it."""
    desk = desk_of(request)
    with desk.reading() as connection:
        slots = _learned(connection, desk.floor(connection))
    change = None
    if body is None or body.apply:
        change = (await edit(desk, slots)).change
    proposal = [
        LearnedSlot(shelf=slot.shelf, gtin=slot.gtin, facings=slot.facings, capacity=slot.capacity, low=slot.low)
        for slot in slots
    ]
    return Learned(rows=len(slots), change=change, proposal=proposal)


@router.delete("/planogram/changes/{change}/undo", responses=errors(404))
async def undo(request: Request, change: Annotated[Token, Path()], _manager: Manager) -> Changed:
    """Take an edit, an import or a learned plan back within ten minutes."""
    desk = desk_of(request)
    with desk.reading() as connection:
        slots = planogram.before(connection, change, desk.clock.now_ms())
    if not slots:
        raise Refused(
            404, "unknown_change", "No such change is remembered.", "A change can be undone for ten minutes."
        )
    return await edit(desk, slots)


_UNKNOWN: Final = "This store's catalogue has no such product."


async def edit(desk: Desk, slots: Sequence[Slot]) -> Changed:
    """Change the plan, tell headquarters, judge anew what stands where, and say what really changed."""
    change, rows = "plan-" + secrets.token_hex(8), 0
    for start in range(0, len(slots), AT_ONCE):
        portion = partial(_edit, desk, slots=slots[start : start + AT_ONCE], change=change)
        rows += await desk.writer.arun(portion)
    desk.announce()
    return Changed(rows=rows, change=change if rows else None)


def _edit(desk: Desk, connection: sqlite3.Connection, slots: Sequence[Slot], change: str) -> int:
    facts = planogram.edit(connection, slots, change, desk.clock.now_ms())
    gtins = {fact.gtin for fact in facts}
    desk.send(connection, *facts)
    store = desk.settings.store
    desk.settle(connection, items.rejudge(connection, sorted(gtins), Places(store.backroom, store.counter)))
    desk.touched.add(gtins)
    return len(facts)


def _learned(connection: sqlite3.Connection, floor: Floor) -> list[Slot]:
    tagged, counted = stock.standings(connection, None)
    standing: dict[str, dict[str, int]] = {}
    for gtin, found in (*counted.items(), *tagged.items()):
        for one in found:
            watch = floor.watches.get(one.place)
            is_known = one.p is None or watch is None or watch.state == "reading"
            if floor.kind(one.place) == "shelf" and is_known:
                standing.setdefault(gtin, {})[one.place] = one.quantity
    known = {(slot.gtin, slot.shelf): slot for slot in planogram.live(connection)}
    return learn(_known_products(connection, standing), known)


def _known_products(connection: sqlite3.Connection, standing: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    named = catalogue.names(connection, standing)
    return {gtin: shelves for gtin, shelves in standing.items() if gtin in named}
