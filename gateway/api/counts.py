"""Counting: what is to be counted in a place, without what the books say of it; for managers, what differed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, MANAGER, Clerk
from gateway.api.desk import desk_of
from gateway.api.products import Gtin, PlaceName
from gateway.store import counting
from models.process.refusals import errors
from models.process.web import StrictRoute

router = APIRouter(prefix="/api/counts", tags=["counts"], route_class=StrictRoute)


class ToCount(BaseModel):
    """A product to count; ``tagged`` pieces are seen by readers where there are any."""

    gtin: str
    name_en: str | None
    name_zh: str | None
    tagged: bool
    last_counted_ms: int | None


class PlaceToCount(BaseModel):
    """What stands, or should stand, in one place."""

    place: str
    products: list[ToCount]


class Checked(BaseModel):
    """A count, what the books said of its moment (``null``: nothing) and how far they were believed (``p``)."""

    count: str
    gtin: str
    name_en: str | None
    name_zh: str | None
    place: str
    expected: int | None
    found: int
    p: float
    by: str
    by_name: str | None
    t_ms: int
    undone: bool


class Checks(BaseModel):
    """Counts beside the books, the newest first."""

    as_of_ms: int
    counts: list[Checked]


@router.get("", responses=errors())
async def checks(
    request: Request,
    _manager: Annotated[Clerk, Depends(MANAGER)],
    gtin: Gtin | None = None,
    place: PlaceName | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Checks:
    """What was counted beside what the books said, of a product, of a place, or of all."""
    desk = desk_of(request)
    with desk.reading() as connection:
        rows = counting.checks(connection, None if gtin is None else gtin.zfill(14), place, limit)
    return Checks(as_of_ms=desk.clock.now_ms(), counts=[Checked(**dict(row)) for row in rows])


@router.get("/{place}", responses=errors())
async def place(
    request: Request, place: Annotated[PlaceName, Path()], _clerk: Annotated[Clerk, Depends(CLERK)]
) -> PlaceToCount:
    """The products to count in a place, blind: who counts is not told what should be there."""
    with desk_of(request).reading() as connection:
        rows = counting.to_count(connection, place)
    products = [
        ToCount(
            gtin=row["gtin"],
            name_en=row["name_en"],
            name_zh=row["name_zh"],
            tagged=bool(row["tagged"]),
            last_counted_ms=row["last_counted_ms"],
        )
        for row in rows
    ]
    return PlaceToCount(place=place, products=products)
