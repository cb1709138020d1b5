"""Tracks and boxes as rows of numbers, and how well a track fits a box."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32] | NDArray[np.float64]
"""N × 5: x0, y0, x1, y1 in pixels, score."""

Rows = NDArray[np.float64]

_STRIDES_PER_S = 1.2
"""How many body heights a fast walker moves in a second, beyond what the track predicts."""

_HEAD = 0.3
"""Heights that somebody's head moves at most from one frame to the next while they wait."""

COLUMNS = 10
X, TOP, W, H, VX, VY, SCORE, HITS, SEEN, ID = range(COLUMNS)
"""A track: centre x, top, width, height (pixels), velocity (pixels/s), score, hits, last seen (s), number."""

PLACE, SIZE, SPEED = slice(X, TOP + 1), slice(W, H + 1), slice(VX, VY + 1)


def measure(boxes: Boxes) -> Rows:
    """Boxes (N × 5) as rows of tracks that have not begun."""
    state = np.zeros((len(boxes), COLUMNS))
    if len(boxes):
        state[:, X] = (boxes[:, 0] + boxes[:, 2]) / 2
        state[:, TOP] = boxes[:, 1]
        state[:, W] = np.maximum(boxes[:, 2] - boxes[:, 0], 1e-6)
        state[:, H] = np.maximum(boxes[:, 3] - boxes[:, 1], 1e-6)
        state[:, SCORE] = boxes[:, 4]
    return state


def corners(state: Rows) -> Rows:
    """N × 4: x0, y0, x1, y1."""
    found = np.empty((len(state), 4))
    half = state[:, W] / 2
    found[:, 0], found[:, 1] = state[:, X] - half, state[:, TOP]
    found[:, 2], found[:, 3] = state[:, X] + half, state[:, TOP] + state[:, H]
    return found


def shared(boxes: Rows, others: Rows) -> Rows:
    """N × M: the area in pixels² that each box has in common with each other one."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:4], others[None, :, 2:4])
    extent: Rows = np.maximum(high - low, 0)
    return extent[..., 0] * extent[..., 1]


def likeness(tracks: Rows, found: Rows, dt: float) -> Rows:
    """How well each track (rows) fits each box (columns): overlap plus nearness, 0 where it cannot be."""
    common = shared(corners(tracks), corners(found))
    area, others = tracks[:, W] * tracks[:, H], found[:, W] * found[:, H]
    overlap = common / (area[:, None] + others[None, :] - common)
    away = np.hypot(
        tracks[:, X, None] - found[None, :, X],
        tracks[:, TOP, None] - found[None, :, TOP],
    )
    reach = tracks[:, H, None] * (0.3 + _STRIDES_PER_S * min(dt, 1.0))
    nearness = 1 - away / reach
    ratio = found[None, :, H] / tracks[:, H, None]
    # Whoever is cut short by somebody in front, or seen in full again, has their head where it was.
    is_same_head = away < _HEAD * np.maximum(tracks[:, H, None], found[None, :, H])
    is_of_size = (ratio > 0.45) & (ratio < 2.2) | is_same_head & (ratio > 0.28) & (ratio < 3.6)
    possible = is_of_size & ((nearness > 0) | (overlap > 0.3))
    return np.where(possible, 1e-6 + overlap + np.maximum(nearness, 0) / 2, 0.0)
