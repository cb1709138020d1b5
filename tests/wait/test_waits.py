"""What the waits do with what is seen and heard."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.wait.advice import LaneNow, advise
from edge.core.wait.waits import LaneSetup, Waits


def store(*, pos: bool = False, lanes: int = 2, mean: float = 80.0) -> Waits:
    waits = Waits()
    setups = [LaneSetup(str(i + 1)) for i in range(lanes)]
    waits.hello(0.0, [*setups, LaneSetup("sco", "sco", 4)], pos=pos, mean_service={"staffed": mean, "sco": 160.0})
    return waits


def watch(waits: Waits, lane: str, people: int, begin: int, end: int) -> None:
    for second in range(begin, end):
        waits.count(float(second), lane, people)


def serve(waits: Waits, services: int, seconds: float, begin: float = 0.0) -> float:
    """A lane of four in which each service takes `seconds`; gives the time after it."""
    t = begin
    for _ in range(services):
        waits.txn(t, "1", "start")
        watch(waits, "1", 4, int(t) + 1, int(t + seconds))
        waits.txn(t + seconds, "1", "end")
        t += seconds
    return t


def test_more_people_are_a_longer_wait() -> None:
    waits = store()
    watch(waits, "1", 2, 1, 60)
    watch(waits, "2", 5, 60, 120)
    assert waits.ask(120.0, "1").mean < waits.ask(120.0, "2").mean


def test_an_empty_lane_has_no_wait() -> None:
    waits = store()
    watch(waits, "1", 0, 1, 60)
    assert waits.ask(60.0, "1").mean < 5.0


def test_a_flicker_of_a_second_does_not_move_the_wait_much() -> None:
    waits = store()
    watch(waits, "1", 4, 1, 120)
    before = waits.ask(120.0, "1").mean
    waits.count(121.0, "1", 3)
    waits.count(122.0, "1", 4)
    assert abs(waits.ask(122.0, "1").mean - before) < 0.15 * before


def test_a_drop_that_lasts_is_a_departure() -> None:
    waits = store()
    watch(waits, "1", 4, 1, 120)
    watch(waits, "1", 3, 120, 150)
    assert waits.lanes["1"].belief.mean < 3.3


def test_without_counts_the_belief_widens() -> None:
    waits = store()
    watch(waits, "1", 4, 1, 60)

    def spread() -> float:
        belief = waits.lanes["1"].belief
        return float(belief.p @ belief.n**2) - belief.mean**2

    before = spread()
    waits.ask(120.0, "1")
    later = spread()
    waits.ask(180.0, "1")
    assert before < later < spread()


def test_a_slow_cashier_is_found_by_the_till() -> None:
    waits = store(pos=True)
    serve(waits, 12, 160.0)
    assert waits.lanes["1"].pace.mean > 115.0
    assert waits.lanes["2"].pace.factor == 1.0


def test_a_lane_that_opens_forgets_the_last_cashier() -> None:
    waits = store(pos=True)
    t = serve(waits, 12, 160.0)
    slow = waits.lanes["1"].pace.factor
    waits.lane(t, "1", is_open=False)
    waits.lane(t + 60.0, "1", is_open=True)
    assert waits.lanes["1"].pace.factor == 1.0 != slow


def test_a_service_beyond_the_98th_percentile_is_a_stop_and_is_not_recommended() -> None:
    waits = store(pos=True)
    waits.txn(0.0, "1", "start")
    watch(waits, "1", 1, 1, 500)
    for second in range(440, 500):
        waits.count(500.0 + second / 1000.0, "2", 5)
    assert waits.lanes["1"].stopped
    assert waits.recommend(501.0, ["1", "2"]) == "2"


def test_a_till_end_takes_one_from_the_queue_before_the_camera_sees_it() -> None:
    waits = store(pos=True)
    waits.txn(0.0, "1", "start")
    watch(waits, "1", 4, 1, 80)
    waits.txn(80.0, "1", "end")
    assert 2.7 < waits.lanes["1"].belief.mean < 3.3


def test_a_lane_whose_till_is_never_heard_infers_its_departures_from_the_camera() -> None:
    waits = store(pos=True)
    for service in range(6):
        watch(waits, "1", 6 - service, 1 + 80 * service, 1 + 80 * (service + 1))
    assert 4.0 < waits.lanes["1"].departures < 6.0


def test_two_ends_in_the_same_second_are_two_departures() -> None:
    waits = store(pos=True)
    for server in (0, 1):
        waits.txn(1.0, "sco", "start", server=server)
    for second in range(2, 100):
        waits.count(float(second), "sco", 6, 4)
    waits.txn(100.0, "sco", "end", server=0)
    waits.txn(100.0, "sco", "end", server=1)
    assert round(waits.lanes["sco"].departures, 3) == 2.0


def test_a_bank_with_a_free_kiosk_has_no_wait_and_a_full_one_has() -> None:
    waits = store()
    for second in range(1, 60):
        waits.count(float(second), "sco", 3, 3)
    assert waits.ask(60.0, "sco").mean < 5.0
    for second in range(60, 240):
        waits.count(float(second), "sco", 8, 4)
    assert waits.ask(240.0, "sco").mean > 60.0


def test_a_closed_lane_is_not_recommended_but_its_wait_is_told() -> None:
    waits = store()
    watch(waits, "1", 1, 1, 60)
    watch(waits, "2", 4, 60, 120)
    waits.lane(120.0, "1", is_open=False)
    assert waits.recommend(120.0, ["1", "2"]) == "2"
    assert waits.ask(120.0, "1").mean >= 0.0


def test_long_queues_ask_for_a_lane_and_empty_ones_give_one_back() -> None:
    idle = [LaneNow("3", is_open=False, servers=1, people=0.0, mean_service=80.0)]
    full = [LaneNow(name, is_open=True, servers=1, people=6.0, mean_service=80.0) for name in "12"]
    assert advise(full, idle, load=2.2).open == ("3",)
    empty = [LaneNow(name, is_open=True, servers=1, people=0.2, mean_service=80.0) for name in "12"]
    assert len(advise(empty, idle, load=0.4).close) == 1


def test_the_last_lane_is_never_closed_and_nothing_to_open_is_no_error() -> None:
    alone = [LaneNow("1", is_open=True, servers=1, people=0.0, mean_service=80.0)]
    assert advise(alone, [], load=0.0).close == ()
    assert (
        advise([LaneNow("1", is_open=True, servers=1, people=9.0, mean_service=80.0, stopped=True)], [], 1.0).open
        == ()
    )
    assert advise([], [], 0.0).open == ()


LANES = st.sampled_from(["1", "2", "sco", "new"])
LINES = st.one_of(
    st.tuples(st.just("count"), LANES, st.integers(0, 60), st.none() | st.integers(0, 9)),
    st.tuples(st.just("txn"), LANES, st.sampled_from(["start", "end"]), st.none() | st.integers(0, 80)),
    st.tuples(st.just("lane"), LANES, st.booleans(), st.none()),
    st.tuples(st.just("advise"), LANES, st.none(), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(st.booleans(), st.lists(st.tuples(st.floats(-5.0, 200.0), LINES), max_size=40))
def test_whatever_comes_in_whatever_order_answers_are_finite_and_the_bound_is_above_the_point(
    pos: bool, lines: list[tuple[float, tuple[str, str, object, object]]]
) -> None:
    waits = store(pos=pos)
    t = 0.0
    for step, (kind, lane, value, more) in lines:
        t += step
        if kind == "count":
            assert isinstance(value, int)
            waits.count(t, lane, value, more if isinstance(more, int) else None)
        elif kind == "txn":
            waits.txn(t, lane, str(value), items=more if isinstance(more, int) else None)
        elif kind == "lane":
            waits.lane(t, lane, is_open=bool(value))
        else:
            waits.advise(t, [lane], ["2"])
        wait = waits.ask(t, lane)
        assert math.isfinite(wait.mean)
        assert math.isfinite(wait.p90)
        assert 0.0 <= wait.mean <= wait.p90
        assert waits.recommend(t, ["1", "2"]) in {"1", "2"}
