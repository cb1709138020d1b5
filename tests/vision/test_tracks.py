"""Tracks: the same person keeps the same number, whatever the order of boxes, the frame rate and short occlusions."""

from collections.abc import Iterable, Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.lane.pairing import paired
from edge.core.lane.tracker import Tracker, TrackerSettings, Tracks

HEIGHT, WIDTH = 100.0, 40.0
Boxlike = tuple[float, ...]


def person(x: float, foot: float = 300.0, score: float = 0.8, height: float = HEIGHT) -> tuple[float, ...]:
    """A box whose feet stand at x, foot."""
    return (x - WIDTH / 2, foot - height, x + WIDTH / 2, foot, score)


def frame(*people: tuple[float, ...]) -> np.ndarray:
    return np.array(people, np.float32).reshape(-1, 5)


def follow(tracker: Tracker, frames: Iterable[Sequence[Boxlike]], every_s: float = 0.1) -> list[Tracks]:
    """One frame after the other."""
    return [tracker.update(frame(*people), step * every_s) for step, people in enumerate(frames)]


@given(st.floats(-1.3, 1.3), st.sampled_from([2.0, 5.0, 10.0, 25.0]), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_walker_keeps_one_number_at_every_speed_and_frame_rate(
    heights_per_s: float, fps: float, random: Random
) -> None:
    places = [1000 + heights_per_s * HEIGHT * step / fps + random.uniform(-2, 2) for step in range(20)]
    followed = follow(Tracker(), [[person(x)] for x in places], 1 / fps)
    assert {number for tracks in followed for number in tracks.ids.tolist()} == {1}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=8, unique=True), st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_boxes_in_a_frame_does_not_matter(cells: list[tuple[int, int]], data: st.DataObject) -> None:
    people = [person(100.0 * x, 150.0 + 120 * y) for x, y in cells]
    ours = follow(Tracker(), [people] * 4)[-1]
    theirs = follow(Tracker(), [data.draw(st.permutations(people)) for _ in range(4)])[-1]
    assert sorted(map(tuple, ours.boxes.round(3))) == sorted(map(tuple, theirs.boxes.round(3)))
    assert len(ours.ids) == len(people)


def test_two_who_pass_each_other_keep_their_numbers() -> None:
    frames = [[person(100 + 10 * step, 300), person(400 - 10 * step, 320)] for step in range(31)]
    tracks = follow(Tracker(), frames)[-1]
    by_number = dict(zip(tracks.ids.tolist(), tracks.boxes[:, 0].tolist(), strict=True))
    assert set(by_number) == {1, 2}
    assert by_number[1] > by_number[2]


def test_somebody_who_is_not_seen_for_a_moment_comes_back_under_the_same_number() -> None:
    frames = [[] if 12 <= step < 20 else [person(100 + 8 * step)] for step in range(30)]
    assert follow(Tracker(), frames)[-1].ids.tolist() == [1]


def test_somebody_who_queues_behind_another_is_remembered_longer_than_somebody_who_left() -> None:
    def after(still_there: Boxlike) -> set[int]:
        tracker = Tracker(TrackerSettings(coast_s=1.0, standing_s=1.0, hidden_s=4.0))
        frames = [[person(100, 295), person(800)]] * 5 + [[still_there]] * 13
        return {int(number) for number in follow(tracker, frames, 0.2)[-1].ids}

    assert 1 in after(person(102, 305))
    assert 1 not in after(person(800))


def test_a_weak_box_starts_no_track_and_keeps_one_alive() -> None:
    tracker = Tracker(TrackerSettings(start_score=0.5))
    assert len(tracker.update(frame(person(100, score=0.4)), 0.0).ids) == 0
    for step in range(1, 30):
        score = 0.9 if step == 1 else 0.47
        assert tracker.update(frame(person(100, score=score)), step * 0.1).ids.tolist() == [1]


def test_a_post_that_was_once_taken_for_a_person_is_not_believed_for_long() -> None:
    tracker = Tracker(TrackerSettings(start_score=0.65))
    frames = [[person(100, score=0.9)], *([[person(100, score=0.5)]] * 80)]
    tracks = follow(tracker, frames)[-1]
    assert not tracks.confirmed.any()
    assert not tracks.shown.any()


