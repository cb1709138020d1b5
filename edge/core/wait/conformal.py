"""The level at which the upper bound is read off, corrected online so that the bound holds nine times in ten.

Adaptive conformal inference (Gibbs and Candès 2021, "Adaptive conformal inference under distribution shift"):
whenever a past bound proves broken the level rises by a small step, whenever it held it falls by as much less as
bounds are meant to hold more often than they break. What proves them are probes: a pretended newcomer is remembered
with the bound of that moment, and their turn comes when as many have left as stood before them.
"""

from dataclasses import dataclass, field
from typing import Final

TARGET: Final = 0.90
STEP: Final = 0.008
LOWEST, HIGHEST = 0.78, 0.985
LOWER, LOWER_UNHEARD, HIGHER = 0.03, 0.02, 0.1
"""How far the level goes below (with a till, and where departures are inferred) and above what is aimed for."""

EMPTY_HOLDS: Final = 0.97
"""How often "no wait" proves right where it is told as the bound."""

FADE: Final = 0.004
EMPTY_PRIOR, EMPTY_WEIGHT = 0.1, 20.0
"""How many of the bounds are taken to be 0 to begin with, and how many bounds that is worth."""

TILL_LATE: Final = 0.03
"""Probes judged by a till break this much more often than what they stand for (measured on simulated days)."""

LEAST: Final = 0.80
"""However many lanes are empty, the bound of one that is not is meant to hold this often."""


class Empties:
    """How many of the bounds told in the store are 0: they nearly always hold, and the others make up for that."""

    def __init__(self) -> None:
        self.share = EMPTY_PRIOR
        self._holds = EMPTY_PRIOR * EMPTY_HOLDS
        self._told = EMPTY_WEIGHT

    def told(self, *, empty: bool, holds: float = EMPTY_HOLDS) -> None:
        """A bound was told of a lane; where it is 0 it `holds` with that probability."""
        self._told += 1.0
        fade = max(FADE, 1.0 / self._told)
        self.share += fade * (float(empty) - self.share)
        self._holds += fade * (holds * float(empty) - self._holds)

    @property
    def target(self) -> float:
        """How often a bound above 0 has to hold so that all of them hold nine times in ten."""
        return max((TARGET - self._holds) / max(1.0 - self.share, 0.05), LEAST)


class AdaptiveLevel:
    """The nominal level for a bound that is to hold nine times in ten, all lanes taken together."""

    def __init__(self, empties: Empties | None = None) -> None:
        self._more = 0.0
        self._empties = empties or Empties()

    @property
    def level(self) -> float:
        """The level to read the bound off at."""
        return min(max(self._empties.target + self._more, LOWEST), HIGHEST)

    def settle(self, *, held: bool, late: float = 0.0, lower: float = LOWER) -> None:
        """A bound proved to have held, or not; `late` is how much more often probes break than bounds do.

        `lower` is how far the level may go below what is aimed for.
        """
        self._more += STEP * (self._empties.target - late - float(held))
        self._more = min(max(self._more, -lower), HIGHER)


@dataclass
class Probe:
    """A pretended newcomer: when they came, how many departures until their turn, the bound they were
    told, and how many were there."""

    t: float
    turn: float
    bound: float
    people: float


@dataclass
class Outcomes:
    """What pretended newcomers waited until their turn, beside what they had been told; summed until it is taken."""

    _coming: list[tuple[float, float, float]] = field(default_factory=list)
    _waited: float = 0.0
    _told: float = 0.0
    _count: int = 0

    def joined(self, t: float, turn: float, told: float, *, at_once: bool) -> None:
        """One who comes at `t` is told a wait, and served `at_once` or after so many departures in all."""
        if at_once:
            self.served(0.0, told)
        else:
            self._coming.append((t, turn, told))

    def served(self, waited: float, told: float) -> None:
        """One who had been told `told` was served after `waited` seconds."""
        self._waited += max(waited, 0.0)
        self._told += told
        self._count += 1

    def settle(self, t: float, departures: float, gives_up_s: float) -> None:
        """So many have left by `t`: those whose turn has come are served."""
        coming = []
        for joined, turn, told in self._coming:
            if departures >= turn:
                self.served(t - joined, told)
            elif t - joined < gives_up_s:
                coming.append((joined, turn, told))
        self._coming = coming

    def take(self) -> tuple[float, float] | None:
        """(waited, told) on the mean since the last call; `None` where nobody's turn came."""
        if self._count == 0:
            return None
        found = self._waited / self._count, self._told / self._count
        self._waited = self._told = 0.0
        self._count = 0
        return found
