"""How far the number of kiosks seen busy can be trusted: its error lasts for seconds, and how often is learnt.

The error (seen minus true) is a chain over seconds: now and then kiosks are seen too many or too few, and each of
them is seen right again after a while. A camera that finds busy kiosks by the people before them misses both at once:
how often those who get hidden are missing at the kiosks as well is learnt, too. Who knows the kiosks' true state
never errs, and is found to be such.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.bank_particles import Chosen
from edge.core.wait.service import Floats

ERRS_PRIOR: Final = (1.0, 60.0)
"""Errors that began, in so many seconds without one."""

BACK_PRIOR: Final = (10.0, 30.0)
"""Errors that ended, in so many seconds with one."""

LEAST_ENDS: Final = 0.06
"""An error that lasts for a minute is none: who stands there is."""

FORGET_AFTER: Final = 20_000.0

FARTHER: Final = 0.35
"""How much rarer an error is for each kiosk that it is larger."""

WATCH_EVERY: Final = 4
"""While no error moves, one of so many seconds is taken in, and counts for them all."""

RIGHT, WRONG, BEGUN, ENDED, MOVED, SHARED = range(6)
SENSOR_SUMS: Final = 8
"""What is summed: seconds without and with errors (each one counts), errors that began and ended; how often the
count's error moved and how often this one with it, while others waited and while all seen were at the kiosks."""

FLOOR: Final = 1e-7


SHARED_PRIOR: Final = (1.0, 3.6)
"""How often who gets hidden is missing at the kiosks too: while others wait, and while nobody else is seen."""

MOVED_PRIOR: Final = 4.0


@dataclass(frozen=True)
class Hidden:
    """By how much the count's error moved in every history, and whether all who were seen were at the kiosks."""

    moved: Floats
    all_at_kiosks: bool


class BusySensor:
    """What is seen of how many of `servers` kiosks are busy: the error's chain and its rates."""

    def __init__(self, servers: int) -> None:
        self._servers = servers
        self._begun, self._right = ERRS_PRIOR
        self._ended, self._wrong = BACK_PRIOR
        self._counts = 0
        self._shared, self._moved = list(SHARED_PRIOR), [MOVED_PRIOR, MOVED_PRIOR]
        self._moved_now: Chosen = np.zeros(1, np.bool_)
        self._shared_now: Floats = np.zeros(1)
        self._build()

    def _build(self) -> None:
        """P(error -> error'), and how often each lasts; both from `-servers` to `servers`."""
        self.begins = min(self._begun / self._right, 0.3)
        self.ends = min(max(self._ended / self._wrong, LEAST_ENDS), 0.97)
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

    def weights(self, before: Floats, off: Floats, hidden: Hidden | None = None) -> Floats:
        """P(error `off` now) given the errors `before`, a second ago.

        Who gets hidden may be missing at the kiosks as well: `hidden` says by how much the count's error moved.
        """
        was, now = before.astype(np.intp) + self._servers, off.astype(np.intp) + self._servers
        alone: Floats = self._chain[was, now]
        if hidden is None:
            return alone
        moved = np.where((hidden.moved > 0.0) & (before >= 0.0), 0.0, hidden.moved).astype(np.intp)
        share = self.share(all_at_kiosks=hidden.all_at_kiosks)
        at = np.minimum(np.maximum(was + moved, 0), 2 * self._servers)
        shared: Floats = share * self._chain[at, now]
        whole = shared + (1.0 - share) * alone
        self._moved_now = moved != 0
        self._shared_now = self._moved_now * (shared / whole)
        return np.where(self._moved_now, whole, alone)

    def share(self, *, all_at_kiosks: bool) -> float:
        """How often one who gets hidden is missing at the kiosks, too."""
        return min(self._shared[all_at_kiosks] / self._moved[all_at_kiosks], 0.99)

    def knows_better(self) -> None:
        """More kiosks were seen busy than people: it does not come from the same picture."""
        self._moved[True] += 1.0

    def first(self, off: Floats, missing: Floats) -> Floats:
        """P(error `off`) when nothing is known of a second ago and `missing` heads are hidden."""
        often: Floats = self._often[off.astype(np.intp) + self._servers]
        return np.where((off < 0.0) & (-off <= missing), np.maximum(often, 0.2), often)

    def watch(self, sums: Floats, before: Floats, off: Floats, hidden: Hidden | None) -> None:
        """Add to the `sums` of every history what the error did within a second, after `weights` of the same."""
        self._counts += 1
        times: float | Floats = 1.0
        if hidden is not None:
            at = MOVED + 2 * hidden.all_at_kiosks
            sums[at] += self._moved_now
            sums[at + 1] += self._shared_now
            times = 1.0 - self._shared_now
        elif self._counts % WATCH_EVERY == 0:
            times = WATCH_EVERY
        elif not (off != before).any():
            return
        was, now = np.abs(before), np.abs(off)
        sums[RIGHT] += times * (was == 0.0)
        sums[WRONG] += times * was
        sums[BEGUN] += times * (now > was)
        sums[ENDED] += times * np.maximum(was - now, 0.0)

    def learn(self, sums: Floats) -> None:
        """Take in what the errors did, expected."""
        sums = np.maximum(sums, -1.0)
        self._right, self._wrong = max(self._right + sums[RIGHT], 1.0), max(self._wrong + sums[WRONG], 1.0)
        self._begun, self._ended = max(self._begun + sums[BEGUN], 1e-3), max(self._ended + sums[ENDED], 1e-3)
        for at in range(2):
            self._moved[at] = max(self._moved[at] + float(sums[MOVED + 2 * at]), MOVED_PRIOR)
            self._shared[at] = min(max(self._shared[at] + float(sums[SHARED + 2 * at]), 0.02), self._moved[at])
        if self._right + self._wrong > FORGET_AFTER:
            self._right, self._wrong = 0.5 * self._right, 0.5 * self._wrong
            self._begun, self._ended = 0.5 * self._begun, 0.5 * self._ended
            self._moved = [0.5 * moved for moved in self._moved]
            self._shared = [0.5 * shared for shared in self._shared]
        self._build()
