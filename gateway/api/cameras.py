"""Cameras as a manager sets them up: a node shows the picture in the manager's browser alone; nobody else sees it."""

import hashlib
import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from gateway.api.access import MANAGER, Clerk
from gateway.api.desk import desk_of
from gateway.store import clerks, previews
from models.messages.envelopes import Command
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/cameras", tags=["cameras"], route_class=StrictRoute)
Manager = Annotated[Clerk, Depends(MANAGER)]
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]

SHOWN_MS: Final = 10 * 60_000
LISTED: Final = 50


class Camera(BaseModel):
    """A camera that a node has. ``can_be_seen``: its node is there and has pages that others reach."""

    node: str
    camera: str
    online: bool
    can_be_seen: bool


class Look(BaseModel):
    """Who was let see a camera, and until when."""

    t_ms: int
    node: str
    camera: str
    by: str
    by_name: str | None
    until_ms: int


class Cameras(BaseModel):
    """All cameras, and who looked through them, the newest first."""

    cameras: list[Camera]
    looks: list[Look]


class Preview(BaseModel):
    """Where this manager may look now; the address holds once for them, until ``until_ms``."""

    url: str
    until_ms: int


@router.get("", responses=errors())
async def cameras(request: Request, _manager: Manager) -> Cameras:
    """Every camera that a node says it has, and who looked."""
    desk = desk_of(request)
    found = [
        Camera(
            node=node.node,
            camera=camera,
            online=node.state == "online",
            can_be_seen=node.state == "online" and bool(node.screen),
        )
        for node in desk.samples.nodes()
        for camera in node.cameras
    ]
    with desk.reading() as connection:
        names = {row["clerk"]: row["name"] for row in clerks.clerks(connection)}
        looks = [
            Look(t_ms=t_ms, node=node, camera=camera, by=by, by_name=names.get(by), until_ms=until_ms)
            for t_ms, node, camera, by, until_ms in previews.newest(connection, LISTED)
        ]
    return Cameras(cameras=found, looks=looks)


@router.post("/{node}/{camera}/preview", responses=errors(404, 409, 503))
async def preview(request: Request, node: Name, camera: Name, manager: Manager) -> Preview:
    """Let this manager see a camera for ten minutes: the node is told a ticket's hash, and notes who looks."""
    desk = desk_of(request)
    status = next((one for one in desk.samples.nodes() if one.node == node and camera in one.cameras), None)
    if status is None:
        raise Refused(404, "no_such_camera", "No node has such a camera.", "Look at the list of cameras.")
    if status.state != "online":
        raise Refused(409, "node_offline", "The camera's node is offline.", "Look whether it has power and network.")
    if not status.screen:
        hint = 'Set host = "0.0.0.0" in the [screen] of its edge.toml.'
        raise Refused(409, "node_hidden", "The node's pages are shown on the node alone.", hint)
    ticket = secrets.token_urlsafe(24)
    until_ms = desk.clock.now_ms() + SHOWN_MS
    hashed = hashlib.sha256(ticket.encode()).hexdigest()
    command = Command(command="preview", camera=camera, ticket_hash=hashed, until_ms=until_ms, by=manager.id)
    if not desk.tell_node(node, command):
        raise Refused(503, "no_broker", "The node cannot be told now.", "Wait until the broker is there again.")
    return Preview(url=f"{status.screen}/cameras/{camera}/open/{ticket}", until_ms=until_ms)
