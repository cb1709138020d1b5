"""Which items leave through a door: the reads of a door's antennas, taken apart into visits and weighed.

A visit is weighed when it is over, 3.6 s after its last read (1.5 s without one, and 2 s in which a late one may
come); so the order of reads and doubles change nothing. A display shelf beside the door and somebody who stands there
are seen for long and evenly: such a tag only leaves when it comes clearly nearer before it is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

import msgspec

from edge.core.exit_odds import exit_probability, strongest_dbm
from edge.core.exit_visit import MOMENT_MS, NO_RSSI, Visit, Visits
from models.messages.facts import Evidence
from models.messages.goods import ItemExited

Side = Literal["inside", "outside", ""]

AGAIN_MS: Final = 60_000
"""A tag that went out goes out again only after so long: who turns round in the doorway is one passage."""
FORGET_MS: Final = 600_000
TOLD_P: Final = 0.5
MAX_TAGS: Final = 50_000
SET_BACK_MS: Final = 5_000


@dataclass(frozen=True)
class DoorAntenna:
    """An antenna at ``door``; ``side`` where the door has antennas on both sides."""

    door: str
    side: Side = ""


class Exits:
    """The doors of one node. ``tick``, called about once a second, tells who left."""

    def __init__(self, antennas: Mapping[str, DoorAntenna], *, strong_dbm: Mapping[str, float] | None = None) -> None:
        """``antennas``: antenna key → where it hangs.

        ``strong_dbm``: door → how strongly a tag in the doorway is read; −60 where nothing is said.
        """
        self.antennas = dict(antennas)
        self.late_reads = 0
        self.refused_reads = 0
        """Reads of more tags than are held at once."""
        self.passed_by = 0
        """Visits that were no way out."""
        self._strong_dbm = dict(strong_dbm or {})
        self._dark: set[str] = set()
        self._two_sided = {door: self._has_both_sides(door) for door in {one.door for one in antennas.values()}}
        self._tags: dict[tuple[str, str], Visits] = {}
        self._forgot_ms = 0
        self._ticked_ms = 0

    def read(self, epc: str, antenna: str, rssi_dbm: float, t_ms: int) -> None:
        """A tag answered an antenna of a door; ``rssi_dbm`` is minus infinity where unknown."""
        at = self.antennas[antenna]
        visits = self._tags.get((at.door, epc))
        if visits is None:
            if len(self._tags) >= MAX_TAGS:
                self.refused_reads += 1
                return
            visits = self._tags[at.door, epc] = Visits()
        tenths = round(rssi_dbm * 10) if isfinite(rssi_dbm) else NO_RSSI
        if not visits.add(at.side if self._two_sided[at.door] else "", t_ms, tenths):
            self.late_reads += 1

    def reader(self, value: str, antenna: str) -> None:
        """A reader said that one of its antennas, or it itself, is connected or disconnected.

        A door one of whose sides is dark tells who leaves as a door without sides does.
        """
        if antenna in self.antennas and value.endswith("_connected"):
            self._dark.discard(antenna)
        elif antenna in self.antennas and value.endswith("_disconnected"):
            self._dark.add(antenna)

    def tick(self, t_ms: int) -> list[ItemExited]:
        """Weigh every visit that is over at ``t_ms``; tells who left, in order of door and EPC."""
        told: list[ItemExited] = []
        if t_ms < self._ticked_ms - SET_BACK_MS:
            self._tags.clear()  # The clock was set back: what is known is of times that are yet to come.
        self._ticked_ms = t_ms
        for (door, epc), visits in self._tags.items():
            while (visit := visits.take(t_ms)) is not None:
                told += self._weigh(door, epc, visits, visit, t_ms)
        self._forget(t_ms)
        return sorted(told, key=lambda fact: (fact.door, fact.epc))

    def dump(self) -> bytes:
        """What must outlive a restart: open visits, who stands at the door, who left just now."""
        return msgspec.json.encode([(door, epc, visits) for (door, epc), visits in self._tags.items()])

    def restore(self, kept: bytes) -> None:
        """Go on from a dump; doors that are no more are forgotten.

        Raises:
            ValueError: not a dump of ours.
        """
        for door, epc, visits in msgspec.json.decode(kept, type=list[tuple[str, str, Visits]]):
            if door in self._two_sided:
                self._tags[door, epc] = visits

    def _weigh(self, door: str, epc: str, visits: Visits, visit: Visit, t_ms: int) -> list[ItemExited]:
        strong_dbm = self._strong_dbm.get(door, -60.0)
        p = exit_probability(visit, strong_dbm, two_sided=self._two_sided[door] and self._has_both_sides(door))
        if p < TOLD_P or visit.tail[0].at * MOMENT_MS - visits.exited_ms < AGAIN_MS:
            self.passed_by += 1
            return []
        last_ms = visit.tail[-1].at * MOMENT_MS
        visits.exited_ms = last_ms
        evidence = Evidence(reads=len(visit.tail), rssi_dbm=strongest_dbm(visit), last_read_ms=last_ms)
        return [ItemExited(t_ms=t_ms, epc=epc, door=door, p=round(p, 3), evidence=evidence)]

    def _has_both_sides(self, door: str) -> bool:
        """Whether antennas on both sides of a door work, or did before all of them fell dark together."""
        there = {key: one.side for key, one in self.antennas.items() if one.door == door}
        lit = {side for key, side in there.items() if key not in self._dark} or set(there.values())
        return {"inside", "outside"} <= lit

    def _forget(self, t_ms: int) -> None:
        """Forget tags that were not here for long; a reader's clock that ran ahead does not keep them for ever."""
        if abs(t_ms - self._forgot_ms) < AGAIN_MS:
            return
        self._forgot_ms = t_ms
        gone = [key for key, visits in self._tags.items() if abs(t_ms - visits.last_ms) > FORGET_MS]
        for key in gone:
            del self._tags[key]
