"""A bank of kiosks with one line: what its camera and its tills said, and how long one who joins will wait."""

from typing import Final

import numpy as np

from edge.core.wait import bank_till
from edge.core.wait.bank_belief import BankBelief
from edge.core.wait.bank_forecast import BankForecast, Pace, forecast
from edge.core.wait.bank_particles import FREE
from edge.core.wait.bank_probes import BankProbes
from edge.core.wait.baskets import Baskets, LaneBaskets
from edge.core.wait.camera import CameraModel
from edge.core.wait.conformal import AdaptiveLevel, Empties, Outcomes
from edge.core.wait.lane import DOUBT, HARVEST_S, LONGEST, SHORTEST, STALE_S, STOPPED_Z, Lane
from edge.core.wait.pace import LEAVING_BANK, LanePace, StorePace
from edge.core.wait.service import Floats, ServiceShape
from edge.core.wait.till import Gap, Till

SURE: Final = 0.7
"""How likely it has to be that a kiosk has stopped to say so."""

IMAGINED: Final = 0.09
"""Departures that never happened to a real one, for each error that the camera makes to a departure, where who is
hidden from the count is missing at the kiosks as well."""

GAP_S: Final = 5.0


class BankShared:
    """What all banks of one kind share: the store's pace now, the gap after a transaction, the cameras, the bound."""

    def __init__(self, long_run: float, empties: Empties | None = None) -> None:
        self.pace = StorePace(long_run, leaving=LEAVING_BANK)
        self.gap = Gap()
        self.camera = CameraModel()
        self.shape = ServiceShape()
        self.baskets = Baskets()
        self.empties = empties or Empties()
        self._level = AdaptiveLevel(self.empties)

    def level(self, people: float) -> AdaptiveLevel:
        """The bound's level, whatever the queue."""
        del people
        return self._level