def test_one_flash_of_a_box_is_not_counted() -> None:
    tracker = Tracker()
    tracker.update(frame(), 0.0)
    tracker.update(frame(person(100)), 0.1)
    tracks = tracker.update(frame(), 0.2)
    assert not tracks.confirmed.any()


def test_numbers_are_never_used_again() -> None:
    tracker = Tracker()
    first = tracker.update(frame(person(100)), 0.0).ids.tolist()
    assert tracker.update(frame(), 10.0).gone == tuple(first)
    assert tracker.update(frame(person(100)), 20.0).ids.tolist() == [2]


def test_legs_that_vanish_behind_somebody_do_not_move_the_feet() -> None:
    tracker = Tracker()
    for step in range(10):
        tracker.update(frame(person(100, 300)), step * 0.2)
    halved = (80, 200, 120, 250, 0.8)
    tracks = tracker.update(frame(halved), 2.0)
    assert tracks.ids.tolist() == [1]
    assert tracks.feet()[0, 1] > 280


def test_a_frame_that_comes_late_is_refused() -> None:
    tracker = Tracker()
    tracker.update(frame(), 5.0)
    with pytest.raises(ValueError, match="after one at 5"):
        tracker.update(frame(), 5.0)


@given(st.lists(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 4, st.floats(0, 1)), max_size=6), max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_boxes_whatever_make_it_fail(frames: list[list[tuple[float, ...]]]) -> None:
    tracker = Tracker()
    for step, boxes in enumerate(frames):
        tracks = tracker.update(frame(*boxes), step * 0.3)
        assert np.isfinite(tracks.boxes).all()
        assert len(set(tracks.ids.tolist())) == len(tracks.ids)


def test_a_line_that_moves_up_keeps_its_numbers_while_the_first_one_steps_aside() -> None:
    """Half a place a frame: whoever stood behind is nearer to everybody's place than they are themselves."""
    line = [(100.0, 200.0 + 60 * place) for place in range(5)]
    frames = [[person(x, y) for x, y in line]] * 6
    for step in range(1, 4):
        first = person(100 - 45 * step, 200)
        frames.append([first, *(person(x, y - 30 * min(step, 2)) for x, y in line[1:])])
    last = follow(Tracker(), frames, 0.5)[-1]
    assert sorted(last.ids.tolist()) == [1, 2, 3, 4, 5]
    feet = {int(number): tuple(spot) for number, spot in zip(last.ids, last.feet().tolist(), strict=True)}
    assert feet[1][0] < 40
    assert [round(feet[number][1] / 60) for number in (2, 3, 4, 5)] == [3, 4, 5, 6]


def test_the_feet_of_somebody_of_whom_the_head_alone_is_seen_are_where_people_of_that_place_stand() -> None:
    tracker = Tracker()
    alone = [[person(100 + 3 * step, 300), person(700 - 3 * step, 420)] for step in range(30)]
    in_line = [[(180.0, 200.0, 220.0, 250.0, 0.8), person(205, 340)]] * 10
    tracks = follow(tracker, [*alone, *[[]] * 12, *in_line], 0.2)[-1]
    assert sorted(round(float(foot)) // 10 for foot in tracks.feet()[:, 1]) == [30, 34]


@given(st.lists(st.lists(st.floats(0, 2), min_size=4, max_size=4), min_size=1, max_size=6), st.integers(0, 15))
@settings(max_examples=80, deadline=None)
def test_pairs_use_each_track_and_each_box_once_and_never_what_cannot_be(
    rows: list[list[float]], strong: int
) -> None:
    merit = np.array(rows)
    mask = np.array([bool(strong >> bit & 1) for bit in range(4)])
    tracks, found = paired(merit, mask)
    assert len(set(tracks)) == len(tracks) == len(found) == len(set(found))
    assert all(merit[row, column] > 0 for row, column in zip(tracks, found, strict=True))
    assert not any(
        merit[row, column] > 0 for row in set(range(len(rows))) - set(tracks) for column in set(range(4)) - set(found)
    )
