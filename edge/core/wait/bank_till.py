"""What the kiosks' own transactions say: which kiosk started or ended, late by seconds and sometimes not at all.

Every history is brought into the state that was heard and weighed by how likely it was to come there.
"""

from typing import Final

import numpy as np

from edge.core.wait.bank_belief import BAGGING_MEAN, START_LATE_S, BankBelief
from edge.core.wait.bank_particles import BAGGING, FREE, JOINED, SERVED, SERVING, UNHEARD, Indices
from edge.core.wait.till import LOST

HEARD_AGE_S: Final = 1.0
"""How long a service has gone on when its start is heard."""

UNFORESEEN: Final = 1e-6


def start(belief: BankBelief, kiosk: int) -> None:
    """A transaction started at `kiosk`."""
    _choose_kiosk(belief, kiosk)
    age, phase, waiting = belief.age[kiosk], belief.phase[kiosk], belief.waiting
    comes = np.full(len(age), max(belief.arrivals, 1e-4))
    waits = waiting > 0.0
    follows = np.where(waits, 1.0, comes * START_LATE_S)
    bagged = np.maximum(age, 0.5) * (2.0 / (belief.gap / BAGGING_MEAN) ** 2)
    weight = np.select(
        [phase == UNHEARD, phase == FREE, phase == BAGGING],
        [np.where(age < START_LATE_S + 1.0, 1.0 / START_LATE_S, UNFORESEEN), comes, bagged * follows],
        LOST * belief.hazard(age) * follows + UNFORESEEN,
    )
    _leaves(belief, np.flatnonzero((phase == BAGGING) | (phase == SERVING)))
    belief.sums[JOINED] += phase == FREE
    age[:] = np.where(phase == UNHEARD, age, HEARD_AGE_S)
    phase[:] = SERVING
    belief.recount()
    belief.weigh(weight)
    belief.normalise()


def end(belief: BankBelief, kiosk: int) -> None:
    """A transaction ended at `kiosk`: the customer bags, then the kiosk is free."""
    age, phase = belief.age[kiosk], belief.phase[kiosk]
    serves = (phase == SERVING) | (phase == UNHEARD)
    weight = np.where(serves, belief.hazard(age) + UNFORESEEN, UNFORESEEN * 0.01)
    _leaves(belief, np.flatnonzero(phase == BAGGING))
    belief.sums[JOINED] += phase == FREE
    age[:] = 0.0
    phase[:] = BAGGING
    belief.recount()
    belief.weigh(weight)
    belief.normalise()


def _choose_kiosk(belief: BankBelief, kiosk: int) -> None:
    """Which of the free kiosks was taken was left open: it was this one."""
    age, phase = belief.age, belief.phase
    open_to = phase[kiosk] == FREE
    unheard = (phase == UNHEARD) & (age < START_LATE_S + 1.0)
    at = np.flatnonzero(open_to & unheard.any(axis=0))
    if len(at):
        other = unheard[:, at].argmax(axis=0)
        age[kiosk, at], phase[kiosk, at] = age[other, at], UNHEARD
        age[other, at], phase[other, at] = 0.0, FREE


def _leaves(belief: BankBelief, at: Indices) -> None:
    """The one at the kiosk must have gone, in the histories `at`; the first of the line, if any, stepped up."""
    belief.sums[SERVED, at] += 1.0
    belief.to_go[:, at] -= 1.0
    belief.waiting[at] -= belief.waiting[at] > 0.0
