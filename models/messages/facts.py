"""Facts: things that happened. Each is one frozen class that knows its wire name (``kind``) and its stream.

A fact must arrive exactly once in effect and in order, so facts travel in streams (``cloud_sync/stream``).
Adding a field with a default is allowed within ``v1``; a reader ignores fields that it does not know.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from models.messages.ids import (
    Count,
    Currency,
    DeviceId,
    DoorId,
    Epc,
    Gtin,
    LaneId,
    MemberId,
    MoneyMinor,
    NodeId,
    Probability,
    Seconds,
    ShelfId,
    Slug,
    StoreId,
    StreamClass,
    Text,
    TimeMs,
    Token,
    whole,
)


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="kind"):
    """Something that happened at ``t_ms``.

    ``gc=False``: a fact holds no cycle, and collecting among thousands on their way costs a fifth of folding them.
    """

    stream: ClassVar[StreamClass] = StreamClass.LEDGER

    t_ms: TimeMs


# --- items on shelves ---------------------------------------------------------------------------------------


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why a node believes what it says of an item."""

    reads: Count = 0
    rssi_dbm: float | None = None
    read_rate: Probability | None = None
    last_read_ms: TimeMs | None = None


class ItemFact(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to one tagged item; ``p`` is the probability that it is so."""

    epc: Epc
    shelf: ShelfId
    p: Probability
    gtin: Gtin | None = None
    serial: Text | None = None
    evidence: Evidence | None = None


class ItemPlaced(ItemFact, frozen=True, kw_only=True, omit_defaults=True, tag="item.placed"):
    """An item that was not known here stands on ``shelf``."""


class ItemMoved(ItemFact, frozen=True, kw_only=True, omit_defaults=True, tag="item.moved"):
    """An item moved from ``from_shelf`` to ``shelf``."""

    from_shelf: ShelfId


class ItemTaken(ItemFact, frozen=True, kw_only=True, omit_defaults=True, tag="item.taken"):
    """An item left ``shelf``."""


class ItemReturned(ItemFact, frozen=True, kw_only=True, omit_defaults=True, tag="item.returned"):
    """An item that had been taken stands on ``shelf`` again."""


class ShelfReader(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="shelf.reader"):
    """A shelf's reader or antenna began to work or stopped: what stands there is known, or unknown."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    shelf: ShelfId
    state: Literal["reading", "silent", "disconnected"]


class StockCounted(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="stock.counted"):
    """Somebody counted ``quantity`` pieces of an untagged product, or of the back room, in one place."""

    gtin: Gtin
    place: ShelfId
    quantity: Count
    by: Token


class StockChanged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="stock.changed"):
    """A counted ledger went up or down by ``delta`` pieces for ``reason``."""

    gtin: Gtin
    place: ShelfId
    delta: Annotated[int, Meta(ge=-(10**9), le=10**9)]
    reason: Literal["delivery", "sale", "return", "loss", "transfer"]
    reference: Token | None = None


# --- scans, baskets, sales ----------------------------------------------------------------------------------


class CodeScanned(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="code.scanned"):
    """A device read a code. ``gtin``, ``serial`` and ``member`` are what the code says, where it says it."""

    device: DeviceId
    symbology: Text
    text: Annotated[str, Meta(max_length=4000)]
    gtin: Gtin | None = None
    serial: Text | None = None
    member: MemberId | None = None


class SaleLine(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One product of a sale, or of a basket."""

    gtin: Gtin
    quantity: Annotated[int, Meta(ge=-9999, le=9999)]
    price_minor: MoneyMinor
    epcs: tuple[Epc, ...] = ()


class SaleCompleted(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="sale.completed"):
    """A till finished a transaction and was paid."""

    sale: Token
    till: DeviceId
    lines: Annotated[tuple[SaleLine, ...], Meta(max_length=1000)]
    total_minor: MoneyMinor
    currency: Currency
    lane: LaneId | None = None
    member: MemberId | None = None


class BasketLineAdded(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="basket.line_added"):
    """A scan became a line of a shopper's basket."""

    basket: Token
    device: DeviceId
    line: SaleLine


class BasketLineRemoved(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="basket.line_removed"):
    """A shopper put something back: the last line of this product left the basket."""

    basket: Token
    device: DeviceId
    line: SaleLine


# --- members ------------------------------------------------------------------------------------------------


class MemberFact(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A member's record. Name and phone are sealed with the organisation's key; the phone's keyed hash finds it."""

    member: MemberId
    name_sealed: Text
    phone_sealed: Text
    phone_hash: Annotated[str, Meta(pattern=whole(r"^[0-9a-f]{64}$"))]
    tier: Literal["basic", "silver", "gold"] = "basic"


class MemberRegistered(MemberFact, frozen=True, kw_only=True, omit_defaults=True, tag="member.registered"):
    """A store registered a member."""


class MemberChanged(MemberFact, frozen=True, kw_only=True, omit_defaults=True, tag="member.changed"):
    """Headquarters tells a store how a member's record now is."""

    points: Annotated[int, Meta(ge=-(10**9), le=10**9)] = 0


class PointsEntered(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="points.entered"):
    """An entry of the points ledger; entries are only ever added. ``entry`` is unique for ever."""

    entry: Token
    member: MemberId
    points: Annotated[int, Meta(ge=-(10**6), le=10**6)]
    reason: Literal["sale", "redemption", "correction", "welcome"]
    sale: Token | None = None


# --- what headquarters tells a store ------------------------------------------------------------------------


class ProductChanged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="product.changed"):
    """How a product of the catalogue now is. ``tagged`` says whether its pieces carry RFID tags."""

    gtin: Gtin
    name_en: Text
    name_zh: Text
    category: Text = ""
    tagged: bool = False
    active: bool = True


class PriceChanged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="price.changed"):
    """A product's price from ``from_ms`` on."""

    gtin: Gtin
    price_minor: MoneyMinor
    currency: Currency
    from_ms: TimeMs = 0


