"""What belongs where: slots of the plan, the rule where there is none, and a plan learned from the shelves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

HOME_SHARE: Final = 0.25
"""A shelf that holds less than this part of a product's pieces is where somebody left one, not where it belongs."""
LOW_SHARE: Final = 0.25
"""A plan that is learned calls a shelf low when a quarter of what stands there now is left."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A product's place: so many facings, room for ``capacity`` pieces, low at ``low``. No facings: no longer."""

    gtin: str
    shelf: str
    facings: int
    capacity: int
    low: int
    t_ms: int = 0

    @property
    def is_live(self) -> bool:
        """Whether the product belongs there now."""
        return self.facings > 0


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """What holds for a product that no plan speaks of, on the shelf where most of it stands; capacity 0: nothing."""

    low: int
    capacity: int

    def slot(self, gtin: str, shelf: str) -> Slot | None:
        """The rule as a slot of the plan."""
        return Slot(gtin, shelf, 1, self.capacity, min(self.low, self.capacity - 1)) if self.capacity else None


def newest(slots: Iterable[Slot]) -> Slot:
    """The one that holds, in whatever order they came: the newest; of two in the same millisecond the larger.

    The tables of the store and of headquarters keep the same rule, so that both end with the same plan.
    """
    return max(slots, key=lambda slot: (slot.t_ms, slot.facings, slot.capacity, slot.low))


def home(standing: Mapping[str, int]) -> str | None:
    """The shelf that holds most of a product; the first by name of several."""
    return min(standing, key=lambda shelf: (-standing[shelf], shelf), default=None)


def learn(standing: Mapping[str, Mapping[str, int]], known: Mapping[tuple[str, str], Slot]) -> list[Slot]:
    """The plan that what stands now would be: slots that are new or larger than what the plan has.

    Args:
        standing: GTIN → shelf → pieces on shelves that are being watched or were counted.
        known: (GTIN, shelf) → what the plan says now. What it knows of facings, low and more room is kept.
    """
    learned = []
    for gtin, shelves in sorted(standing.items()):
        pieces = sum(shelves.values())
        for shelf, count in sorted(shelves.items()):
            if count <= 0 or (shelf != home(shelves) and count < HOME_SHARE * pieces):
                continue
            old = known.get((gtin, shelf))
            if old is not None and old.is_live and old.capacity >= count:
                continue
            facings = old.facings if old is not None and old.is_live else 1
            low = old.low if old is not None and old.is_live else min(int(count * LOW_SHARE) or 1, count - 1)
            learned.append(Slot(gtin, shelf, facings, count, low))
    return learned
