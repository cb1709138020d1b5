"""Members: register, find by phone or code, and their points."""

import sqlite3
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gateway.api.access import CLERK, Clerk
from gateway.api.desk import Desk, desk_of
from gateway.api.products import Body
from gateway.core.phone import BadPhone, normalise
from gateway.store import members
from gateway.store.seal import Unsealable
from models.codes.errors import BadCode
from models.codes.gs1 import parse_code
from models.codes.member import new_member_id, parse_member_code
from models.messages.facts import MemberRegistered
from models.process.refusals import Error, ErrorDetail, errors
from models.process.web import Refused, StrictRoute

router = APIRouter(prefix="/api/members", tags=["members"], route_class=StrictRoute)

MemberPath = Annotated[str, Path(pattern=r"^[A-Z0-9]{8,20}$")]
MOST_ENTRIES = 200


class Registration(Body):
    """Who registers; ``member`` is the code of a card that was printed before."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    phone: Annotated[str, Field(min_length=3, max_length=40)]
    member: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class Member(BaseModel):
    """A member as a clerk may see them."""

    member: str
    name: str
    phone_masked: str
    tier: Literal["basic", "silver", "gold"]
    points: int


class MemberExists(Error):
    """The phone is registered: this is whose it is."""

    member: Member


class Entry(BaseModel):
    """One entry of the points ledger."""

    entry: str
    points: int
    reason: str
    sale: str | None
    t_ms: int


class Points(BaseModel):
    """The balance over all stores, and this store's newest entries."""

    balance: int
    entries: list[Entry]


def _member(desk: Desk, connection: sqlite3.Connection, member: str) -> Member:
    try:
        found = members.read(connection, member, desk.seal)
    except Unsealable as error:
        raise Refused(
            409, "other_key", "This member was sealed with another key.", "Give all stores the same member key file."
        ) from error
    if found is None:
        raise Refused(404, "unknown_member", "This store knows no such member.", "Register them, or scan again.")
    return Member(
        member=found.member, name=found.name, phone_masked=found.phone_masked, tier=found.tier, points=found.points
    )


def _phone_hash(desk: Desk, phone: str) -> tuple[str, str]:
    try:
        normal = normalise(phone, desk.settings.store.phone_country)
    except BadPhone as error:
        raise Refused(422, "bad_phone", f"This is no phone number: {error}.", "Type it again.") from error
    return normal, desk.seal.hash_phone(normal)


def _card(text: str | None) -> str:
    if text is None:
        return new_member_id()
    try:
        return parse_member_code(text)
    except BadCode as error:
        raise Refused(422, "bad_code", f"This is no member's card: {error}", "Scan it again.") from error


@router.post(
    "", status_code=201, response_model=Member, responses=errors() | {409: {"model": MemberExists | Error}}
)  # fmt: skip
async def register(
    request: Request, body: Registration, _clerk: Annotated[Clerk, Depends(CLERK)]
) -> Member | JSONResponse:
    """Register a member. 409 with the member when the phone is registered already."""
    desk = desk_of(request)
    name = " ".join(body.name.split())
    if not name.isprintable() or not name:
        raise Refused(422, "bad_name", "A name has letters.", "Type it again.")
    phone, phone_hash = _phone_hash(desk, body.phone)
    member = _card(body.member)
    fact = MemberRegistered(
        t_ms=desk.clock.now_ms(),
        member=member,
        name_sealed=desk.seal.close(name, member, "name"),
        phone_sealed=desk.seal.close(phone, member, "phone"),
        phone_hash=phone_hash,
    )

    def change(connection: sqlite3.Connection) -> str:
        known = members.find_by_phone(connection, phone_hash)
        if known is not None:
            return known
        if members.is_known(connection, member):
            raise Refused(409, "card_taken", "This card belongs to somebody else.", "Take another card.")
        members.put(connection, fact)
        desk.send(connection, fact)
        return member

    found = await desk.writer.arun(change)
    desk.announce()
    with desk.reading() as connection:
        shown = _member(desk, connection, found)
    if found == member:
        return shown
    detail = ErrorDetail(code="member_exists", message="This phone is registered already.", hint="Use this member.")
    return JSONResponse(MemberExists(error=detail, member=shown).model_dump(), status_code=409)


@router.get("", responses=errors(404, 409))
async def find(
    request: Request,
    _clerk: Annotated[Clerk, Depends(CLERK)],
    phone: Annotated[str | None, Query(min_length=3, max_length=40)] = None,
    code: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> Member:
    """Find a member by phone number, or by the code on their card or phone."""
    desk = desk_of(request)
    if (phone is None) == (code is None):
        raise Refused(422, "invalid", "Either a phone number or a code is expected.")
    member: str | None
    with desk.reading() as connection:
        if phone is not None:
            member = members.find_by_phone(connection, _phone_hash(desk, phone)[1])
        else:
            member = _scanned(code or "")
        return _member(desk, connection, member or "")


def _scanned(code: str) -> str | None:
    try:
        return parse_code(code).member or parse_member_code(code)
    except BadCode as error:
        raise Refused(422, "bad_code", f"This is no member's code: {error}", "Scan it again.") from error


@router.get("/{member}/points", responses=errors(404))
async def points(
    request: Request, member: MemberPath, _clerk: Annotated[Clerk, Depends(CLERK)]
) -> Points:  # fmt: skip
    """A member's balance and newest entries."""
    desk = desk_of(request)
    with desk.reading() as connection:
        rows = members.entries(connection, member, MOST_ENTRIES)
        if not rows and not members.is_known(connection, member):
            raise Refused(404, "unknown_member", "This store knows no such member.", "Register them, or scan again.")
        return Points(balance=members.balance(connection, member), entries=[Entry(**dict(row)) for row in rows])
