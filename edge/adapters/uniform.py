"""The store's uniform, told by the colour of what somebody wears above the waist. Nothing of a picture is kept."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vision.picture import Boxes, Image

_TOP, _BOTTOM, _LEFT, _RIGHT = 0.20, 0.55, 0.25, 0.75
"""Of a person's box: where a vest or shirt is, without head, arms and what stands beside."""

_HUE: Final = 12
_SATURATION, _VALUE = 90, 90
"""How far a garment may be from the colour that was given, in OpenCV's units (hue 0..180): light changes it."""
_GREY: Final = 50
"""Below this saturation a colour has no hue to speak of."""


@dataclass(frozen=True)
class Uniform:
    """``colour`` as #rrggbb; ``share`` of the garment's area that must have it."""

    colour: str
    share: float = 0.4

    def worn(self, image: Image, boxes: Boxes) -> NDArray[np.bool_]:
        """Who of ``boxes`` (N × 5, pixels) wears it: N booleans."""
        marks = [self._wears(image, box) for box in boxes[:, :4].tolist()]
        return np.array(marks, bool).reshape(len(boxes))

    def _wears(self, image: Image, box: list[float]) -> bool:
        x0, y0, x1, y1 = box
        width, height = x1 - x0, y1 - y0
        left, right = max(0, int(x0 + _LEFT * width)), int(x0 + _RIGHT * width) + 1
        top, bottom = max(0, int(y0 + _TOP * height)), int(y0 + _BOTTOM * height) + 1
        garment = image[top:bottom, left:right]
        if garment.size == 0:
            return False
        hue, saturation, value = cv2.split(cv2.cvtColor(garment, cv2.COLOR_BGR2HSV).astype(np.int16))
        wanted_hue, wanted_saturation, wanted_value = _hsv(self.colour)
        alike = (abs(saturation - wanted_saturation) <= _SATURATION) & (abs(value - wanted_value) <= _VALUE)
        if wanted_saturation >= _GREY:
            away = abs(hue - wanted_hue)
            alike &= (np.minimum(away, 180 - away) <= _HUE) & (saturation >= _GREY)
        else:
            alike &= saturation < _GREY
        return bool(alike.mean() >= self.share)


def _hsv(colour: str) -> tuple[int, int, int]:
    rgb = [int(colour[index : index + 2], 16) for index in (1, 3, 5)]
    hue, saturation, value = cv2.cvtColor(np.array([[rgb[::-1]]], np.uint8), cv2.COLOR_BGR2HSV)[0, 0].tolist()
    return hue, saturation, value
