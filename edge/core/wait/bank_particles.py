"""Histories of a bank of kiosks, weighted: each says since when every kiosk is busy and how many wait.

They lie in rows, one column a history: the kiosks' ages, their phases, how many are busy, those who wait, companions,
the heads at the last count, the error of the number seen busy then, sums of what happened, and how many have to leave
before each pretended newcomer is served.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from edge.core.wait.camera import SUMS
from edge.core.wait.service import Floats

Indices = npt.NDArray[np.intp]
Chosen = npt.NDArray[np.bool_]

PARTICLES: Final = 256
PROBES: Final = 12
"""Pretended newcomers that are followed at once, in every history."""

FREE, SERVING, BAGGING, UNHEARD = 0.0, 1.0, 2.0, 3.0
"""A kiosk's phase: nobody there; in service; paid, still there; started, though no till has said so yet."""

SERVED, LEFT, JOINED, WITH, SUMS_FROM = range(5)
SENSOR_FROM: Final = SUMS_FROM + SUMS
ALL_SUMS: Final = SENSOR_FROM + 8
"""What is summed: those served, those who left unserved, those who joined, of them with a companion; then what
the camera did (`camera`), and the number seen busy (`bank_busy`)."""

LEAST_WEIGHT: Final = 1e-250


class Particles:
    """Weighted histories of `servers` kiosks; ages in seconds."""

    def __init__(self, servers: int) -> None:
        self.servers = servers
        self.dice = np.random.default_rng(servers)
        self._busy = first = 2 * servers
        self._waiting, self._with, self._heads, self._off, self._sums = range(first + 1, first + 6)
        self._probes = self._sums + ALL_SUMS
        self.rows: Floats = np.zeros((self._probes + PROBES, PARTICLES))
        self.weight: Floats = np.full(PARTICLES, 1.0 / PARTICLES)

    @property
    def age(self) -> Floats:
        """Seconds in its phase, for every kiosk and history."""
        return self._rows(0, self.servers)

    @property
    def phase(self) -> Floats:
        """The phase of every kiosk in every history."""
        return self._rows(self.servers, self.servers)

    @property
    def waiting(self) -> Floats:
        """Those who wait, for every history."""
        return self._row(self._waiting)

    @property
    def companions(self) -> Floats:
        """Companions who stand there too, for every history."""
        return self._row(self._with)

    @property
    def off(self) -> Floats:
        """How many kiosks too many were seen busy last, for every history."""
        return self._row(self._off)

    @property
    def sums(self) -> Floats:
        """What happened since the last harvest, for every history."""
        return self._rows(self._sums, ALL_SUMS)

    @property
    def to_go(self) -> Floats:
        """How many have to leave before each pretended newcomer is served, for every history."""
        return self._rows(self._probes, PROBES)

    @property
    def heads(self) -> Floats:
        """Heads at the last count, for every history."""
        return self._row(self._heads)

    @property
    def busy(self) -> Floats:
        """Kiosks that are not free, for every history."""
        return self._row(self._busy)

    def recount(self) -> None:
        """Count the busy kiosks anew."""
        self.busy[:] = np.add.reduce(self.phase > FREE, axis=0)

    def _row(self, at: int) -> Floats:
        row: Floats = self.rows[at]
        return row

    def _rows(self, at: int, count: int) -> Floats:
        rows: Floats = self.rows[at : at + count]
        return rows

    # --- what is believed ---------------------------------------------------------------------------------------

    @property
    def n(self) -> Floats:
        """0, 1, 2, ... people."""
        return np.arange(len(self.p), dtype=np.float64)

    @property
    def p(self) -> Floats:
        """The probability of each number of people, those at the kiosks included."""
        people = (self.busy + self.waiting).astype(np.intp)
        return np.bincount(people, self.weight, self.servers + 2).astype(np.float64)

    @property
    def mean(self) -> float:
        """The expected number of people at the bank."""
        return float(self.weight @ (self.busy + self.waiting))

    @property
    def busy_mean(self) -> float:
        """The expected number of busy kiosks."""
        return float(self.weight @ self.busy)

    @property
    def departed(self) -> float:
        """How many have been served since the last harvest, those who only bag included."""
        return float(self.weight @ (self.sums[SERVED] + np.add.reduce(self.phase == BAGGING, axis=0)))

    # --- weights ------------------------------------------------------------------------------------------------

    def weigh(self, factor: Floats) -> None:
        """Multiply the histories' odds."""
        self.weight = self.weight * factor

    def normalise(self) -> bool:
        """Scale the weights; choose histories anew when few carry them all. False if none fits."""
        total = float(self.weight.sum())
        if not total > LEAST_WEIGHT:
            self._even()
            return False
        self.weight = self.weight / total
        if float(self.weight @ self.weight) * PARTICLES > 2.0:
            self.rows = self.rows[:, self.pick(PARTICLES)]
            self._even()
        return True

    def pick(self, count: int) -> Indices:
        """`count` histories in proportion to their weights (systematic resampling)."""
        marks = (np.arange(count) + self.dice.random()) / count
        picked = np.searchsorted(np.cumsum(self.weight), marks)
        return np.minimum(picked, PARTICLES - 1).astype(np.intp)

    def _even(self) -> None:
        self.weight = np.full(PARTICLES, 1.0 / PARTICLES)

    # --- pretended newcomers ------------------------------------------------------------------------------------

    def follow(self, slot: int) -> None:
        """A pretended newcomer joins now: their turn comes after those who wait and one more, if no kiosk is free."""
        self.to_go[slot] = np.where(self.busy < self.servers, 0.0, self.waiting + 1.0)

    def served(self, slot: int) -> float:
        """The probability that the turn of the pretended newcomer of that slot has come."""
        return float(self.weight @ (self.to_go[slot] < 0.5))
