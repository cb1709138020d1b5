"""Who may call what: every route names exactly one of these.

public    anybody who reaches the store's network
device    an enrolled handheld, whoever holds it
shopper   who carries a basket's cookie
scanner   a shopper or a clerk
clerk     signed in with a PIN on an enrolled device; managers are clerks
manager   a clerk with the role
"""

from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from gateway.api.desk import Desk, desk_of
from gateway.core.pin import Throttle
from gateway.store import baskets, clerks
from models.process.web import PUBLIC, Access, Refused

DEVICE_COOKIE: Final = "aisle_device"
SESSION_COOKIE: Final = "aisle_session"
BASKET_COOKIE: Final = "aisle_basket"
_YEAR_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled handheld."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who is signed in."""

    id: str
    name: str
    role: str
    device: str


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who carries a basket."""

    basket: str


def device_in(request: Request) -> Device | None:
    """The enrolled device that calls, if it is one."""
    token = request.cookies.get(DEVICE_COOKIE)
    if not token:
        return None
    with desk_of(request).reading() as connection:
        row = clerks.device_by_token(connection, token)
    return None if row is None else Device(row["device"], row["name"])


def clerk_in(request: Request) -> Clerk | None:
    """Who is signed in on the calling device, if anybody is."""
    token, device_token = request.cookies.get(SESSION_COOKIE), request.cookies.get(DEVICE_COOKIE)
    if not token or not device_token:
        return None
    desk = desk_of(request)
    with desk.reading() as connection:
        row = clerks.session(connection, token, device_token, desk.clock.now_ms())
    return None if row is None else Clerk(row["clerk"], row["name"], row["role"], row["device"])


def shopper_in(request: Request) -> Shopper | None:
    """The open basket whose cookie the caller carries, if any."""
    token = request.cookies.get(BASKET_COOKIE)
    if not token:
        return None
    with desk_of(request).reading() as connection:
        basket = baskets.by_token(connection, clerks.hash_token(token))
    return None if basket is None else Shopper(basket)


async def _device(request: Request) -> Device:
    device = device_in(request)
    if device is None:
        raise Refused(401, "not_enrolled", "This device is not enrolled.", "Ask a manager for an enrolment code.")
    return device


async def _clerk(request: Request) -> Clerk:
    clerk = clerk_in(request)
    if clerk is None:
        raise Refused(401, "signed_out", "Nobody is signed in on this device.", "Sign in with your PIN.")
    return clerk


async def _manager(request: Request) -> Clerk:
    clerk = await _clerk(request)
    if clerk.role != "manager":
        raise Refused(403, "not_manager", "Only a manager may do this.", "Ask a manager to sign in.")
    return clerk


async def _shopper(request: Request) -> Shopper:
    shopper = shopper_in(request)
    if shopper is None:
        raise Refused(401, "no_basket", "There is no open basket here.", "Start a new basket.")
    return shopper


async def _scanner(request: Request) -> Shopper | Clerk:
    caller = shopper_in(request) or clerk_in(request)
    if caller is None:
        raise Refused(401, "no_basket", "There is no open basket here.", "Start a new basket, or sign in.")
    return caller


DEVICE: Final = Access("device", _device)
SHOPPER: Final = Access("shopper", _shopper)
SCANNER: Final = Access("scanner", _scanner)
CLERK: Final = Access("clerk", _clerk)
MANAGER: Final = Access("manager", _manager)
ROLES: Final = (PUBLIC, DEVICE, SHOPPER, SCANNER, CLERK, MANAGER)


def address_of(request: Request) -> str:
    """Where a request comes from, to slow down those who guess."""
    return request.client.host if request.client else "?"


def guard(request: Request, throttle: Throttle) -> None:
    """Slow down who calls a public route too often. Raises ``Refused`` (429)."""
    left_s = throttle.begin(address_of(request), desk_of(request).clock.monotonic_s())
    if left_s > 0:
        raise Refused(429, "paused", f"Too many tries. Wait {left_s:.0f} seconds.", "Then try again.")


async def room(request: Request) -> None:
    """Refuse one more open stream when there are too many: a dependency, as a stream cannot refuse once it began."""
    desk_of(request).watchers.make_room()


def set_cookie(desk: Desk, response: Response, name: str, value: str, max_age_s: int = _YEAR_S) -> None:
    """Hand out a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        name, value, max_age=max_age_s, path="/", httponly=True, samesite="strict", secure=desk.settings.listen.is_tls
    )
