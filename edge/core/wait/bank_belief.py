"""Who stands at a bank of kiosks: a particle filter over every kiosk's state and age, and over those who wait.

Each particle is one history that fits what was seen and heard: since when each kiosk is busy, how many wait in the
one line, how many companions stand with them. A kiosk gets free with the hazard of its own age, the line fills it at
once. A count is weighed by how well the camera's error would have moved (`camera`), the number of kiosks seen busy by
its own error's chain (`bank_busy`). When a count moves, arrivals and departures are proposed more often than they
happen and weighed by as much less (importance sampling), so that few particles suffice (Doucet and Johansen 2009, "A
tutorial on particle filtering and smoothing"). What is summed (departures, joins, what the camera did) is part of the
history: later counts correct it by choosing other histories.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.core.wait.bank_busy import BusySensor
from edge.core.wait.bank_particles import (
    BAGGING,
    FREE,
    JOINED,
    LEFT,
    PARTICLES,
    SERVED,
    SERVING,
    SUMS_FROM,
    UNHEARD,
    WITH,
    Chosen,
    Indices,
    Particles,
)
from edge.core.wait.camera import REVERSAL_S, CameraModel
from edge.core.wait.pace import LONGEST_MEANS
from edge.core.wait.service import CELLS_PER_MEAN, OLDEST_MEANS, Floats, ServiceShape
from edge.core.wait.till import GAP_PRIOR_S, LOST

BAGGING_MEAN: Final = 0.886
"""The mean of the time that bagging takes (a Weibull of shape 2) over its scale."""

BOOST: Final = 0.25
"""How often a move is proposed in a second in which a count moved that way."""

START_LATE_S: Final = 3.5
"""A till's start is heard within that time, or not at all."""

PULL: Final = 1.2
"""How strongly a shorter line draws: each person fewer per kiosk than at the others multiplies by 2^PULL."""

MOST_STEPS: Final = 40
MOST_PEOPLE: Final = 80
NEVER_S: Final = 1e9
TURNOVER: Final = 2.0
"""Changes of the true number per service: one comes, one goes."""

MOVE_OF: Final = np.array([4, 3, 0, 1, 2])
"""Where a change of heads by -2 to 2 stands in the camera's moves."""


@dataclass(frozen=True)
class Gone:
    """What happened since the last harvest, expected: those served, left unserved and joined; services of the
    supposed mean and joins of the supposed rate that were due, and seconds waited."""

    served: float
    left: float
    joined: float
    joins_due: float
    due: float
    waited: float


