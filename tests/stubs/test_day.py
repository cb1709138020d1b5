"""The pretend day keeps the laws of a shop."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_stubs.store.catalogue import CATALOGUE, Product
from firmware_stubs.store.day import Day
from firmware_stubs.store.day_settings import DaySettings
from firmware_stubs.store.delivery import delivery
from firmware_stubs.store.doorway import walk_out
from firmware_stubs.store.happening import Happening
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
        if one.kind in {"stocked", "delivered"}:
            stocked.add(one.epc)
        elif one.kind == "lifted":
            carried.add(one.epc)
        elif one.kind in {"put_back", "misplaced"}:
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


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_goes_through_the_door_was_paid_or_stolen_and_never_both(seed: int) -> None:
    busy = DaySettings(seed=seed, thefts_per_hour=120.0, sweeps_per_hour=40.0)
    day = list(itertools.islice(Day(busy).happenings(), 4000))
    day = [one for one in day if one.t_s < day[-1].t_s]
    paid = {epc for one in day if one.kind == "sold" for epc in one.epcs}
    stolen = Counter(epc for one in day if one.kind == "stolen" for epc in one.epcs)
    passed = Counter(epc for one in day if one.kind == "passed" for epc in one.epcs)
    assert max(stolen.values()) == max(passed.values()) == 1
    assert not paid & stolen.keys()
    assert stolen.keys() <= passed.keys() <= paid | stolen.keys()


def test_once_in_a_while_many_of_one_product_go_within_seconds() -> None:
    sweeps = [one for one in first(4000, seed=2) if one.kind == "stolen" and len(one.epcs) >= 6]
    assert sweeps
    assert all(len(set(one.gtins)) == 1 for one in sweeps)


def test_a_delivery_brings_what_it_announced_but_for_a_forgotten_piece_in_every_second_one() -> None:
    day = first(6000, seed=1)
    for number in (1, 2):
        notice = delivery(number, due_s=0.0)
        announced = {epc for carton in notice.cartons for epcs in carton.pieces.values() for epc in epcs}
        came = {str(one.epc) for one in day if one.kind == "delivered" and one.delivery == notice.name}
        assert len(announced - came) == (1 if number == 2 else 0)
        assert came <= announced
        units = {one.epc for one in day if one.kind == "unit_delivered" and one.delivery == notice.name}
        assert {decode_epc(str(epc)).key for epc in units} == {carton.sscc for carton in notice.cartons}


def test_a_clerk_carries_from_the_back_room_and_brings_home_what_stands_astray() -> None:
    day = Day(DaySettings(seed=4, has_clerk=True))
    happened = list(itertools.islice(day.happenings(), 2500))
    assert not [one for one in happened if one.kind == "stocked" and one.t_s > 0], "nothing comes from nowhere"
    world = World(4)
    for one in happened:
        world.apply(one)
    gtin = min(day.goods.backroom, key=lambda one: len(day.goods.standing[one]))
    before = len(day.goods.backroom[gtin])
    now_s = happened[-1].t_s
    assert day.goods.bring(now_s, gtin, 3) == min(3, before)
    astray = list(day.goods.astray)
    assert day.goods.tidy(now_s, [*astray, "30340000"]) == len(astray) > 0
    for one in day.said():
        world.apply(one)
        assert world.standing[str(one.epc)] == day.goods.homes[str(one.gtin)]
    assert day.goods.quantity("backroom", gtin) == before - min(3, before)


def test_who_walks_out_is_read_inside_first_and_outside_last() -> None:
    seen = [
        (antenna, rssi) for step in walk_out(random.Random(1), items=1) for _item, antenna, rssi in step
    ]  # fmt: skip
    assert len(seen) > 15
    half = len(seen) // 2
    loud = {
        side: {antenna: max((rssi for a, rssi in part if a == antenna), default=-90.0) for antenna in (1, 2)}
        for side, part in (("early", seen[: half // 2]), ("late", seen[-half // 2 :]))
    }
    assert loud["early"][1] > loud["early"][2]
    assert loud["late"][2] > loud["late"][1]
