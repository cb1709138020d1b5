"""What a node advises about its lanes, and lanes that open soon because somebody is on the way."""

from collections.abc import Callable

from edge.adapters.other_doors import OtherDoors
from edge.core.wait.board import LaneBoard
from edge.core.wait.counsel import BELIEVED_MS, EVERY_MS, Counsel
from edge.core.wait.outlook import Outlook
from edge.core.wait.waits import LaneSetup
from models.messages.codec import encode
from models.messages.samples import AdviceSample, DoorSample

BEGIN_MS = 1_700_000_000_000
MINUTE_MS = 60_000


def counsel() -> Counsel:
    return Counsel("pi-1", Outlook(lambda t_ms: t_ms // MINUTE_MS // 15 % 672))


def hours_of(people: Callable[[int], int], minutes: int = 20) -> tuple[Counsel, LaneBoard, AdviceSample | None]:
    """Two lanes of which one is open; `people(second)` stand there."""
    lanes = [LaneSetup("1"), LaneSetup("2", open=False), LaneSetup("3", open=False)]
    board, told, said = LaneBoard(lanes, mean_service={"staffed": 60.0}), counsel(), None
    for second in range(minutes * 60):
        board.count("1", people(second), BEGIN_MS + second * 1000)
        said = told.advise([board], BEGIN_MS + second * 1000)
    return told, board, said


def test_a_queue_that_grows_asks_for_lanes_now_with_the_people_who_stand_there() -> None:
    _told, _board, said = hours_of(lambda second: 2 + second // 120)
    assert said is not None
    assert said.lanes_open == 1
    now, soon, later = said.outlooks
    assert (now.minutes, soon.minutes, later.minutes) == (0, 15, 30)
    assert now.needed >= 2
    assert now.reason == "queue"
    assert now.amount is not None
    assert now.amount > 8
    assert set(said.open) <= {"2", "3"}
    assert said.open
    assert said.believed_until_ms - said.t_ms == BELIEVED_MS


def test_an_idle_lane_needs_nothing_more_and_says_how_calm_it_is() -> None:
    _told, _board, said = hours_of(lambda second: int(second % 300 < 60))
    assert said is not None
    assert (said.open, said.close) == ((), ())
    assert [outlook.needed for outlook in said.outlooks] == [1, 1, 1]


def test_advice_is_looked_at_anew_every_quarter_of_a_minute_and_not_in_between() -> None:
    told, board, said = hours_of(lambda _second: 3, minutes=2)
    assert said is not None
    again = told.advise([board], said.t_ms + EVERY_MS - 1)
    assert again is said
    assert told.advise([board], said.t_ms + EVERY_MS) is not said


def test_a_store_of_kiosks_alone_is_advised_nothing() -> None:
    board = LaneBoard([LaneSetup("sco", "sco", 4)])
    board.count("sco", 5, BEGIN_MS)
    assert counsel().advise([board], BEGIN_MS) is None


def test_a_closed_lane_to_which_somebody_walks_opens_soon_until_it_opens_or_nobody_came() -> None:
    board = LaneBoard([LaneSetup("1", open=False)])
    board.said("1", "opening", BEGIN_MS, BEGIN_MS + 300_000)
    sample = board.samples(BEGIN_MS + 1000)[0]
    assert (sample.state, sample.people, sample.wait_s) == ("opening", None, None)
    assert board.samples(BEGIN_MS + 300_001)[0].state == "closed"
    board.said("1", "opening", BEGIN_MS, BEGIN_MS + 900_000)
    board.opened("1", BEGIN_MS + 310_000)
    board.count("1", 0, BEGIN_MS + 311_000)
    assert board.samples(BEGIN_MS + 311_000)[0].state == "open"
    board.closed("1", BEGIN_MS + 320_000)
    assert board.samples(BEGIN_MS + 340_000)[0].state == "closed", "it has opened: that was it"


def test_a_lane_to_which_somebody_is_on_the_way_is_not_asked_for_again() -> None:
    lanes = [LaneSetup("1"), LaneSetup("2", open=False), LaneSetup("3", open=False)]
    board = LaneBoard(lanes, mean_service={"staffed": 60.0})
    for second in range(240):
        board.count("1", 2 + second // 60, BEGIN_MS + second * 1000)
    asked = board.advise(BEGIN_MS + 240_000).open
    assert asked
    for lane in asked:
        board.said(lane, "opening", BEGIN_MS + 241_000, BEGIN_MS + 500_000)
    board.count("1", 6, BEGIN_MS + 255_000)
    assert not set(board.advise(BEGIN_MS + 255_000).open) & set(asked)


def test_who_comes_in_by_another_nodes_door_is_told_once_and_own_doors_are_not() -> None:
    came: list[int] = []
    doors = OtherDoors(["main"], came.append)

    def take(door: str, entered: int) -> None:
        sample = DoorSample(door=door, t_ms=1, believed_until_ms=2, entered=entered, left=0)
        doors.take("", encode(sample))

    for entered in (40, 42, 42, 45, 2):
        take("side", entered)
        take("main", entered)
    doors.take("", b"{")
    assert came == [2, 3, 2], "the first says nothing of when they came, the last begins a new day"
