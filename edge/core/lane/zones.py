"""How long people stay where: dwell by zone, and a heat map of the floor. Sums only; nobody is told apart in them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.floor import ZoneArea
from edge.core.lane.members import Members
from edge.core.lane.tracker import Tracks

COLUMNS: Final = 32
ROWS: Final = 18
MOST_DT_S: Final = 2.0
"""Between two frames further apart than this nobody knows where people stood."""


@dataclass
class ZoneSum:
    """One zone since the last call: who came, visits that ended and their length, person-seconds, most at once."""

    entered: int = 0
    visits: int = 0
    dwell_s: float = 0.0
    person_s: float = 0.0
    watched_s: float = 0.0
    people_max: int = 0


class Zone:
    """One zone of the floor (a display, a counter)."""

    def __init__(self, area: ZoneArea, settle_s: float) -> None:
        self._members = Members(area.polygon, settle_s)
        self._since: dict[int, float] = {}
        self._sum = ZoneSum()
        self._t_s: float | None = None

    def watch(self, tracks: Tracks, feet: NDArray[np.float64], usable: NDArray[np.bool_], t_s: float) -> None:
        """Fold in one frame's tracks; ``feet`` (N × 2) as fractions."""
        dt = 0.0 if self._t_s is None else min(t_s - self._t_s, MOST_DT_S)
        self._t_s = t_s
        change = self._members.watch(tracks, feet, usable, t_s)
        self._sum.entered += len(change.came)
        for number in change.came:
            self._since[number] = t_s
        for number in (*change.walked_out, *change.lost):
            self._sum.visits += 1
            self._sum.dwell_s += t_s - self._since.pop(number, t_s)
        people = len(self._members.now)
        self._sum.person_s += people * dt
        self._sum.watched_s += dt
        self._sum.people_max = max(self._sum.people_max, people)

    def take(self) -> ZoneSum:
        """What came together since the last call."""
        taken, self._sum = self._sum, ZoneSum(people_max=len(self._members.now))
        return taken


@dataclass
class HeatSum:
    """Person-seconds per cell (``ROWS`` × ``COLUMNS`` over the picture) and how long the camera watched."""

    cells: NDArray[np.float64] = field(default_factory=lambda: np.zeros((ROWS, COLUMNS)))
    watched_s: float = 0.0


class Heat:
    """Where people stand, as person-seconds in a grid."""

    def __init__(self) -> None:
        self._sum = HeatSum()
        self._t_s: float | None = None

    def watch(self, feet: NDArray[np.float64], usable: NDArray[np.bool_], t_s: float) -> None:
        """Fold in one frame's feet (N × 2, fractions)."""
        dt = 0.0 if self._t_s is None else min(t_s - self._t_s, MOST_DT_S)
        self._t_s = t_s
        self._sum.watched_s += dt
        if dt > 0 and usable.any():
            for x, y in feet[usable].tolist():
                row, column = min(max(int(y * ROWS), 0), ROWS - 1), min(max(int(x * COLUMNS), 0), COLUMNS - 1)
                self._sum.cells[row, column] += dt

    def take(self) -> HeatSum:
        """What came together since the last call."""
        taken, self._sum = self._sum, HeatSum()
        return taken
