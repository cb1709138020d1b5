"""How right each contender was: the figures of the shelf table."""

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.shelf_day import Day, Moment, Said

Array = npt.NDArray[Any]

START_S = 120.0
"""The first two minutes, in which everything is placed for the first time, do not count."""


def score(day: Day, name: str, reference: str) -> dict[str, float]:
    """All figures of one contender; probabilities are judged over the tags that ``reference`` knows."""
    figures = {"counts_right": counts_right(day, name)}
    figures |= taken(day, name)
    figures |= placing(day, name)
    figures |= calibration(day, name, reference)
    figures |= silence(day, name)
    return figures


def counts_right(day: Day, name: str) -> float:
    """Share of product-shelf counts that are exactly right, over all asks."""
    right = total = 0
    for moment in day.moments:
        belief = moment.beliefs[name]
        true = _counts(day, moment.place)
        said = _counts(day, np.where(belief.p >= 0.5, belief.place, -1))
        some = (true > 0) | (said > 0)
        right += int(np.count_nonzero((true == said) & some))
        total += int(np.count_nonzero(some))
    return right / max(1, total)


def _counts(day: Day, place: Array) -> Array:
    antennas = day.shop.settings.antennas
    stands = place >= 0
    return np.bincount(day.shop.product[stands] * antennas + place[stands], minlength=day.shop.size * antennas)


def _was_silent(day: Day, place: int, from_s: float, to_s: float) -> bool:
    return any(
        (moment.silent[place] or moment.heard_s[place] < 60)
        for moment in day.moments
        if from_s - 30 <= moment.t_s <= to_s + 30
    )


def taken(day: Day, name: str) -> dict[str, float]:
    """How long a take goes unnoticed, from the moment it is lifted, and how often one is claimed that was none."""
    told: dict[int, list[float]] = {}
    false = standing = silent = 0
    for said, place, was_taken in day.facts[name]:
        if said.kind != "taken" or said.t_s < START_S:
            continue
        if was_taken:
            told.setdefault(said.tag, []).append(said.t_s)
        else:
            false += 1
            standing += place >= 0
            silent += _was_silent_at(day, said)
    events = day.shop.events
    ends = {}
    delays = []
    for event in reversed(events):
        if event.kind in ("returned", "placed", "moved", "looked"):
            ends[event.tag] = event.t_s
        if event.kind == "taken" and START_S < event.t_s < day.moments[-1].t_s - 120:
            until = ends.get(event.tag, np.inf)
            if _was_silent(day, event.place, event.t_s, event.t_s + 60) or until - event.t_s < 120:
                continue
            times = [t for t in told.get(event.tag, []) if event.t_s <= t < until]
            delays.append(min(times) - event.t_s if times else np.inf)
    delay = np.array(delays or [np.nan])
    return {
        "takes": float(len(delays)),
        "taken_p50_s": float(np.quantile(delay, 0.5, method="lower")),
        "taken_p95_s": float(np.quantile(delay, 0.95, method="lower")),
        "taken_in_30_s": float(np.mean(delay <= 30)),
        "false_taken_per_1000_tag_h": false / day.tag_hours * 1000,
        "false_taken_standing": standing / day.tag_hours * 1000,
        "false_taken_silent": float(silent),
    }


def _was_silent_at(day: Day, said: Said) -> bool:
    for moment in day.moments:
        if moment.t_s >= said.t_s:
            return bool(moment.silent[said.place] and moment.silent_s[said.place] > moment.t_s - said.t_s)
    return False


def placing(day: Day, name: str) -> dict[str, float]:
    """Right shelf, moves told in time, wrong ones, ghosts."""
    right = stands = 0
    for moment in day.moments:
        belief = moment.beliefs[name]
        here = (moment.place >= 0) & (belief.p >= 0.5) & ~belief.unknown
        right += int(np.count_nonzero(here & (belief.place == moment.place)))
        stands += int(np.count_nonzero(here))
    facts = [fact for fact in day.facts[name] if fact[0].t_s >= START_S]
    wrong = sum(said.kind == "moved" and said.place != place for said, place, _ in facts)
    ghosts = sum(said.kind in ("placed", "returned") and said.place != place for said, place, _ in facts)
    moves = [
        event for event in day.shop.events if event.kind == "moved" and START_S < event.t_s < day.moments[-1].t_s - 60
    ]
    moves = [event for event in moves if not _was_silent(day, event.place, event.t_s, event.t_s + 30)]
    told = sum(
        any(
            s.tag == event.tag and s.place == event.place and s.kind != "taken" and 0 <= s.t_s - event.t_s <= 30
            for s, _, _ in facts
        )
        for event in moves
    )
    return {
        "right_shelf": right / max(1, stands),
        "moves": float(len(moves)),
        "moves_told_in_30_s": told / max(1, len(moves)),
        "wrong_moves_per_1000_tag_h": wrong / day.tag_hours * 1000,
        "ghosts_per_hour": ghosts / (day.shop.settings.hours - START_S / 3600),
    }


def pairs(day: Day, name: str, reference: str) -> tuple[Array, Array]:
    """Probabilities and whether it was so, over the tags that ``reference`` knows and no silence hides."""
    said, true = [], []
    for moment in day.moments:
        belief, known = moment.beliefs[name], moment.beliefs[reference]
        seen = (known.place >= 0) & ~moment.silent[np.maximum(known.place, 0)] & (belief.place >= 0)
        said.append(belief.p[seen])
        true.append(belief.place[seen] == moment.place[seen])
    return np.concatenate(said), np.concatenate(true)


def reliability(said: Array, true: Array, bins: int = 10) -> list[tuple[float, float, int]]:
    """Mean probability, share that was so, and how many, per bin of equal width."""
    at = np.minimum((said * bins).astype(int), bins - 1)
    rows = [(at == number) for number in range(bins)]
    return [(float(said[row].mean()), float(true[row].mean()), int(row.sum())) for row in rows if row.any()]


def calibration(day: Day, name: str, reference: str) -> dict[str, float]:
    """Brier score and expected calibration error."""
    said, true = pairs(day, name, reference)
    rows = reliability(said, true)
    error = sum(abs(mean - share) * count for mean, share, count in rows) / max(1, len(said))
    return {"brier": float(np.mean((said - true) ** 2)), "ece": error}


def silence(day: Day, name: str) -> dict[str, float]:
    """Items of silent antennas that are unknown, and unknown ones without a fault."""
    dark = told = clear = wrong = 0
    for moment in day.moments:
        belief = moment.beliefs[name]
        known = (belief.place >= 0) & (belief.p >= 0.5)
        hidden, well = _silent_tags(moment)
        dark += int(np.count_nonzero(hidden & known))
        told += int(np.count_nonzero(hidden & known & belief.unknown))
        clear += int(np.count_nonzero(well & known))
        wrong += int(np.count_nonzero(well & known & belief.unknown))
    return {"silent_unknown": told / dark if dark else float("nan"), "unknown_without_fault": wrong / max(1, clear)}


def _silent_tags(moment: Moment) -> tuple[Array, Array]:
    stands = moment.place >= 0
    place = np.maximum(moment.place, 0)
    return stands & (moment.silent_s[place] >= 15), stands & (moment.heard_s[place] >= 5)
