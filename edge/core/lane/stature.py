"""How tall people are where in the picture, and so where the feet are of somebody of whom the head alone is seen.

On a floor, a person's height in the picture grows linearly from top to bottom (Hoiem, Efros and Hebert 2006), so a
camera learns it from those who are seen in full. In a line everybody is half hidden by whoever stands nearer, and a
box that ends at their back would put the feet a place further up: into the next lane, or at the till.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.likeness import TOP, H, Rows, W, X, corners

_KNOWN: Final = 30.0
_MEMORY: Final = 0.999
_MOST: Final = 3.0
"""So many times what is seen of somebody they may be tall."""
_FLAT_PX: Final = 20.0
"""Heads at about one height in the picture tell nothing of how heights grow."""
_HEAD: Final = 0.25
"""Heights: nearer than this two heads are one."""
_CHILD: Final = 0.75
"""Below this share of what was expected it is a child, or somebody cut short by something that is no person."""


class Stature:
    """Heights of people (pixels) by the height of their heads in the picture (pixels), as a line."""

    def __init__(self) -> None:
        self._weight = 0.0
        self._mean: Rows = np.zeros(2)
        self._spread: Rows = np.zeros(2)
        """Of head and height: their means, the variance of heads, and the covariance of both."""

    def complete(self, measured: Rows, strong: NDArray[np.bool_], known: Rows) -> NDArray[np.bool_]:
        """Give those who are cut short (rows of ``likeness``) their height, in place; says who was (N).

        ``known`` are the tracks as they are expected now.
        """
        is_cut = cut_short(measured, known)
        for top, height in measured[strong & ~is_cut][:, [TOP, H]].tolist():
            self._learn(top, height)
        if self._weight >= _KNOWN and is_cut.any():
            seen = measured[is_cut, H]
            whole = self._mean[1] + self._slope * (measured[is_cut, TOP] - self._mean[0])
            measured[is_cut, H] = np.clip(whole, seen, _MOST * seen)
        return is_cut

    @property
    def _slope(self) -> float:
        return float(self._spread[1] / (self._spread[0] + _FLAT_PX**2))

    def _learn(self, top: float, height: float) -> None:
        if self._weight >= _KNOWN and height < _CHILD * (self._mean[1] + self._slope * (top - self._mean[0])):
            return
        self._weight = self._weight * _MEMORY + 1
        share = 1 / self._weight
        off = top - self._mean[0]
        self._mean += share * (np.array((top, height)) - self._mean)
        self._spread += share * (off * np.array((top - self._mean[0], height - self._mean[1])) - self._spread)


def cut_short(measured: Rows, known: Rows) -> NDArray[np.bool_]:
    """Which boxes (``measured``) end where somebody who stands nearer begins to cover them.

    Those are other boxes, or ``known`` tracks: the detector may miss whoever stands in front.
    """
    nearer = np.concatenate((measured, known))
    boxes, others = corners(measured), corners(nearer)
    foot, slack = boxes[:, 3, None], 0.1 * nearer[None, :, H]
    dx, dy = measured[:, X, None] - nearer[None, :, X], measured[:, TOP, None] - nearer[None, :, TOP]
    is_covered = (
        (abs(dx) < nearer[None, :, W] / 2)
        & (foot >= others[None, :, 1] - slack)
        & (foot < others[None, :, 3] - slack / 2)
        & (measured[:, W, None] < 2 * nearer[None, :, W])
        & (dx**2 + dy**2 > (_HEAD * nearer[None, :, H]) ** 2)
    )
    found: NDArray[np.bool_] = np.any(is_covered, axis=1)
    return found
