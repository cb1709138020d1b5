"""A store's day of visitors for the manager: who came and went, how many bought, how far counts drifted."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from gateway.api.day_parts import (
    AS_CSV,
    DayBody,
    DayName,
    Manager,
    With,
    body,
    compared_days,
    local_time,
    table,
    wanted_day,
    zone_of,
)
from gateway.api.desk import Desk, desk_of
from gateway.core.days import Day, VisitHour, conversion, visit_hours
from gateway.core.notable import DoorGap, door_gaps
from gateway.store import days
from models.process.refusals import errors
from models.process.web import StrictRoute

router = APIRouter(prefix="/api/visitors", tags=["days"], route_class=StrictRoute)

DRIFT_DAYS: Final = 14


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
    gaps: list[DoorGap]
    drift: list[Drift]


class UsualHour(BaseModel):
    """The middle of several days at the same hour; of one day, that day."""

    t_ms: int
    entered: float
    conversion: float | None


class VisitorsCompared(BaseModel):
    """How other days were, on this day's clock; their sums go as far as this day has come."""

    day: str
    days: list[str]
    entered: float | None
    sales: float | None
    conversion: float | None
    hours: list[UsualHour]


@router.get("/day", responses=errors())
async def visitors(request: Request, _manager: Manager, day: DayName = None) -> Visitors:
    """Who came and went by door and hour, how many of them bought, and how far counts drifted on earlier days."""
    desk = desk_of(request)
    wanted = wanted_day(desk, day)
    with desk.reading() as connection:
        minutes = days.door_minutes(connection, wanted)
        sales = days.sale_times(connection, wanted)
        ended = days.door_days(connection, DRIFT_DAYS)
    entered, left = sum(row[2] for row in minutes), sum(row[3] for row in minutes)
    return Visitors(
        **body(desk, wanted, max((row[1] for row in minutes), default=None)),
        entered=entered,
        left=left,
        sales=len(sales),
        conversion=conversion(len(sales), entered),
        hours=visit_hours([row[1:] for row in minutes], sales, wanted),
        gaps=door_gaps((row[0], row[1]) for row in minutes),
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


@router.get("/compare", responses=errors())
async def compare_visitors(
    request: Request, _manager: Manager, day: DayName = None, which: With = "usual"
) -> VisitorsCompared:
    """How another day was, or the usual one, at the same hours."""
    desk = desk_of(request)
    wanted = wanted_day(desk, day)
    with desk.reading() as connection:
        until_ms = days.newest(connection, "door_minutes", wanted) or wanted.to_ms
    moved = [(other, *_moved(desk, other, wanted)) for other in compared_days(desk, wanted, which)]
    known = [(other, doors, sales) for other, doors, sales in moved if doors]
    entered = [sum(row[1] for row in doors if row[0] <= until_ms) for _other, doors, _sales in known]
    sold = [sum(t_ms <= until_ms for t_ms in sales) for _other, _doors, sales in known]
    rates = [rate for came, sales in zip(entered, sold, strict=True) if (rate := conversion(sales, came)) is not None]
    return VisitorsCompared(
        day=wanted.name,
        days=[other.name for other, _doors, _sales in known],
        entered=median(entered) if entered else None,
        sales=median(sold) if sold else None,
        conversion=round(median(rates), 3) if rates else None,
        hours=_usual([visit_hours(doors, sales, wanted) for _other, doors, sales in known]),
    )


def _moved(desk: Desk, other: Day, wanted: Day) -> tuple[list[tuple[int, int, int]], list[int]]:
    """The minutes of doors and the sales of another day, as if they had been on this one."""
    zone = zone_of(desk)
    with desk.reading() as connection:
        doors, sales = days.door_minutes(connection, other), days.sale_times(connection, other)
    minutes = [(days.on_day(t_ms - 1, wanted.name, zone) + 1, came, went) for _door, t_ms, came, went in doors]
    return minutes, [days.on_day(t_ms, wanted.name, zone) for t_ms in sales]


def _usual(found: Sequence[Sequence[VisitHour]]) -> list[UsualHour]:
    at: dict[int, list[VisitHour]] = {}
    for hours in found:
        for hour in hours:
            at.setdefault(hour.t_ms, []).append(hour)
    return [
        UsualHour(t_ms=t_ms, entered=median(one.entered for one in hours), conversion=_rate(hours))
        for t_ms, hours in sorted(at.items())
        if len(hours) >= min(2, len(found))
    ]


def _rate(hours: Sequence[VisitHour]) -> float | None:
    known = [hour.conversion for hour in hours if hour.conversion is not None]
    return round(median(known), 3) if known else None


@router.get("/day.csv", responses=errors() | AS_CSV, response_class=Response)
async def visitors_csv(request: Request, _manager: Manager, day: DayName = None) -> Response:
    """Every minute of every door; ``time`` and ``t_ms`` are its end."""
    desk = desk_of(request)
    wanted, zone = wanted_day(desk, day), zone_of(desk)
    with desk.reading() as connection:
        rows = days.door_minutes(connection, wanted)
    lines = [(local_time(row[1], zone), *row) for row in rows]
    return table(f"visitors-{wanted.name}", ("time", "door", "t_ms", "in", "out"), lines)


@router.get("/hours.csv", responses=errors() | AS_CSV, response_class=Response)
async def hours_csv(request: Request, manager: Manager, day: DayName = None) -> Response:
    """The day as the page shows it: a line for each hour, with who was inside, sales, and sales per visitor."""
    found = await visitors(request, manager, day)
    zone = zone_of(desk_of(request))
    columns = ("time", "t_ms", "in", "out", "inside", "sales", "sales_per_visitor")
    lines = [(local_time(hour.t_ms, zone), *asdict(hour).values()) for hour in found.hours]
    return table(f"visitors-{found.day}-hours", columns, lines)


@router.get("/drift.csv", responses=errors() | AS_CSV, response_class=Response)
async def drift_csv(request: Request, _manager: Manager) -> Response:
    """How far the counts of the last days drifted, the newest first."""
    with desk_of(request).reading() as connection:
        ended = days.door_days(connection, DRIFT_DAYS)
    lines = [(name, came, went, came - went) for name, came, went in ended]
    return table("drift", ("day", "in", "out", "drift"), lines)
