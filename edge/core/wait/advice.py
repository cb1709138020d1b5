"""Which lanes to open and which to close: the cheapest number for the next minutes, and the reason in words.

A plan's cost over the horizon is what waiting costs (12 per person and hour), what a lane costs (22 per hour) and
what a change costs (0.5). Queues are carried forward as a fluid (what comes minus what is served), on top of which
stand the people that chance alone keeps waiting at that load (Allen and Cunneen's approximation of M/G/c by
Sakasegawa's formula).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.core.wait.lane import Lane
from edge.core.wait.pace import Fading

WAITING_PER_H: Final = 12.0
LANE_PER_H: Final = 22.0
CHANGE: Final = 0.5
HORIZON_S: Final = 900.0
HALF_LIFE_S: Final = 600.0
MARGIN: Final = 1.0
"""What a change has to save beyond its cost: the load is only estimated, and lanes must not flap."""

POOLING: Final = 0.35
"""What is left of the waiting by chance where lanes that empty draw in those who wait at others."""
STEP_S: Final = 30.0
SETUP_S: Final = 60.0
"""How long it takes until an opened lane serves at its full rate (the cashier walks, customers move over)."""


@dataclass(frozen=True)
class LaneNow:
    """One lane as advice sees it."""

    id: str
    is_open: bool
    servers: int
    people: float
    mean_service: float
    stopped: bool = False


@dataclass(frozen=True)
class Advice:
    """What to do now and why."""

    open: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    needed: int = 0
    reason: str = ""


@dataclass
class Load:
    """The work that comes to the staffed lanes, in lanes kept busy, fading over minutes.

    Kiosks have a public of their own (small baskets) and are left out.

    That is the work done (lanes that are busy) plus the work that the queues grew by: both are seen well even by a
    camera that miscounts departures.
    """

    _flow: Fading = field(default_factory=lambda: Fading(HALF_LIFE_S))
    _last: tuple[float, float] | None = None

    def observe(self, t: float, lanes: Mapping[str, Lane]) -> float:
        """Look at all lanes at `t`; give the load in single lanes."""
        staffed = [lane for lane in lanes.values() if lane.servers == 1]
        busy = sum(lane.belief.busy_mean for lane in staffed)
        standing = sum(lane.belief.mean for lane in staffed)
        mean = _staffed_mean(lanes)
        if self._last is not None and t > self._last[0]:
            before, then = self._last
            self._flow.add(t, t - before, busy * (t - before) + (standing - then) * mean)
        if self._last is None or t > self._last[0]:
            self._last = (t, standing)
        return self._flow.amount / self._flow.count if self._flow.count > 0 else busy


def _staffed_mean(lanes: Mapping[str, Lane]) -> float:
    means = [lane.pace.store.mean for lane in lanes.values() if lane.servers == 1]
    return sum(means) / len(means) if means else 90.0


def waiting_by_chance(load: float, servers: float, scv: float = 0.5) -> float:
    """How many wait on average at `servers` servers and an offered `load` (in servers), people."""
    use = min(load / servers, 0.96)
    if use <= 0.0:
        return 0.0
    return (1.0 + scv) / 2.0 * math.pow(use, math.sqrt(2.0 * (servers + 1.0))) / (1.0 - use)


def plan_cost(
    rate: float, people: float, servers: float, mean_service: float, *, setup: float, changes: int
) -> float:
    """What it costs over the horizon to have `servers` from now on (`setup` of them only after a while)."""
    queue = people
    waited = 0.0
    load = rate * mean_service
    chance = POOLING * waiting_by_chance(load, servers)
    steps = int(HORIZON_S / STEP_S)
    for step in range(steps):
        at_work = servers if step * STEP_S >= SETUP_S else servers - setup
        served = max(at_work, 0.0) / mean_service
        queue = max(queue + (rate - served) * STEP_S, min(load, servers))
        waited += max(queue - servers, chance) * STEP_S
    left = max(queue - servers, 0.0)
    # What still waits at the end has to be served some day: it costs its own drain.
    tail = left * left * mean_service / (2.0 * max(servers, 1.0))
    return (waited + tail) * WAITING_PER_H / 3600.0 + servers * HORIZON_S * LANE_PER_H / 3600.0 + changes * CHANGE


def advise(now: Sequence[LaneNow], idle: Sequence[LaneNow], load: float) -> Advice:
    """The cheapest number of staffed lanes for the next quarter of an hour, and which to change; `load` in lanes."""
    staffed = [lane for lane in now if lane.servers == 1]
    at_work = [lane for lane in staffed if not lane.stopped]
    if not staffed and not idle:
        return Advice(reason="no lanes")
    known = [lane.mean_service for lane in at_work] or [lane.mean_service for lane in [*staffed, *idle]]
    mean_service = sum(known) / len(known)
    people = sum(lane.people for lane in staffed)
    rate = load / mean_service
    costs: dict[int, float] = {}
    least = max(len(at_work) - 1, 1)
    for count in range(least, len(at_work) + len(idle) + 1):
        setup = max(count - len(at_work), 0)
        costs[count] = plan_cost(
            rate, people, float(count), mean_service, setup=setup, changes=abs(count - len(at_work))
        )
    if not costs:
        return Advice(needed=len(at_work), reason="there is no other lane")
    best = min(costs, key=lambda count: costs[count] + (MARGIN if count != len(at_work) else 0.0))
    best = min(best, len(at_work) + 1)
    return _what_to_do(best, at_work, idle, people, rate)


def _what_to_do(best: int, at_work: Sequence[LaneNow], idle: Sequence[LaneNow], people: float, rate: float) -> Advice:
    per_minute = rate * 60.0
    if best > len(at_work):
        quick = sorted(idle, key=lambda lane: lane.mean_service)
        names = tuple(lane.id for lane in quick[: best - len(at_work)])
        return Advice(names, (), best, f"{people:.0f} people in the lanes and {per_minute:.1f} more a minute")
    if best < len(at_work):
        quiet = sorted(at_work, key=lambda lane: (lane.people, -lane.mean_service))
        names = tuple(lane.id for lane in quiet[: len(at_work) - best])
        return Advice((), names, best, f"{best} lanes are enough for {per_minute:.1f} people a minute")
    return Advice((), (), best, "as many lanes as are needed")