class BankBelief(Particles):
    """Weighted histories of one bank with `servers` kiosks; ages in seconds."""

    def __init__(self, camera: CameraModel, shape: ServiceShape, *, servers: int) -> None:
        super().__init__(servers)
        self.camera, self.shape, self.sensor = camera, shape, BusySensor(servers)
        self.arrivals = servers / 200.0
        self.mean_service = 170.0
        self.gap = GAP_PRIOR_S
        self.leaving = 1.0 / 3000.0
        self.others = 1.0
        self.hears = False
        self.last_count: int | None = None
        self._due = self._waited = self._joins_due = 0.0
        self._exposed = self._counts = self._changes = self._reversals = 0.0
        self._change: tuple[float, int] = (NEVER_S, 0)
        self._scatter(None, None)

    # --- time and counts ----------------------------------------------------------------------------------------

    def predict(self, dt: float) -> None:
        """Let `dt` seconds pass without a count."""
        if dt <= 0.0:
            return
        steps = min(max(math.ceil(dt), 1), MOST_STEPS)
        for _ in range(steps):
            self._step(dt / steps, 0, 0)

    def see(self, y: int, busy: int | None, dt: float) -> None:
        """Take a count of `y` people, `busy` kiosks of them seen at work, `dt` seconds after the last step."""
        y = min(y, MOST_PEOPLE)
        if y + 8 > self.camera.size:
            self.camera.grow(y + 12)
        before = self.last_count
        since = dt
        if dt > 2.0:
            self.predict(dt - 1.0)
            dt = 1.0
        heads = self._heads()
        up = down = 0
        if before is not None and since <= 3.0:
            up, down = int(y > before), int(y < before)
            if busy is not None:
                off = busy - self.busy
                up |= int(float(self.weight @ (off > 0)) > 0.5)
                down |= int(float(self.weight @ (off < 0)) > 0.5)
        self._step(dt, up, down)
        self._weigh_count(y, since, heads)
        if busy is not None:
            self._weigh_busy(min(busy, self.servers), since)
        else:
            self.off[:] = np.nan
        if not self.normalise():
            self._scatter(y, busy)
        self._turn(y, since)
        self.last_count = y

    def _heads(self) -> Indices:
        heads: Indices = (self.busy + self.waiting + self.companions).astype(np.intp)
        np.minimum(heads, self.camera.size - 1, out=heads)
        return heads

    def _step(self, dt: float, up: int, down: int) -> None:
        """Move every history by `dt`; `up` and `down` propose more arrivals and departures."""
        age, phase = self.age, self.phase
        here = phase > FREE
        np.add(age, dt, out=age, where=here)
        rate = self._rates(age, phase, here)
        people = np.add.reduce(here, axis=0, dtype=np.float64) + self.waiting
        leave = np.minimum(np.add.reduce(rate, axis=0) * dt, 0.5)
        come = self._coming(people, dt)
        dice = self.dice.random((3, PARTICLES))
        if self.hears:
            self._weigh_silence(age, phase, dt)
        leaves = self._propose(leave, dice[0], boost=bool(down))
        comes = self._propose(come, dice[1], boost=bool(up))
        self._joins_due += float(self.weight @ come)
        if not self.hears:
            self._due += self._usual(leave, rate, age, dt)
        waited = float(self.weight @ self.waiting) * dt
        self._waited += waited
        if leaves.any():
            self._leave(np.flatnonzero(leaves), rate, people)
        if comes.any():
            self._come(np.flatnonzero(comes))
        if waited * self.leaving > 1e-9:
            walks = dice[2] < self.waiting * (self.leaving * dt)
            if walks.any():
                self._walk_away(np.flatnonzero(walks))

    def _usual(self, leave: Floats, rate: Floats, age: Floats, dt: float) -> float:
        """How many services were due; a stop is not how fast the kiosks are."""
        limit = LONGEST_MEANS * self.mean_service
        if float(age.max()) > limit:
            leave = np.add.reduce(rate * (age < limit), axis=0) * dt
        return float(self.weight @ leave)

    def _propose(self, chance: Floats, dice: Floats, *, boost: bool) -> Chosen:
        if not boost:
            return dice < chance
        asked = np.where(chance > 0.0, np.maximum(chance, BOOST), 0.0)
        happens = dice < asked
        self.weigh(np.where(happens, chance / np.maximum(asked, 1e-12), (1.0 - chance) / (1.0 - asked)))
        return happens

    def _rates(self, age: Floats, phase: Floats, here: Chosen) -> Floats:
        """How often each kiosk gets free, per second."""
        cells = (age * (CELLS_PER_MEAN / self.mean_service)).astype(np.intp)
        np.minimum(cells, OLDEST_MEANS * CELLS_PER_MEAN, out=cells)
        rate: Floats = self.shape.hazard[cells] * here
        if not self.hears:
            rate /= self.mean_service
            return rate
        # An end would be heard, unless it is lost.
        rate *= LOST / self.mean_service
        scale = self.gap / BAGGING_MEAN
        return np.where(phase == BAGGING, age * (2.0 / (scale * scale)), rate)

    def _coming(self, people: Floats, dt: float) -> Floats:
        pull = np.exp2(PULL * (min(self.others, 40.0) - people / self.servers))
        coming: Floats = np.minimum(np.clip(pull, 0.2, 3.0) * (self.arrivals * dt), 0.5)
        return coming

    def _leave(self, at: Indices, rate: Floats, people: Floats) -> None:
        """One kiosk of each history `at` gets free, and is taken by the first of the line."""
        odds = np.cumsum(rate[:, at], axis=0)
        dice = self.dice.random((2, len(at)))
        kiosk = np.add.reduce(odds < dice[0] * odds[-1], axis=0)
        np.minimum(kiosk, self.servers - 1, out=kiosk)
        self._gone(at, kiosk, dice[1], people[at])

    def _gone(self, at: Indices, kiosk: Indices, dice: Floats, people: Floats) -> None:
        phase = self.phase
        self.sums[SERVED, at] += 1.0
        self.to_go[:, at] -= 1.0
        theirs = dice * people < self.companions[at]
        self.companions[at] -= theirs
        waits = self.waiting[at] > 0.0
        self.waiting[at] -= waits
        phase[kiosk, at] = np.where(waits, self._started, FREE)
        self.age[kiosk, at] = 0.0

    @property
    def _started(self) -> float:
        return UNHEARD if self.hears else SERVING

    def _come(self, at: Indices) -> None:
        """One comes to each history `at`: to a free kiosk, else to the end of the line."""
        phase = self.phase
        self.sums[JOINED, at] += 1.0
        paired = self.dice.random(len(at)) < self.camera.companions
        self.companions[at] += paired
        self.sums[WITH, at] += paired
        free = phase[:, at] == FREE
        kiosk = free.argmax(axis=0)
        serves = free[kiosk, np.arange(len(at))]
        self.waiting[at] += ~serves
        at, kiosk = at[serves], kiosk[serves]
        phase[kiosk, at] = self._started
        self.age[kiosk, at] = 0.0

    def _walk_away(self, at: Indices) -> None:
        """One of the line leaves unserved; pretended newcomers whom they stood before move up."""
        dice = self.dice.random(len(at))
        ahead = self.to_go[:, at] - 1.0
        self.to_go[:, at] -= dice * self.waiting[at] < ahead
        self.waiting[at] -= 1.0
        self.sums[LEFT, at] += 1.0

    def _weigh_silence(self, age: Floats, phase: Floats, dt: float) -> None:
        """A start that should have been heard was not: the longer ago, the likelier that there was none."""
        unheard = (phase == UNHEARD) & (age < START_LATE_S + dt)
        if unheard.any():
            now = np.maximum(1.0 - age / START_LATE_S, 0.0) * (1.0 - LOST) + LOST
            before = np.maximum(1.0 - np.maximum(age - dt, 0.0) / START_LATE_S, 0.0) * (1.0 - LOST) + LOST
            self.weigh(np.multiply.reduce(np.where(unheard, now / before, 1.0), axis=0))

    # --- what is seen -------------------------------------------------------------------------------------------

    def _weigh_count(self, y: int, since: float, before: Indices) -> None:
        camera, now = self.camera, self._heads()
        if self.last_count is None or since > 3.0:
            self.weigh(camera.often[min(y, camera.errors - 1), now])
            return
        move = np.clip(now - before, -2, 2)
        weights = camera.weights(self.last_count, y)[MOVE_OF[move + 2], before]
        if since < 0.75:
            weights = since * weights + (1.0 - since) * (y - self.last_count == move)
        self.weigh(weights)
        sums = self.sums[SUMS_FROM:]
        if y != self.last_count:
            stays = move == 0
            sums[:4] += camera.events(self.last_count, y)[:, before] * stays
        else:
            sums[:4] += camera.events(y, y)[:, before]
        np.add(sums[4], np.maximum(now - y, 0), out=sums[4])
        np.add(sums[5], np.maximum(y - now, 0), out=sums[5])
        total = max(float(self.weight.sum()), 1e-300)
        self._exposed += float(self.weight @ (camera.growth[now] * np.minimum(now, y))) / total
        self._counts += 1.0

    def _weigh_busy(self, busy: int, since: float) -> None:
        off = busy - self.busy
        before = self.off
        known = since <= 3.0 and not math.isnan(float(before[0]))
        self.weigh(self.sensor.weights(before if known else None, off))
        if known and since > 0.75:
            total = float(self.weight.sum())
            if total > 1e-290:
                self.sensor.learn(self.weight / total, before, off)
        self.off[:] = off

    def _scatter(self, y: int | None, busy: int | None) -> None:
        """Begin anew: around what is seen now, or around a nearly empty bank."""
        dice = self.dice
        if y is None:
            people = dice.geometric(0.5, PARTICLES) - 1
        else:
            people = np.maximum(y - dice.binomial(1, 0.15, PARTICLES) + dice.binomial(1, 0.25, PARTICLES), 0)
        at_work = np.minimum(people, self.servers)
        if busy is not None:
            at_work = np.full(PARTICLES, min(busy, self.servers))
            people = np.where(at_work < self.servers, at_work, np.maximum(people, at_work))
        busy_now = np.arange(self.servers)[:, None] < at_work[None, :]
        self.phase[:] = np.where(busy_now, SERVING, FREE)
        # Services seen at a moment are longer ones, and half over.
        self.age[:] = dice.exponential(0.75 * self.mean_service, busy_now.shape) * busy_now
        self.waiting[:] = people - at_work
        self.companions[:] = 0.0
        self.off[:] = np.nan

    def _turn(self, y: int, dt: float) -> None:
        """Note a change of the count, and whether it takes the last one back."""
        since, sign = self._change
        since += dt
        if self.last_count is not None and y != self.last_count and dt < 3.0:
            now = 1 if y > self.last_count else -1
            self._changes += 1.0
            if now == -sign and since <= REVERSAL_S:
                self._reversals += 1.0
                now = 0
            since, sign = 0.0, now
        self._change = (since, sign)

    # --- what a till tells (`bank_till`) -----------------------------------------------------------------------

    def hazard(self, age: Floats) -> Floats:
        """How often a service that has taken `age` ends, per second."""
        cells = (age * (CELLS_PER_MEAN / self.mean_service)).astype(np.intp)
        np.minimum(cells, OLDEST_MEANS * CELLS_PER_MEAN, out=cells)
        hazard: Floats = self.shape.hazard[cells] / self.mean_service
        return hazard

    # --- books --------------------------------------------------------------------------------------------------

    def harvest(self) -> Gone:
        """What was inferred since the last harvest (later counts may still correct it, slightly below 0)."""
        sums = self.sums
        got = sums @ self.weight
        sums -= got[:, None]
        if self._counts:
            self.camera.flickered(self._changes, self._reversals, TURNOVER * max(float(got[SERVED]), 0.0))
            self.camera.learn(got[SUMS_FROM:], self._exposed, self._counts, float(got[JOINED]), float(got[WITH]))
        self._exposed = self._counts = self._changes = self._reversals = 0.0
        gone = Gone(float(got[0]), float(got[1]), float(got[2]), self._joins_due, self._due, self._waited)
        self._due = self._waited = self._joins_due = 0.0
        return gone
