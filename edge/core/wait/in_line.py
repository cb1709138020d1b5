"""Baskets that are known to stand in line: shoppers who scan while they shop say where they went to pay.

Who said so at a lane of n people stands behind them, and is served when n have been. Whether people stand where they
said is judged by what the till says was paid at about that turn; what is not borne out is soon not listened to.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

LONGEST_S: Final = 2400.0
"""Who has not paid by then went somewhere else."""

TURNS_OFF: Final = 2.5
"""A turn may come so much earlier or later: others get between, or leave."""

ALIKE: Final = 0.1
"""What was paid is the basket if its items differ by no more than this share (or by one)."""

PRIOR_TRUE, PRIOR = 2.4, 3.0
PRIOR_TURNS_TRUE: Final = 1.5
NEAR: Final = 1.5
"""It may be somebody's turn when they were taken to be so many places before or behind."""

FADE: Final = 0.97
MOST: Final = 100


def alike(items: float, paid: float) -> bool:
    """Whether a basket said to have `items` can be the one with so many `paid`."""
    return abs(items - paid) <= max(1.0, ALIKE * paid)


@dataclass
class Standing:
    """A basket of `items` that joined at `t` behind `ahead` people, when so many had been served in all."""

    t: float
    items: float
    ahead: float
    departures: float

    def to_go(self, departures: float) -> float:
        """How many are served before them, in expectation; below 0 they are in service or gone."""
        return self.ahead - (departures - self.departures)


class InLine:
    """The known baskets in one lane."""

    def __init__(self) -> None:
        self._standing: list[Standing] = []
        self._true, self._judged = PRIOR_TRUE, PRIOR
        self._turns_true, self._turns = PRIOR_TURNS_TRUE, PRIOR

    def __len__(self) -> int:
        return len(self._standing)

    @property
    def trust(self) -> float:
        """How likely it is that a basket stands where it is said to."""
        return self._true / self._judged

    def joined(self, t: float, items: float, people: float, departures: float) -> None:
        """A shopper with `items` says that they join this lane, where `people` stand."""
        # Some say so when the camera counts them already, some a moment before.
        self._standing = [*self._standing, Standing(t, items, max(people - 0.5, 0.0), departures)][-MOST:]

    def turn(self, departures: float) -> tuple[float, float] | None:
        """(items, how likely) of the basket whose turn it is when a service begins; `None` where nobody's is near."""
        near = min(self._standing, key=lambda one: abs(one.to_go(departures)), default=None)
        if near is None or abs(near.to_go(departures)) > NEAR:
            return None
        return near.items, self._turns_true / self._turns

    def was_turn(self, items: float, paid: float) -> None:
        """A basket of `items` was taken to be in service, and one with so many `paid` was."""
        self._turns_true = FADE * self._turns_true + float(alike(items, paid))
        self._turns = FADE * self._turns + 1.0

    def paid(self, t: float, items: float, departures: float) -> None:
        """A basket of `items` was paid here: one that looks like it has been served, others are past their turn."""
        same = [one for one in self._standing if alike(one.items, items)]
        near = [one for one in same if abs(one.to_go(departures) + 1.0) <= TURNS_OFF]
        if near:
            found = min(near, key=lambda one: abs(one.to_go(departures) + 1.0))
            self._standing.remove(found)
            self._judge(true=True)
        for one in self._past(t, departures):
            self._standing.remove(one)
            self._judge(true=False)

    def forget(self, t: float, departures: float) -> None:
        """Where no till tells what is paid: forget those whose turn is long over."""
        for one in self._past(t, departures):
            self._standing.remove(one)

    def _past(self, t: float, departures: float) -> list[Standing]:
        return [one for one in self._standing if one.to_go(departures) < -1.0 - TURNS_OFF or t - one.t > LONGEST_S]

    def _judge(self, *, true: bool) -> None:
        self._true = FADE * self._true + float(true)
        self._judged = FADE * self._judged + 1.0

    def sizes(self, departures: float) -> list[tuple[float, float]]:
        """(items, how likely they still wait here) of each."""
        found = [(one.items, min(max(one.to_go(departures) - 0.25, 0.0), 1.0)) for one in self._standing]
        return [(items, self.trust * chance) for items, chance in found if chance > 0.0]


@dataclass(frozen=True)
class Known:
    """What known baskets change of the work of those who wait, in units of the mean service: for all of them."""

    baskets: float
    more: float
    spread: float

    def shift(self, waiting: Floats, mean: float) -> tuple[Floats, Floats]:
        """Seconds more before a newcomer behind so many `waiting`, and the variance that this adds."""
        share = np.minimum(waiting / max(self.baskets, 1.0), 1.0) if self.baskets > 0.0 else np.zeros_like(waiting)
        return share * (self.more * mean), share * (self.spread * mean * mean)


def known(sizes: list[tuple[float, float]], scv_known: float, scv: float) -> Known:
    """Put baskets together: `sizes` are (size over the usual, how likely it stands here)."""
    more = sum(chance * (size - 1.0) for size, chance in sizes)
    spread = sum(
        chance * (scv_known * size * size - scv + (1.0 - chance) * (size - 1.0) ** 2) for size, chance in sizes
    )
    return Known(sum(chance for _, chance in sizes), more, spread)
