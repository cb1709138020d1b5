"""The mean service time in layers: the store's long-run mean → this store now → this lane.

The long-run mean is right on average and wrong for this hour (baskets are bigger on Saturday) and for this cashier.
Each layer is a ratio of busy time to services, shrunk towards the layer above by as many pretended services as the
layer's spread deserves (a gamma prior on the rate; Bühlmann's credibility). Old evidence is forgotten by half-life,
and a lane forgets its own when it opens or its cashier changes. Where the till tells the items, a service counts
for more: its time is compared with what such a basket takes (items^0.70), so that the basket's luck does not pass
for the cashier's.
"""

import math
from typing import Final

from edge.core.wait.service import ITEMS_POWER

STORE_PRIOR: Final = 8.0
"""Services after which the store's last half hour outweighs its long-run mean."""

LANE_PRIOR: Final = 8.0
"""Services after which a lane's own outweigh the store's."""

ITEM_WEIGHT: Final = 2.5
"""What a service with known items is worth of one without."""

LEAVING: Final = 1.0 / 1000.0
"""How often one who waits leaves unserved (gives up, walks to another lane), per second; to begin with."""

LEAVING_BANK: Final = 1.0 / 3000.0
"""The same of a line that all kiosks share: there is no shorter one to walk to."""

LEAVING_PRIOR: Final = 8.0
COMING_PRIOR: Final = 8.0

LONGEST_MEANS: Final = 3.0
"""A service counts as no longer than that: a stop is not how fast the cashier is."""

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
        self._usual_leaving = leaving
        self._now = Fading(2400.0)
        self._baskets = Fading(7200.0)
        self._left = Fading(5400.0)
        self._came = Fading(1800.0)

    @property
    def mean(self) -> float:
        """The mean service time of this kind of lane now, seconds."""
        return (self._now.amount + STORE_PRIOR * self.long_run) / (self._now.count + STORE_PRIOR)

    @property
    def uncertainty(self) -> float:
        """The squared relative standard error of `mean`."""
        return 0.5 / (self._now.count + STORE_PRIOR)

    def add(self, t: float, services: float, busy: float) -> None:
        """Take in `services` that took `busy` seconds together."""
        self._now.add(t, services, busy)

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
        self._own = Fading(3600.0)

    def reset(self) -> None:
        """The lane opened, or another cashier sat down: what was known of the last one is worth nothing."""
        self._own = Fading(3600.0)

    @property
    def factor(self) -> float:
        """This lane's service time over the store's."""
        return (self._own.amount + LANE_PRIOR) / (self._own.count + LANE_PRIOR)

    @property
    def mean(self) -> float:
        """The lane's mean service time now, seconds."""
        return self.store.mean * self.factor

    @property
    def uncertainty(self) -> float:
        """The squared relative standard error of `mean`."""
        return 0.5 / (self._own.count + LANE_PRIOR) + self.store.uncertainty

    def served(self, t: float, seconds: float, items: float | None = None) -> None:
        """Take in one service that took `seconds` from one start to the next one's."""
        seconds = min(seconds, LONGEST_MEANS * self.mean)
        expected = self.store.mean
        weight = 1.0
        if items is not None:
            expected *= self.store.basket(t, items)
            weight = ITEM_WEIGHT
        self.store.add(t, 1.0, seconds)
        self._own.add(t, weight, weight * min(seconds / expected, 5.0))

    def inferred(self, t: float, departures: float, busy: float) -> None:
        """Take in `departures` seen by the camera alone in `busy` seconds of service."""
        expected = self.store.mean
        self.store.add(t, departures, busy)
        self._own.add(t, departures, busy / expected)
