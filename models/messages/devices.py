"""What devices say over MQTT (``aisle/v1/{store}/dev/{device}/…``). A device without a clock leaves ``t_ms`` out."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from models.messages.facts import SaleLine
from models.messages.ids import Count, Currency, Epc, LaneId, MemberId, MoneyMinor, Text, TimeMs, Token


class TagRead(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tag seen by one antenna. ``t_ms`` is the reader's clock, which may be late or stepped."""

    epc: Epc
    antenna: Annotated[int, Meta(ge=0, le=65_535)]
    rssi_dbm: Annotated[float, Meta(ge=-200.0, le=100.0)]
    t_ms: TimeMs | None = None


class Reads(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``reads``: one cycle of a shelf. An empty list says that the shelf works and sees nothing."""

    reads: Annotated[tuple[TagRead, ...], Meta(max_length=5000)]
    t_ms: TimeMs | None = None
    v: int = 1


class PeopleCount(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``count``: a bought queue counter says how many stand in its lane, the one in service included."""

    people: Annotated[int, Meta(ge=0, le=1000)]
    busy: Annotated[int, Meta(ge=0, le=1000)] | None = None
    t_ms: TimeMs | None = None
    v: int = 1


class Code(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``code``: a scanner read this text. ``symbology`` as the scanner names it (EAN-13, QRCode, …)."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    symbology: Text = ""
    id: Token | None = None
    """Made by the device: a message that is sent twice has the same one, and counts once."""
    t_ms: TimeMs | None = None
    v: int = 1


class Till(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``till``: a lane opened or closed, or a transaction started or ended. ``lines`` come with the paid end.

    ``items`` are the pieces of the basket where they are known at its ``start`` (read by their tags, or scanned by
    the shopper). A till that scans says ``item`` with the ``items`` scanned so far; without them it is one more.
    """

    event: Literal["opened", "closed", "start", "item", "end"]
    lane: LaneId | None = None
    transaction: Token | None = None
    server: Count = 0
    items: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    lines: Annotated[tuple[SaleLine, ...], Meta(max_length=1000)] = ()
    total_minor: MoneyMinor = 0
    currency: Currency = "EUR"
    member: MemberId | None = None
    id: Token | None = None
    """Made by the device: a message that is sent twice has the same one, and counts once."""
    t_ms: TimeMs | None = None
    v: int = 1


class DeviceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``status``: retained; the device's last will says ``offline``."""

    state: Literal["online", "offline"]
    firmware: Text = ""
    note: Text = ""
    t_ms: TimeMs | None = None
    v: int = 1
