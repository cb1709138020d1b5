"""A silent antenna means that nothing is known, not that everything was taken."""

from collections.abc import Callable
from typing import Any

import pytest

from models.messages.facts import ItemTaken

Make = Callable[..., Any]


def test_items_of_an_antenna_that_falls_silent_are_unknown_within_fifteen_seconds(make_shelves: Make) -> None:
    shelves = make_shelves()
    silent, well = shelves.put(20, "1", neighbour="2"), shelves.put(20, "2", neighbour="1")
    shelves.pass_s(120)
    shelves.silent = {"1"}
    shelves.pass_s(15)
    assert shelves.states(silent) == {"unknown"}
    assert shelves.states(well) == {"present"}


def test_nothing_is_taken_from_a_silent_shelf_however_long(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1") + shelves.put(20, "2")
    shelves.pass_s(120)
    shelves.silent = {"1", "2"}
    shelves.pass_s(900)
    assert shelves.states(epcs) == {"unknown"}
    shelves.silent = set()
    shelves.pass_s(60)
    assert shelves.states(epcs) == {"present"}
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


def test_a_shelf_of_two_items_that_fall_silent_together_is_unknown(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(2, "1")
    shelves.put(20, "2")
    shelves.pass_s(200)
    shelves.silent = {"1"}
    shelves.pass_s(60)
    assert shelves.states(epcs) == {"unknown"}
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


def test_the_last_item_of_a_shelf_can_still_be_taken(make_shelves: Make) -> None:
    shelves = make_shelves()
    (epc,) = shelves.put(1, "1")
    shelves.put(20, "2")
    shelves.pass_s(200)
    del shelves.tags[epc]
    assert [fact.epc for fact in shelves.pass_s(90) if isinstance(fact, ItemTaken)] == [epc]


def test_what_was_taken_while_the_antenna_was_silent_is_told_afterwards(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(120)
    shelves.silent = {"1"}
    shelves.pass_s(60)
    del shelves.tags[epcs[0]]
    shelves.pass_s(120)
    shelves.silent = set()
    assert {fact.epc for fact in shelves.pass_s(60) if isinstance(fact, ItemTaken)} == {epcs[0]}


def test_a_reader_that_says_so_is_believed_at_once(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1") + shelves.put(20, "2")
    shelves.pass_s(60)
    shelves.presence.reader("antenna_disconnected", "1", 60_000)
    assert shelves.states(epcs[:20]) == {"unknown"}
    assert shelves.states(epcs[20:]) == {"present"}
    shelves.presence.reader("reader_disconnected", None, 60_100)
    assert shelves.presence.silent() == ["1", "2", "3"]
    shelves.pass_s(5)
    assert shelves.states(epcs) == {"present"}


def test_other_words_of_a_reader_change_nothing(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(5, "1")
    shelves.pass_s(30)
    shelves.presence.reader("buffer_overflow", "1", 30_000)
    shelves.presence.reader("antenna_disconnected", "99", 30_000)
    assert shelves.states(epcs) == {"present"}


def test_a_shelf_with_two_antennas_is_known_while_one_of_them_reads_well(make_shelves: Make) -> None:
    shelves = make_shelves(antennas={"1": "A1", "2": "A1", "3": "A2"})
    epcs = shelves.put(20, "1")
    for epc in epcs:
        shelves.tags[epc] = [("1", 0.8, -55.0), ("2", 0.6, -58.0)]
    shelves.pass_s(120)
    shelves.silent = {"1"}
    shelves.pass_s(30)
    assert shelves.states(epcs) == {"present"}
    shelves.silent = {"1", "2"}
    shelves.pass_s(20)
    assert shelves.states(epcs) == {"unknown"}


def test_time_in_which_nobody_listened_is_no_evidence(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(120)
    before = shelves.presence.items(0)
    shelves.now_s += 3_600
    shelves.presence.tick(shelves.now_s * 1000)
    assert {epc: belief.state for epc, belief in shelves.presence.items(0).items()} == dict.fromkeys(
        before, "present"
    )
    shelves.pass_s(30)
    assert shelves.states(epcs) == {"present"}
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


@pytest.mark.parametrize("neighbours", [{"A2": ["A1", "A3"]}, None], ids=["told", "learned"])
def test_what_comes_to_a_dark_shelf_is_not_given_to_the_neighbour_that_sees_it_from_afar(
    make_shelves: Make, neighbours: dict[str, list[str]] | None
) -> None:
    shelves = make_shelves(neighbours=neighbours)
    shelves.put(20, "1", neighbour="2")
    shelves.put(20, "2", neighbour="1")
    shelves.pass_s(120)
    shelves.silent = {"2"}
    shelves.pass_s(20)
    come = shelves.put(5, "2", prefix="30350000", neighbour="1")
    shelves.pass_s(150)
    assert shelves.states(come) == {"unknown"}
    assert {shelves.belief(epc).shelf for epc in come} == {"A2"}
    shelves.silent = set()
    shelves.pass_s(60)
    assert {(fact.epc, fact.shelf) for fact in shelves.facts if fact.epc in come} == {(epc, "A2") for epc in come}
