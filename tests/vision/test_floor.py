"""Lanes and doors: geometry, hysteresis, staff, flicker."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.core.lane.floor import DoorLine, Floor, LaneArea, Point, inside
from edge.core.lane.people import Counts, People, PeopleSettings, still

SIZE = (1000, 1000)
LANE = LaneArea("1", ((0.2, 0.2), (0.4, 0.2), (0.4, 0.8), (0.2, 0.8)))
DOOR = DoorLine("main", ((0.5, 0.3), (0.5, 0.7)), "left")


def boxes(*feet: Point, score: float = 0.8) -> np.ndarray:
    """People of a tenth of the picture's height whose feet stand there."""
    rows = [(1000 * x - 20, 1000 * y - 100, 1000 * x + 20, 1000 * y, score) for x, y in feet]
    return np.array(rows, np.float32).reshape(-1, 5)


def watch(floor: Floor, frames: Sequence[Sequence[Point]], fps: float = 5.0) -> list[Counts]:
    people = People(PeopleSettings(floor=floor))
    return [people.frame(boxes(*feet), SIZE, round(1000 * step / fps)) for step, feet in enumerate(frames)]


def walk(*stops: Point, steps: int = 20) -> list[list[Point]]:
    """One person walking from stop to stop."""
    way: list[list[Point]] = []
    for (x0, y0), (x1, y1) in pairwise(stops):
        way += [[(x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps)] for k in range(steps)]
    return [*way, [stops[-1]]]


def passed(counts: Sequence[Counts], door: str = "main") -> tuple[int, int]:
    return sum(c.doors[door].entered for c in counts), sum(c.doors[door].left for c in counts)


UNIT = st.integers(0, 1000).map(lambda value: value / 1000)


@given(st.lists(st.tuples(UNIT, UNIT), min_size=3, max_size=8, unique=True), st.tuples(UNIT, UNIT))
@settings(max_examples=150, deadline=None)
def test_a_point_is_inside_a_polygon_as_opencv_sees_it(polygon: list[Point], point: Point) -> None:
    corners = (np.array(polygon) * 1000).astype(np.float32)
    distance = cv2.pointPolygonTest(corners, (point[0] * 1000, point[1] * 1000), measureDist=True)
    assume(abs(distance) > 0.5)
    assume(cv2.isContourConvex(corners.astype(np.int32)) or _is_simple(polygon))
    assert inside(np.array([point]), tuple(polygon))[0] == (distance > 0)


def _is_simple(polygon: list[Point]) -> bool:
    """A star around its middle does not cross itself."""
    middle = np.mean(polygon, axis=0)
    angles = [float(np.arctan2(y - middle[1], x - middle[0])) for x, y in polygon]
    turns = sum(after < before for before, after in zip(angles, [*angles[1:], angles[0]], strict=True))
    return turns == 1 and len(set(angles)) == len(angles)


def test_people_are_counted_in_the_lane_where_their_feet_stand() -> None:
    floor = Floor(lanes=(LANE, LaneArea("2", ((0.6, 0.2), (0.8, 0.2), (0.8, 0.8)))))
    queue = [(0.3, 0.4), (0.3, 0.6), (0.5, 0.5), (0.75, 0.4)]
    assert dict(watch(floor, [queue] * 15)[-1].lanes) == {"1": 2, "2": 1}


def test_who_stands_behind_the_till_is_nobodys_customer() -> None:
    floor = Floor(lanes=(LANE,), staff=(((0.2, 0.2), (0.4, 0.2), (0.4, 0.35), (0.2, 0.35)),))
    counts = watch(floor, [[(0.3, 0.3), (0.3, 0.6)]] * 15)[-1]
    assert counts.lanes["1"] == 1
    assert counts.people == 2


def test_somebody_who_joins_at_two_frames_a_second_is_counted_with_the_second_frame() -> None:
    counts = watch(Floor(lanes=(LANE,)), [[]] * 4 + [[(0.3, 0.5)]] * 3, fps=2.0)
    assert [c.lanes["1"] for c in counts][-2:] == [1, 1]


def test_a_box_that_flickers_does_not_move_the_count() -> None:
    steady: list[Point] = [(0.3, 0.3), (0.3, 0.5), (0.3, 0.7)]
    frames = [steady if step % 4 else steady[:2] for step in range(40)]
    counts = watch(Floor(lanes=(LANE,)), [steady] * 10 + frames)
    assert {c.lanes["1"] for c in counts[10:]} == {3}


def test_somebody_who_walks_across_a_lane_leaves_no_trace() -> None:
    counts = watch(Floor(lanes=(LANE,)), [*walk((0.1, 0.5), (0.9, 0.5), steps=25), [], [], [], []])
    assert counts[-1].lanes["1"] == 0
    assert counts[0].lanes["1"] == 0


def test_a_lane_without_anybody_is_zero_not_missing() -> None:
    assert watch(Floor(lanes=(LANE,), doors=(DOOR,)), [[]])[0].lanes == {"1": 0}


@given(st.floats(0.35, 0.65), st.sampled_from([2.0, 5.0, 10.0]), st.sampled_from(["left", "right"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_each_passage_counts_once_and_in_the_right_direction(
    height: float, fps: float, hand: Literal["left", "right"], back: bool
) -> None:
    # Walking from the line's first point (above) to its second, the left hand is to the right of the picture.
    floor = Floor(doors=(DoorLine("main", DOOR.line, hand),))
    seconds = 8
    way = walk((0.3, height), (0.7, height), steps=int(seconds * fps))
    counts = passed(watch(floor, way[::-1] if back else way, fps))
    is_in = (hand == "left") != back
    assert counts == ((1, 0) if is_in else (0, 1))


def test_somebody_who_trembles_on_the_line_is_counted_once() -> None:
    tremble = [[(0.5 + 0.004 * (-1) ** step, 0.5)] for step in range(60)]
    frames = [*walk((0.3, 0.5), (0.5, 0.5)), *tremble, *walk((0.5, 0.5), (0.7, 0.5))]
    assert passed(watch(Floor(doors=(DOOR,)), frames)) == (1, 0)


def test_who_turns_round_in_the_door_was_never_in() -> None:
    assert passed(watch(Floor(doors=(DOOR,)), walk((0.3, 0.5), (0.505, 0.5), (0.3, 0.5)))) == (0, 0)


def test_who_comes_in_and_goes_out_is_counted_both_ways() -> None:
    assert passed(watch(Floor(doors=(DOOR,)), walk((0.3, 0.5), (0.7, 0.5), (0.3, 0.5)))) == (1, 1)


@pytest.mark.parametrize("height", [0.2, 0.85])
def test_who_passes_beside_the_door_did_not_go_through(height: float) -> None:
    assert passed(watch(Floor(doors=(DOOR,)), walk((0.3, height), (0.7, height)))) == (0, 0)


def test_two_who_pass_in_opposite_directions_are_one_in_and_one_out() -> None:
    one, other = walk((0.3, 0.42), (0.7, 0.42), steps=30), walk((0.7, 0.6), (0.3, 0.6), steps=30)
    frames = [[*a, *b] for a, b in zip(one, other, strict=True)]
    assert passed(watch(Floor(doors=(DOOR,)), frames)) == (1, 1)


def test_a_photograph_counts_those_who_stand_in_it() -> None:
    counts = still(boxes((0.3, 0.5), (0.9, 0.9)), Floor(lanes=(LANE,), doors=(DOOR,)), SIZE)
    assert (counts.people, counts.lanes["1"], len(counts.boxes)) == (2, 1, 2)
