"""The level at which the upper bound is read off, corrected online so that the bound holds nine times in ten.

Adaptive conformal inference (Gibbs and Candès 2021, "Adaptive conformal inference under distribution shift"):
whenever a past bound proves broken the miscoverage that is aimed for shrinks by a small step, whenever it held it
grows by a ninth of it. What proves them are probes: a pretended newcomer is remembered with the bound of that
moment, and their turn comes when as many have left as stood before them.
"""

from dataclasses import dataclass
from typing import Final

TARGET: Final = 0.90
STEP: Final = 0.006
LOWEST, HIGHEST = 0.78, 0.985


class AdaptiveLevel:
    """The nominal level for a bound that is to hold with `TARGET`."""

    def __init__(self) -> None:
        self._aim = 1.0 - TARGET

    @property
    def level(self) -> float:
        """The level to read the bound off at."""
        return min(max(1.0 - self._aim, LOWEST), HIGHEST)

    def settle(self, *, held: bool) -> None:
        """A bound proved to have held, or not."""
        self._aim += STEP * ((1.0 - TARGET) - (0.0 if held else 1.0))
        self._aim = min(max(self._aim, 1.0 - HIGHEST), 1.0 - LOWEST)


@dataclass
class Probe:
    """A pretended newcomer: when they came, how many departures until their turn, the bound they were
    told, and how many were there."""

    t: float
    turn: float
    bound: float
    people: float
