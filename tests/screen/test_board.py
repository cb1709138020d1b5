"""The board believes a lane's newest sample, and not a moment longer than it may."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from edge.screen.board import Board
from edge.screen.picture import believed, lane_picture, wait_minutes
from models.messages.samples import LANE_BELIEVED_MS, LaneSample, LaneState
from models.process.clock import ManualClock


def sample(
    clock: ManualClock, lane: str = "1", *, people: int | None = 2, at_ms: int = 0, **more: float
) -> LaneSample:
    t_ms = clock.now_ms() + at_ms
    return LaneSample(
        lane=lane, t_ms=t_ms, believed_until_ms=t_ms + LANE_BELIEVED_MS, state="open", people=people,
        wait_low_s=more.get("low", 60.0), wait_high_s=more.get("high", 200.0),
    )  # fmt: skip


def test_a_lane_is_shown_until_it_may_not_be_believed_any_more() -> None:
    clock = ManualClock()
    board = Board(clock)
    board.put(sample(clock))
    clock.advance(14.9)
    assert lane_picture(board.lanes()[0]).people == 2
    clock.advance(0.2)
    shown = lane_picture(board.lanes()[0])
    assert (shown.state, shown.people, shown.low_min, shown.high_min) == ("unknown", None, None, None)
    assert believed(board.lanes()) == ()


def test_a_clock_that_is_set_back_does_not_keep_an_old_number_alive() -> None:
    clock = ManualClock()
    board = Board(clock)
    board.put(sample(clock))
    clock.advance(20)
    clock._now_ms -= 3_600_000
    assert lane_picture(board.lanes()[0]).state == "unknown"
    board.put(sample(clock, people=5))
    assert lane_picture(board.lanes()[0]).people == 5


def test_a_sample_that_arrives_late_does_not_replace_a_newer_one() -> None:
    clock = ManualClock()
    board = Board(clock)
    board.put(sample(clock, people=4))
    board.put(sample(clock, people=1, at_ms=-3000))
    assert lane_picture(board.lanes()[0]).people == 4


def test_a_lane_that_was_never_heard_is_there_and_says_so() -> None:
    clock = ManualClock()
    board = Board(clock, lanes=("sco", "1"))
    for lane in ("10", "2", "1"):
        board.put(sample(clock, lane))
    assert [now.lane for now in board.lanes()] == ["sco", "1", "2", "10"]
    assert lane_picture(board.lanes()[0]).state == "unknown"


def test_who_watches_is_told_of_a_change_from_another_thread() -> None:
    clock = ManualClock()
    board = Board(clock)

    async def watch() -> None:
        with board.watching() as changed:
            assert board.watchers == 1
            await asyncio.to_thread(board.put, sample(clock))
            await asyncio.wait_for(changed.wait(), 5)
        assert board.watchers == 0

    asyncio.run(watch())


@given(low=st.floats(0, 7000), width=st.floats(0, 3000))
def test_the_minutes_shown_contain_the_whole_range_up_to_an_hour(low: float, width: float) -> None:
    minutes = wait_minutes(sample(ManualClock(), low=low, high=low + width))
    assert minutes is not None
    assert minutes[0] * 60 <= low
    assert minutes[1] == 60 or minutes[1] * 60 >= low + width
    assert minutes[0] <= minutes[1] <= 60


def test_waits_are_said_as_a_shopper_would() -> None:
    clock = ManualClock()
    assert wait_minutes(sample(clock, low=125, high=230)) == (2, 4)
    assert wait_minutes(sample(clock, low=5, high=50)) == (0, 1)
    assert wait_minutes(sample(clock, low=640, high=1100)) == (10, 20)
    assert wait_minutes(sample(clock, people=0)) == (0, 0)


def test_a_lane_that_is_not_open_has_no_wait() -> None:
    states: list[LaneState] = ["closed", "opening", "stopped", "unknown"]
    for state in states:
        assert wait_minutes(LaneSample(lane="1", t_ms=1, believed_until_ms=2, state=state, wait_s=60.0)) is None
