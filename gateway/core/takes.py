"""How big baskets are now, from what shelves and doors say: pieces taken per visitor in the last while."""

from dataclasses import dataclass, field
from typing import Final

Move = tuple[int, int, int, int]
"""When; pieces taken (below 0: put back), people who came in, baskets paid."""

MINUTE_MS: Final = 60_000
WINDOW_MIN: Final = 20
"""About as long as people shop: those who took something in it are in line now, or soon."""

FEWEST_PEOPLE: Final = 10
"""Fewer visitors say nothing of the next ones."""


@dataclass(slots=True)
class _Minute:
    taken: int = 0
    entered: int = 0
    paid: int = 0


@dataclass(slots=True)
class Takes:
    """Minutes of the last while. Facts that come late count where they belong, or not at all."""

    _minutes: dict[int, _Minute] = field(default_factory=dict)

    def add(self, move: Move, now_ms: int) -> None:
        """Something was taken or put back, somebody came in or paid."""
        t_ms, taken, entered, paid = move
        minute, newest = t_ms // MINUTE_MS, now_ms // MINUTE_MS
        if not newest - WINDOW_MIN < minute <= newest + 1:
            return
        one = self._minutes.setdefault(minute, _Minute())
        one.taken += taken
        one.entered += entered
        one.paid += paid

    def level(self, now_ms: int) -> float | None:
        """Pieces per visitor in the last while, by the doors, or else per basket paid; ``None`` if too few came."""
        oldest = now_ms // MINUTE_MS - WINDOW_MIN
        self._minutes = {minute: one for minute, one in self._minutes.items() if minute > oldest}
        kept = self._minutes.values()
        people = sum(one.entered for one in kept) or sum(one.paid for one in kept)
        taken = sum(one.taken for one in kept)
        return taken / people if people >= FEWEST_PEOPLE and taken > 0 else None
