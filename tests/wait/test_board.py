"""The live side: samples and minutes of lanes."""

from edge.core.wait.board import LaneBoard
from edge.core.wait.waits import LaneSetup

BEGIN_MS = 1_700_000_000_000


def board_with(people: int, *, seconds: int = 60, pos: bool = False) -> LaneBoard:
    board = LaneBoard([LaneSetup("1"), LaneSetup("2")], pos=pos, mean_service={"staffed": 80.0})
    for second in range(seconds):
        board.count("1", people, BEGIN_MS + second * 1000)
        board.count("2", 0, BEGIN_MS + second * 1000)
    return board


def test_a_counted_lane_says_people_and_a_wait_with_its_range() -> None:
    sample = board_with(4).sample("1", BEGIN_MS + 59_000)
    assert sample.state == "open"
    assert sample.people == 4
    assert sample.wait_s is not None
    assert sample.wait_low_s is not None
    assert sample.wait_high_s is not None
    assert sample.wait_low_s < sample.wait_s < sample.wait_high_s
    assert 150 < sample.wait_s < 350


def test_a_sample_is_believed_for_fifteen_seconds_after_the_last_count() -> None:
    sample = board_with(4).sample("1", BEGIN_MS + 64_000)
    assert sample.believed_until_ms == BEGIN_MS + 59_000 + 15_000


def test_a_lane_without_counts_for_fifteen_seconds_is_unknown_and_names_no_number() -> None:
    sample = board_with(4).sample("1", BEGIN_MS + 75_000)
    assert sample.state == "unknown"
    assert sample.people is None
    assert sample.wait_s is None


def test_a_lane_that_was_never_heard_of_is_unknown() -> None:
    assert LaneBoard([LaneSetup("1")]).sample("9", BEGIN_MS).state == "unknown"


def test_a_closed_lane_says_so() -> None:
    board = board_with(0)
    board.closed("1", BEGIN_MS + 60_000)
    assert board.sample("1", BEGIN_MS + 60_000).state == "closed"


def test_the_empty_lane_is_recommended() -> None:
    assert board_with(4).recommended(BEGIN_MS + 59_000) == "2"


def test_a_minute_says_people_seconds_open_and_the_wait() -> None:
    board = board_with(3, seconds=61)
    minute = board.minute("1", BEGIN_MS + 60_000)
    assert minute.people_mean == 3.0
    assert minute.people_max == 3
    assert minute.open_s == 60.0
    assert minute.wait_s is not None
    assert board.minute("1", BEGIN_MS + 120_000).people_mean == 0.0


def test_those_whom_the_till_saw_off_are_served_in_their_minute() -> None:
    board = board_with(3, pos=True)
    board.started("1", BEGIN_MS + 60_000)
    board.ended("1", BEGIN_MS + 110_000, items=12)
    assert board.minute("1", BEGIN_MS + 120_000).served == 1
    assert board.minute("1", BEGIN_MS + 180_000).served == 0


def test_a_minute_says_what_people_waited_and_what_they_had_been_told() -> None:
    """Each is served for a minute by a till, and one comes for each who goes: who comes waits as they were told."""
    board = LaneBoard([LaneSetup("1")], pos=True, mean_service={"staffed": 60.0})
    minutes = []
    for second in range(40 * 60):
        now = BEGIN_MS + second * 1000
        if second % 60 == 0:
            board.started("1", now)
        board.count("1", 4 if 20 <= second % 60 < 57 else 3, now)
        if second % 60 == 57:
            board.ended("1", now)
        if second % 60 == 59:
            minutes.append(board.minute("1", now))
    late = [minute for minute in minutes[20:] if minute.waited_s is not None]
    assert len(late) > 10
    for minute in late:
        assert minute.waited_s is not None
        assert minute.foretold_s is not None
        assert 100 < minute.waited_s < 250
        assert abs(minute.foretold_s - minute.waited_s) < 60


def test_who_comes_to_an_empty_lane_waited_nothing() -> None:
    board = LaneBoard([LaneSetup("1")])
    for second in range(120):
        board.count("1", 0, BEGIN_MS + second * 1000)
    minute = board.minute("1", BEGIN_MS + 120_000)
    assert minute.waited_s == 0.0
    assert minute.foretold_s is not None
    assert minute.foretold_s < 5.0


def test_a_bank_says_how_many_of_its_kiosks_serve_nobody_on() -> None:
    board = LaneBoard([LaneSetup("sco", "sco", 3)], pos=True, mean_service={"sco": 60.0})
    board.started("sco", BEGIN_MS, server=0)
    for second in range(0, 1200, 2):
        now = BEGIN_MS + second * 1000
        for server in (1, 2):
            if second % 60 == 4 * server:
                board.started("sco", now, server=server)
            if second % 60 == 4 * server + 44:
                board.ended("sco", now, server=server)
        board.count("sco", 4, now, busy=3)
    sample = board.sample("sco", BEGIN_MS + 1_200_000)
    assert (sample.state, sample.servers, sample.servers_stopped) == ("open", 3, 1)
    assert board_with(2).sample("1", BEGIN_MS + 59_000).servers is None
