"""How many lanes are cheapest, and why."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.wait.advice import LaneNow, advise
from edge.core.wait.plan import lanes_to_have


def lane(name: str, people: float = 0.0, *, is_open: bool = True, stopped: bool = False) -> LaneNow:
    return LaneNow(name, is_open=is_open, servers=1, people=people, mean_service=80.0, stopped=stopped)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(1, 6), st.integers(0, 60))
def test_more_people_never_ask_for_fewer_lanes(people: int, at_work: int, load: int) -> None:
    fewer = lanes_to_have(people, at_work, load / 10.0, 80.0, 6)
    more = lanes_to_have(people + 2, at_work, load / 10.0, 80.0, 6)
    assert 1 <= fewer <= more <= 6


def test_a_lane_is_not_opened_and_closed_again_for_one_person_more_or_less() -> None:
    opens_at = next(n for n in range(40) if lanes_to_have(n, 2, 1.5, 80.0, 6) > 2)
    assert lanes_to_have(opens_at - 1, 3, 1.5, 80.0, 6) == 3


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
