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
_BODY_COMES_S, _BODY_MOVES_S = 3.0, 20.0
_BODY_NEW_S, _LAG_S = 6.0, 6.0
_DULLING_GAIN: Final = 0.5
_COMES_NATS, _STAYS_NATS = 4.0, 0.0
_MOST_NATS: Final = 300.0
_BODY_LEFT = 1 / 2
BODIES: Final = tuple(
    (width, dim, quieter) for width in (0.15, 0.4, 0.85) for dim in (0.08, 0.25, 0.5, 0.7) for quieter in (0.0, 5.0)
)
"""What a body may do: the share of a shelf's tags that it stands before, what it leaves of their rate, and dB."""

FIELDS: Final[dict[str, tuple[type, float]]] = {
    "factor": (np.float64, 1.0),  # of the usual read rate, in the last bin
    "level": (np.float64, np.nan),  # usual RSSI of what stands there, dBm
    "quiet_s": (np.float64, 0.0),  # seconds without any read at all
    "missed": (np.float64, 0.0),  # reads expected in that time
    "stood": (np.float64, 0.0),  # tags it reads well that stood there when it was last heard
    "shade": (np.float64, 0.0),  # share of its tags that a body stands before
    "shade_s": (np.float64, 0.0),  # seconds since that began
    "dimmed": (np.float64, 1.0),  # what that body leaves of their read rate
    "dulled": (np.float64, 2.0),  # by how many dB it makes them quieter
    "window": (np.float64, 0.0),  # bins that the recent profiles remember
    "watched": (np.uint16, 0),  # one bit a bin, the last one lowest: it worked, and ever since
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
    dimmed: Array
    dulled: Array
    window: Array
    watched: Array
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

    def beyond(self, beside: Array) -> Array:
        """The dark antenna beside each, -1 where there is none, (antennas,). ``beside``: (antennas, antennas)."""
        dark = beside & self.dark
        return np.where(dark.any(axis=1), dark.argmax(axis=1), -1)

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

    def shading(self) -> tuple[Array, Array, Array, Array]:
        """Per second, how likely a tag comes behind a body, and out again; of a new one, its share and since when.

        Each of shape (antennas,).
        """
        leaving = np.where(self.shade > 0, (1 - self.shade) / _BODY_MOVES_S, _BODY_LEFT)
        is_new = (self.shade > 0) & (self.shade_s < _BODY_NEW_S)
        coming = self.shade / np.where(is_new, _BODY_COMES_S, _BODY_MOVES_S)
        return coming, leaving, np.where(is_new, self.shade, 0.0), np.where(is_new, self.shade_s + _LAG_S, 0.0)

    def notice_bodies(self, came: Array, stays: Array, left: Array, seconds: float) -> None:
        """Say how likely a body stands before each antenna, over how much of its shelf, and what it leaves of reads.

        By how many nats bodies explain its tags' reads better than nobody does: ``came`` of each of ``BODIES``, of
        shape (bodies, antennas); ``stays`` and ``left`` of each width and dimming in the same order.
        """
        widths, dims, _ = (np.array(part) for part in zip(*BODIES, strict=True))
        # Each width and dimming is there once for every loudness; those that look back know nothing of loudness.
        shapes = np.flatnonzero(np.array([quieter == 0.0 for _, _, quieter in BODIES]))
        widths, dims = (np.concatenate([part, part[shapes]])[:, None] for part in (widths, dims))
        nobody = np.where(self.shade > 0, _STAYS_NATS, _COMES_NATS) + np.log(len(BODIES))
        nats = np.concatenate([came, stays, left, nobody[None, :]])
        odds = np.exp(np.maximum(nats - nats.max(axis=0), -_MOST_NATS))
        likely = odds[: len(widths)] / odds.sum(axis=0)
        share = (likely * widths).sum(axis=0)
        self.shade = np.where(likely.sum(axis=0) > 0.5, share, 0.0)
        self.dimmed = np.where(self.shade > 0, (likely * widths * dims).sum(axis=0) / np.maximum(share, 1e-12), 1.0)
        self.shade_s = np.where(self.shade > 0, self.shade_s + seconds, 0.0)

    def learn_dulling(self, quieter: Array, reads: Array) -> None:
        """Learn by how much a body dulls what stands behind it. ``quieter``: dB of so many ``reads``, added up."""
        step = _DULLING_GAIN * (quieter - self.dulled * reads) / (reads + _TRUST)
        self.dulled = np.where(self.shade > 0, self.dulled + step, 2.0)

    def watch(self, seconds: float) -> None:
        """Count for how long each antenna has had its tags in plain view."""
        clear = ~self.dark & (self.shade == 0) & (self.factor > 0.7)
        self.clear_s = np.where(clear, self.clear_s + seconds, 0.0)

    def share(self, seen: Array, expected: Array) -> None:
        """Set the factor from the reads ``seen`` of standing tags and those ``expected`` at the usual rates."""
        factor = (_TRUST * self.expect() + seen) / (_TRUST + expected)
        self.factor = np.clip(np.where(self.dark, 0.0, factor), 0.0, 1.3)
