"""Time as an argument. ``core/`` takes it in; only composition roots read a clock."""

import time
from typing import Protocol


class Clock(Protocol):
    """Where a process reads the time from."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC; may step when the machine's clock is set."""

    def monotonic_s(self) -> float:
        """Seconds that never step back."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds that never step back."""
        return time.monotonic()


class ManualClock:
    """The fake beside it: stands still until it is moved."""

    def __init__(self, now_ms: int = 1_760_000_000_000) -> None:
        self._now_ms = now_ms
        self._elapsed_s = 0.0

    def now_ms(self) -> int:
        """The time it was moved to."""
        return self._now_ms

    def monotonic_s(self) -> float:
        """Seconds that it was moved on."""
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        self._elapsed_s += seconds
        self._now_ms += round(seconds * 1000)


YEAR_2024_MS = 1_704_067_200_000


def is_unset(now_ms: int) -> bool:
    """Whether a clock cannot be right: a Pi without network starts in 1970 or at its image's date."""
    return now_ms < YEAR_2024_MS
