"""The wall of shelves: what should and does stand on each, how sure that is, and whether its reader looks."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Gtin, PlaceName
from gateway.core.wall import ShelfPicture
from gateway.store import shelf_counts
from gateway.store.wall import Part, Wall, items_on, wall
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/shelves", tags=["shelves"], route_class=StrictRoute)

MOST_ASKED = 500


class ShelfProduct(BaseModel):
    """One product on a shelf: the plan (all 0 where it has none) beside what stands there.

    ``p`` is how sure that is, ``null`` where nothing that stands there could have a probability.
    """

    gtin: str
    name_en: str | None
    name_zh: str | None
    facings: int
    capacity: int
    low: int
    standing: int
    p: float | None
    misplaced: bool
    level: Literal["ok", "low", "empty", "over", "unknown"]


class Told(BaseModel):
    """What the node last said: so many stand there, and ``p`` that it is just as many; ``unknown`` beside them."""

    gtin: str
    quantity: int
    p: float
    unknown: int
    t_ms: int


class Shelf(BaseModel):
    """A shelf and how its reader is; ``unknown`` says that a reader should look there and does not."""

    shelf: str
    node: str | None
    state: Literal["reading", "silent", "disconnected", "offline", "none"]
    state_ms: int | None
    last_read_ms: int | None
    standing: int
    wanted: int
    misplaced: int
    unnamed: int
    unknown: bool
    products: list[ShelfProduct]


class Shelves(BaseModel):
    """Every shelf by name, and the back room; it is ``null`` where only some shelves were asked for."""

    as_of_ms: int
    shelves: list[Shelf]
    back_room: Shelf | None


class ShelfItem(BaseModel):
    """One tagged piece on a shelf."""

    epc: str
    serial: str | None
    gtin: str | None
    state: str
    p: float
    last_seen_ms: int


class ShelfInFull(Shelf):
    """A shelf with the pieces that stand there, by product, the least certain first."""

    as_of_ms: int
    items: list[ShelfItem]
    counts: list[Told]


def _values(seen: Wall, one: ShelfPicture) -> dict[str, Any]:
    names = seen.products
    return {
        "shelf": one.shelf,
        "node": seen.nodes.get(one.shelf),
        "state": one.state,
        "state_ms": one.state_ms,
        "last_read_ms": one.last_read_ms,
        "standing": one.standing,
        "wanted": one.wanted,
        "misplaced": one.misplaced,
        "unnamed": one.unnamed,
        "unknown": one.is_unknown,
        "products": [
            {
                "gtin": facing.gtin,
                "name_en": names[facing.gtin]["name_en"] if facing.gtin in names else None,
                "name_zh": names[facing.gtin]["name_zh"] if facing.gtin in names else None,
                "facings": facing.planned.facings,
                "capacity": facing.planned.capacity,
                "low": facing.planned.low,
                "standing": facing.standing,
                "p": facing.p,
                "misplaced": facing.misplaced,
                "level": facing.level,
            }
            for facing in one.facings
        ],
    }


def _wall(desk: Desk, now_ms: int, part: Part | None) -> Wall:
    with desk.reading() as connection:
        return wall(connection, desk.floor(connection), now_ms, part)


@router.get("", responses=errors())
async def all_shelves(
    request: Request,
    _clerk: Annotated[Clerk, Depends(CLERK)],
    gtin: Annotated[list[Gtin], Query(max_length=MOST_ASKED)] = [],  # noqa: B006 - FastAPI copies it
    shelf: Annotated[list[PlaceName], Query(max_length=MOST_ASKED)] = [],  # noqa: B006
) -> Shelves:
    """Every shelf; with ``gtin`` or ``shelf`` only these, and those where such a product stands or belongs."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    part = Part(frozenset(shelf), frozenset(one.zfill(14) for one in gtin)) if gtin or shelf else None
    seen = await asyncio.to_thread(_wall, desk, now_ms, part)
    return Shelves(
        as_of_ms=now_ms,
        shelves=[Shelf.model_validate(_values(seen, one)) for one in seen.shelves.values()],
        back_room=None if part else Shelf.model_validate(_values(seen, seen.back_room)),
    )


@router.get("/{shelf}", responses=errors(404))
async def one_shelf(
    request: Request, shelf: Annotated[PlaceName, Path()], _clerk: Annotated[Clerk, Depends(CLERK)]
) -> ShelfInFull:
    """One shelf (or the back room) with every tagged piece that stands there."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    with desk.reading() as connection:
        seen = wall(connection, desk.floor(connection), now_ms, Part(frozenset({shelf})))
        items = items_on(connection, shelf)
        told = shelf_counts.of_shelf(connection, shelf)
    found = seen.back_room if shelf == seen.back_room.shelf else seen.shelves.get(shelf)
    if found is None:
        raise Refused(
            404, "unknown_shelf", "This store knows no such shelf.",
            "It appears when a reader watches it, or when a product is planned there.",
        )  # fmt: skip
    pieces = [
        {
            "epc": row["epc"],
            "serial": row["serial"],
            "gtin": row["gtin"],
            "state": row["state"],
            "p": round(row["p"], 3),
            "last_seen_ms": row["seen_ms"],
        }
        for row in items
    ]
    counts = [{"gtin": gtin, **asdict(one)} for gtin, one in sorted(told.items())]
    return ShelfInFull.model_validate({**_values(seen, found), "as_of_ms": now_ms, "items": pieces, "counts": counts})
