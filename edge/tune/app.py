"""The page of ``aisle camera tune``: shown to whoever has the link that the terminal printed, to nobody else."""

import asyncio
import hmac
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, RedirectResponse
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, Field

from edge.core.tuning import THRESHOLDS
from edge.tune.looks import Look
from edge.tune.session import FRAMES, Session
from edge.tune.writing import NotWritten
from models.process.health import Health
from models.process.web import PUBLIC, Access, Refused, RevalidatedFiles, create_app, mount_shared_static

STATIC: Final = Path(__file__).parent / "static"
COOKIE: Final = "aisle_tune"
_log = structlog.get_logger(__name__)

Spot = tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]
Number = Annotated[int, InPath(ge=0, lt=FRAMES)]


class Labels(BaseModel):
    """Where people are on a frame, as fractions of the picture."""

    people: Annotated[list[Spot], Field(max_length=300)]


class Saved(BaseModel):
    """What shall be set."""

    look: str
    threshold: Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True)
class Table:
    """What the routes share: the session, the link's key, and the cookie that the link hands out."""

    session: Session
    key: str
    token: str


def _table(request: Request) -> Table:
    table: Table = request.app.state.table
    return table


async def _has_the_link(request: Request) -> Session:
    table = _table(request)
    if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), table.token.encode()):
        raise Refused(401, "no_link", "This page needs the link.", "Open the link that the terminal shows.")
    return table.session


INSTALLER: Final = Access("installer", _has_the_link)
Tuning = Annotated[Session, Depends(INSTALLER)]
router = APIRouter()


def create_tune(session: Session, health: Health, key: str) -> FastAPI:
    """The application; ``key`` is the link's."""
    app = create_app("Aisle camera tuning", "0", health, CollectorRegistry())
    app.state.table = Table(session, key, secrets.token_urlsafe(24))
    app.include_router(router)
    mount_shared_static(app)
    app.mount("/static", RevalidatedFiles(directory=STATIC), name="static")
    return app


@router.get("/", dependencies=[Depends(PUBLIC)], response_class=FileResponse)
async def page() -> Response:
    """The page; it shows nothing without the link's cookie."""
    return FileResponse(STATIC / "tune.html", headers={"cache-control": "no-cache"})


@router.get("/open/{given}", dependencies=[Depends(PUBLIC)], response_class=RedirectResponse)
async def enter(request: Request, given: str) -> Response:
    """The link: it hands out the cookie, so that the address bar keeps no secret."""
    table = _table(request)
    if not hmac.compare_digest(given.encode(), table.key.encode()):
        raise Refused(401, "no_link", "That is not the link.", "Open the link that the terminal shows.")
    _log.info("frames are shown for tuning", camera=table.session.settings.name)
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(COOKIE, table.token, httponly=True, samesite="strict", path="/")
    return answer


@router.get("/api/tune")
async def state(session: Tuning) -> dict[str, Any]:
    """How far it is: frames, what was found and labelled on each."""
    return {
        "camera": session.settings.name,
        "problem": session.problem,
        "wanted": FRAMES,
        "region": [session.region.left, session.region.top, session.region.right, session.region.bottom],
        "threshold": session.before.threshold,
        "frames": [_frame(session, number) for number in range(len(session.frames))],
    }


@router.get("/api/tune/frames/{number}", response_class=Response)
async def picture(session: Tuning, number: Number) -> Response:
    """A frame, for this page alone."""
    _known(session, number)
    data = await asyncio.to_thread(session.jpeg, number)
    return Response(data, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.put("/api/tune/frames/{number}")
async def label(session: Tuning, number: Number, labels: Labels) -> dict[str, Any]:
    """Say where people are."""
    height, width = _known(session, number).shape[:2]
    session.label(number, [(x * width, y * height) for x, y in labels.people])
    return _frame(session, number)


@router.post("/api/tune/result")
async def result(session: Tuning) -> dict[str, Any]:
    """The best threshold and look by what was labelled so far, and how they err."""
    try:
        tuned = await asyncio.to_thread(session.tuned)
    except ValueError:
        raise Refused(409, "nothing_labelled", "No frame is labelled yet.", "Label at least one.") from None
    return {
        "best": asdict(tuned.best),
        "error": asdict(tuned.error),
        "expected": tuned.expected,
        "now": asdict(session.before),
        "before": asdict(tuned.before),
        "thresholds": THRESHOLDS,
        "curves": tuned.curves,
        "frame_ms": {timing.look.name: round(timing.frame_ms, 1) for timing in session.timings()},
        "fps": session.settings.fps,
    }


@router.post("/api/tune/save")
async def save(session: Tuning, body: Saved) -> dict[str, Any]:
    """Write it into the settings."""
    look = _look(session, body.look)
    try:
        await asyncio.to_thread(session.save, look, body.threshold)
    except NotWritten as error:
        raise Refused(409, "not_written", str(error), "Put the values there by hand.") from error
    return {"file": str(session.config), "camera": session.settings.name}


def _known(session: Session, number: int) -> Any:  # noqa: ANN401 - an OpenCV matrix
    if number >= len(session.frames):
        raise Refused(404, "not_yet", "That frame is not taken yet.", "Wait a moment.")
    return session.frames[number].image


def _look(session: Session, name: str) -> Look:
    for look in session.looks:
        if look.name == name:
            return look
    raise Refused(422, "no_such_look", f"There is no look {name}.", "Take one of the result's.")


def _frame(session: Session, number: int) -> dict[str, Any]:
    frame = session.frames[number]
    height, width = frame.image.shape[:2]
    boxes = session.suggested(frame)
    people = frame.people
    return {
        "width": width,
        "height": height,
        "boxes": [[x0 / width, y0 / height, x1 / width, y1 / height] for x0, y0, x1, y1, _score in boxes.tolist()],
        "people": None if people is None else [[x / width, y / height] for x, y in people],
    }
