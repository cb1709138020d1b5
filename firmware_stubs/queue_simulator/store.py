"""The checkouts of a shop, event by event: people come, choose a lane, wait, change lanes, give up, are served,
leave.
"""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from firmware_stubs.queue_simulator.scenario import LONG_RUN_STAFFED_S, Scenario

ITEMS_MEAN: Final = 13.0
ITEMS_SIGMA: Final = 0.85
FIXED_S: Final = 14.0
KIOSK_ITEMS: Final = 12
KIOSK_SLOWNESS: Final = 3.2
"""A shopper at a kiosk takes so much longer than a cashier with the same basket."""

WALK_S: Final = 45.0
"""From the decision to open a lane until it serves."""


@dataclass(eq=False)
class Shopper:
    """One person with a basket. `ticket` orders those of a lane by when they joined it."""

    id: int
    items: int
    patience: float
    luck: float
    ticket: int = 0
    joined: float = 0.0
    began: float | None = None
    server: int = 0
    paying: float = 0.0
    """Seconds from the start of their service until they have paid."""
    companions: int = 0
    visible: list[bool] = field(default_factory=list)


@dataclass(eq=False)
class Checkout:
    """A lane or a bank of kiosks as it truly is."""

    id: str
    kind: str
    servers: int
    is_open: bool
    speed: float
    opens_at: float = -1.0
    waiting: list[Shopper] = field(default_factory=list)
    served: dict[int, Shopper] = field(default_factory=dict)
    tickets: int = 0
    departures: int = 0
    last_delay: float = 0.0

    @property
    def people(self) -> int:
        """Those waiting and those in service."""
        return len(self.waiting) + len(self.served)


@dataclass(eq=False)
class Virtual:
    """A pretended newcomer: their truth is when those before them have left a server free."""

    t: float
    lane: Checkout
    ticket: int
    wait: float | None = None


