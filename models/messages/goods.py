"""Facts of the shop's work with its goods: counts, exits, missing items, alarms, planogram, deliveries, tasks."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from models.messages.facts import Evidence, Fact
from models.messages.ids import (
    Count,
    DeviceId,
    DoorId,
    Epc,
    Gtin,
    MoneyMinor,
    Probability,
    ShelfId,
    Sscc,
    StreamClass,
    Text,
    TimeMs,
    Token,
)

LossReason = Literal["exit_unpaid", "swept", "not_seen", "counted"]
"""Why an item counts as missing: passed a door unpaid, went in a sweep, not seen for long, lacking in a count."""


# --- from the shelves and doors -----------------------------------------------------------------------------


class ShelfCounted(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="shelf.counted"):
    """So many tagged pieces of a product stand on ``shelf``; ``p`` is the probability that it is just as many.

    ``unknown`` more were there when their antenna fell silent.
    """

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    shelf: ShelfId
    gtin: Gtin
    quantity: Count
    p: Probability
    unknown: Count = 0


class ItemExited(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="item.exited"):
    """A tagged item passed the antennas of a door; ``p`` is the probability that it went out."""

    epc: Epc
    door: DoorId
    p: Probability
    gtin: Gtin | None = None
    serial: Text | None = None
    evidence: Evidence | None = None


class ReaderInput(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="reader.input"):
    """A general-purpose input of a reader (a light barrier, a door contact) changed."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    device: DeviceId
    port: Annotated[int, Meta(ge=1, le=255)]
    high: bool


# --- what the store makes of it -----------------------------------------------------------------------------


class ItemMissing(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="item.missing"):
    """A tagged item is gone and nobody paid for it; ``shelf`` is where it was seen last, at ``last_seen_ms``."""

    epc: Epc
    shelf: ShelfId
    reason: LossReason
    p: Probability
    last_seen_ms: TimeMs
    gtin: Gtin | None = None
    serial: Text | None = None
    price_minor: MoneyMinor | None = None


class ItemFound(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="item.found"):
    """An item that was missing turned up, or was paid after all."""

    epc: Epc
    shelf: ShelfId
    gtin: Gtin | None = None


class AlarmRaised(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm.raised"):
    """Somebody should look now: many items of a product left a shelf at once, or unpaid ones pass a door."""

    alarm: Token
    type: Literal["sweep", "exit_unpaid"]
    quantity: Count
    p: Probability
    shelf: ShelfId | None = None
    door: DoorId | None = None
    gtin: Gtin | None = None
    epcs: Annotated[tuple[Epc, ...], Meta(max_length=500)] = ()


class AlarmClosed(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="alarm.closed"):
    """A clerk looked: what it was."""

    alarm: Token
    by: Token
    outcome: Literal["theft", "paid", "staff", "false"]


class PlanogramChanged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="planogram.changed"):
    """A product belongs on ``shelf``: so many facings, room for ``capacity`` pieces, and it is low at ``low``.

    ``facings`` of 0 says that it no longer belongs there. The newest by time holds, whoever said it.
    """

    gtin: Gtin
    shelf: ShelfId
    facings: Count
    capacity: Count
    low: Count


class DeliveryLine(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Pieces of one product in a logistic unit; ``epcs`` where the sender knows each."""

    gtin: Gtin
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    epcs: Annotated[tuple[Epc, ...], Meta(max_length=5000)] = ()


class LogisticUnit(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A pallet or carton of a delivery and what is in it; without ``sscc``: loose."""

    lines: Annotated[tuple[DeliveryLine, ...], Meta(max_length=500)]
    sscc: Sscc | None = None


class DeliveryExpected(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="delivery.expected"):
    """An advance shipping notice: what is on its way to this store. Said again, the newest holds until it arrives."""

    delivery: Token
    supplier: Text
    due_ms: TimeMs
    units: Annotated[tuple[LogisticUnit, ...], Meta(max_length=500)]
    cancelled: bool = False


class ReceivedLine(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What of one product was expected and what came."""

    gtin: Gtin
    expected: Count
    received: Count


class DeliveryReceived(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="delivery.received"):
    """A clerk closed a delivery: what came, beside what was expected."""

    delivery: Token
    by: Token
    lines: Annotated[tuple[ReceivedLine, ...], Meta(max_length=5000)]
    units: Annotated[tuple[Sscc, ...], Meta(max_length=500)] = ()


class TaskChanged(Fact, frozen=True, kw_only=True, omit_defaults=True, tag="task.changed"):
    """A task of the floor was opened, claimed by one clerk, given back, done, or is no longer needed."""

    stream: ClassVar[StreamClass] = StreamClass.TELEMETRY

    task: Token
    type: Literal["replenish", "tidy", "count"]
    state: Literal["open", "claimed", "done", "dropped"]
    shelf: ShelfId
    gtin: Gtin | None = None
    quantity: Count = 0
    by: Token | None = None
