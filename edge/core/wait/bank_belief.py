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

from edge.core.wait.bank_busy import BusySensor, Hidden
from edge.core.wait.bank_particles import (
    BAGGING,
    FREE,
    JOINED,
    LEFT,
    PARTICLES,
    SENSOR_FROM,
    SERVED,
    SERVING,
    SUMS_FROM,
    UNHEARD,
    WITH,
    Chosen,
    Indices,
    Particles,
)
from edge.core.wait.camera import CameraModel
from edge.core.wait.flicker import Flicker
from edge.core.wait.pace import LONGEST_MEANS
from edge.core.wait.service import CELLS_PER_MEAN, OLDEST_MEANS, Floats, ServiceShape
from edge.core.wait.till import GAP_PRIOR_S, LOST

BAGGING_MEAN: Final = 0.886
"""The mean of the time that bagging takes (a Weibull of shape 2) over its scale."""

BOOST: Final = 0.25
"""How often a move is proposed in a second in which a count moved that way."""

MISTAKEN: Final = 0.01
"""How often a companion and one who queues are told apart better in a second in which the kiosks contradict."""

START_LATE_S: Final = 3.5
"""A till's start is heard within that time, or not at all."""

PULL: Final = 1.2
"""How strongly a shorter line draws: each person fewer per kiosk than at the others multiplies by 2^PULL."""

