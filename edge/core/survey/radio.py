"""How well each antenna hears what stands where: read rates per cycle, and their loudness."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from edge.core.survey.truth import AWAY

_DISORDER_MS: Final = 3_000


class Heard(NamedTuple):
    """One item standing on ``shelf``, heard by one antenna: in ``cycles`` of the ``listened`` cycles.

    ``rssi_dbm`` is the mean of the reads that had one, ``None`` where none had.
    """

    item: str
    shelf: str
    antenna: str
    cycles: int
    listened: float
    rssi_dbm: float | None

    @property
    def rate(self) -> float:
        """Share of the cycles in which it was read, 0 to 1."""
        return min(1.0, self.cycles / self.listened) if self.listened > 0 else 0.0


@dataclass
class _Stand:
    """One item at one place, from when it was put there; ``start`` is how long each antenna had listened then."""

    shelf: str
    start: dict[str, float]
    listened: dict[str, float] = field(default_factory=dict)
    cycles: dict[str, int] = field(default_factory=dict)
    loud: dict[str, tuple[float, int]] = field(default_factory=dict)


class Radio:
    """Counts reads by cycle, while items stand still. ``antennas``: antenna → shelf; ``cycle_ms`` of the readers."""

    def __init__(self, antennas: Mapping[str, str], cycle_ms: int) -> None:
        self.antennas = dict(antennas)
        self.cycle_ms = cycle_ms
        self.reads: dict[str, int] = dict.fromkeys(antennas, 0)
        self.seen: dict[str, int] = {}
        """Item → how often any antenna read it, wherever it was."""
        self._listened: dict[str, float] = dict.fromkeys(antennas, 0.0)
        self._deaf: set[str] = set()
        self._now_ms: int | None = None
        self._stands: dict[str, _Stand] = {}
        self._done: list[tuple[str, _Stand]] = []
        self._counted: dict[int, set[tuple[str, str]]] = {}

    def place(self, item: str, shelf: str | None) -> None:
        """From now on ``item`` stands on ``shelf`` (``AWAY`` or ``None``: on none)."""
        if (before := self._stands.pop(item, None)) is not None:
            self._close(item, before)
        if shelf is not None and shelf != AWAY:
            self._stands[item] = _Stand(shelf, dict(self._listened))

    def connect(self, antenna: str, *, connected: bool) -> None:
        """An antenna listens, or does not: then its cycles do not count."""
        (self._deaf.discard if connected else self._deaf.add)(antenna)

    def read(self, item: str, antenna: str, rssi_dbm: float, t_ms: int) -> None:
        """An antenna read an item; reads may come up to three seconds out of order."""
        if antenna not in self._listened:
            return
        self.reads[antenna] += 1
        self.seen[item] = self.seen.get(item, 0) + 1
        stand = self._stands.get(item)
        if stand is None:
            return
        cycle = self._counted.setdefault(t_ms // self.cycle_ms, set())
        if (item, antenna) not in cycle:
            cycle.add((item, antenna))
            stand.cycles[antenna] = stand.cycles.get(antenna, 0) + 1
        if math.isfinite(rssi_dbm):
            total, count = stand.loud.get(antenna, (0.0, 0))
            stand.loud[antenna] = (total + rssi_dbm, count + 1)

    def pass_to(self, t_ms: int) -> None:
        """Time passes; what listens, listens."""
        if self._now_ms is not None and t_ms > self._now_ms:
            for antenna in self._listened:
                if antenna not in self._deaf:
                    self._listened[antenna] += t_ms - self._now_ms
        self._now_ms = t_ms
        oldest = (t_ms - _DISORDER_MS) // self.cycle_ms
        self._counted = {cycle: read for cycle, read in self._counted.items() if cycle >= oldest}

    def heard(self) -> list[Heard]:
        """Every item at every place where it stood, by every antenna."""
        for item, stand in list(self._stands.items()):
            self.place(item, stand.shelf)
        return [
            Heard(item, stand.shelf, antenna, stand.cycles.get(antenna, 0), ms / self.cycle_ms, _mean(stand, antenna))
            for item, stand in self._done
            for antenna, ms in stand.listened.items()
        ]

    def _close(self, item: str, stand: _Stand) -> None:
        stand.listened = {antenna: ms - stand.start[antenna] for antenna, ms in self._listened.items()}
        if any(stand.listened.values()):
            self._done.append((item, stand))


def _mean(stand: _Stand, antenna: str) -> float | None:
    total, count = stand.loud.get(antenna, (0.0, 0))
    return total / count if count else None
