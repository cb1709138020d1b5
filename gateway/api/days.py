"""A store's day for the manager: queues, visitors, dwell and where people stood, as JSON and as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from gateway.api.access import MANAGER, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.core.days import (
    MINUTE_MS,
    Bin,
    Day,
    QueueTotals,
    VisitHour,
    bins,
    conversion,
    queue_totals,
    visit_hours,
)
from gateway.store import days
from gateway.store.minutes import LANE_COLUMNS
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api", tags=["days"], route_class=StrictRoute)

_AS_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A table, a line for each row."}
}
Manager = Annotated[Clerk, Depends(MANAGER)]
DayName = Annotated[
    str | None,
    Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="The store's date, 2026-11-22; today if left out."),
]
Step = Annotated[int, Query(ge=1, le=60, description="Minutes that are put together.")]
CameraName = Annotated[str | None, Query(max_length=32, description="The first one if left out.")]

DRIFT_DAYS: Final = 14
HOUR_MIN: Final = 60


class DayBody(BaseModel):
    """Which day it is, and where it begins and ends."""

    day: str
    time_zone: str
    from_ms: int
    to_ms: int


class Ahead(BaseModel):
    """How many lanes are needed in so many minutes, and the reason as a code with its figure."""

    model_config = ConfigDict(from_attributes=True)

    minutes: int
    needed: int
    reason: str
    amount: float | None


class Advice(BaseModel):
    """What a node advises about its lanes now."""

    model_config = ConfigDict(from_attributes=True)

    node: str
    t_ms: int
    lanes_open: int
    outlooks: list[Ahead]
    open: list[str]
    close: list[str]


class LaneDay(BaseModel):
    """One lane's day."""

    lane: str
    bins: list[Bin]


class Queues(DayBody):
    """A day of queues: all lanes together, each lane, and what the day adds up to."""

    step_min: int
    totals: QueueTotals
    bins: list[Bin]
    lanes: list[LaneDay]


class DoorHours(BaseModel):
    """One door's day by hours."""

    door: str
    entered: int
    left: int
    hours: list[VisitHour]


class Drift(BaseModel):
    """One day that is over: nobody is inside then, so what is left over is what the counts drifted by."""

    day: str
    entered: int
    left: int
    drift: int
    share: float | None


class Visitors(DayBody):
    """A day of visitors. ``conversion`` is sales per visitor."""

    entered: int
    left: int
    sales: int
    conversion: float | None
    hours: list[VisitHour]
    doors: list[DoorHours]
    drift: list[Drift]


class ZoneHour(BaseModel):
    """One zone's hour. ``dwell_s``: how long the visits that ended in it were, on the mean."""

    t_ms: int
    entered: int
    visits: int
    dwell_s: float | None
    people: float
    people_max: int


class ZoneDay(BaseModel):
    """One zone's day."""

    zone: str
    entered: int
    visits: int
    dwell_s: float | None
    people_max: int
    hours: list[ZoneHour]


class Zones(DayBody):
    """A day of dwell, the zone in which people stayed longest first."""

    zones: list[ZoneDay]


class Heat(DayBody):
    """Where people stood on a camera's picture: person-seconds per cell, row by row from its top left."""

    cameras: list[str]
    camera: str | None
    columns: int
    rows: int
    watched_s: float
    person_s: list[int]


def _day(desk: Desk, name: str | None) -> Day:
    zone = ZoneInfo(desk.settings.store.time_zone)
    try:
        return days.day_of(name or days.today(desk.clock.now_ms(), zone), zone)
    except (ValueError, OverflowError) as error:
        raise Refused(422, "no_such_day", f"There is no day {name}.", "Write it as 2026-11-22.") from error


def _body(desk: Desk, day: Day) -> dict[str, str | int]:
    return {
        "day": day.name,
        "time_zone": desk.settings.store.time_zone,
        "from_ms": day.from_ms,
        "to_ms": day.to_ms,
    }


def _csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    # With its mark, so that spreadsheets take it for UTF-8.
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/queues/now", responses=errors())
async def advice(request: Request, _manager: Manager) -> list[Advice]:
    """Lanes open, needed now and needed soon, by node; a node that says nothing any more is left out."""
    desk = desk_of(request)
    return [Advice.model_validate(one) for one in desk.samples.advice(desk.clock.now_ms())]


@router.get("/queues/day", responses=errors())
async def queues(request: Request, _manager: Manager, day: DayName = None, step: Step = 5) -> Queues:
    """How long the queues were, what people were told, and what happened."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        rows = days.lane_minutes(connection, wanted)
    names = sorted({row.lane for row in rows})
    lanes = [LaneDay(lane=name, bins=bins([r for r in rows if r.lane == name], wanted, step)) for name in names]
    return Queues(
        **_body(desk, wanted),
        step_min=step,
        totals=queue_totals(rows),
        bins=bins(rows, wanted, step),
        lanes=lanes,
    )


@router.get("/queues/day.csv", responses=errors() | _AS_CSV, response_class=Response)
async def queues_csv(request: Request, _manager: Manager, day: DayName = None) -> Response:
    """Every minute of every lane; ``t_ms`` is its end."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        rows = days.lane_minutes(connection, wanted)
    return _csv(f"queues-{wanted.name}", LANE_COLUMNS, [tuple(asdict(row).values()) for row in rows])


