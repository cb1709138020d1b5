"""What carries facts: batches, acknowledgements, and commands to a node. The same on MQTT and on HTTPS."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from models.messages.ids import Epoch, LaneId, Number, Slug, TimeMs, Token, whole

MAX_BATCH_FACTS = 1000


class FactBatch(Struct, frozen=True, kw_only=True):
    """Consecutive facts of one stream, the first numbered ``first``. An empty batch asks «how far are you?».

    The facts stay raw here, so that one bad fact is refused alone and a good one travels on unchanged.
    """

    epoch: Epoch
    first: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    facts: Annotated[tuple[Raw, ...], Meta(max_length=MAX_BATCH_FACTS)]
    v: int = 1


class Ack(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All facts of ``epoch`` up to and including ``upto`` are committed. It may go back: restored from a backup."""

    epoch: Epoch
    upto: Number
    v: int = 1


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the gateway asks of a node: ``report`` its status now, let a manager see a camera (``preview``), or take
    a person's word of a lane: somebody is on the way to it (``opening``), it closes after those who stand there
    (``closing``), it is open after all (``opened``). A word that did not come true is believed until ``until_ms``.

    A preview is for the one who holds the ticket whose SHA-256 is ``ticket_hash``; both hold until ``until_ms``.
    """

    command: Literal["report", "preview", "opening", "closing", "opened"]
    lane: LaneId | None = None
    camera: Slug | None = None
    ticket_hash: Annotated[str, Meta(pattern=whole(r"^[0-9a-f]{64}$"))] | None = None
    until_ms: TimeMs | None = None
    by: Token | None = None
    v: int = 1
