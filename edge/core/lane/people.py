"""One camera's people: boxes of a frame in, people per lane and through doors out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.companions import Companions
from edge.core.lane.doors import Crossings, Door
from edge.core.lane.floor import Floor, LaneArea, Point, inside
from edge.core.lane.likeness import Boxes, shared
from edge.core.lane.queue import Leaving, Queue, QueueNow
from edge.core.lane.tracker import Tracker, TrackerSettings, Tracks
from edge.core.lane.zones import Heat, HeatSum, Zone, ZoneSum


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

    ``lanes``: parties per lane, staff left out, smoothed: who came together queues as one. ``queues``: the same in
    full. ``doors``: who crossed since the frame before. ``people``: everybody in view, staff too; ``boxes``: where
    they are (x0, y0, x1, y1 in pixels, score).
    """

    t_ms: int
    people: int
    lanes: Mapping[str, int]
    doors: Mapping[str, Crossings]
    boxes: tuple[Box, ...] = ()
    queues: Mapping[str, QueueNow] = field(default_factory=lambda: MappingProxyType({}))


class People:
    """Follows people and counts them per lane, door and zone. Not for two threads at once."""

    def __init__(self, settings: PeopleSettings | None = None) -> None:
        self._settings = settings or PeopleSettings()
        floor, settle_s = self._settings.floor, self._settings.settle_s
        self._tracker = Tracker(self._settings.tracker)
        self._companions, self._uniform, leaving = Companions(), _Uniforms(), Leaving()
        self._lanes = {area.id: Queue(area, floor.staff, settle_s, self._companions, leaving) for area in floor.lanes}
        self._doors = {line.id: Door(line) for line in floor.doors}
        self._zones = {area.id: Zone(area, settle_s) for area in floor.zones}
        self._heat = Heat()
        self.tracks: Tracks | None = None
        """After the last frame; they never leave the camera."""

    def frame(self, boxes: Boxes, size: Point, t_ms: int, in_uniform: NDArray[np.bool_] | None = None) -> Counts:
        """Fold in the boxes (N × 5, pixels) of one frame of ``size`` (width, height), taken at ``t_ms``.

        ``in_uniform`` (N) says which of them wear the store's; those are staff, wherever they stand.

        Raises:
            ValueError: ``t_ms`` is not later than the frame before.
        """
        t_s = t_ms / 1000
        self.tracks = tracks = self._tracker.update(boxes, t_s)
        self._companions.watch(tracks, t_s)
        guests = self._uniform.guests(tracks, boxes, in_uniform)
        usable = tracks.confirmed & guests
        for lane in self._lanes.values():
            lane.watch(tracks, size, usable, t_s)
        feet = tracks.feet() / size
        on_floor = usable.copy()
        for staff in self._settings.floor.staff:
            on_floor &= ~inside(feet, staff)
        for zone in self._zones.values():
            zone.watch(tracks, feet, on_floor, t_s)
        self._heat.watch(feet, on_floor & tracks.shown, t_s)
        queues = {name: lane.now() for name, lane in self._lanes.items()}
        return Counts(
            t_ms=t_ms,
            people=int(np.count_nonzero(tracks.shown)),
            lanes=MappingProxyType({name: queue.parties for name, queue in queues.items()}),
            doors=MappingProxyType({name: door.watch(tracks, size, guests) for name, door in self._doors.items()}),
            boxes=_boxes(tracks, size),
            queues=MappingProxyType(queues),
        )

    def zones(self) -> dict[str, ZoneSum]:
        """What came together in each zone since the last call."""
        return {name: zone.take() for name, zone in self._zones.items()}

    def heat(self) -> HeatSum:
        """Where people stood since the last call; staff left out."""
        return self._heat.take()


class _Uniforms:
    """Which tracks wear the store's uniform: most of their boxes of the last seconds did."""

    _GAIN = 0.3

    def __init__(self) -> None:
        self._share: dict[int, float] = {}

    def guests(self, tracks: Tracks, boxes: Boxes, in_uniform: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        """Which tracks (N) are customers."""
        if in_uniform is None:
            return np.ones(len(tracks.ids), bool)
        for number in tracks.gone:
            self._share.pop(number, None)
        wears = self._by_track(tracks, boxes, in_uniform)
        for row in np.flatnonzero(tracks.unseen_s <= 0).tolist():
            number, worn = int(tracks.ids[row]), float(wears[row])
            before = self._share.get(number)
            self._share[number] = worn if before is None else before + self._GAIN * (worn - before)
        return np.array([self._share.get(int(number), 0.0) < 0.5 for number in tracks.ids], bool)

    @staticmethod
    def _by_track(tracks: Tracks, boxes: Boxes, in_uniform: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The mark of the box that each track overlaps most."""
        if not len(boxes) or not len(tracks.ids):
            return np.zeros(len(tracks.ids), bool)
        common = shared(tracks.boxes, np.asarray(boxes[:, :4], np.float64))
        best = common.argmax(axis=1)
        found: NDArray[np.bool_] = in_uniform[best] & (common.max(axis=1) > 0)
        return found


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
