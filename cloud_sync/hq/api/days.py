"""One store's day: queues and visitors, to look at and as tables."""

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Response

from cloud_sync.hq.api.parts import Parts
from cloud_sync.hq.api.stores import Day
from cloud_sync.hq.days import LANE_COLUMNS, Minutes, StoreDay
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

StoreName = Annotated[str, Path(max_length=32)]
AS_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A table, a line for each minute."}
}


def days_router(parts: Parts) -> APIRouter:
    """What staff may look at."""
    router = APIRouter(prefix="/api/stores", tags=["views"], route_class=StrictRoute, responses=errors(401))
    staff = [Depends(parts.sessions.access)]

    def known(store: str) -> str:
        if store not in parts.stores:
            raise Refused(404, "no_such_store", f"There is no store {store}.", "Look at the list of stores.")
        return store

    @router.get("/{store}/day", dependencies=staff, responses=errors(404))
    async def get_day(store: StoreName, day: Day = None, step: Annotated[int, Query(ge=1, le=60)] = 10) -> StoreDay:
        """A store's queues by ``step`` minutes, its visitors by the hour, in its own time zone."""
        name = None if day is None else day.isoformat()
        return await asyncio.to_thread(parts.views.day, known(store), name, step)

    @router.get("/{store}/queues.csv", dependencies=staff, responses=errors(404) | AS_CSV, response_class=Response)
    async def get_queues(store: StoreName, day: Day = None) -> Response:
        """Every minute of every lane; ``time`` and ``t_ms`` are its end."""
        name = None if day is None else day.isoformat()
        zone, called, rows = await asyncio.to_thread(parts.views.lane_minutes, known(store), name)
        return _table(f"{store}-queues-{called}", LANE_COLUMNS, rows, zone)

    @router.get("/{store}/visitors.csv", dependencies=staff, responses=errors(404) | AS_CSV, response_class=Response)
    async def get_visitors(store: StoreName, day: Day = None) -> Response:
        """Every minute of every door; ``time`` and ``t_ms`` are its end."""
        name = None if day is None else day.isoformat()
        zone, called, rows = await asyncio.to_thread(parts.views.door_minutes, known(store), name)
        return _table(f"{store}-visitors-{called}", ("door", "t_ms", "in", "out"), rows, zone)

    return router


def _table(name: str, columns: Sequence[str], rows: Minutes, zone: str) -> Response:
    """A table as CSV with the store's own time; the second column of each row is when. Names in it are slugs."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("time", *columns))
    clock = ZoneInfo(zone)
    for row in rows:
        when = datetime.fromtimestamp(int(str(row[1])) / 1000, clock)
        writer.writerow((when.isoformat(timespec="seconds"), *row))
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    # With its mark, so that spreadsheets take it for UTF-8.
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
