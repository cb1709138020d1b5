"""How right presence was: the confusion matrix, the reliability of its probabilities, Brier score and ECE."""

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from edge.core.shelf.belief import ItemBelief
from edge.core.survey.truth import AWAY

BINS: Final = 10
TAKEN: Final = "taken"
UNKNOWN: Final = "unknown"
_Z95: Final = 1.959963984540054


class Bin(NamedTuple):
    """Answers whose probability lay between ``low`` and ``high``: their mean, and the share that was so.

    ``least`` and ``most`` bound that share with 95 % confidence (Wilson, JASA 1927). They count ``items``, the
    different items that were asked about, not ``answers``: a thousand answers about one item are one experience.
    """

    low: float
    high: float
    said: float
    was_so: float
    answers: int
    items: int
    least: float
    most: float


@dataclass
class _Cell:
    said: float = 0.0
    was_so: int = 0
    answers: int = 0
    items: set[str] = field(default_factory=set)


class Tally:
    """Counts answers. An answer is judged when it is known where the item stands."""

    def __init__(self) -> None:
        self.confusion: dict[tuple[str, str], int] = {}
        """(true shelf or ``AWAY``, said shelf or ``TAKEN`` or ``UNKNOWN``) → answers."""
        self._cells = [_Cell() for _ in range(BINS)]
        self._squares = 0.0

    def answer(self, item: str, place: str, belief: ItemBelief | None) -> None:
        """``item`` stands at ``place``, and ``belief`` was said of it (``None``: nothing, it was never there)."""
        said = said_place(belief)
        self.confusion[place, said] = self.confusion.get((place, said), 0) + 1
        if belief is None or said == UNKNOWN:
            return
        is_so = belief.shelf == place
        cell = self._cells[min(int(belief.p * BINS), BINS - 1)]
        cell.said += belief.p
        cell.was_so += is_so
        cell.answers += 1
        cell.items.add(item)
        self._squares += (belief.p - is_so) ** 2

    @property
    def answers(self) -> int:
        """Answers that were judged."""
        return sum(self.confusion.values())

    @property
    def unknown(self) -> int:
        """Answers that said nothing, because an antenna was silent."""
        return sum(count for (_, said), count in self.confusion.items() if said == UNKNOWN)

    @property
    def right_shelf(self) -> float | None:
        """Of the items that stand and were said to stand: the share on the right shelf."""
        stands = {
            cell: count
            for cell, count in self.confusion.items()
            if cell[0] != AWAY and cell[1] not in {TAKEN, UNKNOWN}
        }
        right = sum(count for (place, said), count in stands.items() if place == said)
        return right / sum(stands.values()) if stands else None

    @property
    def right(self) -> float | None:
        """Of all answers that said something: the share that was right, shelf or away."""
        judged = self.answers - self.unknown
        right = sum(
            count for (place, said), count in self.confusion.items() if said == (TAKEN if place == AWAY else place)
        )
        return right / judged if judged else None

    @property
    def brier(self) -> float | None:
        """Mean squared difference between the probability said and what was so (Brier 1950)."""
        answers = sum(cell.answers for cell in self._cells)
        return self._squares / answers if answers else None

    @property
    def ece(self) -> float | None:
        """Expected calibration error: |said − was so| over ten bins of equal width, weighted by answers."""
        answers = sum(cell.answers for cell in self._cells)
        return sum(abs(cell.said - cell.was_so) for cell in self._cells) / answers if answers else None

    def reliability(self) -> list[Bin]:
        """The bins that have answers, from low probabilities to high ones."""
        return [
            Bin(
                number / BINS,
                (number + 1) / BINS,
                cell.said / cell.answers,
                cell.was_so / cell.answers,
                cell.answers,
                len(cell.items),
                *wilson(cell.was_so / cell.answers, len(cell.items)),
            )
            for number, cell in enumerate(self._cells)
            if cell.answers
        ]


def said_place(belief: ItemBelief | None) -> str:
    """A belief as one word: a shelf, ``TAKEN`` or ``UNKNOWN``."""
    if belief is None or belief.state == "taken":
        return TAKEN
    return UNKNOWN if belief.state == "unknown" else belief.shelf


def wilson(share: float, count: int) -> tuple[float, float]:
    """Bounds of a share that was seen in ``count`` trials, 95 % confidence (Wilson's score interval)."""
    if count <= 0:
        return 0.0, 1.0
    z2 = _Z95 * _Z95 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = _Z95 * math.sqrt(share * (1 - share) / count + z2 / (4 * count)) / (1 + z2)
    return max(0.0, middle - half), min(1.0, middle + half)
