"""Levels: how big baskets are now all over the store, as shelves or shoppers' phones show it before a till does.

A level is any number that grows with the baskets (pieces taken per visitor, say); its scale is nobody's business, as
it is compared with what it was when the services took place that made the pace. Whether it foretells services is
learnt from every basket that is paid, like an expert's advice (Cesa-Bianchi and Lugosi 2006): it moves nothing before
it would have paid lately to listen to it, so that a level that is stale, or nonsense, does no harm.
"""

import math
from dataclasses import dataclass
from typing import Final

HALF_LIFE_S: Final = 2400.0
"""As fast as the pace forgets."""

LEARNT_HALF_LIFE_S: Final = 3 * 3600.0
FEW: Final = 3.0
DOUBT: Final = 1.0
"""Weighs against a level like so much evidence that it says nothing."""

FEWEST: Final = 15.0
"""Baskets that have to be paid before a level counts."""

LEAST, MOST = 0.7, 1.4
"""How much a level may change a service at most."""

LEVEL_BELIEVED_S: Final = 300.0


@dataclass
class _Level:
    """One source: its newest value, what it was at the services of late, and how well it would have done."""

    value: float
    t: float
    until: float
    count: float = 0.0
    usual: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    baskets: float = 0.0
    gain: float = 0.0

    @property
    def weight(self) -> float:
        if self.baskets < FEWEST or self.gain <= 0.0:
            return 0.0
        return self._slope

    @property
    def _slope(self) -> float:
        return min(max(self.xy / (self.xx + DOUBT), 0.0), 1.0)

    def off(self, t: float) -> float | None:
        """How much higher it is than it was, in logarithms; `None` where it cannot be believed."""
        if t > self.until:
            return None
        return self.value - (self.usual + FEW * self.value) / (self.count + FEW)

    def learn(self, x: float, y: float) -> None:
        """A basket was `y` larger than usual (in logarithms) when this level was `x` off."""
        self.gain += y * y - (y - self._slope * x) ** 2
        self.baskets += 1.0
        self.xx += x * x
        self.xy += x * y

    def fade(self, short: float, long: float) -> None:
        self.count, self.usual = short * self.count, short * self.usual
        self.xx, self.xy = long * self.xx, long * self.xy
        self.gain, self.baskets = long * self.gain, long * self.baskets


class Levels:
    """All levels that a kind of lane hears of."""

    def __init__(self) -> None:
        self._levels: dict[str, _Level] = {}
        self._t = 0.0
        self._served = 0.0
        self._larger = 0.0

    def heard(self, t: float, source: str, value: float, believed_s: float = LEVEL_BELIEVED_S) -> None:
        """A source tells its level (above 0), to be believed for so long."""
        if value <= 0.0:
            return
        log = math.log(value)
        known = self._levels.get(source)
        if known is None:
            self._levels[source] = _Level(log, t, t + believed_s)
        else:
            known.value, known.t, known.until = log, t, t + believed_s

    def now(self, t: float) -> dict[str, float]:
        """How far each level is off what it was; to be handed back when the service that begins now is over."""
        found = {source: level.off(t) for source, level in self._levels.items()}
        return {source: off for source, off in found.items() if off is not None}

    def factor(self, t: float) -> float:
        """How much longer than usual the services of those who come next are expected to take."""
        best = max(self._levels.values(), key=lambda level: level.gain, default=None)
        off = best.off(t) if best is not None else None
        if best is None or off is None or best.weight <= 0.0:
            return 1.0
        return min(max(math.exp(best.weight * off), LEAST), MOST)

    def served(self, t: float, log_size: float, began: dict[str, float]) -> None:
        """A basket of that size (logarithm, over the usual) was paid; `began` is what `now` gave when it began."""
        self._fade(t)
        y = log_size - self._larger / (self._served + FEW)
        self._served += 1.0
        self._larger += log_size
        for source, level in self._levels.items():
            if source in began:
                level.learn(began[source], y)
            level.count += 1.0
            level.usual += level.value

    def _fade(self, t: float) -> None:
        if t <= self._t:
            return
        short, long = (math.exp(-math.log(2.0) * (t - self._t) / life) for life in (HALF_LIFE_S, LEARNT_HALF_LIFE_S))
        self._t = t
        self._served, self._larger = short * self._served, short * self._larger
        for level in self._levels.values():
            level.fade(short, long)
