"""One lane: what its camera and its till said, and how long one who joins it now will wait."""

import math
from typing import Final, Literal

import numpy as np

from edge.core.wait.baskets import Baskets, LaneBaskets
from edge.core.wait.belief import LaneBelief
from edge.core.wait.camera import CameraModel
from edge.core.wait.conformal import LOWER, LOWER_UNHEARD, TILL_LATE, AdaptiveLevel, Empties, Outcomes, Probe
from edge.core.wait.forecast import Forecast, Work, forecast
from edge.core.wait.pace import LEAVING, LanePace, StorePace
from edge.core.wait.service import CELLS_PER_MEAN, Floats, ServiceShape
from edge.core.wait.till import LONGEST_GAP_S, LOST, Gap, Till

STOPPED_Z: Final = 2.054
"""The 98th percentile of a standard normal: beyond it a service in progress counts as stopped."""

IMAGINED: Final = 0.02
"""Departures that never happened to a real one, for each error that the camera makes to a departure."""

DOUBT: Final = 0.15
"""How much less an inferred departure says of the pace, for each error that the camera makes to a departure."""

DOUBT_OF_CAMERA: Final = 0.02
"""Errors supposed of a camera to begin with, over the usual number. Who leaves and who walks over to the lane at once
look like one who was hidden: beginning with few errors finds those that there are, beginning with many never finds
that there are none."""

SHORTEST, LONGEST = 0.6, 1.6
"""Without a till the service time supposed stays within these shares of the long-run mean, not to feed itself."""

STOP_LEAST_S: Final = 150.0
HARVEST_S: Final = 20.0
PROBE_S: Final = 20.0
PROBE_GIVES_UP_S: Final = 3600.0
STALE_S: Final = 15.0
NEVER: Final = -1e12

Kind = Literal["staffed", "sco"]


class KindShared:
    """What all lanes of one kind share: the store's pace now, the gap after a transaction, the camera, the bound."""

    def __init__(self, long_run: float, empties: Empties | None = None) -> None:
        self.pace = StorePace(long_run, leaving=LEAVING)
        self.gap = Gap()
        self.camera = CameraModel(doubt=DOUBT_OF_CAMERA)
        self.shape = ServiceShape()
        self.baskets = Baskets()
        self.empties = empties or Empties()
        self.levels = [AdaptiveLevel(self.empties) for _ in range(3)]

    def level(self, people: float) -> AdaptiveLevel:
        """The bound's level for a queue of about `people`: short, middle, long."""
        return self.levels[0 if people < 2.0 else 1 if people < 4.5 else 2]


