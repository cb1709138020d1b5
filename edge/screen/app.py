"""The page on the store screen, served by the node itself: it goes on with gateway and headquarters down."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import Depends, FastAPI, Response
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from prometheus_client import CollectorRegistry, Gauge

from edge.core.wait.recommend import recommend
from edge.screen import cameras
from edge.screen.board import Board
from edge.screen.picture import Recommend, ScreenPicture, Theme, Towards, believed, lane_picture
from models.process.clock import Clock
from models.process.health import Health
from models.process.web import PUBLIC, Refused, RevalidatedFiles, create_app, mount_shared_static

if TYPE_CHECKING:
    from edge.adapters.preview import Preview

STATIC: Final = Path(__file__).parent / "static"
BEAT_S: Final = 1.0
"""The page is told at least this often; it takes silence for an outage."""
MOST_VIEWERS: Final = 100
GATHER_S: Final = 0.1
"""Changes that come together are told together, at most ten times a second."""


class Screen:
    """The picture of the board, with the recommendation that was shown last (so that it does not flicker)."""

    def __init__(
        self,
        board: Board,
        clock: Clock,
        recommend: Recommend,
        titles: tuple[str, str],
        *,
        version: str,
        theme: Theme = "dark",
        towards: Mapping[str, Towards] = MappingProxyType({}),
    ) -> None:
        """``titles`` stand above the lanes, English and Chinese; ``towards`` says where a lane is from here."""
        self._board, self._clock, self._recommend = board, clock, recommend
        self._titles, self._version, self._theme = titles, version, theme
        self._towards = towards
        self._run = secrets.token_hex(4)
        self._previous: str | None = None

    def picture(self) -> ScreenPicture:
        """How the screen is now."""
        lanes = self._board.lanes()
        now_ms = self._clock.now_ms()
        self._previous = self._recommend(believed(lanes), now_ms, self._previous)
        return ScreenPicture(
            run=self._run,
            version=self._version,
            sent_ms=now_ms,
            steady_ms=round(self._clock.monotonic_s() * 1000),
            title_en=self._titles[0],
            title_zh=self._titles[1],
            theme=self._theme,
            recommended=self._previous,
            lanes=tuple(lane_picture(now, self._towards.get(now.lane)) for now in lanes),
        )


def create_screen(
    board: Board,
    health: Health,
    registry: CollectorRegistry,
    clock: Clock,
    *,
    recommend: Recommend = recommend,
    titles: tuple[str, str] = ("Checkouts", "收银台"),
    theme: Theme = "dark",
    towards: Mapping[str, Towards] = MappingProxyType({}),
    version: str = "",
    previews: Mapping[str, "Preview"] | None = None,
) -> FastAPI:
    """The screen's application: ``/`` the page, ``/events`` what it listens to, ``/api/lanes`` the same once.

    ``previews``: by camera, what a manager with a ticket may see at ``/cameras/{camera}``.
    """
    app = create_app("Aisle store screen", version or "0", health, registry)
    app.state.previews = previews or {}
    app.include_router(cameras.router)
    screen = Screen(board, clock, recommend, titles, version=version, theme=theme, towards=towards)
    viewers = Gauge("aisle_screen_viewers", "Pages that listen to this screen now.", registry=registry)
    viewers.set_function(lambda: board.watchers)

    @app.get("/", dependencies=[Depends(PUBLIC)], tags=["screen"], response_class=FileResponse)
    async def page() -> Response:
        """The full-screen page."""
        return FileResponse(STATIC / "screen.html", headers={"cache-control": "no-cache"})

    @app.get("/screen-worker.js", dependencies=[Depends(PUBLIC)], tags=["screen"], response_class=FileResponse)
    async def worker() -> Response:
        """What keeps the page for a browser that starts before its node; at the root, because that is its scope."""
        return FileResponse(STATIC / "screen-worker.js", headers={"cache-control": "no-cache"})

    async def room() -> None:
        if board.watchers >= MOST_VIEWERS:
            raise Refused(503, "too_many", "Too many pages watch this screen.", "Close some of them.")

    @app.get(
        "/events", dependencies=[Depends(PUBLIC), Depends(room)], tags=["screen"], response_class=EventSourceResponse
    )
    async def events() -> AsyncIterator[ServerSentEvent]:
        """``board`` events: the whole picture at each change and once a second."""
        with board.watching() as changed:
            while True:
                changed.clear()
                yield ServerSentEvent(raw_data=msgspec.json.encode(screen.picture()).decode(), event="board")
                await asyncio.sleep(GATHER_S)
                try:
                    await asyncio.wait_for(changed.wait(), BEAT_S - GATHER_S)
                except TimeoutError:
                    continue

    @app.get("/api/lanes", dependencies=[Depends(PUBLIC)], tags=["screen"])
    async def lanes() -> dict[str, Any]:
        """The picture once, as the page would show it now."""
        return dict(msgspec.to_builtins(screen.picture()))

    mount_shared_static(app)
    app.mount("/static", RevalidatedFiles(directory=STATIC), name="static")
    return app
