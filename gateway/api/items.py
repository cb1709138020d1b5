"""One tagged item: where it is and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import desk_of
from gateway.store import items
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/items", tags=["items"], route_class=StrictRoute)


class ItemChange(BaseModel):
    """One step of an item's history."""

    t_ms: int
    kind: str
    place: str
    p: float


class Item(BaseModel):
    """A tagged item; ``state`` is one of the states of an item's life."""

    epc: str
    gtin: str | None
    serial: str | None
    state: str
    place: str
    p: float
    last_seen_ms: int
    history: list[ItemChange]


@router.get("/{epc}", responses=errors(404))
async def one(
    request: Request,
    epc: Annotated[str, Path(pattern=r"^(?:[0-9A-Fa-f]{4}){1,31}$")],
    _clerk: Annotated[Clerk, Depends(CLERK)],
) -> Item:
    """One item by the hexadecimal EPC of its tag, with its newest changes."""
    with desk_of(request).reading() as connection:
        row = items.find(connection, epc.upper())
        became = items.changes(connection, epc.upper())
    if row is None:
        raise Refused(404, "unknown_item", "No shelf of this store ever saw this tag.", "Scan it again.")
    history = [
        ItemChange(t_ms=change.t_ms, kind=change.kind, place=change.place, p=round(change.p, 3)) for change in became
    ]
    return Item(
        epc=row["epc"],
        gtin=row["gtin"],
        serial=row["serial"],
        state=row["state"],
        place=row["place"],
        p=round(row["p"], 3),
        last_seen_ms=row["seen_ms"],
        history=history,
    )
