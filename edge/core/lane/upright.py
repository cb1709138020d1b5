"""Does the picture stand on its head? People tell: a detector finds more of them the right way up.

On the footage the default model finds 4.5 people upright and 1.8 on the turned picture, YOLOX-Nano 5.4 and 1.1, and
no single frame says otherwise. What stands still is weighed once: a poster that is somebody only when it is turned
must not, probe after probe, turn the camera.
"""

from typing import Final

import numpy as np

from edge.core.lane.likeness import Boxes, Rows, shared

SURE: Final = 4
DOUBT: Final = -3
TURNED: Final = -5
_MOST: Final = 8
_SAME: Final = 0.5
_REMEMBERED_S: Final = 120.0


class _Places:
    """Where somebody was found lately."""

    def __init__(self) -> None:
        self._boxes: Rows = np.empty((0, 4))
        self._seen_s: Rows = np.empty(0)

    def new(self, boxes: Boxes, t_s: float) -> int:
        """How many of ``boxes`` are where nobody was found before; all are remembered."""
        places = np.asarray(boxes[:, :4], np.float64)
        keep = t_s - self._seen_s <= _REMEMBERED_S
        self._boxes, self._seen_s = self._boxes[keep], self._seen_s[keep]
        common = shared(places, self._boxes)
        area = _area(places)[:, None] + _area(self._boxes)[None, :] - common
        same = common > _SAME * area
        self._seen_s[same.any(axis=0)] = t_s
        fresh = ~same.any(axis=1)
        self._boxes = np.concatenate((self._boxes, places[fresh]))
        self._seen_s = np.concatenate((self._seen_s, np.full(int(fresh.sum()), t_s)))
        return int(fresh.sum())


class Upright:
    """What people say of how a picture stands: each one who is found counts for the way up in which they are."""

    def __init__(self) -> None:
        self._weight = 0
        self._ways = _Places(), _Places()
        self.is_turned = False
        self._due_s = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the picture is known to stand the right way up."""
        return self._weight >= SURE and not self.is_turned

    @property
    def is_doubted(self) -> bool:
        """Whether more speaks for a turned picture: nobody should be counted on it."""
        return self.is_turned or self._weight <= DOUBT

    def is_due(self, t_s: float) -> bool:
        """Whether the picture should be looked at both ways up now; costs an inference."""
        return t_s >= self._due_s

    def weigh(self, upright: Boxes, turned: Boxes, t_s: float) -> None:
        """Take in whom (N × 5, pixels) the detector is sure of on a picture as it is, and on the turned one."""
        news = self._ways[0].new(upright, t_s) - self._ways[1].new(turned, t_s)
        self._weight = min(max(self._weight + news, -_MOST), _MOST)
        self.is_turned = self._weight <= (0 if self.is_turned else TURNED)
        leans = self._weight < 0 and not self.is_turned
        self._due_s = t_s + (0.0 if leans else 30.0 if self.is_sure else 2.0)

    def trust(self) -> None:
        """This is the scene again in which people stood the right way up."""
        self._weight, self.is_turned = SURE, False


def _area(boxes: Rows) -> Rows:
    area: Rows = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return area
