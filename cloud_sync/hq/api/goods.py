"""What stores should hold and what is on its way to them: plans and notices go down, what came is looked at."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from cloud_sync.hq.answers import BadLine, HqDeliveries, PlanImport, StorePlan
from cloud_sync.hq.api.catalogue import GtinPath, as_gtin
from cloud_sync.hq.api.parts import Parts
from models.codes.notice import Notice
from models.codes.plan_csv import BadPlan, check_numbers, read_plan, write_plan
from models.messages.goods import PlanogramChanged
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

ShelfPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
StorePath = Annotated[str, Path(min_length=1, max_length=32)]
_CSV: Final[dict[str, Any]] = {"content": {"text/csv": {"schema": {"type": "string"}}}}


class SlotBody(BaseModel):
    """How a product shall stand on a shelf."""

    facings: int = Field(ge=1, le=100_000)
    capacity: int = Field(ge=1, le=100_000)
    low: int = Field(ge=0, le=100_000)


def plans_router(parts: Parts) -> APIRouter:
    """Routes of stores' plans."""
    router = APIRouter(prefix="/api", tags=["goods"], route_class=StrictRoute, responses=errors(401, 404))
    staff = [Depends(parts.sessions.access)]

    async def plan_of(store: str) -> StorePlan:
        return await asyncio.to_thread(parts.views.plan, _known(parts, store))

    @router.get("/stores/{store}/planogram", dependencies=staff)
    async def get_plan(store: StorePath) -> StorePlan:
        """What belongs where in a store."""
        return await plan_of(store)

    @router.get("/stores/{store}/planogram.csv", dependencies=staff, responses={200: _CSV}, response_class=Response)
    async def export_plan(store: StorePath) -> Response:
        """A store's plan as CSV, as it is taken again."""
        slots = (await plan_of(store))["slots"]
        text = write_plan((one["shelf"], one["gtin"], one["facings"], one["capacity"], one["low"]) for one in slots)
        headers = {"content-disposition": f'attachment; filename="planogram-{store}.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    @router.post("/stores/{store}/planogram", dependencies=staff, openapi_extra={"requestBody": _CSV})
    async def import_plan(store: StorePath, request: Request) -> PlanImport:
        """Take over a plan as CSV and tell the store; lines that cannot be used are named with why."""
        _known(parts, store)
        try:
            good, bad = read_plan(await request.body())
        except BadPlan as error:
            raise Refused(422, "bad_plan", f"This is no planogram: {error}.", "Export one to see it.") from error
        now_ms = parts.clock.now_ms()
        wished = [
            PlanogramChanged(
                t_ms=now_ms, gtin=one.gtin, shelf=one.shelf, facings=one.facings, capacity=one.capacity, low=one.low
            )
            for one in good
        ]
        changed = await parts.log.plan(store, wished)
        refused: list[BadLine] = [{"line": one.line, "why": one.why} for one in bad]
        return {"rows": len(good), "changed": changed, "refused": refused}

    @router.put("/stores/{store}/planogram/{shelf}/{gtin}", dependencies=staff)
    async def put_slot(store: StorePath, shelf: ShelfPath, gtin: GtinPath, body: SlotBody) -> StorePlan:
        """Say how a product stands on a shelf of a store."""
        why = check_numbers(body.facings, body.capacity, body.low)
        if why is not None:
            raise Refused(422, "bad_slot", f"This cannot be: {why}.", "Correct the numbers.")
        wish = PlanogramChanged(t_ms=parts.clock.now_ms(), gtin=as_gtin(gtin), shelf=shelf, **body.model_dump())
        await parts.log.plan(_known(parts, store), [wish])
        return await plan_of(store)

    @router.delete("/stores/{store}/planogram/{shelf}/{gtin}", dependencies=staff)
    async def remove_slot(store: StorePath, shelf: ShelfPath, gtin: GtinPath) -> StorePlan:
        """Say that a product no longer belongs on a shelf of a store."""
        wish = PlanogramChanged(
            t_ms=parts.clock.now_ms(), gtin=as_gtin(gtin), shelf=shelf, facings=0, capacity=0, low=0
        )
        await parts.log.plan(_known(parts, store), [wish])
        return await plan_of(store)

    return router


def deliveries_router(parts: Parts) -> APIRouter:
    """Routes of deliveries."""
    router = APIRouter(prefix="/api", tags=["goods"], route_class=StrictRoute, responses=errors(401, 404))
    staff = [Depends(parts.sessions.access)]

    @router.post("/stores/{store}/deliveries", dependencies=staff, status_code=201, responses=errors(409))
    async def announce(store: StorePath, body: Notice) -> HqDeliveries:
        """Announce a delivery to a store."""
        if not await parts.log.announce(_known(parts, store), body.fact(parts.clock.now_ms())):
            raise Refused(
                409, "received", "This delivery has been received, or a newer notice is known.", "Take a new number."
            )
        return await asyncio.to_thread(parts.views.deliveries, store, 50)

    @router.get("/deliveries", dependencies=staff)
    async def get_deliveries(
        store: Annotated[str | None, Query(max_length=32)] = None, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> HqDeliveries:
        """What is on its way to stores and what came, with what differs and what went to the wrong store."""
        return await asyncio.to_thread(parts.views.deliveries, None if store is None else _known(parts, store), limit)

    return router


def _known(parts: Parts, store: str) -> str:
    if store not in parts.stores:
        raise Refused(404, "unknown_store", "There is no such store.", "Look at the list of stores.")
    return store
