"""Who and what may come in, as a manager decides: enrolment codes, devices, clerks."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from gateway.api.access import MANAGER, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body
from gateway.core.enrolment import enrolment_url
from gateway.core.pin import is_good
from gateway.store import clerks
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/manager", tags=["manager"], route_class=StrictRoute)
Manager = Annotated[Clerk, Depends(MANAGER)]
Id = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]


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
