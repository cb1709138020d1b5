"""A basket that is being scanned: what is left when so many pieces have passed, and none for so long.

How many are still to come follows from how large baskets are here (a lognormal, learnt from what was paid) given that
this one has at least those scanned, and from their pace: a small basket takes longer for each of its pieces (all of
it takes about items^0.70). A pause says that the last one has passed: then only the payment is left.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.pace import Fading
from edge.core.wait.service import STOP_CHANCE, Floats

HALF_LIFE_S: Final = 4 * 3600.0
PRIOR: Final = 6.0
"""What is supposed at first is worth so many baskets."""

FIRST_LOG_ITEMS, FIRST_LOG_VAR = 2.2, 0.6
FIRST_PAYING_S: Final = 20.0
FIRST_SHARE: Final = 0.75
"""The share of a service until the last piece has passed, to begin with."""

PIECE_SCV, PAYING_SCV = 0.6, 0.4
PAYS_LATE: Final = 0.7
"""A payment that takes so much longer than usual (a share of it) is as likely as 1 in e."""

HALT_S: Final = 150.0
"""A stop lasts at least so much longer, and 0.6 of what it has lasted."""

PAUSE_PIECES: Final = 1.5
"""A pause of so many pieces' time is as likely as 1 in e while pieces are still to come."""

_MORE: Final[Floats] = np.array(
    [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28, 36, 46, 60, 80, 110, 150, 200, 270], dtype=np.float64
)
"""So many pieces may still come."""
_WIDTH: Final[Floats] = np.concatenate(([1.0], 0.5 * (_MORE[2:] - _MORE[:-2]), [70.0]))

Expected = Callable[[Floats], Floats]
"""How long services of baskets of so many items take here, seconds."""


@dataclass(frozen=True)
class Pieces:
    """So many `scanned` in `took` seconds, none for `silent` seconds; `told` is how many there were said to be."""

    scanned: int
    silent: float
    took: float
    told: float | None = None


class Scanning:
    """What is learnt of baskets that are scanned: how large they are, how long paying takes after the last piece."""

    def __init__(self) -> None:
        self._logs = Fading(HALF_LIFE_S)
        self._squares = Fading(HALF_LIFE_S)
        self._paying = Fading(HALF_LIFE_S)
        self._share = Fading(HALF_LIFE_S)

    def paid(self, t: float, items: float) -> None:
        """A basket of `items` was paid."""
        log = math.log(max(items, 1.0))
        self._logs.add(t, 1.0, log)
        self._squares.add(t, 1.0, (log - self._log_items) ** 2)

    def ended(self, t: float, seconds: float, took: float) -> None:
        """A payment ended `seconds` after the last piece; the whole service `took` so long, the gap included."""
        self._paying.add(t, 1.0, min(seconds, 10.0 * FIRST_PAYING_S))
        self._share.add(t, 1.0, 1.0 - min(seconds / max(took, 1.0), 1.0))

    @property
    def _log_items(self) -> float:
        return (self._logs.amount + PRIOR * FIRST_LOG_ITEMS) / (self._logs.count + PRIOR)

    @property
    def _sigma(self) -> float:
        spread = (self._squares.amount + PRIOR * FIRST_LOG_VAR) / (self._squares.count + PRIOR)
        return math.sqrt(max(spread, 0.05))

    @property
    def paying_s(self) -> float:
        """Seconds from the last piece to the end."""
        return (self._paying.amount + PRIOR * FIRST_PAYING_S) / (self._paying.count + PRIOR)

    @property
    def share(self) -> float:
        """The share of a service until its last piece has passed."""
        return (self._share.amount + PRIOR * FIRST_SHARE) / (self._share.count + PRIOR)

    def left(self, now: Pieces, expected: Expected, spread: float) -> tuple[float, float]:
        """Mean and variance of what is left until the end, seconds; `spread`: of services' logs, the basket known."""
        items = now.scanned + _MORE
        usual = self.share * expected(items) / items
        own = max(now.took, 1.0) / now.scanned
        weight = self._odds(now, items, np.log(own / usual), spread + PIECE_SCV / now.scanned)
        # This basket's own pace counts the more, the more of it has been seen.
        piece = np.exp(
            (now.scanned * math.log(own) + PIECE_SCV / spread * np.log(usual)) / (now.scanned + PIECE_SCV / spread)
        )
        silent = np.exp(-np.maximum(now.silent - piece, 0.0) / (PAUSE_PIECES * piece))
        paying = self.paying_s
        paid_by_now = math.exp(-max(now.silent - paying, 0.0) / (PAYS_LATE * paying))
        quiet = float(weight @ np.where(_MORE > 0.0, silent, paid_by_now)) / float(weight.sum())
        stopped = STOP_CHANCE / (STOP_CHANCE + quiet)
        weight = weight * np.where(_MORE > 0.0, silent, 1.0)
        weight /= weight.sum()
        goes_on = np.maximum(_MORE * piece - np.minimum(now.silent, piece), 0.0) + paying
        left = np.where(_MORE > 0.0, goes_on, max(paying - now.silent, 0.3 * paying))
        mean = float(weight @ left)
        var = float(
            weight @ ((left - mean) ** 2 + (PIECE_SCV * _MORE + spread * _MORE * _MORE / now.scanned) * piece * piece)
        )
        var += PAYING_SCV * paying * paying
        # Neither a piece nor the end for long: something else is the matter.
        halt = max(HALT_S, 0.6 * now.silent)
        other = var * (1.0 - stopped) + stopped * halt * halt + stopped * (1.0 - stopped) * (halt - mean) ** 2
        return mean * (1.0 - stopped) + stopped * halt, other

    def _odds(self, now: Pieces, items: Floats, off: Floats, spread: float) -> Floats:
        """How likely each number still to come is, but for the pause."""
        if now.told is not None and now.told >= now.scanned:
            odds: Floats = np.exp(-0.5 * ((items - now.told) / max(0.03 * now.told, 0.5)) ** 2) + 1e-12
            return odds
        z = (np.log(items) - self._log_items) / self._sigma
        # Student's tails: a pace that is far off was a stop, and says little of the size.
        pace = (1.0 + off * off / (3.0 * spread)) ** -2.0
        return np.asarray(_WIDTH / items * np.exp(-0.5 * z * z) * pace + 1e-300, dtype=np.float64)
