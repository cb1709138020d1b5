"""From a belief over the queue to the wait of one who joins now: expected value and quantiles.

With n in the lane a newcomer waits for what is left of the service in progress and for n - 1 whole ones
(queue-length predictor QL of Whitt 1999, "Predicting queueing delays", refined by the residual life; Ibrahim and
Whitt 2009 and 2011 compare it with the delay-history predictors LES and HOL, which lag behind). Each is taken as a
gamma of that mean and variance (Wilson-Hilferty), the whole as the mixture over n; the uncertainty of the service
rate adds to each variance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

GRID: Final = 80
NEGLIGIBLE: Final = 2e-3
NO_WAIT_S: Final = 1e-3


@dataclass(frozen=True)
class Work:
    """What stands before a newcomer, in seconds; `left_*` is of the service in progress, for every n.

    `leaving` is the rate at which one who stands ahead leaves unserved.
    """

    cycle: float
    scv: float
    rate_variance: float
    left_mean: Floats
    left_var: Floats
    leaving: float = 0.0


class Forecast:
    """The distribution of a wait as a mixture of gammas with an atom at 0."""

    def __init__(self, p: Floats, mean: Floats, var: Floats) -> None:
        keep = p > NEGLIGIBLE
        keep[int(np.argmax(p))] = True
        weight = p[keep]
        self._weight: Floats = weight / weight.sum()
        self._mean: Floats = mean[keep]
        self._var: Floats = np.maximum(var[keep], 1e-6)
        self.mean = float(self._weight @ self._mean)
        self.turn = 0.0
        self._waits: Floats | None = None

    @property
    def none(self) -> float:
        """The probability of no wait at all."""
        return float(self._weight[self._mean <= NO_WAIT_S].sum())

    @property
    def point(self) -> float:
        """The one number that errs least in absolute terms: the distribution's median (Gneiting 2011), seconds.

        Waits are skewed by rare long services: the expectation (`mean`) is above what most of them turn out to be.
        """
        return self.quantile(0.5)

    def quantile(self, level: float) -> float:
        """The wait that is not exceeded with probability `level`, seconds."""
        if self._waits is None:
            self._tabulate()
        assert self._waits is not None  # noqa: S101  tabulated just now
        if level <= self._chance[0]:
            return 0.0
        return float(np.interp(level, self._chance, self._waits))

    def _tabulate(self) -> None:
        top = float((self._mean + 4.5 * np.sqrt(self._var)).max())
        waits = top * np.linspace(0.0, 1.0, GRID) ** 1.5
        positive = self._mean > NO_WAIT_S
        chance = np.full(GRID, float(self._weight[~positive].sum()))
        if positive.any():
            mean, var = self._mean[positive], self._var[positive]
            root = np.sqrt(mean * mean / var)
            z = 3.0 * root * (np.cbrt(waits[:, None] / mean) - 1.0 + 1.0 / (9.0 * root * root))
            normal = 1.0 / (1.0 + np.exp(-np.clip(z * (1.5976 + 0.070566 * z * z), -40.0, 40.0)))
            normal[0] = 0.0
            chance = chance + normal @ self._weight[positive]
        self._waits, self._chance = waits, chance


def forecast(p: Floats, n: Floats, work: Work) -> Forecast:
    """The wait of one who joins a lane where n stand with probability `p[n]`."""
    ahead = np.maximum(n - 1.0, 0.0)
    step, scv = work.cycle, work.scv
    # Some of those ahead leave before their turn: each whole service counts with the chance that it takes place.
    fading = work.leaving * step
    if fading > 1e-9:
        ahead = np.exp(-work.leaving * work.left_mean) * (1.0 - np.exp(-fading * ahead)) / fading
    mean = work.left_mean + ahead * step
    var = work.left_var + ahead * scv * step * step + mean * mean * work.rate_variance
    told = Forecast(p, mean, var)
    told.turn = float(p @ (ahead + (n >= 1.0)))
    return told
