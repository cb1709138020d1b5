"""A wide view in overlapping tiles: who is small on the whole picture is twice as large on a quarter of it."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.adapters.person_detector import PersonDetector
from models.vision.picture import Boxes, Image

OVERLAP: Final = 0.15
"""How much of a tile its neighbour sees, too: about the width of somebody who stands near."""

Mask = NDArray[np.bool_]

_INSIDE = 0.6
_EDGE_PX = 3.0


def tiles_of(image: Image, columns: int, rows: int) -> Iterator[tuple[Image, int, int]]:
    """The tiles of ``image`` (views, not copies), each with its left and top in pixels."""
    height, width = image.shape[:2]
    for top, bottom in _spans(height, rows):
        for left, right in _spans(width, columns):
            yield image[top:bottom, left:right], left, top


def detect_in_tiles(detector: PersonDetector, image: Image, least: float, columns: int, rows: int) -> Boxes:
    """People on ``image`` (N × 5, its pixels), found tile by tile; costs one inference for each tile."""
    found: list[Boxes] = []
    cut: list[Mask] = []
    for tile, left, top in tiles_of(image, columns, rows):
        boxes = detector.detect(tile, least)
        boxes[:, :4] += np.array((left, top, left, top), np.float32)
        edges = (left, top, left + tile.shape[1], top + tile.shape[0])
        found.append(boxes)
        cut.append(touches_cut(boxes, edges, (image.shape[1], image.shape[0])))
    return merge(np.concatenate(found), np.concatenate(cut))


def _spans(length: int, parts: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each of ``parts`` stretches that cover ``length`` and overlap."""
    size = length / (parts - (parts - 1) * OVERLAP)
    for part in range(parts):
        start = part * size * (1 - OVERLAP)
        yield round(start), min(length, round(start + size))


def touches_cut(boxes: Boxes, tile: tuple[int, int, int, int], size: tuple[int, int]) -> Mask:
    """Which boxes end where ``tile`` (left, top, right, bottom) ends and the picture (width, height) does not."""
    left, top, right, bottom = tile
    cut = np.zeros(len(boxes), bool)
    if left > 0:
        cut |= boxes[:, 0] <= left + _EDGE_PX
    if top > 0:
        cut |= boxes[:, 1] <= top + _EDGE_PX
    if right < size[0]:
        cut |= boxes[:, 2] >= right - _EDGE_PX
    if bottom < size[1]:
        cut |= boxes[:, 3] >= bottom - _EDGE_PX
    return cut


def merge(boxes: Boxes, cut: Mask, overlap: float = 0.5) -> Boxes:
    """One box for each person seen on several tiles: whole ones before cut ones, surer ones before others.

    A cut box is dropped if most of it lies in one that is kept; whole ones as in the usual suppression.
    """
    order = np.lexsort((-boxes[:, 4], cut))
    kept: list[int] = []
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for index in order.tolist():
        others = boxes[kept]
        low, high = np.maximum(others[:, :2], boxes[index, :2]), np.minimum(others[:, 2:4], boxes[index, 2:4])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        same = shared > overlap * (area[kept] + area[index] - shared)
        if cut[index]:
            same |= shared > _INSIDE * area[index]
        if not same.any():
            kept.append(index)
    return boxes[kept]
