"""One camera's people: boxes of a frame in, people per lane and through doors out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.doors import Crossings, Door
from edge.core.lane.floor import Floor, LaneArea, Point, inside
from edge.core.lane.likeness import Boxes
from edge.core.lane.tracker import Tracker, TrackerSettings, Tracks


@dataclass(frozen=True)
class PeopleSettings:
    """What is watched and how. ``settle_s``: how fast standing in a lane becomes being counted there."""

    floor: Floor = field(default_factory=Floor)
    tracker: TrackerSettings = field(default_factory=TrackerSettings)
    settle_s: float = 0.6


Box = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Counts:
    """People after one frame. There is no field that could carry a picture.

    ``lanes``: people per lane, staff left out, smoothed. ``doors``: who crossed since the frame before.
    ``people``: everybody in view, staff too; ``boxes``: where they are (x0, y0, x1, y1 in pixels, score).
    """

    t_ms: int
    people: int
    lanes: Mapping[str, int]
    doors: Mapping[str, Crossings]
    boxes: tuple[Box, ...] = ()


class People:
    """Follows people and counts them per lane and door. Not for two threads at once."""

    def __init__(self, settings: PeopleSettings | None = None) -> None:
        self._settings = settings or PeopleSettings()
        floor = self._settings.floor
        self._tracker = Tracker(self._settings.tracker)
        self._lanes = {area.id: _Lane(area, floor.staff, self._settings.settle_s) for area in floor.lanes}
        self._doors = {line.id: Door(line) for line in floor.doors}

    def frame(self, boxes: Boxes, size: Point, t_ms: int) -> Counts:
        """Fold in the boxes (N × 5, pixels) of one frame of ``size`` (width, height), taken at ``t_ms``.

        Raises:
            ValueError: ``t_ms`` is not later than the frame before.
        """
        tracks = self._tracker.update(boxes, t_ms / 1000)
        return Counts(
            t_ms=t_ms,
            people=int(np.count_nonzero(tracks.shown)),
            lanes=MappingProxyType(
                {name: lane.count(tracks, size, t_ms / 1000) for name, lane in self._lanes.items()}
            ),
            doors=MappingProxyType({name: door.watch(tracks, size) for name, door in self._doors.items()}),
            boxes=_boxes(tracks, size),
        )


def still(boxes: Boxes, floor: Floor, size: Point, t_ms: int = 0) -> Counts:
    """Count one picture by itself, with nothing before it to follow: a photograph. Doors see nobody walk."""
    feet = np.column_stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3])).astype(np.float64) / np.asarray(size)
    lanes = {area.id: int(np.count_nonzero(_customers(feet, area, floor.staff))) for area in floor.lanes}
    people = tuple((float(a), float(b), float(c), float(d), float(score)) for a, b, c, d, score in boxes)
    return Counts(t_ms, len(boxes), MappingProxyType(lanes), MappingProxyType({}), people)


def _customers(feet: NDArray[np.float64], area: LaneArea, staff: tuple[tuple[Point, ...], ...]) -> NDArray[np.bool_]:
    """Which feet (N × 2, fractions) stand in the lane and not where staff stand."""
    stands = inside(feet, area.polygon)
    for zone in staff:
        stands &= ~inside(feet, zone)
    return stands


def _boxes(tracks: Tracks, size: Point) -> tuple[Box, ...]:
    shown = np.clip(tracks.boxes[tracks.shown], 0, np.array([*size, *size], float))
    scores = tracks.scores[tracks.shown].tolist()
    return tuple((a, b, c, d, score) for (a, b, c, d), score in zip(shown.tolist(), scores, strict=True))


class _Lane:
    """One lane: a track belongs to it once it has stood in the polygon for a moment, and leaves it as slowly.

    Membership is an exponential average per track (time constant ``settle_s``) with hysteresis at 0.5 and 0.25, so
    that a box that flickers or trembles on the edge does not move the number on the screen. A median over the last
    second on top of it would only add its delay.
    """

    def __init__(self, area: LaneArea, staff: tuple[tuple[Point, ...], ...], settle_s: float) -> None:
        self._area, self._staff, self._settle_s = area, staff, settle_s
        self._presence: dict[int, float] = {}
        self._members: set[int] = set()
        self._t_s: float | None = None

    def count(self, tracks: Tracks, size: Point, t_s: float) -> int:
        """Fold in one frame's tracks; gives the smoothed number of people."""
        dt = self._settle_s if self._t_s is None else t_s - self._t_s
        self._t_s = t_s
        gain = 1 - float(np.exp(-dt / self._settle_s))
        stands = _customers(tracks.feet() / size, self._area, self._staff)
        for number in tracks.gone:
            self._presence.pop(number, None)
            self._members.discard(number)
        for row in np.flatnonzero(tracks.confirmed).tolist():
            self._weigh(int(tracks.ids[row]), bool(stands[row]), gain)
        return len(self._members)

    def _weigh(self, number: int, stands: bool, gain: float) -> None:  # noqa: FBT001 - one bit of evidence
        presence = self._presence.get(number, 0.0)
        presence += gain * (float(stands) - presence)
        self._presence[number] = presence
        if presence >= 0.5:
            self._members.add(number)
        elif presence <= 0.25:
            self._members.discard(number)
