"""How many pieces stand on a shelf: exactly by hand for a few, never louder than the budget for many."""

import itertools
from dataclasses import dataclass
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.shelf_counts import MOST_CHANGES_AN_HOUR, MOST_REPEATS_A_DAY, ShelfCounts, most_probable
from models.messages.goods import ShelfCounted

START = 1_763_769_600_000
GTIN = "00614141000012"


@dataclass
class Item:
    shelf: str
    p: float
    state: str = "present"


def gtin_of(epc: str) -> str | None:
    return None if epc.startswith("E2") else f"{int(epc[:4], 16):014d}"


def shelf(count: int, p: float = 0.99, state: str = "present", gtin: int = 1, on: str = "A1") -> dict[str, Item]:
    return {f"{gtin:04X}{number:020X}": Item(on, p, state) for number in range(count)}


def settle(counts: ShelfCounts, items: dict[str, Item], t_ms: int) -> list[ShelfCounted]:
    return counts.count(items, t_ms) + counts.count(items, t_ms + 5000)


@given(st.lists(st.lists(st.floats(0, 1), max_size=8), max_size=5))
def test_each_count_is_the_most_probable_one_and_its_probability_is_exact(shelves: list[list[float]]) -> None:
    for p, (number, probability) in zip(shelves, most_probable(shelves), strict=True):
        chance = by_hand(p)
        assert probability == pytest.approx(max(chance), abs=1e-9)
        assert chance[number] == pytest.approx(max(chance), abs=1e-9)


def by_hand(p: list[float]) -> list[float]:
    chance = [0.0] * (len(p) + 1)
    for stands in itertools.product((True, False), repeat=len(p)):
        chance[sum(stands)] += prod(one if here else 1 - one for one, here in zip(p, stands, strict=True))
    return chance


def test_a_count_is_told_when_it_has_settled_and_again_when_it_changed() -> None:
    counts = ShelfCounts(gtin_of)
    assert counts.count(shelf(3), START) == []
    (fact,) = counts.count(shelf(3), START + 5000)
    assert (fact.shelf, fact.gtin, fact.quantity, fact.unknown) == ("A1", "00000000000001", 3, 0)
    assert fact.p == pytest.approx(0.99**3, abs=1e-4)
    assert counts.count(shelf(2), START + 10_000) == []
    assert counts.count(shelf(3), START + 15_000) == [], "it only flickered"
    assert [fact.quantity for fact in settle(counts, shelf(1), START + 20_000)] == [1]


def test_a_shelf_that_is_empty_now_is_told_once_and_then_no_more() -> None:
    counts = ShelfCounts(gtin_of)
    settle(counts, shelf(2), START)
    assert [fact.quantity for fact in settle(counts, {}, START + 20_000)] == [0]
    assert settle(counts, {}, START + 5_000_000) == []


def test_every_quarter_of_an_hour_it_is_told_again() -> None:
    counts = ShelfCounts(gtin_of)
    told = [fact for second in range(0, 3600, 5) for fact in counts.count(shelf(2), START + second * 1000)]
    assert [(fact.t_ms - START) // 60_000 for fact in told] == [0, 15, 30, 45]


def test_items_of_a_silent_antenna_are_unknown_and_not_gone() -> None:
    counts = ShelfCounts(gtin_of)
    settle(counts, shelf(5), START)
    (fact,) = settle(counts, shelf(5) | shelf(2, 0.5, "unknown"), START + 20_000)
    assert (fact.quantity, fact.unknown) == (3, 2)


def test_what_is_gone_or_has_no_product_counts_nothing() -> None:
    strange = {"E2801160": Item("A1", 0.99)}
    assert settle(ShelfCounts(gtin_of), strange | shelf(4, 0.0001, "taken"), START) == []


def test_five_thousand_tags_stay_within_a_days_budget_and_so_do_fifty_thousand_that_are_moved_about() -> None:
    counts = ShelfCounts(gtin_of)
    calm = {epc: item for gtin in range(1, 418) for epc, item in shelf(12, gtin=gtin).items()}
    quarter = [fact for second in range(0, 1800, 60) for fact in counts.count(calm, START + second * 1000)]
    assert len(quarter) == 2 * 417, "40,032 a day"
    counts, hour, busy = ShelfCounts(gtin_of), [], calm
    for step in range(20):
        busy = {epc: item for gtin in range(1, 2001) for epc, item in shelf(1 + step // 2 % 2, gtin=gtin).items()}
        hour += counts.count(busy, START + step * 5000)
    assert len(hour) == MOST_CHANGES_AN_HOUR
    after = settle(counts, busy, START + 3_600_000)
    assert {fact.gtin for fact in after} >= {f"{gtin:014d}" for gtin in range(1001, 2001)}, "told when it may"
    assert 2000 * 86_400_000 // MOST_REPEATS_A_DAY > 900_000, "more pairs are repeated less often"
