"""How many stand in a lane: a birth-death filter over (companions, people), with what it implies carried along.

Between counts people come at `arrivals` per second, some of them with a companion who stays as long as they do, and
leave with the hazard of the service in progress (plus a small rate at which those waiting give up). A count is
weighed by how well the camera's error would have moved (`camera`): a drop that keeps the error is a departure, a
flicker is not, and two who come at once are likely to be one who queues. Without a count the filter only predicts,
and so widens.

Expectations are carried for every state by the same backward kernel (recursive smoothing of additive functionals,
Cappé, Moulines and Rydén 2005): the age of the service in progress, the departures so far, what the camera did. So
departures are inferred without a till, and later counts still correct them.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.camera import JOIN, JOIN_TWO, LEAVE, LEAVE_TWO, STAY, SUMS, CameraModel
from edge.core.wait.flicker import Flicker
from edge.core.wait.service import CELLS_PER_MEAN, OLDEST_MEANS, Floats, ServiceShape

MOST_STEPS: Final = 40
AFTER: Final = 2.0
AFTER_S: Final = 10.0
"""For so long after a departure somebody joins so much more often: those at other lanes see the shorter one."""

PULL: Final = 1.2
"""How strongly a shorter lane draws: each person fewer than the others multiplies by 2^PULL."""

MOST_PEOPLE: Final = 60
CROWDED: Final = 1e-4
NEGLIGIBLE: Final = 1e-9
"""The chance of the longest queue at which there is room for a longer one, or no room is kept."""

TURNOVER: Final = 2.4
"""Changes of the true number per service: one comes, one goes, some walk over to another lane."""

COMPANIONS: Final = 4
"""States for companions: none to one fewer than that."""

AGE, SERVED, LEFT, JOINED, WITH, SUMS_FROM = range(6)
"""Rows of what is carried: the age of the service in progress, those served, those who left unserved, those who
joined and those of them with a companion so far, the camera's sums."""


@dataclass(frozen=True)
class Harvest:
    """Those served, those who left unserved and those who joined; services of the supposed mean and joins of the
    supposed rate that were due, and seconds waited."""

    served: float
    left: float
    joined: float
    joins_due: float
    due: float
    waited: float


