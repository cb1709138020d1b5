"""How many lanes are cheapest for a queue and a load: a Markov decision process, solved by value iteration.

The state is (work left in the lanes, lanes at work). People come as a Poisson stream, and each brings two exponential
stages of half a service (Erlang: a squared coefficient of variation of 0.5, as tills have); waiting costs 12 per
person and hour, a lane 22 per hour, a change 0.5. Costs further off count less, for the load is only known for a
while. Lanes change when somebody asks, once a minute: between two questions the chain runs by itself, so the value is
a resolvent matrix times what the next decision leaves (Puterman 1994, "Markov Decision Processes", chapter 11).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

WAITING_PER_H: Final = 12.0
LANE_PER_H: Final = 22.0
CHANGE: Final = 0.5
WALK: Final = 0.2
"""What the walk to a lane costs that opens: where it is paid 0.3 to 0.6, where not nothing."""

ASKED_S: Final = 60.0
AHEAD_S: Final = 1200.0
"""How far ahead costs count."""

APART: Final = 0.2
"""What separate lanes lose against one common queue: lanes are empty while people wait elsewhere."""

STAGES: Final = 2
FULL: Final = 0.5 * (STAGES + 1)
"""The stages that one in service has left on the mean."""

MOST_QUEUE: Final = 30
TOLERANCE: Final = 1e-3
MOST_ROUNDS: Final = 400
LOADS: Final = np.concatenate((np.arange(0.0, 3.0, 0.25), np.arange(3.0, 8.0, 0.5), np.arange(8.0, 41.0, 1.0)))
"""Loads for which the process is solved; between them costs are interpolated."""

# The process knows neither who stands in which lane nor how long it takes until a lane serves. What that is worth was
# found over simulated days (docs/waits.md, "Lanes ahead"), in the currency of the costs above.

OPENING: Final = 0.6
"""An opening has to gain so much more than it costs, the first one; and each further one at once a little more."""
FURTHER: Final = 0.15
CLOSING: Final = 0.4
"""A closing has to save so much more than it costs,"""
EACH_IDLE: Final = 0.25
"""less so for each further lane that is empty, and more for each who waits somewhere nevertheless."""
EACH_WAITING: Final = 0.32
IDLE_LEAST: Final = 0.6
"""From how many empty lanes on one can be closed; a camera is never quite sure."""
LONGEST: Final = 0.09
"""What an opening gains for each in the longest line but one, at a service of `USUAL_S`: people can move over."""
AT_KIOSKS: Final = 0.05
"""What it gains for each who waits at the kiosks: who comes next takes the lane."""
USUAL_S: Final = 86.0

SERVICES: Final = 20.0 * 1.2 ** np.arange(20)
"""Mean services for which it is solved, seconds; the nearest is taken."""


@dataclass(frozen=True)
class Queue:
    """What is seen of the staffed lanes at once.

    `at_work` are those open and not stopped and those somebody walks to (`opening`); `idle` of them stand empty;
    `longest` is the longest line; `at_kiosks` wait in front of the kiosks.
    """

    people: float
    at_work: int
    waiting: float
    longest: float
    idle: float
    opening: int = 0
    at_kiosks: float = 0.0


def lanes_to_have(queue: Queue, load: float, mean_service: float, most: int) -> int:
    """The cheapest number of lanes (1 to `most`) for a `queue` and a `load` in lanes kept busy.

    One lane closes at a time, only an empty one, and none while somebody walks to another.
    """
    if most <= 1:
        return 1
    now = min(max(queue.at_work, 1), most)
    ahead = costs_ahead(queue.people, load, mean_service, most)
    size = mean_service / USUAL_S
    drawn = (LONGEST * max(queue.longest - 1.0, 0.0) + AT_KIOSKS * queue.at_kiosks) * size
    more = np.arange(1, most - now + 1)
    gains = ahead[now - 1] - ahead[now:] - more * (CHANGE + OPENING) - (more - 1) * FURTHER + drawn
    if len(gains) and gains.max() > 0.0:
        return now + int(np.argmax(gains)) + 1
    if now > 1 and queue.at_work == now and queue.idle >= IDLE_LEAST and not queue.opening:
        saved = ahead[now - 1] - ahead[now - 2] - CHANGE - CLOSING
        saved += EACH_IDLE * (queue.idle - 1.0) - EACH_WAITING * queue.waiting - AT_KIOSKS * queue.at_kiosks * size
        if saved > 0.0:
            return now - 1
    return now


def lanes_for_load(load: float, most: int) -> int:
    """The cheapest number of lanes (1 to `most`) to keep open for a `load` in lanes kept busy.

    Who waits is Erlang's C formula times what regular services save (Allen and Cunneen; Whitt 1993).
    """
    best, least, blocked = max(most, 1), math.inf, 1.0
    for lanes in range(1, max(most, 1) + 1):
        blocked = load * blocked / (lanes + load * blocked)
        if load >= lanes:
            continue
        part = load / lanes
        waiting = blocked / (1.0 - part * (1.0 - blocked)) * part / (1.0 - part) * (1.0 + 1.0 / STAGES) / 2.0
        cost = waiting * WAITING_PER_H + lanes * LANE_PER_H
        if cost < least:
            best, least = lanes, cost
    return best


def busy_lanes(people: Floats, lanes: Floats) -> Floats:
    """How many of `lanes` serve while `people` are spread over them."""
    busy: Floats = np.minimum(people, lanes * people / (people + APART * np.minimum(lanes - 1.0, 2.0) + 1e-9))
    return busy


def costs_ahead(people: float, load: float, mean_service: float, most: int) -> Floats:
    """What waiting, lanes and changes will cost with 1 to `most` lanes at work from now to the next question and the
    cheapest number from then on; `load` in lanes kept busy.
    """
    service = float(SERVICES[int(np.argmin(np.abs(np.log(SERVICES / max(mean_service, 1.0)))))])
    top = int(np.searchsorted(LOADS, 1.5 * most + 1.0))
    upper = int(np.clip(np.searchsorted(LOADS, load), 1, top))
    part = min(max((load - LOADS[upper - 1]) / (LOADS[upper] - LOADS[upper - 1]), 0.0), 1.0)
    low, high = (_values(float(LOADS[at]), service, most) for at in (upper - 1, upper))
    values = (1.0 - part) * low + part * high
    here = min(max(people, 0.0), len(values) - 1.001)
    rest = here - int(here)
    ahead: Floats = (1.0 - rest) * values[int(here)] + rest * values[int(here) + 1]
    return ahead


@lru_cache(maxsize=512)
def _values(load: float, service_s: float, most: int) -> Floats:
    """The cost from now on of (people, lanes at work from now to the next question): rows people, columns lanes."""
    lanes = np.arange(1, most + 1, dtype=float)[:, None]
    stages = np.arange(STAGES * (MOST_QUEUE + most), dtype=float)[None, :]
    people = np.where(stages <= FULL * lanes, stages / FULL, (stages - FULL * lanes) / STAGES + lanes)
    busy = busy_lanes(people, lanes)
    cost = ((people - busy) * WAITING_PER_H + lanes * LANE_PER_H) / 3600.0
    asked = 1.0 / ASKED_S
    resolvent = _resolvent(load / service_s, busy * STAGES / service_s, asked + 1.0 / AHEAD_S)
    value: Floats = (resolvent @ cost[:, :, None])[:, :, 0]
    for _ in range(MOST_ROUNDS):
        new = (resolvent @ (cost + asked * _cheapest(value))[:, :, None])[:, :, 0]
        done = float(np.abs(new - value).max()) < TOLERANCE
        value = new
        if done:
            break
    return _by_people(value, lanes)


def _resolvent(arrivals: float, served: Floats, leaving: float) -> Floats:
    """For each number of lanes: how long each stage of work is dwelt in until the next question, over (lanes, from,
    to). Whoever comes when the lanes are full walks on.
    """
    most, size = served.shape
    matrix = np.zeros((most, size, size))
    here = np.arange(size)
    coming = np.where(here + STAGES < size, arrivals, 0.0)
    matrix[:, here, here] = coming[None, :] + served + leaving
    matrix[:, here[:-STAGES], here[STAGES:]] -= arrivals
    matrix[:, here[1:], here[:-1]] -= served[:, 1:]
    inverse: Floats = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    return inverse


def _cheapest(value: Floats) -> Floats:
    """What the best change leaves to pay, over (lanes before it, stages)."""
    move = np.arange(len(value), dtype=float)[:, None]
    fewer = np.minimum.accumulate(value - CHANGE * move, axis=0) + CHANGE * move
    rising = CHANGE + WALK
    more = np.minimum.accumulate((value + rising * move)[::-1], axis=0)[::-1] - rising * move
    best: Floats = np.minimum(fewer, more)
    return best


def _by_people(value: Floats, lanes: Floats) -> Floats:
    """From stages of work to people: each who waits brings all stages, each who is served has some left."""
    people = np.arange(value.shape[1] // STAGES, dtype=float)[None, :]
    stages = np.where(people <= lanes, people * FULL, (people - lanes) * STAGES + FULL * lanes)
    at = np.arange(value.shape[1], dtype=float)
    rows: Floats = np.array([np.interp(stages[i], at, value[i]) for i in range(len(value))]).T
    return rows
