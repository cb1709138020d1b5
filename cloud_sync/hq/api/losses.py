"""What stores miss."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cloud_sync.hq.answers import Losses
from cloud_sync.hq.api.parts import Parts
from models.process.refusals import errors
from models.process.web import StrictRoute


def losses_router(parts: Parts) -> APIRouter:
    """What staff may look at."""
    router = APIRouter(prefix="/api", tags=["views"], route_class=StrictRoute, responses=errors(401))

    @router.get("/shrink", dependencies=[Depends(parts.sessions.access)])
    async def get_shrink(days: Annotated[int, Query(ge=1, le=366)] = 30) -> Losses:
        """What each store misses of the last days, at the price then, and the alarms that nobody has closed."""
        return await asyncio.to_thread(parts.views.losses, days)

    return router
