"""Which box is whose: tracks and boxes paired so that all of them together fit best.

The likeliest pair first is nearly that, and quick. It fails where a line moves up: whoever stood behind is nearer to
the place where somebody was than they are themselves, everybody gets their neighbour's box, and the one who left gets
a new number. So pairs are exchanged two by two, and whoever is left without a box asks along the line for theirs, by
the augmenting paths of the assignment problem (Kuhn 1955; Ford and Fulkerson 1956), while the fit of all gets better.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from edge.core.lane.likeness import Rows

_LONGEST = 8
"""People in a line who pass their boxes on in one frame."""


def paired(merit: Rows, strong: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """Rows (tracks) and columns (boxes) of ``merit`` that belong together; each is used once, 0 never.

    ``strong`` (columns) come before the others.
    """
    row_of, column_of = np.nonzero(merit)
    order = np.lexsort((-merit[row_of, column_of], ~strong[column_of]))
    worth = merit.tolist()
    box_of: dict[int, int] = {}
    track_of: dict[int, int] = {}
    for row, column in zip(row_of[order].tolist(), column_of[order].tolist(), strict=True):
        if row not in box_of and column not in track_of:
            box_of[row], track_of[column] = column, row
    _exchange(worth, box_of, track_of)
    if len(track_of) < merit.shape[1]:
        for row in range(merit.shape[0]):
            if row not in box_of:
                _ask_along(row, worth, box_of, track_of)
    return list(box_of), list(box_of.values())


def _exchange(worth: list[list[float]], box_of: dict[int, int], track_of: dict[int, int]) -> None:
    """Exchange two boxes wherever that fits better."""
    for row, other in combinations(box_of, 2):
        column, other_column = box_of[row], box_of[other]
        here, there = worth[row][other_column], worth[other][column]
        if here and there and here + there > worth[row][column] + worth[other][other_column]:
            box_of[row], box_of[other] = other_column, column
            track_of[other_column], track_of[column] = row, other


def _ask_along(start: int, worth: list[list[float]], box_of: dict[int, int], track_of: dict[int, int]) -> None:
    """Give the track ``start`` a box if others can pass theirs on, up to one that is free, and all gain by it."""
    gain, before = {start: 0.0}, dict[int, tuple[int, int]]()
    best, last = 0.0, (-1, -1)
    asking = [start]
    for _ in range(_LONGEST):
        asked = []
        for row in asking:
            for column, value in enumerate(worth[row]):
                if not value:
                    continue
                owner = track_of.get(column)
                total = gain[row] + value
                if owner is None:
                    if total > best:
                        best, last = total, (row, column)
                elif (left := total - worth[owner][column]) > gain.get(owner, -np.inf) and owner != start:
                    gain[owner], before[owner] = left, (row, column)
                    asked.append(owner)
        asking = asked
    if best <= 0 or (path := _path(start, last, before)) is None:
        return
    for row, column in path:
        box_of[row], track_of[column] = column, row


def _path(start: int, last: tuple[int, int], before: dict[int, tuple[int, int]]) -> list[tuple[int, int]] | None:
    """The pairs to make, from ``last`` back to ``start``; nothing where the way runs in a circle."""
    path = [last]
    while path[-1][0] != start:
        if len(path) > _LONGEST:
            return None
        path.append(before[path[-1][0]])
    return path
