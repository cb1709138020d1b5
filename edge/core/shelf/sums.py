"""Sums that do not depend on the order of what is summed, so that shuffled reads end in the same state."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_GRID: Final = 65_536.0


def by_antenna(numbers: npt.NDArray[Any], weights: npt.NDArray[Any], antennas: int) -> npt.NDArray[np.float64]:
    """Sum ``weights`` per antenna number; number -1 is left out.

    Weights are rounded to 1/65536 first: whole numbers add up exactly in any order, fractions do not.
    Returns an array of shape (antennas,).
    """
    whole = np.rint(weights.ravel() * _GRID)
    sums = np.bincount(numbers.ravel().astype(np.int64) + 1, whole, antennas + 1)
    return np.asarray(sums[1:] / _GRID, dtype=np.float64)


def total(weights: npt.NDArray[Any]) -> float:
    """Sum ``weights`` exactly, in the same way."""
    return float(np.rint(weights.astype(np.float64) * _GRID).sum() / _GRID)
