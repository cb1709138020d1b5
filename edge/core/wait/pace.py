"""The mean service time in layers: the store's long-run mean → this store now → this lane.

The long-run mean is right on average and wrong for this hour (baskets are bigger on Saturday) and for this cashier.
What is known of both is one Gaussian over their logarithms (`layers`), so that what one lane tells is told to all as
far as it is theirs, old evidence fades as hours and cashiers change, and a lane forgets its own when it opens. Where
the till tells the items, a service counts for more: its time is compared with what such a basket takes (items^0.70),
so that the basket's luck does not pass for the cashier's.
"""

import math
from typing import Final

from edge.core.wait.layers import PaceLayers
from edge.core.wait.service import ITEMS_POWER

SPREAD: Final = 0.4
"""The variance of the logarithm of a service time at a known pace."""

SPREAD_OF_KNOWN: Final = 0.15
"""The same where the basket is known."""

LIKELY: Final = 4.5
"""How unlikely (its log-likelihood below the best) a service time is to count half."""

HELD, HELD_WEIGHT, HELD_LEAST = 0.5, 10.0, 0.15
"""What share of a service's information counts hold to begin with, what that is worth in services, and the least."""

LEAVING: Final = 1.0 / 1000.0
"""How often one who waits leaves unserved (gives up, walks to another lane), per second; to begin with."""

LEAVING_BANK: Final = 1.0 / 3000.0
"""The same of a line that all kiosks share: there is no shorter one to walk to."""

LEAVING_PRIOR: Final = 8.0
COMING_PRIOR: Final = 8.0

LONGEST_MEANS: Final = 3.0
"""A service older than that has stopped: it says nothing of how fast the cashier is."""

FEW_ITEMS: Final = 3.0
"""Items that the handling of any basket is worth (greeting, paying)."""


class Fading:
    """A pair of sums (how many, how much) that fade with `half_life` seconds."""

    def __init__(self, half_life: float) -> None:
        self._rate = math.log(2.0) / half_life
        self._t = 0.0
        self.count = 0.0
        self.amount = 0.0

    def add(self, t: float, count: float, amount: float) -> None:
        """Add evidence of time `t`; a sum never falls below 0."""
        self.fade(t)
        self.count = max(self.count + count, 0.0)
        self.amount = max(self.amount + amount, 0.0)

    def fade(self, t: float) -> None:
        """Let the evidence fade until `t`."""
        if t > self._t:
            factor = math.exp(-self._rate * (t - self._t))
            self.count *= factor
            self.amount *= factor
            self._t = t


class StorePace:
    """One kind of lane in this store now: mean service seconds, and how much a basket of k items takes of it."""

    def __init__(self, long_run: float, *, leaving: float = LEAVING) -> None:
        self.long_run = long_run
        self.layers = PaceLayers()
        self._usual_leaving = leaving
        self._baskets = Fading(7200.0)
        self._left = Fading(5400.0)
        self._came = Fading(1800.0)
        self._slopes = Fading(3600.0)

    @property
    def mean(self) -> float:
        """The mean service time of this kind of lane now, seconds."""
        return self.long_run * math.exp(self.layers.log_pace[0])

    @property
    def uncertainty(self) -> float:
        """The squared relative standard error of `mean`."""
        return float(self.layers.spread[0])

    @property
    def leaving(self) -> float:
        """How often one who waits leaves unserved, per second."""
        rate = (self._left.amount + LEAVING_PRIOR) / (self._left.count + LEAVING_PRIOR / self._usual_leaving)
        return min(max(rate, 1.0 / 5000.0), 1.0 / 200.0)

    @property
    def coming(self) -> float:
        """How often people join, over one per server and long-run mean service."""
        rate = (self._came.amount + COMING_PRIOR) / (self._came.count + COMING_PRIOR)
        return min(max(rate, 0.1), 4.0)

    def came(self, t: float, joined: float, due: float) -> None:
        """Take in that `joined` people joined where `due` were expected by the rate supposed."""
        self._came.add(t, due / self.coming, joined)

    def walked_away(self, t: float, left: float, waited: float) -> None:
        """Take in that `left` people left unserved in `waited` seconds of waiting."""
        self._left.add(t, waited, left)

    def held(self, t: float, slope: float, due: float) -> float:
        """What share of the information of `due` services the counts hold, by the squares of the slopes so far."""
        share = (self._slopes.amount + HELD_WEIGHT * HELD) / (self._slopes.count + HELD_WEIGHT)
        self._slopes.add(t, due, slope * slope)
        return min(max(share, HELD_LEAST), 1.0)

    def basket(self, t: float, items: float) -> float:
        """How long a basket of `items` takes in units of the mean one; learns the mix of baskets."""
        size = (max(items, 0.0) + FEW_ITEMS) ** ITEMS_POWER
        self._baskets.add(t, 1.0, size)
        usual = (self._baskets.amount + 4.0 * size) / (self._baskets.count + 4.0)
        return float(size / usual)


class LanePace:
    """One lane: how much slower or faster than its kind in this store now, and so its mean service time."""

    def __init__(self, store: StorePace) -> None:
        self.store = store
        self._place = store.layers.lane()

    def reset(self) -> None:
        """The lane opened, or another cashier sat down: what was known of the last one is worth nothing."""
        self.store.layers.reset(self._place)

    @property
    def factor(self) -> float:
        """This lane's service time over the store's."""
        return math.exp(self.store.layers.own[self._place])

    @property
    def mean(self) -> float:
        """The lane's mean service time now, seconds."""
        return self.store.long_run * math.exp(self.store.layers.log_pace[self._place])

    @property
    def uncertainty(self) -> float:
        """The squared relative standard error of `mean`."""
        return float(self.store.layers.spread[self._place])

    def served(self, t: float, seconds: float, items: float | None = None) -> None:
        """Take in one service that took `seconds` from one start to the next one's."""
        spread = SPREAD
        basket = 1.0
        if items is not None:
            basket = self.store.basket(t, items)
            spread = SPREAD_OF_KNOWN
        seen = math.log(seconds / basket / self.store.long_run) + 0.5 * spread
        now = math.log(self.mean / self.store.long_run)
        off = seen - now
        # A service far beyond what the pace foretells is a stop, or a lost message: it says less, at last nothing.
        doubt = 1.0 / (1.0 + math.exp(0.5 * off * off / (spread + self.uncertainty) - LIKELY))
        self.store.layers.weigh(t, self._place, doubt * off / spread, doubt / spread, now)

    def inferred(self, t: float, departures: float, busy: float, *, sure: float = 1.0) -> None:
        """Take in `departures` inferred by the camera alone in `busy` seconds of service.

        The slope of the counts' log-likelihood in the log pace is services due less services inferred (Fisher's
        identity). Its curvature is not that of services seen for certain, but what counts hold of it (Louis 1982); it
        is learnt from the slopes' squares, which it is the mean of. `sure` is how far both are believed.
        """
        due = busy / self.mean
        slope = due - departures
        share = self.store.held(t, slope, due)
        now = math.log(self.mean / self.store.long_run)
        self.store.layers.weigh(t, self._place, sure * slope, sure * share * due, now)
