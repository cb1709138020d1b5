"""The catalogue: look up with every store's stock, change, import."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from cloud_sync.hq.answers import Found, ImportState, Product
from cloud_sync.hq.api.parts import Parts
from models.codes.errors import BadGtin
from models.codes.gtin import normalise_gtin
from models.messages.facts import PriceChanged, ProductChanged
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
GtinPath = Annotated[str, Path(min_length=8, max_length=14, pattern=r"^[0-9]+$", description="8 to 14 digits.")]


class ProductBody(BaseModel):
    """How a product is to be; one of the names is enough."""

    name_en: str = Field(default="", max_length=200, pattern=PRINTABLE)
    name_zh: str = Field(default="", max_length=200, pattern=PRINTABLE)
    category: str = Field(default="", max_length=100, pattern=PRINTABLE)
    tagged: bool = False
    active: bool = True


class PriceBody(BaseModel):
    """A price from a time on; now when none is given."""

    price_minor: int = Field(ge=0, le=10**12)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    from_ms: int | None = Field(default=None, ge=0, le=253_402_300_799_999)


def as_gtin(text: str) -> str:
    """A typed GTIN with fourteen digits. Raises ``Refused`` (422)."""
    try:
        return normalise_gtin(text)
    except BadGtin as error:
        raise Refused(422, "gtin", str(error), "Compare it with the number under the bar code.") from error


def catalogue_router(parts: Parts) -> APIRouter:
    """Routes of products, prices and imports."""
    router = APIRouter(prefix="/api", tags=["catalogue"], route_class=StrictRoute, responses=errors(401, 404))
    staff = [Depends(parts.sessions.access)]

    async def known(gtin: str) -> Product:
        product = await asyncio.to_thread(parts.views.product, gtin)
        if product is None:
            raise Refused(404, "unknown", "No such product.", "Enter it first, or import it.")
        return product

    @router.get("/stock", dependencies=staff)
    async def get_stock(
        q: Annotated[str, Query(max_length=200, description="Parts of names, or of a GTIN.")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Found:
        """Products that match, with what each store has and in total."""
        return {"products": await asyncio.to_thread(parts.views.stock, q, limit)}

    @router.get("/products/{gtin}", dependencies=staff)
    async def get_product(gtin: GtinPath) -> Product:
        """One product, with what each store has."""
        return await known(as_gtin(gtin))

    @router.put("/products/{gtin}", dependencies=staff)
    async def put_product(gtin: GtinPath, body: ProductBody) -> Product:
        """Enter or change a product; every store is told."""
        if not (body.name_en.strip() or body.name_zh.strip()):
            raise Refused(422, "name", "A product needs a name.", "Fill in the English or the Chinese one.")
        number = as_gtin(gtin)
        await parts.log.enter([ProductChanged(t_ms=parts.clock.now_ms(), gtin=number, **body.model_dump())])
        return await known(number)

    @router.put("/products/{gtin}/price", dependencies=staff)
    async def put_price(gtin: GtinPath, body: PriceBody) -> Product:
        """Enter a price; the stores that take its currency are told."""
        number = as_gtin(gtin)
        await known(number)
        now_ms = parts.clock.now_ms()
        from_ms = now_ms if body.from_ms is None else body.from_ms
        await parts.log.enter(
            [
                PriceChanged(
                    t_ms=now_ms, gtin=number, price_minor=body.price_minor, currency=body.currency, from_ms=from_ms
                )
            ]
        )
        return await known(number)

    @router.post(
        "/imports",
        dependencies=staff,
        status_code=202,
        openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def start_import(request: Request) -> ImportState:
        """Import a catalogue as CSV; gives its id at once, and its progress under that id."""
        return parts.imports.start(await request.body())

    @router.get("/imports/{number}", dependencies=staff)
    async def get_import(number: Annotated[int, Path(ge=1, le=2**31)]) -> ImportState:
        """How far an import is, and what was wrong with which line."""
        return parts.imports.progress(number)

    return router
