"""A doorway with made-up radio: how reads of a tag look that passes, turns back, or lies on a shelf beside it.

A read's strength falls by 40 dB for each decade of distance (the radar equation) and is scattered by 3 dB; a tenth of
a second has a read with a probability of its own where the tag is strong enough. It is a simulation: real
doors have reflections and bodies that it has not.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from math import hypot, log10

EPC = "3034257BF7194E4000001A85"
ASIDE_M = 1.5
WEAKEST_DBM = -75.0

Read = tuple[str, str, float, int]
"""EPC, antenna, dBm, time in milliseconds."""
Path = Callable[[float], float]
"""Seconds → metres behind the middle of the doorway; negative is inside."""


def reads(
    path: Path,
    seconds: float,
    antennas: Mapping[str, float],
    *,
    seed: int,
    start_ms: int = 1_763_769_600_000,
    epc: str = EPC,
    rate: float = 0.5,
) -> Iterator[Read]:
    """What antennas, hanging 1.5 m aside at these metres behind the middle, read of a tag on its path."""
    draw = random.Random(seed)
    for step in range(int(seconds * 10)):
        for antenna, metres in antennas.items():
            away = hypot(path(step / 10) - metres, ASIDE_M)
            dbm = -48 - 40 * log10(away) + draw.gauss(0, 3)
            if dbm > WEAKEST_DBM and draw.random() < rate:
                yield epc, antenna, dbm, start_ms + step * 100 + draw.randrange(90)


def walk(metres_a_second: float = 1.2, start: float = -6.0) -> Path:
    """Straight through; a negative speed and a start outside come in."""
    return lambda t: start + metres_a_second * t


def turn_back(metres_a_second: float = 1.2, start: float = -6.0, furthest: float = -0.8) -> Path:
    """Nearly to the door and back."""
    there = (furthest - start) / metres_a_second
    return lambda t: start + metres_a_second * (t if t < there else 2 * there - t)


def stay(metres: float) -> Path:
    """Stands there."""
    return lambda _: metres
