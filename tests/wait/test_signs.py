"""A lane that is about to close: who comes is sent elsewhere, who stands there is served and told how long."""

from edge.core.floor import Floor
from edge.core.wait.board import LaneBoard
from edge.core.wait.recommend import recommend
from edge.core.wait.waits import LaneSetup
from models.messages.samples import LaneSample

BEGIN_MS = 1_700_000_000_000
FAR_MS = BEGIN_MS + 1_800_000


def counted(board: LaneBoard, people: int, seconds: range, lane: str = "1") -> LaneSample:
    for second in seconds:
        board.count(lane, people, BEGIN_MS + second * 1000)
    samples = board.samples(BEGIN_MS + seconds[-1] * 1000)
    return next(sample for sample in samples if sample.lane == lane)


def two_lanes() -> LaneBoard:
    board = LaneBoard([LaneSetup("1"), LaneSetup("2")])
    counted(board, 9, range(60), "2")
    counted(board, 2, range(60))
    return board


def test_a_lane_that_somebody_says_closes_is_not_recommended_and_still_tells_its_queue_how_long() -> None:
    board = two_lanes()
    assert board.recommended(BEGIN_MS + 60_000) == "1"
    board.said("1", "closing", BEGIN_MS + 60_000, FAR_MS)
    sample = counted(board, 2, range(60, 62))
    assert (sample.state, sample.people) == ("closing", 2)
    assert sample.wait_high_s is not None
    assert board.recommended(BEGIN_MS + 61_000) == "2", "the longer queue, though this lane had the sign"
    assert recommend([sample], BEGIN_MS + 61_000, previous="1") is None
    assert board.advise(BEGIN_MS + 61_000).close == ()


def test_a_lane_that_closes_is_closed_once_its_queue_is_served_and_stays_so_for_those_who_pass() -> None:
    board = two_lanes()
    board.said("1", "closing", BEGIN_MS + 60_000, FAR_MS)
    assert counted(board, 0, range(60, 120)).state == "closed"
    assert counted(board, 1, range(120, 200)).state == "closed"
    assert board.samples(BEGIN_MS + 300_000)[0].state == "closed", "and nobody has to count it for that"


def test_a_till_that_closes_with_a_queue_says_closing_for_as_long_as_that_takes() -> None:
    board = two_lanes()
    board.closed("1", BEGIN_MS + 60_000)
    assert counted(board, 2, range(60, 7200, 60)).state == "closing", "a till's word does not grow old"
    assert board.recommended(BEGIN_MS + 7_140_000) is None, "the other lane has not been counted for hours"
    board.opened("1", BEGIN_MS + 7_200_000)
    assert counted(board, 0, range(7200, 7230)).state == "open"


def test_it_stays_open_after_all_when_somebody_says_so_or_the_queue_never_ends() -> None:
    board = two_lanes()
    board.said("1", "closing", BEGIN_MS + 60_000, FAR_MS)
    assert counted(board, 2, range(60, 62)).state == "closing"
    board.said("1", "opened", BEGIN_MS + 62_000, BEGIN_MS + 62_000)
    assert counted(board, 2, range(62, 64)).state == "open"
    board.said("1", "closing", BEGIN_MS + 64_000, BEGIN_MS + 600_000)
    assert counted(board, 2, range(64, 599, 5)).state == "closing"
    assert counted(board, 2, range(599, 602)).state in {"open", "stopped"}


def test_a_lane_without_a_till_opens_with_the_first_who_stands_there_once_somebody_is_on_the_way() -> None:
    board = two_lanes()
    board.said("1", "closing", BEGIN_MS + 60_000, FAR_MS)
    counted(board, 0, range(60, 120))
    assert counted(board, 1, range(120, 122)).state == "closed"
    board.said("1", "opening", BEGIN_MS + 122_000, BEGIN_MS + 422_000)
    assert counted(board, 0, range(122, 124)).state == "opening"
    assert counted(board, 1, range(124, 130)).state == "open"


def test_a_cashier_who_is_back_and_serves_again_opens_the_lane_that_a_person_closed() -> None:
    board = two_lanes()
    board.started("1", BEGIN_MS + 59_000)
    board.said("1", "closing", BEGIN_MS + 60_000, FAR_MS)
    board.started("1", BEGIN_MS + 61_000)
    assert counted(board, 2, range(61, 63)).state == "closing", "that was one of its queue"
    board.ended("1", BEGIN_MS + 70_000)
    assert counted(board, 0, range(71, 130)).state == "closed"
    board.started("1", BEGIN_MS + 140_000)
    assert counted(board, 1, range(140, 142)).state == "open"


def test_a_closed_lane_is_not_open_after_a_restart_of_its_node() -> None:
    def floor(now_ms: int) -> Floor:
        return Floor(
            presence=None, shelves={}, boards=[LaneBoard([LaneSetup("1"), LaneSetup("2")])], doors=[],
            identify=lambda _epc: (None, None), day_of=str, now_ms=now_ms,
        )  # fmt: skip

    before = floor(BEGIN_MS)
    before.people("1", 0, BEGIN_MS)
    before.lane_open("1", BEGIN_MS, is_open=False)
    after = floor(BEGIN_MS + 60_000)
    after.restore_lanes(before.kept()["lanes"], BEGIN_MS + 60_000)
    after.people("1", 0, BEGIN_MS + 60_000)
    after.people("2", 0, BEGIN_MS + 60_000)
    assert [sample.state for sample in after.tick(BEGIN_MS + 61_000).lanes] == ["closed", "open"]
