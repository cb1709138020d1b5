"""Alarms: what somebody should look at now, and what it was."""

import sqlite3
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body, Token
from gateway.store import alarms, exits
from gateway.store.fold import ALARMS
from models.messages.facts import Fact
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/alarms", tags=["alarms"], route_class=StrictRoute)
AClerk = Annotated[Clerk, Depends(CLERK)]
Outcome = Literal["theft", "paid", "staff", "false"]


class Alarm(BaseModel):
    """Many items that left a shelf at once, or unpaid ones that passed a door; ``p``: how sure that is."""

    alarm: str
    type: Literal["sweep", "exit_unpaid"]
    t_ms: int
    shelf: str | None
    door: str | None
    gtin: str | None
    name_en: str | None
    name_zh: str | None
    quantity: int
    epcs: list[str]
    p: float
    state: Literal["open", "closed"]
    closed_ms: int | None
    by: str | None
    by_name: str | None
    outcome: Outcome | None


class Passages(BaseModel):
    """Items that ever passed a door: paid, unpaid, and tags that no shelf of the store knows."""

    door: str
    paid: int
    unpaid: int
    unknown: int


class Alarms(BaseModel):
    """Alarms, the newest first, and what passed the doors."""

    as_of_ms: int
    alarms: list[Alarm]
    doors: list[Passages]


class AlarmNews(BaseModel):
    """How many alarms are open, and the newest of them."""

    open: int
    newest: Alarm | None


class Closing(Body):
    """What it was."""

    outcome: Outcome


def _alarm(connection: sqlite3.Connection, row: sqlite3.Row) -> Alarm:
    names = set(row.keys()) - {"last_ms"}
    return Alarm.model_validate(
        {name: row[name] for name in names}
        | {
            "p": round(row["p"], 3),
            "epcs": alarms.epcs_of(connection, row["alarm"]),
            "state": "open" if row["closed_ms"] is None else "closed",
        }
    )


def news(desk: Desk) -> AlarmNews:
    """What the event stream tells of alarms."""
    with desk.reading() as connection:
        newest = alarms.newest(connection, 1, only_open=True)
        return AlarmNews(open=alarms.open_count(connection), newest=_alarm(connection, newest[0]) if newest else None)


def _one(desk: Desk, alarm: str) -> Alarm:
    with desk.reading() as connection:
        row = alarms.find(connection, alarm)
        if row is None:
            raise Refused(404, "unknown_alarm", "There is no such alarm.", "It may be more than a year old.")
        return _alarm(connection, row)


@router.get("", responses=errors())
async def newest(
    request: Request,
    _clerk: AClerk,
    only_open: Annotated[bool, Query(alias="open")] = False,  # noqa: FBT002 - a query
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Alarms:
    """Alarms, the newest first; with ``open=1`` those that nobody has closed."""
    desk = desk_of(request)
    with desk.reading() as connection:
        found = [_alarm(connection, row) for row in alarms.newest(connection, limit, only_open=only_open)]
        doors = exits.passages(connection)
    passed = [Passages(door=door, **counts) for door, counts in sorted(doors.items())]
    return Alarms(as_of_ms=desk.clock.now_ms(), alarms=found, doors=passed)


@router.post("/{alarm}/close", responses=errors(404, 409))
async def close(request: Request, alarm: Annotated[Token, Path()], body: Closing, clerk: AClerk) -> Alarm:
    """Say what it was. Theft: its items are missing; anything else: those that counted as missing do so no more."""
    desk, now_ms = desk_of(request), desk_of(request).clock.now_ms()

    def change(connection: sqlite3.Connection) -> None:
        row = _known(connection, alarm)
        if row["closed_ms"] is not None:
            who = row["by_name"] or row["by"]
            said = f"{who} has closed it already: {row['outcome']}."
            raise Refused(409, "already_closed", said, "Open it again to change it.")
        _told(desk, connection, alarm, alarms.close(connection, alarm, clerk.id, body.outcome, now_ms))

    await desk.writer.arun(change)
    desk.announce()
    return _one(desk, alarm)


@router.post("/{alarm}/reopen", responses=errors(404, 409))
async def reopen(request: Request, alarm: Annotated[Token, Path()], _clerk: AClerk) -> Alarm:
    """Take back what was said of an alarm, within ten minutes."""
    desk, now_ms = desk_of(request), desk_of(request).clock.now_ms()

    def change(connection: sqlite3.Connection) -> None:
        row = _known(connection, alarm)
        if row["closed_ms"] is None:
            raise Refused(409, "open", "This alarm is open.", "Say what it was.")
        if row["closed_ms"] < now_ms - alarms.UNDO_MS:
            raise Refused(409, "too_late", "An alarm can be opened again for ten minutes.", "Tell a manager.")
        _told(desk, connection, alarm, alarms.reopen(connection, alarm, now_ms))

    await desk.writer.arun(change)
    desk.announce()
    return _one(desk, alarm)


def _known(connection: sqlite3.Connection, alarm: str) -> sqlite3.Row:
    row = alarms.find(connection, alarm)
    if row is None:
        raise Refused(404, "unknown_alarm", "There is no such alarm.", "It may be more than a year old.")
    return row


def _told(desk: Desk, connection: sqlite3.Connection, alarm: str, facts: Sequence[Fact]) -> None:
    desk.send(connection, *facts)
    desk.touched.tell(ALARMS)
    desk.touched.add(alarms.gtins_of(connection, alarm))
