"""The pretend day keeps the laws of a shop."""

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_stubs.store.catalogue import CATALOGUE, Product
from firmware_stubs.store.day import Day, DaySettings, Happening
from firmware_stubs.store.world import World
from models.codes.epc import decode_epc


def first(count: int, seed: int) -> list[Happening]:
    return list(itertools.islice(Day(DaySettings(seed=seed)).happenings(), count))


def test_the_same_seed_gives_the_same_day() -> None:
    assert first(3000, seed=5) == first(3000, seed=5)
    assert first(3000, seed=5) != first(3000, seed=6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_nobody_pays_twice_and_no_item_is_sold_twice(seed: int) -> None:
    day = first(4000, seed=seed)
    assert [one.t_s for one in day] == sorted(one.t_s for one in day)
    sold = [one for one in day if one.kind == "sold"]
    assert max(Counter(one.transaction for one in sold).values()) == 1
    assert max(Counter(epc for one in sold for epc in one.epcs).values(), default=0) <= 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_is_stocked_stands_somewhere_or_was_taken(seed: int) -> None:
    world = World(seed)
    stocked, carried = set(), set()
    for one in first(4000, seed=seed):
        world.apply(one)
        if one.kind == "stocked":
            stocked.add(one.epc)
        elif one.kind == "lifted":
            carried.add(one.epc)
        elif one.kind == "put_back":
            carried.discard(one.epc)
    assert set(world.standing) == stocked - carried


def test_a_lane_serves_one_after_the_other() -> None:
    serving: dict[str, str] = {}
    for one in first(6000, seed=3):
        if one.kind == "service_started":
            assert one.lane not in serving
            serving[str(one.lane)] = str(one.transaction)
        elif one.kind == "sold":
            assert serving.pop(str(one.lane)) == one.transaction


@pytest.mark.parametrize("product", CATALOGUE, ids=lambda product: product.name_en)
def test_a_tag_says_the_product_that_carries_it(product: Product) -> None:
    assert decode_epc(product.epc(4711)).gtin == product.gtin
