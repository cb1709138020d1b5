"""Lanes in full: who joins, is served, gives up or changes lanes; who came together; who wears the uniform."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.crowd import watch as simulated
from edge.adapters.uniform import Uniform
from edge.core.lane.floor import DoorLine, Floor, LaneArea, Point, ZoneArea
from edge.core.lane.people import Counts, People, PeopleSettings
from edge.core.lane.queue import Flow

SIZE = (1000, 1000)
FPS = 5.0
ONE = LaneArea(
    "1", ((0.2, 0.2), (0.4, 0.2), (0.4, 0.8), (0.2, 0.8)), ((0.2, 0.2), (0.4, 0.2), (0.4, 0.35), (0.2, 0.35))
)
TWO = LaneArea(
    "2", ((0.6, 0.2), (0.8, 0.2), (0.8, 0.8), (0.6, 0.8)), ((0.6, 0.2), (0.8, 0.2), (0.8, 0.35), (0.6, 0.35))
)
FLOOR = Floor(lanes=(ONE, TWO))

Way = list[Point | None]


def stay(where: Point, seconds: float) -> Way:
    return [where] * round(seconds * FPS)


def go(start: Point, end: Point, seconds: float) -> Way:
    steps = round(seconds * FPS)
    return [
        (start[0] + (end[0] - start[0]) * k / steps, start[1] + (end[1] - start[1]) * k / steps) for k in range(steps)
    ]


def hidden(seconds: float) -> Way:
    return [None] * round(seconds * FPS)


def watch(*ways: Way, floor: Floor = FLOOR, uniformed: Sequence[int] = ()) -> list[Counts]:
    """Each way is one person, frame by frame; after their end they are out of view."""
    people, counts = People(PeopleSettings(floor=floor)), []
    for step in range(max(map(len, ways)) + 1):
        here = [(index, way[step]) for index, way in enumerate(ways) if step < len(way)]
        seen = [(index, spot) for index, spot in here if spot is not None]
        rows = [(1000 * x - 20, 1000 * y - 100, 1000 * x + 20, 1000 * y, 0.8) for _index, (x, y) in seen]
        marks = np.array([index in uniformed for index, _spot in seen], bool)
        counts.append(
            people.frame(
                np.array(rows, np.float32).reshape(-1, 5),
                SIZE,
                round(1000 * step / FPS),
                marks if uniformed else None,
            )
        )
    return counts


def flow(counts: Sequence[Counts], lane: str = "1") -> Flow:
    return sum((frame.queues[lane].flow for frame in counts), Flow())


JOIN: Way = go((0.3, 0.95), (0.3, 0.7), 2.0)
TO_TILL: Way = [*stay((0.3, 0.7), 4), *go((0.3, 0.7), (0.3, 0.3), 3), *stay((0.3, 0.3), 8)]
LEAVE: Way = [*go((0.3, 0.3), (0.3, 0.05), 2), *stay((0.3, 0.05), 2)]


def test_who_joins_pays_and_leaves_was_served() -> None:
    counts = watch([*JOIN, *TO_TILL, *LEAVE])
    assert flow(counts) == Flow(joined=1, served=1)
    assert [frame.queues["1"].serving for frame in counts].count(1) > 5 * FPS


def test_the_one_being_served_is_told_apart_from_those_who_wait() -> None:
    counts = watch([*JOIN, *TO_TILL], [*hidden(4), *JOIN, *stay((0.3, 0.7), 14)])
    at_15_s = counts[round(15 * FPS)].queues["1"]
    assert at_15_s.people == 2
    assert at_15_s.serving == 1


def test_who_walks_away_from_the_line_gave_up() -> None:
    away = [*go((0.3, 0.7), (0.3, 0.95), 2), *stay((0.3, 0.95), 8)]
    assert flow(watch([*JOIN, *stay((0.3, 0.7), 10), *away])) == Flow(joined=1, abandoned=1)


def test_who_changes_lanes_neither_gave_up_nor_joined_anew() -> None:
    over = [*go((0.3, 0.7), (0.7, 0.7), 3), *stay((0.7, 0.7), 9)]
    counts = watch([*JOIN, *stay((0.3, 0.7), 5), *over])
    assert flow(counts, "1") == Flow(joined=1, changed_out=1)
    assert flow(counts, "2") == Flow(changed_in=1)


def test_somebody_hidden_for_ten_seconds_neither_left_nor_joined() -> None:
    counts = watch([*JOIN, *stay((0.3, 0.7), 4), *hidden(10), *stay((0.3, 0.69), 6)])
    assert flow(counts) == Flow(joined=1)
    assert counts[-2].queues["1"].people == 1


def test_somebody_who_is_never_found_again_left_nobody_knows_how() -> None:
    counts = watch([*JOIN, *stay((0.3, 0.7), 4), *hidden(40), *stay((0.9, 0.9), 1)])
    assert flow(counts) == Flow(joined=1, left=1)


def test_who_was_lost_at_the_till_was_served() -> None:
    counts = watch([*JOIN, *TO_TILL, *hidden(40), *stay((0.9, 0.9), 1)])
    assert flow(counts) == Flow(joined=1, served=1)


def test_who_only_crosses_the_place_at_the_till_was_not_served() -> None:
    across = [*go((0.05, 0.3), (0.55, 0.3), 3.5), *stay((0.55, 0.05), 9)]
    assert flow(watch(across)).served == 0


def test_a_couple_that_walks_up_together_queues_as_one() -> None:
    beside: Way = [None if spot is None else (spot[0] + 0.05, spot[1]) for spot in [*JOIN, *stay((0.3, 0.7), 5)]]
    counts = watch([*JOIN, *stay((0.3, 0.7), 5)], beside)[-3]
    assert counts.queues["1"].people == 2
    assert counts.lanes["1"] == 1


def test_two_strangers_who_come_one_after_the_other_queue_as_two() -> None:
    first = [*JOIN, *stay((0.3, 0.7), 10)]
    second = [*hidden(5), *go((0.3, 0.95), (0.3, 0.75), 2), *stay((0.3, 0.75), 5)]
    assert watch(first, second)[-3].lanes["1"] == 2


def test_a_family_that_parts_queues_as_two() -> None:
    apart = [*go((0.35, 0.7), (0.35, 0.4), 2), *stay((0.35, 0.4), 4)]
    beside: Way = [None if spot is None else (spot[0] + 0.05, spot[1]) for spot in JOIN]
    assert watch([*JOIN, *stay((0.3, 0.7), 6)], [*beside, *apart])[-3].lanes["1"] == 2


def test_who_wears_the_uniform_is_no_customer_at_lane_door_or_zone() -> None:
    floor = Floor(
        lanes=(ONE,),
        doors=(DoorLine("main", ((0.05, 0.85), (0.95, 0.85)), "left"),),
        zones=(ZoneArea("queue", ONE.polygon),),
    )
    ways = ([*JOIN, *stay((0.3, 0.7), 5)], [*hidden(3), *JOIN, *stay((0.3, 0.6), 3)])
    counts = watch(*ways, floor=floor, uniformed=[0])
    at_6_s = counts[round(6.5 * FPS)]
    assert at_6_s.lanes["1"] == 1
    assert at_6_s.people == 2
    assert sum(frame.doors["main"].entered for frame in counts) == 1


@given(st.lists(st.sampled_from(["served", "abandoned"]), min_size=1, max_size=4), st.floats(0, 5))
@settings(max_examples=25, deadline=None)
def test_everybody_who_joined_is_served_gave_up_or_is_still_there(ends: list[str], gap_s: float) -> None:
    ways: list[Way] = []
    for number, end in enumerate(ends):
        begin = hidden(number * (20 + gap_s))
        rest = [*TO_TILL, *LEAVE] if end == "served" else [*stay((0.3, 0.7), 5), *go((0.3, 0.7), (0.3, 0.97), 2)]
        ways.append([*begin, *JOIN, *rest, *stay((0.95, 0.97), 0.2)])
    counts = watch(*ways, stay((0.9, 0.6), 4 * 30 + 20))
    total = flow(counts)
    assert total.joined == len(ends)
    assert total.served == ends.count("served")
    assert total.served + total.abandoned + total.left == total.joined
    assert counts[-1].queues["1"].people == 0


def test_dwell_is_how_long_visits_lasted_and_people_are_not_told_apart() -> None:
    people = People(PeopleSettings(floor=Floor(zones=(ZoneArea("wine", ONE.polygon),))))
    visit = [*JOIN, *stay((0.3, 0.7), 20), *go((0.3, 0.7), (0.3, 0.97), 2), *stay((0.3, 0.97), 3)]
    for step, spot in enumerate(visit):
        x, y = spot or (0, 0)
        box = np.array([(1000 * x - 20, 1000 * y - 100, 1000 * x + 20, 1000 * y, 0.8)], np.float32)
        people.frame(box, SIZE, round(1000 * step / FPS))
    wine = people.zones()["wine"]
    assert (wine.entered, wine.visits, wine.people_max) == (1, 1, 1)
    assert abs(wine.dwell_s - 22) < 2
    assert abs(wine.person_s - wine.dwell_s) < 1
    assert people.zones()["wine"].entered == 0


def test_the_heat_map_sums_person_seconds_where_feet_stood_and_leaves_staff_out() -> None:
    staff = ((0.6, 0.6), (0.9, 0.6), (0.9, 0.9), (0.6, 0.9))
    people = People(PeopleSettings(floor=Floor(staff=(staff,))))
    for step in range(101):
        rows = [(1000 * x - 20, 1000 * y - 100, 1000 * x + 20, 1000 * y, 0.8) for x, y in ((0.3, 0.5), (0.7, 0.7))]
        people.frame(np.array(rows, np.float32), SIZE, step * 200)
    heat = people.heat()
    assert abs(heat.cells.sum() - 20) < 1
    row, column = np.unravel_index(int(heat.cells.argmax()), heat.cells.shape)
    assert column == int(0.3 * heat.cells.shape[1])
    assert abs(row - 0.5 * heat.cells.shape[0]) <= 1
    assert abs(heat.watched_s - 20) < 0.5


def test_a_uniform_is_told_by_its_colour_in_dim_light_too() -> None:
    picture = np.full((200, 300, 3), 120, np.uint8)
    for left, colour in ((20, (40, 120, 20)), (120, (30, 80, 14)), (220, (30, 30, 160))):
        picture[20:180, left : left + 50] = colour
    people = np.array([(left, 20, left + 50, 180, 0.9) for left in (20, 120, 220)], np.float32)
    assert Uniform("#147828").worn(picture, people).tolist() == [True, True, False]
    assert Uniform("#147828").worn(picture, people[:0]).tolist() == []


def test_a_line_of_strangers_that_moves_up_again_and_again_stays_as_many_parties() -> None:
    places = [(0.3, 0.3 + 0.07 * place) for place in range(7)]

    def moves_up(start: int) -> Way:
        way = stay(places[start], 8)
        for place in range(start, start - 3, -1):
            way += [*go(places[place], places[place - 1], 0.8), *stay(places[place - 1], 7)]
        return way

    counts = watch(*[moves_up(start) for start in (3, 4, 5, 6)])
    assert counts[-2].queues["1"].people == 4
    assert counts[-2].lanes["1"] == 4


def crowd() -> dict[str, tuple[float, float]]:
    """A quarter of an hour of the benchmark's crowd: what was counted, and what is true."""
    rows = list(simulated(7, hours=0.25, noise=1.0, fps=2.0))
    return {str(row["what"]): (float(row["counted"]), float(row["true"])) for row in rows}  # type: ignore[arg-type]


def test_in_a_crowd_that_hides_itself_nearly_everybody_is_counted_once() -> None:
    found = crowd()
    for what in ("joined", "served", "in", "out"):
        counted, true = found[what]
        assert abs(counted - true) <= max(3, 0.25 * true), found
    assert found["lane error"][0] < 0.6
    kept, hid = found["number kept"]
    assert kept > 0.25 * hid
