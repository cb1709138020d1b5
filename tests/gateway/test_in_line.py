"""Shoppers who say where they stand in line, and what nodes are told of baskets."""

import httpx
import pytest

from gateway import baskets_told
from models.messages.codec import encode
from models.messages.facts import DoorMinute, ItemReturned, ItemTaken, SaleCompleted, SaleLine
from models.messages.samples import BasketsSample, LaneSample
from tests.gateway.conftest import EPC, MILK, NOW_MS, TEA, Store
from tests.gateway.test_baskets import scan


@pytest.fixture
def told(store: Store) -> list[BasketsSample]:
    """What nodes are told; lane 2 is open."""
    store.desk.samples.put_lane(LaneSample(lane="2", t_ms=NOW_MS, believed_until_ms=NOW_MS + 15_000, state="open"))
    heard: list[BasketsSample] = []

    def link(sample: BasketsSample) -> bool:
        heard.append(sample)
        return True

    store.desk.basket_links.append(link)
    return heard


@pytest.fixture
def shopper(store: Store) -> httpx.Client:
    """A shopper with two milks and a tea."""
    client = store.client()
    client.post("/api/baskets").raise_for_status()
    for number, text in enumerate((MILK, MILK, TEA)):
        scan(client, text, str(number)).raise_for_status()
    return client


def sale(*lines: tuple[str, int], lane: str = "2", name: str = "s-1") -> SaleCompleted:
    sold = tuple(SaleLine(gtin=gtin, quantity=quantity, price_minor=100) for gtin, quantity in lines)
    return SaleCompleted(
        t_ms=NOW_MS, sale=name, till="till-2", lane=lane, lines=sold, total_minor=300, currency="EUR"
    )


def test_a_shopper_says_where_they_stand_and_nodes_hear_how_many_pieces_nothing_else(
    store: Store, shopper: httpx.Client, told: list[BasketsSample]
) -> None:
    basket = shopper.put("/api/baskets/mine/lane", json={"lane": "2"}).raise_for_status().json()
    assert basket["lane"] == "2"
    (standing,) = told[-1].standing
    assert (standing.lane, standing.items, standing.since_ms) == ("2", 3, NOW_MS)
    assert basket["basket"].encode() not in encode(told[-1])
    assert shopper.delete("/api/baskets/mine/lane").raise_for_status().json()["lane"] is None
    assert told[-1].standing == ()


def test_nobody_stands_at_a_lane_that_there_is_not_or_with_an_empty_basket(
    store: Store, shopper: httpx.Client, told: list[BasketsSample]
) -> None:
    refused = shopper.put("/api/baskets/mine/lane", json={"lane": "9"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "no_such_lane")
    other = store.client()
    other.post("/api/baskets").raise_for_status()
    refused = other.put("/api/baskets/mine/lane", json={"lane": "2"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "empty_basket")
    assert store.client().put("/api/baskets/mine/lane", json={"lane": "2"}).status_code == 401
    assert told == []


def test_who_has_not_paid_after_forty_minutes_stands_nowhere(
    store: Store, shopper: httpx.Client, told: list[BasketsSample]
) -> None:
    shopper.put("/api/baskets/mine/lane", json={"lane": "2"}).raise_for_status()
    store.clock.advance(2401)
    baskets_told.tell_baskets(store.desk)
    assert told[-1].standing == ()
    assert shopper.get("/api/baskets/mine").json()["lane"] is None


def test_a_sale_of_just_these_pieces_at_that_lane_ends_the_basket_and_no_other_sale_does(
    store: Store, shopper: httpx.Client, told: list[BasketsSample]
) -> None:
    shopper.put("/api/baskets/mine/lane", json={"lane": "2"}).raise_for_status()
    store.fold(sale((MILK, 2), name="less"), sale((MILK, 2), (TEA, 1), lane="1", name="elsewhere"))
    assert shopper.get("/api/baskets/mine").json()["is_paid"] is False
    store.fold(sale((TEA, 1), (MILK, 1), (MILK, 1)))
    assert shopper.get("/api/baskets/mine").status_code == 401
    baskets_told.tell_baskets(store.desk)
    assert told[-1].standing == ()


def levels(store: Store, told: list[BasketsSample]) -> dict[str, float]:
    baskets_told.tell_baskets(store.desk)
    return {level.source: level.items for level in told[-1].levels}


def test_pieces_taken_per_visitor_are_told_once_enough_came(store: Store, told: list[BasketsSample]) -> None:
    now_ms = store.clock.now_ms()
    taken = [ItemTaken(t_ms=now_ms, epc=f"{EPC[:-2]}{n:02X}", shelf="A1", p=0.9, gtin=MILK) for n in range(30)]
    back = [ItemReturned(t_ms=now_ms, epc=f"{EPC[:-2]}{n:02X}", shelf="A1", p=0.9, gtin=MILK) for n in range(6)]
    store.fold(*taken, DoorMinute(t_ms=now_ms, door="main", entered=8, left=2))
    assert levels(store, told) == {}
    store.fold(*back, DoorMinute(t_ms=now_ms, door="side", entered=8, left=2))
    assert levels(store, told) == {"shelves": 1.5}
    store.fold(DoorMinute(t_ms=now_ms - 3_600_000, door="main", entered=100, left=0))
    assert levels(store, told) == {"shelves": 1.5}
    store.clock.advance(1300)
    assert levels(store, told) == {}


def test_without_doors_baskets_that_were_paid_stand_for_visitors(store: Store, told: list[BasketsSample]) -> None:
    taken = [ItemTaken(t_ms=NOW_MS, epc=f"{EPC[:-2]}{n:02X}", shelf="A1", p=0.9, gtin=MILK) for n in range(30)]
    store.fold(*taken, *(sale((TEA, 1), name=f"s-{n}") for n in range(10)))
    assert levels(store, told) == {"shelves": 3.0}


def test_phones_that_scan_are_told_as_pieces_per_phone(store: Store, told: list[BasketsSample]) -> None:
    for phone in range(5):
        client = store.client()
        client.post("/api/baskets").raise_for_status()
        for number in range(1 + phone % 2):
            scan(client, TEA, str(number)).raise_for_status()
    assert levels(store, told) == {"phones": 1.4}
