"""What the antennas of an installation hear of each other's shelves, summed up from a walk."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from edge.core.survey.radio import Heard

ENOUGH_CYCLES: Final = 10.0
"""A place where an item stood for less says nothing about rates."""
WEAK_RATE: Final = 0.2


class Crossing(NamedTuple):
    """Items that stand on ``shelf`` as ``antenna`` hears them: mean rate per cycle, mean dBm, how many stands."""

    shelf: str
    antenna: str
    rate: float
    rssi_dbm: float | None
    stands: int


class AntennaFigures(NamedTuple):
    """One antenna and the items that stood on its own shelf.

    ``worst`` is the lowest rate of an item; ``reads`` counts every read of every tag.
    """

    antenna: str
    shelf: str
    reads: int
    stands: int
    rate: float | None
    worst: float | None
    rssi_dbm: float | None


class ItemFigures(NamedTuple):
    """One item at one place: the rate of the best antenna of its shelf, and the best antenna elsewhere."""

    item: str
    shelf: str
    rate: float
    rssi_dbm: float | None
    other: str
    """The antenna of another shelf that reads it most; empty where none does."""
    other_rate: float
    other_rssi_dbm: float | None

    @property
    def is_weak(self) -> bool:
        """Read so rarely that being away takes long to tell."""
        return self.rate < WEAK_RATE

    @property
    def is_nearer_elsewhere(self) -> bool:
        """Whether an antenna of another shelf hears it more often, and as loud or louder."""
        louder = self.rssi_dbm is None or self.other_rssi_dbm is None or self.other_rssi_dbm >= self.rssi_dbm
        return self.other_rate > self.rate and louder


class Airwaves:
    """The figures of one walk. ``antennas``: antenna → shelf; ``reads``: antenna → reads of any tag."""

    def __init__(self, antennas: Mapping[str, str], heard: Iterable[Heard], reads: Mapping[str, int]) -> None:
        self.shelf_of = dict(antennas)
        self.shelves = list(dict.fromkeys(antennas.values()))
        self._heard = [one for one in heard if one.listened >= ENOUGH_CYCLES]
        self.crossings = self._cross()
        self.antennas = [self._antenna(antenna, reads.get(antenna, 0)) for antenna in self.shelf_of]
        self.items = self._items()

    def crossing(self, shelf: str, antenna: str) -> Crossing | None:
        """What ``antenna`` hears of ``shelf``; ``None`` where nothing stood there for long enough."""
        return self.crossings.get((shelf, antenna))

    def between(self, shelf: str, other: str) -> float:
        """How much of what stands on ``other`` is heard by the best antenna of ``shelf``, reads per cycle."""
        rates = [
            crossing.rate
            for (stands, antenna), crossing in self.crossings.items()
            if stands == other and self.shelf_of[antenna] == shelf
        ]
        return max(rates, default=0.0)

    def neighbours(self, least_rate: float) -> dict[str, list[str]]:
        """Shelf → shelves whose items its antennas read in at least ``least_rate`` of the cycles."""
        found = {
            shelf: [other for other in self.shelves if other != shelf and self.between(shelf, other) >= least_rate]
            for shelf in self.shelves
        }
        return {shelf: others for shelf, others in found.items() if others}

    def _cross(self) -> dict[tuple[str, str], Crossing]:
        groups: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        for one in self._heard:
            groups[one.shelf, one.antenna].append(one)
        return {
            (shelf, antenna): Crossing(shelf, antenna, _mean_rate(group), _mean_rssi(group), len(group))
            for (shelf, antenna), group in groups.items()
        }

    def _antenna(self, antenna: str, reads: int) -> AntennaFigures:
        shelf = self.shelf_of[antenna]
        own = [one for one in self._heard if one.antenna == antenna and one.shelf == shelf]
        if not own:
            return AntennaFigures(antenna, shelf, reads, 0, None, None, None)
        worst = min(one.rate for one in own)
        return AntennaFigures(antenna, shelf, reads, len(own), _mean_rate(own), worst, _mean_rssi(own))

    def _items(self) -> list[ItemFigures]:
        groups: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        for one in self._heard:
            groups[one.item, one.shelf].append(one)
        return [self._item(item, shelf, group) for (item, shelf), group in groups.items()]

    def _item(self, item: str, shelf: str, group: list[Heard]) -> ItemFigures:
        own = max((one for one in group if self.shelf_of[one.antenna] == shelf), key=_by_rate, default=None)
        other = max((one for one in group if self.shelf_of[one.antenna] != shelf), key=_by_rate, default=None)
        is_heard = other is not None and other.cycles > 0
        return ItemFigures(
            item,
            shelf,
            own.rate if own else 0.0,
            own.rssi_dbm if own else None,
            other.antenna if other is not None and is_heard else "",
            other.rate if other is not None else 0.0,
            other.rssi_dbm if other is not None else None,
        )


def _by_rate(heard: Heard) -> float:
    return heard.rate


def _mean_rate(group: list[Heard]) -> float:
    listened = sum(one.listened for one in group)
    return min(1.0, sum(one.cycles for one in group) / listened) if listened else 0.0


def _mean_rssi(group: list[Heard]) -> float | None:
    said = [(one.rssi_dbm, one.cycles) for one in group if one.rssi_dbm is not None]
    cycles = sum(count for _, count in said)
    return sum(rssi * count for rssi, count in said) / cycles if cycles else None
