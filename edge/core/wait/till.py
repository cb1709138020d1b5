"""What a till's starts and ends say of a lane: hard evidence that comes a little late and sometimes not at all.

A transaction's end is heard when the customer has paid; bagging takes a while longer, and only then does the next
one begin. So the cycle of a lane is transaction + gap. An end without its start, or a start without the last one's
end, is a lost message, not a contradiction.
"""

from dataclasses import dataclass
from typing import Final

GAP_PRIOR_S: Final = 8.0
LONGEST_GAP_S: Final = 45.0
LOST: Final = 0.05
"""How many of a till's messages are taken to be lost."""

BAG_CELLS: Final = 15
BAG_CELL_S: Final = 2.0


@dataclass(frozen=True)
class Served:
    """One transaction that ended: how long from its start to its end, `None` where the start was lost."""

    seconds: float | None
    items: float | None


class Gap:
    """The time between a transaction's end and the next one's start, and how long one who has paid is still seen.

    Shared by all lanes of a kind. `still_seen(s)` is a survival curve over the seconds since the end.
    """

    def __init__(self) -> None:
        self._sum, self._count = 4.0 * GAP_PRIOR_S, 4.0
        self._risk = [8.0] * BAG_CELLS
        self._left = [8.0 * 0.22] * BAG_CELLS
        self._curve()

    @property
    def mean(self) -> float:
        """Seconds from an end to the next start while somebody waits."""
        return self._sum / self._count

    def observe(self, seconds: float) -> None:
        """A gap of `seconds` was heard while somebody waited."""
        if 0.0 <= seconds <= LONGEST_GAP_S:
            self._sum += seconds
            self._count += 1.0
            if self._count > 200.0:
                self._sum, self._count = self._sum * 0.5, self._count * 0.5

    def left_after(self, seconds: float, *, dropped: bool) -> None:
        """After an end the count had not dropped for `seconds`; then it did, or nobody looked any longer."""
        last = min(int(seconds / BAG_CELL_S), BAG_CELLS - 1)
        for cell in range(last + 1):
            self._risk[cell] += 1.0
        if dropped:
            self._left[last] += 1.0
        self._curve()

    def still_seen(self, since_end: float) -> float:
        """The probability that the one who paid `since_end` seconds ago still stands in the picture."""
        cell = int(since_end / BAG_CELL_S)
        return self._seen[cell] if cell < BAG_CELLS else 0.0

    def leaves(self, before: float, now: float) -> float:
        """The probability that one who was seen `before` seconds after they paid is gone `now`."""
        seen = self.still_seen(before)
        return 1.0 - self.still_seen(now) / seen if seen > 1e-6 else 1.0

    def _curve(self) -> None:
        seen, self._seen = 1.0, []
        for risk, left in zip(self._risk, self._left, strict=True):
            self._seen.append(seen * (1.0 - 0.5 * left / risk))
            seen *= 1.0 - left / risk


class Till:
    """The transactions of one server of a lane."""

    def __init__(self) -> None:
        self.started: float | None = None
        self.ended: float | None = None

    @property
    def serving(self) -> bool:
        """Whether a transaction is in progress, as far as was heard."""
        return self.started is not None

    def start(self, t: float) -> bool:
        """A transaction starts; true if the last one's end must have been lost."""
        lost = self.started is not None
        self.started = t
        return lost

    def end(self, t: float, items: float | None) -> Served:
        """The transaction ends."""
        seconds = t - self.started if self.started is not None else None
        self.started, self.ended = None, t
        return Served(seconds, items)
