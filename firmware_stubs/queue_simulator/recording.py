"""A simulated day as `aisle replay lanes` reads it, line by line, with the truth beside every question."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from firmware_stubs.queue_simulator.camera import Camera
from firmware_stubs.queue_simulator.scenario import LONG_RUN_KIOSK_S, LONG_RUN_STAFFED_S, Scenario
from firmware_stubs.queue_simulator.store import Checkout, Shopper, Store, Virtual

Line = dict[str, Any]
Policy = Callable[[Store], None]

ASK_EVERY_S: Final = 30
WARM_UP_S: Final = 900
TILL_LOSS: Final = 0.02
DECIDE_EVERY_S: Final = 60


@dataclass(frozen=True)
class Question:
    """A pretended newcomer at every open lane at the same moment, and what was true of the lanes then."""

    id: str
    t: float
    virtuals: dict[str, Virtual]
    truth: dict[str, "LaneTruth"]


@dataclass(frozen=True)
class LaneTruth:
    """What an oracle may know of a lane: people, elapsed services, the cashier's speed."""

    people: int
    servers: int
    elapsed: tuple[float, ...]
    kind: str
    speed: float
    long_run: float
    last_delay: float
    head_delay: float
    departures: int


class Recording:
    """Iterate to get the lines; afterwards `questions` hold the truth."""

    def __init__(
        self, scenario: Scenario, seed: int, *, noise: float = 1.0, pos: bool = False, policy: Policy | None = None
    ) -> None:
        self.scenario = scenario
        self.pos = pos
        self.store = Store(scenario, seed)
        self.questions: list[Question] = []
        self.cost = 0.0
        self._policy = policy or one_plus_one
        self._dice = random.Random(f"{scenario.name}/{seed}/devices")
        self._cameras = {lane.id: Camera(random.Random(f"{seed}/{lane.id}"), noise) for lane in self.store.lanes}
        self._heard: list[tuple[float, Line]] = []
        self.store.on_lane.append(self._lane)
        if pos:
            self.store.on_start.append(self._start)
            self.store.on_end.append(self._end)

    def __iter__(self) -> Iterator[Line]:
        yield self._hello()
        for second in range(1, int(self.scenario.hours * 3600)):
            self.store.run_until(float(second))
            yield from self._due(float(second))
            yield from self._counts(float(second))
            if second >= WARM_UP_S and second % ASK_EVERY_S == 0:
                yield from self._ask(float(second))
            if second % DECIDE_EVERY_S == 0:
                self._policy(self.store)
        self.cost = self.store.cost()
        self.store.run_until(self.scenario.hours * 3600.0 + 3600.0)

    def _hello(self) -> Line:
        lanes = [
            {"id": lane.id, "kind": lane.kind, "servers": lane.servers, "open": lane.is_open}
            for lane in self.store.lanes
        ]
        means = {"staffed": LONG_RUN_STAFFED_S, "sco": LONG_RUN_KIOSK_S}
        return {"t": 0, "type": "hello", "pos": self.pos, "lanes": lanes, "mean_service": means}

    def _lane(self, t: float, lane: Checkout) -> None:
        self._heard.append((t, {"type": "lane", "lane": lane.id, "value": "open" if lane.is_open else "closed"}))

    def _start(self, t: float, lane: Checkout, shopper: Shopper) -> None:
        self._till(t + 2.0 * self._dice.random(), lane, shopper, {"value": "start"})

    def _end(self, t: float, lane: Checkout, shopper: Shopper, bagging: float) -> None:
        del bagging
        self._till(t + self._dice.random(), lane, shopper, {"value": "end", "items": shopper.items})

    def _till(self, t: float, lane: Checkout, shopper: Shopper, line: Line) -> None:
        if self._dice.random() >= TILL_LOSS:
            server = {"server": shopper.server} if lane.servers > 1 else {}
            self._heard.append((t, {"type": "txn", "lane": lane.id, **line, **server}))

    def _due(self, t: float) -> list[Line]:
        due = sorted((at for at in self._heard if at[0] <= t), key=lambda at: at[0])
        self._heard = [at for at in self._heard if at[0] > t]
        return [{"t": round(at, 2), **line} for at, line in due]

    def _counts(self, t: float) -> Iterator[Line]:
        for lane in self.store.lanes:
            seen = self._cameras[lane.id].count(t, lane)
            if seen is not None and (lane.is_open or lane.people):
                busy = {"busy": min(seen, len(lane.served))} if lane.servers > 1 else {}
                yield {"t": t, "type": "count", "lane": lane.id, "value": seen, **busy}

    def _ask(self, t: float) -> Iterator[Line]:
        name = f"q{len(self.questions)}"
        lanes = [lane for lane in self.store.lanes if lane.is_open]
        truth = {lane.id: self._truth(lane) for lane in lanes}
        virtuals = {lane.id: self.store.pretend(lane) for lane in lanes}
        self.questions.append(Question(name, t, virtuals, truth))
        for lane in lanes:
            yield {"t": t, "type": "ask", "lane": lane.id, "id": f"{name}.{lane.id}"}
        yield {"t": t, "type": "recommend", "id": name, "lanes": [lane.id for lane in lanes]}

    def _truth(self, lane: Checkout) -> LaneTruth:
        store = self.store
        return LaneTruth(
            people=lane.people,
            servers=lane.servers,
            elapsed=tuple(store.t - shopper.began for shopper in lane.served.values() if shopper.began is not None),
            kind=lane.kind,
            speed=lane.speed,
            long_run=LONG_RUN_STAFFED_S if lane.servers == 1 else LONG_RUN_KIOSK_S,
            last_delay=lane.last_delay,
            head_delay=store.t - lane.waiting[0].joined if lane.waiting else 0.0,
            departures=lane.departures,
        )


def one_plus_one(store: Store) -> None:
    """The rule of thumb: open a lane when everywhere more than one waits, close one when nobody waits anywhere."""
    staffed = [lane for lane in store.lanes if lane.servers == 1]
    at_work = [lane for lane in staffed if lane.is_open or lane.opens_at >= 0.0]
    waiting = sum(len(lane.waiting) for lane in staffed)
    idle = [lane for lane in staffed if not lane.is_open and lane.opens_at < 0.0 and not lane.people]
    if waiting > len(at_work) and idle:
        store.open_lane(idle[0].id)
    elif waiting == 0 and len(at_work) > 1 and any(not lane.people for lane in at_work if lane.is_open):
        store.close_lane(next(lane.id for lane in at_work if lane.is_open and not lane.people))
