"""A store's day in pictures: minutes of lanes and doors put together into bins that a person can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the store: from its midnight to the next. It has 23 or 25 hours when the clocks change."""

    name: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class LaneMinuteRow:
    """A lane's minute, as it was folded. ``t_ms`` is its end."""

    lane: str
    t_ms: int
    people_mean: float
    people_max: int
    open_s: float
    served: int
    wait_s: float | None
    wait_high_s: float | None
    waited_s: float | None
    foretold_s: float | None
    joined: int | None
    abandoned: int | None
    changed_in: int | None
    changed_out: int | None
    seen_s: float | None = None
    """How long somebody counted; ``None`` where a node does not say so."""

    @property
    def is_seen(self) -> bool:
        """Whether anybody knows how many people stood there."""
        return self.seen_s is None or self.seen_s > 0


@dataclass(frozen=True, slots=True)
class Bin:
    """Some minutes of one lane, or of all. Means of waits weigh each minute by those whose service began in it.

    ``people`` is ``None`` where nobody counted, though a till may have said whom it served.
    """

    t_ms: int
    lanes_open: float
    people: float | None
    people_max: int | None
    served: int
    joined: int | None
    abandoned: int | None
    changed: int | None
    wait_s: float | None
    wait_high_s: float | None
    waited_s: float | None
    foretold_s: float | None


def bins(rows: Sequence[LaneMinuteRow], day: Day, step_min: int) -> list[Bin]:
    """Put minutes together, ``step_min`` at a time; bins in which nobody said anything are left out."""
    by_bin: dict[int, list[LaneMinuteRow]] = {}
    for row in rows:
        # A minute is named by its end, and belongs to where it began.
        index = (row.t_ms - 1 - day.from_ms) // (step_min * MINUTE_MS)
        by_bin.setdefault(index, []).append(row)
    return [_bin(found, day.from_ms + index * step_min * MINUTE_MS) for index, found in sorted(by_bin.items())]


def _bin(rows: Sequence[LaneMinuteRow], t_ms: int) -> Bin:
    minutes = len({row.t_ms for row in rows})
    seen = [row for row in rows if row.is_seen]
    people_at: dict[int, int] = {}
    for row in seen:
        people_at[row.t_ms] = people_at.get(row.t_ms, 0) + row.people_max
    is_open = [row for row in rows if row.open_s > 0]
    return Bin(
        t_ms=t_ms,
        lanes_open=round(sum(row.open_s for row in rows) / 60 / minutes, 2),
        people=round(sum(row.people_mean for row in seen) / len(people_at), 2) if people_at else None,
        people_max=max(people_at.values(), default=None),
        served=sum(row.served for row in rows),
        joined=_sum(row.joined for row in rows),
        abandoned=_sum(row.abandoned for row in rows),
        changed=_sum(row.changed_in for row in rows),
        wait_s=mean((row.wait_s, 1.0) for row in is_open),
        wait_high_s=mean((row.wait_high_s, 1.0) for row in is_open),
        waited_s=mean((row.waited_s, max(row.served, 1)) for row in rows),
        foretold_s=mean((row.foretold_s, max(row.served, 1)) for row in rows if row.waited_s is not None),
    )


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """A whole day of queues. ``error_s``: how far what was told lay from what happened, on the mean of minutes."""

    served: int
    joined: int | None
    abandoned: int | None
    changed: int | None
    waited_s: float | None
    foretold_s: float | None
    error_s: float | None
    within_bound: float | None
    """In what share of the minutes people waited no longer than the bound that was shown."""


def queue_totals(rows: Sequence[LaneMinuteRow]) -> QueueTotals:
    """What a day adds up to."""
    happened = [row for row in rows if row.waited_s is not None and row.foretold_s is not None]
    bounded = [row for row in rows if row.waited_s is not None and row.wait_high_s is not None]
    held = sum((row.waited_s or 0.0) <= (row.wait_high_s or 0.0) for row in bounded)
    return QueueTotals(
        served=sum(row.served for row in rows),
        joined=_sum(row.joined for row in rows),
        abandoned=_sum(row.abandoned for row in rows),
        changed=_sum(row.changed_in for row in rows),
        waited_s=mean((row.waited_s, max(row.served, 1)) for row in rows),
        foretold_s=mean((row.foretold_s, max(row.served, 1)) for row in happened),
        error_s=mean((abs((row.waited_s or 0.0) - (row.foretold_s or 0.0)), max(row.served, 1)) for row in happened),
        within_bound=round(held / len(bounded), 3) if bounded else None,
    )


@dataclass(frozen=True, slots=True)
class VisitHour:
    """One hour: who came and went, how many were inside at its end, sales, and sales per visitor."""

    t_ms: int
    entered: int
    left: int
    inside: int
    sales: int
    conversion: float | None


def visit_hours(doors: Iterable[tuple[int, int, int]], sales: Iterable[int], day: Day) -> list[VisitHour]:
    """A day by hours.

    Args:
        doors: (end of the minute, entered, left) of every door.
        sales: when each sale was.
    """
    came: dict[int, list[int]] = {}
    for t_ms, entered, left in doors:
        hour = came.setdefault((t_ms - 1 - day.from_ms) // HOUR_MS, [0, 0, 0])
        hour[0] += entered
        hour[1] += left
    for t_ms in sales:
        came.setdefault((t_ms - day.from_ms) // HOUR_MS, [0, 0, 0])[2] += 1
    hours, inside = [], 0
    for index in range(min(came, default=0), max(came, default=-1) + 1):
        entered, left, sold = came.get(index, [0, 0, 0])
        inside = max(inside + entered - left, 0)
        hours.append(VisitHour(day.from_ms + index * HOUR_MS, entered, left, inside, sold, conversion(sold, entered)))
    return hours


def conversion(sales: int, visitors: int) -> float | None:
    """Sales per visitor; ``None`` where nobody was counted."""
    return round(sales / visitors, 3) if visitors else None


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def mean(pairs: Iterable[tuple[float | None, float]]) -> float | None:
    """The mean of (value, weight) of those that are known; ``None`` where none is."""
    known = [(value, weight) for value, weight in pairs if value is not None]
    weight = sum(weight for _value, weight in known)
    return round(sum(value * w for value, w in known) / weight, 1) if weight else None