MOST_STEPS: Final = 40
MOST_PEOPLE: Final = 80
WATCH_EVERY: Final = 3
"""While a count stays the same, what the camera does is added up at one of so many counts."""

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
        self._last_busy: int | None = None
        self._due = self._waited = self._joins_due = 0.0
        self._is_old = False
        self._turns = 0
        self._exposed = self._counts = 0.0
        self._flicker = Flicker()
        self._scatter(None, None)

    # --- time and counts ----------------------------------------------------------------------------------------

    def predict(self, dt: float) -> None:
        """Let `dt` seconds pass without a count."""
        if dt <= 0.0:
            return
        steps = min(max(math.ceil(dt), 1), MOST_STEPS)
        for _ in range(steps):
            self._step(dt / steps)

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
        up = down = False
        if before is not None and since <= 3.0:
            up, down = y > before, y < before
            if busy is not None:
                off = busy - self.busy
                up |= float(self.weight @ (off > 0.0)) > 0.5
                down |= float(self.weight @ (off < 0.0)) > 0.5
                if not self.hears:
                    self._mistake(off)
        self._step(dt, up=up, down=down)
        self._weigh_count(y, since)
        if busy is not None:
            self._weigh_busy(y, min(busy, self.servers), since)
        else:
            self.off[:] = np.nan
        if not self.normalise():
            self._scatter(y, busy)
        self._flicker.see(self.last_count, y, since)
        self.last_count = y

    def _mistake(self, off: Floats) -> None:
        """Where kiosks contradict most histories, a companion may have been one who queues, or the reverse."""
        more = float(self.weight @ (off > 0.0)) > 0.5
        if not more and float(self.weight @ (off < 0.0)) <= 0.5:
            return
        may = (off > 0.0) & (self.companions > 0.0) if more else (off < 0.0) & (self.busy > 0.0)
        may &= self.waiting == 0.0
        turns = may & (self.dice.random(PARTICLES) < BOOST)
        self.weigh(np.where(may, np.where(turns, MISTAKEN / BOOST, (1.0 - MISTAKEN) / (1.0 - BOOST)), 1.0))
        at = np.flatnonzero(turns)
        kiosk = ((self.phase[:, at] == FREE) == more).argmax(axis=0)
        sign = 1.0 if more else -1.0
        self.phase[kiosk, at] = SERVING if more else FREE
        self.age[kiosk, at] = 0.0
        self.busy[at] += sign
        self.companions[at] -= sign
        self.sums[JOINED, at] += sign

    def _step(self, dt: float, *, up: bool = False, down: bool = False) -> None:
        """Move every history by `dt`; `up` and `down` propose more arrivals and departures."""
        age, phase = self.age, self.phase
        here = phase > FREE
        np.add(age, dt, out=age, where=here)
        rate = self._rates(age, phase, here)
        people = self.busy + self.waiting
        leave = np.minimum(np.add.reduce(rate, axis=0) * dt, 0.5)
        come = self._coming(people, dt)
        dice = self.dice.random((3, PARTICLES))
        if self.hears:
            self._weigh_silence(age, phase, dt)
        leaves = self._propose(leave, dice[0], boost=down)
        comes = self._propose(come, dice[1], boost=up)
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
        if self._is_old:
            leave = np.add.reduce(rate * (age < LONGEST_MEANS * self.mean_service), axis=0) * dt
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
        np.minimum(np.maximum(pull, 0.2, out=pull), 3.0, out=pull)
        coming: Floats = np.minimum(pull * (self.arrivals * dt), 0.5)
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
        self.busy[at] -= ~waits
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
        self.busy[at] += serves
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

    def _weigh_count(self, y: int, since: float) -> None:
        camera, last = self.camera, self.last_count
        before = self.heads.astype(np.intp)
        self._moved: Floats | None = None
        self.heads[:] = np.minimum(self.busy + self.waiting + self.companions, camera.size - 1.0)
        if last is None or since > 3.0:
            self.weigh(camera.often[min(y, camera.errors - 1), self.heads.astype(np.intp)])
            return
        changed = self.heads - before
        move = np.minimum(np.maximum(changed, -2.0), 2.0)
        if y != last:
            self._moved = np.minimum(np.maximum(y - last - changed, -2.0), 2.0)
        weights = camera.weights(last, y)[MOVE_OF[(move + 2.0).astype(np.intp)], before]
        if since < 0.75:
            weights = since * weights + (1.0 - since) * (y - last == move)
        self.weigh(weights)
        self._turns = (self._turns + 1) % WATCH_EVERY
        if y != last:
            self._watch(y, before, move == 0.0, 1.0)
        elif self._turns == 0:
            self._watch(y, before, move == 0.0, float(WATCH_EVERY))
        self._counts += 1.0

    def _watch(self, y: int, before: Indices, stays: Chosen, times: float) -> None:
        """Add up what the camera did, for its rates; `times`: as often as it did so."""
        assert self.last_count is not None  # noqa: S101  asked for by the only caller
        camera, heads = self.camera, self.heads
        sums = self.sums[SUMS_FROM:SENSOR_FROM]
        sums[:4] += camera.events(self.last_count, y)[:, before] * (stays * times)
        sums[4] += np.maximum(heads - y, 0.0) * times
        sums[5] += np.maximum(y - heads, 0.0) * times
        exposed = float(self.weight @ (camera.growth[heads.astype(np.intp)] * np.minimum(heads, y)))
        self._exposed += times * exposed / max(float(self.weight.sum()), 1e-300)

    def _weigh_busy(self, y: int, busy: int, since: float) -> None:
        off = busy - self.busy
        before = self.off
        if busy > y:
            self.sensor.knows_better()
        if since <= 3.0 and not math.isnan(float(before[0])):
            hidden = None
            if self._moved is not None:
                hidden = Hidden(self._moved, all_at_kiosks=self._last_busy == self.last_count)
            self.weigh(self.sensor.weights(before, off, hidden))
            if since > 0.75:
                self.sensor.watch(self.sums[SENSOR_FROM:], before, off, hidden)
        else:
            self.weigh(self.sensor.first(off, self.heads - y))
        self.off[:] = off
        self._last_busy = busy

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
        self.recount()
        self.waiting[:] = people - at_work
        self.companions[:] = 0.0
        self.off[:] = np.nan

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
        self._is_old = float(self.age.max()) > LONGEST_MEANS * self.mean_service - MOST_STEPS
        if self._counts:
            self.camera.flickered(*self._flicker.take(), TURNOVER * max(float(got[SERVED]), 0.0))
            self.camera.learn(
                got[SUMS_FROM:SENSOR_FROM], self._exposed, self._counts, float(got[JOINED]), float(got[WITH])
            )
            self.sensor.learn(got[SENSOR_FROM:])
        self._exposed = self._counts = 0.0
        gone = Gone(float(got[0]), float(got[1]), float(got[2]), self._joins_due, self._due, self._waited)
        self._due = self._waited = self._joins_due = 0.0
        return gone
