"""Presence: reads and time go in, facts about items come out, and what is believed can be asked at any moment."""

from collections.abc import Mapping
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from edge.core.shelf.arrivals import AGREE_MS, Arrivals
from edge.core.shelf.belief import ItemBelief, ItemState
from edge.core.shelf.memory import Dump, pack, unpack
from edge.core.shelf.settings import PresenceSettings
from edge.core.shelf.state import State, advance
from edge.core.shelf.telling import STANDS, TAKEN, ShelfFact, Teller, Told, decide, gone_for_good, place

MAX_TAGS: Final = 200_000
"""Tags that are held at once; reads of more are refused and counted (``refused_reads``), for memory has an end."""
_STRAY_FORGOTTEN_BINS: Final = 1_800
_TAKEN_FORGOTTEN_BINS: Final = 86_400
_FORGET_EVERY_BINS: Final = 600
_KEPT_EVERY: Final = 2
"""Every so many bins' state is kept, so that late reads can be weighed in their own bin."""
_CONNECTED: Final = {
    "antenna_connected": True,
    "reader_connected": True,
    "antenna_disconnected": False,
    "reader_disconnected": False,
}


class Presence:
    """What stands on the shelves of one node.

    Args:
        settings: see ``PresenceSettings``.
        antennas: antenna key → shelf; a shelf may have several antennas.
        neighbours: shelf → shelves beside it, as far as known; from the first minute on they are learned as well.

    Reads may come up to two seconds out of order, and twice, without changing what is believed in the end: the state
    after each bin of time is a function of the set of its reads. Beliefs are there at once; when a late read belongs
    to a bin that has been weighed already, that bin and those after it are weighed again.
    """

    def __init__(
        self,
        settings: PresenceSettings,
        antennas: Mapping[str, str],
        neighbours: Mapping[str, list[str]] | None = None,
    ) -> None:
        self.settings = settings
        self.unknown_antennas: dict[str, int] = {}
        self.refused_reads = 0
        self._antennas = {key: number for number, key in enumerate(antennas)}
        self._shelves = list(dict.fromkeys(antennas.values()))
        self._shelf = np.array([self._shelves.index(shelf) for shelf in antennas.values()], np.int16)
        self._rows: dict[str, int] = {}
        self._epcs: list[str] = []
        self._free: list[int] = []
        self._told = Told(64)
        self._teller = Teller(self._shelves, self._epcs)
        self._arrivals = Arrivals(len(self._antennas), settings.bin_ms)
        self._kept_bins = -(-AGREE_MS // settings.bin_ms)
        self._states: dict[int, State] = {}
        self._state: State | None = None
        self._beside = self._side_by_side(neighbours or {})

    @property
    def late_reads(self) -> int:
        """Reads that came too late to be weighed."""
        return self._arrivals.late

    def read(self, epc: str, antenna: str, rssi_dbm: float, t_ms: int) -> None:
        """One tag was read. ``t_ms`` is the reader's clock; ``rssi_dbm`` is minus infinity where unknown."""
        number = self._antennas.get(antenna)
        if number is None:
            if antenna in self.unknown_antennas or len(self.unknown_antennas) < 100:
                self.unknown_antennas[antenna] = self.unknown_antennas.get(antenna, 0) + 1
            return
        row = self._rows.get(epc)
        if row is None:
            if len(self._rows) >= MAX_TAGS:
                self.refused_reads += 1
                return
            row = self._add(epc)
        self._arrivals.add(row, number, rssi_dbm, t_ms)

    def tick(self, t_ms: int) -> list[ShelfFact]:
        """The host's clock says ``t_ms``. Returns what has become firm since, told at ``t_ms``."""
        arrivals = self._arrivals
        complete, jumped = arrivals.pass_to(t_ms)
        if self._state is None:
            self._state = State.blank(len(self._antennas), arrivals.decided, self._beside)
            self._states = {self._state.bin: self._state}
        if complete <= arrivals.decided and arrivals.dirty is None:
            return []
        state = self._rewind()
        for number in self._due(state.bin, complete, jumped=jumped):
            # A kept state stays as it is; one that is not kept goes on in place. That of 50,000 tags takes 8 MB.
            if state.bin in self._states or self._capacity(state) > len(state.tags):
                self._drop_states(number - self._kept_bins)
                state = state.copy(self._capacity(state))
            state.bin = number - 1
            advance(state, arrivals.take(number), self._shelf, self.settings.bin_ms / 1000, self.settings.cycles)
            if number % _KEPT_EVERY == 0:
                self._states[number] = state
        state.bin = max(state.bin, complete)
        self._state = state
        arrivals.decided = max(arrivals.decided, complete)
        self._settle(jumped=jumped)
        self._told = self._told.resized(len(state.tags)) if len(self._told.state) < len(state.tags) else self._told
        decision = decide(state, self._told, self._shelf, self.settings)
        to_ms = np.array([arrivals.bin_ms, arrivals.base_ms], np.int64)
        facts = self._teller.tell(decision, self._told, state, t_ms, to_ms)
        if complete % _FORGET_EVERY_BINS == 0:
            self._forget(complete)
        return facts

    def reader(self, value: str, antenna: str | None, t_ms: int) -> None:  # noqa: ARG002 - the port's signature
        """The reader said that it, or one of its antennas, is connected or disconnected; other values are ignored."""
        if value not in _CONNECTED:
            return
        numbers = tuple(self._antennas.values()) if antenna is None else (self._antennas.get(antenna, -1),)
        if -1 not in numbers:
            self._arrivals.connect(numbers, connected=_CONNECTED[value])
            if self._state is not None:
                self._state.antennas.connect(list(numbers), connected=_CONNECTED[value])

    def silent(self) -> list[str]:
        """Keys of the antennas of which nothing is known now."""
        dark = self._state.antennas.dark if self._state is not None else np.zeros(len(self._antennas), np.bool_)
        return [key for key, number in self._antennas.items() if dark[number]]

    def items(self, t_ms: int) -> Mapping[str, ItemBelief]:  # noqa: ARG002 - the belief is that of the last tick
        """What is believed of every item that has stood here, and of those that probably do."""
        if self._state is None:
            return {}
        state, where = self._state, place(self._state, self._shelf)
        shelves, p, dark = where.shelf.tolist(), where.p.tolist(), where.dark.tolist()
        # Of the belief alone, not of what was said on the way: late reads may have taken that back.
        is_met, gone = (state.tags.home >= 0).tolist(), gone_for_good(state).tolist()
        answer: dict[str, ItemBelief] = {}
        for epc, row in self._rows.items():
            if row >= len(p) or shelves[row] < 0 or not (is_met[row] or p[row] >= 0.5):
                continue
            said: ItemState = "present" if p[row] >= 0.5 else "taken"
            if dark[row] and gone[row] < 0.9:
                said = "unknown"
            answer[epc] = ItemBelief(self._shelves[shelves[row]], round(min(1.0, p[row]), 4), said)
        return answer

    def dump(self) -> bytes:
        """Everything that must survive a restart of the node."""
        rows = sorted(self._rows.values())
        epcs = [self._epcs[row] for row in rows]
        keys = list(self._antennas)
        state = self._state.copy(len(self._epcs)) if self._state is not None else None
        told = self._told.resized(max(len(self._epcs), 1))
        clock = self._arrivals.clock()
        return pack(Dump(epcs, keys, self._shelves, clock, state, told), np.array(rows, np.int64))

    @classmethod
    def load(
        cls,
        data: bytes,
        settings: PresenceSettings,
        antennas: Mapping[str, str],
        neighbours: Mapping[str, list[str]] | None = None,
    ) -> Self:
        """Go on from a dump, also with other antennas: what stood at one that is no more has no home.

        Raises:
            ValueError: not a dump of ours.
        """
        self = cls(settings, antennas, neighbours)
        dump = unpack(data, list(self._antennas), self._shelves)
        self._told = dump.told
        for epc in dump.epcs:
            self._rows[epc] = len(self._epcs)
            self._epcs.append(epc)
        if dump.state is not None:
            self._arrivals.resume(dump.clock, dump.state)
            dump.state.beside = dump.state.usual.beside = self._beside
            self._state = dump.state
            self._states = {dump.state.bin: dump.state}
        return self

    def _side_by_side(self, neighbours: Mapping[str, list[str]]) -> npt.NDArray[np.bool_]:
        """Which antennas belong to shelves that are neighbours, (antennas, antennas)."""
        pairs = {(one, other) for one, others in neighbours.items() for other in others}
        names = [self._shelves[number] for number in self._shelf]
        beside = [[(one, other) in pairs or (other, one) in pairs for other in names] for one in names]
        return np.array(beside, np.bool_).reshape(len(names), len(names))

    def _add(self, epc: str) -> int:
        if self._free:
            row = self._free.pop()
            self._epcs[row] = epc
        else:
            row = len(self._epcs)
            self._epcs.append(epc)
        self._rows[epc] = row
        return row

    def _rewind(self) -> State:
        """The last kept state before the first bin that must be weighed (again)."""
        arrivals = self._arrivals
        assert self._state is not None  # noqa: S101 - tick() made it
        state = self._state
        if arrivals.dirty is not None:
            before = max((number for number in self._states if number < arrivals.dirty), default=state.bin)
            state = self._states.get(before, state)
            self._states = {number: kept for number, kept in self._states.items() if number <= before}
        arrivals.dirty = None
        return state

    def _capacity(self, state: State) -> int:
        """Rows for every tag, with some to spare when there are too few."""
        needed = len(self._epcs)
        return len(state.tags) if needed <= len(state.tags) else max(64, needed * 33 // 32)

    def _due(self, last: int, complete: int, *, jumped: bool) -> list[int]:
        """Bins to weigh. After a jump of time only those with reads: in the others nobody listened."""
        if not jumped:
            return list(range(last + 1, complete + 1))
        decided = self._arrivals.decided
        return [*range(last + 1, decided + 1), *self._arrivals.heard(decided, complete)]

    def _settle(self, *, jumped: bool) -> None:
        """Forget the states and reads of bins that can change no more."""
        arrivals, state = self._arrivals, self._state
        assert state is not None  # noqa: S101 - tick() made it
        if jumped:
            self._states = {state.bin: state}
        self._drop_states(arrivals.decided - self._kept_bins)
        arrivals.settle(min(self._states))

    def _drop_states(self, since: int) -> None:
        """Drop the states that are not needed to weigh the bins after ``since`` again."""
        first = max((number for number in self._states if number <= since), default=since)
        self._states = {number: kept for number, kept in self._states.items() if number >= first}

    def _forget(self, now: int) -> None:
        """Free the rows of strays, and of items that were taken a day ago."""
        state, told = self._state, self._told
        assert state is not None  # noqa: S101 - tick() made it
        since = now - state.tags.last
        stray = (told.state[: len(since)] != STANDS) & (since > _STRAY_FORGOTTEN_BINS)
        stray &= (told.state[: len(since)] != TAKEN) | (since > _TAKEN_FORGOTTEN_BINS)
        stray &= (state.tags.at_home < 0.5) & (state.tags.last >= 0)
        for row in np.flatnonzero(stray).tolist():
            if row < len(self._epcs) and self._rows.get(self._epcs[row]) == row:
                del self._rows[self._epcs[row]]
                self._free.append(row)
                told.state[row] = 0
                for kept in (*self._states.values(), state):
                    if row < len(kept.tags):
                        kept.tags.erase(row)
