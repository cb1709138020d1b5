"""A camera for the manager who was let in: the page, its ticket, the newest frame and what is drawn over it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, RedirectResponse

from models.process.web import PUBLIC, Access, Refused

if TYPE_CHECKING:
    from edge.adapters.preview import Preview

STATIC: Final = Path(__file__).parent / "static"
_ASK: Final = "Ask for the picture again on the manager's page."
CameraName = Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


def cookie_of(camera: str) -> str:
    """The cookie that carries a camera's ticket."""
    return f"aisle_camera_{camera}"


def _previews(request: Request) -> Mapping[str, "Preview"]:
    previews: Mapping[str, Preview] = request.app.state.previews
    return previews


async def _may_look(request: Request) -> "Preview":
    camera = request.path_params.get("camera", "")
    preview = _previews(request).get(camera)
    ticket = request.cookies.get(cookie_of(camera), "")
    if preview is None or not preview.holds(ticket):
        raise Refused(401, "no_ticket", "This picture is not shown to you, or not any more.", _ASK)
    return preview


TICKET: Final = Access("ticket", _may_look)
Looking = Annotated[Any, Depends(TICKET)]
router = APIRouter(prefix="/cameras", tags=["cameras"])


@router.get("/{camera}", dependencies=[Depends(PUBLIC)], response_class=FileResponse)
async def page(camera: CameraName) -> Response:  # noqa: ARG001 - the script reads it from the address
    """The page; it shows nothing without a ticket."""
    return FileResponse(STATIC / "camera.html", headers={"cache-control": "no-cache"})


@router.get("/{camera}/open/{ticket}", dependencies=[Depends(PUBLIC)], response_class=RedirectResponse)
async def enter(request: Request, camera: CameraName, ticket: str) -> Response:
    """The link that a manager was given: it hands out the cookie, so that the address bar keeps no ticket."""
    preview = _previews(request).get(camera)
    if preview is None or not preview.holds(ticket):
        raise Refused(401, "no_ticket", "This link holds no longer.", _ASK)
    answer = RedirectResponse(f"/cameras/{camera}", status_code=303)
    answer.set_cookie(cookie_of(camera), ticket, httponly=True, samesite="strict", path=f"/cameras/{camera}")
    return answer


@router.get("/{camera}/picture", response_class=Response)
async def picture(camera: CameraName, preview: Looking) -> Response:  # noqa: ARG001 - the ticket's check reads it
    """The newest frame; kept by nobody."""
    data = await asyncio.to_thread(preview.jpeg)
    if data is None:
        raise Refused(404, "not_yet", "The camera has given no picture yet.", "Wait a moment.")
    return Response(data, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.get("/{camera}/scene")
async def scene(camera: CameraName, preview: Looking) -> dict[str, Any]:  # noqa: ARG001 - as above
    """What is drawn over the frame."""
    drawn: dict[str, Any] = preview.scene()
    return drawn
