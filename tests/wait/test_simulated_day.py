"""A simulated day: seeded, truthful, and predicted better than the rule of thumb."""

from statistics import fmean

import pytest

from benchmarks.queue.days import day
from firmware_stubs.queue_simulator.recording import Recording
from firmware_stubs.queue_simulator.scenario import SCENARIOS


def test_the_same_seed_gives_the_same_day() -> None:
    first = [line for line, _ in zip(Recording(SCENARIOS["quiet"], 4, pos=True), range(3000), strict=False)]
    again = [line for line, _ in zip(Recording(SCENARIOS["quiet"], 4, pos=True), range(3000), strict=False)]
    assert first == again
    assert {line["type"] for line in first} >= {"hello", "count", "txn"}


def test_a_camera_without_noise_counts_the_truth_and_one_with_noise_does_not() -> None:
    for noise, exact in ((0.0, True), (1.0, False)):
        recording = Recording(SCENARIOS["lunch"], 4, noise=noise)
        wrong = 0
        for line in recording:
            if line["type"] == "count":
                wrong += line["value"] != recording.store.lane(line["lane"]).people
            if line["t"] > 2000:
                break
        assert (wrong == 0) is exact


@pytest.mark.parametrize("pos", [False, True])
def test_a_day_is_predicted_better_than_by_queue_length_and_the_bound_mostly_holds(pos: bool) -> None:
    figures = day("lunch", 4, noise=1.0, pos=pos).figures()
    assert figures["aisle"] < figures["QL long-run"]
    assert figures["aisle"] < 1.5
    assert 0.75 <= figures["covered"] <= 0.995


def test_a_question_is_asked_of_every_open_lane_and_its_truth_is_found() -> None:
    recording = Recording(SCENARIOS["quiet"], 5)
    lines = list(recording)
    asked = [line for line in lines if line["type"] == "ask"]
    assert len(asked) == sum(len(question.virtuals) for question in recording.questions)
    found = [v.wait is not None for question in recording.questions for v in question.virtuals.values()]
    assert fmean(found) > 0.99
