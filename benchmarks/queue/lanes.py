"""What a day costs when lanes open and close by the advice, beside two readings of "1+1".

Waiting costs 12 per person and hour, a lane 22 per hour (the walk to it included), a change 0.5. A day is a matter of
luck by a tenth: many are run. `by_truth` advises from true counts, so that the rule is told apart from the camera.
"""

import json
from collections.abc import Callable
from statistics import fmean
from typing import Final

from edge.core.wait.advice import HALF_LIFE_S, LaneNow, advise
from edge.core.wait.pace import Fading
from edge.replay.lanes import Replay
from firmware_stubs.queue_simulator.recording import DECIDE_EVERY_S, Policy, Recording, one_plus_one
from firmware_stubs.queue_simulator.scenario import LONG_RUN_STAFFED_S, SCENARIOS
from firmware_stubs.queue_simulator.store import Checkout, Store

STOPPED_MEANS: Final = 3.2
"""Who is served for so many mean services has come to a stop: the 98th percentile."""


def lanes_of(store: Store) -> tuple[list[Checkout], list[Checkout]]:
    """The staffed lanes at work or on the way, and those that can be opened."""
    staffed = [lane for lane in store.lanes if lane.servers == 1]
    at_work = [lane for lane in staffed if lane.is_open or lane.opens_at >= 0.0]
    return at_work, [lane for lane in staffed if lane not in at_work and not lane.people]


def any_lane(store: Store) -> None:
    """ "1+1" to the letter: open a lane when more than one waits in any, close one when nobody waits anywhere."""
    at_work, idle = lanes_of(store)
    walked_to = any(not lane.is_open for lane in at_work)
    if max(len(lane.waiting) for lane in at_work) > 1 and idle and not walked_to:
        store.open_lane(idle[0].id)
    elif not any(lane.waiting for lane in at_work) and len(at_work) > 1:
        empty = [lane for lane in at_work if lane.is_open and not lane.people]
        for lane in empty[:1]:
            store.close_lane(lane.id)


def by_advice(replay: Replay) -> Policy:
    """What `aisle replay lanes` advises from all that it has read."""

    def decide(store: Store) -> None:
        at_work, idle = ([lane.id for lane in lanes] for lanes in lanes_of(store))
        question = {"t": store.t, "type": "advise", "id": "a", "open": at_work, "closed": idle}
        answer = json.loads(replay.line(json.dumps(question)) or "{}")
        _change(store, answer["open"], answer["close"])

    return decide


def by_truth() -> Policy:
    """The same rule told the true counts, at the long-run mean service times how this hour's baskets are."""
    flow, last = Fading(HALF_LIFE_S), [0.0]

    def decide(store: Store) -> None:
        at_work, idle = lanes_of(store)
        staffed = [lane for lane in store.lanes if lane.servers == 1]
        came = float(sum(lane.people + lane.departures for lane in staffed))
        flow.add(store.t, DECIDE_EVERY_S, came - last[0])
        last[0] = came
        usual = store.usual("staffed") if came > 10.0 else LONG_RUN_STAFFED_S
        kiosks = float(sum(len(lane.waiting) for lane in store.lanes if lane.servers > 1))
        now = [_told(store, lane, usual, is_open=True) for lane in at_work]
        spare = [_told(store, lane, usual, is_open=False) for lane in idle]
        advice = advise(now, spare, flow.amount / flow.count * usual, kiosks)
        _change(store, advice.open, advice.close)

    return decide


def _told(store: Store, lane: Checkout, usual: float, *, is_open: bool) -> LaneNow:
    ages = [store.t - shopper.began for shopper in lane.served.values() if shopper.began is not None]
    stopped = any(age > STOPPED_MEANS * usual for age in ages)
    opening = is_open and not lane.is_open
    return LaneNow(lane.id, is_open, 1, float(lane.people), usual, stopped, opening, float(len(lane.served)))


def _change(store: Store, to_open: list[str] | tuple[str, ...], to_close: list[str] | tuple[str, ...]) -> None:
    for name in to_open:
        store.open_lane(name)
    for name in to_close:
        store.close_lane(name)


def cost(scenario: str, seed: int, policy: Policy | None, *, noise: float = 1.0, pos: bool = False) -> float:
    """What a day costs by `policy`; ``None``: by the advice."""
    replay = Replay()
    recording = Recording(SCENARIOS[scenario], seed, noise=noise, pos=pos, policy=policy or by_advice(replay))
    for line in recording:
        if policy is None and line["type"] not in {"ask", "recommend"}:
            replay.line(json.dumps(line))
    return recording.cost


POLICIES: Final[dict[str, Callable[[], Policy | None]]] = {
    "advice": lambda: None,
    "advice, true counts": by_truth,
    "1+1 on the mean": lambda: one_plus_one,
    "1+1 in any lane": lambda: any_lane,
}


def costs(seeds: range, *, pos: bool = False, skip: tuple[str, ...] = ()) -> list[dict[str, object]]:
    """The mean cost of a day by scenario and policy, over the same days for all."""
    return [
        {
            "scenario": scenario,
            **{
                name: round(fmean(cost(scenario, seed, policy(), pos=pos) for seed in seeds), 1)
                for name, policy in POLICIES.items()
                if name not in skip
            },
        }
        for scenario in SCENARIOS
    ]
