"""Reads on their way into bins of time: whose clock said what, what is late, what came twice.

Bins are counted on the host's clock. A reader's clock is believed while it agrees with the host's; reads of a clock
that does not agree count when they arrive, and when it goes on so, its offset is learned.
"""

from typing import Final

import numpy as np

from edge.core.shelf.settings import DISORDER_MS
from edge.core.shelf.state import Reads, State

AGREE_MS: Final = DISORDER_MS + 1_000
_STEADY_READS: Final = 20
_GAP_MS: Final = 5_000
_CLOCK_SET_MS: Final = 30 * 86_400_000
_ANTENNA_BITS: Final = 12


class Arrivals:
    """Bins of reads, a bin being a dictionary from (tag row, antenna number) to the loudest RSSI."""

    def __init__(self, antennas: int, bin_ms: int) -> None:
        self.bin_ms = bin_ms
        self.host_ms: int | None = None
        self.base_ms = 0
        self.offsets = [0] * antennas
        self.bins: dict[int, dict[int, float]] = {}
        self._packed: dict[int, Reads] = {}
        self.events: dict[int, list[tuple[tuple[int, ...], bool]]] = {}
        self.settled = 0
        self.dirty: int | None = None
        self.decided = 0
        self.late = 0
        self._odd: list[tuple[int, int]] = [(0, 0)] * antennas

    def begin(self, t_ms: int) -> None:
        """Start counting: bin edges lie on multiples of the bin's length, whenever the first message came."""
        span = 3600 * self.bin_ms
        self.base_ms = (t_ms // span - 1) * span
        self.host_ms = t_ms
        self.decided = self.settled = (t_ms - self.base_ms) // self.bin_ms - 8

    def clock(self) -> dict[str, int]:
        """What ``resume`` needs to go on counting."""
        return {"base_ms": self.base_ms, "bin_ms": self.bin_ms, "host_ms": self.host_ms or 0}

    def resume(self, clock: dict[str, int], state: State) -> None:
        """Go on from a dump's clock; where bins had another length, ``state`` is counted anew."""
        self.base_ms, self.host_ms = clock["base_ms"], clock["host_ms"]
        if clock["bin_ms"] != self.bin_ms:
            for array in (state.tags.last, state.tags.first):
                array[:] = np.where(array < 0, -1, array.astype(np.int64) * clock["bin_ms"] // self.bin_ms)
            state.begun = state.begun * clock["bin_ms"] // self.bin_ms
            state.bin = (self.host_ms - self.base_ms) // self.bin_ms - 1
        self.decided = self.settled = state.bin

    def add(self, row: int, antenna: int, rssi_dbm: float, t_ms: int) -> None:
        """Take in one read; whichever order reads of a bin come in, and however often, the bin is the same."""
        if self.host_ms is None:
            self.begin(t_ms)
        at_ms = t_ms - self.offsets[antenna]
        if not -AGREE_MS <= at_ms - self.host_ms <= AGREE_MS:  # type: ignore[operator] # begin() set it
            at_ms = self._disagreeing(antenna, t_ms)
        number = (at_ms - self.base_ms) // self.bin_ms
        if number <= self.settled:
            self.late += 1
            return
        if number <= self.decided and (self.dirty is None or number < self.dirty):
            self.dirty = number
        reads = self.bins.get(number)
        if reads is None:
            reads = self._open(number)
        key = row << _ANTENNA_BITS | antenna
        known = reads.get(key)
        if known is None or rssi_dbm > known:
            reads[key] = rssi_dbm

    def _disagreeing(self, antenna: int, t_ms: int) -> int:
        """A read whose clock is off counts now; the offset is learned once enough reads agree on it."""
        host_ms = self.host_ms or 0
        off = t_ms - host_ms
        seen, times = self._odd[antenna]
        # The least delayed read is nearest to the true offset.
        self._odd[antenna] = (max(seen, off), times + 1) if abs(off - seen) <= AGREE_MS else (off, 1)
        if self._odd[antenna][1] >= _STEADY_READS:
            self.offsets[antenna] = round(self._odd[antenna][0] / 1000) * 1000
            self._odd[antenna] = (0, 0)
        return host_ms

    def pass_to(self, host_ms: int) -> tuple[int, bool]:
        """The host's clock says ``host_ms``. Returns the last complete bin, and whether time jumped."""
        if self.host_ms is None:
            self.begin(host_ms)
        before = self.host_ms or 0
        if not -_GAP_MS <= host_ms - before <= _CLOCK_SET_MS:
            # The clock was set: time goes on from where it was, by one bin.
            self.base_ms += (host_ms - before - self.bin_ms) // self.bin_ms * self.bin_ms
            self.host_ms = host_ms
        else:
            self.host_ms = max(before, host_ms)
        complete = (self.host_ms - self.base_ms) // self.bin_ms - 1
        return complete, self.host_ms - before > _GAP_MS

    def _open(self, number: int) -> dict[int, float]:
        """A bin to put reads in: a new one, or one that was packed away and gets a late read."""
        packed = self._packed.pop(number, None)
        if packed is None:
            reads: dict[int, float] = {}
        else:
            keys = packed.rows << _ANTENNA_BITS | packed.antennas
            reads = dict(zip(keys.tolist(), packed.rssi.tolist(), strict=True))
        self.bins[number] = reads
        return reads

    def heard(self, after: int, upto: int) -> list[int]:
        """Bins with reads, after ``after`` and up to ``upto``."""
        return sorted(number for number in {*self.bins, *self._packed} if after < number <= upto)

    def take(self, number: int) -> Reads:
        """The reads of a bin, in an order that does not depend on how they came."""
        if number in self._packed:
            return self._packed[number]
        reads = self.bins.pop(number, {})
        keys = np.fromiter(reads.keys(), np.int64, len(reads))
        rssi = np.fromiter(reads.values(), np.float32, len(reads))
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        events = tuple(self.events.get(number, ()))
        packed = Reads(keys >> _ANTENNA_BITS, keys & ((1 << _ANTENNA_BITS) - 1), rssi[order], events)
        # A dictionary of a cycle of 50,000 tags takes 8 MB, its arrays 1 MB.
        self._packed[number] = packed
        return packed

    def connect(self, numbers: tuple[int, ...], *, connected: bool) -> None:
        """The reader says now that these antennas are connected, or not."""
        self.events.setdefault(self.decided + 1, []).append((numbers, connected))
        if self.decided + 1 in self._packed:
            self._open(self.decided + 1)

    def settle(self, upto: int) -> None:
        """Bins up to ``upto`` will not change any more."""
        self.settled = max(self.settled, upto)
        for kept in (self.bins, self._packed, self.events):
            for number in [number for number in kept if number <= upto]:
                del kept[number]
