"""The part of the picture that matters: the detector is shown lanes and doors, larger, and nothing else."""

from dataclasses import dataclass

from edge.core.lane.floor import Floor
from models.vision.picture import Boxes, Image

_BESIDE, _ABOVE, _BELOW = 0.08, 0.30, 0.06
"""Margins in fractions of the picture: feet stand in the lane, heads are above it."""

_WORTH = 0.8
"""A crop that leaves more than this of the picture is not worth its edges."""


@dataclass(frozen=True)
class Region:
    """A rectangle in fractions of the picture."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def cut(self, image: Image) -> tuple[Image, int, int]:
        """The rectangle of ``image`` (a view, not a copy), and its left and top in pixels."""
        height, width = image.shape[:2]
        x0, y0 = int(self.left * width), int(self.top * height)
        x1, y1 = max(x0 + 1, round(self.right * width)), max(y0 + 1, round(self.bottom * height))
        return image[y0:y1, x0:x1], x0, y0


def region_of(floor: Floor) -> Region:
    """The rectangle around all lanes and doors with room for the people who stand there."""
    points = floor.points()
    if not points:
        return Region()
    xs, ys = [x for x, _ in points], [y for _, y in points]
    region = Region(
        left=max(0.0, min(xs) - _BESIDE),
        top=max(0.0, min(ys) - _ABOVE),
        right=min(1.0, max(xs) + _BESIDE),
        bottom=min(1.0, max(ys) + _BELOW),
    )
    area = (region.right - region.left) * (region.bottom - region.top)
    return region if area <= _WORTH else Region()


def shift(boxes: Boxes, left: int, top: int) -> Boxes:
    """Boxes of a region as boxes of the whole picture."""
    boxes[:, [0, 2]] += left
    boxes[:, [1, 3]] += top
    return boxes
