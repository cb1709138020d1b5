"""Tasks of the floor: seen, claimed by exactly one clerk, given back, done.

What a client does carries an ``action`` that it made, so that what is sent twice, or late, counts once.
"""

import sqlite3
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import TASKS, Desk, desk_of
from gateway.api.products import Body, Token
from gateway.core.planogram import DefaultRule
from gateway.core.tasks import needed
from gateway.store import counts, tasks
from gateway.store.tasks import Outcome
from models.messages.facts import StockChanged
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/tasks", tags=["tasks"], route_class=StrictRoute)

MOST_NEWS: Final = 50
_Name = Annotated[Token, Path()]
_Caller = Annotated[Clerk, Depends(CLERK)]


class Task(BaseModel):
    """Something to do. A count says nothing of the books (``null``): it is blind.

    ``epcs`` are the pieces to bring home; ``expires_ms`` is when a claim runs out; ``mine``: the caller has it.
    """

    task: str
    type: Literal["replenish", "tidy", "count"]
    state: Literal["open", "claimed", "done", "dropped"]
    priority: int
    gtin: str
    name_en: str | None
    name_zh: str | None
    shelf: str
    quantity: int | None
    on_shelf: int | None
    in_backroom: int | None
    epcs: list[str]
    from_place: str
    to_place: str
    reason: Literal["empty", "low", "misplaced", "never_counted", "old_count", "unsure", "count_differs"]
    since_ms: int
    claimed_by: str | None
    claimed_name: str | None
    claimed_ms: int | None
    expires_ms: int | None
    done_ms: int | None
    mine: bool


class Tasks(BaseModel):
    """A list of tasks, the most urgent first; those that are done the newest first."""

    as_of_ms: int
    tasks: list[Task]


class TaskNews(BaseModel):
    """How many tasks nobody has, how many the caller has, and those that changed; empty: look at all again."""

    open: int
    mine: int
    changed: list[Task]


class Action(Body):
    """What a client calls what it does: sent twice it counts once."""

    action: Token | None = None


class Done(Action):
    """How many pieces were brought, of goods that people count; what was asked for where it is left out."""

    quantity: Annotated[int, Field(ge=1, le=100_000)] | None = None


def task_of(row: sqlite3.Row, clerk: str) -> Task:
    """A row of the store as the API tells it."""
    is_blind = row["type"] == "count"
    return Task(
        task=row["task"],
        type=row["type"],
        state=row["state"],
        priority=row["priority"],
        gtin=row["gtin"],
        name_en=row["name_en"],
        name_zh=row["name_zh"],
        shelf=row["shelf"],
        quantity=None if is_blind else row["quantity"],
        on_shelf=None if is_blind else row["on_shelf"],
        in_backroom=None if is_blind else row["backroom"],
        epcs=msgspec.json.decode(row["epcs"], type=list[str]),
        from_place=row["from_place"],
        to_place=row["to_place"],
        reason=row["reason"],
        since_ms=row["since_ms"],
        claimed_by=row["done_by"] or row["claimed_by"],
        claimed_name=row["claimed_name"],
        claimed_ms=row["claimed_ms"],
        expires_ms=row["expires_ms"] if row["state"] == "claimed" else None,
        done_ms=row["done_ms"],
        mine=row["state"] == "claimed" and row["claimed_by"] == clerk,
    )


def news(desk: Desk, clerk: str, names: list[str]) -> TaskNews:
    """What a page that watches is told when these tasks changed; none named: any of them."""
    with desk.reading() as connection:
        count, mine = tasks.numbers(connection, clerk)
        rows = tasks.several(connection, names) if 0 < len(names) <= MOST_NEWS else []
    return TaskNews(open=count, mine=mine, changed=[task_of(row, clerk) for row in rows])


