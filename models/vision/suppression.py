"""Greedy non-maximum suppression: of boxes that overlap, the best stays."""

import numpy as np

from models.vision.picture import Boxes


def suppress(boxes: Boxes, overlap: float = 0.5, limit: int = 100) -> Boxes:
    """Keep the best of all boxes (N × 5) that overlap by more than ``overlap`` (intersection over union).

    Gives at most ``limit`` boxes, the best first. Source: Neubeck and Van Gool 2006, the greedy variant.
    """
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")[: 4 * limit]]
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:4], boxes[None, :, 2:4])
    extent = np.maximum(high - low, 0)
    shared = extent[..., 0] * extent[..., 1]
    area = np.diagonal(shared)
    # All pairs at once and one cheap row after the other: a detector leaves tens of boxes, not thousands.
    rivals = shared > overlap * (area[:, None] + area[None, :] - shared)
    alive = np.ones(len(boxes), bool)
    kept: list[int] = []
    for index in range(len(boxes)):
        if alive[index]:
            kept.append(index)
            if len(kept) == limit:
                break
            alive &= ~rivals[index]
    return boxes[kept]
