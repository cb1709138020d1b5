"""Codes: what a picture or a text says, and which product it is."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from gateway.api.access import SCANNER, Clerk, Shopper
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body
from gateway.api.stock import gtin_of
from gateway.store import catalogue
from models.codes.errors import BadCode, BadImage
from models.codes.gs1 import ParsedCode, parse_code
from models.process.refusals import errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/codes", tags=["codes"], route_class=StrictRoute)

_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png")},
    }
}


class CodeText(Body):
    """What a scanner read, or somebody typed."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class CodeProduct(BaseModel):
    """The product that a code names, with its price now."""

    gtin: str
    name_en: str
    name_zh: str
    price_minor: int
    currency: str


class Parsed(BaseModel):
    """What a code says, where it says it; ``problem`` says why one that was seen cannot be used."""

    symbology: str
    text: str
    gtin: str | None
    serial: str | None
    member: str | None
    epc: str | None
    problem: str
    product: CodeProduct | None


class ParsedCodes(BaseModel):
    """What was found in a picture."""

    codes: list[Parsed]


def _parsed(desk: Desk, found: list[ParsedCode]) -> list[Parsed]:
    now_ms = desk.clock.now_ms()
    parsed = []
    with desk.reading() as connection:
        for code in found:
            gtin = gtin_of(connection, code)
            row = None if gtin is None else catalogue.find(connection, gtin, now_ms)
            product = None
            if row is not None:
                product = CodeProduct(
                    gtin=row["gtin"],
                    name_en=row["name_en"],
                    name_zh=row["name_zh"],
                    price_minor=row["price_minor"],
                    currency=row["currency"] or desk.settings.store.currency,
                )
            parsed.append(
                Parsed(
                    symbology=code.symbology,
                    text=code.text,
                    gtin=gtin,
                    serial=code.serial,
                    member=code.member,
                    epc=code.epc,
                    problem=code.problem,
                    product=product,
                )
            )
    return parsed


def parse(text: str) -> ParsedCode:
    """Say what a text says. Raises ``Refused`` (422)."""
    try:
        return parse_code(text)
    except BadCode as error:
        raise Refused(422, "bad_code", f"This code cannot be used: {error}", "Scan it again.") from error


@router.post("/text", responses=errors())
async def text(
    request: Request, body: CodeText, _caller: Annotated[Shopper | Clerk, Depends(SCANNER)]
) -> Parsed:  # fmt: skip
    """Say what a text says: GTIN, GS1 element string, Digital Link, EPC, a member's code."""
    return _parsed(desk_of(request), [parse(body.text)])[0]


@router.post("/image", responses=errors(), openapi_extra=_PICTURE)
async def image(request: Request, _caller: Annotated[Shopper | Clerk, Depends(SCANNER)]) -> ParsedCodes:
    """Read the codes in a picture of at most 1 MB. It is looked at in memory and never kept."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"image/jpeg", "image/png"}:
        raise Refused(415, "not_a_picture", "A JPEG or PNG picture is expected.", "Take a picture with the camera.")
    # Imported by the first picture: what reads pictures takes 30 MB, and many stores have scanners.
    from models.codes.image import read_image

    body = await request.body()
    try:
        found = await asyncio.to_thread(read_image, body)
    except BadImage as error:
        raise Refused(422, "bad_picture", f"This picture cannot be read: {error}", "Take it again.") from error
    return ParsedCodes(codes=_parsed(desk_of(request), found))
