"""One lane as its camera sees it: who waits, who is served, and how people come and go.

A person who is hidden for long loses their track and gets a new one where they stand: that is nobody joining and
nobody leaving. So a lost member stays as a ghost for a while, and a track that begins inside the lane near a ghost is
the same person.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.companions import Companions
from edge.core.lane.floor import LaneArea, Point, inside
from edge.core.lane.members import Change, Members
from edge.core.lane.tracker import Tracks

GHOST_S: Final = 25.0
NEAR: Final = 1.2
"""Of a person's height: so far from where somebody was lost they may be found again."""
WAITED_S: Final = 10.0
"""Who has been in the lane for so long did not come to pass through it."""
CHANGES_S: Final = 6.0
"""Who stands in another lane so soon after leaving one has changed lanes."""
SERVED_S: Final = 3.0
"""So long at the till somebody was served; who only passes it was not."""
STEPS_BACK_S: Final = 6.0
"""Who waits in the lane for so long after being at the till is not being served any more: it was somebody else."""


@dataclass(frozen=True)
class Flow:
    """How people came and went since the frame before. ``left``: gone, and nobody can say whether served."""

    joined: int = 0
    served: int = 0
    abandoned: int = 0
    changed_in: int = 0
    changed_out: int = 0
    left: int = 0

    def __add__(self, other: "Flow") -> "Flow":
        return Flow(
            self.joined + other.joined,
            self.served + other.served,
            self.abandoned + other.abandoned,
            self.changed_in + other.changed_in,
            self.changed_out + other.changed_out,
            self.left + other.left,
        )


@dataclass(frozen=True)
class QueueNow:
    """One lane after a frame: ``people`` in it, ``parties`` that queue as one, ``serving`` of them at the till.

    ``serving`` is ``None`` where no place at the till is drawn.
    """

    people: int
    parties: int
    serving: int | None
    flow: Flow = Flow()


@dataclass
class _Person:
    """One who stands in the lane. ``feet`` in pixels."""

    feet: NDArray[np.float64]
    height: float
    came_s: float = 0.0
    at_till_s: float = 0.0
    till_seen_s: float = -math.inf
    lost_s: float = 0.0


@dataclass
class Leaving:
    """Those who left a lane unserved a moment ago, by track: they may be on their way to another. One per camera."""

    since: dict[int, tuple["Queue", float]] = field(default_factory=dict)

    def take(self, number: int, lane: "Queue") -> "Queue | None":
        """The other lane that this track has just left."""
        found = self.since.get(number)
        if found is None or found[0] is lane:
            return None
        del self.since[number]
        return found[0]


