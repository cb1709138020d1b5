"""A doorway with made-up radio: how reads of a tag look that passes, stands about or lies on a shelf beside it."""

import random
from collections.abc import Callable, Iterable, Iterator
from math import hypot, log10

from edge.core.exit import Exits
from models.messages.goods import ItemExited

START = 1_763_769_600_000
EPC = "3034257BF7194E4000001A85"

Read = tuple[str, str, float, int]
"""EPC, antenna, dBm, time."""
Path = Callable[[float], float]
"""Seconds → metres behind the middle of the doorway; negative is inside."""


def reads(
    path: Path, seconds: float, antennas: dict[str, float], *, seed: int, epc: str = EPC, rate: float = 0.5
) -> Iterator[Read]:
    """What antennas, hanging 1.5 m aside at these metres behind the middle, read of a tag on its path."""
    draw = random.Random(seed)
    for step in range(int(seconds * 10)):
        for antenna, metres in antennas.items():
            away = hypot(path(step / 10) - metres, 1.5)
            dbm = -48 - 40 * log10(away) + draw.gauss(0, 3)
            if dbm > -75 and draw.random() < rate:
                yield epc, antenna, dbm, START + step * 100 + draw.randrange(90)


def walk(metres_a_second: float = 1.2, start: float = -6.0) -> Path:
    """Straight through."""
    return lambda t: start + metres_a_second * t


def turn_back(metres_a_second: float = 1.2, start: float = -6.0, furthest: float = -0.8) -> Path:
    """Nearly to the door and back."""
    there = (furthest - start) / metres_a_second
    return lambda t: start + metres_a_second * (t if t < there else 2 * there - t)


def stay(metres: float) -> Path:
    """Stands there."""
    return lambda t: metres


def play(exits: Exits, all_reads: Iterable[Read], *, ticks: int = 120, from_s: int = 0) -> list[ItemExited]:
    """Hear reads as time passes, in the order given; what is told."""
    told: list[ItemExited] = []
    waiting = list(all_reads)
    for second in range(from_s, from_s + ticks):
        now_ms = START + second * 1000
        while waiting and waiting[0][3] <= now_ms:
            exits.read(*waiting.pop(0))
        told += exits.tick(now_ms)
    return told
