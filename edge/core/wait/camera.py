"""What a camera shows of a lane with n people: misses that grow with the queue, companions, passers-by.

How often y are seen where n are there is a binomial of those not hidden plus a Poisson of those who do not queue
(both grow with n), plus a floor for what no model foresees. Errors last: who is hidden stays hidden for seconds, a
companion stays as long as the one they are with. So a count is not new evidence each second; the error e = y - n is
itself a chain that each second stays as it is with probability `keep[e]` or is drawn anew, such that it is
stationary at those frequencies.

How often people are missed, how often strangers are counted and how long either lasts are learnt from the smoothed
belief (`belief` carries the sums along), by expectation and maximisation online (Cappé 2011, "Online EM algorithm
for hidden Markov models"), shared by all lanes of a kind.
"""

import math
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

MISS_GROWTH: Final = 0.25
"""How much more often a person is missed for each one who stands before them."""

MISS_MOST: Final = 0.6
FLOOR: Final = 2e-4
OVER: Final = 4
"""Rows beyond the longest queue: how many more may be seen than are there."""

FORGET_AFTER: Final = 40_000.0
"""Counts after which what was learnt weighs half."""

SUMS: Final = 6
"""What is summed: missed, strangers, and the seconds of either error and how many of them it stayed."""


class CameraModel:
    """The tables over (y, n) and what is learnt. Sizes grow with the longest queue seen."""

    def __init__(self, size: int = 24) -> None:
        self.size = size
        self._exposed = self._counts = 300.0
        self._sums: Floats = np.array([0.04 * 300.0, 0.05 * 300.0, 40.0, 0.80 * 40.0, 40.0, 0.90 * 40.0])
        self._since = 0.0
        self._changes, self._expected = 30.0, 15.0
        self._maximise()

    @property
    def calm(self) -> float:
        """How much of what the counts change is people who come and go: 1 for a camera that never errs."""
        return float(min(self._expected / max(self._changes, 1.0), 1.0))

    def grow(self, size: int) -> None:
        """Make room for queues of up to `size - 1` people."""
        if size > self.size:
            self.size = size
            self._build()

    def at(self, y: int) -> int:
        """The row of the tables for y people seen."""
        return min(max(y, 0), self.size + OVER - 1)

    def _build(self) -> None:
        n = np.arange(self.size)
        y = np.arange(self.size + OVER)
        error = y[:, None] - n[None, :]
        growth: Floats = (1.0 + MISS_GROWTH * np.maximum(n - 1, 0)).astype(np.float64)
        self.exposure: Floats = (n * growth).astype(np.float64)
        self.company: Floats = (0.4 + 0.3 * n).astype(np.float64)
        often = self._often(np.minimum(self.miss * growth, MISS_MOST), self.extra * self.company)
        often = (1.0 - 4 * FLOOR) * often + FLOOR * 0.5 ** np.abs(error)
        self.keep: Floats = np.where(error == 0, max(self.keep_short, self.keep_over), self.keep_short)
        self.keep = np.where(error > 0, self.keep_over, self.keep)
        fresh = often * (1.0 - self.keep)
        self.often: Floats = often
        self.drawn: Floats = fresh / fresh.sum(axis=0)
        short, over = (error < 0).astype(float), (error > 0).astype(float)
        zero = np.zeros_like(short)
        missed = np.maximum(-error, 0).astype(float)
        strange = np.maximum(error, 0).astype(float)
        self.gains: Floats = np.stack([missed, strange, short, zero, over, zero], axis=1)
        self.stays: Floats = np.stack([zero, zero, zero, short, zero, over], axis=1)

    def _often(self, missed: Floats, strange: Floats) -> Floats:
        often = np.zeros((self.size + OVER, self.size))
        for there in range(self.size):
            k = np.arange(there + 1)
            ways = np.array([math.comb(there, int(i)) for i in k], dtype=float)
            seen = ways * (1 - missed[there]) ** k * missed[there] ** (there - k)
            for more in range(OVER + 1):
                chance = math.exp(-strange[there]) * strange[there] ** more / math.factorial(more)
                fit = min(there + 1, self.size + OVER - more)
                often[more : more + fit, there] += chance * seen[:fit]
        return often

    def learn(self, sums: Floats, exposed: float, counts: float, changes: float, expected: float) -> None:
        """Take in the sums of `counts` counts; `exposed` is what was exposed to be missed in them.

        `changes` is by how much the counts changed in all, `expected` by how much people who come and go change them.
        """
        self._changes += changes
        self._expected += expected
        self._sums += sums
        np.maximum(self._sums, 1e-3, out=self._sums)
        self._exposed += exposed
        self._counts += counts
        self._since += counts
        if self._since >= 200.0:
            self._since = 0.0
            self._maximise()

    def _maximise(self) -> None:
        sums = self._sums
        self.miss = float(min(max(sums[0] / self._exposed, 0.0005), 0.3))
        self.extra = float(min(max(sums[1] / self._counts, 0.0005), 0.6))
        self.keep_short = float(min(max(sums[3] / sums[2], 0.2), 0.98))
        self.keep_over = float(min(max(sums[5] / sums[4], 0.2), 0.99))
        # Errors begin and end: there cannot be more of them than the counts changed beyond what people do.
        begun = self.miss * self._exposed * (1.0 - self.keep_short) + self.extra * self._counts * (
            1.0 - self.keep_over
        )
        most = 0.5 * max(self._changes - self._expected, 0.0) + 0.02 * begun
        if begun > most:
            self.miss *= most / begun
            self.extra *= most / begun
        if self._counts > FORGET_AFTER:
            self._changes *= 0.5
            self._expected *= 0.5
            self._sums = sums * 0.5
            self._exposed *= 0.5
            self._counts *= 0.5
        self._build()
