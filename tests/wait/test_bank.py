"""What is known of a bank of kiosks: one line, several servers."""

import random

from edge.core.wait.bank import Bank
from edge.core.wait.waits import LaneSetup, Waits

MEAN_S = 160.0


def store(*, pos: bool = False, servers: int = 4) -> Waits:
    waits = Waits()
    waits.hello(0.0, [LaneSetup("sco", "sco", servers)], pos=pos, mean_service={"sco": MEAN_S})
    return waits


def bank(waits: Waits) -> Bank:
    found = waits.lanes["sco"]
    assert isinstance(found, Bank)
    return found


def watch(waits: Waits, people: int, begin: int, end: int, busy: int | None = None) -> None:
    for second in range(begin, end):
        waits.count(float(second), "sco", people, busy)


def fill(waits: Waits, begin: int) -> None:
    """Nobody until `begin`, then one every two seconds until all four kiosks are taken; up to 150 s."""
    for second in range(1, 150):
        people = min(max(second - begin, 0) // 2, 4)
        waits.count(float(second), "sco", people, people)


def test_with_a_kiosk_free_nobody_waits() -> None:
    waits = store()
    watch(waits, 3, 1, 60, busy=3)
    told = waits.ask(60.0, "sco")
    assert (told.mean, told.p90) == (0.0, 0.0)


def test_one_more_seen_for_a_while_is_no_queue_while_a_kiosk_is_free() -> None:
    waits = store()
    watch(waits, 3, 1, 600, busy=3)
    watch(waits, 5, 600, 610, busy=3)
    assert waits.ask(610.0, "sco").mean == 0.0


def test_a_longer_line_is_a_longer_wait() -> None:
    told = []
    for people in (4, 6, 9):
        waits = store()
        watch(waits, people, 1, 90, busy=4)
        told.append(waits.ask(90.0, "sco").mean)
    assert 0.0 < told[0] < told[1] < told[2]


def test_a_line_is_believed_where_nobody_says_how_many_kiosks_are_busy() -> None:
    waits = store()
    watch(waits, 8, 1, 90)
    assert 60.0 < waits.ask(90.0, "sco").mean < 300.0


def test_a_camera_that_lost_a_kiosk_for_a_moment_has_not_emptied_the_line() -> None:
    waits = store()
    watch(waits, 8, 1, 120, busy=4)
    before = waits.ask(120.0, "sco").mean
    watch(waits, 8, 120, 122, busy=3)
    assert waits.ask(122.0, "sco").mean > 0.7 * before


def test_kiosks_that_began_just_now_keep_a_newcomer_longer_than_old_ones() -> None:
    fresh, old = store(), store()
    fill(fresh, 140)
    fill(old, 20)
    assert fresh.ask(150.0, "sco").mean > 1.3 * old.ask(150.0, "sco").mean


def test_tills_say_which_kiosk_is_free_before_any_camera() -> None:
    waits = store(pos=True)
    for kiosk in range(4):
        waits.txn(1.0 + kiosk, "sco", "start", server=kiosk)
    watch(waits, 4, 6, 60, busy=4)
    assert waits.ask(60.0, "sco").mean > 10.0
    waits.txn(60.5, "sco", "end", server=2)
    assert waits.ask(61.0, "sco").mean < 15.0
    watch(waits, 3, 62, 90, busy=3)
    assert waits.ask(90.0, "sco").mean == 0.0


def test_quick_kiosks_are_found_by_their_tills() -> None:
    waits = store(pos=True)
    dice = random.Random(3)
    for kiosk in range(4):
        waits.txn(0.1 * kiosk, "sco", "start", server=kiosk)
    ends = [dice.uniform(60.0, 100.0) for _ in range(4)]
    for second in range(1, 1200):
        waits.count(float(second), "sco", 7, 4)
        for kiosk, end in enumerate(ends):
            if end <= second:
                waits.txn(second + 0.1, "sco", "end", server=kiosk)
                waits.txn(second + 0.2, "sco", "start", server=kiosk)
                ends[kiosk] = second + dice.uniform(60.0, 100.0)
    assert 70.0 < bank(waits).pace.mean < 120.0


def test_a_kiosk_that_serves_one_customer_for_ever_is_named() -> None:
    waits = store(pos=True)
    waits.txn(1.0, "sco", "start", server=1)
    watch(waits, 1, 2, 200, busy=1)
    assert bank(waits).stopped_kiosks == 0
    watch(waits, 1, 200, 700, busy=1)
    assert (bank(waits).stopped_kiosks, bank(waits).stopped_names) == (1, (1,))
    assert not bank(waits).stopped, "three others work"


def test_a_camera_alone_knows_how_many_have_stopped_and_not_which() -> None:
    waits = store()
    watch(waits, 1, 1, 900, busy=1)
    assert (bank(waits).stopped_kiosks, bank(waits).stopped_names) == (1, ())


def test_a_bank_whose_kiosks_have_all_stopped_is_not_recommended() -> None:
    waits = Waits()
    waits.hello(0.0, [LaneSetup("1"), LaneSetup("sco", "sco", 2)], pos=True, mean_service={"sco": MEAN_S})
    for kiosk in range(2):
        waits.txn(1.0, "sco", "start", server=kiosk)
    for second in range(2, 900):
        waits.count(float(second), "sco", 2, 2)
        if second > 860:
            waits.count(float(second), "1", 6)
    assert bank(waits).stopped
    assert waits.recommend(900.0, ["1", "sco"]) == "1"


def test_pretended_newcomers_say_how_long_they_waited() -> None:
    waits = store(pos=True)
    for kiosk in range(4):
        waits.txn(0.1, "sco", "start", server=kiosk)
    for second in range(1, 1500):
        waits.count(float(second), "sco", 6, 4)
        if second % 40 == 0:
            waits.txn(second + 0.1, "sco", "end", server=second // 40 % 4)
            waits.txn(second + 8.1, "sco", "start", server=second // 40 % 4)
    found = bank(waits).outcomes.take()
    assert found is not None
    waited, foretold = found
    assert 80.0 < waited < 180.0, "three turns at 40 s"
    assert 60.0 < foretold < 260.0


def test_an_end_whose_start_was_lost_and_a_start_whose_end_was_lost_are_taken() -> None:
    waits = store(pos=True)
    waits.txn(1.0, "sco", "end", server=3)
    watch(waits, 4, 2, 30, busy=4)
    for kiosk in (0, 1, 0, 4, 7, -1):
        waits.txn(30.0 + kiosk, "sco", "start", server=kiosk)
    watch(waits, 9, 40, 80, busy=4)
    told = waits.ask(80.0, "sco")
    assert 0.0 < told.mean <= told.p90 < 3000.0
