"""Whatever order reads come in, and however often, the end is the same; clocks may do what they like."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.shelf.belief import ItemBelief
from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings

Read = tuple[str, str, float, int]
Make = Callable[..., Any]

ANTENNAS = {"1": "A1", "2": "A2", "3": "A2"}


def stream(seed: int, seconds: int) -> list[Read]:
    """Reads of a dozen tags that stand, leave, come, or are seen once."""
    draw = random.Random(seed)
    reads = []
    for tag in range(12):
        antenna, rate = draw.choice("123"), draw.uniform(0.2, 1.0)
        begin, end = draw.choice([(0, seconds), (0, seconds // 2), (seconds // 3, seconds), (5, 6)])
        for second in range(begin, end):
            for near in "123":
                if draw.random() < (rate if near == antenna else 0.1):
                    loud = -55.0 if near == antenna else -65.0
                    t_ms = second * 1000 + draw.randrange(1000)
                    reads.append((f"3034{tag:020X}", near, round(loud + draw.gauss(0, 2), 1), t_ms))
    return sorted(reads, key=lambda read: read[3])


def end_of(arrivals: list[tuple[float, Read]], seconds: int, *, cycle_ms: int = 1000) -> dict[str, ItemBelief]:
    """Feed the reads at their times of arrival, a tick a second; what is believed when all have come."""
    presence = Presence(PresenceSettings(cycle_ms=cycle_ms), ANTENNAS)
    presence.tick(0)
    waiting = sorted(arrivals, key=lambda pair: pair[0])
    at = 0
    for second in range(1, seconds + 6):
        while at < len(waiting) and waiting[at][0] < second * 1000:
            presence.read(*waiting[at][1])
            at += 1
        presence.tick(second * 1000)
    return dict(presence.items(0))


@given(seed=st.integers(0, 10_000), cycle_ms=st.sampled_from([250, 1000, 1500]))
@settings(max_examples=8, deadline=None)
def test_reads_shuffled_within_two_seconds_and_doubled_end_in_the_same_state(seed: int, cycle_ms: int) -> None:
    mix = random.Random(seed + 1)
    reads = stream(seed, 40)
    straight = end_of([(read[3], read) for read in reads], 40, cycle_ms=cycle_ms)
    mixed = [(read[3] + mix.random() * 2000, read) for read in reads]
    mixed += [(read[3] + mix.random() * 2000, read) for read in reads if mix.random() < 0.2]
    assert end_of(mixed, 40, cycle_ms=cycle_ms) == straight


@given(
    seed=st.integers(0, 10_000),
    jumps=st.lists(st.tuples(st.integers(1, 29), st.integers(-(10**9), 10**12)), max_size=4),
)
@settings(max_examples=8, deadline=None)
def test_a_host_clock_that_jumps_takes_nothing_that_is_still_read(seed: int, jumps: list[tuple[int, int]]) -> None:
    draw = random.Random(seed)
    presence = Presence(PresenceSettings(), ANTENNAS)
    now, told = 2 * 10**12, []
    for second in range(60):
        now = max(0, now + dict(jumps).get(second, 0))
        for tag in range(6):
            if draw.random() < 0.8:
                presence.read(f"3034{tag:020X}", "1", -55.0, now + draw.randrange(1000))
        now += 1000
        told += presence.tick(now)
    kinds = [type(fact).__name__ for fact in told]
    assert "ItemTaken" not in kinds
    assert {belief.state for belief in presence.items(now).values()} == {"present"}


NEXT = {"": {"ItemPlaced"}, "ItemTaken": {"ItemReturned"}}


@given(
    seed=st.integers(0, 10_000),
    gaps=st.lists(st.tuples(st.integers(1, 59), st.integers(0, 4_000)), max_size=3),
    delay_ms=st.sampled_from([0, 1_900, 6_000]),
)
@settings(max_examples=8, deadline=None)
def test_facts_of_an_item_follow_each_other_as_they_must(
    seed: int, gaps: list[tuple[int, int]], delay_ms: int
) -> None:
    mix, presence, facts = random.Random(seed), Presence(PresenceSettings(), ANTENNAS), []
    late_ms = {second: sum(gap for at, gap in gaps if at <= second) * 1000 for second in range(200)}
    reads = [(e, a, rssi, t_ms + late_ms[t_ms // 1000]) for e, a, rssi, t_ms in stream(seed, 60)]
    arrivals = sorted((read[3] + mix.random() * delay_ms, read) for read in reads)
    presence.tick(0)
    for second in range(1, 130):
        now_ms = second * 1000 + late_ms[second - 1]
        while arrivals and arrivals[0][0] < now_ms:
            presence.read(*arrivals.pop(0)[1])
        facts += presence.tick(now_ms)
    last: dict[str, str] = {}
    for fact in facts:
        kind, before = type(fact).__name__, last.get(fact.epc, "")
        assert kind in NEXT.get(before, {"ItemMoved", "ItemTaken"})
        last[fact.epc] = kind


@given(
    lines=st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.integers(0, 20), st.sampled_from("1239"), st.integers(0, 2**41)),
            st.tuples(st.just("tick"), st.integers(0, 2**41)),
            st.tuples(st.just("reader"), st.sampled_from(["antenna_disconnected", "reader_connected", "?"])),
        ),
        max_size=60,
    )
)
@settings(max_examples=25, deadline=None)
def test_no_stream_of_reads_and_times_raises_or_leaves_what_is_no_probability(lines: list[Any]) -> None:
    presence = Presence(PresenceSettings(), ANTENNAS)
    for line in lines:
        if line[0] == "read":
            presence.read(f"3034{line[1]:020X}", line[2], float("-inf"), line[3])
        elif line[0] == "tick":
            presence.tick(line[1])
        else:
            presence.reader(line[1], None, 0)
    for belief in presence.items(0).values():
        assert 0.0 <= belief.p <= 1.0


@pytest.mark.parametrize("off_ms", [3_600_000, -86_400_000, 45_000])
def test_a_reader_whose_clock_is_stepped_is_followed(make_shelves: Make, off_ms: int) -> None:
    shelves = make_shelves(start_s=1_000_000)
    epcs = shelves.put(20, "1")
    shelves.pass_s(60)
    read = shelves.presence.read
    shelves.presence.read = lambda epc, antenna, rssi, t_ms: read(epc, antenna, rssi, t_ms + off_ms)
    shelves.pass_s(60)
    assert shelves.states(epcs) == {"present"}
    del shelves.tags[epcs[0]]
    assert [fact.epc for fact in shelves.pass_s(45)] == [epcs[0]]


def test_reads_that_come_in_one_late_bundle_place_nothing_twice(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(60)
    held: list[Read] = []
    read = shelves.presence.read
    shelves.presence.read = lambda *seen: held.append(seen)
    shelves.pass_s(4)
    shelves.presence.read = read
    for seen in held:
        read(*seen)
    facts = shelves.pass_s(30)
    assert facts == []
    assert shelves.states(epcs) == {"present"}
