"""What people do with items here, learned while they do it: how often they lift one, how long they hold it.

An item that is not on its shelf is either being looked at, and comes back within seconds, or has been taken. Which,
depends on how long it has been away and on how often each happens in this shop. Both are counted; where little has
been seen yet, the prior says that three of four lifts are looks of 2 to 30 s.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge.core.shelf.sums import total
from edge.core.shelf.tags import Tags

LONGEST_S: Final = 120
NEWCOMER: Final = 3
TAKEN_S: Final = 90.0
"""Away for this long counts as one take when the habits are learned."""

_PRIOR_HOURS = 100.0
_PRIOR_LOOKS = 30.0
_PRIOR_TAKES = 10.0
_PRIOR_LENGTHS = 20.0
_PRIOR_NEWCOMERS = (4.0, 8.0)
_PASSED_BY_S = 60.0
_LATE_RETURN_PER_S = 1e-6
_MEMORY_HOURS = 20_000.0
_MEMORY_NEWCOMERS = 2_000.0


class Rates(NamedTuple):
    """Per second, and by the whole seconds that an item has been off its shelf."""

    lift: float
    takes: float
    returns: npt.NDArray[np.float32]
    gone: npt.NDArray[np.float32]
    stays: float
    """How likely a tag that was never seen before has come to stand here, and does not just pass by."""

    def enough(self, false_takes_per_1000_h: float) -> float:
        """How sure one must be of a take so that not more than so many looks are taken for one.

        Of all that is away for as long as makes one that sure, takes and looks have this proportion.
        """
        allowed = false_takes_per_1000_h / 1000 / 3600
        return min(0.97, max(0.5, self.takes / (self.takes + allowed)))


class Habits:
    """Counts since the start, old ones fading: tag-hours on shelves, looks by length, takes."""

    def __init__(self) -> None:
        self.hours = 0.0
        self.takes = 0.0
        self.lengths = np.zeros(LONGEST_S, np.float64)
        self.came, self.passed = _PRIOR_NEWCOMERS

    def copy(self) -> "Habits":
        """An independent copy."""
        other = Habits()
        other.hours, other.takes, other.lengths = self.hours, self.takes, self.lengths.copy()
        other.came, other.passed = self.came, self.passed
        return other

    def rates(self) -> Rates:
        """How often an item is lifted, and what being away for so many seconds means."""
        seconds = np.arange(LONGEST_S, dtype=np.float64)
        prior = np.where((seconds >= 2) & (seconds < 30), 1 / 28, 0.0) * 0.98 + np.exp(-seconds / 40) / 40 * 0.02
        spread = np.convolve(self.lengths, (0.25, 0.5, 0.25), mode="same")
        lengths = spread + _PRIOR_LENGTHS * prior
        lengths /= lengths.sum()
        looks = (self.lengths.sum() + _PRIOR_LOOKS) / (self.hours + _PRIOR_HOURS)
        takes = (self.takes + _PRIOR_TAKES) / (self.hours + _PRIOR_HOURS)
        still_out = looks * (1.0 - np.cumsum(lengths) + 0.5 * lengths)
        gone = takes / (takes + still_out)
        returns = looks * lengths / (takes + still_out) + _LATE_RETURN_PER_S
        returns[-1] = _LATE_RETURN_PER_S
        gone[-1] = 1.0
        lift = (looks + takes) / 3600.0
        stays = self.came / (self.came + self.passed)
        return Rates(
            float(lift),
            takes / 3600,
            np.minimum(returns, 0.5).astype(np.float32),
            gone.astype(np.float32),
            float(stays),
        )

    def meet(self, tags: Tags, now: int, seconds: float) -> None:
        """Count newcomers: those that have come to stand here, and those that passed by and are gone."""
        came = (tags.outing == NEWCOMER) & (tags.home >= 0)
        passed = (tags.outing == NEWCOMER) & ((now - tags.last) * seconds > _PASSED_BY_S)
        self.came += float(np.count_nonzero(came))
        self.passed += float(np.count_nonzero(passed))
        if self.came + self.passed > _MEMORY_NEWCOMERS:
            self.came, self.passed = self.came / 2, self.passed / 2
        tags.outing[came | passed] = 0

    def learn(self, tags: Tags, seconds: float, *, learn_from: npt.NDArray[Any]) -> None:
        """Count outings that ended, or lasted, in this bin. ``learn_from``: tags whose antenna works, shape (n,)."""
        stands = tags.at_home
        away = tags.away
        self.hours += total(stands[learn_from]) * seconds / 3600.0
        if self.hours > _MEMORY_HOURS:
            self.hours, self.takes, self.lengths = self.hours / 2, self.takes / 2, self.lengths / 2
        tags.out_s[:] = np.where(away > 0.5, tags.age, tags.out_s)
        # What comes to light from behind other items was not in a hand.
        back = (tags.outing == 1) & (stands - tags.hidden > 0.9)
        np.add.at(self.lengths, np.clip(tags.out_s[back & learn_from], 0, LONGEST_S - 1).astype(np.int64), 1.0)
        taken = (tags.outing == 1) & (away > 0.5) & (tags.age > TAKEN_S)
        self.takes += float(np.count_nonzero(taken & learn_from))
        tags.outing[stands > 0.9] = 0
        tags.outing[(tags.outing == 0) & (away > 0.95) & (tags.home >= 0)] = 1
        tags.outing[taken | (tags.new > 0.9)] = 2
