"""Smart shelves: the bars of presence, beside an oracle, the fixed rules in use, and SMURF, over the same reads.

The simulator's absolute figures depend on how it is set; the distance to the oracle does not. The seeds here are not
those that anything was tuned on.
"""

import random
from dataclasses import replace
from typing import Any

from benchmarks.shelf_day import Day, OurPresence, run_day
from benchmarks.shelf_oracle import Oracle
from benchmarks.shelf_rivals import rivals
from benchmarks.shelf_score import pairs, reliability, score, taken
from benchmarks.shelf_speed import speed
from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from firmware_stubs.shelf_simulator.recording import hello, lines
from firmware_stubs.shelf_simulator.settings import ShelfSettings
from firmware_stubs.shelf_simulator.shop import Shop

THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.91, 0.94, 0.96, 0.98, 0.99, 0.995)
BUDGETS = (2.0, 5.0, 16.0, 40.0, 100.0)
SEED = 1004


def day_table(settings: ShelfSettings, seed: int) -> tuple[Day, dict[str, dict[str, float]], Oracle]:
    """One day with everybody; figures by contender."""
    shop = Shop(settings, seed)
    oracle = Oracle(shop, THRESHOLDS)
    contenders: dict[str, Any] = {"Aisle": OurPresence(shop), "oracle": oracle, **rivals(shop)}
    day = run_day(shop, contenders)
    return day, {name: score(day, name, "Aisle") for name in contenders}, oracle


def at_same_false_takes(day: Day, oracle: Oracle, rate: float) -> dict[str, float]:
    """The oracle's figures of taken at the threshold whose rate of false takes is nearest to ``rate``."""
    found = []
    for threshold, facts in zip(oracle.thresholds, oracle.facts, strict=True):
        day.facts["at"] = facts
        found.append({"threshold": threshold, **taken(day, "at")})
    return min(found, key=lambda figures: abs(figures["false_taken_per_1000_tag_h"] - rate))


def threshold_curve(settings: ShelfSettings, seed: int, budgets: tuple[float, ...]) -> list[dict[str, float]]:
    """Speed against false takes for several values of the one setting."""
    shop = Shop(settings, seed)
    contenders: dict[str, Any] = {str(b): OurPresence(shop, false_takes_per_1000_h=b) for b in budgets}
    day = run_day(shop, contenders)
    return [{"false_takes_per_1000_h": budget, **taken(day, str(budget))} for budget in budgets]


def shuffled_differences(settings: ShelfSettings, seed: int) -> int:
    """Items that end otherwise when the same reads come shuffled within two seconds, some of them twice."""
    draw = random.Random(seed)
    recording = [line for line in lines(settings, seed) if line["type"] in ("read", "tick")]
    ends = []
    for mixed in (False, True):
        order = [
            (line["t_ms"] + (draw.random() * 1999 if mixed and line["type"] == "read" else 0), line)
            for line in recording
        ]
        if mixed:
            order += [(at + draw.random() * 500, line) for at, line in order[::50] if line["type"] == "read"]
        order.sort(key=lambda pair: pair[0])
        presence = Presence(PresenceSettings(cycle_ms=settings.cycle_ms), hello(settings)["antennas"])
        presence.tick(0)
        for _, line in order:
            if line["type"] == "tick":
                presence.tick(line["t_ms"])
            else:
                presence.read(line["epc"], line["antenna"], line["rssi_dbm"], line["t_ms"])
        last = recording[-1]["t_ms"]
        for second in range(1, 5):
            presence.tick(last + second * 1000)
        ends.append(dict(presence.items(last)))
    return sum(ends[0].get(epc) != ends[1].get(epc) for epc in {*ends[0], *ends[1]})


def run(*, quick: bool) -> dict[str, object]:
    """Measure everything; print the table; return the figures."""
    settings = ShelfSettings(hours=1.0) if not quick else ShelfSettings(antennas=4, tags=200, hours=0.15)
    day, table, oracle = day_table(settings, SEED)
    ours = table["Aisle"]
    matched = at_same_false_takes(day, oracle, ours["false_taken_per_1000_tag_h"])
    # What the oracle said of takes counts where it says as many false ones.
    table["oracle"] |= {name: value for name, value in matched.items() if name in table["oracle"]}
    small = replace(settings, antennas=8, tags=800) if not quick else settings
    figures: dict[str, object] = {
        "simulated": {"antennas": settings.antennas, "tags": settings.tags, "hours": settings.hours, "seed": SEED},
        "contenders": {name: _rounded(row) for name, row in table.items()},
        "oracle_at_the_same_false_takes": _rounded(matched),
        "ratios": _rounded(_ratios(table, matched)),
        "reliability": [
            [round(mean, 4), round(share, 4), count]
            for mean, share, count in reliability(*pairs(day, "Aisle", "Aisle"))
        ],
        "curve": [_rounded(row) for row in threshold_curve(small, SEED + 1, BUDGETS if not quick else BUDGETS[::2])],
        "shuffled_differences": shuffled_differences(replace(small, antennas=4, tags=200, hours=0.1), SEED + 2),
        "speed": speed(quick=quick),
    }
    _print_table(figures)
    return figures


def _ratios(table: dict[str, dict[str, float]], matched: dict[str, float]) -> dict[str, float]:
    ours, oracle = table["Aisle"], table["oracle"]
    return {
        "count_error_to_oracle": (1 - ours["counts_right"]) / max(1e-9, 1 - oracle["counts_right"]),
        "brier_to_oracle": ours["brier"] / max(1e-9, oracle["brier"]),
        "taken_p50_to_oracle": ours["taken_p50_s"] / matched["taken_p50_s"],
        "taken_p95_to_oracle": ours["taken_p95_s"] / matched["taken_p95_s"],
    }


def _rounded(row: dict[str, float]) -> dict[str, float | None]:
    # JSON has neither NaN nor infinity: never noticed, or nothing to measure.
    return {name: round(value, 5) if abs(value) < 1e12 else None for name, value in row.items()}


def _print_table(figures: dict[str, Any]) -> None:
    names = list(figures["contenders"])
    print(f"{'':28}" + "".join(f"{name:>13}" for name in names))
    for row in figures["contenders"]["Aisle"]:
        cells = [figures["contenders"][name][row] for name in names]
        print(f"{row:28}" + "".join(f"{'-' if cell is None else format(cell, '.4f'):>13}" for cell in cells))
    for name in ("oracle_at_the_same_false_takes", "ratios", "shuffled_differences", "speed"):
        print(f"{name}: {figures[name]}")
    for row in figures["curve"]:
        print("  ".join(f"{name} {value}" for name, value in row.items() if name in _CURVE))


_CURVE = ("false_takes_per_1000_h", "taken_p50_s", "taken_p95_s", "taken_in_30_s", "false_taken_per_1000_tag_h")


def main() -> None:
    """Run it in full."""
    run(quick=False)


if __name__ == "__main__":
    main()
