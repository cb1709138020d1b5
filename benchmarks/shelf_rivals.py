"""What is in use today, over the same reads: fixed windows, EdgeX's and Intel RSP's rules, and SMURF.

- Fixed window: an item is there while it was read within the last so many seconds, at the antenna that lately read it
  most often.
- EdgeX (app-rfid-llrp-inventory, published defaults): per antenna the mean of the last 20 RSSIs; the item moves when
  another antenna's mean beats its own by an offset that starts at 6 dB and falls with the time since its own last
  read (-0.008 dB/ms after 500 ms); departed after 600 s.
- Intel RSP (garment profile): the same rule, -0.0005 dB/ms after 60 s; gone after 30 s, as at its exits.
- SMURF (Jeffery, Garofalakis, Franklin, VLDB 2006), per tag: a window that grows until the read rate makes it
  complete (ln(1/0.05) / rate cycles) and is halved when its reads are fewer than two standard deviations allow.
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.shelf_day import Belief, Said
from firmware_stubs.shelf_simulator.air import Heard
from firmware_stubs.shelf_simulator.shop import Shop

Array = npt.NDArray[Any]

_LOUDNESSES: Final = 20
_LONGEST_WINDOW: Final = 64


class Rival:
    """Says that an item is there or not; what each rule adds is where, and until when."""

    def __init__(self, shop: Shop) -> None:
        self.cycle_s = shop.settings.cycle_ms / 1000
        self.size, self.antennas = shop.size, shop.settings.antennas
        self.last_s = np.full(self.size, -1e9)
        self.place = np.full(self.size, -1)
        self.told = np.full(self.size, -1)
        self.recent = np.zeros((self.size, self.antennas))

    def hear(self, heard: Heard, t_s: float) -> Iterable[Said]:
        """One cycle."""
        self.last_s[heard.tags] = t_s
        self._locate(heard, t_s)
        return self._say(self._present(t_s), t_s)

    def _locate(self, heard: Heard, t_s: float) -> None:  # noqa: ARG002 - rules with a memory need the time
        self.recent *= 0.9
        self.recent[heard.tags, heard.antennas] += 1.0
        tags = np.unique(heard.tags)
        self.place[tags] = self.recent[tags].argmax(axis=1)

    def _present(self, t_s: float) -> Array:
        raise NotImplementedError

    def _say(self, present: Array, t_s: float) -> list[Said]:
        now = np.where(present, self.place, -1)
        changed = np.flatnonzero(now != self.told)
        facts = []
        for tag, place, before in zip(
            changed.tolist(), now[changed].tolist(), self.told[changed].tolist(), strict=True
        ):
            kind = "taken" if place < 0 else "placed" if before < 0 else "moved"
            facts.append(Said(t_s, kind, tag, before if place < 0 else place))
        self.told = now
        return facts

    def believe(self) -> Belief:
        """Sure of everything."""
        return Belief(self.told, (self.told >= 0).astype(float), np.zeros(self.size, np.bool_))


class FixedWindow(Rival):
    """There while read within ``window_s``."""

    def __init__(self, shop: Shop, window_s: float) -> None:
        super().__init__(shop)
        self.window_s = window_s

    def _present(self, t_s: float) -> Array:
        return np.asarray(t_s - self.last_s < self.window_s)


class MobilityProfile(Rival):
    """EdgeX's and RSP's rule: mean RSSIs against an offset that falls with time."""

    def __init__(self, shop: Shop, *, slope_db_per_ms: float, hold_off_ms: float, departed_s: float) -> None:
        super().__init__(shop)
        self.slope, self.hold_off_ms, self.departed_s = slope_db_per_ms, hold_off_ms, departed_s
        shape = (self.size, self.antennas)
        self.ring = np.full((*shape, _LOUDNESSES), np.nan, np.float32)
        self.count = np.zeros(shape, np.int64)
        self.mean = np.full(shape, -np.inf)
        self.read_s = np.full(shape, -1e9)

    def _locate(self, heard: Heard, t_s: float) -> None:
        tags, antennas = heard.tags, heard.antennas
        self.ring[tags, antennas, self.count[tags, antennas] % _LOUDNESSES] = heard.rssi
        self.count[tags, antennas] += 1
        self.mean[tags, antennas] = np.nanmean(self.ring[tags, antennas], axis=1)
        self.read_s[tags, antennas] = t_s
        tag = np.unique(tags)
        here = np.maximum(self.place[tag], 0)
        since_ms = (t_s - self.read_s[tag, here]) * 1000
        offset = np.minimum(6.0, 6.0 + self.slope * (since_ms - self.hold_off_ms))
        fresh = np.where(self.read_s[tag] == t_s, self.mean[tag], -np.inf)
        best = fresh.argmax(axis=1)
        moves = (self.place[tag] < 0) | (fresh[np.arange(len(tag)), best] > self.mean[tag, here] + offset)
        self.place[tag[moves]] = best[moves]

    def _present(self, t_s: float) -> Array:
        departed = t_s - self.last_s >= self.departed_s
        rows = np.flatnonzero(departed & (self.place >= 0))
        self.ring[rows], self.count[rows], self.mean[rows] = np.nan, 0, -np.inf
        self.place[rows] = -1
        return ~departed


class Smurf(Rival):
    """Per-tag adaptive window over all antennas; the place is where it was read most in its window."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.past = np.zeros((_LONGEST_WINDOW, self.size), np.bool_)
        self.cycle = 0
        self.window = np.ones(self.size, np.int64)

    def _locate(self, heard: Heard, t_s: float) -> None:
        read = np.zeros(self.size, np.bool_)
        read[heard.tags] = True
        self.cycle += 1
        self.past[self.cycle % _LONGEST_WINDOW] = read
        super()._locate(heard, t_s)

    def _present(self, t_s: float) -> Array:  # noqa: ARG002
        back = (self.cycle - np.arange(_LONGEST_WINDOW)) % _LONGEST_WINDOW
        reads = np.cumsum(self.past[back], axis=0)
        in_window = reads[self.window - 1, np.arange(self.size)]
        rate = np.clip(in_window / self.window, 0.02, 0.999)
        complete = np.ceil(np.log(1 / 0.05) / rate)
        half = np.maximum(self.window // 2, 1)
        in_half = reads[half - 1, np.arange(self.size)]
        moved = np.abs(in_half - half * rate) > 2 * np.sqrt(half * rate * (1 - rate)) + 1e-9
        grown = np.minimum(np.minimum(self.window + 2, complete), _LONGEST_WINDOW)
        self.window = np.where(moved & (in_half < half * rate), half, np.maximum(grown, 1)).astype(np.int64)
        return np.asarray(in_window > 0)


def rivals(shop: Shop) -> dict[str, Rival]:
    """All of them."""
    return {
        "window 5 s": FixedWindow(shop, 5),
        "window 30 s": FixedWindow(shop, 30),
        "window 120 s": FixedWindow(shop, 120),
        "window 600 s": FixedWindow(shop, 600),
        "EdgeX": MobilityProfile(shop, slope_db_per_ms=-0.008, hold_off_ms=500, departed_s=600),
        "Intel RSP": MobilityProfile(shop, slope_db_per_ms=-0.0005, hold_off_ms=60_000, departed_s=30),
        "SMURF": Smurf(shop),
    }
