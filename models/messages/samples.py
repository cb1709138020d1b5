"""Samples: how something is now. Only the newest counts, and each says until when it may be believed."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from models.messages.ids import Count, DoorId, LaneId, NodeId, Number, Seconds, Slug, StreamClass, Text, TimeMs, Token

LANE_BELIEVED_MS = 15_000
"""How long a lane's sample may be shown."""

LaneState = Literal["open", "closed", "opening", "closing", "stopped", "unknown"]
"""``closing`` takes nobody new and still serves those who stand there."""


class LaneSample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One checkout lane now.

    ``people`` counts those waiting and the one being served; ``None`` where nobody can say.
    ``wait_s`` is the expected wait of one who joins now, ``wait_low_s`` to ``wait_high_s`` the honest range
    (``wait_high_s`` is an upper bound that holds nine times in ten).
    ``servers`` is told of a bank of kiosks, ``servers_stopped`` how many of them serve nobody on.
    """

    lane: LaneId
    t_ms: TimeMs
    believed_until_ms: TimeMs
    state: LaneState
    name: Text = ""
    people: Count | None = None
    wait_s: Seconds | None = None
    wait_low_s: Seconds | None = None
    wait_high_s: Seconds | None = None
    servers: Count | None = None
    servers_stopped: Count = 0
    v: int = 1


class DoorSample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One door now: who came in and went out since opening, and who is inside."""

    door: DoorId
    t_ms: TimeMs
    believed_until_ms: TimeMs
    entered: Count = field(name="in")
    left: Count = field(name="out")
    inside: Count | None = None
    v: int = 1


class Outlook(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many lanes are needed ``minutes`` from now, and why: a code that pages put into words with ``amount``."""

    minutes: Count
    needed: Count
    reason: Token
    amount: float | None = None


class AdviceSample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a node advises about its lanes: how many are needed now and soon, which to open and which to close."""

    node: NodeId
    t_ms: TimeMs
    believed_until_ms: TimeMs
    lanes_open: Count
    outlooks: Annotated[tuple[Outlook, ...], Meta(max_length=10)]
    open: Annotated[tuple[LaneId, ...], Meta(max_length=100)] = ()
    close: Annotated[tuple[LaneId, ...], Meta(max_length=100)] = ()
    v: int = 1


class BasketLevel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How big baskets are in the store now, as one ``source`` shows it: pieces a head, on a scale of its own."""

    source: Slug
    items: Annotated[float, Meta(ge=0.0, le=10_000.0)]


class StandingBasket(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A shopper who scans while they shop said at ``since_ms`` that they stand in line; who it is, nobody is told."""

    lane: LaneId
    items: Annotated[int, Meta(ge=0, le=10_000)]
    since_ms: TimeMs


class BasketsSample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the store knows of baskets before they are paid, for the waits. Counts of pieces, never whose they are."""

    t_ms: TimeMs
    believed_until_ms: TimeMs
    levels: Annotated[tuple[BasketLevel, ...], Meta(max_length=10)] = ()
    standing: Annotated[tuple[StandingBasket, ...], Meta(max_length=500)] = ()
    v: int = 1


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is wrong now. ``hint`` says what a person can do about it."""

    subject: Text
    code: Text
    since_ms: TimeMs
    message: Text
    hint: Text = ""


class StreamState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one outgoing stream has come."""

    peer: Text
    stream: StreamClass
    last: Number
    acknowledged: Number
    dropped: Number = 0
    bytes: Number = 0


class ReaderState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One RFID reader of a node, and what it has said since the node began."""

    reader: Slug
    state: Literal["reading", "lost"]
    profile: Text = ""
    """What kind of reader it is taken for."""
    model: Number = 0
    firmware: Text = ""
    sightings: Number = 0
    ignored: Number = 0
    """Tags of others, by how their EPC begins."""
    elsewhere: Number = 0
    """Sightings by antennas that are not configured."""
    refused: Number = 0
    """Messages that could not be read."""
    overflows: Number = 0


class NodeStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A node's retained status; the broker publishes the last will (``offline``) when the node is gone."""

    node: NodeId
    t_ms: TimeMs
    state: Literal["online", "offline"]
    version: Text = ""
    problems: Annotated[tuple[Problem, ...], Meta(max_length=100)] = ()
    streams: Annotated[tuple[StreamState, ...], Meta(max_length=20)] = ()
    readers: Annotated[tuple[ReaderState, ...], Meta(max_length=100)] = ()
    cameras: Annotated[tuple[Slug, ...], Meta(max_length=100)] = ()
    lanes: Annotated[tuple[LaneId, ...], Meta(max_length=100)] = ()
    screen: Text = ""
    """Where its own pages are, http://…; empty where they are shown on the node alone."""
    v: int = 1
