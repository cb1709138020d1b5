"""Identifiers and units as the wire spells them, each with the pattern that a decoder holds it to."""

import secrets
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

SLUG_PATTERN = r"^[a-z0-9][a-z0-9-]{0,31}$"


def whole(pattern: str) -> str:
    r"""Make ``^…$`` mean the whole text: in Python's ``re``, ``$`` also matches before a last line break."""
    return pattern.removesuffix("$") + r"\Z"


Slug = Annotated[str, Meta(pattern=whole(SLUG_PATTERN))]
StoreId = Slug
NodeId = Slug
DeviceId = Slug
LaneId = Slug
DoorId = Slug
ShelfId = Annotated[str, Meta(pattern=whole(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"))]
"""A place that a clerk can walk to: a shelf, the back room (``backroom``), the counter."""

Epoch = Annotated[str, Meta(pattern=whole(r"^[0-9a-f]{16}$"))]
"""Drawn at random when a sender's database is created, so that a replaced SD card starts a new stream."""

Epc = Annotated[str, Meta(pattern=whole(r"^(?:[0-9A-F]{4}){1,31}$"))]
"""The EPC bank as upper-case hexadecimal, whole 16-bit words."""

Gtin = Annotated[str, Meta(pattern=whole(r"^[0-9]{14}$"))]
"""A GTIN of any length, padded with zeros on the left to fourteen digits."""

Sscc = Annotated[str, Meta(pattern=whole(r"^[0-9]{18}$"))]
"""The number of a logistic unit (a pallet, a carton)."""

MemberId = Annotated[str, Meta(pattern=whole(r"^[A-Z0-9]{8,20}$"))]
Token = Annotated[str, Meta(min_length=1, max_length=64, pattern=whole(r"^[A-Za-z0-9._:-]+$"))]
"""A name that some machine gave: a transaction, a basket, a ledger entry."""

Currency = Annotated[str, Meta(pattern=whole(r"^[A-Z]{3}$"))]
TimeMs = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Milliseconds since 1970 in UTC, up to the year 9999."""

MoneyMinor = Annotated[int, Meta(ge=-(10**12), le=10**12)]
"""Money in the currency's minor unit (cents, fen)."""

Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""A position in a stream, or bytes: what outgrows ``Count`` in a year of a busy store."""

Seconds = Annotated[float, Meta(ge=0.0, le=10**7)]
Text = Annotated[str, Meta(max_length=500)]


class StreamClass(StrEnum):
    """The two classes of fact. A full outbox thins ``telemetry`` first and keeps ``ledger``."""

    LEDGER = "ledger"
    TELEMETRY = "telemetry"


def new_epoch() -> str:
    """Draw an epoch for a new database."""
    return secrets.token_hex(8)
