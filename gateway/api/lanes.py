"""Lanes and doors as they are now."""

from typing import Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.desk import Desk, desk_of
from models.process.refusals import errors
from models.process.web import PUBLIC, StrictRoute

router = APIRouter(prefix="/api", tags=["lanes"], route_class=StrictRoute)


class Lane(BaseModel):
    """One checkout lane now; numbers that nobody can believe are ``null``."""

    model_config = ConfigDict(from_attributes=True)

    lane: str
    name: str
    t_ms: int
    believed_until_ms: int
    state: Literal["open", "closed", "opening", "stopped", "unknown"]
    people: int | None
    wait_s: float | None
    wait_low_s: float | None
    wait_high_s: float | None


class Door(BaseModel):
    """One door now: in and out since opening."""

    door: str
    t_ms: int
    believed_until_ms: int
    entered: int = Field(serialization_alias="in")
    left: int = Field(serialization_alias="out")
    inside: int | None

    model_config = ConfigDict(from_attributes=True)


class Lanes(BaseModel):
    """All lanes and doors that somebody speaks for."""

    lanes: list[Lane]
    doors: list[Door]


def lanes_now(desk: Desk) -> Lanes:
    """Lanes and doors as they are now."""
    now_ms = desk.clock.now_ms()
    return Lanes(
        lanes=[Lane.model_validate(lane) for lane in desk.samples.lanes(now_ms)],
        doors=[Door.model_validate(door) for door in desk.samples.doors(now_ms)],
    )


@router.get("/lanes", dependencies=[Depends(PUBLIC)], responses=errors())
async def lanes(request: Request) -> Lanes:
    """Lanes and doors as they are now."""
    return lanes_now(desk_of(request))
