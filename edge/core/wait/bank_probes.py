"""Pretended newcomers at a bank: what they were told, and what they waited in the histories that are believed."""

from dataclasses import dataclass
from typing import Final

from edge.core.wait.bank_belief import BankBelief
from edge.core.wait.bank_forecast import BankForecast
from edge.core.wait.bank_particles import PROBES
from edge.core.wait.conformal import AdaptiveLevel, Empties, Outcomes

EVERY_S: Final = 20.0
GIVES_UP_S: Final = 3600.0


@dataclass(frozen=True)
class Told:
    """When somebody joined and what they were told, seconds."""

    t: float
    point: float
    bound: float


class BankProbes:
    """Joins a pretended newcomer now and then, and judges the bound when their turn has come."""

    def __init__(self, level: AdaptiveLevel, empties: Empties, outcomes: Outcomes) -> None:
        self._level, self._empties, self._outcomes = level, empties, outcomes
        self._told: dict[int, Told] = {}
        self._joined_t = -1e12

    def is_due(self, t: float) -> bool:
        """Whether somebody is to join at `t`."""
        return t - self._joined_t >= EVERY_S

    def join(self, t: float, belief: BankBelief, told: BankForecast) -> None:
        """Somebody joins at `t` and is told that forecast."""
        self._joined_t = t
        bound = max(told.quantile(self._level.level), told.point)
        self._empties.told(empty=bound <= 0.0, holds=told.none)
        if bound <= 0.0:
            self._outcomes.served(0.0, told.point)
            return
        slot = next((slot for slot in range(PROBES) if slot not in self._told), None)
        if slot is not None:
            belief.follow(slot)
            self._told[slot] = Told(t, told.point, bound)

    def settle(self, t: float, belief: BankBelief) -> None:
        """Judge those whose turn has come by `t`."""
        for slot, told in list(self._told.items()):
            waited = t - told.t
            if belief.served(slot) > 0.5:
                self._level.settle(held=waited <= told.bound)
                self._outcomes.served(waited, told.point)
            elif waited <= GIVES_UP_S:
                continue
            del self._told[slot]
