"""Who leaves through a door, by made-up radio: passages, those who turn back, display shelves, restarts, disorder."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.exit import DoorAntenna, Exits
from tests.edge.doorway import EPC, START, Read, play, reads, stay, turn_back, walk

ONE = {"gate:1": DoorAntenna("main")}
TWO = {"gate:1": DoorAntenna("main", "inside"), "gate:2": DoorAntenna("main", "outside")}
AT_ONE = {"gate:1": 0.0}
AT_TWO = {"gate:1": -1.0, "gate:2": 1.0}
DAYS = range(200)


def told(antennas: dict[str, DoorAntenna], heard: list[Read], ticks: int = 120) -> int:
    return len(play(Exits(antennas), sorted(heard, key=lambda read: read[3]), ticks=ticks))


def test_a_passage_is_told_once_with_its_evidence() -> None:
    heard = list(reads(walk(), 10, AT_ONE, seed=1))
    (fact,) = play(Exits(ONE), heard)
    assert (fact.epc, fact.door) == (EPC, "main")
    assert fact.p > 0.9
    assert fact.evidence is not None
    assert fact.evidence.reads > 5
    assert fact.evidence.rssi_dbm == pytest.approx(max(read[2] for read in heard), abs=0.06)
    assert START < (fact.evidence.last_read_ms or 0) <= heard[-1][3]
    assert 3000 < fact.t_ms - heard[-1][3] < 5000, "as soon as no late read can change it"


@pytest.mark.parametrize(("antennas", "at"), [(ONE, AT_ONE), (TWO, AT_TWO)], ids=["one antenna", "two sides"])
def test_nearly_everybody_who_walks_out_is_told(antennas: dict[str, DoorAntenna], at: dict[str, float]) -> None:
    speeds = (0.8, 1.2, 1.6, 2.5)
    out = sum(told(antennas, list(reads(walk(speeds[day % 4]), 16, at, seed=day)), 30) for day in DAYS)
    assert out >= 0.97 * len(DAYS)


def test_two_sides_tell_who_comes_in_and_who_turns_back_from_who_goes_out() -> None:
    back = sum(told(TWO, list(reads(turn_back(), 12, AT_TWO, seed=day)), 30) for day in DAYS)
    came = sum(told(TWO, list(reads(walk(-1.2, 6.0), 12, AT_TWO, seed=day)), 30) for day in DAYS)
    assert back <= 0.03 * len(DAYS)
    assert came <= 0.01 * len(DAYS)


def test_a_door_one_of_whose_antennas_is_unplugged_still_tells_who_leaves() -> None:
    out, exits = 0, Exits(TWO)
    for day in range(40):
        exits = Exits(TWO)
        exits.reader("antenna_disconnected", "gate:1")
        heard = [read for read in reads(walk(), 16, AT_TWO, seed=day) if read[1] == "gate:2"]
        out += len(play(exits, heard, ticks=30))
    assert out >= 38
    exits.reader("reader_connected", "gate:1")
    exits.reader("reader_disconnected", "gate:1")
    exits.reader("reader_disconnected", "gate:2")
    assert len(play(exits, list(reads(walk(-1.2, 6.0), 12, AT_TWO, seed=1)), from_s=0)) == 0


@pytest.mark.parametrize("rate", [0.04, 0.2, 0.6])
@pytest.mark.parametrize("metres", [-0.5, -2.0])
def test_a_display_shelf_beside_the_door_never_leaves(metres: float, rate: float) -> None:
    wrong = sum(told(ONE, list(reads(stay(metres), 300, AT_ONE, seed=day, rate=rate)), 320) for day in range(40))
    assert wrong <= 1


def test_what_is_taken_from_the_display_shelf_and_carried_out_is_told() -> None:
    def path(t: float) -> float:
        return -3.0 if t < 60 else -3.0 + 1.2 * (t - 60)

    out = sum(told(ONE, list(reads(path, 80, AT_ONE, seed=day)), 110) for day in range(40))
    assert out >= 34


def test_what_is_taken_from_the_display_shelf_into_the_shop_is_not() -> None:
    def path(t: float) -> float:
        return -2.0 if t < 60 else -2.0 - 1.2 * (t - 60)

    assert sum(told(ONE, list(reads(path, 80, AT_ONE, seed=day)), 110) for day in range(40)) == 0


def test_somebody_who_waits_near_the_door_and_goes_back_is_not_told() -> None:
    def path(t: float) -> float:
        if t < 5:
            return -5.0 + 0.5 * t
        return -2.5 if t < 50 else -2.5 - 1.2 * (t - 50)

    assert sum(told(ONE, list(reads(path, 60, AT_ONE, seed=day)), 90) for day in range(40)) <= 1


def test_who_comes_back_and_leaves_again_counts_again_after_a_minute_only() -> None:
    first = list(reads(walk(), 10, AT_ONE, seed=1))

    def later(seconds: int, seed: int) -> list[Read]:
        return [(epc, at, dbm, t + seconds * 1000) for epc, at, dbm, t in reads(walk(), 10, AT_ONE, seed=seed)]

    assert told(ONE, first + later(20, 2)) == 1
    assert told(ONE, first + later(90, 2)) == 2


def test_a_restart_tells_nobody_twice_and_still_knows_who_stands_there() -> None:
    exits = Exits(ONE)
    shelf = [("A" * 24, at, dbm, t) for _, at, dbm, t in reads(stay(-0.5), 200, AT_ONE, seed=5)]
    passage = [(epc, at, dbm, t + 60_000) for epc, at, dbm, t in reads(walk(), 10, AT_ONE, seed=1)]
    heard = sorted([*shelf, *passage], key=lambda read: read[3])
    before = play(exits, [read for read in heard if read[3] < START + 80_000], ticks=80)
    after = Exits(ONE)
    after.restore(exits.dump())
    again = play(after, [read for read in heard if read[3] >= START + 80_000], from_s=80, ticks=160)
    assert [fact.epc for fact in before] == [EPC]
    assert again == []


def test_a_passage_that_goes_on_over_a_restart_is_told_once() -> None:
    heard = list(reads(walk(), 10, AT_ONE, seed=1))
    exits = Exits(ONE)
    assert play(exits, [read for read in heard if read[3] < START + 5000], ticks=6) == []
    after = Exits(ONE)
    after.restore(exits.dump())
    assert len(play(after, [read for read in heard if read[3] >= START + 5000], from_s=6)) == 1


def test_a_dump_of_something_else_is_refused_and_of_a_door_that_is_no_more_forgotten() -> None:
    with pytest.raises(ValueError, match=r"."):
        Exits(ONE).restore(b"nonsense")
    exits = Exits(ONE)
    exits.read(EPC, "gate:1", -50.0, START)
    other = Exits({"gate:1": DoorAntenna("side")})
    other.restore(exits.dump())
    assert play(other, []) == []


def test_a_clock_that_is_set_back_does_not_make_the_door_deaf() -> None:
    exits = Exits(ONE)
    exits.read(EPC, "gate:1", -50.0, START + 3_600_000)
    exits.tick(START + 3_610_000)
    assert len(play(exits, list(reads(walk(), 10, AT_ONE, seed=1)))) == 1


def test_a_reader_that_says_no_strength_still_tells_who_leaves() -> None:
    heard = [(epc, at, float("-inf"), t) for epc, at, _, t in reads(walk(), 10, AT_ONE, seed=3)]
    (fact,) = play(Exits(ONE), heard)
    assert fact.evidence is not None
    assert fact.evidence.rssi_dbm is None


PATHS = st.sampled_from([walk(), walk(0.6), walk(-1.2, 6.0), turn_back(), stay(-1.0), stay(-3.0)])


@settings(max_examples=60, deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=4), st.integers(0, 10**6), st.booleans())
def test_late_doubled_and_shuffled_reads_tell_the_same_passages(paths: list, seed: int, two: bool) -> None:  # type: ignore[type-arg]
    draw = random.Random(seed)
    heard = [
        read
        for number, path in enumerate(paths)
        for read in reads(path, 15, AT_TWO if two else AT_ONE, seed=seed + number, epc=f"{number:024X}")
    ]
    heard.sort(key=lambda read: read[3])
    delayed = [
        (t + draw.randrange(2000), (epc, at, dbm, t)) for epc, at, dbm, t in heard for _ in range(draw.choice((1, 2)))
    ]
    delayed.sort(key=lambda late: late[0])
    straight, mixed = Exits(TWO if two else ONE), Exits(TWO if two else ONE)
    expected = play(straight, heard, ticks=40)
    found = []
    for second in range(40):
        now_ms = START + second * 1000
        while delayed and delayed[0][0] <= now_ms:
            mixed.read(*delayed.pop(0)[1])
        found += mixed.tick(now_ms)
    assert found == expected
    assert mixed.late_reads == 0
