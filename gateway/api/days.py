"""A store's day at the checkouts for the manager: lanes ahead, queues, what was told and what happened."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from statistics import median
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from gateway.api.day_parts import (
    AS_CSV,
    DayBody,
    DayName,
    Manager,
    Step,
    With,
    body,
    compared_days,
    local_time,
    table,
    wanted_day,
    zone_of,
)
from gateway.api.desk import Desk, desk_of
from gateway.core.days import Bin, Day, LaneMinuteRow, QueueTotals, bins, queue_totals
from gateway.core.notable import Busiest, Gap, UsualBin, busiest, gaps, usual
from gateway.store import days
from gateway.store.minutes import LANE_COLUMNS
from models.process.refusals import errors
from models.process.web import StrictRoute

BIN_COLUMNS: Final = tuple(field.name for field in fields(Bin))

router = APIRouter(prefix="/api", tags=["days"], route_class=StrictRoute)


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
    totals: QueueTotals
    bins: list[Bin]


class Advised(BaseModel):
    """How many lanes were needed in a minute, as a node said then. ``t_ms`` is its end."""

    t_ms: int
    needed: int


class Queues(DayBody):
    """A day of queues: all lanes together, each lane, what the day adds up to, and what is notable about it."""

    step_min: int
    totals: QueueTotals
    busiest: Busiest | None
    gaps: list[Gap]
    bins: list[Bin]
    advised: list[Advised]
    lanes: list[LaneDay]


class QueuesCompared(BaseModel):
    """How other days were, on this day's clock. ``totals`` of each go as far as this day has come."""

    day: str
    days: list[str]
    served: float | None
    waited_s: float | None
    bins: list[UsualBin]


@router.get("/queues/now", responses=errors())
async def advice(request: Request, _manager: Manager) -> list[Advice]:
    """Lanes open, needed now and needed soon, by node; a node that says nothing any more is left out."""
    desk = desk_of(request)
    return [Advice.model_validate(one) for one in desk.samples.advice(desk.clock.now_ms())]


@router.get("/queues/now.csv", responses=errors() | AS_CSV, response_class=Response)
async def advice_csv(request: Request, _manager: Manager) -> Response:
    """The same, a line for each node and time ahead."""
    desk = desk_of(request)
    zone = zone_of(desk)
    lines = [
        (local_time(said.t_ms, zone), said.node, said.lanes_open, one.minutes, one.needed, one.reason, one.amount)
        for said in desk.samples.advice(desk.clock.now_ms())
        for one in said.outlooks
    ]
    return table("lanes-ahead", ("time", "node", "lanes_open", "minutes", "needed", "reason", "amount"), lines)


@router.get("/queues/day", responses=errors())
async def queues(request: Request, _manager: Manager, day: DayName = None, step: Step = 5) -> Queues:
    """How long the queues were, what people were told, and what happened."""
    desk = desk_of(request)
    return await asyncio.to_thread(_queues, desk, wanted_day(desk, day), step)


def _queues(desk: Desk, wanted: Day, step: int) -> Queues:
    with desk.reading() as connection:
        rows = days.lane_minutes(connection, wanted)
        needed = days.advised(connection, wanted)
    together = bins(rows, wanted, step)
    return Queues(
        **body(desk, wanted, max((row.t_ms for row in rows if row.is_seen), default=None)),
        step_min=step,
        totals=queue_totals(rows),
        busiest=busiest(together, step, needed),
        gaps=gaps(rows),
        bins=together,
        advised=[Advised(t_ms=t_ms, needed=lanes) for t_ms, lanes in needed.items()],
        lanes=[_lane(name, rows, wanted, step) for name in sorted({row.lane for row in rows})],
    )


def _lane(name: str, rows: list[LaneMinuteRow], day: Day, step: int) -> LaneDay:
    own = [row for row in rows if row.lane == name]
    return LaneDay(lane=name, totals=queue_totals(own), bins=bins(own, day, step))


@router.get("/queues/compare", responses=errors())
async def compare_queues(
    request: Request, _manager: Manager, day: DayName = None, which: With = "usual", step: Step = 5
) -> QueuesCompared:
    """How another day was, or the usual one, at the same times of day."""
    desk = desk_of(request)
    wanted = wanted_day(desk, day)
    return await asyncio.to_thread(_compared, desk, wanted, compared_days(desk, wanted, which), step)


def _compared(desk: Desk, wanted: Day, others: Sequence[Day], step: int) -> QueuesCompared:
    zone = zone_of(desk)
    with desk.reading() as connection:
        until_ms = days.newest(connection, "lane_minutes", wanted) or wanted.to_ms
        known = [(other, rows) for other in others if (rows := days.lane_minutes(connection, other))]
    moved, so_far = [], []
    for other, rows in known:
        moved.append([
            replace(one, t_ms=days.on_day(one.t_ms, wanted.name, zone)) for one in bins(rows, other, step)
        ])  # fmt: skip
        # Of this day there may be only so much: what it is compared with goes no further.
        until = days.on_day(until_ms - 1, other.name, zone) + 1
        so_far.append(queue_totals([row for row in rows if row.t_ms <= until]))
    return QueuesCompared(
        day=wanted.name,
        days=[other.name for other, _rows in known],
        served=_middle([one.served for one in so_far]),
        waited_s=_middle([one.waited_s for one in so_far if one.waited_s is not None]),
        bins=usual(moved),
    )


def _middle(values: Sequence[float]) -> float | None:
    return round(median(values), 1) if values else None


@router.get("/queues/day.csv", responses=errors() | AS_CSV, response_class=Response)
async def queues_csv(request: Request, _manager: Manager, day: DayName = None) -> Response:
    """Every minute of every lane; ``time`` and ``t_ms`` are its end."""
    desk = desk_of(request)
    wanted, zone = wanted_day(desk, day), zone_of(desk)
    with desk.reading() as connection:
        rows = days.lane_minutes(connection, wanted)
    lines = [(local_time(row.t_ms, zone), *asdict(row).values()) for row in rows]
    return table(f"queues-{wanted.name}", ("time", *LANE_COLUMNS), lines)


@router.get("/queues/bins.csv", responses=errors() | AS_CSV, response_class=Response)
async def bins_csv(request: Request, manager: Manager, day: DayName = None, step: Step = 60) -> Response:
    """The day as the page shows it, all lanes together and each: a line per lane and hour (or ``step`` minutes)."""
    found = await queues(request, manager, day, step)
    zone = zone_of(desk_of(request))
    parts = [("all", found.bins), *((lane.lane, lane.bins) for lane in found.lanes)]
    lines = [(local_time(one.t_ms, zone), name, *asdict(one).values()) for name, own in parts for one in own]
    return table(f"queues-{found.day}-{step}min", ("time", "lane", *BIN_COLUMNS), lines)
