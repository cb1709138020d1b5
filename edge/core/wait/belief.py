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
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.camera import SUMS, CameraModel
from edge.core.wait.service import CELLS_PER_MEAN, OLDEST_MEANS, Floats, ServiceShape

MOST_STEPS: Final = 40
AFTER: Final = 2.0
AFTER_S: Final = 10.0
"""For so long after a departure somebody joins so much more often: those at other lanes see the shorter one."""

TURNOVER: Final = 2.4
"""Changes of the true number per service: one comes, one goes, some walk over to another lane."""

PULL: Final = 1.2
"""How strongly a shorter lane draws: each person fewer than the others multiplies by 2^PULL."""

MOST_PEOPLE: Final = 200
AGE, SERVED, LEFT, SUMS_FROM = 0, 1, 2, 3
"""Rows of what is carried: the age of the service in progress, those served and those who left
unserved so far, the camera's sums."""


@dataclass(frozen=True)
class Harvest:
    """Those served and those who left unserved; services of the supposed mean that were due, and seconds waited."""

    served: float
    left: float
    due: float
    waited: float


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
        self.others = 1.0
        self.leaving = 1.0 / 1000.0
        self._due = self._waited = 0.0
        self.last_count: int | None = None
        n = np.arange(camera.size, dtype=float)
        self.p: Floats = 0.6 * 0.4**n
        self.p /= self.p.sum()
        self.carried: Floats = np.zeros((SUMS_FROM + SUMS, camera.size))
        self._exposed = self._counts = self._company = self._changes = self._expected = 0.0
        self._shape_for(camera.size)

    def _shape_for(self, size: int) -> None:
        n = np.arange(size, dtype=float)
        self.n: Floats = n
        self._busy: Floats = np.minimum(n, self.servers)
        self._pull: Floats = np.power(2.0, -PULL * n / self.servers)
        self._waiting: Floats = np.maximum(n - self.servers, 0.0)

    def _grow(self, size: int) -> None:
        self.camera.grow(size)
        size = self.camera.size
        if size > len(self.p):
            more = size - len(self.p)
            self.p = np.concatenate((self.p, np.full(more, 1e-12)))
            self.carried = np.concatenate((self.carried, np.repeat(self.carried[:, -1:], more, axis=1)), axis=1)
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
        p, carried = self.p, self.carried
        down = self._leaving(dt)
        up = self._coming(dt)
        both = up * down
        stay = p * (1.0 - up - down + 2.0 * both)
        rise = p[:-1] * (up - both)[:-1]
        fall = p[1:] * (down[1:] - both[1:])
        held: Floats | None = None
        if y is not None:
            if self.last_count is None:
                row = self.camera.often[self.camera.at(y)]
                stay, rise, fall = stay * row, rise * row[1:], fall * row[:-1]
            else:
                stay, rise, fall, held = self._weigh(y, bagging, since, (stay, rise, fall))
        new = stay.copy()
        new[1:] += rise
        new[:-1] += fall
        total = float(new.sum())
        if not total > 1e-280:
            self._restart(y)
            return
        inverse = 1.0 / np.maximum(new, 1e-290)
        kept = stay * carried
        kept[:, 1:] += rise * carried[:, :-1]
        moved = fall * carried[:, 1:]
        served = fall * self._by_service
        moved[SERVED] += served
        moved[LEFT] += fall - served
        if self.servers == 1:
            moved[AGE] = (fall - served) * carried[AGE, 1:] - dt * served
        kept[:, :-1] += moved
        kept *= inverse
        kept[AGE] += dt
        kept[AGE, 0] = 0.0
        self.carried, self.p = kept, new / total
        if y is not None:
            self._learn(y, dt, held, inverse)
        self.bagging = bagging

    def _weigh(
        self, y: int, bagging: float, since: float, flows: tuple[Floats, Floats, Floats]
    ) -> tuple[Floats, Floats, Floats, Floats | None]:
        """Weigh the three flows by how well y fits where they lead; also what of `stay` kept its error."""
        stay, rise, fall = flows
        camera = self.camera
        row = camera.drawn[camera.at(y)]
        if bagging > 0.01 and y > 0:
            row = bagging * camera.drawn[camera.at(y - 1)] + (1.0 - bagging) * row
        last = self.last_count or 0
        keep = camera.keep[camera.at(last)]
        if since > 1.5:
            keep = keep**since
        anew = 1.0 - keep
        same = self._change(y - last, bagging, 0)
        more = self._change(y - last, bagging, 1)
        less = self._change(y - last, bagging, -1)
        held = stay * keep * same if same else None
        stay = stay * anew * row
        if held is not None:
            stay = stay + held
        rise = rise * (anew[:-1] * row[1:] + keep[:-1] * more) if more else rise * anew[:-1] * row[1:]
        fall = fall * (anew[1:] * row[:-1] + keep[1:] * less) if less else fall * anew[1:] * row[:-1]
        return stay, rise, fall, held

    def _change(self, change: int, bagging: float, moved: int) -> float:
        """The chance that a count that changed by `change` kept its error while the lane changed by `moved`."""
        ended = max(self.bagging - bagging, 0.0)
        return (1.0 - ended) * (change == moved) + ended * (change + 1 == moved)

    def _learn(self, y: int, dt: float, held: Floats | None, inverse: Floats) -> None:
        camera = self.camera
        row = camera.at(y)
        self.carried[SUMS_FROM:] += camera.gains[row]
        if held is not None:
            self.carried[SUMS_FROM:] += camera.stays[row] * (held * inverse)
        self._exposed += float(self.p @ camera.exposure)
        self._counts += 1.0
        if self.last_count is not None:
            self._changes += min(abs(y - self.last_count), 2)
        self._expected += TURNOVER * self.busy_mean * dt / self.mean_service
        self._company += float(self.p @ camera.company)

    def _coming(self, dt: float) -> Floats:
        """The probability that somebody joins within `dt`, for every n: short lanes draw those who come."""
        pull = np.minimum(self._pull * math.pow(2.0, PULL * min(self.others, 40.0)), 3.0)
        pull = np.maximum(pull, 0.2)
        if self.servers == 1:
            pull = pull * np.where(self.carried[AGE] < AFTER_S, AFTER, 1.0)
        coming: Floats = np.minimum(pull * (self.arrivals * dt), 0.5)
        return coming

    def _leaving(self, dt: float) -> Floats:
        """The probability of a departure within `dt`, for every n."""
        mean = self.mean_service
        if self.servers == 1:
            cells = (self.age * (CELLS_PER_MEAN / mean)).astype(np.intp)
            np.minimum(cells, OLDEST_MEANS * CELLS_PER_MEAN, out=cells)
            rate = self.shape.hazard[cells] / mean
            rate[0] = 0.0
        else:
            rate = self._busy / mean
        self._due += float(self.p @ rate) * dt
        self._waited += float(self.p @ self._waiting) * dt
        rate *= 1.0 - self.seen_by_till
        away = self._waiting * self.leaving
        both = rate + away
        self._by_service: Floats = rate[1:] / np.maximum(both[1:], 1e-12)
        leaving: Floats = np.minimum(both * dt, 0.5)
        return leaving

    def _restart(self, y: int | None) -> None:
        row = self.camera.often[self.camera.at(y)] if y is not None else np.ones(len(self.p))
        self.p = row / row.sum()
        self.carried[:] = 0.0

    # --- hard evidence --------------------------------------------------------------------------------------------

    def depart(self) -> None:
        """Somebody's service ended for certain: one fewer stands before a newcomer."""
        self.p[1] += self.p[0]
        self.p[:-1] = self.p[1:]
        self.p[-1] = 0.0
        self.carried[:, :-1] = self.carried[:, 1:]
        self.carried[AGE] = 0.0

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

    def harvest(self) -> Harvest:
        """What was inferred since the last harvest; later counts may still correct it (slightly below 0).

        What was learnt of the camera meanwhile is handed to its model.
        """
        got = self.carried[SERVED:] @ self.p
        self.carried[SERVED:] -= got[:, None]
        if self._counts:
            self.camera.learn(got[2:], self._exposed, self._company, self._changes, self._expected)
        self._exposed = self._counts = self._company = self._changes = self._expected = 0.0
        harvest = Harvest(float(got[0]), float(got[1]), self._due, self._waited)
        self._due = self._waited = 0.0
        return harvest

    @property
    def age(self) -> Floats:
        """How long the service in progress has taken if n are there, for every n, seconds."""
        age: Floats = self.carried[AGE]
        return age

    def begin_service(self) -> None:
        """A service began this moment."""
        self.carried[AGE] = 0.0

    @property
    def mean(self) -> float:
        """The expected number of people in the lane."""
        return float(self.p @ self.n)

    @property
    def busy_mean(self) -> float:
        """The expected number of servers at work."""
        return float(self.p @ self._busy)
