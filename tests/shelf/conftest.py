"""A few shelves that are read every second, where and how the test says."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from edge.core.shelf.belief import ItemBelief
from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from edge.core.shelf.telling import ShelfFact

Sight = tuple[str, float, float]
"""Antenna, chance of a read per cycle, usual RSSI in dBm."""


def own(antenna: str, *, rate: float = 0.7, neighbour: str | None = None) -> list[Sight]:
    """How a tag that stands at ``antenna`` is seen: well by it, now and then and from afar by a neighbour."""
    sights = [(antenna, rate, -56.0)]
    return sights if neighbour is None else [*sights, (neighbour, 0.15, -66.0)]


@dataclass
class Shelves:
    """Time passes by ``pass_s``; in each second each tag of ``tags`` is read as its sights say."""

    presence: Presence
    seed: int = 1
    tags: dict[str, list[Sight]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    dimmed: dict[str, float] = field(default_factory=dict)
    now_s: int = 0
    facts: list[ShelfFact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.presence.tick(self.now_s * 1000)

    def put(
        self, count: int, antenna: str, *, prefix: str = "30340000", rate: float = 0.7, neighbour: str | None = None
    ) -> list[str]:
        """Place ``count`` new tags at ``antenna``; returns their EPCs."""
        epcs = [f"{prefix}{antenna}{len(self.tags) + number:015X}" for number in range(count)]
        self.tags |= {epc: own(antenna, rate=rate, neighbour=neighbour) for epc in epcs}
        return epcs

    def pass_s(self, seconds: int) -> list[ShelfFact]:
        """Let time pass; returns the facts of that time."""
        begun = len(self.facts)
        for _ in range(seconds):
            for epc, sights in self.tags.items():
                for antenna, rate, rssi in sights:
                    if antenna not in self.silent and self.draw.random() < rate * self.dimmed.get(antenna, 1.0):
                        t_ms = self.now_s * 1000 + self.draw.randrange(1000)
                        self.presence.read(epc, antenna, rssi + self.draw.gauss(0, 1.5), t_ms)
            self.now_s += 1
            self.facts += self.presence.tick(self.now_s * 1000)
        return self.facts[begun:]

    def belief(self, epc: str) -> ItemBelief:
        """What is believed of one item now."""
        return self.presence.items(self.now_s * 1000)[epc]

    def states(self, epcs: list[str]) -> set[str]:
        """The states of these items."""
        return {self.belief(epc).state for epc in epcs}


@pytest.fixture
def make_shelves() -> Callable[..., Shelves]:
    """Make shelves A1, A2, … with one antenna each: ``make_shelves(3)``, or with the antennas that are given."""

    def make(
        count: int = 3,
        *,
        antennas: dict[str, str] | None = None,
        neighbours: dict[str, list[str]] | None = None,
        start_s: int = 0,
        **settings: float,
    ) -> Shelves:
        named = antennas or {str(number): f"A{number}" for number in range(1, count + 1)}
        chosen = PresenceSettings(**settings)  # type: ignore[arg-type] # cycle_ms is whole
        return Shelves(Presence(chosen, named, neighbours), now_s=start_s)

    return make


@pytest.fixture
def see() -> Callable[..., list[Sight]]:
    """``own``, for tests that move a tag."""
    return own
