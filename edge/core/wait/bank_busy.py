"""How far the number of kiosks seen busy can be trusted: its error lasts for seconds, and how often is learnt.

The error (seen minus true) is a chain over seconds: now and then kiosks are seen too many or too few, and each of
them is seen right again after a while. Who knows the kiosks' true state never errs, and is found to be such.
"""

import math
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

ERRS_PRIOR: Final = (1.0, 60.0)
"""Errors that began, in so many seconds without one."""

BACK_PRIOR: Final = (10.0, 30.0)
"""Errors that ended, in so many seconds with one."""

FORGET_AFTER: Final = 20_000.0
BUILD_EVERY: Final = 0.1
"""The share of new evidence after which the table is built anew."""

FARTHER: Final = 0.35
"""How much rarer an error is for each kiosk that it is larger."""

FLOOR: Final = 1e-7


class BusySensor:
    """What is seen of how many of `servers` kiosks are busy: the error's chain and its rates."""

    def __init__(self, servers: int) -> None:
        self._servers = servers
        self._begun, self._right = ERRS_PRIOR
        self._ended, self._wrong = BACK_PRIOR
        self._build()

    def _build(self) -> None:
        """P(error -> error'), and how often each lasts; both from `-servers` to `servers`."""
        self._built = self._right + self._wrong
        self.begins = min(self._begun / self._right, 0.3)
        self.ends = min(max(self._ended / self._wrong, 0.03), 0.97)
        errors = np.arange(-self._servers, self._servers + 1)
        apart = errors[None, :] - errors[:, None]
        grows = np.where(apart == 0, 0.0, FARTHER ** (np.abs(apart) - 1.0))
        grows *= self.begins / np.maximum(grows.sum(axis=1, keepdims=True), 1e-9)
        grows += (1.0 - self.begins) * (apart == 0)
        shrinks = np.zeros(apart.shape)
        for row, error in enumerate(errors):
            for left in range(abs(int(error)) + 1):
                ways = math.comb(abs(int(error)), left)
                kept = int(math.copysign(left, error)) + self._servers
                shrinks[row, kept] += ways * (1.0 - self.ends) ** left * self.ends ** (abs(int(error)) - left)
        self._chain: Floats = shrinks @ grows + FLOOR
        wrong = self.begins / (self.begins + self.ends)
        often = wrong * 0.5 * (1.0 - FARTHER) * FARTHER ** (np.abs(errors) - 1.0)
        self._often: Floats = np.where(errors == 0, 1.0 - wrong, often) + FLOOR

    def weights(self, before: Floats | None, off: Floats) -> Floats:
        """P(error `off` now) given the errors `before`, a second ago; without them its share of the time."""
        now = off.astype(np.intp) + self._servers
        if before is None:
            return np.asarray(self._often[now])
        return np.asarray(self._chain[before.astype(np.intp) + self._servers, now])

    def learn(self, weight: Floats, before: Floats, off: Floats) -> None:
        """Take in what the error did within a second, over weighted possibilities."""
        was, now = np.abs(before), np.abs(off)
        wrong = float(weight @ was)
        right = float(weight @ (was == 0.0))
        self._right += right
        self._wrong += wrong
        self._begun += float(weight @ (now > was))
        self._ended += float(weight @ np.maximum(was - now, 0.0))
        evidence = self._right + self._wrong
        if evidence > FORGET_AFTER:
            self._right, self._wrong = 0.5 * self._right, 0.5 * self._wrong
            self._begun, self._ended = 0.5 * self._begun, 0.5 * self._ended
            self._built *= 0.5
        if evidence > (1.0 + BUILD_EVERY) * self._built:
            self._build()
