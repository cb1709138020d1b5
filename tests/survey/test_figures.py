"""The figures of a survey equal those that anybody computes by hand from the same recording."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from aisle import app, replay
from edge.commands import mount
from edge.core.shelf.belief import ItemBelief
from edge.core.survey.figures import TAKEN, UNKNOWN, Tally, wilson
from edge.core.survey.truth import AWAY, Truth
from edge.replay.shelf import ShelfReplay

mount(app, replay)
SETTLE_S = 30.0


@pytest.fixture(scope="module")
def judged(simulated: tuple[Path, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """``survey.json`` of the simulated recording."""
    out = tmp_path_factory.mktemp("survey")
    path, _ = simulated
    arguments = ["shelf", "survey", "--reads", str(path), "--out", str(out), "--settle", str(SETTLE_S)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    figures: dict[str, Any] = json.loads((out / "survey.json").read_text(encoding="utf-8"))
    return figures | {"summary": result.output, "out": str(out)}


@pytest.fixture(scope="module")
def by_hand(simulated: tuple[Path, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Every judged answer, ``(item, place, belief)``, from what ``aisle replay shelf`` prints and the truth lines."""
    path, recorded = simulated
    printed = tmp_path_factory.mktemp("replayed") / "out.jsonl"
    with printed.open("wb") as out, path.open("rb") as lines, (printed.parent / "err").open("w") as complaints:
        ShelfReplay(out, complaints).run(lines)
    answers = {
        line["id"]: line["items"]
        for line in map(json.loads, printed.read_text(encoding="utf-8").splitlines())
        if "id" in line
    }
    truth: dict[str, tuple[str, float]] = {}
    pairs = []
    for line in recorded:
        if line["type"] == "ask":
            for item, (place, since_ms) in truth.items():
                if line["t_ms"] - since_ms >= SETTLE_S * 1000:
                    pairs.append((item, place, answers[line["id"]].get(item)))
        elif line["type"] == "truth":
            for item in {*truth, *line["items"]}:
                place = line["items"].get(item, AWAY)
                if truth.get(item, (None, 0.0))[0] != place:
                    truth[item] = (place, line["t_ms"])
    return pairs


def test_the_confusion_matrix_counts_every_answer_once(judged: dict[str, Any], by_hand: list[Any]) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for _, place, belief in by_hand:
        said = TAKEN if belief is None or belief["state"] == "taken" else belief["shelf"]
        counted[place or "away", UNKNOWN if belief and belief["state"] == "unknown" else said] += 1
    assert {(row["stood"], row["said"]): row["answers"] for row in judged["confusion"]} == counted
    assert judged["answers"] == len(by_hand) > 2000
    assert any(row["stood"] == "away" for row in judged["confusion"]), "nothing was taken: the day is too quiet"


def test_brier_and_calibration_are_those_of_the_answers(judged: dict[str, Any], by_hand: list[Any]) -> None:
    said = [
        (belief["p"], belief["shelf"] == place)
        for _, place, belief in by_hand
        if belief is not None and belief["state"] != "unknown"
    ]
    assert judged["brier"] == pytest.approx(sum((p - was) ** 2 for p, was in said) / len(said))
    error = 0.0
    for number in range(10):
        inside = [(p, was) for p, was in said if min(int(p * 10), 9) == number]
        if inside:
            error += abs(math.fsum(p for p, _ in inside) - sum(was for _, was in inside))
    assert judged["ece"] == pytest.approx(error / len(said))
    assert sum(one["answers"] for one in judged["reliability"]) == len(said)


def test_read_rates_are_reads_by_cycle_of_what_stands_there(
    judged: dict[str, Any], simulated: tuple[Path, list[dict[str, Any]]]
) -> None:
    _, recorded = simulated
    truth: dict[str, str] = {}
    stood: Counter[str] = Counter()
    read: dict[str, set[tuple[str, int]]] = {}
    shelf_of = recorded[0]["antennas"]
    for line in recorded:
        if line["type"] == "truth":
            truth = line["items"]
        elif line["type"] == "tick":
            stood.update(truth.values())
        elif line["type"] == "read" and truth.get(line["epc"]) == "A2":
            read.setdefault(line["antenna"], set()).add((line["epc"], line["t_ms"] // 1000))
    for antenna in judged["antennas"]:
        rate = len(read[antenna["antenna"]]) / stood["A2"]
        assert antenna["hears"]["A2"] == pytest.approx(rate, rel=0.03), (antenna["antenna"], shelf_of)
        if antenna["shelf"] == "A2":
            assert antenna["rate"] == antenna["hears"]["A2"]
    assert judged["neighbours"] == {"A1": ["A2", "A3"], "A2": ["A1", "A3"], "A3": ["A1", "A2"]}


def test_the_summary_says_what_the_figures_say(judged: dict[str, Any]) -> None:
    assert f"{judged['right_shelf'] * 100:.2f} %" in judged["summary"]
    assert f"{judged['brier']:.4f}" in judged["summary"]
    assert "neighbours = {" in judged["summary"]
    items = Path(judged["out"], "items.csv").read_text(encoding="utf-8").splitlines()
    assert items[0].startswith("item,label,shelf,read_rate")
    assert len(items) > 60


@given(share=st.floats(0, 1), count=st.integers(1, 10_000))
def test_bounds_hold_the_share_and_close_in_with_more_items(share: float, count: int) -> None:
    least, most = wilson(share, count)
    assert 0 <= least <= share + 1e-9
    assert share - 1e-9 <= most <= 1
    closer = wilson(share, count * 4)
    assert closer[1] - closer[0] < most - least


beliefs = st.builds(
    ItemBelief,
    shelf=st.sampled_from(["A1", "A2"]),
    p=st.floats(0, 1),
    state=st.sampled_from(["present", "unknown", "taken"]),
)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["A1", "A2", AWAY]), st.none() | beliefs)))
def test_every_answer_is_in_the_matrix_and_no_figure_leaves_its_range(
    answers: list[tuple[str, str, ItemBelief]],
) -> None:
    tally = Tally()
    for answer in answers:
        tally.answer(*answer)
    assert tally.answers == len(answers)
    for figure in (tally.right, tally.right_shelf, tally.brier, tally.ece):
        assert figure is None or -1e-9 <= figure <= 1 + 1e-9
    for one in tally.reliability():
        assert one.low <= one.said <= one.high + 1e-9


def test_an_item_in_a_hand_or_just_put_down_is_not_judged() -> None:
    truth = Truth(settle_ms=1000)
    truth.say(0, {"a": "A1", "b": "A1"})
    assert not truth.is_settled("a", 999)
    assert truth.is_settled("a", 1000)
    truth.say(5000, {"a": "A1", "b": "A1"}, unsure=["b"])
    assert not truth.is_settled("b", 9000)
    truth.say(9000, {"a": "A1", "b": "A2"})
    assert not truth.is_settled("b", 9500)
    assert truth.is_settled("b", 10_000)
    truth.noticed(12_000, "b", "A1")
    truth.noticed(13_000, "b", "A2")
    assert [one.delay_s for one in truth.handled] == [4.0]


def test_what_is_looked_at_and_put_back_was_not_moved() -> None:
    truth = Truth(settle_ms=1000)
    truth.say(0, {"a": "A1"})
    truth.say(2000, {})
    truth.say(2500, {"a": "A1"})
    assert truth.handled == []
