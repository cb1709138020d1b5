"""What an installation may set about presence."""

from dataclasses import dataclass

DISORDER_MS = 2_000
"""How far a reader may send its reads out of order without changing anything."""


@dataclass(frozen=True)
class PresenceSettings:
    """Settings of one node's shelves.

    ``take_threshold`` is the one that trades speed against false takes (its curve is in docs/presence.md): the
    probability, between 0.5 and 1, that an item has left for good before ``item.taken`` is said.
    ``place_threshold`` is the same for placed, moved and returned. ``cycle_ms`` is how often a reader goes through
    all its tags.
    """

    cycle_ms: int = 1000
    take_threshold: float = 0.85
    place_threshold: float = 0.95

    def __post_init__(self) -> None:
        if not 10 <= self.cycle_ms <= 60_000:
            raise ValueError(f"cycle_ms is {self.cycle_ms}, expected 10 to 60000")
        for name in ("take_threshold", "place_threshold"):
            if not 0.5 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 0.5 to below 1")

    @property
    def bin_ms(self) -> int:
        """Length of the time bins in which tags are seen or not: whole cycles, at least 0.8 s."""
        return self.cycle_ms * -(-800 // self.cycle_ms)