class Bank:
    """`servers` kiosks with one line. Times in seconds, never going back."""

    def __init__(self, shared: BankShared, *, servers: int, pos: bool = False, is_open: bool = True) -> None:
        self.shared = shared
        self.servers = servers
        self.pos = pos
        self.is_open = is_open
        self.pace = LanePace(shared.pace)
        self.belief = BankBelief(shared.camera, shared.shape, servers=servers)
        self.tills: dict[int, Till] = {}
        self.baskets = LaneBaskets(shared.baskets)
        self.t: float | None = None
        self.counted_t: float | None = None
        self._departed = 0.0
        self.told = 1.0
        self.outcomes = Outcomes()
        self._probes = BankProbes(shared.level(0.0), shared.empties, self.outcomes)
        self._harvested_t: float | None = None
        self._blind = False

    # --- what is heard ------------------------------------------------------------------------------------------

    def value(self, t: float, *, is_open: bool) -> None:
        """The bank opens or closes: takes nobody new, still serves its line."""
        self.advance(t)
        self.is_open = is_open

    def count(self, t: float, people: int, busy: int | None = None) -> None:
        """The camera saw `people`, of them `busy` at the kiosks."""
        dt = t - self.t if self.t is not None else 0.0
        if dt > 0.0 or self.belief.last_count is None:
            self._prepare()
            self._blind |= dt > GAP_S
            self.belief.see(people, busy, max(dt, 0.05))
        self.t = t if self.t is None else max(t, self.t)
        self.counted_t = self.t
        self._keep_books(t)

    def start(self, t: float, server: int = 0, items: float | None = None) -> None:
        """A kiosk says that a transaction started, with a basket of `items` where that is known already."""
        self.advance(t)
        self.belief.hears = True
        # Kiosks may be numbered from 0 or from 1.
        kiosk = server % self.servers
        till = self.tills.setdefault(kiosk, Till())
        if till.ended is not None and not till.serving and self._line > 0.7:
            self.shared.gap.observe(t - till.ended)
        till.start(t)
        bank_till.start(self.belief, kiosk)
        self.baskets.begin(t, kiosk, self.pace.mean, items, self.departures)

    def scanned(self, t: float, server: int = 0, pieces: int | None = None) -> None:
        """A kiosk has scanned so many pieces of the transaction in progress; `None`: one more."""
        kiosk = server % self.servers
        if kiosk not in self.tills or not self.tills[kiosk].serving:
            self.start(t, server)
        self.advance(t)
        self.baskets.scanned(t, kiosk, pieces)

    def joined(self, t: float, items: float) -> None:
        """A shopper whose basket has `items` says that they stand in line here."""
        self.advance(t)
        self.baskets.in_line.joined(t, items, self.belief.mean, self.departures)

    def end(self, t: float, server: int = 0, items: float | None = None) -> None:
        """A kiosk says that a transaction ended."""
        self.advance(t)
        self.belief.hears = True
        kiosk = server % self.servers
        served = self.tills.setdefault(kiosk, Till()).end(t, items)
        if served.seconds is not None and served.seconds > 0.5:
            self.pace.served(t, served.seconds + self.shared.gap.mean, served.items)
        bank_till.end(self.belief, kiosk)
        self.baskets.end(t, kiosk, items, gap=self.shared.gap.mean, departures=self.departures)

    @property
    def _line(self) -> float:
        return float(self.belief.weight @ (self.belief.waiting > 0.0))

    # --- time passes --------------------------------------------------------------------------------------------

    def advance(self, t: float) -> None:
        """Let time pass up to `t` without a count: the belief only predicts, and widens."""
        if self.t is None or t <= self.t:
            return
        self._prepare()
        self._blind |= t - self.t > GAP_S
        self.belief.predict(t - self.t)
        self.t = t
        self._keep_books(t)

    def _prepare(self) -> None:
        usual, belief = self.shared.pace.long_run, self.belief
        mean = self.pace.mean if self.tills else min(max(self.pace.mean, SHORTEST * usual), LONGEST * usual)
        belief.mean_service = mean
        belief.gap = self.shared.gap.mean
        belief.leaving = self.shared.pace.leaving
        belief.arrivals = 0.0005 if not self.is_open else self.servers / usual * self.shared.pace.coming

    def _keep_books(self, t: float) -> None:
        if self._harvested_t is None:
            self._harvested_t = t
        if t - self._harvested_t >= HARVEST_S:
            self._harvested_t = t
            self._harvest(t)
        if self.is_open and self._probes.is_due(t) and self.counted_t is not None and t - self.counted_t <= STALE_S:
            self._probes.join(t, self.belief, self.forecast(t))

    def _harvest(self, t: float) -> None:
        got = self.belief.harvest()
        if not self._blind:
            self.shared.pace.walked_away(t, got.left, got.waited)
            if self.is_open:
                self.shared.pace.came(t, got.joined, got.joins_due)
            if not self.tills:
                errors = self._errors
                sure = 1.0 / (1.0 + DOUBT * errors)
                alike = self.belief.sensor.share(all_at_kiosks=True)
                likely = got.served / (1.0 + min(IMAGINED * alike * alike * errors, 0.5))
                self.pace.inferred(t, likely, got.due * self.belief.mean_service, sure=sure)
        self._departed += got.served
        self._probes.settle(t, self.belief)
        self._blind = False

    @property
    def departures(self) -> float:
        """How many have been served in all, those who only bag included."""
        return self._departed + self.belief.departed

    @property
    def _errors(self) -> float:
        """How many of the camera's errors there are to a departure."""
        belief = self.belief
        served = belief.busy_mean / self.pace.mean
        return min(self.shared.camera.errs(belief.mean) / served, 20.0) if served > 1e-4 else 0.0

    # --- what is told -------------------------------------------------------------------------------------------

    @property
    def _overdue(self) -> Floats:
        """Which kiosks have one customer for longer than the 98th percentile of services, in every history."""
        belief = self.belief
        limit = belief.mean_service * self.shared.shape.quantile(STOPPED_Z)
        return np.asarray((belief.age > limit) & (belief.phase > FREE), dtype=np.float64)

    @property
    def stopped_kiosks(self) -> int:
        """How many kiosks have surely stopped."""
        many = np.add.reduce(self._overdue, axis=0)
        sure = [count for count in range(1, self.servers + 1) if float(self.belief.weight @ (many >= count)) > SURE]
        return max(sure, default=0)

    @property
    def stopped_names(self) -> tuple[int, ...]:
        """Which kiosks have stopped; known only where they tell their transactions."""
        if not self.tills:
            return ()
        chances = self._overdue @ self.belief.weight
        return tuple(kiosk for kiosk, chance in enumerate(chances) if chance > SURE)

    @property
    def stopped(self) -> bool:
        """Whether all kiosks have stopped."""
        return self.stopped_kiosks == self.servers

    def forecast(self, t: float) -> BankForecast:
        """The wait of one who joins at `t`."""
        self.advance(t)
        mean = self.pace.mean * self.shared.baskets.levels.factor(t)
        gap = self.shared.gap.mean if self.tills else 0.0
        known, sigma = self.baskets.told(), self.shared.baskets.shape.sigma
        line = self.baskets.line(self.departures, float(self.belief.weight @ self.belief.waiting))
        leaving = self.shared.pace.leaving
        return forecast(self.belief, Pace(mean, self.pace.uncertainty, gap, leaving, known, sigma, line))


Checkout = Lane | Bank
"""Whatever shoppers queue at."""
