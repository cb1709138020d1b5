"""What truly happens at the shelves: who lifts what, where it is put, what stands before an antenna. Seeded."""

import heapq
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_stubs.shelf_simulator.settings import Range, ShelfSettings

Array = npt.NDArray[Any]

NOWHERE: Final = -1


class Event(NamedTuple):
    """One line of the truth: ``kind`` is lifted, looked, taken, placed, moved, returned, silent or heard."""

    t_s: float
    kind: str
    tag: int
    place: int


class Shop:
    """The truth at one moment, moved on by ``to``. Tags are numbered; places are antenna numbers.

    Arrays per tag: ``place`` where it stands (-1: in a hand or gone), ``near`` the antenna that a carried tag passes
    (-1: none), ``near_rate`` and ``near_db`` how it is read there, ``own`` whether it belongs to the shop.
    """

    def __init__(self, settings: ShelfSettings, seed: int) -> None:
        self.settings = settings
        self.rng = np.random.default_rng(seed)
        self.events: list[Event] = []
        self.now_s = 0.0
        spare = round(settings.takes_per_tag * settings.deliveries * settings.tags * settings.hours * 1.3) + 200
        strays = round(settings.strays * settings.hours * 1.5 * settings.stray_tags[1]) + 50
        self.size = settings.tags + spare + strays
        self._unused = iter(range(settings.tags, settings.tags + spare))
        self._stray_tags = iter(range(settings.tags + spare, self.size))
        self._lay_out()
        self._queue: list[tuple[float, int, str, tuple[Any, ...]]] = []
        self._number = 0
        for kind, per_hour in self._kinds().items():
            self._again(kind, per_hour)

    def _lay_out(self) -> None:
        settings, rng = self.settings, self.rng
        product = np.arange(self.size) // settings.tags_per_product
        self.place = np.full(self.size, NOWHERE, np.int64)
        stands = np.arange(self.size) < settings.tags
        self.place[stands] = product[stands] % settings.antennas
        self.product = product % max(1, settings.tags // settings.tags_per_product)
        self.near = np.full(self.size, NOWHERE, np.int64)
        self.near_rate = np.zeros(self.size)
        self.near_db = np.zeros(self.size)
        self.rate = rng.uniform(*settings.read_rate, self.size)
        self.at = np.zeros(self.size)  # along the shelf, 0 to 1
        self.left, self.right, self.rssi = np.zeros(self.size), np.zeros(self.size), np.zeros(self.size)
        self.cross_db = np.zeros((self.size, 2))
        self.hidden = np.ones(self.size)
        self.busy = np.zeros(self.size, np.bool_)  # in somebody's hand
        self.taken = np.zeros(self.size, np.bool_)
        self.shadow: list[dict[int, tuple[float, float, float, float]]] = [{} for _ in range(settings.antennas)]
        self.noise: dict[int, Array] = {}
        self.silent = np.zeros(settings.antennas, np.bool_)
        for tag in range(self.size):
            self._arrange(tag)

    def _arrange(self, tag: int) -> None:
        """Where exactly it now stands on its shelf, and so how the antennas see it."""
        settings, rng = self.settings, self.rng
        self.at[tag] = rng.random()
        share = rng.uniform(*settings.cross_share)
        nearer_left = self.at[tag] < 0.5
        self.left[tag], self.right[tag] = (share, share / 3) if nearer_left else (share / 3, share)
        mean, spread, _ = settings.own_rssi
        self.rssi[tag] = rng.normal(mean, spread)
        self.cross_db[tag] = rng.uniform(*settings.cross_quieter_db, 2)

    def _kinds(self) -> dict[str, float]:
        settings = self.settings
        tags, antennas = settings.tags, settings.antennas
        return {
            "look": settings.looks_per_tag * tags,
            "take": settings.takes_per_tag * tags,
            "misplace": settings.misplacements_per_tag * tags,
            "hide": settings.hides_per_tag * tags,
            "shadow": settings.shadows_per_antenna * antennas,
            "interfere": settings.interference,
            "fall_silent": settings.silences_per_antenna * antennas,
            "stray": settings.strays,
        }

    def _again(self, kind: str, per_hour: float) -> None:
        if per_hour > 0:
            self._at(self.now_s + self.rng.exponential(3600 / per_hour), kind)

    def _at(self, t_s: float, kind: str, *arguments: object) -> None:
        self._number += 1
        heapq.heappush(self._queue, (t_s, self._number, kind, arguments))

    def to(self, t_s: float) -> None:
        """Let everything happen that happens up to ``t_s``."""
        kinds = self._kinds()
        while self._queue and self._queue[0][0] <= t_s:
            self.now_s, _, kind, arguments = heapq.heappop(self._queue)
            if kind in kinds:
                self._again(kind, kinds[kind])
            getattr(self, f"_{kind}")(*arguments)
        self.now_s = t_s

    def _log(self, kind: str, tag: int, place: int) -> None:
        self.events.append(Event(self.now_s, kind, tag, place))

    def _within(self, bounds: Range) -> float:
        return float(self.rng.uniform(*bounds))

    def _standing(self) -> int | None:
        for tag in self.rng.integers(0, self.size, 60):
            if self.place[tag] >= 0 and not self.busy[tag]:
                return int(tag)
        return None

    def _lift(self, tag: int) -> int:
        """Into a hand before its shelf; returns the shelf."""
        place = int(self.place[tag])
        self.place[tag], self.near[tag], self.busy[tag] = NOWHERE, place, True
        self.near_rate[tag] = self.settings.hand_rate * self.rate[tag] * self.rng.uniform(0, 2)
        self.near_db[tag] = self.rssi[tag] - self.rng.uniform(0, 12)
        self._log("lifted", tag, place)
        return place

    def _put(self, tag: int, place: int, kind: str) -> None:
        self.place[tag], self.near[tag], self.busy[tag], self.taken[tag] = place, NOWHERE, False, False
        self.hidden[tag] = 1.0
        self._log(kind, tag, place)

    def _look(self) -> None:
        if (tag := self._standing()) is not None:
            place = self._lift(tag)
            self._at(self.now_s + self._within(self.settings.hand_s), "put_back", tag, place)

    def _put_back(self, tag: int, place: int) -> None:
        self.rssi[tag] += self.rng.normal(0, 1)
        self._put(tag, place, "looked")

    def _take(self) -> None:
        if (tag := self._standing()) is None:
            return
        settings = self.settings
        place = self._lift(tag)
        self.taken[tag] = True
        self._log("taken", tag, place)
        is_theft = self.rng.random() < settings.thefts
        held = self._within(settings.thief_s if is_theft else settings.hand_s)
        walk = self._walk(tag, self.now_s + held)
        if self.rng.random() < settings.returns_of_taken:
            self._at(walk + self.rng.uniform(60, 1800), "bring_back", tag, place)
        if self.rng.random() < settings.deliveries and (new := next(self._unused, None)) is not None:
            self.product[new] = self.product[tag]
            self._at(self.now_s + self.rng.exponential(600), "deliver", new, place)

    def _walk(self, tag: int, t_s: float) -> float:
        """Carry it past some antennas from ``t_s`` on; returns when it is out of sight."""
        for _ in range(int(self.rng.integers(*self.settings.stops))):
            antenna = int(self.rng.integers(self.settings.antennas))
            self._at(t_s, "pass_by", tag, antenna)
            t_s += self._within(self.settings.stop_s)
            self._at(t_s, "pass_by", tag, NOWHERE)
            t_s += self._within((1.0, 30.0))
        return t_s

    def _pass_by(self, tag: int, antenna: int) -> None:
        if self.place[tag] == NOWHERE:
            self.near[tag] = antenna
            self.near_rate[tag] = self.settings.basket_rate * self.rng.uniform(0.2, 1.5)
            self.near_db[tag] = self.rng.normal(*self.settings.basket_rssi)

    def _bring_back(self, tag: int, place: int) -> None:
        self._arrange(tag)
        self._put(tag, place, "returned")

    def _deliver(self, tag: int, place: int) -> None:
        self._put(tag, place, "placed")

    def _misplace(self) -> None:
        if (tag := self._standing()) is None:
            return
        place = self._lift(tag)
        antennas = self.settings.antennas
        beside = (place + int(self.rng.choice([-1, 1]))) % antennas
        other = beside if self.rng.random() < 0.5 else int(self.rng.integers(antennas))
        self._at(self.now_s + self._within(self.settings.hand_s), "put_elsewhere", tag, other, place)

    def _put_elsewhere(self, tag: int, place: int, before: int) -> None:
        self._arrange(tag)
        self._put(tag, place, "moved" if place != before else "looked")

    def _hide(self) -> None:
        if (tag := self._standing()) is not None:
            self.hidden[tag] = self.settings.hidden_rate
            self._at(self.now_s + self._within(self.settings.hidden_s), "show", tag)

    def _show(self, tag: int) -> None:
        self.hidden[tag] = 1.0

    def _shadow(self) -> None:
        settings = self.settings
        antenna = int(self.rng.integers(settings.antennas))
        width = self._within(settings.shadow_width)
        start = self.rng.uniform(0, 1 - width)
        self._number += 1
        body = (start, start + width, self._within(settings.shadow_factor), self._within(settings.shadow_db))
        self.shadow[antenna][self._number] = body
        self._at(self.now_s + self._within(settings.shadow_s), "step_aside", antenna, self._number)

    def _step_aside(self, antenna: int, number: int) -> None:
        del self.shadow[antenna][number]

    def _interfere(self) -> None:
        settings = self.settings
        hit = self.rng.random(settings.antennas) < self.rng.uniform(0.1, 1.0)
        self._number += 1
        self.noise[self._number] = np.where(hit, self._within(settings.interference_factor), 1.0)
        self._at(self.now_s + self._within(settings.interference_s), "calm", self._number)

    def _calm(self, number: int) -> None:
        del self.noise[number]

    def _fall_silent(self) -> None:
        antenna = int(self.rng.integers(self.settings.antennas))
        if not self.silent[antenna]:
            self.silent[antenna] = True
            kind = "silent_announced" if self.rng.random() < self.settings.silence_announced else "silent"
            self._log(kind, -1, antenna)
            self._at(self.now_s + self._within(self.settings.silence_s), "speak", antenna)

    def _speak(self, antenna: int) -> None:
        self.silent[antenna] = False
        self._log("heard", -1, antenna)

    def _stray(self) -> None:
        t_s = self.now_s
        for _ in range(int(self.rng.integers(*self.settings.stray_tags))):
            if (tag := next(self._stray_tags, None)) is not None:
                self._walk(tag, t_s)
