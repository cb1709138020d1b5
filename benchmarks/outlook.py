"""How well the tills' load is foretold 15 and 30 minutes ahead: a backtest over simulated weeks, beside two rules.

A simulation: people come in as a Poisson stream by a weekly pattern, each day busier or calmer than usual, with now
and then a coach party; they shop for a lognormal time, some buy, and are served for a lognormal time. The outlook
learns as it goes; figures are of the last week. Beside it stand «as it is now» and «as it was last week then».
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.core.wait.outlook import AHEAD_MIN, MINUTE_MS, SLOT_MIN, SLOTS, Outlook

Minutes = NDArray[np.float64]
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
SERVICE_S = 86.0


def expected(minute: int) -> float:
    """People who usually come in in this minute of the week: lunch and evening, Saturday most."""
    day, hour = minute // DAY_MIN % 7, minute % DAY_MIN / 60
    if not 8 <= hour < 20 or day == 6:
        return 0.0
    peaks = 0.9 + 1.3 * math.exp(-(((hour - 12.3) / 1.1) ** 2)) + 1.8 * math.exp(-(((hour - 17.5) / 1.4) ** 2))
    return peaks * (1.7 if day == 5 else 1.0)


def simulate(weeks: int, seed: int) -> tuple[Minutes, Minutes]:
    """People who come in, and lanes that would be kept busy, minute by minute."""
    dice = np.random.default_rng(seed)
    minutes = weeks * WEEK_MIN
    entered, load = np.zeros(minutes), np.zeros(minutes + 400)
    mood = np.exp(dice.normal(0, 0.25, weeks * 7))
    parties = dice.random(minutes) < 1.5 / DAY_MIN
    for minute in range(minutes):
        mean = expected(minute) * mood[minute // DAY_MIN]
        came = int(dice.poisson(mean)) + (int(dice.integers(15, 40)) if parties[minute] and mean > 0 else 0)
        entered[minute] = came
        for _ in range(int(dice.binomial(came, 0.7))):
            till = minute + dice.lognormal(math.log(18.0), 0.45)
            served_min = dice.lognormal(math.log(SERVICE_S / 60) - 0.2, 0.64)
            first = int(till)
            # Work is spread over the minutes in which it is done.
            while served_min > 0 and first < len(load):
                share = min(served_min, 1.0)
                load[first] += share
                served_min -= share
                first += 1
    return entered, load[:minutes]


def lanes(load: float) -> int:
    """Lanes for a load: it, and room for chance."""
    return max(1, math.ceil(load + 0.6 * math.sqrt(max(load, 0.0))))


def backtest(weeks: int, seed: int, *, doors: bool) -> dict[str, float]:
    """Mean absolute errors of the last week's open hours, of the load and of the lanes, by how they were foretold."""
    entered, load = simulate(weeks, seed)
    smooth = np.convolve(load, np.ones(10) / 10, "full")[: len(load)]
    outlook = Outlook(lambda t_ms: t_ms // MINUTE_MS % WEEK_MIN // SLOT_MIN % SLOTS)
    sums: dict[str, list[float]] = {}
    for minute in range(len(load)):
        if doors:
            outlook.entered(entered[minute])
        outlook.observe((minute + 1) * MINUTE_MS, float(load[minute]))
        if minute < len(load) - WEEK_MIN or expected(minute) == 0:
            continue
        for ahead in AHEAD_MIN:
            if minute + ahead >= len(load):
                continue
            truth = float(smooth[minute + ahead])
            said = {
                "outlook": outlook.ahead((minute + 1) * MINUTE_MS, ahead).load,
                "as now": float(smooth[minute]),
                "as last week": float(smooth[minute + ahead - WEEK_MIN]),
            }
            for name, value in said.items():
                sums.setdefault(f"{name}, {ahead} min: load", []).append(abs(value - truth))
                sums.setdefault(f"{name}, {ahead} min: lanes", []).append(abs(lanes(value) - lanes(truth)))
    return {name: round(float(np.mean(values)), 3) for name, values in sums.items()}


def run(*, quick: bool) -> dict[str, Any]:
    """Run the backtest with doors and without."""
    weeks, seeds = (2, (501,)) if quick else (5, (501, 502, 503))
    figures: dict[str, Any] = {"weeks": weeks, "seeds": list(seeds)}
    for doors in (True, False):
        runs = [backtest(weeks, seed, doors=doors) for seed in seeds]
        mean = {name: round(float(np.mean([one[name] for one in runs])), 3) for name in runs[0]}
        figures["with doors" if doors else "without doors"] = mean
        for ahead in AHEAD_MIN:
            best = min(mean[f"as now, {ahead} min: lanes"], mean[f"as last week, {ahead} min: lanes"])
            ratio = round(mean[f"outlook, {ahead} min: lanes"] / best, 3)
            figures[f"lanes in {ahead} min over the better rule, {'with' if doors else 'without'} doors"] = ratio
    return figures


if __name__ == "__main__":
    import json

    print(json.dumps(run(quick=False), indent=2))