class Lane:
    """A lane with one till (banks of kiosks: `bank`). Times in seconds, never going back."""

    def __init__(self, shared: KindShared, *, pos: bool = False, is_open: bool = True) -> None:
        self.shared = shared
        self.servers = 1
        self.pos = pos
        self.is_open = is_open
        self.pace = LanePace(shared.pace)
        self.belief = LaneBelief(shared.camera, shared.shape)
        self.tills: dict[int, Till] = {}
        self.baskets = LaneBaskets(shared.baskets)
        self.t: float | None = None
        self.counted_t: float | None = None
        self.departures = 0.0
        self.told = 1.0
        self._harvested_t: float | None = None
        self.outcomes = Outcomes()
        self._probes: list[Probe] = []
        self._probed_t = NEVER
        self._ended_t = NEVER
        self._count_at_end: int | None = None
        self._blind = False

    # --- what is heard ------------------------------------------------------------------------------------------

    def value(self, t: float, *, is_open: bool) -> None:
        """The lane opens (perhaps with another cashier) or closes: takes nobody new, still serves its queue."""
        self.advance(t)
        if is_open and not self.is_open:
            self.pace.reset()
        self.is_open = is_open

    def count(self, t: float, people: int, busy: int | None = None) -> None:
        """The camera saw `people`; `busy` says nothing new of a lane with one till."""
        del busy
        dt = self._elapsed(t)
        since_end = t - self._ended_t
        gap = self.shared.gap
        leaves = gap.leaves(since_end - dt, since_end) if self.belief.ghost > 0.0 else 0.0
        if dt > 0.0 or self.belief.last_count is None:
            self._weigh_silence(t, dt)
            self._prepare()
            self._account(dt)
            self.belief.see(people, max(dt, 0.05), leaves)
        if self._count_at_end is not None:
            self._watch_bagging(since_end, people)
        self.t = t if self.t is None else max(t, self.t)
        self.counted_t = self.t
        self._keep_books(t)

    def start(self, t: float, server: int = 0, items: float | None = None) -> None:
        """A till says that a transaction started, with a basket of `items` where that is known already."""
        self.advance(t)
        till = self.tills.setdefault(server, Till())
        if till.ended is not None and not till.serving:
            gap = t - till.ended
            if self.belief.p[1:].sum() > 0.7 or gap < 5.0:
                self.shared.gap.observe(gap)
        if till.start(t):
            self._gone(t)
        self.belief.at_least(self._serving)
        self.belief.begin_service()
        self.baskets.begin(t, server, self.pace.mean, items, self.departures)

    def scanned(self, t: float, server: int = 0, pieces: int | None = None) -> None:
        """A till has scanned so many pieces of the transaction in progress; `None`: one more."""
        if server not in self.tills or not self.tills[server].serving:
            self.start(t, server)
        self.advance(t)
        self.baskets.scanned(t, server, pieces)

    def joined(self, t: float, items: float) -> None:
        """A shopper whose basket has `items` says that they stand in line here."""
        self.advance(t)
        self.baskets.in_line.joined(t, items, self.belief.mean, self.departures)

    def end(self, t: float, server: int = 0, items: float | None = None) -> None:
        """A till says that a transaction ended."""
        self.advance(t)
        till = self.tills.setdefault(server, Till())
        if not till.serving:
            self.belief.at_least(self._serving + 1)
        served = till.end(t, items)
        if served.seconds is not None and served.seconds > 0.5:
            self.pace.served(t, served.seconds + self.shared.gap.mean, served.items)
        self._gone(t)
        self.baskets.end(t, server, items, gap=self.shared.gap.mean, departures=self.departures)
        self._ended_t = t
        self._count_at_end = self.belief.last_count

    def _gone(self, t: float) -> None:
        self.belief.depart(self.shared.gap.still_seen(0.0))
        self.departures += 1.0
        self._settle(t)

    @property
    def _serving(self) -> int:
        return sum(till.serving for till in self.tills.values())

    # --- time passes --------------------------------------------------------------------------------------------

    def advance(self, t: float) -> None:
        """Let time pass up to `t` without a count: the belief only predicts, and widens."""
        dt = self._elapsed(t)
        if dt <= 0.0:
            self.t = t if self.t is None else self.t
            return
        self._weigh_silence(t, dt)
        self._prepare()
        self._account(dt)
        self.belief.predict(dt)
        self.t = t
        self._keep_books(t)

    def _elapsed(self, t: float) -> float:
        return t - self.t if self.t is not None else 0.0

    def _prepare(self) -> None:
        # Without a till the pace comes from the belief: it must not feed on itself.
        usual = self.shared.pace.long_run
        mean = self.pace.mean if self.pos else min(max(self.pace.mean, SHORTEST * usual), LONGEST * usual)
        self.belief.mean_service = mean
        # A lane whose till was never heard is a lane without one, whatever was said of the store.
        self.belief.seen_by_till = 1.0 - LOST if self.tills else 0.0
        self.belief.leaving = self.shared.pace.leaving
        self.belief.arrivals = 0.0005 if not self.is_open else self.shared.pace.coming / usual

    def _account(self, dt: float) -> None:
        if dt > 5.0 or self.stopped_chance > 0.5:
            self._blind = True

    def _weigh_silence(self, t: float, dt: float) -> None:
        """After an end no start is heard: the longer, the likelier nobody waits."""
        if not self.pos or not self.tills or self._serving:
            return
        since = t - self._ended_t
        if since > LONGEST_GAP_S:
            return
        gap = self.shared.gap.mean

        def silent(seconds: float) -> float:
            return LOST + (1.0 - LOST) * math.exp(-((max(seconds, 0.0) / (1.3 * gap)) ** 2))

        self.belief.weigh(silent(since) / silent(since - dt), beyond=0)

    def _watch_bagging(self, since_end: float, people: int) -> None:
        assert self._count_at_end is not None  # noqa: S101  asked for by the only caller
        dropped = people < self._count_at_end
        if dropped or since_end > 30.0:
            self.shared.gap.left_after(since_end, dropped=dropped)
            self._count_at_end = None

    def _keep_books(self, t: float) -> None:
        if self._harvested_t is None:
            self._harvested_t = t
        if t - self._harvested_t >= HARVEST_S:
            got = self.belief.harvest()
            if not self._blind:
                self.shared.pace.walked_away(t, got.left, got.waited)
                if self.is_open:
                    self.shared.pace.came(t, got.joined, got.joins_due)
            if not self.pos or not self.tills:
                errors = self._errors
                sure = 1.0 / (1.0 + DOUBT * errors)
                likely = got.served / (1.0 + min(IMAGINED * errors, 0.5))
                if not self._blind:
                    self.pace.inferred(t, got.served, got.due * self.belief.mean_service, sure=sure)
                self.departures += likely
                # They happened at some time since the last harvest.
                self._settle(t - 0.5 * HARVEST_S)
            self._blind = False
            self._harvested_t = t
        if t - self._probed_t >= PROBE_S and self.is_open:
            self._probed_t = t
            self._plant(t)

    @property
    def _errors(self) -> float:
        """How many of the camera's errors there are to a departure."""
        belief = self.belief
        served = belief.busy_mean / self.pace.mean
        return min(self.shared.camera.errs(belief.mean) / served, 20.0) if served > 1e-4 else 0.0

    # --- probes of the bound ------------------------------------------------------------------------------------

    def _plant(self, t: float) -> None:
        if self.counted_t is None or t - self.counted_t > STALE_S:
            return
        people = self.belief.mean
        told = self.forecast(t)
        bound = max(told.quantile(self.shared.level(people).level), told.point)
        self.shared.empties.told(empty=bound <= 0.0, holds=told.none)
        self.outcomes.joined(t, self.departures + told.turn - 0.5, told.point, at_once=bound <= 0.0)
        if bound <= 0.0:
            return
        turn = self.departures + told.turn
        self._probes.append(Probe(t, turn, bound, people))

    def _settle(self, t: float) -> None:
        """Judge the probes whose turn has come by `t`."""
        self.outcomes.settle(t, self.departures, PROBE_GIVES_UP_S)
        waiting: list[Probe] = []
        for probe in self._probes:
            over = t - probe.t > probe.bound
            # A turn that may have been after two or after three departures is taken to have come in between.
            if self.departures + 0.5 >= probe.turn or (over and t - probe.t > 1.5 * probe.bound):
                level = self.shared.level(probe.people)
                # Departures that were only imagined prove bounds that do not hold.
                heard = (TILL_LATE, LOWER) if self.tills else (0.0, LOWER_UNHEARD)
                level.settle(held=not over, late=heard[0], lower=heard[1])
            elif t - probe.t < PROBE_GIVES_UP_S:
                waiting.append(probe)
        self._probes = waiting

    # --- what is told -------------------------------------------------------------------------------------------

    @property
    def age(self) -> float:
        """How long the service in progress has taken, as far as can be told, seconds."""
        if self.pos and self._serving and self.t is not None:
            started = next(till.started for till in self.tills.values() if till.started is not None)
            return self.t - started
        belief = self.belief
        busy = float(belief.p[1:].sum())
        return float(belief.p[1:] @ belief.age[1:]) / busy if busy > 0.05 else 0.0

    @property
    def stopped_chance(self) -> float:
        """The probability that the service in progress has stopped."""
        return float(self.shared.shape.stopped[self.shared.shape.cell(self.age / self.pace.mean)])

    @property
    def stopped(self) -> bool:
        """Whether the one in service has been there longer than the 98th percentile of services."""
        if float(self.belief.p[0]) > 0.5:
            return False
        usual = self.pace.mean * self.shared.shape.quantile(STOPPED_Z)
        return self.age > self.baskets.stops_after(self.pace.mean, usual)

    def forecast(self, t: float) -> Forecast:
        """The wait of one who joins at `t`."""
        self.advance(t)
        left_mean, left_var = self._left(t)
        mean = self.pace.mean * self.shared.baskets.levels.factor(t)
        if len(self.baskets.in_line):
            waiting = self.baskets.waiting(self.departures, self.shared.shape.scv)
            more, spread = waiting.shift(np.maximum(self.belief.n - 1.0, 0.0), mean)
            left_mean, left_var = np.maximum(left_mean + more, 0.0), np.maximum(left_var + spread, 0.0)
        work = Work(
            mean,
            self.shared.shape.scv,
            self.pace.uncertainty,
            left_mean,
            left_var,
            leaving=0.5 * self.shared.pace.leaving,
        )
        return forecast(self.belief.p, self.belief.n, work)

    def _left(self, t: float) -> tuple[Floats, Floats]:
        """What is left of the service in progress, for every n: mean and variance, seconds."""
        belief, shape, mean = self.belief, self.shared.shape, self.pace.mean
        size = len(belief.p)
        if self.pos and self.tills and not self._serving and t - self._ended_t < LONGEST_GAP_S:
            gap = self.shared.gap.mean
            left = np.full(size, max(gap - (t - self._ended_t), 0.0 if t - self._ended_t > gap else 1.0))
            var = np.full(size, 0.1 * gap * gap)
            left[1:] += mean
            var[1:] += shape.scv * mean * mean
            left[0] = left[0] if t - self._ended_t < gap else 0.0
            return left, var
        ages = np.full(size, self.age) if self.pos and self._serving else belief.age
        cells = np.minimum((ages * (CELLS_PER_MEAN / mean)).astype(np.intp), len(shape.hazard) - 1)
        left = shape.left_mean[cells] * mean
        var = shape.left_var[cells] * (mean * mean)
        stopped = shape.stopped[cells]
        halt = np.maximum(STOP_LEAST_S, 0.6 * ages)
        var = var * (1.0 - stopped) + stopped * halt * halt + stopped * (1.0 - stopped) * (halt - left) ** 2
        left = left * (1.0 - stopped) + stopped * halt
        if self.pos and self._serving:
            usual = float(left[-1]), float(var[-1])
            known = self.baskets.left(t, mean, self.shared.gap.mean, usual) or usual
            left, var = np.full(size, known[0]), np.full(size, known[1])
        left[0], var[0] = 0.0, 0.0
        return left, var