@router.get("", responses=errors())
async def get_tasks(
    request: Request,
    clerk: _Caller,
    state: Literal["open", "mine", "done"] = "open",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Tasks:
    """What there is to do (``open``: also what others have claimed), what is mine, what was done in the last day."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    with desk.reading() as connection:
        if state == "done":
            rows = tasks.over(connection, now_ms, limit)
        elif state == "mine":
            rows = tasks.claimed(connection, clerk.id, limit)
        else:
            rows = tasks.unfinished(connection, limit)
    return Tasks(as_of_ms=now_ms, tasks=[task_of(row, clerk.id) for row in rows])


@router.post("/{task}/claim", responses=errors(404, 409))
async def claim(request: Request, task: _Name, clerk: _Caller, body: Action | None = None) -> Task:
    """Take a task; of several who try exactly one gets it. Claiming again makes the claim last longer."""
    desk = desk_of(request)
    until_ms = desk.clock.now_ms() + desk.settings.tasks.claim_minutes * 60_000

    def change(connection: sqlite3.Connection, row: sqlite3.Row, now_ms: int, outcome: Outcome) -> None:
        _refuse_over(row)
        if not tasks.claim(connection, task, clerk.id, now_ms=now_ms, until_ms=until_ms, outcome=outcome):
            raise _claimed(row)

    return await _act(desk, task, clerk, body, change)


@router.post("/{task}/release", responses=errors(404, 409))
async def release(request: Request, task: _Name, clerk: _Caller, body: Action | None = None) -> Task:
    """Give a task back."""

    def change(connection: sqlite3.Connection, row: sqlite3.Row, now_ms: int, outcome: Outcome) -> None:
        if not tasks.release(connection, task, clerk.id, now_ms, outcome) and row["state"] == "claimed":
            raise _claimed(row)

    return await _act(desk_of(request), task, clerk, body, change)


@router.post("/{task}/done", responses=errors(404, 409))
async def done(request: Request, task: _Name, clerk: _Caller, body: Done | None = None) -> Task:
    """Say that a task is done.

    Of tagged goods the shelf decides, and this is refused until it sees them. Of goods that people count the books
    move from the back room to the shelf. A count is done by counting.
    """
    desk = desk_of(request)

    def change(connection: sqlite3.Connection, row: sqlite3.Row, now_ms: int, outcome: Outcome) -> None:
        if row["state"] == "done" and clerk.id in {row["done_by"], row["claimed_by"]}:
            return
        _refuse_over(row)
        if row["state"] == "claimed" and row["claimed_by"] != clerk.id and row["expires_ms"] > now_ms:
            raise _claimed(row)
        moved = 0
        if row["type"] == "count":
            raise Refused(409, "count_first", "A count is done by counting.", f"Count it on {row['shelf']}.")
        if row["type"] == "tidy" or _is_watched(desk, connection, row):
            if _shelf_agrees(desk, connection, row, outcome):
                return
        else:
            moved = row["quantity"] if body is None or body.quantity is None else body.quantity
            _transfer(desk, connection, row, moved, now_ms)
        tasks.finish(connection, task, clerk.id, moved=moved, now_ms=now_ms, outcome=outcome)

    return await _act(desk, task, clerk, body, change)


@router.post("/{task}/undone", responses=errors(404, 409))
async def undone(request: Request, task: _Name, clerk: _Caller, body: Action | None = None) -> Task:
    """Take back within ten minutes that a task is done; books that were moved for it move back."""
    desk = desk_of(request)

    def change(connection: sqlite3.Connection, row: sqlite3.Row, now_ms: int, outcome: Outcome) -> None:
        if row["state"] == "open":
            return
        if row["state"] != "done" or row["done_by"] != clerk.id:
            raise Refused(409, "not_yours", "Only who said that a task is done can take it back.", "Ask them.")
        if row["done_ms"] < now_ms - tasks.UNDO_MS:
            raise Refused(409, "too_late", "A task can be taken back for ten minutes.", "Count the shelf instead.")
        if row["moved"]:
            _transfer(desk, connection, row, -row["moved"], now_ms)
        if not tasks.reopen(connection, task, now_ms, outcome):
            raise Refused(409, "again", "There is a new task for this already.", "Take that one.")

    return await _act(desk, task, clerk, body, change)


_Change = Callable[[sqlite3.Connection, sqlite3.Row, int, Outcome], None]


async def _act(desk: Desk, task: str, clerk: Clerk, body: Action | None, change: _Change) -> Task:
    """Do something to a task once, whoever asks how often, and tell who watches."""
    outcome = Outcome()
    action = None if body is None else body.action

    def whole(connection: sqlite3.Connection) -> Task:
        now_ms = desk.clock.now_ms()
        row = tasks.find(connection, task)
        if row is None:
            raise Refused(404, "unknown_task", "There is no such task.", "Look at the list again.")
        if tasks.is_new_action(connection, action, task, clerk.id, now_ms):
            change(connection, row, now_ms, outcome)
            desk.touched.add(outcome.gtins)
            desk.send(connection, *outcome.facts)
        found = tasks.find(connection, task)
        assert found is not None  # noqa: S101 - nothing takes a task away but a year
        return task_of(found, clerk.id)

    answer = await desk.writer.arun(whole)
    if outcome.tasks:
        desk.watchers.tell(TASKS, outcome.tasks)
        desk.announce()
    return answer


def _refuse_over(row: sqlite3.Row) -> None:
    if row["state"] == "done":
        who = row["claimed_name"] or "Somebody"
        raise Refused(409, "done", f"{who} has done this already.", "Take another task.")
    if row["state"] == "dropped":
        raise Refused(409, "dropped", "This is no longer needed.", "Take another task.")


def _claimed(row: sqlite3.Row) -> Refused:
    return Refused(409, "claimed", f"{row['claimed_name'] or 'Somebody'} has this task.", "Take another task.")


def _is_watched(desk: Desk, connection: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether a reader decides what stands on the shelf: it is watched, and the product has tags."""
    watched = row["to_place"] in desk.floor(connection).watches
    return watched and tasks.is_tagged(connection, row["gtin"])


def _shelf_agrees(desk: Desk, connection: sqlite3.Connection, row: sqlite3.Row, outcome: Outcome) -> bool:
    """Look now; gives whether the task is over by what stands. Raises ``Refused`` where goods are still lacking."""
    wish = desk.settings.tasks
    rule = DefaultRule(wish.default_low, wish.default_capacity)
    seen = tasks.reconcile(connection, [row["gtin"]], desk.floor(connection), rule, desk.clock.now_ms())
    outcome.tasks |= seen.tasks
    outcome.facts += seen.facts
    now: Any = tasks.find(connection, row["task"])
    if now["state"] in {"done", "dropped"}:
        return True
    if row["type"] == "tidy":
        left = len(msgspec.json.decode(now["epcs"], type=list[str]))
        raise Refused(
            409,
            "shelf_decides",
            f"{left} of them are not where they belong yet.",
            f"Bring them to {now['to_place']}; the shelf says when they are there.",
        )
    arrived = max(now["on_shelf"] - now["base"], 0)
    if arrived and now["backroom"] == 0:
        # Everything that there was has been brought.
        return False
    raise Refused(
        409,
        "shelf_decides",
        f"The shelf sees {arrived} of {now['quantity']} so far.",
        f"It has to see {needed(now['quantity'])}; put them on {now['shelf']}, or give the task back.",
    )


def _transfer(desk: Desk, connection: sqlite3.Connection, row: sqlite3.Row, pieces: int, now_ms: int) -> None:
    """Move pieces in the books from the back room to the shelf."""
    places = [(row["shelf"], pieces)]
    if counts.has_books(connection, row["gtin"], row["from_place"]):
        places.append((row["from_place"], -pieces))
    for place, delta in places:
        fact = StockChanged(
            t_ms=now_ms, gtin=row["gtin"], place=place, delta=delta, reason="transfer", reference=row["task"]
        )
        desk.send(connection, counts.book(connection, fact))
    desk.touched.add({row["gtin"]})
