"""What waits do with baskets that are known: of the one in service, of those in line, of the whole store."""

import json
import random
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.queue.baskets import day_of
from edge.core.wait.lane import Lane
from edge.core.wait.levels import Levels
from edge.core.wait.waits import LaneSetup, Waits
from edge.replay.lanes import BadLine, Replay
from firmware_stubs.queue_simulator.baskets import Known
from firmware_stubs.queue_simulator.scenario import Scenario

SHORT_LUNCH = Scenario("lunch", arrivals=(1.6, 2.2), lanes=3, open_lanes=2, hours=0.6, baskets=0.7)


def store(lanes: int = 2) -> Waits:
    waits = Waits()
    setups = [LaneSetup(str(n + 1)) for n in range(lanes)]
    waits.hello(0.0, setups, pos=True, mean_service={"staffed": 80.0})
    return waits


def lane_of(waits: Waits, name: str) -> Lane:
    lane = waits.lanes[name]
    assert isinstance(lane, Lane)
    return lane


def stand(waits: Waits, people: int, begin: float, end: float, lane: str = "1") -> None:
    for second in range(int(begin) + 1, int(end) + 1):
        waits.count(float(second), lane, people)


def serve(waits: Waits, baskets: list[tuple[int, float]], begin: float = 0.0, told: list[int] | None = None) -> float:
    """Baskets of (items, seconds), one after the other; `told` is what the till says of each at its start."""
    t = begin
    for number, (items, seconds) in enumerate(baskets):
        waits.txn(t, "1", "start", items=items if told is None else told[number])
        stand(waits, 3, t, t + seconds)
        waits.txn(t + seconds, "1", "end", items=items)
        t += seconds + 6.0
    return t


def test_a_big_basket_in_service_is_a_longer_wait_than_a_small_one() -> None:
    waits = store()
    for lane, items in (("1", 40), ("2", 2)):
        waits.txn(0.0, lane, "start", items=items)
    for lane in ("1", "2"):
        waits.count(1.0, lane, 2)
    assert waits.ask(20.0, "1").mean > waits.ask(20.0, "2").mean + 30.0


def test_a_service_with_a_known_basket_is_less_uncertain() -> None:
    known, unknown = store(), store()
    for waits, items in ((known, 12.0), (unknown, None)):
        waits.txn(0.0, "1", "start", items=items)
        stand(waits, 1, 0, 10)

    def spread(waits: Waits) -> float:
        told = lane_of(waits, "1").forecast(10.0)
        return told.quantile(0.9) - told.quantile(0.1)

    assert spread(known) < 0.8 * spread(unknown)


def test_a_big_basket_is_no_stop_when_a_small_one_would_be() -> None:
    waits = store()
    for lane, items in (("1", 90), ("2", 3)):
        waits.txn(0.0, lane, "start", items=items)
    for second in range(1, 215):
        for lane in ("1", "2"):
            waits.count(float(second), lane, 2)
    assert not waits.lanes["1"].stopped
    assert waits.lanes["2"].stopped


