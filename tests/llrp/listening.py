"""A listener that remembers, and waiting without sleeping longer than needed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edge.adapters.tag_reader import ReaderEvent, Sighting


@dataclass
class Heard:
    """What a reader told."""

    sightings: list[Sighting] = field(default_factory=list)
    events: list[ReaderEvent] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def on_read(self, _name: str, sightings: Sequence[Sighting]) -> None:
        self.sightings += sightings
        self.order += ["read"] * len(sightings)

    def on_event(self, _name: str, event: ReaderEvent) -> None:
        self.events.append(event)
        self.order.append(event.value)

    async def told(self, count: int) -> None:
        """Wait for that many events."""
        await eventually(lambda: len(self.events) >= count)

    def values(self) -> list[str]:
        return [event.value for event in self.events]

    def epcs(self) -> set[str]:
        return {sighting.epc for sighting in self.sightings}


async def eventually(condition: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until ``condition`` holds; how long it took says nothing, only that it came to be."""
    end = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it never came to be"
        await asyncio.sleep(0.002)
