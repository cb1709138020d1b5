"""Who holds this device: enrolment with a one-time code, signing in with a PIN."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from gateway.api.access import DEVICE, DEVICE_COOKIE, SESSION_COOKIE, Device, clerk_in, device_in, guard, set_cookie
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body
from gateway.store import clerks
from models.process.refusals import errors
from models.process.web import PUBLIC, Refused, StrictRoute

router = APIRouter(prefix="/api", tags=["access"], route_class=StrictRoute)


class Named(BaseModel):
    """Something with an id and a name for people."""

    id: str
    name: str


class SignedIn(Named):
    """Who is signed in."""

    role: Literal["clerk", "manager"]


class Session(BaseModel):
    """Which device calls, who is signed in on it, and who could be."""

    device: Named | None
    clerk: SignedIn | None
    store: Named
    clerks: list[Named]


class Enrolment(Body):
    """A one-time code."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class Pin(Body):
    """Who signs in, and their PIN."""

    clerk: Annotated[str, Field(min_length=1, max_length=64)]
    pin: Annotated[str, Field(min_length=1, max_length=64)]


def _session(desk: Desk, device: Device | None, clerk: SignedIn | None) -> Session:
    who: list[Named] = []
    if device is not None:
        with desk.reading() as connection:
            who = [Named(id=row["clerk"], name=row["name"]) for row in clerks.clerks(connection)]
    store = Named(id=desk.settings.store.id, name=desk.settings.store.name)
    return Session(
        device=None if device is None else Named(id=device.id, name=device.name), clerk=clerk, store=store, clerks=who
    )


@router.post("/devices/enrol", dependencies=[Depends(PUBLIC)], responses=errors(429))
async def enrol(request: Request, response: Response, body: Enrolment) -> Session:
    """Make this browser a handheld of the store, with a code that a manager made."""
    desk = desk_of(request)
    guard(request, desk.enrolments)
    enrolled = await desk.writer.arun(lambda connection: clerks.enrol(connection, body.code, desk.clock.now_ms()))
    if enrolled is None:
        raise Refused(
            403, "bad_code", "This code is wrong, was used, or is too old.", "Ask a manager to make a new one."
        )
    device, name, token = enrolled
    set_cookie(desk, response, DEVICE_COOKIE, token)
    return _session(desk, Device(device, name), None)


@router.get("/session", dependencies=[Depends(PUBLIC)], responses=errors())
async def get_session(request: Request) -> Session:
    """Who this is."""
    clerk = clerk_in(request)
    signed_in = None if clerk is None else _signed_in(clerk.id, clerk.name, clerk.role)
    return _session(desk_of(request), device_in(request), signed_in)


def _signed_in(who: str, name: str, role: str) -> SignedIn:
    return SignedIn(id=who, name=name, role="manager" if role == "manager" else "clerk")


@router.post("/session", responses=errors(429))
async def sign_in(
    request: Request, response: Response, body: Pin, device: Annotated[Device, Depends(DEVICE)]
) -> Session:
    """Sign in with a PIN. After five wrong ones the clerk has to wait a minute."""
    desk = desk_of(request)
    left_s = desk.pins.begin(body.clerk, desk.clock.monotonic_s())
    if left_s > 0:
        raise Refused(429, "paused", f"Too many wrong PINs. Wait {left_s:.0f} seconds.", "Then try again.")
    with desk.reading() as connection:
        row = clerks.clerk(connection, body.clerk)
    fits = await asyncio.to_thread(clerks.pin_fits, None if row is None else row["pin_hash"], body.pin)
    if row is None or not fits:
        raise Refused(403, "wrong_pin", "This is not the PIN.", "Try again; after five tries there is a pause.")
    desk.pins.succeeded(body.clerk)
    now_ms = desk.clock.now_ms()
    token = await desk.writer.arun(
        lambda connection: clerks.open_session(connection, row["clerk"], device.id, now_ms)
    )  # fmt: skip
    set_cookie(desk, response, SESSION_COOKIE, token, clerks.SESSION_MS // 1000)
    return _session(desk, device, _signed_in(row["clerk"], row["name"], row["role"]))


@router.delete("/session", status_code=204, dependencies=[Depends(PUBLIC)], responses=errors())
async def sign_out(request: Request, response: Response) -> None:
    """Sign out; also when the session is over already."""
    desk = desk_of(request)
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await desk.writer.arun(lambda connection: clerks.close_session(connection, token))
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
