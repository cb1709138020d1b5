"""Whether a body stands before part of a shelf: what each of ``BODIES`` would have done to the reads of its tags.

A Bayesian test for a change in a series (Page, *Continuous Inspection Schemes*, Biometrika 1954), over all tags of an
antenna at once: that many of them are read less from the same moment on is evidence for a body and against as many
hands. The last three seconds and their loudness tell early; the last nine bins tell of a body that stands before a
few tags only, or dims them a little. A body that has left explains the older of these bins alone.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.core.shelf.antennas import BODIES, Antennas
from edge.core.shelf.filter import Seen, dim_rates, read_rates
from edge.core.shelf.sums import by_antenna
from edge.core.shelf.tags import Tags

Array = npt.NDArray[Any]

PULSE: Final = 0.7
_PAUSE_BINS: Final = 45
_OWN_REASON: Final = 0.005
_DRIFT, _BODY_SPREAD = 1.0, 4.0
_LATELY: Final = np.uint16(0b1_1111_1111)
_BEFORE: Final = np.uint16(0b1_1111_1000)
_ENOUGH_BINS: Final = 7
_SHAPES: Final = tuple(dict.fromkeys((width, dim) for width, dim, _ in BODIES))


class Bodies:
    """By how many nats bodies explain the reads of an antenna's tags better than nobody does."""

    def __init__(self, antennas: int) -> None:
        self.count = antennas
        self.came = np.zeros((len(BODIES), antennas))
        """Of each of ``BODIES``, if it came within these three seconds."""
        self.stays = np.zeros((len(_SHAPES), antennas))
        """Of each width and dimming, if it came within the nine seconds before now, and stands there."""
        self.left = np.zeros((len(_SHAPES), antennas))
        """The same if it has left within three seconds."""

    def look(self, tags: Tags, antennas: Antennas, seen: Seen, now: int) -> None:
        """Add what the tags of a chunk say in bin ``now``, and remember what their own antennas read."""
        slot = (tags.antenna == tags.home[:, None]).argmax(axis=1)
        row = np.arange(len(tags))
        read = seen.read[row, slot] & (tags.home >= 0)
        quieter = np.where(read, tags.rssi[row, slot] - seen.rssi[row, slot], 0)
        tags.pulse[:] = PULSE * tags.pulse + read
        tags.drop[:] = PULSE * tags.drop + np.nan_to_num(quieter, posinf=0, neginf=0)
        tags.heard[:] = tags.heard << np.uint16(1) | read
        window = np.append(antennas.window, 0.0).astype(np.float32)[tags.home]
        # Who was last read long ago is gone or hidden, and says nothing of a body that stands there now.
        known = (tags.home >= 0) & (now - tags.last < _PAUSE_BINS) & (tags.tries[row, slot] > 15) & (window > 2)
        rate = np.minimum(read_rates(tags)[row, slot], 0.97)
        hits = np.minimum(tags.pulse, window)
        dimmer = _dimmer(rate, hits, window, seen.cycles)
        drop = tags.drop / np.maximum(hits, 0.1)
        louder = {quiet: _louder(drop, hits, quiet, seen.spread) for quiet in {quiet for _, _, quiet in BODIES}}
        # Some are read otherwise for a reason of their own: a hand.
        own = _OWN_REASON * np.maximum(dimmer[0.08], dimmer[0.25] * louder[5.0])
        for number, (width, dim, quiet) in enumerate(BODIES):
            self.came[number] += self._nats(tags, known, width, dimmer[dim] * louder[quiet], own)
        self._look_back(tags, antennas, rate, known, seen.cycles)

    def _look_back(self, tags: Tags, antennas: Antennas, rate: Array, known: Array, cycles: int) -> None:
        watched = np.append(antennas.watched, np.uint16(0))[tags.home]
        known = known & (np.bitwise_count(watched & _LATELY) >= _ENOUGH_BINS)
        for sums, bits in ((self.stays, _LATELY), (self.left, _BEFORE)):
            bins = watched & bits
            dimmer = _dimmer(rate, np.bitwise_count(tags.heard & bins), np.bitwise_count(bins), cycles)
            own = _OWN_REASON * dimmer[0.08]
            for number, (width, dim) in enumerate(_SHAPES):
                sums[number] += self._nats(tags, known, width, dimmer[dim], own)

    def _nats(self, tags: Tags, known: Array, width: float, better: Array, own: Array) -> Array:
        nats = np.log((1 - width + width * better + own) / (1 + own))
        return by_antenna(tags.home, np.where(known, nats, 0), self.count)


def _dimmer(rate: Array, hits: Array, bins: Array, cycles: int) -> dict[float, Array]:
    """How much better ``hits`` reads in so many ``bins`` fit if a body stands there, (n,), by what it leaves."""
    found = {}
    for dim in dict.fromkeys(dim for _, dim, _ in BODIES):
        left = dim_rates(rate, dim, cycles)
        nats = hits * np.log(left / rate) + (bins - hits) * np.log((1 - left) / (1 - rate))
        found[dim] = np.exp(np.clip(nats, -30, 30))
    return found


def _louder(drop: Array, hits: Array, quieter: float, spread: float) -> Array:
    """How much better ``hits`` reads fit that are ``drop`` dB quieter than usual if a body takes ``quieter`` dB."""
    noise = spread / np.maximum(hits, 0.5) + _DRIFT
    wide = noise + _BODY_SPREAD
    nats = 0.5 * drop**2 / noise - 0.5 * (drop - quieter) ** 2 / wide + 0.5 * np.log(noise / wide)
    return np.where(hits > 0.2, np.exp(np.clip(nats, -10, 10)), 1.0)
