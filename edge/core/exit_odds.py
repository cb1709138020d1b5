"""The probability that a visit to a door was a way out.

A passage has a shape: from 4 m to 1 m and back, the signal of a tag rises and falls by some 20 dB (radar equation: 40
dB a decade of distance). How much better that shape fits the reads than a constant level, in log-likelihood, says
whether the tag passed or stood there; what it lacks of a rise, a fall or a side counts against it. The prior and the
weights are rules of thumb and no calibrated model: a door has too few tags a day to learn one.
"""

from math import exp, log10
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.core.exit_visit import MOMENT_MS, NO_RSSI, TAIL_MS, Moment, Visit

NEARER_DB: Final = 6.0
"""A tag that stands at the door leaves only when it is read so much stronger than where it stood."""
_SIGMA_DB: Final = 4.0
"""How far reads of one place lie apart: multipath, hopping, bodies."""
_PRIOR: Final = -3.0
_MOST_FIT: Final = 6.0
_TURNED_DB: Final = 6.0
"""Between the two sides of a door, at the ends of a walk through it, lie twice as many dB."""
_UNHEARD_DBM: Final = -74.0
_WEAKEST: Final = -740
_WALK_MS: Final = 8_000
_PEAKS: Final = np.linspace(0, 1, 41)
_SPEEDS: Final = np.array((0.25, 0.5, 1.0, 2.0))
"""Metres a second for each metre that the antenna hangs aside."""

Floats = NDArray[np.floating[Any]]


class Passage(NamedTuple):
    """The passage that fits reads best: by how much, its peak in dBm, its rise and fall in dB."""

    fit: float
    """By how much its log-likelihood is better than a constant's."""
    peak: float
    rise: float
    fall: float
    reads: int


def exit_probability(visit: Visit, strong_dbm: float, *, two_sided: bool) -> float:
    """The probability that the tag of this visit went out.

    ``strong_dbm`` is how strongly a tag in the doorway is read; ``two_sided``: the door has antennas inside and
    outside.
    """
    # Of a tag that stood here, the walk is the very end.
    walk = [one for one in visit.tail if not visit.stands or visit.tail[-1].at - one.at < _WALK_MS // MOMENT_MS]
    sides = {side: _passage(walk, side) for side in ("", "inside", "outside")}
    found = max((one for one in sides.values() if one), key=lambda one: one.reads, default=None)
    if visit.stands and (visit.stood_at is None or found is None):
        return 0.0
    if found is not None:
        if visit.stood_at is not None and found.peak < visit.stood_at + NEARER_DB:
            return 0.0
        odds = _PRIOR + min(_MOST_FIT, found.fit) + max(-2.0, min(2.0, (found.peak - strong_dbm) / 4))
        odds -= 1.5 * (found.rise < 3) + 0.5 * (found.fall < 3) + max(0.0, 3 - 0.5 * (found.reads - 1))
    else:
        odds = -2.2 + 0.7 * min(len(walk) - 1, 6)
    if not visit.stands:
        odds -= min(2.0, max(0, visit.lasted_ms - TAIL_MS) / TAIL_MS * 2)
    if two_sided:
        odds += _outwards(walk)
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


def strongest_dbm(visit: Visit) -> float | None:
    """Its strongest read, where the reader says any."""
    return max((moment.rssi / 10 for moment in visit.tail if moment.rssi != NO_RSSI), default=None)


def _passage(tail: list[Moment], side: str) -> Passage | None:
    """The passage that fits best to what one side read; ``None`` where it read nothing, or says no strength."""
    heard = [moment for moment in tail if moment.side == side and moment.rssi != NO_RSSI]
    if not heard:
        return None
    t = np.array([moment.at for moment in heard]) * (MOMENT_MS / 1000)
    rssi = np.array([moment.rssi for moment in heard]) / 10
    at_peak = t[0] + (t[-1] - t[0]) * _PEAKS
    away = (t[None, None, :] - at_peak[:, None, None]) * _SPEEDS[None, :, None]
    shapes = -20 * np.log10(1 + away**2)
    peaks = (rssi - shapes).mean(axis=2)
    errors: Floats = ((rssi - shapes - peaks[:, :, None]) ** 2).sum(axis=2)
    place, speed = np.unravel_index(int(errors.argmin()), errors.shape)
    better = float(((rssi - rssi.mean()) ** 2).sum() - errors[place, speed]) / (2 * _SIGMA_DB**2)
    best = shapes[place, speed]
    return Passage(better, float(peaks[place, speed]), float(-best[0]), float(-best[-1]), len(heard))


def _outwards(tail: list[Moment]) -> float:
    """Log-odds that it went from inside to outside: in the end the outer antennas read it better, unlike before.

    Who turns back ends as he began, who stands there stays as he was, who comes in does the contrary.
    """
    third = (tail[-1].at - tail[0].at) / 3
    early = [moment for moment in tail if moment.at <= tail[0].at + third]
    late = [moment for moment in tail if moment.at >= tail[-1].at - third]
    outer_db = _outer(late)
    turned_db = outer_db - _outer(early)
    return max(-10.0, min(2.0, (turned_db - _TURNED_DB) / 0.8, outer_db / 0.8))


def _outer(moments: list[Moment]) -> float:
    """By how many dB the outer antennas read it better than the inner ones; more often is better, too."""
    strength = dict.fromkeys(("inside", "outside"), 10 ** (_UNHEARD_DBM / 20))
    for moment in moments:
        strength[moment.side] += 10 ** (max(moment.rssi, _WEAKEST) / 200)
    return 20 * log10(strength["outside"] / strength["inside"])
