"""What the store screen shows: the newest sample of each lane, for as long as it may be believed."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from models.messages.samples import LANE_BELIEVED_MS, LaneSample
from models.process.clock import Clock


@dataclass(frozen=True, slots=True)
class LaneNow:
    """One lane at one moment. ``sample`` is what was last heard, ``None`` before the first word of this lane."""

    lane: str
    sample: LaneSample | None
    age_ms: int
    """Since it was put on the board."""
    believed_for_ms: int
    """How much longer it may be shown; 0 when it may not be shown any more."""


@dataclass(frozen=True, slots=True)
class _Held:
    sample: LaneSample
    put_s: float
    until_s: float


class Board:
    """The newest samples by lane. Safe from any thread.

    A sample is believed until its own ``believed_until_ms``, and never longer than ``LANE_BELIEVED_MS`` after it was
    put here by a clock that does not step: a wall clock that is set back must not keep an old number alive.
    """

    def __init__(self, clock: Clock, *, lanes: Sequence[str] = ()) -> None:
        """``lanes`` are shown from the start and in this order; others follow as they are heard, in natural order."""
        self._clock = clock
        self._order = tuple(lanes)
        self._held: dict[str, _Held] = {}
        self._lock = Lock()
        self._watchers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def put(self, sample: LaneSample) -> None:
        """Take a lane's sample in; one that is older than the believed one it would replace changes nothing."""
        now_s = self._clock.monotonic_s()
        remaining_ms = min(sample.believed_until_ms - self._clock.now_ms(), LANE_BELIEVED_MS)
        with self._lock:
            known = self._held.get(sample.lane)
            if (
                known
                and now_s < known.until_s
                and known.sample.t_ms - LANE_BELIEVED_MS < sample.t_ms < known.sample.t_ms
            ):
                return
            self._held[sample.lane] = _Held(sample, now_s, now_s + max(0, remaining_ms) / 1000)
            watchers = tuple(self._watchers)
        for loop, changed in watchers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

    def lanes(self) -> tuple[LaneNow, ...]:
        """Every lane as it is now."""
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        with self._lock:
            held = dict(self._held)
        names = [*self._order, *sorted(held.keys() - set(self._order), key=_natural)]
        return tuple(_now(lane, held.get(lane), now_s, now_ms) for lane in names)

    @contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set at each change while the context is open."""
        watcher = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._watchers.add(watcher)
        try:
            yield watcher[1]
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    @property
    def watchers(self) -> int:
        """How many look at the board."""
        return len(self._watchers)


def _now(lane: str, held: _Held | None, now_s: float, now_ms: int) -> LaneNow:
    if held is None:
        return LaneNow(lane, None, 0, 0)
    believed_ms = min(round((held.until_s - now_s) * 1000), held.sample.believed_until_ms - now_ms)
    return LaneNow(lane, held.sample, round((now_s - held.put_s) * 1000), max(0, believed_ms))


def _natural(lane: str) -> tuple[int, int, str]:
    """Order 2 before 10, numbers before names."""
    return (0, int(lane), lane) if lane.isdecimal() else (1, 0, lane)
