"""When somebody should look now: many items that leave at once, and unpaid ones that pass a door together.

People take six yoghurts in one go and a fast seller is picked all day, so that no fixed number tells a sweep. Each
product (and each shelf) has habits: how often somebody picks, and how many pieces in one go. Picks in a span are
taken to be compound Poisson, goes with geometric sizes (the Pólya-Aeppli distribution; Johnson, Kemp, Kotz,
Univariate Discrete Distributions, 3rd ed., 9.7); what its tail, or the product's own record, makes likely rings no
bell.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

TOGETHER_MS: Final = 10_000
"""Items that pass a door with no longer pause than this are one alarm."""
REPEAT_MS: Final = 60_000
"""What follows an alarm of the same product or shelf within this belongs to it."""
MOST_GOES: Final = 500
"""Of more goes than these half are forgotten: habits change."""


@dataclass(frozen=True, slots=True)
class SweepRule:
    """From how many pieces in which span a sweep is thought of, and how unlikely it must be.

    The span holds a sweep of seconds and what its shelf takes to miss the last piece of it.

    ``prior_per_hour`` and ``prior_size`` speak for what was not watched for long: as an hour and four goes would.
    """

    least: int
    span_ms: int = 45_000
    likely: float = 1e-4
    prior_per_hour: float = 1.0
    prior_size: float = 1.2


PRODUCT_RULE: Final = SweepRule(least=5)
SHELF_RULE: Final = SweepRule(least=12, prior_per_hour=10.0, prior_size=1.5)
_PRIOR_GOES: Final = 4


@dataclass(frozen=True, slots=True)
class Habit:
    """How something is picked: goes by their size, over so many hours in which the shop was picked at."""

    sizes: Mapping[int, int]
    hours: float

    @property
    def goes(self) -> int:
        """How many goes were seen."""
        return sum(self.sizes.values())

    def per_hour(self, rule: SweepRule) -> float:
        """Goes an hour, with the rule's prior."""
        return (self.goes + rule.prior_per_hour) / (self.hours + 1)

    def mean_size(self, rule: SweepRule) -> float:
        """Pieces in one go, with the rule's prior."""
        pieces = sum(size * goes for size, goes in self.sizes.items())
        return (pieces + rule.prior_size * _PRIOR_GOES) / (self.goes + _PRIOR_GOES)

    def with_go(self, size: int) -> "Habit":
        """One go more; of too many, half are forgotten."""
        sizes = dict(self.sizes)
        sizes[size] = sizes.get(size, 0) + 1
        if sum(sizes.values()) <= MOST_GOES:
            return Habit(sizes, self.hours)
        return Habit({kept: goes // 2 for kept, goes in sizes.items() if goes > 1}, self.hours / 2)


def tail(pieces: int, goes: float, mean_size: float) -> float:
    """Probability that at least ``pieces`` are picked, with ``goes`` expected goes of geometric size.

    Panjer's recursion for the Pólya-Aeppli distribution.
    """
    repeat = 1 - 1 / max(mean_size, 1.0)
    before, now = 0.0, math.exp(-goes)
    total = now
    for n in range(1, pieces):
        following = ((goes * (1 - repeat) + 2 * repeat * (n - 1)) * now - repeat**2 * (n - 2) * before) / n
        before, now = now, max(following, 0.0)
        total += now
    return max(0.0, 1.0 - total)


def unlikely(pieces: int, habit: Habit, rule: SweepRule) -> float | None:
    """How unlikely so many pieces in the rule's span are; ``None`` where that is no reason to look.

    What the record shows often enough is likely, whatever the distribution says: some products go by the dozen.
    """
    if pieces < rule.least:
        return None
    goes = habit.per_hour(rule) * rule.span_ms / 3_600_000
    as_many = sum(count for size, count in habit.sizes.items() if size >= pieces)
    by_record = goes * as_many / habit.goes if as_many > 1 else 0.0
    found = max(tail(pieces, goes, habit.mean_size(rule)), by_record)
    return found if found < rule.likely else None


def together(passed: Iterable[tuple[int, str]], pause_ms: int = TOGETHER_MS) -> list[list[tuple[int, str]]]:
    """Passages (time, EPC) of one door in groups without a longer pause than ``pause_ms``."""
    groups: list[list[tuple[int, str]]] = []
    for one in sorted(passed):
        if groups and one[0] - groups[-1][-1][0] <= pause_ms:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def thickest(times: Sequence[int], span_ms: int) -> tuple[int, int]:
    """From where to where, in sorted ``times``, most of them lie within ``span_ms``: first and last index + 1."""
    best, first = (0, 0), 0
    for last, t_ms in enumerate(times):
        while t_ms - times[first] > span_ms:
            first += 1
        if last + 1 - first > best[1] - best[0]:
            best = first, last + 1
    return best
