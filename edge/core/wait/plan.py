"""How many lanes are cheapest for a queue and a load: a Markov decision process, solved by value iteration.

The state is (people in the lanes, lanes at work). People come as a Poisson stream and are served at an exponential
rate each; waiting costs 12 per person and hour, a lane 22 per hour, a change 0.5, and a lane that opens is paid while
its cashier walks there. Costs further off count less, for the load is only known for a while. Switching costs make
the optimal rule one of hysteresis by themselves (Puterman 1994, "Markov Decision Processes", chapter 11): no margin
against flapping has to be invented.
"""

import math
from functools import lru_cache
from typing import Final

import numpy as np

from edge.core.wait.service import Floats

WAITING_PER_H: Final = 12.0
LANE_PER_H: Final = 22.0
CHANGE: Final = 0.5
WALK_S: Final = 60.0
"""How long it takes until an opened lane serves (the cashier walks, customers move over)."""

AHEAD_S: Final = 1200.0
"""How far ahead costs count."""

APART: Final = 0.2
"""What separate lanes lose against one common queue: lanes are empty while people wait elsewhere."""

MOST_QUEUE: Final = 40
LOAD_STEP: Final = 0.1
TOLERANCE: Final = 2e-3
MOST_ROUNDS: Final = 1500


def busy_lanes(people: Floats, lanes: Floats) -> Floats:
    """How many of `lanes` serve while `people` are spread over them."""
    busy: Floats = np.minimum(people, lanes * people / (people + APART * np.minimum(lanes - 1.0, 2.0) + 1e-9))
    return busy


@lru_cache(maxsize=256)
def _values(load_steps: int, service_s: int, most: int) -> Floats:
    """The cost from now on of (people, lanes at work), before any change: rows people, columns lanes from 1."""
    mean = float(service_s)
    rate = load_steps * LOAD_STEP / mean
    people = np.arange(MOST_QUEUE + most + 1, dtype=float)[:, None]
    lanes = np.arange(1, most + 1, dtype=float)[None, :]
    busy = busy_lanes(people, lanes)
    served = busy / mean
    cost = ((people - busy) * WAITING_PER_H + lanes * LANE_PER_H) / 3600.0
    whole = rate + most / mean
    change = change_costs(most)
    inverse = 1.0 / (whole + 1.0 / AHEAD_S)
    still = whole - rate - served
    value = cost * AHEAD_S
    staying = value
    for _ in range(MOST_ROUNDS):
        more = np.concatenate((staying[1:], staying[-1:] + (staying[-1:] - staying[-2:-1])))
        fewer = np.concatenate((staying[:1], staying[:-1]))
        value = (cost + rate * more + served * fewer + still * staying) * inverse
        after = (value[:, None, :] + change[None, :, :]).min(axis=2)
        if float(np.abs(after - staying).max()) < TOLERANCE * (whole * inverse):
            break
        staying = after
    return value


def change_costs(most: int) -> Floats:
    """What it costs to go from one number of lanes to another, over (from, to)."""
    move = np.arange(most)[None, :] - np.arange(most)[:, None]
    costs: Floats = np.abs(move) * CHANGE + np.maximum(move, 0) * (WALK_S * LANE_PER_H / 3600.0)
    return costs


def lanes_to_have(people: float, at_work: int, load: float, mean_service: float, most: int) -> int:
    """The cheapest number of lanes (1 to `most`) for `people` in the lanes and a `load` in lanes kept busy."""
    if most <= 1:
        return 1
    steps = min(max(round(load / LOAD_STEP), 1), round(1.5 * most / LOAD_STEP))
    value = _values(steps, max(round(mean_service / 5.0) * 5, 20), most)
    low = min(max(people, 0.0), len(value) - 1.001)
    part = low - math.floor(low)
    here = (1.0 - part) * value[int(low)] + part * value[int(low) + 1]
    return int(np.argmin(here + change_costs(most)[min(max(at_work, 1), most) - 1])) + 1
