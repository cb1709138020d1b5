"""The same days where baskets can be known: by the till, by shoppers' phones, by shelves."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware_stubs.queue_simulator.recording import Line, Recording, one_plus_one
from firmware_stubs.queue_simulator.scenario import Scenario
from firmware_stubs.queue_simulator.store import Checkout, Shopper, Store

PAYING_S: Final = 8.0
PAYING_SHARE: Final = 0.1
SHOPPING_S: Final = 900.0
LEVEL_EVERY_S: Final = 30.0
WAVE_S: Final = 3600.0
MOST_LIED: Final = 60


@dataclass(frozen=True)
class Known:
    """Who tells of baskets, and how truly.

    `start`: the till knows the items at the start; `scans`: it tells each piece; `phones`: the share of shoppers who
    say in line what they have; `shelves`: a level; `wave`: how far the mean basket goes up and down with the hour (in
    logarithms); `lies`: all of it is drawn at random.
    """

    start: bool = False
    scans: bool = False
    phones: float = 0.0
    shelves: bool = False
    wave: float = 0.0
    lies: bool = False


class BasketRecording(Recording):
    """A recording with what is known of baskets."""

    def __init__(self, scenario: Scenario, seed: int, known: Known, *, noise: float = 1.0, pos: bool = True) -> None:
        self._usual = 1.0
        super().__init__(scenario, seed, noise=noise, pos=pos, policy=self._policies)
        self._known = known
        self._usual = self.store.baskets
        self._chance = random.Random(f"{scenario.name}/{seed}/baskets")
        self._phase = self._chance.random()
        self._phones: set[int] = set()
        self.store.on_join.append(self._join)

    def __iter__(self) -> Iterator[Line]:
        """The lines, a level among them now and then."""
        due = LEVEL_EVERY_S
        for line in super().__iter__():
            if self._known.shelves and line["t"] >= due:
                due += LEVEL_EVERY_S
                yield {"t": line["t"], "type": "level", "source": "shelves", "items": self._level(line["t"])}
            yield line

    def _policies(self, store: Store) -> None:
        store.baskets = self._basket(store.t)
        one_plus_one(store)

    def _basket(self, t: float) -> float:
        return self._usual * math.exp(self._known.wave * math.sin(2.0 * math.pi * (t / WAVE_S + self._phase)))

    def _level(self, t: float) -> float:
        """Pieces taken per visitor in the last while, by people who are in line about now."""
        visitors = max(self.store.rate(t) * SHOPPING_S, 3.0)
        spread = math.sqrt(2.0 / visitors)
        around = [self._basket(t + (part - 0.5) * SHOPPING_S) for part in (0.0, 0.25, 0.5, 0.75, 1.0)]
        told = 1.0 if self._known.lies else 4.0 * sum(around) / len(around)
        return told * math.exp(self._chance.gauss(0.0, 0.5 if self._known.lies else spread))

    def _items(self, shopper: Shopper) -> int:
        return self._chance.randint(1, MOST_LIED) if self._known.lies else shopper.items

    def _start(self, t: float, lane: Checkout, shopper: Shopper) -> None:
        more = {"items": self._items(shopper)} if self._known.start else {}
        self._till(t + 2.0 * self._dice.random(), lane, shopper, {"value": "start", **more})
        if self._known.scans and lane.servers == 1:
            self._scan(t, lane, shopper)

    def _scan(self, t: float, lane: Checkout, shopper: Shopper) -> None:
        paying = min(PAYING_S + PAYING_SHARE * shopper.paying, 0.5 * shopper.paying)
        each = (shopper.paying - paying) / shopper.items
        for piece in range(1, shopper.items + 1):
            at = t + each * (piece - self._chance.random())
            self._heard.append((at, {"type": "txn", "lane": lane.id, "value": "item", "items": piece}))

    def _join(self, t: float, lane: Checkout, shopper: Shopper) -> None:
        if shopper.id in self._phones:
            return  # who walks to another lane does not say so again
        self._phones.add(shopper.id)
        if self._chance.random() < self._known.phones:
            self._heard.append((t + 10.0 * self._chance.random(), self._says(lane, shopper)))

    def _says(self, lane: Checkout, shopper: Shopper) -> Line:
        return {"type": "basket", "lane": lane.id, "items": self._items(shopper)}
