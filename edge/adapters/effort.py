"""What a camera may cost on this machine: threads that pay, and what is given up when a frame takes too long."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Final

FLOOR_FPS: Final = 2.0
"""So many frames a second a queue needs; tiles are given up before it falls below."""

PATIENCE_S: Final = 10.0
"""So long a machine must have been too slow before something is given up: a backup or an update passes."""

WORTH: Final = 0.85
"""More threads have to save this much of a frame's time: they are taken from other cameras and from the node."""

_TRIES: Final = 4


def most_threads(cameras: int, cores: int | None = None) -> int:
    """How many threads one camera's model may have: two where each camera can have two cores, else one."""
    return 2 if (cores or os.cpu_count() or 1) >= 2 * max(cameras, 1) else 1


def fastest(runs: Iterable[tuple[int, Callable[[], object]]], now: Callable[[], float] = time.perf_counter) -> int:
    """Which of ``runs`` (threads, one inference), fewest threads first, pays: the quickest of a few tries each."""
    chosen, least_s = 1, float("inf")
    for threads, run in runs:
        run()  # the first one sets memory up
        took_s = float("inf")
        for _ in range(_TRIES):
            began_s = now()
            run()
            took_s = min(took_s, now() - began_s)
        if took_s < WORTH * least_s:
            chosen, least_s = threads, took_s
    return chosen


class Effort:
    """Whether this machine keeps up, frame by frame. Pure: time comes in with each frame."""

    def __init__(self, fps: float) -> None:
        self._wanted_s = 1 / fps
        self._floor_s = 1 / min(fps, FLOOR_FPS)
        self.mean_s = 0.0
        self._slow_since_s: float | None = None

    def took(self, seconds: float, now_s: float) -> None:
        """A frame took ``seconds``; the mean forgets with each frame a tenth of the ones before."""
        self.mean_s += 0.1 * (seconds - self.mean_s)
        if self.mean_s <= self._floor_s:
            self._slow_since_s = None
        elif self._slow_since_s is None:
            self._slow_since_s = now_s

    @property
    def is_slow(self) -> bool:
        """Whether fewer frames are looked at than the settings want."""
        return self.mean_s > self._wanted_s

    @property
    def keeps_up(self) -> bool:
        """Whether it does with room to spare."""
        return self.mean_s < 0.8 * self._wanted_s

    def gives_up(self, now_s: float) -> bool:
        """Whether it has been below ``FLOOR_FPS`` for so long that something must be given up; asked once each."""
        if self._slow_since_s is None or now_s - self._slow_since_s < PATIENCE_S:
            return False
        self._slow_since_s = None
        self.mean_s = 0.0
        return True