class Queue:
    """One lane. Every lane of a camera takes each frame (``watch``) before any is asked how it is (``now``)."""

    def __init__(
        self,
        area: LaneArea,
        staff: Sequence[tuple[Point, ...]],
        settle_s: float,
        companions: Companions,
        leaving: Leaving,
    ) -> None:
        self._area = area
        self._members = Members(area.polygon, settle_s, staff)
        self._till = Members(area.till, settle_s) if area.till else None
        self._companions, self._leaving = companions, leaving
        self._people: dict[int, _Person] = {}
        self._ghosts: dict[int, _Person] = {}
        self._flow = Flow()
        self._t_s: float | None = None

    def watch(self, tracks: Tracks, size: Point, usable: NDArray[np.bool_], t_s: float) -> None:
        """Fold in one frame's tracks; ``usable`` (N) says who may be a customer."""
        dt = 0.0 if self._t_s is None else t_s - self._t_s
        self._t_s = t_s
        pixels = tracks.feet()
        feet = pixels / size
        change = self._members.watch(tracks, feet, usable, t_s)
        if self._till:
            self._till.watch(tracks, feet, usable, t_s)
        self._lose(change, t_s)
        rows = {int(number): row for row, number in enumerate(tracks.ids)}
        for number in change.came:
            self._come(number, rows[number], tracks, pixels, began_inside=number in change.began_inside)
        for number in change.walked_out:
            self._walk_out(number, t_s)
        for number, person in self._people.items():
            person.feet = pixels[rows[number]]
            person.height = float(tracks.boxes[rows[number], 3] - tracks.boxes[rows[number], 1])
        if self._till:
            self._at_till(self._till, feet, rows, dt)

    def _at_till(self, till: Members, feet: NDArray[np.float64], rows: dict[int, int], dt: float) -> None:
        """Add up how long everybody is at the till."""
        t_s = self._t_s or 0.0
        for number, person in self._people.items():
            if inside(feet[[rows[number]]], self._area.till)[0]:
                person.till_seen_s = t_s
            elif t_s - person.till_seen_s > STEPS_BACK_S:
                person.at_till_s = 0.0
            if number in till.now:
                person.at_till_s += dt

    def _was_served(self, person: _Person, left_s: float) -> bool:
        """Whether somebody who left was: they were at the till for long, or had waited and left from there.

        One follows another so closely that a camera may mix them up in that moment: then the one who leaves seems to
        have been there for a second.
        """
        waited = person.till_seen_s - person.came_s >= WAITED_S and left_s - person.till_seen_s <= SERVED_S
        return self._till is not None and (person.at_till_s >= SERVED_S or waited)

    def now(self) -> QueueNow:
        """How the lane is; what flowed is told once."""
        self._settle()
        flow, self._flow = self._flow, Flow()
        members = self._members.now
        serving = None if self._till is None else min(len(self._till.now & members), 1)
        return QueueNow(len(members), self._companions.parties(members), serving, flow)

    def _come(
        self, number: int, row: int, tracks: Tracks, pixels: NDArray[np.float64], *, began_inside: bool
    ) -> None:
        height = float(tracks.boxes[row, 3] - tracks.boxes[row, 1])
        person = _Person(pixels[row], height, came_s=self._t_s or 0.0)
        ghost = self._nearest_ghost(person) if began_inside else None
        if ghost is not None:
            earlier_self = self._ghosts.pop(ghost)
            person.at_till_s, person.came_s = earlier_self.at_till_s, earlier_self.came_s
            self._companions.follow(number, ghost)
        elif (earlier := self._leaving.take(number, self)) is not None:
            earlier.changed_out()
            self._add(changed_in=1)
        elif number in self._leaving.since:
            del self._leaving.since[number]
        else:
            self._add(joined=1)
        self._people[number] = person

    def changed_out(self) -> None:
        """Somebody who left this lane stands in another now."""
        self._add(changed_out=1)

    def _walk_out(self, number: int, t_s: float) -> None:
        person = self._people.pop(number)
        if self._till is None:
            self._add(left=1)
        elif self._was_served(person, t_s):
            self._add(served=1)
        else:
            self._leaving.since[number] = (self, t_s)

    def _lose(self, change: Change, t_s: float) -> None:
        for number in change.lost:
            person = self._people.pop(number)
            person.lost_s = t_s
            self._ghosts[number] = person

    def _settle(self) -> None:
        """Decide about those who were lost or left a while ago."""
        t_s = self._t_s or 0.0
        for number, person in list(self._ghosts.items()):
            if t_s - person.lost_s > GHOST_S:
                del self._ghosts[number]
                served = self._was_served(person, person.lost_s)
                self._add(served=int(served), left=int(not served))
        for number, (lane, since_s) in list(self._leaving.since.items()):
            if lane is self and t_s - since_s > CHANGES_S:
                del self._leaving.since[number]
                self._add(abandoned=1)

    def _nearest_ghost(self, person: _Person) -> int | None:
        near = [
            (float(np.hypot(*(ghost.feet - person.feet))) / max(person.height, 1.0), number)
            for number, ghost in self._ghosts.items()
        ]
        distance, number = min(near, default=(np.inf, 0))
        return number if distance <= NEAR else None

    def _add(self, **counts: int) -> None:
        self._flow = replace(self._flow, **{name: getattr(self._flow, name) + n for name, n in counts.items()})
