"""Items are placed, looked at, taken, returned and moved, and what is said of them is so."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from edge.core.shelf.settings import PresenceSettings
from models.messages.codec import decode_fact, encode
from models.messages.facts import ItemMoved, ItemPlaced, ItemReturned, ItemTaken

Make = Callable[..., Any]


def test_what_stands_there_at_the_start_is_placed_within_half_a_minute(make_shelves: Make) -> None:
    shelves = make_shelves(2)
    epcs = shelves.put(30, "1") + shelves.put(30, "2")
    facts = shelves.pass_s(30)
    assert {fact.epc: fact.shelf for fact in facts} == {epc: "A1" if epc in epcs[:30] else "A2" for epc in epcs}
    assert all(isinstance(fact, ItemPlaced) for fact in facts)
    assert shelves.states(epcs) == {"present"}


def test_an_item_that_goes_is_taken_once_and_at_its_shelf(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(120)
    del shelves.tags[epcs[0]]
    (fact,) = shelves.pass_s(45)
    assert isinstance(fact, ItemTaken)
    assert (fact.epc, fact.shelf) == (epcs[0], "A1")
    assert shelves.belief(epcs[0]).p < 0.1


def test_an_item_that_is_looked_at_for_ten_seconds_is_not_called_taken(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(120)
    for epc in epcs:
        sights = shelves.tags.pop(epc)
        shelves.pass_s(10)
        shelves.tags[epc] = sights
        shelves.pass_s(5)
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


def test_while_it_is_away_its_probability_falls_before_anything_is_said(make_shelves: Make) -> None:
    shelves = make_shelves()
    epc, *_ = shelves.put(20, "1", rate=0.9)
    shelves.pass_s(120)
    assert shelves.belief(epc).p > 0.99
    del shelves.tags[epc]
    assert shelves.pass_s(10) == []
    assert shelves.belief(epc).p < 0.5


def test_an_item_that_comes_back_after_it_was_taken_is_returned(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1")
    shelves.pass_s(120)
    sights = shelves.tags.pop(epcs[3])
    shelves.pass_s(60)
    shelves.tags[epcs[3]] = sights
    facts = shelves.pass_s(60)
    assert [(type(fact), fact.epc, fact.shelf) for fact in facts] == [(ItemReturned, epcs[3], "A1")]


@pytest.mark.parametrize("seconds_in_hand", [0, 12])
def test_an_item_put_on_another_shelf_has_moved_there(make_shelves: Make, see: Make, seconds_in_hand: int) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1") + shelves.put(20, "3")
    shelves.pass_s(120)
    del shelves.tags[epcs[0]]
    shelves.pass_s(seconds_in_hand)
    shelves.tags[epcs[0]] = see("3")
    facts = shelves.pass_s(30)
    assert [(type(fact), fact.epc, fact.shelf) for fact in facts] == [(ItemMoved, epcs[0], "A3")]
    assert facts[0].from_shelf == "A1"


def test_a_tag_seen_by_two_shelves_stands_on_the_stronger(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1", neighbour="2") + shelves.put(20, "2", neighbour="1")
    shelves.pass_s(180)
    assert Counter(shelves.belief(epc).shelf for epc in epcs) == {"A1": 20, "A2": 20}
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemMoved)]


def test_a_tag_that_is_rarely_read_from_behind_others_stays(make_shelves: Make, see: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(20, "1", rate=0.8)
    shelves.pass_s(120)
    shelves.tags[epcs[0]] = see("1", rate=0.25)
    shelves.pass_s(300)
    assert shelves.belief(epcs[0]).state == "present"
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


def test_a_body_before_the_shelf_takes_nothing(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(60, "1")
    shelves.pass_s(120)
    shelves.dimmed = {"1": 0.15}
    shelves.pass_s(40)
    assert shelves.states(epcs) == {"present"}
    shelves.dimmed = {}
    shelves.pass_s(30)
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


@pytest.mark.parametrize(("dim", "quieter_db"), [(0.1, 2.0), (0.5, 6.0)])
def test_a_body_before_half_of_the_shelf_takes_nothing(make_shelves: Make, dim: float, quieter_db: float) -> None:
    shelves = make_shelves()
    epcs = shelves.put(60, "1")
    shelves.pass_s(120)
    before = {epc: shelves.tags[epc] for epc in epcs[:30]}
    shelves.tags |= {epc: [("1", 0.7 * dim, -56.0 - quieter_db)] for epc in before}
    shelves.pass_s(40)
    assert sum(shelves.belief(epc).p > 0.5 for epc in epcs) >= 58
    shelves.tags |= before
    shelves.pass_s(30)
    assert shelves.states(epcs) == {"present"}
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


@pytest.mark.parametrize("dim", [0.02, 0.3])
def test_a_body_before_a_fifth_of_the_shelf_takes_nothing(make_shelves: Make, dim: float) -> None:
    shelves = make_shelves()
    epcs = shelves.put(100, "1")
    shelves.pass_s(90)
    before = {epc: shelves.tags[epc] for epc in epcs[:20]}
    shelves.tags |= {epc: [("1", 0.7 * dim, -60.0)] for epc in before}
    believed = []
    for _ in range(30):
        shelves.pass_s(1)
        believed.append(sum(shelves.belief(epc).p > 0.5 for epc in epcs))
    assert min(believed) >= 96
    shelves.tags |= before
    shelves.pass_s(20)
    assert shelves.states(epcs) == {"present"}
    assert not [fact for fact in shelves.facts if isinstance(fact, ItemTaken)]


def test_an_item_that_is_taken_from_behind_a_body_is_noticed_once_the_body_has_gone(make_shelves: Make) -> None:
    shelves = make_shelves()
    epcs = shelves.put(60, "1")
    shelves.pass_s(120)
    shelves.dimmed = {"1": 0.15}
    shelves.pass_s(10)
    del shelves.tags[epcs[0]]
    shelves.pass_s(10)
    shelves.dimmed = {}
    assert [fact.epc for fact in shelves.pass_s(60) if isinstance(fact, ItemTaken)] == [epcs[0]]


def test_a_basket_that_passes_is_not_placed(make_shelves: Make) -> None:
    shelves = make_shelves()
    shelves.put(20, "1")
    shelves.pass_s(120)
    for number in range(20):
        shelves.tags[f"3034BA5E{number:016X}"] = [("1", 0.5, -66.0)]
    shelves.pass_s(8)
    shelves.tags = dict(list(shelves.tags.items())[:20])
    shelves.pass_s(60)
    assert not [fact for fact in shelves.facts if fact.epc.startswith("3034BA5E")]


def test_facts_carry_their_evidence_and_fit_the_wire(make_shelves: Make) -> None:
    shelves = make_shelves()
    shelves.put(5, "1")
    facts = shelves.pass_s(30)
    assert [decode_fact(encode(fact)) for fact in facts] == facts
    for fact in facts:
        assert fact.evidence is not None
        assert fact.evidence.reads >= 3
        assert fact.evidence.rssi_dbm == pytest.approx(-56, abs=4)
        assert fact.t_ms - 5_000 < (fact.evidence.last_read_ms or 0) <= fact.t_ms


def test_fewer_false_takes_cost_time(make_shelves: Make) -> None:
    waits = []
    for allowed in (1.0, 300.0):
        shelves = make_shelves(false_takes_per_1000_h=allowed)
        epcs = shelves.put(20, "1", rate=0.95)
        shelves.pass_s(120)
        del shelves.tags[epcs[0]]
        taken = [fact.t_ms for fact in shelves.pass_s(90) if isinstance(fact, ItemTaken)]
        waits.append(taken[0])
    assert waits[0] > waits[1]


@pytest.mark.parametrize("wrong", [{"cycle_ms": 5}, {"false_takes_per_1000_h": 0.0}, {"place_threshold": 1.0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        PresenceSettings(**wrong)


def test_a_read_of_an_antenna_that_nobody_named_is_counted_and_no_more(make_shelves: Make) -> None:
    shelves = make_shelves(1)
    shelves.presence.read("3034" + "0" * 20, "77", -50.0, 10)
    shelves.pass_s(3)
    assert shelves.presence.unknown_antennas == {"77": 1}
    assert shelves.presence.items(3_000) == {}
