"""What a camera over a lane says: people hidden behind others, companions, passers-by, and gaps."""

import random
from dataclasses import dataclass, field
from typing import Final

from firmware_stubs.queue_simulator.store import Checkout, Shopper

MISS: Final = 0.035
MISS_PER_PLACE: Final = 0.015
MISS_LASTS_S: Final = 5.0
COMPANION: Final = 0.06
PASSER_EVERY_S: Final = 90.0
PASSER_LASTS_S: Final = 3.0
GAP_EVERY_S: Final = 900.0
GAP_LASTS_S: Final = 20.0


@dataclass(eq=False)
class Camera:
    """One camera; `noise` scales every fault (0 sees the truth)."""

    dice: random.Random
    noise: float = 1.0
    gone_until: float = 0.0
    passing: list[float] = field(default_factory=list)

    def count(self, t: float, lane: Checkout) -> int | None:
        """People seen in `lane` at `t` (called once a second); None in a gap."""
        if self.noise == 0.0:
            return lane.people
        seen = 0
        for place, shopper in enumerate([*lane.served.values(), *lane.waiting]):
            seen += self._seen_of(shopper, place)
        dice = self.dice
        if dice.random() < self.noise / PASSER_EVERY_S:
            self.passing.append(t + dice.expovariate(1.0 / PASSER_LASTS_S))
        self.passing = [until for until in self.passing if until > t]
        if dice.random() < self.noise / GAP_EVERY_S:
            self.gone_until = t + dice.expovariate(1.0 / GAP_LASTS_S)
        return None if t < self.gone_until else seen + len(self.passing)

    def _seen_of(self, shopper: Shopper, place: int) -> int:
        dice = self.dice
        miss = min(self.noise * (MISS + MISS_PER_PLACE * place), 0.6)
        if not shopper.visible:
            shopper.companions = int(dice.random() < self.noise * COMPANION)
            shopper.visible = [dice.random() >= miss for _ in range(1 + shopper.companions)]
        for i in range(len(shopper.visible)):
            if dice.random() < 1.0 / MISS_LASTS_S:
                shopper.visible[i] = dice.random() >= miss
        return sum(shopper.visible)
