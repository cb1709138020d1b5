"""What one can say of a wait who knows the true counts, the elapsed services and the cashier's speed.

The oracle knows neither the baskets nor the future: it draws what is left of each service in progress and the whole
services of those who wait from a lognormal of that speed, and lets the servers work. It tells the mean, as queueing
theory does, and the median, which errs less in absolute terms.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.service import Floats, ServiceShape
from firmware_stubs.queue_simulator.recording import LaneTruth
from firmware_stubs.queue_simulator.store import Store

SHAPE: Final = ServiceShape(0.5)
DRAWS: Final = 400
_DICE = np.random.default_rng(5)
_NORMAL: Final = _DICE.standard_normal((DRAWS, 64))
_EVEN: Final = _DICE.random((DRAWS, 16))
_Z: Final = np.linspace(-8.0, 8.0, 4001)
_CHANCE: Final = np.array([0.5 * math.erfc(-z / math.sqrt(2.0)) for z in _Z])


@dataclass(frozen=True)
class Foretold:
    """The mean and the median of a wait, seconds."""

    mean: float
    median: float


def _left(age: float, even: Floats) -> Floats:
    """What is left of a service of mean 1 that has taken `age`, by draws between 0 and 1."""
    before = 0.5 * math.erfc(-(math.log(age) - SHAPE.mu) / SHAPE.sigma / math.sqrt(2.0)) if age > 0.0 else 0.0
    z = np.interp(np.minimum(before + (1.0 - before) * even, 1.0 - 1e-12), _CHANCE, _Z)
    left: Floats = np.maximum(np.exp(SHAPE.mu + SHAPE.sigma * z) - age, 0.0)
    return left


def oracle(truth: LaneTruth, store: Store) -> Foretold:
    """The wait of one who joins now, as an oracle foretells it."""
    if truth.people < truth.servers or not truth.people:
        return Foretold(0.0, 0.0)
    mean = truth.speed * store.usual(truth.kind)
    ages = [elapsed / mean for elapsed in truth.elapsed][: truth.servers]
    ages += [0.0] * (truth.servers - len(ages))
    free = np.stack([_left(age, _EVEN[:, at % 16]) for at, age in enumerate(ages)], axis=1)
    services = np.exp(SHAPE.mu + SHAPE.sigma * _NORMAL)
    rows = np.arange(DRAWS)
    for ahead in range(truth.people - truth.servers):
        free[rows, free.argmin(axis=1)] += services[:, ahead % 64]
    waits = free.min(axis=1)
    return Foretold(float(waits.mean()) * mean, float(np.median(waits)) * mean)
