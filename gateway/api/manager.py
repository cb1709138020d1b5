"""What a manager sees and decides: the state of the store, refused messages, devices and clerks."""

import asyncio
import sqlite3
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from cloud_sync.stream import dead_letters
from gateway.api.access import MANAGER, Clerk, errors
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body
from gateway.core.pin import is_good
from gateway.store import clerks
from models.messages.samples import NodeStatus, Problem
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/manager", tags=["manager"], route_class=StrictRoute)
Manager = Annotated[Clerk, Depends(MANAGER)]
Id = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]


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


class Node(BaseModel):
    """What an edge node last said of itself."""

    node: str
    t_ms: int
    state: Literal["online", "offline"]
    version: str
    problems: list[ProblemNow]
    streams: list[Stream]


class DeadLetter(BaseModel):
    """A message that was refused; ``body`` is its beginning, as text."""

    t_ms: int
    source: str
    reason: str
    detail: str
    body: str


class DeadLetters(BaseModel):
    """How many were ever refused, by reason, and the newest of them."""

    counts: dict[str, int]
    newest: list[DeadLetter]


class Status(BaseModel):
    """The state of the store."""

    nodes: list[Node]
    problems: list[ProblemNow]
    streams: list[Stream]
    dead_letters: DeadLetters


class EnrolmentWish(Body):
    """What the new device shall be called."""

    name: Annotated[str, Field(min_length=1, max_length=60)]


class Enrolment(BaseModel):
    """A one-time code, and the address that uses it when it is opened on the device."""

    code: str
    url: str
    expires_ms: int


class DeviceInfo(BaseModel):
    """An enrolled device."""

    id: str
    name: str
    enrolled_ms: int


class ClerkInfo(BaseModel):
    """Somebody who may sign in."""

    id: str
    name: str
    role: Literal["clerk", "manager"]
    created_ms: int


class NewClerk(Body):
    """Somebody who shall be able to sign in."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    pin: Annotated[str, Field(min_length=4, max_length=12, pattern=r"^[0-9]+$")]
    role: Literal["clerk", "manager"] = "clerk"


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
    return DeadLetters(counts=dead_letters.counts(connection), newest=newest)


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


@router.post("/enrolments", status_code=201, responses=errors())
async def enrol(request: Request, body: EnrolmentWish, _manager: Manager) -> Enrolment:
    """Make a one-time code for a new device; it lasts 15 minutes."""
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    code, expires_ms = await desk.writer.arun(lambda connection: clerks.add_enrolment(connection, body.name, now_ms))
    return Enrolment(code=code, url=enrolment_url(_address(desk, request), code), expires_ms=expires_ms)


def _address(desk: Desk, request: Request) -> str:
    """What the manager's own browser calls us is what a device can most likely open."""
    listen = desk.settings.listen
    return listen.address if listen.url is not None else str(request.base_url).rstrip("/")


def enrolment_url(address: str, code: str) -> str:
    """The address that enrols the device on which it is opened. The code stands behind #, so that no log has it."""
    return f"{address}/handheld#enrol={code}"


@router.get("/devices", responses=errors())
async def devices(request: Request, _manager: Manager) -> list[DeviceInfo]:
    """All enrolled devices."""
    with desk_of(request).reading() as connection:
        rows = clerks.devices(connection)
    return [DeviceInfo(id=row["device"], name=row["name"], enrolled_ms=row["enrolled_ms"]) for row in rows]


@router.delete("/devices/{device}", status_code=204, responses=errors(404))
async def remove_device(request: Request, device: Id, _manager: Manager) -> None:
    """Forget a device that is lost; whoever was signed in on it is signed out."""
    if not await desk_of(request).writer.arun(lambda connection: clerks.remove_device(connection, device)):
        raise Refused(404, "unknown_device", "There is no such device.", "It may have been removed already.")


@router.get("/clerks", responses=errors())
async def get_clerks(request: Request, _manager: Manager) -> list[ClerkInfo]:
    """All who may sign in."""
    with desk_of(request).reading() as connection:
        rows = clerks.clerks(connection)
    return [
        ClerkInfo(id=row["clerk"], name=row["name"], role=row["role"], created_ms=row["created_ms"]) for row in rows
    ]


@router.post("/clerks", status_code=201, responses=errors())
async def add_clerk(request: Request, body: NewClerk, _manager: Manager) -> ClerkInfo:
    """Let somebody sign in with a PIN."""
    if not is_good(body.pin):
        raise Refused(422, "weak_pin", "This PIN is guessed first.", "Not all the same, not counting up or down.")
    desk = desk_of(request)
    now_ms = desk.clock.now_ms()
    pin_hash = await asyncio.to_thread(clerks.hash_pin, body.pin)
    who = await desk.writer.arun(
        lambda connection: clerks.add_clerk(connection, body.name, body.role, pin_hash, now_ms)
    )  # fmt: skip
    return ClerkInfo(id=who, name=body.name, role=body.role, created_ms=now_ms)


@router.delete("/clerks/{clerk}", status_code=204, responses=errors(404, 409))
async def remove_clerk(request: Request, clerk: Id, _manager: Manager) -> None:
    """Let somebody in no more."""
    try:
        removed = await desk_of(request).writer.arun(lambda connection: clerks.remove_clerk(connection, clerk))
    except clerks.LastManager as error:
        raise Refused(
            409, "last_manager", "Somebody has to be able to let others in.", "Make another manager first."
        ) from error
    if not removed:
        raise Refused(404, "unknown_clerk", "There is no such clerk.", "They may have been removed already.")