class LaneBelief:
    """p(companions, n) for one lane; ages in seconds."""

    def __init__(self, camera: CameraModel, shape: ServiceShape) -> None:
        self.camera = camera
        self.shape = shape
        self.arrivals = 1.0 / 120.0
        self.mean_service = 90.0
        self.seen_by_till = 0.0
        self.others = 1.0
        self.leaving = 1.0 / 1000.0
        self.ghost = 0.0
        self._due = self._waited = self._joins_due = 0.0
        self.last_count: int | None = None
        size = 9
        self.camera.grow(size + COMPANIONS)
        self.joint: Floats = 0.6 * 0.4 ** np.arange(size) * 0.05 ** np.arange(COMPANIONS)[:, None]
        self.carried: Floats = np.zeros((SUMS_FROM + SUMS, COMPANIONS, size))
        self._exposed = self._counts = 0.0
        self._flicker = Flicker()
        self._shape_for(size)
        self.joint *= self._can
        self._normalise()

    def _shape_for(self, size: int) -> None:
        n = np.arange(size, dtype=float)
        k = np.arange(COMPANIONS)[:, None]
        self.n: Floats = n
        self._busy: Floats = np.minimum(n, 1.0)
        self._pull: Floats = np.power(2.0, -PULL * n)
        self._waiting: Floats = np.maximum(n - 1.0, 0.0)
        self._heads = (n[None, :] + k).astype(np.intp)
        self._can: Floats = (k <= n[None, :]).astype(np.float64)
        self._theirs: Floats = np.where(self._can > 0, k / np.maximum(n, 1.0)[None, :], 0.0)

    def _fit(self, size: int) -> None:
        """Keep states for fewer than `size` people: long queues get room, empty lanes cost little."""
        size = min(size, MOST_PEOPLE + 16)
        self.camera.grow(size + COMPANIONS)
        more = size - self.joint.shape[1]
        if more > 0:
            self.joint = np.concatenate((self.joint, np.full((COMPANIONS, more), 1e-12)), axis=1)
            last = np.repeat(self.carried[:, :, -1:], more, axis=2)
            self.carried = np.concatenate((self.carried, last), axis=2)
        elif more < 0:
            self.joint = self.joint[:, :size].copy()
            self.carried = self.carried[:, :, :size].copy()
        if more:
            self._shape_for(size)
            self._normalise()

    # --- time and counts ----------------------------------------------------------------------------------------

    def predict(self, dt: float) -> None:
        """Let `dt` seconds pass without a count."""
        if dt <= 0.0:
            return
        if self.p[-1] > CROWDED:
            self._fit(len(self.n) + 4)
        steps = min(max(math.ceil(dt), 1), MOST_STEPS)
        for _ in range(steps):
            self._step(dt / steps, None, 1.0)

    def see(self, y: int, dt: float, leaves: float = 0.0) -> None:
        """Take a count of `y` people `dt` seconds after the last step.

        `leaves` is the probability that one who has paid and was still seen left the picture in that time.
        """
        y = min(y, MOST_PEOPLE)
        if y + 3 > len(self.n):
            self._fit(y + 6)
        if dt > 2.0:
            self.predict(dt - 1.0)
            self._step(1.0, y, dt, leaves)
        else:
            self._step(dt, y, dt, leaves)
        self._flicker.see(self.last_count, y, dt)
        self.last_count = y

    def _step(self, dt: float, y: int | None, since: float, leaves: float = 0.0) -> None:
        flows = self._flows(dt)
        events: Floats | None = None
        if y is not None:
            weights = self._weights(y, since, leaves, flows)
            flows = flows * weights[:, self._heads]
            if self.last_count is not None and since < 3.0:
                events = self.camera.events(self.last_count, y)[:, self._heads]
        new = flows[STAY].copy()
        new[:, 1:] += flows[JOIN, :, :-1]
        new[1:, 1:] += flows[JOIN_TWO, :-1, :-1]
        new[:, :-1] += flows[LEAVE, :, 1:]
        new[:-1, :-1] += flows[LEAVE_TWO, 1:, 1:]
        total = float(np.add.reduce(new, axis=None))
        if not total > 1e-280:
            self._restart(y)
            return
        self._carry(dt, flows, new, events)
        self.joint = new / total
        self._marginal()
        if events is not None:
            self._watch(y)

    def _flows(self, dt: float) -> Floats:
        """How much of each state stays, is joined and is left within `dt`, alone or with a companion."""
        joint = self.joint
        leave = self._leaving(dt)
        come = self._coming(dt)
        pair = self.camera.companions
        self._joins_due += float(np.vdot(joint, come))
        both = come * leave
        flows = np.empty((5, *joint.shape))
        np.multiply(joint, 1.0 - come - leave + 2.0 * both, out=flows[STAY])
        joined = joint * (come - both)
        flows[JOIN] = joined * (1.0 - pair)
        flows[JOIN_TWO] = joined * pair
        left = joint * (leave - both)
        flows[LEAVE_TWO] = left * self._theirs
        flows[LEAVE] = left - flows[LEAVE_TWO]
        # The last state has nowhere to go.
        flows[STAY, :, -1] += flows[JOIN, :, -1] + flows[JOIN_TWO, :, -1]
        flows[STAY, -1, :-1] += flows[JOIN_TWO, -1, :-1]
        flows[JOIN, :, -1] = flows[JOIN_TWO, :, -1] = flows[JOIN_TWO, -1] = 0.0
        return flows

    def _weights(self, y: int, since: float, leaves: float, flows: Floats) -> Floats:
        """P(y) for each of the camera's moves, over the heads before; judges whether one who paid is still seen."""
        camera = self.camera
        if self.last_count is None or since > 3.0:
            self.ghost = 0.0 if since > 3.0 else self.ghost
            row = camera.often[camera.size - 1 if y >= camera.size else y]
            shifted = [np.roll(row, -move) for move in (0, 1, 2, -1, -2)]
            return np.stack(shifted)
        weights = self._moved(self.last_count, y, since)
        if self.ghost < 0.02:
            self.ghost = 0.0
            return weights
        ghost = self.ghost
        parts = (
            (1.0 - ghost) * weights,
            ghost * leaves * self._moved(max(self.last_count - 1, 0), y, since),
            ghost * (1.0 - leaves) * self._moved(max(self.last_count - 1, 0), max(y - 1, 0), since),
        )
        masses = [float(np.vdot(flows, part[:, self._heads])) for part in parts]
        self.ghost = masses[2] / max(sum(masses), 1e-290)
        both: Floats = parts[0] + parts[1] + parts[2]
        return both

    def _moved(self, before: int, y: int, since: float) -> Floats:
        weights = self.camera.weights(before, y)
        if since < 0.75:
            same = np.array([y == before, y == before + 1, y == before + 2, y == before - 1, y == before - 2])
            weights = since * weights + (1.0 - since) * same[:, None]
        return weights

    def _carry(self, dt: float, flows: Floats, new: Floats, events: Floats | None) -> None:
        carried = self.carried
        stay = flows[STAY]
        kept = stay * carried
        if events is not None:
            kept[SUMS_FROM : SUMS_FROM + 4] += stay * events
        kept[:, :, 1:] += flows[JOIN, :, :-1] * carried[:, :, :-1]
        kept[JOINED, :, 1:] += flows[JOIN, :, :-1]
        kept[:, 1:, 1:] += flows[JOIN_TWO, :-1, :-1] * carried[:, :-1, :-1]
        kept[JOINED, 1:, 1:] += flows[JOIN_TWO, :-1, :-1]
        kept[WITH, 1:, 1:] += flows[JOIN_TWO, :-1, :-1]
        kept[:, :, :-1] += self._gone(dt, flows[LEAVE, :, 1:], carried[:, :, 1:], self._by_service)
        kept[:, :-1, :-1] += self._gone(dt, flows[LEAVE_TWO, 1:, 1:], carried[:, 1:, 1:], self._by_service[1:])
        kept /= np.maximum(new, 1e-290)
        kept[AGE] += dt
        kept[AGE, :, 0] = 0.0
        self.carried = kept

    def _gone(self, dt: float, flow: Floats, carried: Floats, by_service: Floats) -> Floats:
        moved = flow * carried
        served = flow * by_service
        moved[SERVED] += served
        moved[LEFT] += flow - served
        moved[AGE] = (flow - served) * carried[AGE] - dt * served
        return moved

    def _watch(self, y: int | None) -> None:
        """Add up what the camera did, for its rates."""
        off = float(y or 0) - self._heads
        self.carried[SUMS_FROM + 4] += np.maximum(-off, 0.0)
        self.carried[SUMS_FROM + 5] += np.maximum(off, 0.0)
        growth = self.camera.growth[self._heads]
        self._exposed += float(np.vdot(self.joint, growth * np.minimum(self._heads, y or 0)))
        self._counts += 1.0

    def _coming(self, dt: float) -> Floats:
        """The probability that somebody joins within `dt`, for every state: short lanes draw those who come."""
        pull = np.minimum(self._pull * math.pow(2.0, PULL * min(self.others, 40.0)), 3.0)
        pull = np.maximum(pull, 0.2) * self._can
        pull = pull * np.where(self.carried[AGE] < AFTER_S, AFTER, 1.0)
        coming: Floats = np.minimum(pull * (self.arrivals * dt), 0.5)
        return coming

    def _leaving(self, dt: float) -> Floats:
        """The probability of a departure within `dt`, for every state."""
        mean = self.mean_service
        cells = (self.carried[AGE] * (CELLS_PER_MEAN / mean)).astype(np.intp)
        np.minimum(cells, OLDEST_MEANS * CELLS_PER_MEAN, out=cells)
        rate = self.shape.hazard[cells] / mean
        rate[:, 0] = 0.0
        self._due += float(np.vdot(self.joint, rate)) * dt
        self._waited += float(self.p @ self._waiting) * dt
        rate *= 1.0 - self.seen_by_till
        away = self._waiting * self.leaving
        both = rate + away
        self._by_service: Floats = rate[:, 1:] / np.maximum(both[:, 1:], 1e-12)
        leaving: Floats = np.minimum(both * dt, 0.5)
        return leaving

    def _normalise(self) -> None:
        self.joint /= self.joint.sum()
        self._marginal()

    def _marginal(self) -> None:
        self.p: Floats = np.add.reduce(self.joint, axis=0)

    def _restart(self, y: int | None) -> None:
        row = self.camera.often[y] if y is not None else np.ones(self.camera.size)
        self.joint = row[self._heads] * self._can * 0.1 ** np.arange(COMPANIONS)[:, None]
        self._normalise()
        self.carried[:] = 0.0

    # --- hard evidence --------------------------------------------------------------------------------------------

    def depart(self, still_seen: float = 0.0) -> None:
        """Somebody's service ended for certain: one fewer stands before a newcomer, though perhaps still seen."""
        joint, theirs = self.joint, self._theirs
        left = joint[:, 1:]
        new = np.zeros_like(joint)
        new[:, :-1] = left * (1.0 - theirs[:, 1:])
        new[:-1, :-1] += left[1:] * theirs[1:, 1:]
        new[:, 0] += joint[:, 0] * self._can[:, 0]
        self.joint = new
        self._normalise()
        self.carried[:, :, :-1] = self.carried[:, :, 1:].copy()
        self.carried[AGE] = 0.0
        self.ghost = still_seen

    def at_least(self, people: int) -> None:
        """`people` are in service for certain; who was not believed in is added."""
        if people + 2 > len(self.n):
            self._fit(people + 4)
        people = min(people, len(self.n) - 1)
        self.joint[:, people] += self.joint[:, :people].sum(axis=1)
        self.joint[:, :people] = 0.0
        self._marginal()

    def weigh(self, factor: float, beyond: int) -> None:
        """Multiply the odds of more than `beyond` people by `factor`."""
        self.joint[:, beyond + 1 :] *= factor
        self._normalise()

    def harvest(self) -> Harvest:
        """What was inferred since the last harvest; later counts may still correct it (slightly below 0).

        What was learnt of the camera meanwhile is handed to its model.
        """
        got = (self.carried[SERVED:] * self.joint).sum(axis=(1, 2))
        self.carried[SERVED:] -= got[:, None, None]
        if self._counts:
            camera = got[SUMS_FROM - SERVED :]
            self.camera.flickered(*self._flicker.take(), TURNOVER * self._due)
            self.camera.learn(camera, self._exposed, self._counts, float(got[2]), float(got[3]))
        self._exposed = self._counts = 0.0
        top = int(np.flatnonzero(self.p > NEGLIGIBLE)[-1])
        room = max(top, self.last_count or 0, 1) + 4
        if room < len(self.n) - 3:
            self._fit(room)
        harvest = Harvest(float(got[0]), float(got[1]), float(got[2]), self._joins_due, self._due, self._waited)
        self._due = self._waited = self._joins_due = 0.0
        return harvest

    @property
    def age(self) -> Floats:
        """How long the service in progress has taken if n are there, for every n, seconds."""
        age: Floats = (self.joint * self.carried[AGE]).sum(axis=0) / np.maximum(self.p, 1e-290)
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
        """How likely somebody is served."""
        return float(self.p @ self._busy)
