"""The wall of shelves: what should stand on each shelf, what does stand there, and how sure that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.core.stock import Floor, Standing, Sureness, Watch, WatchState, judge

Level = Literal["ok", "low", "empty", "over", "unknown"]
ReaderState = WatchState | Literal["none"]

NOT_WATCHED: Final = "none"


@dataclass(frozen=True, slots=True)
class Planned:
    """What the planogram wants of one product on one shelf, in pieces; ``low`` is where it should be filled up."""

    facings: int
    capacity: int
    low: int


NOTHING_PLANNED: Final = Planned(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Facing:
    """One product on one shelf, judged. ``p`` is ``None`` where nothing that stands there could have one."""

    gtin: str
    planned: Planned
    standing: int
    p: float | None
    misplaced: bool
    level: Level


@dataclass(frozen=True, slots=True)
class ShelfPicture:
    """One shelf: its reader, and its products in the order of the plan, then what else stands there.

    ``unnamed`` pieces carry tags of no product. ``wanted`` is the room that the plan gives, in pieces.
    """

    shelf: str
    state: ReaderState
    state_ms: int | None
    last_read_ms: int | None
    facings: Sequence[Facing]
    unnamed: int

    @property
    def standing(self) -> int:
        """How many pieces stand there."""
        return sum(facing.standing for facing in self.facings) + self.unnamed

    @property
    def wanted(self) -> int:
        """How many pieces the plan has room for."""
        return sum(facing.planned.capacity for facing in self.facings)

    @property
    def misplaced(self) -> int:
        """How many pieces belong on another shelf."""
        return sum(facing.standing for facing in self.facings if facing.misplaced)

    @property
    def is_unknown(self) -> bool:
        """Whether a reader should look there and does not."""
        return self.state not in {"reading", NOT_WATCHED}


@dataclass(frozen=True, slots=True)
class Stand:
    """What the books hold of one product in one place: ``tagged`` by its reader, else counted by people."""

    standing: Standing
    tagged: bool


def level(planned: Planned, standing: int, sureness: Sureness) -> Level:
    """Put a product's standing beside its plan. What nobody knows is ``unknown``, never empty."""
    if sureness == "unknown":
        return "unknown"
    if planned == NOTHING_PLANNED:
        return "ok"
    if standing == 0:
        return "empty"
    if standing <= planned.low:
        return "low"
    return "over" if standing > planned.capacity else "ok"


def facing(
    gtin: str, planned: Planned, stand: Stand | None, floor: Floor, watch: Watch | None, *, is_tagged: bool,
    belongs_elsewhere: bool, now_ms: int,
) -> Facing:  # fmt: skip
    """Judge one product on one shelf.

    Args:
        gtin: the product.
        planned: what the plan wants here, ``NOTHING_PLANNED`` where it has no row.
        stand: what the books say, ``None`` where they say nothing.
        floor: the store's places and watches.
        watch: whether a reader looks at this shelf.
        is_tagged: whether it carries tags, so that a reader which looks and sees none knows that none is there.
        belongs_elsewhere: whether the plan has it on another shelf.
        now_ms: the time.
    """
    if stand is None or (not stand.tagged and stand.standing.quantity < 0):
        # A ledger below nothing is wrong; what stands there then nobody knows.
        sure: Sureness = "sure" if is_tagged and watch is not None and watch.state == "reading" else "unknown"
        return Facing(gtin, planned, 0, None, misplaced=False, level=level(planned, 0, sure))
    place = judge(stand.standing, floor, now_ms)
    is_misplaced = planned == NOTHING_PLANNED and belongs_elsewhere and place.kind == "shelf" and place.quantity > 0
    return Facing(gtin, planned, place.quantity, place.p, is_misplaced, level(planned, place.quantity, place.state))


def picture(
    shelf: str, plan: Mapping[str, Planned], stands: Mapping[str, Stand], floor: Floor, *, tagged: frozenset[str],
    planned_anywhere: frozenset[str], unnamed: int = 0, seen_ms: int | None = None, now_ms: int,
) -> ShelfPicture:  # fmt: skip
    """Judge one shelf.

    Args:
        shelf: its name.
        plan: GTIN → what the plan wants here, in the plan's order.
        stands: GTIN → what the books say stands here; products without a piece may be left out.
        floor: the store's places and watches.
        tagged: products that carry tags.
        planned_anywhere: products that have a shelf.
        unnamed: pieces here whose tag names no product.
        seen_ms: the newest read of a piece that stands here.
        now_ms: the time.
    """
    watch = floor.watches.get(shelf)
    facings = [
        facing(
            gtin, plan.get(gtin, NOTHING_PLANNED), stands.get(gtin), floor, watch, is_tagged=gtin in tagged,
            belongs_elsewhere=gtin in planned_anywhere and gtin not in plan, now_ms=now_ms,
        )
        for gtin in _in_order(plan, stands)
    ]  # fmt: skip
    if watch is None:
        return ShelfPicture(shelf, "none", None, seen_ms, facings, unnamed)
    # While its reader looks, a shelf was read when its node last said so; else when a piece was read last.
    read_ms = max(watch.t_ms, seen_ms or 0) if watch.state == "reading" else seen_ms
    return ShelfPicture(shelf, watch.state, max(watch.t_ms, seen_ms or 0), read_ms, facings, unnamed)


def _in_order(plan: Mapping[str, Planned], stands: Mapping[str, Stand]) -> Iterable[str]:
    yield from plan
    yield from (gtin for gtin, stand in stands.items() if gtin not in plan and stand.standing.quantity > 0)
