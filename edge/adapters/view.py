"""Is this still the view that it was? A turned or mirrored picture is known by what stands still in it.

All that is kept of the scene are 16 × 16 grey values, averaged over a minute so that nobody who passes is in them, in
memory alone. On the footage the same view is alike by 0.94 and more, every turned one by less than 0.4.
"""

import math
from collections.abc import Callable
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vision.picture import Image

Turn = Literal["half", "mirrored", "quarter"]
Glance = NDArray[np.float32]
"""16 × 16 grey values, of mean 0 and length 1."""

_SIDE: Final = 16
_ROWS: Final = 64
_MINUTE_S: Final = 60.0
_KNOWN: Final = 5
"""So many frames until the scene is known well enough to compare with."""
_ALIKE, _MARGIN = 0.5, 0.25

_TURNS: Final[tuple[tuple[Turn, Callable[[Glance], Glance]], ...]] = (
    ("half", lambda glance: glance[::-1, ::-1]),
    ("mirrored", lambda glance: glance[:, ::-1]),
    ("half", lambda glance: glance[::-1]),
    ("quarter", lambda glance: np.rot90(glance, 1)),
    ("quarter", lambda glance: np.rot90(glance, 3)),
)


class View:
    """One camera's scene."""

    def __init__(self) -> None:
        self._scene: Glance = np.zeros((_SIDE, _SIDE), np.float32)
        self._frames = 0
        self._t_s = 0.0

    def forget(self) -> None:
        """What comes next is another scene."""
        self._frames = 0

    def look(self, image: Image, t_s: float) -> Turn | None:
        """How the picture is turned against the scene as it was; ``None`` where it is not, or the scene is new."""
        glance = glance_at(image)
        if self._frames >= _KNOWN:
            scene = self._scene / max(float(np.linalg.norm(self._scene)), 1e-6)
            same = float((scene * glance).sum())
            best, turn = max((float((scene * turned(glance)).sum()), name) for name, turned in _TURNS)
            if best >= max(_ALIKE, same + _MARGIN):
                return turn
        share = 1 - math.exp(-max(t_s - self._t_s, 0.0) / _MINUTE_S)
        self._frames += 1
        self._scene += max(share, 1 / self._frames) * (glance - self._scene)
        self._t_s = t_s
        return None


def glance_at(image: Image) -> Glance:
    """What is left of a picture when it is as small as this: light and shade, whatever its brightness."""
    step = max(1, image.shape[0] // _ROWS)
    small = cv2.resize(np.ascontiguousarray(image[::step, ::step]), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    grey -= grey.mean()
    glance: Glance = grey / max(float(np.linalg.norm(grey)), 1e-6)
    return glance
