"""How each family of detectors wants its picture and writes its people. A new family is a class and a row."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vision.catalogue import FamilyName, ModelRow
from models.vision.errors import ModelUnfit
from models.vision.picture import Boxes, Image
from models.vision.suppression import suppress

Shape = Sequence[int | str | None]
"""An input's shape as onnxruntime tells it: numbers, or names where it is free."""


class Family(ABC):
    """One way to feed and read a detector whose input is a square."""

    fill: int
    """Grey value of the padding."""

    def __init__(self, row: ModelRow) -> None:
        self._side, self._person = row.side, row.person

    @abstractmethod
    def check(self, shape: Shape, kind: str) -> None:
        """Refuse (``ModelUnfit``) a model whose first input has not this family's shape and type."""

    @abstractmethod
    def feed(self, canvas: Image) -> NDArray[Any]:
        """The input tensor for a canvas (side × side × 3, BGR); overwritten by the next call."""

    @abstractmethod
    def read(self, outputs: Sequence[NDArray[Any]], least: float) -> Boxes:
        """People in canvas pixels with a score of at least ``least``, overlaps suppressed."""


class Detections(Family):
    """Models that end in TensorFlow's detection post-processing: EfficientDet-Lite, SSD.

    Input: uint8, 1 × side × side × 3, RGB. Outputs, in this order: boxes (1 × N × 4: ymin, xmin, ymax, xmax in 0..1),
    classes (1 × N), scores (1 × N), count. Overlaps are suppressed inside the model.
    """

    fill = 127

    def __init__(self, row: ModelRow) -> None:
        super().__init__(row)
        self._rgb: Image = np.empty((row.side, row.side, 3), np.uint8)

    def check(self, shape: Shape, kind: str) -> None:
        """Refuse what is not uint8 NHWC."""
        _check_shape(shape, (1, self._side, self._side, 3))
        if kind != "tensor(uint8)":
            raise ModelUnfit(f"its input is {kind}, expected tensor(uint8)")

    def feed(self, canvas: Image) -> NDArray[Any]:
        """Swap to RGB."""
        cv2.cvtColor(canvas, cv2.COLOR_BGR2RGB, dst=self._rgb)
        return self._rgb[None]

    def read(self, outputs: Sequence[NDArray[Any]], least: float) -> Boxes:
        """Take the people."""
        if len(outputs) < 3 or outputs[0].shape[-1] != 4:
            raise ModelUnfit("its outputs are not boxes, classes, scores, count")
        places, classes, scores = (output[0] for output in outputs[:3])
        keep = np.flatnonzero((scores >= least) & (abs(classes - self._person) < 0.5))
        boxes = np.empty((len(keep), 5), np.float32)
        boxes[:, :4] = places[keep][:, [1, 0, 3, 2]] * self._side
        boxes[:, 4] = scores[keep]
        return boxes


class Yolox(Family):
    """YOLOX (Ge et al. 2021, arXiv 2107.08430), exported without its decoder.

    Input: float32, 1 × 3 × side × side, BGR, 0..255. Output: 1 × N × (5 + classes) on the grids of strides 8, 16, 32:
    centre = (xy + cell) · stride, size = exp(wh) · stride, score = objectness · class score.
    """

    fill = 114

    def __init__(self, row: ModelRow) -> None:
        super().__init__(row)
        cells, strides = [], []
        for stride in (8, 16, 32):
            count = row.side // stride
            rows, columns = np.mgrid[:count, :count]
            cells.append(np.column_stack((columns.ravel(), rows.ravel())))
            strides.append(np.full((count * count, 1), stride))
        self._cells = np.concatenate(cells).astype(np.float32)
        self._strides = np.concatenate(strides).astype(np.float32)
        self._planes = np.empty((1, 3, row.side, row.side), np.float32)
        self._bytes = np.empty((3, row.side, row.side), np.uint8)

    def check(self, shape: Shape, kind: str) -> None:
        """Refuse what is not float NCHW."""
        _check_shape(shape, (1, 3, self._side, self._side))
        if kind != "tensor(float)":
            raise ModelUnfit(f"its input is {kind}, expected tensor(float)")

    def feed(self, canvas: Image) -> NDArray[Any]:
        """To planes of floats, in a tensor that is used again: fresh memory for 2 MB costs as much as the copy."""
        cv2.split(canvas, list(self._bytes))
        np.copyto(self._planes[0], self._bytes)
        return self._planes

    def read(self, outputs: Sequence[NDArray[Any]], least: float) -> Boxes:
        """Decode the cells that may hold a person, and no others."""
        raw = outputs[0]
        if raw.ndim != 3 or raw.shape[1] != len(self._cells) or raw.shape[2] <= 5 + self._person:
            raise ModelUnfit(f"its output is {raw.shape}, expected 1 × {len(self._cells)} × (5 + classes)")
        # A class score is at most 1, so objectness alone rules nearly every cell out, and the rest is never touched.
        likely = np.flatnonzero(raw[0, :, 4] >= least)
        found = raw[0, likely]
        scores = found[:, 4] * found[:, 5 + self._person]
        keep = scores >= least
        found, likely = found[keep], likely[keep]
        stride = self._strides[likely]
        centre = (found[:, 0:2] + self._cells[likely]) * stride
        half = np.exp(np.minimum(found[:, 2:4], 10)) * stride / 2
        boxes = np.empty((len(found), 5), np.float32)
        boxes[:, 0:2], boxes[:, 2:4], boxes[:, 4] = centre - half, centre + half, scores[keep]
        return suppress(boxes)


FAMILIES: Final[dict[FamilyName, type[Family]]] = {
    "efficientdet-lite": Detections,
    "ssd": Detections,
    "yolox": Yolox,
}


def _check_shape(found: Shape, wanted: Sequence[int]) -> None:
    fits = len(found) == len(wanted) and all(
        not isinstance(have, int) or have == want for have, want in zip(found, wanted, strict=True)
    )
    if not fits:
        raise ModelUnfit(f"its input is {list(found)}, expected {list(wanted)}")
