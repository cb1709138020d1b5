"""What a manager sees: the state of the store, and what was refused."""

import asyncio
import sqlite3
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from cloud_sync.stream import dead_letters, set_aside
from gateway.api.access import MANAGER, Clerk
from gateway.api.desk import desk_of
from gateway.late import fold_again
from models.messages.samples import NodeStatus, Problem
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/manager", tags=["manager"], route_class=StrictRoute)
Manager = Annotated[Clerk, Depends(MANAGER)]


class ProblemNow(BaseModel):
    """Something that is wrong now, and what a person can do about it."""

    subject: str
    code: str
    since_ms: int
    message: str
    hint: str


class Stream(BaseModel):
    """How far an outgoing stream has come."""

    peer: str
    stream: Literal["ledger", "telemetry"]
    last: int
    acknowledged: int
    dropped: int
    bytes: int


class Reader(BaseModel):
    """An RFID reader of a node: what it is taken for, and what it has said since the node began."""

    reader: str
    state: Literal["reading", "lost"]
    profile: str
    model: int
    firmware: str
    sightings: int
    ignored: int
    elsewhere: int
    refused: int
    overflows: int


class Node(BaseModel):
    """What an edge node last said of itself."""

    node: str
    t_ms: int
    state: Literal["online", "offline"]
    version: str
    problems: list[ProblemNow]
    streams: list[Stream]
    readers: list[Reader]
    cameras: list[str]


class DeadLetter(BaseModel):
    """A message that was refused; ``body`` is its beginning, as text."""

    t_ms: int
    source: str
    reason: str
    detail: str
    body: str


class SetAside(BaseModel):
    """Facts on which this software broke: kept whole, in order, for a version that can fold them."""

    facts: int
    since_ms: int | None
    detail: str


class DeadLetters(BaseModel):
    """How many were ever refused, by reason, the newest of them, and what waits to be folded again."""

    counts: dict[str, int]
    newest: list[DeadLetter]
    set_aside: SetAside


class FoldedAgain(BaseModel):
    """How many facts were folded now, were refused for good, and are still set aside, with the newest reason."""

    folded: int
    refused: int
    left: int
    detail: str


class Status(BaseModel):
    """The state of the store."""

    nodes: list[Node]
    problems: list[ProblemNow]
    streams: list[Stream]
    dead_letters: DeadLetters


def _problem(problem: Problem) -> ProblemNow:
    return ProblemNow.model_validate(msgspec.structs.asdict(problem))


def _node(status: NodeStatus) -> Node:
    return Node(
        node=status.node,
        t_ms=status.t_ms,
        state=status.state,
        version=status.version,
        problems=[_problem(problem) for problem in status.problems],
        streams=[Stream.model_validate(msgspec.structs.asdict(stream)) for stream in status.streams],
        readers=[Reader.model_validate(msgspec.structs.asdict(reader)) for reader in status.readers],
        cameras=list(status.cameras),
    )


def _dead_letters(connection: sqlite3.Connection, limit: int) -> DeadLetters:
    newest = [
        DeadLetter(
            t_ms=letter.t_ms,
            source=letter.source,
            reason=letter.reason,
            detail=letter.detail,
            body=letter.body.decode("utf-8", "replace"),
        )
        for letter in dead_letters.newest(connection, limit)
    ]
    waiting = set_aside.waiting(connection)
    return DeadLetters(
        counts=dead_letters.counts(connection),
        newest=newest,
        set_aside=SetAside(facts=waiting.facts, since_ms=waiting.since_ms, detail=waiting.detail),
    )


@router.get("/status", responses=errors())
async def status(request: Request, _manager: Manager) -> Status:
    """The state of the store: nodes, what is wrong, how far headquarters is, what was refused."""
    desk = desk_of(request)
    with desk.reading() as connection:
        states = desk.outbox.states(connection)
        letters = _dead_letters(connection, 5)
    return Status(
        nodes=[_node(node) for node in desk.samples.nodes()],
        problems=[_problem(problem) for problem in desk.health.problems()],
        streams=[Stream.model_validate(msgspec.structs.asdict(state)) for state in states],
        dead_letters=letters,
    )


@router.get("/dead-letters", responses=errors())
async def get_dead_letters(
    request: Request, _manager: Manager, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> DeadLetters:
    """Messages that were refused, the newest first."""
    with desk_of(request).reading() as connection:
        return _dead_letters(connection, limit)


@router.post("/set-aside/retry", responses=errors(409, 503))
async def retry_set_aside(request: Request, _manager: Manager) -> FoldedAgain:
    """Fold again what was set aside, in the order of its stream; 409 where none of it can be folded yet."""
    desk = desk_of(request)
    retried = await asyncio.to_thread(fold_again, desk)
    if retried.failed and not retried.folded + retried.refused:
        message = f"{retried.failed} facts still cannot be folded: {retried.detail}"
        raise Refused(409, "fold", message, "They are kept. Update Aisle and try again.")
    return FoldedAgain(folded=retried.folded, refused=retried.refused, left=retried.failed, detail=retried.detail)
