"""What was refused, and what waits to be folded again."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cloud_sync.hq import letters
from cloud_sync.hq.api.parts import Parts
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute


def letters_router(parts: Parts) -> APIRouter:
    """What staff may look at, and try again."""
    router = APIRouter(prefix="/api", tags=["views"], route_class=StrictRoute, responses=errors(401))
    staff = [Depends(parts.sessions.access)]

    @router.get("/dead-letters", dependencies=staff)
    async def get_dead_letters(limit: Annotated[int, Query(ge=1, le=200)] = 50) -> letters.Refused:
        """What was refused, and why."""
        return await asyncio.to_thread(parts.views.refused, limit)

    @router.post("/set-aside/retry", dependencies=staff, responses=errors(409))
    async def retry_set_aside() -> letters.FoldedAgain:
        """Fold again what was set aside, in the order of its stream; 409 where none of it can be folded yet."""
        found = await parts.log.retry()
        if found.failed and not found.folded + found.refused:
            message = f"{found.failed} facts still cannot be folded: {found.detail}"
            raise Refused(409, "fold", message, "They are kept. Update Aisle and try again.")
        return {"folded": found.folded, "refused": found.refused, "left": found.failed, "detail": found.detail}

    return router
