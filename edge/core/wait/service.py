"""How long one service takes: a lognormal, what is left of it at a given age, and when it must have stopped.

Antczak and Weron (2019, "Point of sale (POS) data from a supermarket: transactions and cashier operations")
measured service times of a supermarket's tills: they grow as items^0.70 and their squared coefficient of variation
is about 0.5, well described by a lognormal. What is left of a service that has taken `a` seconds is its residual
life.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ITEMS_POWER: Final = 0.70
"""A service takes about items^0.70 (Antczak and Weron 2019)."""

STOP_CHANCE: Final = 0.01
"""How often a service turns into a stop (paper is out, a price is missing, the cashier leaves)."""

STOP_MEANS: Final = 4.0
"""How long a stop lasts, in mean services."""

CELLS_PER_MEAN: Final = 16
OLDEST_MEANS: Final = 24


def upper_tail(z: float) -> float:
    """The probability that a standard normal exceeds `z`."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


class ServiceShape:
    """A lognormal of mean 1 and squared coefficient of variation `scv`, tabulated by age in units of the mean.

    `hazard[i]`, `stopped[i]` (the probability of a stop), `left_mean[i]`, `left_var[i]` and `tail[i]` are for age
    `i / CELLS_PER_MEAN`, up to `OLDEST_MEANS` means.
    """

    def __init__(self, scv: float = 0.5) -> None:
        self.scv = scv
        self.sigma = math.sqrt(math.log1p(scv))
        self.mu = -0.5 * self.sigma**2
        rows = [self._at(cell / CELLS_PER_MEAN) for cell in range(OLDEST_MEANS * CELLS_PER_MEAN + 1)]
        table: Floats = np.array(rows).T
        self.stopped: Floats = STOP_CHANCE / (STOP_CHANCE + table[3])
        self.hazard: Floats = table[0] * (1.0 - self.stopped) + self.stopped / STOP_MEANS
        self.left_mean: Floats = np.ascontiguousarray(table[1])
        self.left_var: Floats = np.ascontiguousarray(table[2])
        self.tail: Floats = np.ascontiguousarray(table[3])

    def _at(self, age: float) -> tuple[float, float, float, float]:
        """Hazard, mean and variance of what is left, and the probability of getting so old."""
        if age <= 0.0:
            return 0.0, 1.0, self.scv, 1.0
        z = (math.log(age) - self.mu) / self.sigma
        tail = max(upper_tail(z), 1e-300)
        hazard = math.exp(-0.5 * z * z) / (math.sqrt(2.0 * math.pi) * self.sigma * age * tail)
        first = upper_tail(z - self.sigma) / tail
        second = (1.0 + self.scv) * upper_tail(z - 2.0 * self.sigma) / tail
        return hazard, max(first - age, 0.02), max(second - first * first, 1e-4), tail

    def quantile(self, z: float) -> float:
        """The quantile at standard normal `z`, in units of the mean."""
        return math.exp(self.mu + z * self.sigma)

    def cell(self, age: float) -> int:
        """Where `age` (in means) stands in the tables."""
        return min(max(int(age * CELLS_PER_MEAN + 0.5), 0), OLDEST_MEANS * CELLS_PER_MEAN)
