"""The wait of one who joins a bank of kiosks: let the kiosks work, once for every history drawn from the belief.

Each history knows the kiosks' ages and who waits. What is left of each service is drawn from the lognormal's
residual life, those ahead take the kiosk that gets free first, and so does the newcomer (the delay of a G/G/c queue
given its state; Ibrahim and Whitt 2009 call it the full-information predictor). The same draws serve every forecast
(common random numbers), so that a wait does not flicker.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np

from edge.core.wait.bank_belief import BAGGING_MEAN, BankBelief
from edge.core.wait.bank_particles import BAGGING, FREE, Indices
from edge.core.wait.service import CELLS_PER_MEAN, OLDEST_MEANS, Floats, ServiceShape, upper_tail

DRAWS: Final = 256
MOST_AHEAD: Final = 48
STOP_LEAST_S: Final = 150.0

_Z: Final = np.linspace(-4.5, 6.5, 551)
_LOG_TAIL: Final = np.log([upper_tail(float(z)) for z in _Z])[::-1].copy()
_Z_DOWN: Final = _Z[::-1].copy()


def _normal(even: Floats) -> Floats:
    """The standard normal that is exceeded with probability `even`."""
    z: Floats = np.interp(np.log(even), _LOG_TAIL, _Z_DOWN)
    return z


class Draws:
    """Numbers between 0 and 1 over (rows, draws), the same at every call; every row is spread evenly."""

    def __init__(self, rows: int) -> None:
        dice = np.random.default_rng(rows)
        self.even: Floats = np.array([(dice.permutation(DRAWS) + 0.5) / DRAWS for _ in range(rows)])
        self.normal: Floats = _normal(self.even)


@lru_cache(maxsize=32)
def draws(rows: int) -> Draws:
    """The draws for so many rows."""
    return Draws(rows)


@dataclass(frozen=True)
class Pace:
    """How long services take now: mean and squared relative error of it, the gap after a transaction that is heard
    (0 where none is), the rate at which those waiting leave unserved.

    `known`: kiosk → how long the basket at it takes over the usual one, where it is known; with `known_sigma` as the
    spread of its logarithm. `line`: the same of those who wait, on the mean.
    """

    mean: float
    uncertainty: float
    gap: float
    leaving: float
    known: Mapping[int, float] = field(default_factory=dict)
    known_sigma: float = 0.35
    line: float = 1.0


class BankForecast:
    """Equally likely waits, seconds; `turn` is after how many departures a newcomer is served, on the mean."""

    def __init__(self, waits: Floats, turn: float) -> None:
        self._waits: Floats = np.sort(waits)
        self.mean = float(waits.mean())
        self.turn = turn

    @property
    def point(self) -> float:
        """The one number that errs least in absolute terms: the median, seconds."""
        return self.quantile(0.5)

    @property
    def none(self) -> float:
        """The probability of no wait at all."""
        return float(np.count_nonzero(self._waits <= 0.0)) / len(self._waits)

    def quantile(self, level: float) -> float:
        """The wait that is not exceeded with probability `level`, seconds."""
        return float(np.interp(level * len(self._waits) - 0.5, np.arange(len(self._waits)), self._waits))


@dataclass(frozen=True)
class _Drawn:
    """The drawn histories in which no kiosk is free: their draws' numbers, those ahead, ages and phases over
    (kiosks, histories), and the mean service time supposed in each."""

    at: Indices
    ahead: Indices
    age: Floats
    phase: Floats
    mean: Floats


def forecast(belief: BankBelief, pace: Pace) -> BankForecast:
    """The wait of one who joins now."""
    picked = belief.pick(DRAWS)
    phase, waiting = belief.phase[:, picked], belief.waiting[picked]
    full = (phase > FREE).all(axis=0)
    waits = np.zeros(DRAWS)
    at = np.flatnonzero(full)
    if len(at):
        sigma = math.sqrt(math.log1p(pace.uncertainty))
        mean = pace.mean * np.exp(sigma * draws(1).normal[0, at] - 0.5 * sigma * sigma)
        drawn = _Drawn(at, waiting[at].astype(np.intp), belief.age[:, picked[at]], phase[:, at], mean)
        waits[at] = _work(drawn, _left(drawn, belief.shape, pace), belief.shape, pace)
    return BankForecast(waits, float((waiting + full).mean()))


def _left(drawn: _Drawn, shape: ServiceShape, pace: Pace) -> Floats:
    """What is left until each kiosk is free, seconds, over (histories, kiosks)."""
    age, kiosks, gap = drawn.age, len(drawn.age), pace.gap
    mean, sigma = np.tile(drawn.mean, (kiosks, 1)), np.full((kiosks, 1), shape.sigma)
    for kiosk, size in pace.known.items():
        mean[kiosk] *= size
        sigma[kiosk] = pace.known_sigma
    mu = -0.5 * sigma * sigma
    dice = draws(2 * kiosks).even[:, drawn.at]
    even, luck = dice[:kiosks], dice[kiosks:]
    # Who is still in a transaction will bag as well.
    aged = (age + gap) / mean
    z = (np.log(np.maximum(aged, 1e-6)) - mu) / sigma
    tail = np.exp(np.interp(z, _Z, _LOG_TAIL[::-1]))
    left = mean * np.exp(mu + sigma * _normal(np.maximum(tail * even, 1e-11))) - age
    cells = np.minimum((aged * CELLS_PER_MEAN).astype(np.intp), OLDEST_MEANS * CELLS_PER_MEAN)
    halt = -np.log(even) * np.maximum(STOP_LEAST_S, 0.6 * age)
    left = np.where(luck < shape.stopped[cells], halt, np.maximum(left, 0.5))
    if gap > 0.0:
        scale = gap / BAGGING_MEAN
        bags = scale * np.sqrt((age / scale) ** 2 - np.log(even)) - age
        left = np.where(drawn.phase == BAGGING, bags, left)
    return np.ascontiguousarray(left.T)


def _work(drawn: _Drawn, free: Floats, shape: ServiceShape, pace: Pace) -> Floats:
    """Serve those ahead in turn, each at the kiosk that is free first; until the newcomer's turn, seconds."""
    services, stays = draws(MOST_AHEAD).normal, draws(MOST_AHEAD + 1).even
    for turn in range(min(int(drawn.ahead.max()), MOST_AHEAD)):
        those = np.flatnonzero(drawn.ahead > turn)
        first = free[those].argmin(axis=1)
        begin, at = free[those, first], drawn.at[those]
        takes = pace.line * drawn.mean[those] * np.exp(shape.mu + shape.sigma * services[turn, at])
        free[those, first] = begin + takes * (stays[turn, at] < np.exp(-pace.leaving * begin))
    waits: Floats = free.min(axis=1)
    waits += np.maximum(drawn.ahead - MOST_AHEAD, 0) * drawn.mean / free.shape[1]
    return waits
