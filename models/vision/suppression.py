"""Greedy non-maximum suppression: of boxes that overlap, the best stays."""

import numpy as np

from models.vision.picture import Boxes


def suppress(boxes: Boxes, overlap: float = 0.5, limit: int = 100) -> Boxes:
    """Keep the best of all boxes (N × 5) that overlap by more than ``overlap`` (intersection over union).

    Gives at most ``limit`` boxes, the best first. Source: Neubeck and Van Gool 2006, the greedy variant.
    """
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")[: 10 * limit]]
    x0, y0, x1, y1 = boxes[:, :4].T
    area = (x1 - x0) * (y1 - y0)
    alive = np.ones(len(boxes), bool)
    kept: list[int] = []
    for index in range(len(boxes)):
        if not alive[index]:
            continue
        kept.append(index)
        if len(kept) == limit:
            break
        width = np.minimum(x1, x1[index]) - np.maximum(x0, x0[index])
        height = np.minimum(y1, y1[index]) - np.maximum(y0, y0[index])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        alive &= shared <= overlap * (area + area[index] - shared)
    return boxes[kept]
