"""What the routes of a store's days share: which day, who may ask, and a table as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from gateway.api.access import MANAGER, Clerk
from gateway.api.desk import Desk
from gateway.core.days import Day
from gateway.store import days
from models.process.web import Refused

AS_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A table, a line for each row."}
}
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

Manager = Annotated[Clerk, Depends(MANAGER)]
DayName = Annotated[
    str | None,
    Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="The store's date, 2026-11-22; today if left out."),
]
With = Annotated[
    str,
    Query(
        alias="with",
        pattern=r"^(usual|before|week|year|\d{4}-\d{2}-\d{2})$",
        description="usual: this weekday of six weeks; before: the day before; week, year: the same weekday then.",
    ),
]
Step = Annotated[int, Query(ge=1, le=60, description="Minutes that are put together.")]


class DayBody(BaseModel):
    """Which day it is, and where it begins and ends. ``newest_ms`` is the end of the last minute that is known."""

    day: str
    today: str
    time_zone: str
    from_ms: int
    to_ms: int
    newest_ms: int | None


def zone_of(desk: Desk) -> ZoneInfo:
    """Where the store is."""
    return ZoneInfo(desk.settings.store.time_zone)


def wanted_day(desk: Desk, name: str | None) -> Day:
    """The day that is asked for; raises ``Refused`` where there is no such day."""
    zone = zone_of(desk)
    try:
        return days.day_of(name or days.today(desk.clock.now_ms(), zone), zone)
    except (ValueError, OverflowError) as error:
        raise Refused(422, "no_such_day", f"There is no day {name}.", "Write it as 2026-11-22.") from error


def compared_days(desk: Desk, day: Day, which: str) -> list[Day]:
    """The days that a day is compared with."""
    try:
        return [wanted_day(desk, name) for name in days.days_like(day.name, which)]
    except (ValueError, OverflowError) as error:
        raise Refused(422, "no_such_day", f"There is no day {which}.", "Write it as 2026-11-22.") from error


def body(desk: Desk, day: Day, newest_ms: int | None) -> dict[str, Any]:
    """The fields of ``DayBody``."""
    return {
        "day": day.name,
        "today": days.today(desk.clock.now_ms(), zone_of(desk)),
        "time_zone": desk.settings.store.time_zone,
        "from_ms": day.from_ms,
        "to_ms": day.to_ms,
        "newest_ms": newest_ms,
    }


def local_time(t_ms: int, zone: ZoneInfo) -> str:
    """A time as the store's clock shows it, with its distance from UTC: 2026-11-22T09:00:00+01:00."""
    return datetime.fromtimestamp(t_ms / 1000, zone).isoformat(timespec="seconds")


def table(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as CSV that a spreadsheet opens: one line of names, and nothing in it that would be run."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    # With its mark, so that spreadsheets take it for UTF-8.
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
