"""How many pieces of a product stand on a shelf, and how probable it is that it is exactly as many.

Each item stands there with a probability of its own, so the number of those that do has a Poisson-binomial
distribution; it is summed up exactly, item by item (Barlow and Heidtmann, "Computing k-out-of-n system reliability",
IEEE Transactions on Reliability, 1984). What is told is its most probable value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from models.messages.goods import ShelfCounted

EVERY_MS: Final = 5_000
"""How often items are counted. A count has settled when it is the same twice."""
REPEAT_MS: Final = 900_000
MOST_REPEATS_A_DAY: Final = 60_000
MOST_CHANGES_AN_HOUR: Final = 3_000
_NEVER: Final = 0.001
"""An item that stands here with less than this changes no count."""


class Belief(Protocol):
    """What is believed of an item: on which shelf, how probably, and whether it is ``unknown`` now."""

    @property
    def shelf(self) -> str:
        """The shelf."""

    @property
    def p(self) -> float:
        """The probability that it stands there."""

    @property
    def state(self) -> str:
        """present, unknown or taken."""


@dataclass
class _Count:
    seen: tuple[int, int] = (0, 0)
    """The number and the unknown, as they were counted last."""
    said: tuple[int, int] = (0, 0)
    said_ms: int = 0


@dataclass
class _Tally:
    p: list[float]
    unknown: int = 0


class ShelfCounts:
    """The counts of one node's shelves."""

    def __init__(self, gtin_of: Callable[[str], str | None]) -> None:
        """``gtin_of``: EPC → its product; tags without one are not counted here."""
        self._gtin_of = gtin_of
        self._counts: dict[tuple[str, str], _Count] = {}
        self._counted_ms = 0
        self._hour, self._changes = 0, 0

    def is_due(self, t_ms: int) -> bool:
        """Whether it is time to count."""
        return abs(t_ms - self._counted_ms) >= EVERY_MS

    def count(self, items: Mapping[str, Belief], t_ms: int) -> list[ShelfCounted]:
        """Count; tells what changed and settled, and what was not told for a quarter of an hour."""
        self._counted_ms = t_ms
        tallies = self._tally(items)
        for key in tallies.keys() - self._counts.keys():
            self._counts[key] = _Count()
        repeat_ms = max(REPEAT_MS, len(self._counts) * 86_400_000 // MOST_REPEATS_A_DAY)
        nothing = _Tally([])
        standing = [tallies.get(key, nothing) for key in self._counts]
        numbers = most_probable([tally.p for tally in standing])
        told = [
            fact
            for (key, count), tally, number in zip(self._counts.items(), standing, numbers, strict=True)
            if (fact := self._news(key, count, (*number, tally.unknown), t_ms, repeat_ms)) is not None
        ]
        # What is gone and was told to be gone is not repeated for ever.
        self._counts = {key: count for key, count in self._counts.items() if key in tallies or count.said != (0, 0)}
        return told

    def _tally(self, items: Mapping[str, Belief]) -> dict[tuple[str, str], _Tally]:
        tallies: dict[tuple[str, str], _Tally] = {}
        for epc, item in items.items():
            gtin = self._gtin_of(epc)
            if gtin is None or (item.p < _NEVER and item.state != "unknown"):
                continue
            tally = tallies.get((item.shelf, gtin))
            if tally is None:
                tally = tallies[item.shelf, gtin] = _Tally([])
            if item.state == "unknown":
                tally.unknown += 1
            else:
                tally.p.append(item.p)
        return tallies

    def _news(
        self, key: tuple[str, str], count: _Count, counted: tuple[int, float, int], t_ms: int, repeat_ms: int
    ) -> ShelfCounted | None:
        quantity, p, unknown = counted
        now = (quantity, unknown)
        has_settled, count.seen = now == count.seen, now
        if not has_settled:
            return None
        is_change = now != count.said
        if is_change and not self._may_tell_change(t_ms):
            return None
        if not is_change and (now == (0, 0) or t_ms - count.said_ms < repeat_ms):
            return None
        count.said, count.said_ms = now, t_ms
        return ShelfCounted(t_ms=t_ms, shelf=key[0], gtin=key[1], quantity=quantity, p=round(p, 4), unknown=unknown)

    def _may_tell_change(self, t_ms: int) -> bool:
        """Within the hour's budget; a change beyond it is told, as it then is, when the next hour begins."""
        if t_ms // 3_600_000 != self._hour:
            self._hour, self._changes = t_ms // 3_600_000, 0
        self._changes += 1
        return self._changes <= MOST_CHANGES_AN_HOUR


def most_probable(shelves: Sequence[Sequence[float]]) -> list[tuple[int, float]]:
    """For each list of items' probabilities: how many most probably stand there, and how probable just that is.

    Lists of about the same length are summed up together, item by item; an item that never stands there fills up.
    """
    answers: list[tuple[int, float]] = [(0, 1.0)] * len(shelves)
    batches: dict[int, list[int]] = {}
    for number, p in enumerate(shelves):
        batches.setdefault(len(p).bit_length(), []).append(number)
    for size, numbers in batches.items():
        width = (1 << size) - 1
        items = np.array([[*shelves[number], *[0.0] * (width - len(shelves[number]))] for number in numbers])
        distribution = np.zeros((len(numbers), width + 1))
        distribution[:, 0] = 1.0
        for item in range(width):
            stands = items[:, item, None]
            distribution[:, 1:] = distribution[:, 1:] * (1 - stands) + distribution[:, :-1] * stands
            distribution[:, 0] *= 1 - stands[:, 0]
        best = distribution.argmax(axis=1)
        chance = np.minimum(1.0, distribution[np.arange(len(numbers)), best])
        for number, quantity, likely in zip(numbers, best.tolist(), chance.tolist(), strict=True):
            answers[number] = (quantity, likely)
    return answers
