"""How many of a product stand where, and how sure that is. Tagged items and counted goods come out the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Sureness = Literal["sure", "unsure", "unknown"]
PlaceKind = Literal["shelf", "backroom", "counter"]
WatchState = Literal["reading", "silent", "disconnected", "offline"]

SURE_P: Final = 0.8
UNSURE_P: Final = 0.3
COUNT_HALF_LIFE_MS: Final = 30 * 86_400_000
"""A count is believed by half after thirty days: people take, break and misplace what nobody watches."""
ERROR_PER_PIECE: Final = 0.0043
"""The chance that the books go wrong with one more piece that is sold or comes back: retail loses 1.6 % of its sales,
27 % of that by errors of process (National Retail Federation, National Retail Security Survey 2023). What is stolen
or broken goes with time: that is the half-life's."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether a shelf's reader is looking, and until when (``t_ms``) that is known."""

    state: WatchState
    t_ms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the books say of one product in one place: ``quantity`` pieces, last evidence at ``seen_ms``.

    ``p`` is the mean probability of tagged items; ``None`` says that people counted them, and then ``moved`` pieces
    were sold or came back since.
    """

    place: str
    quantity: int
    seen_ms: int
    p: float | None = None
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """One product in one place, judged: what a clerk is told."""

    place: str
    kind: PlaceKind
    quantity: int
    p: float
    last_seen_ms: int
    state: Sureness
    age_ms: int | None = None
    """How old the count is, of goods that people count."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What the judgement needs to know of the store: names of special places, which shelves are watched."""

    backroom: str
    counter: str
    watches: Mapping[str, Watch]

    def kind(self, place: str) -> PlaceKind:
        """Which kind of place this is."""
        if place == self.backroom:
            return "backroom"
        return "counter" if place == self.counter else "shelf"


def counted_confidence(age_ms: int, moved: int = 0) -> float:
    """How far a count is believed, 1 down to 0: half after ``COUNT_HALF_LIFE_MS`` or 161 pieces sold since.

    That records go wrong with time and with what is sold: DeHoratius and Raman, Inventory Record Inaccuracy,
    Management Science 54(4), 2008.
    """
    by_age = 0.5 ** (max(age_ms, 0) / COUNT_HALF_LIFE_MS)
    return float(by_age * (1.0 - ERROR_PER_PIECE) ** max(moved, 0))


def sureness(p: float) -> Sureness:
    """Put a probability into a word."""
    if p >= SURE_P:
        return "sure"
    return "unsure" if p >= UNSURE_P else "unknown"


def judge(standing: Standing, floor: Floor, now_ms: int) -> Place:
    """Say how sure one standing is.

    A reader that does not look makes its shelf unknown, not empty: nothing was taken, nobody saw. While it looks,
    what stands there is seen now, though the last fact about it may be hours old.
    """
    seen_ms = standing.seen_ms
    if standing.p is None:
        age_ms = max(now_ms - seen_ms, 0)
        p = counted_confidence(age_ms, standing.moved) if standing.quantity >= 0 else 0.0
        state = sureness(p) if standing.quantity >= 0 else "unsure"
    else:
        age_ms = None
        p, state = standing.p, sureness(standing.p)
        watch = floor.watches.get(standing.place)
        if watch is not None and watch.state != "reading":
            state = "unknown"
        elif watch is not None and state == "sure":
            seen_ms = max(seen_ms, watch.t_ms)
    quantity = max(standing.quantity, 0)
    return Place(standing.place, floor.kind(standing.place), quantity, round(p, 3), seen_ms, state, age_ms)


def places(tagged: Iterable[Standing], counted: Iterable[Standing], floor: Floor, now_ms: int) -> list[Place]:
    """Join what readers see and what people counted; where both speak of a place, the readers are right.

    The largest quantity comes first, the back room last: that is the way a clerk walks.
    """
    standings = {standing.place: standing for standing in counted}
    standings.update({standing.place: standing for standing in tagged})
    judged = [judge(standing, floor, now_ms) for standing in standings.values()]
    return sorted(judged, key=lambda place: (place.kind == "backroom", -place.quantity, place.place))


def on_hand(found: Iterable[Place]) -> int:
    """How many pieces the store has of it."""
    return sum(place.quantity for place in found)


def balance(counts: Iterable[tuple[int, int]], deltas: Iterable[tuple[int, int]]) -> int:
    """Fold a counted ledger: the newest count and what changed after it, in whatever order the entries came.

    Args:
        counts: pairs of time in milliseconds and quantity found.
        deltas: pairs of time in milliseconds and pieces that came (+) or went (−).
    """
    newest_ms, quantity = max(counts, default=(-1, 0))
    return quantity + sum(delta for t_ms, delta in deltas if t_ms > newest_ms)
