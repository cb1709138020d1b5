"""Counting a place: what is to be counted there, without what the books say of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import desk_of
from gateway.api.products import PlaceName
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
