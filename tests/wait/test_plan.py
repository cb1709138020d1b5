"""How many lanes are cheapest, and why."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.wait.advice import LaneNow, advise
from edge.core.wait.plan import Queue, lanes_for_load, lanes_to_have


def lane(name: str, people: float = 0.0, *, is_open: bool = True, stopped: bool = False) -> LaneNow:
    return LaneNow(name, is_open=is_open, servers=1, people=people, mean_service=80.0, stopped=stopped)


def queue(people: float, at_work: int, **more: float) -> Queue:
    """So many people spread evenly over the lanes at work."""
    busy = min(people, float(at_work))
    waiting = people - busy
    return Queue(people, at_work, waiting, waiting / at_work, at_work - busy, **more)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(1, 6), st.integers(0, 60))
def test_more_people_never_ask_for_fewer_lanes(people: int, at_work: int, load: int) -> None:
    fewer = lanes_to_have(queue(people, at_work), load / 10.0, 80.0, 6)
    more = lanes_to_have(queue(people + 2, at_work), load / 10.0, 80.0, 6)
    assert 1 <= fewer <= more <= 6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(1, 6), st.integers(0, 50), st.floats(40.0, 140.0))
def test_more_who_come_never_ask_for_fewer_lanes(people: int, at_work: int, load: int, service: float) -> None:
    fewer = lanes_to_have(queue(people, at_work), load / 10.0, service, 6)
    assert fewer <= lanes_to_have(queue(people, at_work), load / 10.0 + 1.0, service, 6)


def test_a_lane_is_not_opened_and_closed_again_for_one_person_more_or_less() -> None:
    opens_at = next(n for n in range(40) if lanes_to_have(queue(n, 2), 1.5, 80.0, 6) > 2)
    assert lanes_to_have(queue(opens_at - 1, 3), 1.5, 80.0, 6) == 3


def test_one_customer_in_service_opens_no_second_lane_and_an_empty_one_closes() -> None:
    assert lanes_to_have(queue(1, 1), 0.5, 86.0, 6) == 1
    assert lanes_to_have(queue(1, 3), 0.8, 86.0, 6) == 2
    assert lanes_to_have(queue(1, 3, opening=1), 0.8, 86.0, 6) == 3, "not while somebody walks to another"


def test_a_long_line_at_one_lane_or_at_the_kiosks_opens_sooner_than_short_ones_everywhere() -> None:
    def opens(**seen: float) -> bool:
        spread = Queue(people=8.0, at_work=4, waiting=4.0, longest=1.0, idle=0.0)
        return lanes_to_have(replace(spread, **seen), 3.6, 86.0, 8) > 4  # type: ignore[arg-type]

    assert (opens(), opens(longest=4.0), opens(at_kiosks=8.0)) == (False, True, True)


def test_as_many_lanes_are_needed_ahead_as_the_load_keeps_busy_and_at_most_two_above() -> None:
    needed = [lanes_for_load(load / 10.0, 9) for load in range(80)]
    assert needed == sorted(needed)
    assert all(load / 10.0 <= lanes <= load / 10.0 + 2.5 for load, lanes in enumerate(needed[3:], start=3))
    assert (needed[0], needed[7], needed[10], lanes_for_load(12.0, 9), lanes_for_load(0.5, 0)) == (1, 1, 2, 9, 1)


def test_the_reason_says_why_with_figures() -> None:
    grown = advise([lane("1", 6.0), lane("2", 6.0)], [lane("3", is_open=False)], load=2.2)
    assert grown.reason.code == "queues_grow"
    assert grown.reason.people == 12.0
    assert grown.reason.lanes_now == 2 < grown.reason.lanes_needed
    assert advise([lane("1", 9.0)], [], load=3.0).reason.code == "nothing_to_open"
    assert advise([lane("1"), lane("2")], [], load=0.2).reason.code == "lanes_idle"
    assert advise([lane("1", 1.0)], [lane("2", is_open=False)], load=0.4).reason.code == "enough"
    assert advise([], [], load=0.0).reason.code == "no_lanes"


def test_a_stopped_lane_is_replaced_and_never_the_only_one_left() -> None:
    advice = advise([lane("1", 5.0, stopped=True)], [lane("2", is_open=False)], load=1.0)
    assert advice.open == ("2",)
