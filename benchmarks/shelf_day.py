"""One simulated day, heard by several contenders at once, and what each of them said of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from firmware_stubs.shelf_simulator.air import Heard, hear
from firmware_stubs.shelf_simulator.recording import epc, hello
from firmware_stubs.shelf_simulator.settings import ShelfSettings
from firmware_stubs.shelf_simulator.shop import Shop

Array = npt.NDArray[Any]


class Said(NamedTuple):
    """A fact: ``kind`` is placed, moved, returned or taken; of ``tag`` at ``place``."""

    t_s: float
    kind: str
    tag: int
    place: int


class Belief(NamedTuple):
    """Per tag: likeliest place (-1 none), the probability that it stands there, whether it cannot be seen."""

    place: Array
    p: Array
    unknown: Array


class Contender(Protocol):
    """Something that hears reads and says where items are."""

    def hear(self, heard: Heard, t_s: float) -> Iterable[Said]:
        """One cycle's reads; ``t_s`` is the cycle's end."""

    def believe(self) -> Belief:
        """What it believes now."""


class OurPresence:
    """``edge.core.shelf`` as a node uses it."""

    def __init__(self, shop: Shop, **settings: float) -> None:
        self.shop = shop
        cycle_ms = shop.settings.cycle_ms
        said = hello(shop.settings)
        chosen = PresenceSettings(cycle_ms=cycle_ms, **settings)
        self.presence = Presence(chosen, said["antennas"], said["neighbours"])
        self.presence.tick(0)
        self.epcs = [epc(tag) for tag in range(shop.size)]
        self.tags = {name: tag for tag, name in enumerate(self.epcs)}
        self.keys = [str(number + 1) for number in range(shop.settings.antennas)]
        self.told_events = 0

    def hear(self, heard: Heard, t_s: float) -> Iterable[Said]:
        """Feed the reads, tell the time."""
        read, epcs, keys = self.presence.read, self.epcs, self.keys
        for event in self.shop.events[self.told_events :]:
            if event.kind == "silent_announced":
                self.presence.reader("antenna_disconnected", keys[event.place], round(event.t_s * 1000))
        self.told_events = len(self.shop.events)
        for tag, antenna, rssi, at_s in zip(*(part.tolist() for part in heard), strict=True):
            read(epcs[tag], keys[antenna], rssi, int(at_s * 1000))
        for fact in self.presence.tick(round(t_s * 1000)):
            kind = type(fact).__name__.removeprefix("Item").lower()
            yield Said(t_s, kind, self.tags[fact.epc], int(fact.shelf[1:]) - 1)

    def believe(self) -> Belief:
        """As ``items`` answers."""
        place = np.full(self.shop.size, -1)
        p, unknown = np.zeros(self.shop.size), np.zeros(self.shop.size, np.bool_)
        for name, (shelf, chance, state) in self.presence.items(0).items():
            tag = self.tags[name]
            place[tag], p[tag], unknown[tag] = int(shelf[1:]) - 1, chance, state == "unknown"
        return Belief(place, p, unknown)


@dataclass
class Moment:
    """The truth and all beliefs at one ask."""

    t_s: float
    place: Array
    silent: Array
    silent_s: Array
    heard_s: Array
    beliefs: dict[str, Belief]


@dataclass
class Day:
    """Everything that was true and everything that was said."""

    shop: Shop
    facts: dict[str, list[tuple[Said, int, bool]]] = field(default_factory=dict)
    """By contender: the fact, where the tag truly stood then, and whether it truly was taken."""
    moments: list[Moment] = field(default_factory=list)
    tag_hours: float = 0.0


def run_day(shop: Shop, contenders: dict[str, Contender], *, ask_every_s: int = 30) -> Day:
    """Let the day pass."""
    settings: ShelfSettings = shop.settings
    day = Day(shop, {name: [] for name in contenders})
    cycle_s = settings.cycle_ms / 1000
    silent_s, heard_s = np.zeros(settings.antennas), np.full(settings.antennas, 1e9)
    for cycle in range(round(settings.hours * 3600 / cycle_s)):
        shop.to(cycle * cycle_s)
        heard = hear(shop, cycle * cycle_s)
        end_s = (cycle + 1) * cycle_s
        silent_s = np.where(shop.silent, silent_s + cycle_s, 0.0)
        heard_s = np.where(shop.silent, 0.0, heard_s + cycle_s)
        day.tag_hours += float(np.count_nonzero(shop.place >= 0)) * cycle_s / 3600
        for name, contender in contenders.items():
            facts = [
                (said, int(shop.place[said.tag]), bool(shop.taken[said.tag])) for said in contender.hear(heard, end_s)
            ]
            day.facts[name] += facts
        if int(end_s / ask_every_s) != int((end_s - cycle_s) / ask_every_s) and end_s >= 120:
            beliefs = {name: contender.believe() for name, contender in contenders.items()}
            moment = Moment(end_s, shop.place.copy(), shop.silent.copy(), silent_s.copy(), heard_s.copy(), beliefs)
            day.moments.append(moment)
    return day
