"""A node that is restarted knows what it knew."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from models.messages.facts import ItemTaken

Make = Callable[..., Any]

ANTENNAS = {"1": "A1", "2": "A2", "3": "A3"}


def restarted(
    shelves: Any,  # noqa: ANN401 - the fixture's class cannot be imported
    antennas: dict[str, str],
    **settings: float,
) -> None:
    shelves.presence = Presence.load(shelves.presence.dump(), PresenceSettings(**settings), antennas)  # type: ignore[arg-type]


@pytest.mark.parametrize("down_s", [0, 3, 600, 100_000])
def test_a_restart_places_and_takes_nothing(make_shelves: Make, down_s: int) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1", neighbour="2") + shelves.put(20, "2")
    shelves.pass_s(120)
    restarted(shelves, ANTENNAS)
    shelves.now_s += down_s
    assert shelves.pass_s(60) == []
    assert shelves.states(epcs) == {"present"}


def test_the_belief_is_the_same_before_and_after(make_shelves: Make) -> None:
    shelves = make_shelves()
    shelves.put(20, "1", neighbour="2")
    shelves.pass_s(90)
    before = dict(shelves.presence.items(0))
    restarted(shelves, ANTENNAS)
    assert dict(shelves.presence.items(0)) == before


def test_what_was_taken_while_the_node_was_down_is_taken_afterwards(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(120)
    restarted(shelves, ANTENNAS)
    shelves.now_s += 600
    del shelves.tags[epcs[0]]
    assert [(type(fact), fact.epc) for fact in shelves.pass_s(60)] == [(ItemTaken, epcs[0])]


def test_antennas_may_be_renumbered_added_and_taken_away(make_shelves: Make) -> None:
    shelves = make_shelves()
    kept, lost = shelves.put(20, "2"), shelves.put(20, "1")
    shelves.pass_s(90)
    restarted(shelves, {"9": "A9", "2": "A2"})
    for epc in lost:
        del shelves.tags[epc]
    assert shelves.pass_s(30) == []
    assert shelves.states(kept) == {"present"}


def test_another_cycle_goes_on_too(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(90)
    restarted(shelves, ANTENNAS, cycle_ms=2000)
    assert shelves.pass_s(60) == []
    assert shelves.states(epcs) == {"present"}


def test_before_the_first_read_there_is_little_to_keep() -> None:
    presence = Presence(PresenceSettings(), ANTENNAS)
    again = Presence.load(presence.dump(), PresenceSettings(), ANTENNAS)
    assert again.items(0) == {}
    assert again.tick(1_000) == []


@given(data=st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_what_is_no_dump_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="dump"):
        Presence.load(data, PresenceSettings(), ANTENNAS)


def test_a_dump_that_was_cut_short_is_refused(make_shelves: Make) -> None:
    shelves = make_shelves()
    shelves.put(20, "1")
    shelves.pass_s(30)
    dump = shelves.presence.dump()
    for end in range(0, len(dump), max(1, len(dump) // 40)):
        with pytest.raises(ValueError, match="dump"):
            Presence.load(dump[:end], PresenceSettings(), ANTENNAS)
