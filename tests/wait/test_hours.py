"""Lanes that keep hours: nobody is sent to one that would close before they are served."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.compose import lane_boards
from edge.core.wait.board import LaneBoard
from edge.core.wait.hours import DAY_MIN, Hours, Timetable
from edge.core.wait.waits import LaneSetup
from edge.settings import EdgeSettings
from models.messages.samples import LaneState

NOON_MS = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000 + 12 * 3_600_000
EIGHT_TO_EIGHT = Hours(8 * 60, 20 * 60)


def board(*, pos: bool = False, closes: int = 20 * 60) -> LaneBoard:
    setups = [LaneSetup("1"), LaneSetup("2")]
    return LaneBoard(setups, pos=pos, mean_service={"staffed": 60.0}, hours={"1": Hours(8 * 60, closes)})


def state(on: LaneBoard, clock: str, people: int = 0) -> LaneState:
    """What lane 1 says at a time of that day, some minutes after it was last looked at."""
    hours, minutes = map(int, clock.split(":"))
    begin = NOON_MS + ((hours - 12) * 60 + minutes) * 60_000
    for second in range(30):
        on.count("1", people, begin - (29 - second) * 1000)
        on.count("2", 9, begin - (29 - second) * 1000)
    return on.samples(begin)[0].state


def test_a_lane_closes_for_those_who_come_when_they_would_not_be_served_any_more() -> None:
    short, long = board(), board()
    assert (state(short, "19:40", 1), state(long, "19:40", 8)) == ("open", "open")
    assert (state(short, "19:50", 1), state(long, "19:50", 8)) == ("open", "closing")
    assert long.recommended(NOON_MS + 470 * 60_000) != "1"
    assert state(long, "19:52", 1) == "closing", "it does not begin again when its queue grows shorter"
    assert state(long, "20:10", 1) == "closing", "whoever stands there is served"
    assert (state(short, "20:01"), state(long, "20:12")) == ("closed", "closed")


def test_hours_open_a_lane_without_a_till_and_leave_the_others_to_theirs() -> None:
    without, with_till = board(), board(pos=True)
    for on in (without, with_till):
        assert state(on, "07:00") == "closed"
    assert (state(without, "08:00"), state(with_till, "08:00")) == ("open", "closed")
    with_till.opened("1", NOON_MS - 4 * 3_600_000 + 60_000)
    assert state(with_till, "08:05") == "open"


def test_whoever_keeps_a_lane_open_longer_is_right_until_its_next_day() -> None:
    on = board()
    assert state(on, "19:40", 8) == "open"
    assert state(on, "19:55", 8) == "closing"
    on.said("1", "opened", NOON_MS + 476 * 60_000, NOON_MS + 476 * 60_000)
    assert state(on, "20:05", 2) == "open"
    on.said("1", "closing", NOON_MS + 486 * 60_000, NOON_MS + 600 * 60_000)
    assert state(on, "20:15") == "closed"


@given(st.integers(0, DAY_MIN - 1), st.integers(1, DAY_MIN - 1), st.floats(0, 1800))
def test_a_day_by_the_hours_opens_once_and_closes_once_whenever_it_begins(
    opens: int, length: int, needs_s: float
) -> None:
    timetable = Timetable(Hours(opens, (opens + length) % DAY_MIN))
    said = [timetable.says(minute % DAY_MIN, lambda: needs_s, has_till=False) for minute in range(3 * DAY_MIN)][
        DAY_MIN:
    ]
    assert (said.count("opens"), said.count("closes")) in {(2, 2), (0, 0)}
    assert said.count("opens") == 2 or length * 60 <= needs_s


def test_settings_name_both_hours_or_neither_and_mean_the_stores_clock(tmp_path: Path) -> None:
    lane = {"id": "1", "opens": "08:00", "closes": "20:00"}
    node = {"store": "s", "node": "n", "data_dir": tmp_path, "mqtt": {"hosts": ["broker"]}}
    settings = EdgeSettings.model_validate({**node, "time_zone": "Asia/Shanghai", "lane": [lane]})
    on = lane_boards(settings)[0]
    on.count("1", 0, NOON_MS)
    assert on.samples(NOON_MS)[0].state == "closed", "it is eight in the evening there"
    for wrong in ({"id": "1", "opens": "08:00"}, {**lane, "closes": "08:00"}):
        with pytest.raises(ValueError, match="lane 1"):
            EdgeSettings.model_validate({**node, "lane": [wrong]})
