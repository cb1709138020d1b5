"""What leaves a camera: numbers and names. There is no field that could carry a picture, a box or a way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.people import Counts
from edge.core.lane.queue import Flow
from edge.core.lane.zones import COLUMNS, ROWS, HeatSum, ZoneSum

HEAT_MINUTES: Final = 15
MINUTE_MS: Final = 60_000


@dataclass(frozen=True)
class CameraCounts:
    """One frame: parties per lane, (in, out) per door since the frame before, how people came and went per lane."""

    t_ms: int
    lanes: Mapping[str, int]
    doors: Mapping[str, tuple[int, int]]
    flows: Mapping[str, Flow] = field(default_factory=dict)


@dataclass(frozen=True)
class HeatTold:
    """Whole person-seconds per cell, row by row, and how long the camera watched."""

    columns: int
    rows: int
    watched_s: float
    person_s: tuple[int, ...]


@dataclass(frozen=True)
class CameraSums:
    """What came together until ``t_ms``, the end of a minute; ``heat`` at the end of a quarter of an hour."""

    t_ms: int
    zones: Mapping[str, ZoneSum]
    heat: HeatTold | None = None


def told(counts: Counts, t_ms: int) -> CameraCounts:
    """What of a frame's counts leaves the camera."""
    return CameraCounts(
        t_ms,
        dict(counts.lanes),
        {door: (crossed.entered, crossed.left) for door, crossed in counts.doors.items()},
        {lane: queue.flow for lane, queue in counts.queues.items()},
    )


class Quarters:
    """Person-seconds as whole numbers: what is left of a second is kept for the next quarter, so none is lost."""

    def __init__(self) -> None:
        self._rest: NDArray[np.float64] = np.zeros((ROWS, COLUMNS))

    def whole(self, heat: HeatSum) -> HeatTold:
        """``heat`` in whole seconds."""
        cells = heat.cells + self._rest
        seconds = np.floor(cells)
        self._rest = cells - seconds
        person_s = tuple(int(value) for value in seconds.ravel().tolist())
        return HeatTold(COLUMNS, ROWS, round(heat.watched_s, 1), person_s)
