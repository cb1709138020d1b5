"""A basket that is being scanned: what is left when so many pieces have passed, and none for so long.

How many are still to come follows from how large baskets are here (a lognormal, learnt from what was paid) given that
this one has at least those scanned. A pause says that the last one has passed: then only the payment is left.
"""

import math
from dataclasses import dataclass
from typing import Final

from edge.core.wait.pace import Fading
from edge.core.wait.service import upper_tail

HALF_LIFE_S: Final = 4 * 3600.0
PRIOR: Final = 6.0
"""What is supposed at first is worth so many baskets."""

FIRST_LOG_ITEMS, FIRST_LOG_VAR = 2.2, 0.6
FIRST_PIECE_S: Final = 3.5
FIRST_PAYING_S: Final = 20.0
PIECE_SCV, PAYING_SCV = 0.6, 0.4
OWN_PIECES: Final = 8.0
"""Pieces after which this basket's own seconds per piece outweigh the usual ones."""

LONGEST_PIECE_S: Final = 60.0
PAUSE_PIECES: Final = 1.5
"""A pause of so many pieces' time is as likely as 1 in e while pieces are still to come."""


@dataclass(frozen=True)
class Pieces:
    """So many `scanned` in `took` seconds, none for `silent` seconds; `told` is how many there were said to be."""

    scanned: int
    silent: float
    took: float
    told: float | None = None


class Scanning:
    """What is learnt of baskets that are scanned: how large they are, seconds per piece, seconds to pay."""

    def __init__(self) -> None:
        self._logs = Fading(HALF_LIFE_S)
        self._squares = Fading(HALF_LIFE_S)
        self._pieces = Fading(HALF_LIFE_S)
        self._paying = Fading(HALF_LIFE_S)

    def paid(self, t: float, items: float) -> None:
        """A basket of `items` was paid."""
        log = math.log(max(items, 1.0))
        self._logs.add(t, 1.0, log)
        self._squares.add(t, 1.0, (log - self._log_items) ** 2)

    def scanned(self, t: float, pieces: int, seconds: float) -> None:
        """So many more pieces passed in `seconds`."""
        self._pieces.add(t, pieces, min(seconds, LONGEST_PIECE_S * pieces))

    def ended(self, t: float, seconds: float) -> None:
        """The payment ended `seconds` after the last piece."""
        self._paying.add(t, 1.0, min(seconds, 10.0 * FIRST_PAYING_S))

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

    def left(self, now: Pieces) -> tuple[float, float]:
        """Mean and variance of what is left until the end, seconds."""
        usual = (self._pieces.amount + 10.0 * PRIOR * FIRST_PIECE_S) / (self._pieces.count + 10.0 * PRIOR)
        piece = (now.took + OWN_PIECES * usual) / (now.scanned + OWN_PIECES)
        last, more, spread = self._to_come(now)
        paying = self.paying_s
        # While pieces are to come, a long pause is rare.
        silence = math.exp(-max(now.silent - piece, 0.0) / (PAUSE_PIECES * piece))
        over = last / (last + (1.0 - last) * silence) if last < 1.0 else 1.0
        goes_on = max(more * piece - min(now.silent, piece), 0.0) + paying
        pays = max(paying - now.silent, 0.3 * paying)
        mean = over * pays + (1.0 - over) * goes_on
        var = PAYING_SCV * paying * paying + (1.0 - over) * (spread + PIECE_SCV * more) * piece * piece
        return mean, var + over * (1.0 - over) * (goes_on - pays) ** 2

    def _to_come(self, now: Pieces) -> tuple[float, float, float]:
        """The chance that none is to come; how many else, and their variance."""
        if now.told is not None and now.told >= now.scanned:
            rest = now.told - now.scanned
            return (0.9 if rest < 0.5 else 0.02), max(rest, 1.0), 0.1 * rest
        mu, sigma = self._log_items, self._sigma
        here = upper_tail((math.log(max(now.scanned - 0.5, 0.5)) - mu) / sigma)
        z = (math.log(now.scanned + 0.5) - mu) / sigma
        beyond = upper_tail(z)
        if here < 1e-9 or beyond < 1e-9:
            return 0.1, 0.3 * now.scanned, float(now.scanned)
        mean = math.exp(mu + 0.5 * sigma * sigma) * upper_tail(z - sigma) / beyond
        square = math.exp(2.0 * (mu + sigma * sigma)) * upper_tail(z - 2.0 * sigma) / beyond
        return 1.0 - beyond / here, max(mean - now.scanned, 1.0), max(square - mean * mean, 0.0)