@router.get("/visitors/day", responses=errors())
async def visitors(request: Request, _manager: Manager, day: DayName = None) -> Visitors:
    """Who came and went by door and hour, how many of them bought, and how far counts drifted on earlier days."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        minutes = days.door_minutes(connection, wanted)
        sales = days.sale_times(connection, wanted)
        ended = days.door_days(connection, DRIFT_DAYS)
    entered, left = sum(row[2] for row in minutes), sum(row[3] for row in minutes)
    return Visitors(
        **_body(desk, wanted),
        entered=entered,
        left=left,
        sales=len(sales),
        conversion=conversion(len(sales), entered),
        hours=visit_hours([row[1:] for row in minutes], sales, wanted),
        doors=[_door(name, minutes, wanted) for name in sorted({row[0] for row in minutes})],
        drift=[
            Drift(day=name, entered=came, left=went, drift=came - went, share=conversion(came - went, came))
            for name, came, went in ended
        ],
    )


def _door(name: str, minutes: Sequence[tuple[str, int, int, int]], day: Day) -> DoorHours:
    own = [row[1:] for row in minutes if row[0] == name]
    entered, left = sum(row[1] for row in own), sum(row[2] for row in own)
    return DoorHours(door=name, entered=entered, left=left, hours=visit_hours(own, (), day))


@router.get("/visitors/day.csv", responses=errors() | _AS_CSV, response_class=Response)
async def visitors_csv(request: Request, _manager: Manager, day: DayName = None) -> Response:
    """Every minute of every door; ``t_ms`` is its end."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        rows = days.door_minutes(connection, wanted)
    return _csv(f"visitors-{wanted.name}", ("door", "t_ms", "in", "out"), rows)


@router.get("/visitors/zones", responses=errors())
async def zones(request: Request, _manager: Manager, day: DayName = None) -> Zones:
    """How long people stayed where."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        rows = days.zone_minutes(connection, wanted)
    found = [_zone(name, [row for row in rows if row[0] == name], wanted) for name in sorted({r[0] for r in rows})]
    return Zones(**_body(desk, wanted), zones=sorted(found, key=lambda zone: -(zone.dwell_s or 0.0)))


ZoneRow = tuple[str, int, int, int, float, float, int]


def _zone(name: str, rows: Sequence[ZoneRow], day: Day) -> ZoneDay:
    by_hour: dict[int, list[ZoneRow]] = {}
    for row in rows:
        by_hour.setdefault((row[1] - 1 - day.from_ms) // (HOUR_MIN * MINUTE_MS), []).append(row)
    hours = [
        ZoneHour(t_ms=day.from_ms + index * HOUR_MIN * MINUTE_MS, people=_people(found), **_sums(found))
        for index, found in sorted(by_hour.items())
    ]
    return ZoneDay(zone=name, hours=hours, **_sums(rows))


def _sums(rows: Sequence[ZoneRow]) -> dict[str, int | float | None]:
    visits, dwell_s = sum(row[3] for row in rows), sum(row[4] for row in rows)
    return {
        "entered": sum(row[2] for row in rows),
        "visits": visits,
        "dwell_s": round(dwell_s / visits, 1) if visits else None,
        "people_max": max(row[6] for row in rows),
    }


def _people(rows: Sequence[ZoneRow]) -> float:
    return round(sum(row[5] for row in rows) / len(rows), 2)


@router.get("/visitors/zones.csv", responses=errors() | _AS_CSV, response_class=Response)
async def zones_csv(request: Request, _manager: Manager, day: DayName = None) -> Response:
    """Every minute of every zone; ``t_ms`` is its end."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        rows = days.zone_minutes(connection, wanted)
    columns = ("zone", "t_ms", "entered", "visits", "dwell_s", "people_mean", "people_max")
    return _csv(f"zones-{wanted.name}", columns, rows)


@router.get("/visitors/heat", responses=errors())
async def heat(request: Request, _manager: Manager, day: DayName = None, camera: CameraName = None) -> Heat:
    """Where people stood: a grid over the camera's picture, never a person's way."""
    desk = desk_of(request)
    wanted = _day(desk, day)
    with desk.reading() as connection:
        cameras = days.heat_cameras(connection, wanted)
        name = camera or next(iter(cameras), None)
        found = None if name is None else days.heat(connection, wanted, name)
    columns, rows, watched_s, person_s = found or (0, 0, 0.0, [])
    return Heat(
        **_body(desk, wanted),
        cameras=cameras,
        camera=name,
        columns=columns,
        rows=rows,
        watched_s=watched_s,
        person_s=person_s,
    )


@router.get("/visitors/heat.csv", responses=errors() | _AS_CSV, response_class=Response)
async def heat_csv(request: Request, manager: Manager, day: DayName = None, camera: CameraName = None) -> Response:
    """The same grid, a line per cell."""
    found = await heat(request, manager, day, camera)
    lines = [
        (found.camera, index // found.columns, index % found.columns, seconds)
        for index, seconds in enumerate(found.person_s)
    ]
    return _csv(f"heat-{found.day}", ("camera", "row", "column", "person_s"), lines)
