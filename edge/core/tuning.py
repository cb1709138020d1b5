"""Which threshold and which look at the picture count people best, by frames that a person labelled. Pure.

Ten frames are few: the error that is told is the one on frames that had no say in the choice (leave one out), not the
smallest that any choice reaches on all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.floor import Point

LEAST: Final = 0.10
"""Boxes of lower scores are nobody, whatever the threshold."""
THRESHOLDS: Final = tuple(round(0.15 + 0.025 * step, 3) for step in range(29))
_BESIDE: Final = 0.15
"""Of a box's size: so far outside of it may be where a person was touched."""

Boxes = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True)
class Error:
    """How wrong a choice is per frame: by how many the count errs, people missed, and boxes that are nobody."""

    count: float
    missed: float
    false: float


@dataclass(frozen=True)
class Choice:
    """One way to look (its name) and a threshold."""

    look: str
    threshold: float


@dataclass(frozen=True)
class Tuned:
    """``best`` and its ``error`` on all frames, ``expected`` on frames that had no say, ``before`` as it was set."""

    best: Choice
    error: Error
    expected: float
    before: Error
    curves: Mapping[str, tuple[float, ...]]
    """By look: the count's error at each of ``THRESHOLDS``."""


def matched(boxes: Boxes, people: Sequence[Point]) -> int:
    """How many of ``people`` (points) stand in a box of their own; the nearest pairs first."""
    if not len(boxes) or not people:
        return 0
    points = np.asarray(people, float)
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    across = (points[:, None, 0] - (boxes[:, 0] + boxes[:, 2]) / 2) / width
    down = (points[:, None, 1] - (boxes[:, 1] + boxes[:, 3]) / 2) / height
    away = np.hypot(across, down)
    away[(abs(across) > 0.5 + _BESIDE) | (abs(down) > 0.5 + _BESIDE)] = np.inf
    pairs = 0
    while np.isfinite(away).any():
        row, column = np.unravel_index(int(away.argmin()), away.shape)
        away[row, :] = away[:, column] = np.inf
        pairs += 1
    return pairs


def error_of(frames: Sequence[Boxes], labels: Sequence[Sequence[Point]], threshold: float) -> Error:
    """How a threshold does on labelled frames. Boxes (N × 5) and points in the same units."""
    counts, missed, false = [], [], []
    for boxes, people in zip(frames, labels, strict=True):
        seen = boxes[boxes[:, 4] >= threshold]
        found = matched(seen, people)
        counts.append(abs(len(seen) - len(people)))
        missed.append(len(people) - found)
        false.append(len(seen) - found)
    return Error(float(np.mean(counts)), float(np.mean(missed)), float(np.mean(false)))


def tune(
    looks: Mapping[str, Sequence[Boxes]],
    labels: Sequence[Sequence[Point]],
    before: Choice,
    costs: Mapping[str, float] | None = None,
) -> Tuned:
    """Choose a look and a threshold.

    Args:
        looks: by name, what the detector found on each frame (N × 5 with all scores from ``LEAST``).
        labels: for each frame where people are.
        before: what is set now; it stays where nothing is clearly better.
        costs: by look, inferences a frame (1 if left out): a dearer one has to save a tenth of a person.

    Raises:
        ValueError: no frame is labelled.
    """
    if not labels:
        raise ValueError("no frame is labelled")
    table = {
        Choice(look, threshold): _losses(frames, labels, threshold, (costs or {}).get(look, 1.0))
        for look, frames in looks.items()
        for threshold in THRESHOLDS
    }
    everything = np.ones(len(labels), bool)
    best = _best(table, everything)
    expected = []
    for left_out in range(len(labels)):
        others = everything.copy()
        others[left_out] = len(labels) == 1
        chosen = _best(table, others)
        boxes = looks[chosen.look][left_out]
        expected.append(abs(int((boxes[:, 4] >= chosen.threshold).sum()) - len(labels[left_out])))
    return Tuned(
        best=best,
        error=error_of(looks[best.look], labels, best.threshold),
        expected=float(np.mean(expected)),
        before=error_of(looks.get(before.look, looks[best.look]), labels, before.threshold),
        curves={
            look: tuple(error_of(frames, labels, threshold).count for threshold in THRESHOLDS)
            for look, frames in looks.items()
        },
    )


def _losses(
    frames: Sequence[Boxes], labels: Sequence[Sequence[Point]], threshold: float, cost: float
) -> NDArray[np.float64]:
    """Per frame: the count's error first; who is missed while somebody else is invented counts a fifth."""
    losses = []
    for boxes, people in zip(frames, labels, strict=True):
        error = error_of([boxes], [people], threshold)
        losses.append(error.count + 0.2 * min(error.missed, error.false) + 0.1 * (cost - 1))
    return np.array(losses)


def _best(table: Mapping[Choice, NDArray[np.float64]], frames: NDArray[np.bool_]) -> Choice:
    """The middle of the best stretch of thresholds of the best look: its ends depend on single boxes."""
    losses = {choice: float(values[frames].mean()) for choice, values in table.items()}
    least = min(losses.values())
    look = next(choice.look for choice, loss in losses.items() if loss <= least + 1e-9)
    good = [choice.threshold for choice, loss in losses.items() if choice.look == look and loss <= least + 0.02]
    runs: list[list[float]] = [[good[0]]]
    for threshold in good[1:]:
        if THRESHOLDS.index(threshold) == THRESHOLDS.index(runs[-1][-1]) + 1:
            runs[-1].append(threshold)
        else:
            runs.append([threshold])
    longest = max(runs, key=len)
    return Choice(look, longest[len(longest) // 2])
