"""How many stand in a lane: a birth-death filter over n, with what it implies carried along.

Between counts people come at `arrivals` per second and leave with the hazard of the service in progress (plus a
small rate at which those waiting give up). A count y is weighed by the camera's model, and its error y - n is a
chain that tends to stay as it is: a drop of the count that keeps the error is a departure, a flicker is not.
Without a count the filter only predicts, and so widens.

Two expectations are carried for every n by the same backward kernel (recursive smoothing of additive functionals,
Cappé, Moulines and Rydén 2005): the age of the service in progress, and the departures so far. So departures are
inferred without a till, and later counts still correct them.
"""

import math
from typing import Final

import numpy as np

from edge.core.wait.camera import CameraModel
from edge.core.wait.service import CELLS_PER_MEAN, OLDEST_MEANS, Floats, ServiceShape

GIVE_UP: Final = 1.0 / 2400.0
"""Rate at which one who waits leaves the lane unserved, per second."""

MOST_STEPS: Final = 40
MOST_PEOPLE: Final = 200


class LaneBelief:
    """p(n) for one lane with `servers` servers; ages in seconds."""

    def __init__(self, camera: CameraModel, shape: ServiceShape, *, servers: int = 1) -> None:
        self.camera = camera
        self.shape = shape
        self.servers = servers
        self.arrivals = 1.0 / 120.0
        self.mean_service = 90.0
        self.seen_by_till = 0.0
        self.bagging = 0.0
        self.departed = 0.0
        self.last_count: int | None = None
        n = np.arange(camera.size, dtype=float)
        self.p: Floats = 0.6 * 0.4**n
        self.p /= self.p.sum()
        self.age: Floats = np.zeros(camera.size)
        self.gone: Floats = np.zeros(camera.size)
        self._shape_for(camera.size)

    def _shape_for(self, size: int) -> None:
        n = np.arange(size, dtype=float)
        self.n: Floats = n
        self._busy: Floats = np.minimum(n, self.servers)
        self._waiting: Floats = np.maximum(n - self.servers, 0.0) * GIVE_UP

    def _grow(self, size: int) -> None:
        self.camera.grow(size)
        size = self.camera.size
        if size > len(self.p):
            more = size - len(self.p)
            self.p = np.concatenate((self.p, np.full(more, 1e-12)))
            self.age = np.concatenate((self.age, np.full(more, self.age[-1])))
            self.gone = np.concatenate((self.gone, np.full(more, self.gone[-1])))
            self._shape_for(size)

    # --- time and counts ----------------------------------------------------------------------------------------

    def predict(self, dt: float) -> None:
        """Let `dt` seconds pass without a count."""
        if dt <= 0.0:
            return
        steps = min(max(math.ceil(dt), 1), MOST_STEPS)
        for _ in range(steps):
            self._step(dt / steps, None, self.bagging)

    def see(self, y: int, dt: float, bagging: float = 0.0) -> None:
        """Take a count of `y` people `dt` seconds after the last step.

        `bagging` is the probability that one who has paid is still seen.
        """
        y = min(y, MOST_PEOPLE)
        if y + 8 > len(self.p):
            self._grow(min(2 * (y + 8), MOST_PEOPLE + 16))
        elif self.camera.size > len(self.p):
            self._grow(self.camera.size)
        if dt > 2.0:
            self.predict(dt - 1.0)
            self._step(1.0, y, bagging, since=dt)
        else:
            self._step(dt, y, bagging, since=dt)
        self.last_count = y

    def _step(self, dt: float, y: int | None, bagging: float, *, since: float = 1.0) -> None:
        p, age, gone = self.p, self.age, self.gone
        down = self._leaving(dt)
        up = 1.0 - math.exp(-self.arrivals * dt)
        both = up * down
        stay = p * (1.0 - up - down + 2.0 * both)
        rise = p[:-1] * (up - both[:-1])
        fall = p[1:] * (down[1:] - both[1:])
        kept = 0.0
        if y is not None:
            base, same, more, less = self._weights(y, bagging, since)
            kept = same * float(stay.sum())
            stay = stay * (base + same)
            rise = rise * (base[1:] + more) if more else rise * base[1:]
            fall = fall * (base[:-1] + less) if less else fall * base[:-1]
        new = stay.copy()
        new[1:] += rise
        new[:-1] += fall
        total = float(new.sum())
        if not total > 1e-280:
            self._restart(y)
            return
        inverse = 1.0 / np.maximum(new, 1e-290)
        older = stay * (age + dt)
        older[1:] += rise * (age[:-1] + dt)
        left = stay * gone
        left[1:] += rise * gone[:-1]
        left[:-1] += fall * (gone[1:] + 1.0)
        if self.servers > 1:
            older[:-1] += fall * age[1:]
        older *= inverse
        left *= inverse
        older[0] = 0.0
        self.age, self.gone, self.p = older, left, new / total
        if y is not None:
            self.camera.learn(y, self.p, kept / total)
        self.bagging = bagging

    def _leaving(self, dt: float) -> Floats:
        """The probability of a departure within `dt`, for every n."""
        mean = self.mean_service
        if self.servers == 1:
            cells = (self.age * (CELLS_PER_MEAN / mean)).astype(np.intp)
            np.minimum(cells, OLDEST_MEANS * CELLS_PER_MEAN, out=cells)
            rate = self.shape.hazard[cells] / mean
        else:
            rate = np.full(len(self.p), 1.0 / mean)
        rate = rate * (self._busy * (1.0 - self.seen_by_till)) + self._waiting
        leaving: Floats = np.minimum(rate * dt, 0.5)
        return leaving

    def _weights(self, y: int, bagging: float, dt: float) -> tuple[Floats, float, float, float]:
        """How well y fits each n, and the bonus of keeping the last error for staying, rising and falling."""
        camera = self.camera
        row = camera.row(y)
        was = self.bagging
        if bagging > 0.01 and y > 0:
            row = bagging * camera.row(y - 1) + (1.0 - bagging) * row
        if self.last_count is None:
            return row, 0.0, 0.0, 0.0
        keep = math.pow(camera.keep, dt)
        base: Floats = (1.0 - keep) * row
        change = y - self.last_count
        both = min(was, bagging)
        ended = max(was - bagging, 0.0)
        began = 1.0 - both - ended

        def bonus(moved: int) -> float:
            return keep * ((both + began) * (change == moved) + ended * (change + 1 == moved))

        return base, bonus(0), bonus(1), bonus(-1)

    def _restart(self, y: int | None) -> None:
        row = self.camera.row(y) if y is not None else np.ones(len(self.p))
        self.p = row[: len(self.p)] / row[: len(self.p)].sum()
        self.age = np.zeros(len(self.p))

    # --- hard evidence --------------------------------------------------------------------------------------------

    def depart(self) -> None:
        """Somebody's service ended for certain: one fewer stands before a newcomer."""
        self.p[1] += self.p[0]
        self.p[:-1] = self.p[1:]
        self.p[-1] = 0.0
        self.gone[:-1] = self.gone[1:]
        self.age = np.zeros(len(self.p))

    def at_least(self, people: int) -> None:
        """`people` are in service for certain; who was not believed in is added."""
        people = min(people, len(self.p) - 1)
        self.p[people] += float(self.p[:people].sum())
        self.p[:people] = 0.0

    def weigh(self, factor: float, beyond: int) -> None:
        """Multiply the odds of more than `beyond` people by `factor`."""
        self.p[beyond + 1 :] *= factor
        self.p /= self.p.sum()

    def weigh_busy(self, busy: int) -> None:
        """`busy` servers of the bank were seen at work: tempered, as such errors last for seconds, too."""
        there = self._busy
        off = np.abs(there - busy)
        self.p *= np.where(off == 0, 1.0, 0.72**off)
        self.p /= self.p.sum()

    def harvest(self) -> float:
        """Departures inferred since the last harvest; later counts may still correct them (slightly below 0)."""
        got = float(self.p @ self.gone)
        self.gone -= got
        return got

    @property
    def mean(self) -> float:
        """The expected number of people in the lane."""
        return float(self.p @ self.n)

    @property
    def busy_mean(self) -> float:
        """The expected number of servers at work."""
        return float(self.p @ self._busy)
