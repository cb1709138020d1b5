"""How long people stay where, and where they stand: zones and the floor's heat of a day; JSON and CSV."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from gateway.api.day_parts import AS_CSV, DayBody, DayName, Manager, body, local_time, table, wanted_day, zone_of
from gateway.api.desk import desk_of
from gateway.core.days import HOUR_MS, Day
from gateway.store import days
from models.process.refusals import errors
from models.process.web import StrictRoute

router = APIRouter(prefix="/api/visitors", tags=["days"], route_class=StrictRoute)

CameraName = Annotated[str | None, Query(max_length=32, description="The first one if left out.")]


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


@router.get("/zones", responses=errors())
async def zones(request: Request, _manager: Manager, day: DayName = None) -> Zones:
    """How long people stayed where."""
    desk = desk_of(request)
    wanted = wanted_day(desk, day)
    with desk.reading() as connection:
        rows = days.zone_minutes(connection, wanted)
    found = [_zone(name, [row for row in rows if row[0] == name], wanted) for name in sorted({r[0] for r in rows})]
    newest_ms = max((row[1] for row in rows), default=None)
    return Zones(**body(desk, wanted, newest_ms), zones=sorted(found, key=lambda zone: -(zone.dwell_s or 0.0)))


ZoneRow = tuple[str, int, int, int, float, float, int]


def _zone(name: str, rows: Sequence[ZoneRow], day: Day) -> ZoneDay:
    by_hour: dict[int, list[ZoneRow]] = {}
    for row in rows:
        by_hour.setdefault((row[1] - 1 - day.from_ms) // HOUR_MS, []).append(row)
    hours = [
        ZoneHour(t_ms=day.from_ms + index * HOUR_MS, people=_people(found), **_sums(found))
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


@router.get("/zones.csv", responses=errors() | AS_CSV, response_class=Response)
async def zones_csv(request: Request, _manager: Manager, day: DayName = None) -> Response:
    """Every minute of every zone; ``time`` and ``t_ms`` are its end."""
    desk = desk_of(request)
    wanted, zone = wanted_day(desk, day), zone_of(desk)
    with desk.reading() as connection:
        rows = days.zone_minutes(connection, wanted)
    columns = ("time", "zone", "t_ms", "entered", "visits", "dwell_s", "people_mean", "people_max")
    return table(f"zones-{wanted.name}", columns, [(local_time(row[1], zone), *row) for row in rows])


@router.get("/heat", responses=errors())
async def heat(request: Request, _manager: Manager, day: DayName = None, camera: CameraName = None) -> Heat:
    """Where people stood: a grid over the camera's picture, never a person's way."""
    desk = desk_of(request)
    wanted = wanted_day(desk, day)
    with desk.reading() as connection:
        cameras = days.heat_cameras(connection, wanted)
        name = camera or next(iter(cameras), None)
        found = None if name is None else days.heat(connection, wanted, name)
    columns, rows, watched_s, person_s, newest_ms = found or (0, 0, 0.0, [], None)
    return Heat(
        **body(desk, wanted, newest_ms),
        cameras=cameras,
        camera=name,
        columns=columns,
        rows=rows,
        watched_s=watched_s,
        person_s=person_s,
    )


@router.get("/heat.csv", responses=errors() | AS_CSV, response_class=Response)
async def heat_csv(request: Request, manager: Manager, day: DayName = None, camera: CameraName = None) -> Response:
    """The same grid, a line per cell."""
    found = await heat(request, manager, day, camera)
    lines = [
        (found.camera, index // found.columns, index % found.columns, seconds)
        for index, seconds in enumerate(found.person_s)
    ]
    return table(f"heat-{found.day}", ("camera", "row", "column", "person_s"), lines)