def test_who_still_scans_has_not_stopped() -> None:
    waits = store()
    waits.txn(0.0, "1", "start")
    for second in range(1, 400):
        waits.count(float(second), "1", 2)
        if second % 4 == 0:
            waits.txn(float(second), "1", "item", items=second // 4)
    assert not waits.lanes["1"].stopped


def test_a_pause_after_the_last_piece_is_the_payment() -> None:
    scanning, pausing = store(), store()
    for waits, last in ((scanning, 60), (pausing, 30)):
        waits.txn(0.0, "1", "start")
        for second in range(1, 61):
            waits.count(float(second), "1", 2)
            if second % 3 == 0 and second <= last:
                waits.txn(float(second), "1", "item")
    assert waits_of(pausing, 60.0) < waits_of(scanning, 60.0) - 8.0


def waits_of(waits: Waits, t: float) -> float:
    return waits.ask(t, "1").mean


def test_a_piece_that_is_scanned_begins_a_service_whose_start_was_lost() -> None:
    waits = store()
    stand(waits, 2, 0, 10)
    waits.txn(10.0, "1", "item", items=1)
    stand(waits, 2, 10, 70)
    waits.txn(70.0, "1", "end", items=12)
    assert lane_of(waits, "1").pace.store.mean != 80.0


def test_a_known_basket_in_line_lengthens_the_wait_until_its_turn_has_come() -> None:
    waits = store()
    t = serve(waits, [(10, 80.0)] * 4)
    waits.txn(t, "1", "start")
    stand(waits, 3, t, t + 20)
    before = waits.ask(t + 20.0, "1").mean
    waits.basket(t + 20.0, "1", 60.0)
    assert waits.ask(t + 20.0, "1").mean > before + 50.0
    waits.txn(t + 80.0, "1", "end", items=10)
    t = serve(waits, [(10, 80.0), (60, 240.0)], t + 86.0)
    assert len(lane_of(waits, "1").baskets.in_line) == 0


def bank_of(items: int | None, in_line: int | None = None) -> float:
    """The wait of one who joins three kiosks with such baskets, behind two people."""
    waits = Waits()
    waits.hello(0.0, [LaneSetup("sco", "sco", 3)], pos=True, mean_service={"sco": 170.0})
    waits.count(0.0, "sco", 5, 3)
    for kiosk in range(3):
        waits.txn(1.0, "sco", "start", server=kiosk, items=items)
    if in_line is not None:
        waits.basket(2.0, "sco", in_line)
    waits.count(20.0, "sco", 5, 3)
    return waits.ask(20.0, "sco").mean


def test_kiosks_know_the_baskets_at_them_and_in_their_line() -> None:
    assert bank_of(2) + 30.0 < bank_of(60)
    assert bank_of(None) + 5.0 < bank_of(None, in_line=80)


def test_shoppers_who_do_not_stand_where_they_say_are_soon_not_listened_to() -> None:
    waits = store()
    t = 0.0
    for _ in range(25):
        waits.basket(t, "1", 90.0)
        t = serve(waits, [(10, 60.0)], t)
    in_line = lane_of(waits, "1").baskets.in_line
    assert in_line.trust < 0.15
    before = waits.ask(t, "1").mean
    waits.basket(t, "1", 90.0)
    assert waits.ask(t, "1").mean < before + 25.0


def test_a_till_whose_items_say_nothing_is_soon_not_listened_to() -> None:
    waits, dice = store(), random.Random(3)
    told = [dice.choice((1, 60)) for _ in range(60)]
    t = serve(waits, [(10, 80.0 * dice.lognormvariate(-0.1, 0.4)) for _ in told], told=told)
    took = lane_of(waits, "1").shared.baskets.took
    assert took(60) < 1.5 * took(1)
    assert store_took(60) > 2.2 * store_took(1), t


def store_took(items: int) -> float:
    """The same of a store that has heard nothing yet."""
    return lane_of(store(), "1").shared.baskets.took(items)


def levels_of(follow: float, seed: int = 5) -> Levels:
    """A level that goes up and down with an hour, and baskets that follow it, or do not."""
    levels, dice = Levels(), random.Random(seed)
    for number in range(240):
        t = number * 40.0
        wave = 0.5 if number % 80 < 40 else -0.5
        levels.heard(t, "shelves", 4.0 * 2.718**wave)
        levels.served(t + 30.0, follow * wave + dice.gauss(0.0, 0.5), levels.now(t))
    return levels


def test_a_level_that_foretold_baskets_moves_the_services_to_come() -> None:
    levels = levels_of(follow=1.0)
    levels.heard(9600.0, "shelves", 4.0 * 2.718**0.5)
    high = levels.factor(9600.0)
    levels.heard(9600.0, "shelves", 4.0 * 2.718**-0.5)
    assert high > 1.1
    assert levels.factor(9600.0) < 0.97


def test_a_level_that_is_new_stale_or_foretells_nothing_moves_nothing() -> None:
    assert Levels().factor(0.0) == 1.0
    new = Levels()
    new.heard(0.0, "shelves", 9.0)
    assert new.factor(1.0) == 1.0
    stale = levels_of(follow=1.0)
    assert stale.factor(9600.0 + 3600.0) == 1.0
    nonsense = [abs(levels_of(follow=0.0, seed=seed).factor(9600.0) - 1.0) for seed in range(20)]
    assert fmean(nonsense) < 0.05


def test_a_day_on_which_all_that_is_said_of_baskets_is_made_up_is_foretold_as_well() -> None:
    nothing = day_of(SHORT_LUNCH, 7, Known())
    lies = day_of(SHORT_LUNCH, 7, Known(start=True, phones=0.5, shelves=True, lies=True))
    truth = day_of(SHORT_LUNCH, 7, Known(start=True, phones=0.5))
    assert fmean(truth.errors) < fmean(nothing.errors)
    assert fmean(lies.errors) < 1.15 * fmean(nothing.errors)


events = st.one_of(
    st.tuples(st.just("txn"), st.sampled_from(["start", "item", "end"]), st.none() | st.integers(0, 500)),
    st.tuples(st.just("basket"), st.just(""), st.integers(0, 500)),
    st.tuples(st.just("level"), st.just(""), st.integers(0, 50)),
    st.tuples(st.just("count"), st.just(""), st.integers(0, 12)),
)


@settings(max_examples=40, deadline=None)
@given(said=st.lists(st.tuples(st.floats(0.0, 90.0), events), max_size=40))
def test_whatever_is_said_of_baskets_in_whatever_order_the_wait_is_a_number(
    said: list[tuple[float, tuple[str, str, Any]]],
) -> None:
    waits, t = store(1), 0.0
    for after, (kind, value, items) in said:
        t += after
        if kind == "txn":
            waits.txn(t, "1", value, items=items)
        elif kind == "basket":
            waits.basket(t, "1", items)
        elif kind == "level":
            waits.level(t, "shelves", items)
        else:
            waits.count(t, "1", items)
        told = waits.ask(t, "1")
        assert 0.0 <= told.mean <= told.p90 < 1e6


def test_a_recording_may_say_items_at_the_start_pieces_baskets_in_line_and_levels() -> None:
    replay = Replay()
    for line in (
        {"t": 0, "type": "hello", "pos": True, "lanes": [{"id": "1"}]},
        {"t": 1, "type": "txn", "lane": "1", "value": "start", "items": 70},
        {"t": 2, "type": "count", "lane": "1", "value": 3},
        {"t": 3, "type": "txn", "lane": "1", "value": "item", "items": 1},
        {"t": 4, "type": "basket", "lane": "1", "items": 30},
        {"t": 5, "type": "level", "source": "shelves", "items": 2.5},
    ):
        assert replay.line(json.dumps(line)) is None
    answer = json.loads(replay.line('{"t":6,"type":"ask","lane":"1","id":"a"}') or "")
    assert answer["mean"] > 200.0


@pytest.mark.parametrize(
    "line", ['{"t":1,"type":"basket","lane":"1","items":-1}', '{"t":1,"type":"level","items":2}']
)
def test_a_basket_that_cannot_be_is_refused(line: str) -> None:
    with pytest.raises(BadLine):
        Replay().line(line)