class StockElsewhere(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="stock.elsewhere"):
    """What another store has of a product, as headquarters knew it at ``t_ms``."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    store: StoreId
    store_name: Text
    gtin: Gtin
    on_hand: Annotated[int, Meta(ge=-(10**9), le=10**9)]


# --- queues, doors, health ----------------------------------------------------------------------------------


class LaneMinute(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="lane.minute"):
    """One lane in the minute that ended at ``t_ms``: people, seconds open, the wait shown, who was served.

    ``waited_s`` is what those waited whose service began in this minute, and ``foretold_s`` what they had been told.
    Who joined, gave up or changed lanes is known where a camera follows people. ``seen_s`` is how long somebody
    counted: with 0 nobody knows how many stood there, and ``people_mean`` says nothing.
    """

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    lane: LaneId
    people_mean: Annotated[float, Meta(ge=0.0, le=1000.0)]
    people_max: Count
    open_s: Seconds
    served: Count = 0
    wait_s: Seconds | None = None
    wait_high_s: Seconds | None = None
    waited_s: Seconds | None = None
    foretold_s: Seconds | None = None
    joined: Count | None = None
    abandoned: Count | None = None
    changed_in: Count | None = None
    changed_out: Count | None = None
    seen_s: Seconds | None = None


class DoorMinute(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="door.minute"):
    """One door in the minute that ended at ``t_ms``: who came in and who went out."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    door: DoorId
    entered: Count = field(name="in")
    left: Count = field(name="out")


class DoorDay(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="door.day"):
    """One door on the store's day ``day`` (2026-11-22), said when it closed: here the drift of its counts shows."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    door: DoorId
    day: Annotated[str, Meta(pattern=whole(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    entered: Count = field(name="in")
    left: Count = field(name="out")


class ZoneMinute(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="zone.minute"):
    """A zone of the floor in the minute that ended at ``t_ms``.

    ``visits`` ended in it after ``dwell_s`` seconds together; ``people_mean`` stood there, ``people_max`` at once.
    """

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    zone: Slug
    entered: Count
    visits: Count
    dwell_s: Seconds
    people_mean: Annotated[float, Meta(ge=0.0, le=1000.0)]
    people_max: Count


class FloorHeat(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="floor.heat"):
    """Where people stood in a camera's view in the quarter of an hour that ended at ``t_ms``.

    ``person_s`` are whole person-seconds per cell of a grid over the picture, row by row from its top left;
    ``watched_s`` is how long the camera saw it. Counts in a grid, never a person's way.
    """

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    camera: DeviceId
    columns: Annotated[int, Meta(ge=1, le=100)]
    rows: Annotated[int, Meta(ge=1, le=100)]
    watched_s: Seconds
    person_s: Annotated[tuple[Count, ...], Meta(max_length=10_000)]


class NodeHealth(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="node.health"):
    """A problem of a node began or ended."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    node: NodeId
    subject: Text
    code: Text
    ok: bool


class CameraPreviewed(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="camera.previewed"):
    """A manager was let see a camera's picture, in their browser alone, until ``until_ms``."""

    node: NodeId
    camera: Slug
    by: Token
    until_ms: TimeMs


class MessageRefused(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="message.refused"):
    """A device's message was refused at a node; the manager reads it among the dead letters.

    ``start`` is how the message began, as printable ASCII.
    """

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    node: NodeId
    source: Text
    reason: Token
    detail: Text
    start: Text = ""


class FactsDropped(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="facts.dropped"):
    """Stands in a stream for ``count`` consecutive facts that are no more; it takes up ``count`` numbers."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    count: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    reason: Literal["budget", "pruned", "unreadable"]
    until_ms: TimeMs
