"""Tagged items: where each is, what became of it and why the store believes so; those that need somebody."""

import sqlite3
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body, Gtin, PlaceName
from gateway.core import life
from gateway.core.life import State
from gateway.store import items, plan_shelves
from gateway.store.life import Happening, happen
from gateway.store.shelf_batch import Places, standing
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/items", tags=["items"], route_class=StrictRoute)

Epc = Annotated[str, Path(pattern=r"^(?:[0-9A-Fa-f]{4}){1,31}$")]


class Proof(BaseModel):
    """Why the store believes a step: what a reader read, which door, sale or basket, who said so.

    ``reason`` is why an item counts as missing, or ``inferred`` where a till gave the product's number only,
    ``planogram`` where the plan changed and not the item.
    """

    reads: int | None = None
    rssi_dbm: float | None = None
    read_rate: float | None = None
    last_read_ms: int | None = None
    door: str | None = None
    sale: str | None = None
    basket: str | None = None
    by: str | None = None
    delivery: str | None = None
    alarm: str | None = None
    reason: str | None = None


class ItemChange(BaseModel):
    """One step of an item's life: what happened, and what the item was after it.

    A ``retracted`` step was the store's own conclusion (given up, paid by inference), which something proved wrong.
    """

    t_ms: int
    event: str
    state: str
    place: str
    p: float
    evidence: Proof


class ItemBrief(BaseModel):
    """A tagged item as it is now; ``belongs`` are the shelves where the planogram wants its product."""

    epc: str
    gtin: str | None
    serial: str | None
    name_en: str | None
    name_zh: str | None
    state: State
    place: str
    belongs: list[str]
    p: float
    last_seen_ms: int
    since_ms: int


class Item(ItemBrief):
    """A tagged item with the newest steps of its life, the newest first."""

    history: list[ItemChange]


class Items(BaseModel):
    """Items in one state, those that came into it last first."""

    as_of_ms: int
    items: list[ItemBrief]


class FoundAt(Body):
    """Where somebody found it."""

    place: PlaceName


def _brief(row: sqlite3.Row, shelves: dict[str, list[str]]) -> dict[str, object]:
    names = ("epc", "gtin", "serial", "name_en", "name_zh", "state", "place", "since_ms")
    return {name: row[name] for name in names} | {
        "p": round(row["p"], 3),
        "last_seen_ms": row["seen_ms"],
        "belongs": shelves.get(row["gtin"], []),
    }


def item(connection: sqlite3.Connection, epc: str) -> Item:
    """One item with its life. Raises ``Refused`` (404)."""
    row = items.find(connection, epc)
    if row is None:
        raise Refused(404, "unknown_item", "No shelf of this store ever saw this tag.", "Scan it again.")
    shelves = plan_shelves.of(connection, [row["gtin"]] if row["gtin"] else [])
    history = [
        ItemChange(
            t_ms=step.t_ms,
            event=step.event,
            state=step.state,
            place=step.place,
            p=round(step.p, 3),
            evidence=Proof.model_validate(step.evidence),
        )
        for step in items.changes(connection, epc)
    ]
    return Item.model_validate(_brief(row, shelves) | {"history": history})


@router.get("", responses=errors())
async def in_state(
    request: Request,
    _clerk: Annotated[Clerk, Depends(CLERK)],
    state: Annotated[State, Query()],
    gtin: Annotated[Gtin | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=items.MOST_LISTED)] = 100,
) -> Items:
    """Items in a state, of one product or of all."""
    desk = desk_of(request)
    with desk.reading() as connection:
        rows = items.in_state(connection, state, None if gtin is None else gtin.zfill(14), limit)
        shelves = plan_shelves.of(connection, {row["gtin"] for row in rows if row["gtin"]})
    found = [ItemBrief.model_validate(_brief(row, shelves)) for row in rows]
    return Items(as_of_ms=desk.clock.now_ms(), items=found)


@router.get("/{epc}", responses=errors(404))
async def one(request: Request, epc: Epc, _clerk: Annotated[Clerk, Depends(CLERK)]) -> Item:
    """One item by the hexadecimal EPC of its tag, with the newest steps of its life and the evidence of each."""
    with desk_of(request).reading() as connection:
        return item(connection, epc.upper())


@router.post("/{epc}/found", responses=errors(404, 409))
async def found(request: Request, epc: Epc, body: FoundAt, clerk: Annotated[Clerk, Depends(CLERK)]) -> Item:
    """Say that an item which was not where it should be stands here: a missing one is missing no more."""
    desk, epc = desk_of(request), epc.upper()
    await desk.writer.arun(lambda connection: _find(desk, connection, epc, body.place, clerk.id))
    desk.announce()
    with desk.reading() as connection:
        return item(connection, epc)


_WORDS: dict[str, Literal["on the shelf", "in the wrong place", "in the back room"]] = {
    life.ON_SHELF: "on the shelf",
    life.MISPLACED: "in the wrong place",
    life.BACK_ROOM: "in the back room",
}


def _find(desk: Desk, connection: sqlite3.Connection, epc: str, place: str, by: str) -> None:
    row = items.find(connection, epc)
    if row is None:
        raise Refused(404, "unknown_item", "No shelf of this store ever saw this tag.", "Scan it again.")
    if row["state"] in life.STANDING:
        where = f"A reader sees it {_WORDS[row['state']]}, at {row['place']}."
        raise Refused(409, "stands", where, "Look there; the reader says so when it moves.")
    now_ms, store = max(desk.clock.now_ms(), row["t_ms"]), desk.settings.store
    gtin = row["gtin"]
    where = standing(place, gtin, Places(store.backroom, store.counter), plan_shelves.wanted(connection))
    evidence = {"by": by}
    happened = [Happening(epc, now_ms, life.FOUND, 1.0, place, evidence)]
    if where != life.STANDS:
        happened.append(Happening(epc, now_ms, where, 1.0, place, evidence))
    desk.settle(connection, happen(connection, happened), by)
    desk.send(connection, items.returned(row, place, now_ms))
