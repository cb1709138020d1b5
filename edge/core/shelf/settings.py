"""What an installation may set about presence."""

from dataclasses import dataclass

DISORDER_MS = 2_000
"""How far a reader may send its reads out of order without changing anything."""


@dataclass(frozen=True)
class PresenceSettings:
    """Settings of one node's shelves.

    ``false_takes_per_1000_h`` is the one that trades speed against false takes (its curve is in docs/presence.md): of
    1,000 items that stand for an hour, so many may be said to be taken though they are only being looked at. The time
    that an item must be away for that follows from how long people here hold what they put back.
    ``place_threshold`` is the probability from which an item counts as placed, moved or returned. ``cycle_ms`` is how
    often a reader goes through all its tags.
    """

    cycle_ms: int = 1000
    false_takes_per_1000_h: float = 16.0
    place_threshold: float = 0.95

    def __post_init__(self) -> None:
        if not 10 <= self.cycle_ms <= 60_000:
            raise ValueError(f"cycle_ms is {self.cycle_ms}, expected 10 to 60000")
        if not 0.1 <= self.false_takes_per_1000_h <= 1000:
            raise ValueError(f"false_takes_per_1000_h is {self.false_takes_per_1000_h}, expected 0.1 to 1000")
        if not 0.5 <= self.place_threshold < 1.0:
            raise ValueError(f"place_threshold is {self.place_threshold}, expected 0.5 to below 1")

    @property
    def bin_ms(self) -> int:
        """Length of the time bins in which tags are seen or not: whole cycles, at least 0.8 s."""
        return self.cycle_ms * self.cycles

    @property
    def cycles(self) -> int:
        """How many cycles a bin has."""
        return -(-800 // self.cycle_ms)
