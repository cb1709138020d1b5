"""Which tracks stand in a polygon: they belong to it once they have stood there a moment, and leave it as slowly."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.floor import Point, inside
from edge.core.lane.tracker import Tracks

_JOINS, _LEAVES = 0.5, 0.25


@dataclass(frozen=True)
class Change:
    """What one frame changed. ``began_inside``: of those who came, those that no frame ever saw outside."""

    came: tuple[int, ...] = ()
    began_inside: frozenset[int] = frozenset()
    walked_out: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()


class Members:
    """The tracks of one polygon, by their numbers.

    Membership is an exponential average per track (time constant ``settle_s``) with hysteresis at 0.5 and 0.25, so
    that a box that flickers or trembles on the edge does not move the number on the screen. A median over the last
    second on top of it would only add its delay.
    """

    def __init__(
        self, polygon: tuple[Point, ...], settle_s: float, without: Iterable[tuple[Point, ...]] = ()
    ) -> None:
        """Who stands in one of ``without`` (behind the till) does not stand in ``polygon``."""
        self._polygon, self._settle_s, self._without = polygon, settle_s, tuple(without)
        self._presence: dict[int, float] = {}
        self._outside: set[int] = set()
        self._t_s: float | None = None
        self.now: set[int] = set()

    def watch(self, tracks: Tracks, feet: NDArray[np.float64], usable: NDArray[np.bool_], t_s: float) -> Change:
        """Fold in one frame's tracks; ``feet`` (N × 2) as fractions, ``usable`` (N) says who may count at all."""
        dt = self._settle_s if self._t_s is None else t_s - self._t_s
        self._t_s = t_s
        gain = 1 - float(np.exp(-dt / self._settle_s))
        stands = self._stands(feet)
        lost = tuple(number for number in tracks.gone if number in self.now)
        for number in tracks.gone:
            self._presence.pop(number, None)
            self._outside.discard(number)
            self.now.discard(number)
        came, walked_out = [], []
        # Who is hidden stays what they were: where they are thought to walk on to, nobody has seen them.
        for row in np.flatnonzero(usable & (tracks.unseen_s <= 0)).tolist():
            number, is_in = int(tracks.ids[row]), bool(stands[row])
            if not is_in:
                self._outside.add(number)
            presence = self._presence.get(number, 0.0)
            self._presence[number] = presence = presence + gain * (float(is_in) - presence)
            if presence >= _JOINS and number not in self.now:
                self.now.add(number)
                came.append(number)
            elif presence <= _LEAVES and number in self.now:
                self.now.discard(number)
                walked_out.append(number)
        began_inside = frozenset(number for number in came if number not in self._outside)
        # Whoever comes back within the same track was outside meanwhile; who stays is judged anew next time.
        self._outside.difference_update(came)
        return Change(tuple(came), began_inside, tuple(walked_out), lost)

    def _stands(self, feet: NDArray[np.float64]) -> NDArray[np.bool_]:
        stands = inside(feet, self._polygon)
        for zone in self._without:
            stands &= ~inside(feet, zone)
        return stands
