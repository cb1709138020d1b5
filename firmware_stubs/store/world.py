"""The pretend store while the day goes on: which item stands where and who waits in which lane, from happenings."""

import hashlib
import random
from collections.abc import Iterator

from firmware_stubs.store.happening import Happening

NEIGHBOUR_SHARE = 0.08
"""How often an item is also read by the antenna next to its own."""


class World:
    """Where things are now. ``apply`` moves it on by one happening."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.standing: dict[str, str] = {}
        """EPC → shelf."""
        self.gtins: dict[str, str] = {}
        """EPC → GTIN of every item that ever stood here."""
        self.units: dict[str, str] = {}
        """EPC of a carton → where it stands."""
        self.lanes: dict[str, list[int]] = {}
        """Lane → shoppers in it, the one in service first."""
        self.open: set[str] = set()
        self.inside: set[int] = set()

    def apply(self, happening: Happening) -> None:
        """Let one thing happen."""
        if happening.epc:
            self._goods(happening, happening.epc)
        elif happening.lane:
            self._lane(happening, happening.lane)
        match happening.kind, happening.shopper:
            case "entered", int(shopper):
                self.inside.add(shopper)
            case "left", int(shopper):
                self.inside.discard(shopper)

    def _goods(self, happening: Happening, epc: str) -> None:
        if happening.gtin:
            self.gtins[epc] = happening.gtin
        match happening.kind, happening.shelf:
            case (("stocked" | "delivered" | "moved" | "put_back" | "misplaced"), str(shelf)):
                self.standing[epc] = shelf
            case "unit_delivered", str(shelf):
                self.units[epc] = shelf
            case "lifted", _:
                self.standing.pop(epc, None)

    def _lane(self, happening: Happening, lane: str) -> None:
        match happening.kind, happening.shopper:
            case "joined", int(shopper):
                self.lanes.setdefault(lane, []).append(shopper)
            case "sold", int(shopper):
                if shopper in self.lanes.get(lane, ()):
                    self.lanes[lane].remove(shopper)
            case "lane_opened", _:
                self.open.add(lane)
            case "lane_closed", _:
                self.open.discard(lane)

    def people(self, lane: str) -> int:
        """How many stand in a lane, the one in service included."""
        return len(self.lanes.get(lane, ()))

    def cycle(self, shelves: list[str]) -> Iterator[tuple[str, int, float]]:
        """One inventory by the antennas of ``shelves``: (EPC, antenna from 1, RSSI in dBm) of every tag that answers.

        A tag answers in 40 to 95 % of the cycles, each tag in its own share, and sometimes to the next antenna, too.
        """
        antennas = {shelf: number for number, shelf in enumerate(shelves, start=1)}
        for epc, shelf in (*self.standing.items(), *self.units.items()):
            antenna = antennas.get(shelf)
            if antenna is None:
                continue
            rate, level = _character(epc)
            if self._random.random() < rate:
                yield epc, antenna, round(self._random.gauss(level, 2.0), 1)
            if len(shelves) > 1 and self._random.random() < NEIGHBOUR_SHARE:
                other = antenna + 1 if antenna < len(shelves) else antenna - 1
                yield epc, other, round(self._random.gauss(level - 11.0, 3.0), 1)


def _character(epc: str) -> tuple[float, float]:
    """A tag's own read rate (0.4 to 0.95) and level (-62 to -50 dBm), the same in every run."""
    digest = hashlib.blake2s(epc.encode(), digest_size=2).digest()
    return 0.4 + 0.55 * digest[0] / 255, -62.0 + 12.0 * digest[1] / 255
