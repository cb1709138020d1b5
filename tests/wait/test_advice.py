"""Which lanes to open and close, as a recording asks for it."""

import json
from statistics import fmean

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.queue.lanes import any_lane, by_truth, cost
from edge.core.wait.advice import LaneNow, advise
from edge.replay.lanes import Replay
from firmware_stubs.queue_simulator.recording import one_plus_one

LANES = ("1", "2", "3", "4")


class Shop:
    """Four lanes of which the first `is_open` are open, told second by second who stands there."""

    def __init__(self, is_open: int) -> None:
        self.replay, self.t = Replay(), 0
        lanes = [{"id": name, "servers": 1, "open": i < is_open} for i, name in enumerate(LANES)]
        self.tell(type="hello", pos=False, lanes=lanes, mean_service={"staffed": 80.0})

    def tell(self, **line: object) -> dict[str, list[str]]:
        answer: dict[str, list[str]] = json.loads(self.replay.line(json.dumps({"t": self.t, **line})) or "{}")
        return answer

    def stand(self, seconds: int, **people: int) -> None:
        """So many stand in the lanes `l1`, `l2` ... for so long."""
        for _ in range(seconds):
            self.t += 1
            for lane, count in people.items():
                self.tell(type="count", lane=lane[1:], value=count)

    def advise(self, is_open: list[str], closed: list[str]) -> tuple[list[str], list[str]]:
        answer = self.tell(type="advise", id="a", open=is_open, closed=closed)
        return answer["open"], answer["close"]


def test_a_lane_that_somebody_walks_to_is_not_opened_twice_however_the_asker_counts_it() -> None:
    for named in ([], ["2"]):
        shop = Shop(1)
        for people in (4, 6, 8):
            shop.stand(60, l1=people)
        opened, _ = shop.advise(["1"], ["2", "3", "4"])
        assert opened
        shop.stand(30, l1=8)
        still = [lane for lane in LANES[1:] if lane not in opened]
        opening = [lane for lane in opened if lane in named]
        again, closing = shop.advise(["1", *opening], still)
        assert (again, closing) == ([], [])


def test_a_lane_that_is_offered_again_was_not_opened_and_is_advised_again() -> None:
    shop = Shop(1)
    for people in (5, 6, 7, 8):
        shop.stand(60, l1=people)
        assert shop.advise(["1"], ["2", "3", "4"])[0][:1] == ["2"]


def test_one_customer_after_the_other_opens_no_second_lane() -> None:
    shop = Shop(1)
    for _ in range(8):
        shop.stand(60, l1=1)
        assert shop.advise(["1"], ["2", "3", "4"]) == ([], [])
        shop.stand(60, l1=0)
        assert shop.advise(["1"], ["2", "3", "4"]) == ([], [])


def test_empty_lanes_close_one_after_the_other_and_the_last_stays() -> None:
    shop = Shop(3)
    is_open = ["1", "2", "3"]
    for _ in range(12):
        shop.stand(60, **{f"l{lane}": 0 for lane in is_open})
        _, closing = shop.advise(is_open, [lane for lane in LANES if lane not in is_open])
        assert len(closing) <= 1
        for lane in closing:
            is_open.remove(lane)
            shop.tell(type="lane", lane=lane, value="closed")
    assert len(is_open) == 1


def test_a_closed_lane_whose_last_customer_left_unseen_can_be_opened_again() -> None:
    shop = Shop(2)
    shop.stand(120, l1=2, l2=1)
    shop.tell(type="lane", lane="2", value="closed")
    shop.stand(900, l1=1)
    shop.stand(300, l1=6)
    assert shop.advise(["1"], ["2"])[0] == ["2"]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 7), min_size=4, max_size=4), st.integers(1, 15)), max_size=6))
def test_whatever_stands_there_only_closed_lanes_open_only_open_ones_close_and_one_stays(
    minutes: list[tuple[list[int], int]],
) -> None:
    shop = Shop(2)
    for counts, mask in minutes:
        shop.stand(40, **{f"l{lane}": people for lane, people in zip(LANES, counts, strict=True)})
        is_open = [lane for i, lane in enumerate(LANES) if mask >> i & 1]
        closed = [lane for lane in LANES if lane not in is_open]
        opening, closing = shop.advise(is_open, closed)
        assert set(opening) <= set(closed)
        assert set(closing) < set(is_open)


def lane(name: str, people: float, *, stopped: bool = False, is_open: bool = True) -> LaneNow:
    return LaneNow(name, is_open=is_open, servers=1, people=people, mean_service=80.0, stopped=stopped)


def test_a_stopped_lane_closes_where_another_can_take_over_and_not_otherwise() -> None:
    spare = [lane("3", 0.0, is_open=False)]
    calm = advise([lane("1", 1.0), lane("2", 1.0, stopped=True)], spare, load=0.6)
    assert (calm.open, calm.close, calm.reason.code) == ((), ("2",), "lane_stopped")
    busy = advise([lane("1", 4.0), lane("2", 3.0, stopped=True)], spare, load=1.6)
    assert (busy.open, busy.close, busy.reason.code) == (("3",), ("2",), "queues_grow")
    assert advise([lane("1", 4.0), lane("2", 3.0, stopped=True)], [], load=1.6).close == ()
    assert advise([lane("2", 3.0, stopped=True)], spare, load=0.6).close == ()


def test_a_lane_that_is_itself_stopped_is_not_opened() -> None:
    advice = advise([lane("1", 8.0)], [lane("2", 1.0, stopped=True, is_open=False)], load=1.5)
    assert (advice.open, advice.reason.code) == ((), "nothing_to_open")


def test_with_true_counts_a_lunch_costs_less_by_the_advice_than_by_either_reading_of_one_plus_one() -> None:
    days = range(1, 5)
    advised = fmean(cost("lunch", day, by_truth()) for day in days)
    assert advised < 0.96 * fmean(cost("lunch", day, one_plus_one) for day in days)
    assert advised < 0.96 * fmean(cost("lunch", day, any_lane) for day in days)
