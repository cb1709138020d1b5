"""What a camera shows of a lane with n people: misses that grow with the queue, companions, passers-by.

The chance of seeing y when n are there is a binomial of those not hidden plus a Poisson of those who do not queue,
plus a floor for what no model foresees. Errors last for seconds (who is hidden stays hidden), so a count is not new
evidence each second: the error y - n is itself a chain that keeps its value with probability `keep` per second or
is drawn anew (`belief` uses it so). How often people are missed, how often strangers are counted, and how long an
error lasts are learnt from the belief itself, by expectation and maximisation online (Cappé 2011, "Online EM
algorithm for hidden Markov models"), shared by all lanes of a store.
"""

import math
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

MISS_GROWTH: Final = 0.25
"""How much more often a person is missed for each one who stands before them."""

MISS_MOST: Final = 0.6
FLOOR: Final = 2e-4
REBUILD_EVERY: Final = 400
"""Counts between two rebuildings of the table from what was learnt."""


class CameraModel:
    """The table P(y seen | n there) and what is learnt of it. Sizes grow with the longest queue seen."""

    def __init__(self, size: int = 24) -> None:
        self.size = size
        self.miss = 0.04
        self.extra = 0.06
        self.keep = 0.80
        self._seen = 0
        self._weight = 3000.0
        self._missed, self._exposed = 0.04 * self._weight, self._weight
        self._strange = 0.06 * self._weight
        self._counts = self._weight
        self._kept, self._errors = 0.8 * 200.0, 200.0
        self._build()

    def grow(self, size: int) -> None:
        """Make room for queues of up to `size - 1` people."""
        if size > self.size:
            self.size = size
            self._build()

    def row(self, y: int) -> Floats:
        """P(y | n) for n = 0 … size-1; never 0."""
        row: Floats = self.table[min(max(y, 0), len(self.table) - 1)]
        return row

    def _build(self) -> None:
        n = np.arange(self.size)
        self.people: Floats = n.astype(float)
        self.growth: Floats = 1.0 + MISS_GROWTH * np.maximum(n - 1, 0)
        self.exposure: Floats = self.people * self.growth
        missed = np.minimum(self.miss * self.growth, MISS_MOST)
        seen = np.zeros((self.size, self.size))
        for there in range(self.size):
            k = np.arange(there + 1)
            ways = np.array([math.comb(there, int(i)) for i in k], dtype=float)
            seen[there, : there + 1] = ways * (1 - missed[there]) ** k * missed[there] ** (there - k)
        strange = [math.exp(-self.extra) * self.extra**i / math.factorial(i) for i in range(5)]
        table = np.zeros((self.size + 4, self.size))
        for i, chance in enumerate(strange):
            table[i : i + self.size] += chance * seen.T
        away = np.abs(np.arange(self.size + 4)[:, None] - n[None, :])
        self.table = (1.0 - 4 * FLOOR) * table + FLOOR * 0.5**away
        self.short: Floats = np.maximum(n[None, :] - np.arange(self.size + 4)[:, None], 0).astype(float)
        self.over: Floats = np.maximum(-n[None, :] + np.arange(self.size + 4)[:, None], 0).astype(float)

    def learn(self, y: int, belief: Floats, unchanged: float) -> None:
        """Take one count in: `belief` after it, `unchanged` the probability that its error was the last one's."""
        y = min(y, len(self.table) - 1)
        short = float(belief @ self.short[y])
        over = float(belief @ self.over[y])
        self._missed += short
        self._exposed += float(belief @ self.exposure)
        self._strange += over
        self._counts += 1.0
        wrong = min(short + over, 1.0)
        self._kept += wrong * unchanged
        self._errors += wrong
        self._seen += 1
        if self._seen >= REBUILD_EVERY:
            self._seen = 0
            self._maximise()

    def _maximise(self) -> None:
        self.miss = min(max(self._missed / self._exposed, 0.002), 0.25)
        self.extra = min(max(self._strange / self._counts, 0.002), 0.6)
        self.keep = min(max(self._kept / self._errors, 0.3), 0.97)
        if self._counts > 60_000:
            for name in ("_missed", "_exposed", "_strange", "_counts", "_kept", "_errors"):
                setattr(self, name, getattr(self, name) * 0.5)
        self._build()
