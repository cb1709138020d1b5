"""What it helps to know baskets: the same simulated days with and without, error and bound of the same questions.

`python -m benchmarks.queue.baskets [SEEDS…]`; seeds 1 and 2 were looked at while this was built.
"""

import json
import sys
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Final

from edge.replay.lanes import Replay
from firmware_stubs.queue_simulator.baskets import BasketRecording, Known
from firmware_stubs.queue_simulator.scenario import SCENARIOS, Scenario

LONG_DAY_H: Final = 5.0
"""Waves come and go with the hour: what a level is worth has to be learnt from some of them."""

WAYS: Final = {
    "nothing": Known(),
    "items at the start": Known(start=True),
    "each piece scanned": Known(scans=True),
    "half of the shoppers' phones": Known(phones=0.5),
    "start, pieces, all phones": Known(start=True, scans=True, phones=1.0),
    "start and phones, lies": Known(start=True, phones=1.0, lies=True),
    "waves: nothing": Known(wave=0.5),
    "waves: shelves": Known(wave=0.5, shelves=True),
    "shelves, lies": Known(shelves=True, lies=True),
}


@dataclass
class Judged:
    """Absolute errors of the mean, seconds, and whether the bound held."""

    errors: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)


def day_of(scenario: Scenario, seed: int, known: Known, *, noise: float = 1.0) -> Judged:
    """Run one day and judge every answer."""
    recording, replay, answers = BasketRecording(scenario, seed, known, noise=noise), Replay(), {}
    for line in recording:
        if line["type"] != "recommend" and (answer := replay.line(json.dumps(line))) is not None:
            answers[line["id"]] = json.loads(answer)
    judged = Judged()
    for question in recording.questions:
        for lane, virtual in question.virtuals.items():
            if virtual.wait is not None:
                told = answers[f"{question.id}.{lane}"]
                judged.errors.append(abs(told["mean"] - virtual.wait))
                judged.held.append(virtual.wait <= told["p90"] + 1e-9)
    return judged


def run(
    seeds: tuple[int, ...], ways: tuple[str, ...] = tuple(WAYS), scenarios: tuple[str, ...] = tuple(SCENARIOS)
) -> None:
    """Print a line per way and scenario as soon as it is known."""
    for way in ways:
        for scenario in scenarios:
            kind = SCENARIOS[scenario]
            kind = replace(kind, hours=LONG_DAY_H) if WAYS[way].wave else kind
            days = [day_of(kind, seed, WAYS[way]) for seed in seeds]
            error = fmean([error for one in days for error in one.errors])
            held = fmean([held for one in days for held in one.held])
            print(f"{way:30s} {scenario:10s} {error:7.2f} s  bound held {held:.3f}", flush=True)


if __name__ == "__main__":
    run(tuple(map(int, sys.argv[1:])) or (103, 104))
