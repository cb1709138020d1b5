"""Who came together: two who walked side by side for a second or more queue as one, and are served as one.

Strangers in a line stand as near to each other as families do, and when it moves up they all move alike; but they go
one behind the other, and only a step. So being near counts only while both walk, some way, and beside each other.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter
from typing import Final

import numpy as np

from edge.core.lane.tracker import Tracks

NEAR: Final = 0.8
"""Of their mean height: so near walk those who are together."""
MOVES: Final = 0.2
"""Heights per second from which somebody walks."""
ALIKE: Final = 0.5
"""Of the faster one's speed: so much may two velocities differ."""
TOGETHER_S: Final = 1.0
A_WAY: Final = 0.8
"""Heights that somebody must have walked without stopping: a line that moves up moves half of that."""
APART: Final = 3.0
"""Of their mean height: who once walked together and stands so far apart does not queue as one."""
_SMOOTH_S: Final = 0.5


@dataclass
class _Walker:
    """Where somebody's feet are (pixels), and how they move (pixels per second, smoothed)."""

    x: float
    y: float
    height: float = 1.0
    vx: float = 0.0
    vy: float = 0.0
    walked: float = 0.0
    """Heights, since they last stood still."""

    def move(self, x: float, y: float, height: float, dt: float, gain: float) -> None:
        if dt > 0:
            self.vx += gain * ((x - self.x) / dt - self.vx)
            self.vy += gain * ((y - self.y) / dt - self.vy)
        self.x, self.y, self.height = x, y, height
        heights_per_s = math.hypot(self.vx, self.vy) / height
        self.walked = self.walked + heights_per_s * dt if heights_per_s >= MOVES else 0.0

    def walks_beside(self, other: "_Walker") -> bool:
        """Of two who walk: whether they are near, go the same way, and neither goes behind the other."""
        if self.away(other) > NEAR:
            return False
        ux, uy = self.vx + other.vx, self.vy + other.vy
        dx, dy = self.x - other.x, self.y - other.y
        if abs(ux * dx + uy * dy) > abs(ux * dy - uy * dx):
            return False
        fast = max(math.hypot(self.vx, self.vy), math.hypot(other.vx, other.vy))
        return math.hypot(self.vx - other.vx, self.vy - other.vy) <= ALIKE * fast

    def away(self, other: "_Walker") -> float:
        """Between their feet, in their mean height."""
        return math.hypot(self.x - other.x, self.y - other.y) / ((self.height + other.height) / 2)


class Companions:
    """Follows which pairs of tracks walk together. Pixels in, pairs of track numbers out."""

    def __init__(self) -> None:
        self._seen: dict[int, _Walker] = {}
        self._walked_s: dict[tuple[int, int], float] = {}
        self._walking_s: dict[tuple[int, int], float] = {}
        self._t_s: float | None = None

    def watch(self, tracks: Tracks, t_s: float) -> None:
        """Fold in one frame's tracks."""
        dt = 0.0 if self._t_s is None else t_s - self._t_s
        self._t_s = t_s
        self._forget(set(tracks.gone))
        rows = np.flatnonzero(tracks.confirmed & (tracks.unseen_s <= 0))
        gain = 1 - math.exp(-dt / _SMOOTH_S)
        walkers: list[tuple[int, _Walker]] = []
        # Plain numbers: for the few people of a picture they are quicker than arrays.
        for number, (x0, _top, x1, y1), height in zip(
            tracks.ids[rows].tolist(),
            tracks.boxes[rows].tolist(),
            (tracks.boxes[rows, 3] - tracks.boxes[rows, 1]).tolist(),
            strict=True,
        ):
            walker = self._seen.setdefault(number, _Walker((x0 + x1) / 2, y1))
            walker.move((x0 + x1) / 2, y1, max(height, 1.0), dt, gain)
            if walker.walked > 0:
                walkers.append((number, walker))
        walking_s = {}
        for (number, one), (other_number, other) in combinations(sorted(walkers, key=itemgetter(0)), 2):
            pair = (number, other_number)
            beside_s = self._walking_s.get(pair, 0.0) + (min(dt, 1.0) if one.walks_beside(other) else 0.0)
            walking_s[pair] = beside_s
            if min(one.walked, other.walked) >= A_WAY:
                self._walked_s[pair] = max(beside_s, self._walked_s.get(pair, 0.0))
        # Whoever stops begins anew: many small steps in a line make nobody a companion.
        self._walking_s = {pair: s for pair, s in walking_s.items() if s > 0}

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

    def _distance(self, one: int, other: int) -> float:
        """Between their feet, in their mean height; far where one was never seen."""
        if one not in self._seen or other not in self._seen:
            return math.inf
        return self._seen[one].away(self._seen[other])

    def _forget(self, gone: set[int]) -> None:
        if not gone:
            return
        for number in gone:
            self._seen.pop(number, None)
        # Whoever is found again may still be joined with whom they came: pairs outlive one of their two.
        self._walked_s = {pair: s for pair, s in self._walked_s.items() if not gone.issuperset(pair)}
