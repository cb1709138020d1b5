"""Points and tiers: what a purchase earns."""

from typing import Final, Literal

Tier = Literal["basic", "silver", "gold"]

_EARNED_IN_QUARTERS: Final[dict[Tier, int]] = {"basic": 4, "silver": 5, "gold": 6}
"""Quarters of a point per unit spent: silver earns 1.25 times what basic does, gold 1.5 times."""

_THRESHOLDS: Final[tuple[tuple[int, Tier], ...]] = ((5000, "gold"), (1000, "silver"))
_RANK: Final[dict[Tier, int]] = {"basic": 0, "silver": 1, "gold": 2}
LIMIT: Final = 1_000_000
"""More points than this are never entered at once: the wire refuses them."""


def earned(total_minor: int, minor_per_point: int, tier: Tier) -> int:
    """Points for a sale, rounded towards zero; a return (a negative total) takes as many back."""
    sign = -1 if total_minor < 0 else 1
    points = abs(total_minor) * _EARNED_IN_QUARTERS[tier] // (4 * minor_per_point)
    return sign * min(points, LIMIT)


def tier_of(record: Tier, balance: int) -> Tier:
    """The tier that holds now: the one on record, or a higher one that the balance has reached."""
    reached: Tier = next((tier for threshold, tier in _THRESHOLDS if balance >= threshold), "basic")
    return max(record, reached, key=_RANK.__getitem__)
