"""The floor as a camera sees it: lanes and staff zones are polygons, doors are lines, in fractions of the picture.

Fractions (0..1 from the left and from the top) stay true when a camera is set to another resolution.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Points = NDArray[np.float64]
"""N × 2: x, y."""


@dataclass(frozen=True)
class LaneArea:
    """Where the people of one lane stand: those waiting and the one being served."""

    id: str
    polygon: tuple[Point, ...]
    till: tuple[Point, ...] = ()
    """Where the one stands who is being served; empty where it is not drawn."""


@dataclass(frozen=True)
class ZoneArea:
    """A part of the floor where it matters how long people stay."""

    id: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True)
class DoorLine:
    """A line that people cross. Walking from its first to its second point, ``inside`` is on that hand."""

    id: str
    line: tuple[Point, Point]
    inside: Literal["left", "right"]


@dataclass(frozen=True)
class Floor:
    """What one camera watches. Who stands in a ``staff`` polygon (behind the till) is nobody's customer."""

    lanes: tuple[LaneArea, ...] = ()
    doors: tuple[DoorLine, ...] = ()
    staff: tuple[tuple[Point, ...], ...] = field(default=())
    zones: tuple[ZoneArea, ...] = ()

    def points(self) -> list[Point]:
        """Every corner of lanes and zones and ends of doors: what must be in view."""
        corners = [point for lane in self.lanes for point in (*lane.polygon, *lane.till)]
        corners += [point for zone in self.zones for point in zone.polygon]
        return corners + [point for door in self.doors for point in door.line]


def inside(points: Points, polygon: tuple[Point, ...]) -> NDArray[np.bool_]:
    """Which of ``points`` (N × 2) lie in ``polygon``: even–odd rule (Shimrat 1962), N booleans.

    A point on an edge belongs to exactly one of two polygons that share the edge.
    """
    corners = np.asarray(polygon, np.float64)
    x0, y0 = corners[:, 0], corners[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    px, py = points[:, 0, None], points[:, 1, None]
    spans = (y0 > py) != (y1 > py)
    rise = np.where(y1 == y0, 1.0, y1 - y0)
    left_of_edge = px < (x1 - x0) * (py - y0) / rise + x0
    crossed: NDArray[np.bool_] = (spans & left_of_edge).sum(axis=1) % 2 == 1
    return crossed


def side(points: Points, line: tuple[Point, Point], scale: Point = (1.0, 1.0)) -> NDArray[np.float64]:
    """How far each of ``points`` is to the left (positive) or right of ``line``, walking from its first point.

    In the picture y points down. ``scale`` (width, height) makes distances those of the picture, not of fractions.
    """
    (ax, ay), (bx, by) = line
    dx, dy = (bx - ax) * scale[0], (by - ay) * scale[1]
    px, py = (points[:, 0] - ax) * scale[0], (points[:, 1] - ay) * scale[1]
    length = max(float(np.hypot(dx, dy)), 1e-12)
    return (dy * px - dx * py) / length


def along(points: Points, line: tuple[Point, Point], scale: Point = (1.0, 1.0)) -> NDArray[np.float64]:
    """Where each point stands along ``line``: 0 beside its first point, 1 beside its second."""
    (ax, ay), (bx, by) = line
    dx, dy = (bx - ax) * scale[0], (by - ay) * scale[1]
    px, py = (points[:, 0] - ax) * scale[0], (points[:, 1] - ay) * scale[1]
    return (dx * px + dy * py) / max(dx * dx + dy * dy, 1e-12)
