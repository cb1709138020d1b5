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
    state: Literal["open", "closed", "opening", "closing", "stopped", "unknown"]
    people: int | None
    wait_s: float | None
    wait_low_s: float | None
    wait_high_s: float | None
    servers: int | None
    servers_stopped: int


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
CLOSING_MS: Final = 30 * 60_000
"""A lane that still has a queue after so long did not close: it is open again."""

LaneId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Who = Annotated[Clerk, Depends(CLERK)]


class LaneWord(BaseModel):
    """Until when what was said of a lane is believed, if it does not come true before."""

    lane: str
    until_ms: int


@router.post("/lanes/{lane}/opening", responses=errors(404, 409, 503))
async def opening(request: Request, lane: LaneId, clerk: Who) -> LaneWord:
    """Say that somebody is on the way to open a lane: the store screen shows it, five minutes at most."""
    return _say(desk_of(request), lane, "opening", clerk, SOON_MS)


@router.post("/lanes/{lane}/closing", responses=errors(404, 409, 503))
async def closing(request: Request, lane: LaneId, clerk: Who) -> LaneWord:
    """Say that a lane closes after those who stand in it: the store screen sends nobody there any more."""
    return _say(desk_of(request), lane, "closing", clerk, CLOSING_MS)


@router.post("/lanes/{lane}/opened", responses=errors(404, 409, 503))
async def opened(request: Request, lane: LaneId, clerk: Who) -> LaneWord:
    """Say that a lane is open: takes back that it closes."""
    return _say(desk_of(request), lane, "opened", clerk, 0)


def _say(
    desk: Desk, lane: str, word: Literal["opening", "closing", "opened"], clerk: Clerk, believed_ms: int
) -> LaneWord:
    """Tell the lane's node what a person says of it."""
    node = next((one for one in desk.samples.nodes() if lane in one.lanes), None)
    if node is None:
        raise Refused(404, "no_such_lane", "No node decides about such a lane.", "Look at the list of lanes.")
    if node.state != "online":
        raise Refused(409, "node_offline", "The lane's node is offline.", "Look whether it has power and network.")
    until_ms = desk.clock.now_ms() + believed_ms
    if not desk.tell_node(node.node, Command(command=word, lane=lane, until_ms=until_ms, by=clerk.id)):
        raise Refused(503, "no_broker", "The node cannot be told now.", "Wait until the broker is there again.")
    return LaneWord(lane=lane, until_ms=until_ms)
