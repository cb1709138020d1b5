"""The pace of a store and of its lanes as one Gaussian: what one lane tells is told to all, as far as it is theirs.

The logarithm of a lane's mean service time is the store's hour plus its cashier's own. Both wander about 0 as
Ornstein-Uhlenbeck processes: an hour is like the one before, and a cashier stays for a while and may be followed by
another without a word. So the knowledge of both is a vector of means and a matrix of covariances (Kalman 1960), and
what a lane tells within a moment comes as the slope and the curvature of its log-likelihood in its own log pace.
"""

import math
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

HOUR_SPREAD: Final = 0.3
"""The standard deviation of the logarithm of an hour's service times about the long-run mean."""

CASHIER_SPREAD: Final = 0.2
"""The same of a cashier's about the hour's."""

HOUR_LASTS_S: Final = 7200.0
CASHIER_LASTS_S: Final = 3600.0

LEAST_LEFT: Final = 0.3
"""Evidence that argues against itself widens what was known at most so far."""


class PaceLayers:
    """Means and covariances of the log pace: the store's at place 0, each lane's own after it."""

    def __init__(self) -> None:
        self._x: Floats = np.zeros(1)
        self._cov: Floats = np.array([[HOUR_SPREAD**2]])
        self._t = 0.0
        self._tell()

    def lane(self) -> int:
        """Take in one more lane; gives its place."""
        place = len(self._x)
        cov = np.zeros((place + 1, place + 1))
        cov[:place, :place] = self._cov
        self._cov = cov
        self._x = np.append(self._x, 0.0)
        self.reset(place)
        return place

    def reset(self, place: int) -> None:
        """Somebody else sits there now."""
        self._x[place] = 0.0
        self._cov[place, :] = self._cov[:, place] = 0.0
        self._cov[place, place] = CASHIER_SPREAD**2
        self._tell()

    def weigh(self, t: float, place: int, slope: float, curvature: float, at: float) -> None:
        """Take in a log-likelihood of lane `place`: its slope and its negative curvature at the log pace `at`."""
        self._pass(t)
        known = self._cov[:, 0] + self._cov[:, place]
        spread = float(known[0] + known[place])
        now = float(self._x[0] + self._x[place])
        curvature = max(curvature, -LEAST_LEFT / spread)
        less = 1.0 + curvature * spread
        self._cov -= np.outer(known, known) * (curvature / less)
        self._x += known * ((slope - curvature * (now - at)) / less)
        self._tell()

    def _pass(self, t: float) -> None:
        dt = t - self._t
        if dt <= 0.0:
            return
        self._t = t
        stays = np.full(len(self._x), math.exp(-dt / CASHIER_LASTS_S))
        stays[0] = math.exp(-dt / HOUR_LASTS_S)
        spread = np.full(len(self._x), CASHIER_SPREAD**2)
        spread[0] = HOUR_SPREAD**2
        self._x *= stays
        self._cov *= np.outer(stays, stays)
        self._cov[np.diag_indices_from(self._cov)] += (1.0 - stays * stays) * spread

    def _tell(self) -> None:
        own = np.diagonal(self._cov)
        self.log_pace: Floats = self._x + self._x[0]
        self.spread: Floats = own + 2.0 * self._cov[0] + self._cov[0, 0]
        self.own: Floats = self._x
        self.log_pace[0], self.spread[0] = self._x[0], self._cov[0, 0]
