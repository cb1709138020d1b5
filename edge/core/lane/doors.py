"""Who walks through a door: tracks that change from one side of its line to the other, counted once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.floor import DoorLine, Point, along, side
from edge.core.lane.tracker import Tracks


@dataclass(frozen=True)
class Crossings:
    """How many came in and went out since the frame before."""

    entered: int = 0
    left: int = 0


@dataclass
class _Stand:
    """Where a track was when it last stood clearly on one side."""

    is_left: bool
    foot: NDArray[np.float64]


class Door:
    """One door line with hysteresis.

    A track is on a side once its feet are more than ``margin`` of its height away from the line, so that somebody who
    stands on the line is counted once when they have left it, and not at every tremble of the box.
    """

    def __init__(self, line: DoorLine, margin: float = 0.1) -> None:
        self._door, self._margin = line, margin
        self._stands: dict[int, _Stand] = {}

    def watch(self, tracks: Tracks, size: Point, guests: NDArray[np.bool_]) -> Crossings:
        """Fold in one frame's tracks; ``size`` is the picture's in pixels, ``guests`` (N) says who counts."""
        self._forget(tracks.gone)
        feet = tracks.feet() / size
        away = side(feet, self._door.line, size)
        heights = tracks.boxes[:, 3] - tracks.boxes[:, 1]
        clear = tracks.confirmed & guests & (np.abs(away) > self._margin * heights)
        entered = left = 0
        for row in np.flatnonzero(clear).tolist():
            number, is_left = int(tracks.ids[row]), bool(away[row] > 0)
            before = self._stands.get(number)
            self._stands[number] = _Stand(is_left, feet[row])
            if before is None or before.is_left == is_left or not self._is_through(before.foot, feet[row], size):
                continue
            if is_left == (self._door.inside == "left"):
                entered += 1
            else:
                left += 1
        return Crossings(entered, left)

    def _is_through(self, start: NDArray[np.float64], end: NDArray[np.float64], size: Point) -> bool:
        """Whether the way from ``start`` to ``end`` meets the line between its ends, not beyond them."""
        both = np.stack((start, end))
        away = side(both, self._door.line, size)
        share = away[0] / (away[0] - away[1])
        places = along(both, self._door.line, size)
        return bool(0 <= places[0] + share * (places[1] - places[0]) <= 1)

    def _forget(self, gone: Iterable[int]) -> None:
        for number in gone:
            self._stands.pop(number, None)
