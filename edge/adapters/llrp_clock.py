"""A reader's clock brought to the host's, by when its reports arrive.

The least delayed report of the last minutes tells the offset best: ``arrival − reader's time`` is the offset plus the
delay, and a delay is never negative (the minimum filter of Paxson, "On calibrating measurements of packet transit
times", SIGMETRICS 1998). Two windows slide the minimum along, so that a clock that drifts is followed.
"""

from typing import Final

WINDOW_MS: Final = 60_000
STEP_MS: Final = 5_000
"""A report that is later than the quickest by more than this tells of a clock that was set, not of a delay."""
OLDEST_MS: Final = 15_000
"""Readers report within a cycle; what seems older than this was timed by a clock that has been set since."""


class ReaderClock:
    """Corrects the times of one connection."""

    def __init__(self) -> None:
        self._best: float | None = None
        self._previous: float | None = None
        self._until_ms = 0

    @property
    def offset_ms(self) -> float | None:
        """How far the host is ahead of the reader, as far as is known."""
        known = [value for value in (self._best, self._previous) if value is not None]
        return min(known, default=None)

    def heard(self, reader_us: int, arrival_ms: int) -> None:
        """A report arrived whose newest time is ``reader_us``."""
        sample = arrival_ms - reader_us / 1000
        offset = self.offset_ms
        if offset is not None and abs(sample - offset) > STEP_MS:
            self._best = self._previous = None
        if self._best is None:
            self._best, self._until_ms = sample, arrival_ms + WINDOW_MS
        elif arrival_ms >= self._until_ms:
            self._previous, self._best, self._until_ms = self._best, sample, arrival_ms + WINDOW_MS
        else:
            self._best = min(self._best, sample)

    def host_ms(self, reader_us: int, arrival_ms: int) -> int:
        """When on the host's clock the reader's ``reader_us`` was; never after it arrived."""
        offset = self.offset_ms
        host_ms = arrival_ms if offset is None else round(reader_us / 1000 + offset)
        # A report that spans the moment in which the clock was set has times of both clocks.
        return host_ms if arrival_ms - OLDEST_MS < host_ms < arrival_ms else arrival_ms
