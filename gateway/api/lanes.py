"""Lanes and doors as they are now."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import Desk, desk_of
from models.messages.envelopes import Command
from models.process.refusals import errors
from models.process.web import PUBLIC, Refused, StrictRoute

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


SOON_MS: Final = 5 * 60_000
"""So long a lane is shown as opening soon at most; then it has opened, or nobody came."""


class Opening(BaseModel):
    """Until when the lane is shown as opening soon."""

    lane: str
    until_ms: int


@router.post("/lanes/{lane}/opening", responses=errors(404, 409, 503))
async def opening(
    request: Request,
    lane: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")],
    clerk: Annotated[Clerk, Depends(CLERK)],
) -> Opening:
    """Say that somebody is on the way to open a lane: the store screen shows it, five minutes at most."""
    desk = desk_of(request)
    node = next((one for one in desk.samples.nodes() if lane in one.lanes), None)
    if node is None:
        raise Refused(404, "no_such_lane", "No node decides about such a lane.", "Look at the list of lanes.")
    if node.state != "online":
        raise Refused(409, "node_offline", "The lane's node is offline.", "Look whether it has power and network.")
    until_ms = desk.clock.now_ms() + SOON_MS
    if not desk.tell_node(node.node, Command(command="opening", lane=lane, until_ms=until_ms, by=clerk.id)):
        raise Refused(503, "no_broker", "The node cannot be told now.", "Wait until the broker is there again.")
    return Opening(lane=lane, until_ms=until_ms)
