"""The shrink ledger: what is missing, what was last seen of it, what it was worth."""

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from gateway.api.access import MANAGER, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.items import Proof
from gateway.api.products import TimeMs
from gateway.store import shrink
from gateway.store.life import unpacked
from models.process.refusals import errors
from models.process.web import StrictRoute

router = APIRouter(prefix="/api", tags=["shrink"], route_class=StrictRoute)
Manager = Annotated[Clerk, Depends(MANAGER)]

MONTH_MS: Final = 30 * 86_400_000
_CSV: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The lines."}
}
COLUMNS: Final = (
    "missing_ms", "reason", "gtin", "name_en", "name_zh", "epc", "quantity", "value_minor", "currency", "place",
    "last_seen_ms", "p", "found_ms", "by",
)  # fmt: skip


class LastSeen(Proof):
    """What was last seen of it: which event, and why the store believed it."""

    event: str | None = None


class Line(BaseModel):
    """Pieces that are gone and nobody paid for; ``found_ms`` where they turned up again.

    ``epc`` is ``null`` for goods without tags, of which a count found too few.
    """

    epc: str | None
    gtin: str | None
    name_en: str | None
    name_zh: str | None
    quantity: int
    value_minor: int
    place: str
    last_seen_ms: int
    missing_ms: int
    reason: Literal["exit_unpaid", "swept", "not_seen", "counted"]
    p: float
    found_ms: int | None
    by: str | None
    by_name: str | None
    alarm: str | None
    evidence: LastSeen


class Shrink(BaseModel):
    """Pieces that went missing in a span and what they cost; ``found`` turned up again and are not among them."""

    as_of_ms: int
    currency: str
    items: int
    value_minor: int
    found: int
    lines: list[Line]


def _span(desk: Desk, from_ms: int | None, to_ms: int | None) -> tuple[int, int]:
    to_ms = desk.clock.now_ms() + 1 if to_ms is None else to_ms
    return to_ms - MONTH_MS if from_ms is None else from_ms, to_ms


@router.get("/shrink", responses=errors())
async def ledger(
    request: Request,
    _manager: Manager,
    from_ms: Annotated[TimeMs | None, Query()] = None,
    to_ms: Annotated[TimeMs | None, Query()] = None,
) -> Shrink:
    """What went missing from ``from_ms`` until before ``to_ms``, the newest first; if neither, in thirty days."""
    desk = desk_of(request)
    span = _span(desk, from_ms, to_ms)
    with desk.reading() as connection:
        pieces, value_minor, found = shrink.sums(connection, *span)
        rows = shrink.lines(connection, *span)
    lines = [
        Line.model_validate(dict(row) | {"p": round(row["p"], 3), "evidence": unpacked(row["evidence"])})
        for row in rows
    ]
    return Shrink(
        as_of_ms=desk.clock.now_ms(),
        currency=desk.settings.store.currency,
        items=pieces,
        value_minor=value_minor,
        found=found,
        lines=lines,
    )


@router.get("/shrink.csv", responses=errors() | _CSV, response_class=Response)
async def as_csv(
    request: Request,
    _manager: Manager,
    from_ms: Annotated[TimeMs | None, Query()] = None,
    to_ms: Annotated[TimeMs | None, Query()] = None,
) -> Response:
    """The same lines as CSV, as spreadsheets read it."""
    desk = desk_of(request)
    with desk.reading() as connection:
        rows = shrink.lines(connection, *_span(desk, from_ms, to_ms))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_guarded(row[name] for name in COLUMNS) for row in rows)
    headers = {"content-disposition": 'attachment; filename="shrink.csv"'}
    # The mark at the beginning tells a spreadsheet that Chinese names are UTF-8.
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _guarded(cells: Iterable[object]) -> list[object]:
    """Cells that no spreadsheet takes for a formula: a name is data, whatever it begins with."""
    return [
        "'" + cell if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
        for cell in cells
    ]
