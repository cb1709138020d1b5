"""What an antenna's tags have in common in one bin: a body before the shelf, interference, silence."""

from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_TRUST: Final = 4.0
"""Reads' worth of belief that an antenna goes on as it did in the last bin."""
_RECOVERY: Final = 0.2
_QUIET_READS: Final = 6.0
"""Expected reads that must be missing, without a single one, before an antenna counts as silent."""
_QUIET_S: Final = 5.5
_HUSH_S: Final = 2.5
_SEVERAL: Final = 1.5
BODY_COMES_S: Final = 8.0
_BODY_NEW_S: Final = 6.0
_BODY_MEMORY: Final = 0.85
_BODY_STAYS, _BODY_LEFT = 1 / 30, 1 / 4

FIELDS: Final[dict[str, tuple[type, float]]] = {
    "factor": (np.float64, 1.0),  # of the usual read rate, in the last bin
    "level": (np.float64, np.nan),  # usual RSSI of what stands there, dBm
    "quiet_s": (np.float64, 0.0),  # seconds without any read at all
    "missed": (np.float64, 0.0),  # reads expected in that time
    "stood": (np.float64, 0.0),  # tags it reads well that stood there when it was last heard
    "shade": (np.float64, 0.0),  # per second, how likely one of its tags comes to stand behind a body
    "shade_s": (np.float64, 0.0),  # seconds since that began
    "shade_hits": (np.float64, 1.5),  # reads of what stands behind the body, lately
    "shade_tries": (np.float64, 5.0),  # as many would have been read without it
    "clear_s": (np.float64, 0.0),  # seconds in plain view: no body, no interference, not dark
    "silent": (np.bool_, 0),  # nothing is known of what stands there
    "down": (np.bool_, 0),  # the reader said so
}


class Antennas:
    """Arrays named as in ``FIELDS``, one value per antenna; ``spread`` is the variance of an RSSI around its mean."""

    factor: Array
    level: Array
    quiet_s: Array
    missed: Array
    stood: Array
    shade: Array
    shade_s: Array
    shade_hits: Array
    shade_tries: Array
    clear_s: Array
    silent: Array
    down: Array

    def __init__(self, count: int) -> None:
        for name, (dtype, blank) in FIELDS.items():
            setattr(self, name, np.full(count, blank, dtype))
        self.spread = 9.0

    def __len__(self) -> int:
        return len(self.factor)

    def copy(self) -> Self:
        """An independent copy."""
        other = type(self)(0)
        for name in FIELDS:
            setattr(other, name, getattr(self, name).copy())
        other.spread = self.spread
        return other

    @property
    def dark(self) -> Array:
        """Antennas of which nothing can be known now, shape (antennas,)."""
        return np.asarray(self.silent | self.down)

    def expect(self) -> Array:
        """The factor before this bin's reads are seen: as it was, drifting back to the usual one."""
        return np.where(self.dark, 0.0, self.factor + _RECOVERY * (1.0 - self.factor))

    def listen(self, heard: Array, expected: Array, standing: Array, seconds: float) -> Array:
        """Count silence. ``heard``: reads of any tag; ``expected``: reads of standing tags; ``standing``: how
        many there are that it reads well.

        Returns who fell silent, shape (antennas,). A lone tag that is read no more has been taken; when several stop
        in the same moment it is the antenna.
        """
        alive = heard > 0
        self.factor[alive & self.dark] = 1.0
        self.silent[alive] = False
        self.down[alive] = False
        self.quiet_s = np.where(alive, 0.0, self.quiet_s + seconds)
        self.missed = np.where(alive, 0.0, self.missed + expected)
        self.stood = np.where(alive, standing, self.stood)
        fell = ~self.silent & (self.quiet_s >= _QUIET_S) & (self.missed >= _QUIET_READS) & (self.stood >= _SEVERAL)
        self.silent |= fell
        return np.asarray(fell)

    @property
    def hushed(self) -> Array:
        """Antennas that have heard nothing for a moment though several tags stood there, shape (antennas,)."""
        return np.asarray((self.quiet_s >= _HUSH_S) & (self.stood >= _SEVERAL))

    def connect(self, chosen: list[int], *, connected: bool) -> None:
        """The reader said so of these antennas."""
        self.down[chosen] = not connected
        if connected:
            self.silent[chosen] = False
            self.quiet_s[chosen] = self.missed[chosen] = 0.0
            self.factor[chosen] = 1.0

    def shading(self) -> tuple[Array, Array, Array]:
        """Per second, how likely a tag comes behind a body, out again, and was behind it before that was noticed.

        Each of shape (antennas,).
        """
        leaving = np.where(self.shade > 0, _BODY_STAYS, _BODY_LEFT)
        return self.shade, leaving, np.where(self.shade_s < _BODY_NEW_S, self.shade, 0.0)

    def behind(self) -> Array:
        """What a body leaves of the usual read rate, shape (antennas,)."""
        return np.asarray(self.shade_hits / self.shade_tries)

    def notice_bodies(self, paused: Array, counted: Array, bodies: float, seconds: float) -> None:
        """More tags of an antenna pause than chance has it: somebody stands there.

        ``paused``: how many of its ``counted`` tags pause for longer than all but a share of ``bodies`` do by chance.
        """
        chance = bodies * counted
        extra = paused - chance - 2.0 * np.sqrt(chance) - 1.0
        self.shade = np.clip(extra / np.maximum(counted, 1.0), 0.0, 1.0) / BODY_COMES_S
        self.shade_s = np.where(self.shade > 0, self.shade_s + seconds, 0.0)

    def learn_behind(self, seen: Array, expected: Array) -> None:
        """Learn how much a body takes away, from the reads of what stands behind it."""
        self.shade_hits = 1.5 + _BODY_MEMORY * (self.shade_hits - 1.5) + seen
        self.shade_tries = 5.0 + _BODY_MEMORY * (self.shade_tries - 5.0) + expected

    def watch(self, seconds: float) -> None:
        """Count for how long each antenna has had its tags in plain view."""
        clear = ~self.dark & (self.shade == 0) & (self.factor > 0.7)
        self.clear_s = np.where(clear, self.clear_s + seconds, 0.0)

    def share(self, seen: Array, expected: Array) -> None:
        """Set the factor from the reads ``seen`` of standing tags and those ``expected`` at the usual rates."""
        factor = (_TRUST * self.expect() + seen) / (_TRUST + expected)
        self.factor = np.clip(np.where(self.dark, 0.0, factor), 0.0, 1.3)
