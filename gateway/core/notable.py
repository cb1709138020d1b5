"""What is notable about a day of queues: when it was busiest, when nobody counted, and how other days were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from gateway.core.days import MINUTE_MS, Bin, LaneMinuteRow, mean

BUSY_MS: Final = 30 * MINUTE_MS
GAP_MIN: Final = 5
"""A camera that blinks is no gap in a day."""
USUAL_FROM: Final = 2
"""One day is no habit."""


@dataclass(frozen=True, slots=True)
class Busiest:
    """The half hour in which people waited longest (where nobody knows that: in which most stood in line)."""

    from_ms: int
    to_ms: int
    waited_s: float | None
    people: float | None
    lanes_open: float
    needed: float | None
    """Lanes that were advised then; ``None`` where nobody advised."""


def busiest(bins: Sequence[Bin], step_min: int, needed: dict[int, int]) -> Busiest | None:
    """The busiest half hour of a day, whole bins; ``None`` on a day on which nobody stood in line.

    Args:
        needed: minute's end → lanes advised.
    """
    width = max(BUSY_MS, step_min * MINUTE_MS)
    windows = [[one for one in bins[index:] if one.t_ms < first.t_ms + width] for index, first in enumerate(bins)]
    found = max(windows, key=_burden, default=[])
    if not found or _burden(found) <= (0.0, 0.0):
        return None
    from_ms, to_ms = found[0].t_ms, found[0].t_ms + width
    advised = [lanes for t_ms, lanes in needed.items() if from_ms < t_ms <= to_ms]
    return Busiest(
        from_ms=from_ms,
        to_ms=to_ms,
        waited_s=mean((one.waited_s, max(one.served, 1)) for one in found),
        people=mean((one.people, 1.0) for one in found),
        lanes_open=mean((one.lanes_open, 1.0) for one in found) or 0.0,
        needed=round(sum(advised) / len(advised), 1) if advised else None,
    )


def _burden(bins: Sequence[Bin]) -> tuple[float, float]:
    """What people waited together, so that one who waited long alone does not make an hour the busiest."""
    return sum((one.waited_s or 0.0) * one.served for one in bins), sum(one.people or 0.0 for one in bins)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody counted: ``lane`` alone, or (``None``) any lane."""

    lane: str | None
    from_ms: int
    to_ms: int


def gaps(rows: Sequence[LaneMinuteRow]) -> list[Gap]:
    """Where counts are missing between a day's first minute and its last, longer than a few minutes."""
    seen: dict[str, set[int]] = {}
    for row in rows:
        lane = seen.setdefault(row.lane, set())
        if row.is_seen:
            lane.add(row.t_ms)
    everybody = set().union(*seen.values()) if seen else set()
    if not everybody:
        return []
    span = range(min(everybody), max(everybody) + 1, MINUTE_MS)
    found = [Gap(None, *gap) for gap in _missing(span, everybody)]
    nobody = set(span) - everybody
    for name, minutes in sorted(seen.items()):
        found += [Gap(name, *gap) for gap in _missing(span, minutes | nobody)]
    return sorted(found, key=lambda gap: (gap.from_ms, gap.lane or ""))


@dataclass(frozen=True, slots=True)
class DoorGap:
    """A time in which nobody counted at a door."""

    door: str
    from_ms: int
    to_ms: int


def door_gaps(minutes: Iterable[tuple[str, int]]) -> list[DoorGap]:
    """Where a door's minutes are missing between the first of any door and the last: (door, end of the minute)."""
    seen: dict[str, set[int]] = {}
    for door, t_ms in minutes:
        seen.setdefault(door, set()).add(t_ms)
    everybody = set().union(*seen.values()) if seen else set()
    if not everybody:
        return []
    span = range(min(everybody), max(everybody) + 1, MINUTE_MS)
    return [DoorGap(door, *gap) for door, known in sorted(seen.items()) for gap in _missing(span, known)]


def _missing(span: Iterable[int], known: set[int]) -> list[tuple[int, int]]:
    """Runs of minutes that nobody knows, as (begin, end)."""
    found: list[list[int]] = []
    for t_ms in span:
        if t_ms in known:
            continue
        if found and found[-1][1] == t_ms - MINUTE_MS:
            found[-1][1] = t_ms
        else:
            found.append([t_ms - MINUTE_MS, t_ms])
    return [(begin, end) for begin, end in found if end - begin >= GAP_MIN * MINUTE_MS]


@dataclass(frozen=True, slots=True)
class UsualBin:
    """The middle of several days at the same time of day; of one day, that day."""

    t_ms: int
    people: float | None
    lanes_open: float
    waited_s: float | None
    served: float


def usual(days: Sequence[Sequence[Bin]]) -> list[UsualBin]:
    """The median of days whose bins stand at the same times; where too few counted, nothing is usual."""
    at: dict[int, list[Bin]] = {}
    for day in days:
        for one in day:
            at.setdefault(one.t_ms, []).append(one)
    least = min(USUAL_FROM, len(days))
    return [
        UsualBin(
            t_ms=t_ms,
            people=_middle(one.people for one in found),
            lanes_open=round(median(one.lanes_open for one in found), 2),
            waited_s=_middle(one.waited_s for one in found),
            served=round(median(one.served for one in found), 1),
        )
        for t_ms, found in sorted(at.items())
        if len(found) >= least
    ]


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known else None
