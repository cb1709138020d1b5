"""The antennas of a door, one inside and one outside, and what they read of somebody who walks out."""

import random
from collections.abc import Iterator
from math import hypot, log10

INSIDE, OUTSIDE = 1, 2
STEP_S = 0.1
_METRES = {INSIDE: -0.75, OUTSIDE: 0.75}
"""Where the antennas hang along the way out; 0 is the doorway."""
_ASIDE_M = 1.5
_FROM_M, _TO_M = -5.0, 6.0
_FAINTEST_DBM = -75.0


def walk_out(chance: random.Random, items: int) -> Iterator[list[tuple[int, int, float]]]:
    """Step by step (``STEP_S``), what is read: (which of the items, antenna, RSSI in dBm).

    The signal falls by 40 dB a decade of distance (radar equation), and a body hides a tag now and then.
    """
    speed = chance.uniform(1.0, 1.5)
    rates = [chance.uniform(0.35, 0.7) for _ in range(items)]
    metres = _FROM_M
    while metres < _TO_M:
        seen = []
        for antenna, at in _METRES.items():
            away = hypot(metres - at, _ASIDE_M)
            for item, rate in enumerate(rates):
                rssi_dbm = -48.0 - 40.0 * log10(away) + chance.gauss(0, 3)
                if rssi_dbm > _FAINTEST_DBM and chance.random() < rate:
                    seen.append((item, antenna, round(rssi_dbm, 1)))
        yield seen
        metres += speed * STEP_S
