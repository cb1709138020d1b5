"""Who came together: two who walked side by side for a second or more queue as one, and are served as one.

Strangers in a line stand as near to each other as families do, but they seldom walk up to it side by side; so being
near counts only while both move, and alike.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.tracker import Tracks

NEAR: Final = 0.8
"""Of their mean height: so near walk those who are together."""
MOVES: Final = 0.2
"""Heights per second from which somebody walks."""
ALIKE: Final = 0.5
"""Of the faster one's speed: so much may two velocities differ."""
TOGETHER_S: Final = 1.0
APART: Final = 3.0
"""Of their mean height: who once walked together and stands so far apart does not queue as one."""
_SMOOTH_S: Final = 0.5


class Companions:
    """Follows which pairs of tracks walk together. Pixels in, pairs of track numbers out."""

    def __init__(self) -> None:
        self._feet: dict[int, NDArray[np.float64]] = {}
        self._heights: dict[int, float] = {}
        self._speed: dict[int, NDArray[np.float64]] = {}
        self._walked_s: dict[tuple[int, int], float] = {}
        self._t_s: float | None = None

    def watch(self, tracks: Tracks, t_s: float) -> None:
        """Fold in one frame's tracks."""
        dt = 0.0 if self._t_s is None else t_s - self._t_s
        self._t_s = t_s
        self._forget(set(tracks.gone))
        feet, heights = tracks.feet(), tracks.boxes[:, 3] - tracks.boxes[:, 1]
        seen = np.flatnonzero(tracks.confirmed & (tracks.unseen_s <= 0)).tolist()
        for row in seen:
            self._move(int(tracks.ids[row]), feet[row], float(heights[row]), dt)
        walkers = sorted(number for row in seen if self._walks(number := int(tracks.ids[row])))
        for pair in combinations(walkers, 2):
            if dt > 0 and self._walk_together(*pair):
                self._walked_s[pair] = self._walked_s.get(pair, 0.0) + min(dt, 1.0)

    def parties(self, numbers: Iterable[int]) -> int:
        """How many parties these tracks are: each group that came together counts once."""
        members = sorted(numbers)
        leader = {number: number for number in members}

        def lead(number: int) -> int:
            while leader[number] != number:
                number = leader[number]
            return number

        for pair in combinations(members, 2):
            if self._walked_s.get(pair, 0.0) >= TOGETHER_S and self._distance(*pair) <= APART:
                leader[lead(pair[1])] = lead(pair[0])
        return len({lead(number) for number in members})

    def follow(self, number: int, earlier: int) -> None:
        """Track ``number`` is the person who was track ``earlier``: whom they came with stays."""
        for pair, walked_s in list(self._walked_s.items()):
            if earlier in pair:
                other = pair[0] if pair[1] == earlier else pair[1]
                self._walked_s[min(number, other), max(number, other)] = walked_s

    def _move(self, number: int, feet: NDArray[np.float64], height: float, dt: float) -> None:
        before = self._feet.get(number)
        if before is not None and dt > 0:
            gain = 1 - float(np.exp(-dt / _SMOOTH_S))
            speed = self._speed.get(number, np.zeros(2))
            self._speed[number] = speed + gain * ((feet - before) / dt - speed)
        self._feet[number], self._heights[number] = feet, max(height, 1.0)

    def _walks(self, number: int) -> bool:
        speed = self._speed.get(number)
        return speed is not None and float(np.hypot(*speed)) >= MOVES * self._heights[number]

    def _walk_together(self, one: int, other: int) -> bool:
        """Of two who walk: whether they are near and go the same way."""
        if self._distance(one, other) > NEAR:
            return False
        speeds = self._speed[one], self._speed[other]
        fast = max(float(np.hypot(*speed)) for speed in speeds)
        return float(np.hypot(*(speeds[0] - speeds[1]))) <= ALIKE * fast

    def _distance(self, one: int, other: int) -> float:
        """Between their feet, in their mean height; far where one was never seen."""
        if one not in self._feet or other not in self._feet:
            return np.inf
        height = (self._heights[one] + self._heights[other]) / 2
        return float(np.hypot(*(self._feet[one] - self._feet[other]))) / height

    def _forget(self, gone: set[int]) -> None:
        if not gone:
            return
        for number in gone:
            for known in (self._feet, self._heights, self._speed):
                known.pop(number, None)
        # Whoever is found again may still be joined with whom they came: pairs outlive one of their two.
        self._walked_s = {pair: s for pair, s in self._walked_s.items() if not gone.issuperset(pair)}
