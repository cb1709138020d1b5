"""Stores at a glance: stock, sales, footfall, waits, and the same live."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from cloud_sync.hq.answers import FootfallDay, Members, Overview, Sales, WaitsNow
from cloud_sync.hq.api.glance import Glance
from cloud_sync.hq.api.parts import Parts
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

Day = Annotated[date | None, Query(description="YYYY-MM-DD; each store's own today when left out.")]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def stores_router(parts: Parts) -> APIRouter:
    """What staff may look at."""
    router = APIRouter(prefix="/api", tags=["views"], route_class=StrictRoute, responses=errors(401))
    staff = [Depends(parts.sessions.access)]
    views = parts.views
    glance = Glance(parts.log, parts.views, parts.beat_s)

    @router.get("/stores", dependencies=staff)
    async def get_stores() -> Overview:
        """All stores at a glance, and all together."""
        return await asyncio.to_thread(views.overview)

    @router.get("/sales", dependencies=staff)
    async def get_sales(day: Day = None) -> Sales:
        """Sales of a day by store and in total."""
        return await asyncio.to_thread(views.sales, _iso(day))

    @router.get("/footfall", dependencies=staff)
    async def get_footfall(day: Day = None) -> FootfallDay:
        """Who came and went, by store and hour."""
        return await asyncio.to_thread(views.footfall, _iso(day))

    @router.get("/waits", dependencies=staff)
    async def get_waits(minutes: Annotated[int, Query(ge=1, le=1440)] = 15) -> WaitsNow:
        """Waits by store and lane over the last minutes."""
        return await asyncio.to_thread(views.waits, minutes)

    @router.get("/members", dependencies=staff)
    async def get_members() -> Members:
        """How many members there are, by store, and how many points. Names and phones stay sealed."""
        return await asyncio.to_thread(views.members)

    @router.get("/events", dependencies=staff, response_class=EventSourceResponse)
    async def get_events(request: Request) -> AsyncIterator[ServerSentEvent]:
        """``overview`` whenever something changed, and now and then in any case; ``signed-out`` at the end."""
        try:
            async with aclosing(glance.watch()) as overviews:
                async for overview in overviews:
                    await parts.sessions.access.check(request)
                    yield ServerSentEvent(event="overview", data=overview)
        except Refused:
            yield ServerSentEvent(event="signed-out", data={})

    return router
