"""Ways to look again at a picture in which no code was found, the most useful first.

Each takes a grey frame ``(height, width)`` of 8 bits and gives another. Which one helps was found by trying: bar
codes at 45 degrees are read only turned, blurred ones sharpened, noisy ones smoothed, half-shaded ones evened out.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]


def turned(frame: Frame, angle: float) -> Frame:
    """Turned about its middle by ``angle`` degrees, on a canvas that holds all of it, white around."""
    import cv2

    height, width = frame.shape[:2]
    side = int(np.hypot(height, width)) + 1
    matrix: Any = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    matrix[:, 2] += ((side - width) / 2, (side - height) / 2)
    return _as_frame(cv2.warpAffine(frame, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=(255,)))


def sharpened(frame: Frame) -> Frame:
    """Twice as large where it is small, and with its edges restored (unsharp masking)."""
    import cv2

    scale = 2 if max(frame.shape) <= 1000 else 1
    large = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return _as_frame(cv2.addWeighted(large, 4.0, cv2.GaussianBlur(large, (0, 0), 3.0), -3.0, 0))


def smoothed(frame: Frame) -> Frame:
    """Without specks."""
    import cv2

    return _as_frame(cv2.medianBlur(frame, 3))


def evened(frame: Frame) -> Frame:
    """Lit evenly: divided by the brightness around each pixel."""
    import cv2

    around = cv2.GaussianBlur(cv2.dilate(frame, np.ones((25, 25), np.uint8)), (0, 0), 15.0)
    return _as_frame(cv2.divide(frame, around, scale=235))


def negative(frame: Frame) -> Frame:
    """Light bars on dark."""
    return _as_frame(255 - frame)


LOOKS: Final[tuple[Callable[[Frame], Frame], ...]] = (
    partial(turned, angle=45.0),
    sharpened,
    smoothed,
    evened,
    partial(turned, angle=22.5),
    partial(turned, angle=-22.5),
    negative,
)


def _as_frame(image: object) -> Frame:
    return np.asarray(image, dtype=np.uint8)
