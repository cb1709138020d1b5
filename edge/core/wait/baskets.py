"""What is known of baskets: how long a service with a known one takes, and what is left of the one in progress.

A service takes about items^0.70 (Antczak and Weron 2019), and one whose basket is known is far less uncertain than
any other. How far this holds here is learnt: what tills say before is compared with how long services then took (a
regression in logarithms, shrunk towards the theory), so that tills that say nonsense are soon not listened to.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from edge.core.wait.in_line import InLine, Known, known
from edge.core.wait.levels import Levels
from edge.core.wait.pace import FEW_ITEMS, Fading
from edge.core.wait.scanning import HALT_S, Pieces, Scanning
from edge.core.wait.service import ITEMS_POWER, Floats, ServiceShape

Left = tuple[float, float]
"""What is left of a service: mean and variance, seconds and their square."""

MIX_HALF_LIFE_S: Final = 2400.0
"""As fast as the pace forgets, so that a size is compared with the baskets that made the pace."""

LEARNT_HALF_LIFE_S: Final = 4 * 3600.0
FEW_BASKETS: Final = 4.0
USUAL_ITEMS: Final = 12.0
"""Before any was paid here, half of `FEW_BASKETS` are taken to have so many, half to be like the one asked for."""

USUAL_TAKES: Final = math.pow(USUAL_ITEMS + FEW_ITEMS, ITEMS_POWER)
SLOPE_PRIOR: Final = 1.0
"""What the theory is worth: as much as so large a sum of squared differences of log sizes (some four baskets)."""

SPREAD_PRIOR, SPREAD_WEIGHT = 0.14, 10.0
"""The variance of log service times of known baskets, and what it is worth in baskets, to begin with."""

LEAST_SPREAD, MOST_SPREAD = 0.05, 0.4
FURTHEST: Final = 1.5
"""A service that took e^1.5 times what was expected says no more than that: it was a stop, or a lost message."""

STOPPED_Z: Final = 2.054
LEAST_LINE: Final = 0.3
LEAST_LIMIT: Final = 0.5
"""However small the basket, a lane has stopped no sooner than after half of what stops one with an unknown basket."""


@lru_cache(maxsize=64)
def shape_of(scv: float) -> ServiceShape:
    """A shape for about that squared coefficient of variation."""
    return ServiceShape(scv)


class Sums:
    """Sums over pairs (x, y) that fade."""

    def __init__(self, half_life: float) -> None:
        self._rate = math.log(2.0) / half_life
        self._t = 0.0
        self.n = self.x = self.y = self.xx = self.xy = 0.0

    def add(self, t: float, x: float, y: float) -> None:
        """Add a pair of time `t`."""
        if t > self._t:
            fade = math.exp(-self._rate * (t - self._t))
            self.n, self.x, self.y, self.xx, self.xy = (
                fade * one for one in (self.n, self.x, self.y, self.xx, self.xy)
            )
            self._t = t
        self.n += 1.0
        self.x += x
        self.y += y
        self.xx += x * x
        self.xy += x * y

    @property
    def slope(self) -> float:
        """How y follows x, shrunk towards 1; from 0 to 1."""
        n = max(self.n, 1.0)
        with_x = max(self.xx - self.x * self.x / n, 0.0)
        with_y = self.xy - self.x * self.y / n
        return min(max((with_y + SLOPE_PRIOR) / (with_x + SLOPE_PRIOR), 0.0), 1.0)


class Baskets:
    """What all lanes of a kind share: the mix of baskets, how well a basket foretells its service, levels."""

    def __init__(self) -> None:
        self._mix = Fading(MIX_HALF_LIFE_S)
        self._learnt = Sums(LEARNT_HALF_LIFE_S)
        self._spread = Fading(LEARNT_HALF_LIFE_S)
        self.scanning = Scanning()
        self.levels = Levels()

    def size(self, items: float) -> float:
        """How long a basket of `items` takes in units of the mean one, by the theory."""
        takes = math.pow(max(items, 0.0) + FEW_ITEMS, ITEMS_POWER)
        supposed = 0.5 * FEW_BASKETS * (takes + USUAL_TAKES)
        return takes * (self._mix.count + FEW_BASKETS) / (self._mix.amount + supposed)

    def took(self, items: float) -> float:
        """The same as far as services here have borne it out."""
        return math.pow(self.size(items), self._learnt.slope)

    def took_all(self, items: Floats) -> Floats:
        """`took` for many baskets at once."""
        takes = np.power(items + FEW_ITEMS, ITEMS_POWER)
        found: Floats = np.power(takes * self.size(USUAL_ITEMS) / USUAL_TAKES, self._learnt.slope)
        return found

    @property
    def spread(self) -> float:
        """The variance of log service times of known baskets."""
        spread = (self._spread.amount + SPREAD_WEIGHT * SPREAD_PRIOR) / (self._spread.count + SPREAD_WEIGHT)
        return min(max(spread, LEAST_SPREAD), MOST_SPREAD)

    @property
    def shape(self) -> ServiceShape:
        """How services with a known basket spread."""
        return shape_of(round(math.expm1(self.spread), 2))

    def served(self, t: float, items: float, *, seconds: float | None, mean: float, told: float | None) -> None:
        """A basket of `items` was paid after `seconds` where `mean` was usual; `told` is what was said before."""
        if seconds is not None:
            x = math.log(self.size(items if told is None else told))
            y = min(max(math.log(max(seconds, 1.0) / mean), -FURTHEST), FURTHEST)
            few = self._learnt.n + FEW_BASKETS
            off = y - self._learnt.y / few - self._learnt.slope * (x - self._learnt.x / few)
            self._spread.add(t, 1.0, min(off * off, FURTHEST))
            self._learnt.add(t, x, y)
        self._mix.add(t, 1.0, math.pow(items + FEW_ITEMS, ITEMS_POWER))
        self.scanning.paid(t, items)


@dataclass
class InService:
    """The basket of one in service: when it began, what was usual then, how many items it was said to have (and how
    sure that is), and what has been scanned of it."""

    began: float
    mean: float
    told: float | None
    levels: dict[str, float]
    sure: float = 1.0
    scanned: int = 0
    scanned_t: float = 0.0


class LaneBaskets:
    """The baskets at one lane's servers. Times in seconds."""

    def __init__(self, shared: Baskets) -> None:
        self.shared = shared
        self.in_line = InLine()
        self._serving: dict[int, InService] = {}

    def begin(self, t: float, server: int, mean: float, items: float | None, departures: float) -> None:
        """A service begins where `mean` seconds are usual, after so many departures; `items` where they are known."""
        told, sure = items, 1.0
        if items is None and (turn := self.in_line.turn(departures)) is not None:
            told, sure = turn
        self._serving[server] = InService(t, mean, told, self.shared.levels.now(t), sure)

    def scanned(self, t: float, server: int, pieces: int | None) -> None:
        """So many pieces have been scanned so far; `None`: one more."""
        basket = self._serving.get(server)
        if basket is None:
            return
        pieces = basket.scanned + 1 if pieces is None else pieces
        if pieces > basket.scanned:
            basket.scanned, basket.scanned_t = pieces, t
        if basket.told is not None and basket.scanned > basket.told:
            basket.told = None

    def end(self, t: float, server: int, items: float | None, *, gap: float, departures: float) -> None:
        """The service ended with `items` paid, `gap` seconds before the next one can begin; so many left in all."""
        basket = self._serving.pop(server, None)
        if items is None:
            self.in_line.forget(t, departures)
            if basket is not None:
                took = math.log(max(t - basket.began + gap, 1.0) / basket.mean)
                self.shared.levels.served(t, min(max(took, -FURTHEST), FURTHEST), basket.levels)
            return
        items = max(items, 0.0)
        self.in_line.paid(t, items, departures)
        if basket is None:
            return
        seconds = t - basket.began + gap
        if basket.told is not None and basket.sure < 1.0:
            self.in_line.was_turn(basket.told, items)
        told = basket.told if basket.sure >= 1.0 else None
        self.shared.served(t, items, seconds=seconds, mean=basket.mean, told=told)
        if basket.scanned:
            self.shared.scanning.ended(t, t - basket.scanned_t, seconds)
        self.shared.levels.served(t, math.log(self.shared.size(items)), basket.levels)

    def told(self) -> dict[int, float]:
        """How long the baskets take, over the usual one, that servers are known to have, by server."""
        known = {server: one.told for server, one in self._serving.items() if one.sure >= 1.0}
        return {server: self.shared.took(items) for server, items in known.items() if items is not None}

    # --- the one in service -------------------------------------------------------------------------------------

    def left(self, t: float, mean: float, gap: float, usual: Left) -> Left | None:
        """What is left of the service in progress at a lane of one server; `None` where nothing is known of it.

        `usual` is what is left of one with an unknown basket.
        """
        basket = self._serving.get(0)
        if basket is None:
            return None
        if basket.scanned:
            told = basket.told if basket.sure >= 1.0 else None
            pieces = Pieces(basket.scanned, t - basket.scanned_t, basket.scanned_t - basket.began, told)
            left, var = self.shared.scanning.left(
                pieces, lambda items: mean * self.shared.took_all(items), self.shared.spread
            )
            return left + gap, var
        if basket.told is None:
            return None
        left, var = self._by_size(t - basket.began, mean * self.shared.took(basket.told))
        sure, other = basket.sure, usual[0] - left
        return sure * left + (1.0 - sure) * usual[0], (
            sure * var + (1.0 - sure) * usual[1] + sure * (1.0 - sure) * other * other
        )

    def _by_size(self, age: float, mean: float) -> Left:
        shape = self.shared.shape
        cell = shape.cell(age / mean)
        left, var = float(shape.left_mean[cell]) * mean, float(shape.left_var[cell]) * mean * mean
        stopped, halt = float(shape.stopped[cell]), max(HALT_S, 0.6 * age)
        var = var * (1.0 - stopped) + stopped * halt * halt + stopped * (1.0 - stopped) * (halt - left) ** 2
        return left * (1.0 - stopped) + stopped * halt, var

    def stops_after(self, mean: float, usual: float) -> float:
        """How old the service in progress may get before the lane has stopped, where `usual` is said of any."""
        basket = self._serving.get(0)
        if basket is None:
            return usual
        if basket.scanned:
            # Who still scans has not stopped.
            return max(basket.scanned_t - basket.began + max(mean, 60.0), LEAST_LIMIT * usual)
        if basket.told is None or basket.sure < 1.0:
            return usual
        return max(mean * self.shared.took(basket.told) * self.shared.shape.quantile(STOPPED_Z), LEAST_LIMIT * usual)

    # --- those in line ------------------------------------------------------------------------------------------

    def line(self, departures: float, people: float) -> float:
        """How long the services of `people` who wait take over the usual one, on the mean, as far as is known."""
        if not len(self.in_line):
            return 1.0
        found = self.waiting(departures, 0.0)
        return max(1.0 + found.more / max(people, found.baskets, 1.0), LEAST_LINE)

    def waiting(self, departures: float, scv: float) -> Known:
        """What the known baskets of those who wait change, where services of squared variation `scv` are usual."""
        sizes = [(self.shared.took(items), chance) for items, chance in self.in_line.sizes(departures)]
        return known(sizes, self.shared.shape.scv, scv)
