"""An oracle: it knows every true read rate, shadow, fault, habit and where a thing may be put, not what is taken."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.shelf_day import Belief, Said
from firmware_stubs.shelf_simulator.air import Heard, chances, factors
from firmware_stubs.shelf_simulator.shop import Shop

Array = npt.NDArray[Any]

_STRAY = 0.002
_HAND_S = 60


class Oracle:
    """The Bayes filter that has nothing left to learn; ``threshold`` is when it says that something is taken."""

    def __init__(self, shop: Shop, thresholds: tuple[float, ...] = (0.85,), place_threshold: float = 0.95) -> None:
        self.shop = shop
        self.thresholds = thresholds
        self.place_threshold = place_threshold
        count = shop.size
        self.home = np.full(count, -1)
        self.stands, self.away, self.anew = np.zeros(count), np.ones(count), np.zeros(count)
        self.age = np.full(count, 1e6)
        self.last_place = shop.place.copy()
        self.told = np.zeros((len(thresholds), count), np.int8)
        self.facts: list[list[tuple[Said, int, bool]]] = [[] for _ in thresholds]
        self._habits()

    def _habits(self) -> None:
        settings = self.shop.settings
        low, high = settings.hand_s
        second = np.arange(_HAND_S, dtype=float)
        out = np.clip((high - second) / (high - low), 0, 1)
        takes, looks, moves = settings.takes_per_tag, settings.looks_per_tag, settings.misplacements_per_tag
        ending = np.where((second >= low) & (second < high), 1 / (high - low), 0)
        all_out = takes + (looks + moves) * out
        self.gone = takes / all_out
        self.back = looks * ending / all_out + 1e-6
        self.put = moves * ending / all_out + settings.returns_of_taken * 1e-3
        self.lift = (takes + looks + moves) / 3600

    def hear(self, heard: Heard, t_s: float) -> Iterable[Said]:
        """One cycle."""
        shop, seconds = self.shop, self.shop.settings.cycle_ms / 1000
        self.last_place = np.where(shop.place >= 0, shop.place, self.last_place)
        candidate = np.where(self.last_place != self.home, self.last_place, -1)
        second = np.minimum(self.age, _HAND_S - 1).astype(int)
        back = self.back[second] * seconds * (self.home >= 0)
        put = np.where(candidate >= 0, np.where(self.home >= 0, self.put[second], 2e-3), 0) * seconds
        lifted = (self.stands + self.anew) * self.lift * seconds
        stands = self.stands * (1 - self.lift * seconds) + self.away * back
        anew = self.anew * (1 - self.lift * seconds) + self.away * put
        self.age = (self.age + seconds) * self.away / np.maximum(self.away + lifted, 1e-30)
        away = self.away * (1 - back - put) + lifted
        rssi, read = self._seen(heard)
        stands *= self._standing(self.home, read, rssi)
        anew *= self._standing(candidate, read, rssi)
        away *= self._elsewhere(read)
        whole = stands + anew + away
        self.stands, self.anew, self.away = stands / whole, anew / whole, away / whole
        self._move_in(candidate)
        return self._say(t_s)

    def _seen(self, heard: Heard) -> tuple[Array, Array]:
        antennas = self.shop.settings.antennas
        read = np.zeros((self.shop.size, antennas), np.bool_)
        rssi = np.zeros((self.shop.size, antennas))
        read[heard.tags, heard.antennas] = True
        rssi[heard.tags, heard.antennas] = heard.rssi
        return rssi, read

    def _standing(self, place: Array, read: Array, rssi: Array) -> Array:
        """Probability of the cycle's reads if each tag stood at ``place``, relative to a stray anywhere."""
        shop = self.shop
        chance = chances(shop, place)
        rates = np.clip(chance.rates * shop.hidden[:, None], _STRAY, 0.999)
        rows = np.arange(shop.size)[:, None]
        hit = read[rows, chance.antennas]
        _, quieter = factors(shop, place)
        mean = (shop.rssi - quieter)[:, None] - np.column_stack([np.zeros(shop.size), shop.cross_db])
        off = (rssi[rows, chance.antennas] - mean) / shop.settings.own_rssi[2]
        broad = (rssi[rows, chance.antennas] - shop.settings.basket_rssi[0]) / 8.0
        like = np.exp(np.clip(0.5 * broad**2 - 0.5 * off**2, -8, 8)) * 4.0
        likely = np.where(hit, rates * like, 1 - rates).prod(axis=1)
        others = read.sum(axis=1) - hit.sum(axis=1)
        return np.where(place >= 0, likely * _STRAY**others, 1e-12)

    def _elsewhere(self, read: Array) -> Array:
        """The same for a tag in a hand or gone: near its shelf at first, or passing anywhere now and then."""
        shop = self.shop
        rate = np.full(read.shape, 0.01)
        rows = np.flatnonzero(self.home >= 0)
        rate[rows, self.home[rows]] = np.where(self.age[rows] < 30, shop.settings.hand_rate * 0.6, 0.01)
        works = ~shop.silent
        return np.asarray(np.where(read, rate, 1 - rate * works).prod(axis=1))

    def _move_in(self, candidate: Array) -> None:
        sure = self.anew > self.place_threshold
        self.home[sure] = candidate[sure]
        self.stands[sure] += self.anew[sure]
        self.anew[sure] = 0.0

    def gone_for_good(self) -> Array:
        """The probability that each tag has left for good."""
        return np.asarray(self.away * self.gone[np.minimum(self.age, _HAND_S - 1).astype(int)])

    def _say(self, t_s: float) -> list[Said]:
        gone, dark = self.gone_for_good(), np.append(self.shop.silent, False)[self.home]
        new: list[Said] = []
        for number, threshold in enumerate(self.thresholds):
            told = self.told[number]
            taken = np.flatnonzero((told == 1) & (gone >= threshold) & ~dark)
            here = np.flatnonzero((told != 1) & (self.stands > self.place_threshold))
            told[taken], told[here] = 2, 1
            said = [Said(t_s, "taken", tag, int(self.home[tag])) for tag in taken.tolist()]
            shop = self.shop
            self.facts[number] += [(fact, int(shop.place[fact.tag]), bool(shop.taken[fact.tag])) for fact in said]
            new = said if number == 0 else new
        return new

    def believe(self) -> Belief:
        """What it knows now."""
        is_anew = self.anew > self.stands
        place = np.where(is_anew, self.last_place, self.home)
        return Belief(place, np.maximum(self.stands, self.anew), np.append(self.shop.silent, False)[place])