class Store:
    """Runs a scenario. `on_start` and `on_end` hear of services: (t, checkout, shopper, seconds of bagging)."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.dice = random.Random(f"{scenario.name}/{seed}/store")
        self.t = 0.0
        self.baskets = scenario.baskets * math.exp(self.dice.gauss(0.0, scenario.hour_spread))
        self.lanes = [self._lane(str(i + 1), is_open=i < scenario.open_lanes) for i in range(scenario.lanes)]
        if scenario.kiosks:
            bank = Checkout("sco", "sco", scenario.kiosks, True, 1.0)
            self.lanes.append(bank)
        self.scale = self._long_run()
        self._work: dict[str, tuple[float, int]] = {}
        self.virtuals: list[Virtual] = []
        self.waited = 0.0
        self.changes = 0
        self.lane_seconds = 0.0
        self.on_start: list[Callable[[float, Checkout, Shopper], None]] = []
        self.on_end: list[Callable[[float, Checkout, Shopper, float], None]] = []
        self.on_lane: list[Callable[[float, Checkout], None]] = []
        self.on_join: list[Callable[[float, Checkout, Shopper], None]] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._at(self._next_arrival(), self._arrive)
        for lane in self.lanes:
            if lane.servers == 1:
                self._at(self.dice.expovariate(1.0 / scenario.shifts_s), partial(self._shift, lane))

    def _lane(self, name: str, *, is_open: bool) -> Checkout:
        return Checkout(name, "staffed", 1, is_open, self._speed())

    def _speed(self) -> float:
        spread = self.scenario.speed_spread
        return math.exp(self.dice.gauss(-0.5 * spread**2, spread))

    def _long_run(self) -> float:
        """Seconds per items^0.7 so that an ordinary basket takes the long-run mean."""
        dice = random.Random(7)
        powers = [math.pow(_items(dice, 1.0), 0.7) for _ in range(4000)]
        return (LONG_RUN_STAFFED_S - FIXED_S) / (sum(powers) / len(powers))

    # --- time ---------------------------------------------------------------------------------------------------

    def _at(self, t: float, what: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (t, self._number, what))

    def run_until(self, t: float) -> None:
        """Let everything happen up to `t` seconds."""
        while self._events and self._events[0][0] <= t:
            then, _, what = heapq.heappop(self._events)
            self._pass(then)
            what()
        self._pass(t)

    def _pass(self, t: float) -> None:
        dt = t - self.t
        self.waited += dt * sum(len(lane.waiting) for lane in self.lanes)
        self.lane_seconds += dt * sum(lane.servers == 1 and self.is_manned(lane) for lane in self.lanes)
        self.t = t

    def cost(self) -> float:
        """What the day cost so far: waiting 12 per person and hour, a lane 22 per hour, a change 0.5."""
        return self.waited / 3600.0 * 12.0 + self.lane_seconds / 3600.0 * 22.0 + self.changes * 0.5

    def is_manned(self, lane: Checkout) -> bool:
        """Whether a lane costs a cashier: open, about to open, or still serving its queue."""
        return lane.is_open or lane.opens_at >= 0.0 or lane.people > 0

    def _next_arrival(self) -> float:
        t = self.t
        top = max(self.scenario.arrivals) / 60.0
        while True:
            t += self.dice.expovariate(top)
            if self.dice.random() < self.rate(t) / top:
                return t

    def rate(self, t: float) -> float:
        """People who come per second at `t`."""
        parts = self.scenario.arrivals
        place = min(t / (self.scenario.hours * 3600.0), 0.9999) * len(parts)
        return parts[int(place)] / 60.0

    # --- people -------------------------------------------------------------------------------------------------

    def _arrive(self) -> None:
        dice = self.dice
        self._number += 1
        shopper = Shopper(
            self._number,
            _items(dice, self.baskets),
            dice.expovariate(1.0 / self.scenario.patience_s),
            math.exp(dice.gauss(-0.5 * 0.3**2, 0.3)),
        )
        self._join(self._choose(shopper), shopper)
        self._at(self._next_arrival(), self._arrive)

    def _choose(self, shopper: Shopper) -> Checkout:
        usable = [lane for lane in self.lanes if lane.is_open and (lane.servers == 1 or shopper.items <= KIOSK_ITEMS)]
        usable = usable or [lane for lane in self.lanes if lane.is_open]
        return min(
            usable,
            key=lambda lane: (len(lane.waiting) + 0.9 * len(lane.served)) / lane.servers + self.dice.random() * 0.8,
        )

    def _join(self, lane: Checkout, shopper: Shopper) -> None:
        lane.tickets += 1
        shopper.ticket = lane.tickets
        shopper.joined = self.t
        shopper.visible = []
        lane.waiting.append(shopper)
        for hear in self.on_join:
            hear(self.t, lane, shopper)
        self._at(self.t + shopper.patience, lambda: self._give_up(lane, shopper))
        self._serve(lane)

    def _give_up(self, lane: Checkout, shopper: Shopper) -> None:
        if shopper in lane.waiting and self.t - shopper.joined >= shopper.patience - 1e-6:
            lane.waiting.remove(shopper)
            self._settle(lane)

    def _serve(self, lane: Checkout) -> None:
        while lane.waiting and len(lane.served) < lane.servers:
            shopper = lane.waiting.pop(0)
            shopper.server = next(k for k in range(lane.servers) if k not in lane.served)
            shopper.began = self.t
            lane.served[shopper.server] = shopper
            lane.last_delay = self.t - shopper.joined
            bagging = self.dice.gammavariate(4.0, 2.0)
            seconds = max(self.service_time(lane, shopper), bagging + 4.0)
            shopper.paying = seconds - bagging
            for hear in self.on_start:
                hear(self.t, lane, shopper)
            done = self.t + seconds
            self._at(done - bagging, partial(self._pay, lane, shopper, bagging))
            self._at(done, partial(self._leave, lane, shopper))

    def _pay(self, lane: Checkout, shopper: Shopper, bagging: float) -> None:
        for hear in self.on_end:
            hear(self.t, lane, shopper, bagging)

    def service_time(self, lane: Checkout, shopper: Shopper) -> float:
        """What this shopper takes at this lane, bagging and a stop included, seconds."""
        seconds = (FIXED_S + self.scale * math.pow(shopper.items, 0.7)) * (
            KIOSK_SLOWNESS if lane.servers > 1 else 1.0
        )
        work, services = self._work.get(lane.kind, (0.0, 0))
        self._work[lane.kind] = work + seconds, services + 1
        seconds *= lane.speed * shopper.luck
        if self.dice.random() < self.scenario.stop_chance:
            seconds += self.dice.expovariate(1.0 / self.scenario.stop_s) + 60.0
        return seconds

    def _leave(self, lane: Checkout, shopper: Shopper) -> None:
        del lane.served[shopper.server]
        lane.departures += 1
        self._serve(lane)
        self._settle(lane)
        self._jockey()

    def _jockey(self) -> None:
        """The last of a long queue walks over to a much shorter one."""
        lanes = [lane for lane in self.lanes if lane.servers == 1]
        open_lanes = [lane for lane in lanes if lane.is_open]
        if not open_lanes:
            return
        short = min(open_lanes, key=lambda lane: lane.people)
        long = max(lanes, key=lambda lane: len(lane.waiting))
        is_worth_it = long is not short and long.people - short.people >= 2 and bool(long.waiting)
        if is_worth_it and self.dice.random() < self.scenario.jockeying:
            mover = long.waiting.pop()
            self._settle(long)
            self._at(self.t + 3.0 + 5.0 * self.dice.random(), lambda: self._join(short, mover))

    # --- lanes --------------------------------------------------------------------------------------------------

    def open_lane(self, name: str) -> None:
        """Decide to open a lane; it serves when the cashier has walked there."""
        lane = self.lane(name)
        if not lane.is_open and lane.opens_at < 0.0:
            self.changes += 1
            lane.opens_at = self.t + WALK_S
            self._at(lane.opens_at, lambda: self._opened(lane))

    def _opened(self, lane: Checkout) -> None:
        lane.opens_at = -1.0
        lane.is_open = True
        lane.speed = self._speed()
        for hear in self.on_lane:
            hear(self.t, lane)
        for _ in range(2):
            self._jockey()

    def close_lane(self, name: str) -> None:
        """A lane takes nobody new from now on."""
        lane = self.lane(name)
        if lane.is_open and sum(other.is_open for other in self.lanes) > 1:
            self.changes += 1
            lane.is_open = False
            for hear in self.on_lane:
                hear(self.t, lane)

    def _shift(self, lane: Checkout) -> None:
        """Another cashier sits down without a word to anybody."""
        lane.speed = self._speed()
        self._at(self.t + self.dice.expovariate(1.0 / self.scenario.shifts_s), lambda: self._shift(lane))

    def lane(self, name: str) -> Checkout:
        """The lane of that id."""
        return next(lane for lane in self.lanes if lane.id == name)

    def usual(self, kind: str) -> float:
        """The mean service time of this day's baskets at lanes of `kind` at speed 1, stops aside, seconds."""
        seconds, services = self._work.get(kind, (LONG_RUN_STAFFED_S, 1))
        return seconds / services

    # --- truth --------------------------------------------------------------------------------------------------

    def pretend(self, lane: Checkout) -> Virtual:
        """A pretended newcomer joins `lane` now, and never gives up."""
        virtual = Virtual(self.t, lane, lane.tickets)
        self.virtuals.append(virtual)
        self._settle(lane)
        return virtual

    def _settle(self, lane: Checkout) -> None:
        tickets = [s.ticket for s in lane.waiting] + [s.ticket for s in lane.served.values()]
        still = []
        for virtual in self.virtuals:
            if virtual.lane is lane and sum(ticket <= virtual.ticket for ticket in tickets) < lane.servers:
                virtual.wait = self.t - virtual.t
            else:
                still.append(virtual)
        self.virtuals = still


def _items(dice: random.Random, scale: float) -> int:
    return max(1, round(scale * ITEMS_MEAN * math.exp(dice.gauss(-0.5 * ITEMS_SIGMA**2, ITEMS_SIGMA))))
