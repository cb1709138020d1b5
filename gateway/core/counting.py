"""Cycle counts: which product to count next in which place, a few every day, the ones that matter most first.

Products are classed by what they turn over (ABC analysis; Pareto's 80 and 95 %): A is counted every month, B every
quarter, C twice a year, any of them sooner when its books have become doubtful, and first of all what was never
counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gateway.core.tasks import SURE_ENOUGH, Reason, Want, count_want

Rank = Literal["A", "B", "C"]

DAY_MS: Final = 86_400_000
INTERVAL_DAYS: Final[Mapping[Rank, int]] = {"A": 30, "B": 90, "C": 180}
_URGENCY: Final[Mapping[Rank, int]] = {"A": 35, "B": 25, "C": 15}
_SHARES: Final = ((0.80, "A"), (0.95, "B"))
DIFFERS_PIECES: Final = 2
DIFFERS_SHARE: Final = 0.2
"""A count that is off by two pieces and by a fifth of the books is made again before anybody acts on it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product in a place whose stock people count; ``counted_ms`` is ``None`` where nobody ever did."""

    gtin: str
    place: str
    counted_ms: int | None
    p: float


@dataclass(frozen=True, slots=True)
class Due:
    """A count that should be made, and the task that asks for it."""

    gtin: str
    want: Want


def ranks(turnover: Mapping[str, float]) -> dict[str, Rank]:
    """GTIN → class, from what each product turns over a day; what turns over nothing is C."""
    total = sum(turnover.values())
    found: dict[str, Rank] = {}
    before = 0.0
    for gtin in sorted(turnover, key=lambda gtin: (-turnover[gtin], gtin)):
        # What stands above the threshold when this one is added belongs to the better class.
        share = before / total if total else 1.0
        found[gtin] = "A" if share < _SHARES[0][0] else "B" if share < _SHARES[1][0] else "C"
        if turnover[gtin] <= 0:
            found[gtin] = "C"
        before += turnover[gtin]
    return found


def due(candidates: Iterable[Candidate], rank_of: Mapping[str, Rank], now_ms: int, most: int) -> list[Due]:
    """The counts to make next, at most so many: never counted, then by how overdue, the better class first."""
    found = []
    for candidate in candidates:
        rank = rank_of.get(candidate.gtin, "C")
        overdue, reason = _overdue(candidate, rank, now_ms)
        if overdue >= 1.0:
            order = (reason != "never_counted", rank if reason == "never_counted" else "", -overdue, rank)
            urgency = _URGENCY[rank] + min(round(overdue * 2), 10)
            found.append(((*order, candidate.gtin, candidate.place), candidate, reason, urgency))
    found.sort(key=lambda one: one[0])
    return [
        Due(candidate.gtin, count_want(candidate.place, reason, urgency))
        for _order, candidate, reason, urgency in found[:most]
    ]


def _overdue(candidate: Candidate, rank: Rank, now_ms: int) -> tuple[float, Reason]:
    """How many times over the count is due; 1 is just now."""
    if candidate.counted_ms is None:
        return 1.0, "never_counted"
    by_age = (now_ms - candidate.counted_ms) / (INTERVAL_DAYS[rank] * DAY_MS)
    by_doubt = (1.0 - candidate.p) / (1.0 - SURE_ENOUGH)
    return (by_age, "old_count") if by_age >= by_doubt else (by_doubt, "unsure")


def differs(expected: int | None, found: int) -> bool:
    """Whether a count is so far from the books that it should be made again."""
    if expected is None:
        return False
    return abs(expected - found) >= max(DIFFERS_PIECES, expected * DIFFERS_SHARE)
