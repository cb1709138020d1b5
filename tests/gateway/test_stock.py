"""A clerk asks where something is."""

import httpx
import pytest

from gateway.store import life
from models.messages.facts import (
    Evidence,
    ItemMoved,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    PriceChanged,
    ProductChanged,
    ShelfReader,
    StockChanged,
    StockCounted,
    StockElsewhere,
)
from tests.gateway.conftest import EPC, MILK, NOW_MS, SOAP, TEA, Store

GUM = "00000040123455"


def place(store: Store, *, epc: str = EPC, shelf: str = "A1", p: float = 0.97, t_ms: int = NOW_MS - 1000) -> None:
    store.fold(ItemPlaced(t_ms=t_ms, epc=epc, shelf=shelf, p=p, gtin=MILK, serial="6789"))


def find(client: httpx.Client, q: str) -> list[str]:
    products = client.get("/api/stock", params={"q": q}).raise_for_status().json()["products"]
    return [product["gtin"] for product in products]


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


QUESTIONS: list[tuple[str, list[str]]] = [
    ("milk", [MILK]),
    ("MILK whole", [MILK]),
    ("ilk", [MILK]),
    ("全脂牛奶", [MILK]),
    ("牛奶", [MILK]),
    ("奶", [MILK]),
    ("绿", [TEA]),
    ("te 绿", [TEA]),
    ("4006381333931", [MILK]),
    (MILK, [MILK]),
    ("63813", [MILK]),
    (EPC, [MILK]),
    (EPC.lower(), [MILK]),
    (f"(01){MILK}(21)6789", [MILK]),
    (f"https://id.gs1.org/01/{MILK}/21/6789", [MILK]),
    ("nothing like it", []),
    ("", []),
    ('"; DROP TABLE products; --', []),
    ("100%", []),
    ("_", []),
    ("a\x00b", []),
    ("* OR milk NOT", []),
]


def test_a_product_is_found_by_whatever_a_clerk_has(store: Store, clerk: httpx.Client) -> None:
    place(store)
    for q, expected in QUESTIONS:
        assert find(clerk, q) == expected, q


def test_an_item_that_stands_is_counted_where_it_stands(store: Store, clerk: httpx.Client) -> None:
    place(store)
    place(store, epc=EPC[:-1] + "6")
    place(store, epc=EPC[:-1] + "7", shelf="B2")
    product = clerk.get(f"/api/stock/{MILK}").json()
    assert product["on_hand"] == 3
    assert [(at["place"], at["quantity"], at["state"], at["kind"]) for at in product["places"]] == [
        ("A1", 2, "sure", "shelf"),
        ("B2", 1, "sure", "shelf"),
    ]
    assert product["price_minor"] == 129
    assert product["name_zh"] == "全脂牛奶"


def test_a_doubtful_item_is_unsure_and_a_silent_shelf_is_unknown_not_empty(store: Store, clerk: httpx.Client) -> None:
    place(store, p=0.55)
    assert clerk.get(f"/api/stock/{MILK}").json()["places"][0]["state"] == "unsure"
    store.fold(ShelfReader(t_ms=NOW_MS, shelf="A1", state="silent"))
    found = clerk.get(f"/api/stock/{MILK}").json()["places"][0]
    assert (found["quantity"], found["state"]) == (1, "unknown")


def test_what_a_reader_sees_now_was_seen_now(store: Store, clerk: httpx.Client) -> None:
    place(store, t_ms=NOW_MS - 3_600_000)
    store.fold(ShelfReader(t_ms=NOW_MS - 10, shelf="A1", state="reading"))
    assert clerk.get(f"/api/stock/{MILK}").json()["places"][0]["last_seen_ms"] == NOW_MS - 10


def test_an_old_fact_that_comes_late_moves_nothing(store: Store, clerk: httpx.Client) -> None:
    place(store, shelf="B2", t_ms=NOW_MS)
    store.fold(ItemTaken(t_ms=NOW_MS - 5000, epc=EPC, shelf="A1", p=0.9, gtin=MILK), node="shelf-2")
    item = clerk.get(f"/api/items/{EPC}").json()
    assert (item["place"], item["state"]) == ("B2", "on_shelf")


def test_filing_changes_by_item_loses_none_and_changes_nothing_that_is_told(
    store: Store, clerk: httpx.Client
) -> None:
    place(store, t_ms=NOW_MS - 100_000)
    for number in range(4):
        moved = ItemMoved(t_ms=NOW_MS - 90 + number, epc=EPC, shelf=f"S{number}", from_shelf="A1", p=0.9, gtin=MILK)
        store.fold(moved)
        if number == 2:
            assert store.desk.writer.run(life.file_changes) == 3
    before = clerk.get(f"/api/items/{EPC}").json()["history"]
    assert store.desk.writer.run(life.file_changes) == 1
    assert store.desk.writer.run(life.file_changes) == 0
    assert clerk.get(f"/api/items/{EPC}").json()["history"] == before
    assert [change["place"] for change in before] == ["S3", "S2", "S1", "S0", "A1"]


def test_an_item_tells_its_history_newest_first_and_forgets_the_oldest(store: Store, clerk: httpx.Client) -> None:
    place(store, t_ms=NOW_MS - 100_000)
    for number in range(40):
        t_ms = NOW_MS - 90_000 + number
        store.fold(
            ItemMoved(t_ms=t_ms, epc=EPC, shelf=f"S{number}", from_shelf="A1", p=0.9, gtin=MILK),
        )
    store.fold(
        ItemTaken(t_ms=NOW_MS - 10, epc=EPC, shelf="S39", p=0.8, gtin=MILK),
        ItemReturned(
            t_ms=NOW_MS, epc=EPC, shelf="S1", p=0.7, gtin=MILK, evidence=Evidence(reads=3, last_read_ms=NOW_MS - 1)
        ),
    )
    item = clerk.get(f"/api/items/{EPC.lower()}").raise_for_status().json()
    kinds = [change["event"] for change in item["history"]]
    assert kinds[:3] == ["stands", "lifted", "stands"]
    assert len(kinds) == 40
    newest = item["history"][0]
    assert (newest["t_ms"], newest["state"], newest["place"], newest["p"]) == (NOW_MS, "on_shelf", "S1", 0.7)
    assert (newest["evidence"]["reads"], newest["evidence"]["last_read_ms"]) == (3, NOW_MS - 1)
    assert (item["serial"], item["last_seen_ms"]) == ("6789", NOW_MS - 1)


def test_a_fact_from_a_clock_that_runs_ahead_does_not_have_the_last_word(store: Store, clerk: httpx.Client) -> None:
    place(store, t_ms=NOW_MS + 10 * 86_400_000)
    store.clock.advance(120)
    store.fold(ItemTaken(t_ms=NOW_MS + 120_000, epc=EPC, shelf="A1", p=0.9, gtin=MILK), node="shelf-2")
    assert clerk.get(f"/api/items/{EPC}").json()["state"] == "picked_up"


def test_a_count_and_what_came_after_it_are_the_stock_of_untagged_goods(store: Store, clerk: httpx.Client) -> None:
    store.fold(
        StockCounted(t_ms=NOW_MS - 5000, gtin=TEA, place="C3", quantity=10, by="c-1"),
        StockChanged(t_ms=NOW_MS - 4000, gtin=TEA, place="C3", delta=-3, reason="sale"),
        StockChanged(t_ms=NOW_MS - 6000, gtin=TEA, place="C3", delta=-5, reason="loss"),
        StockCounted(t_ms=NOW_MS - 5000, gtin=TEA, place="backroom", quantity=24, by="c-1"),
    )
    product = clerk.get(f"/api/stock/{TEA}").json()
    assert [(at["place"], at["kind"], at["quantity"]) for at in product["places"]] == [
        ("C3", "shelf", 7),
        ("backroom", "backroom", 24),
    ]


def test_a_count_by_hand_counts_once_and_can_be_taken_back(store: Store, clerk: httpx.Client) -> None:
    store.fold(StockCounted(t_ms=NOW_MS - 5000, gtin=SOAP, place="D1", quantity=4, by="c-1"))
    count = {"gtin": SOAP.lstrip("0"), "place": "D1", "quantity": 9, "count": "phone-1:17"}
    for _ in range(2):
        assert clerk.post("/api/stock/counts", json=count).raise_for_status().json()["on_hand"] == 9
    assert clerk.delete("/api/stock/counts/phone-1:17").json()["on_hand"] == 4
    assert clerk.delete("/api/stock/counts/phone-1:17").json()["on_hand"] == 4
    assert clerk.delete("/api/stock/counts/never").status_code == 404


def test_a_count_cannot_be_taken_back_after_ten_minutes(store: Store, clerk: httpx.Client) -> None:
    count = {"gtin": SOAP, "place": "D1", "quantity": 9, "count": "phone-1:18"}
    clerk.post("/api/stock/counts", json=count).raise_for_status()
    store.clock.advance(601)
    refused = clerk.delete("/api/stock/counts/phone-1:18")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_late")


def test_a_count_made_offline_does_not_undo_what_happened_since(store: Store, clerk: httpx.Client) -> None:
    store.fold(StockChanged(t_ms=NOW_MS - 1000, gtin=SOAP, place="D1", delta=-2, reason="sale"))
    count = {"gtin": SOAP, "place": "D1", "quantity": 9, "count": "phone-1:19", "t_ms": NOW_MS - 60_000}
    assert clerk.post("/api/stock/counts", json=count).raise_for_status().json()["on_hand"] == 7


def test_an_old_count_is_believed_less_and_less(store: Store, clerk: httpx.Client) -> None:
    store.fold(StockCounted(t_ms=NOW_MS, gtin=SOAP, place="D1", quantity=4, by="c-1"))
    states = []
    for days in (1, 19, 60):
        store.clock.advance(days * 86_400)
        with store.desk.reading() as connection:
            from gateway.api.stock import product

            states.append(product(store.desk, connection, SOAP).places[0].state)
    assert states == ["sure", "unsure", "unknown"]


def test_other_stores_are_told_with_the_age_of_the_news(store: Store, clerk: httpx.Client) -> None:
    store.fold(
        StockElsewhere(t_ms=NOW_MS - 60_000, store="store-2", store_name="Harbour", gtin=TEA, on_hand=5), node="hq"
    )
    assert clerk.get(f"/api/stock/{TEA}").json()["elsewhere"] == [
        {"store": "store-2", "store_name": "Harbour", "on_hand": 5, "t_ms": NOW_MS - 60_000}
    ]


def test_a_handheld_that_has_the_snapshot_is_not_sent_it_again(store: Store, clerk: httpx.Client) -> None:
    place(store)
    first = clerk.get("/api/stock/snapshot").raise_for_status()
    assert {product["gtin"]: product["on_hand"] for product in first.json()["products"]} == {MILK: 1, TEA: 0, SOAP: 0}
    again = clerk.get("/api/stock/snapshot", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    store.fold(ItemTaken(t_ms=NOW_MS, epc=EPC, shelf="A1", p=0.9, gtin=MILK))
    assert clerk.get("/api/stock/snapshot", headers={"if-none-match": first.headers["etag"]}).status_code == 200


def test_no_product_is_given_away_while_the_clock_is_behind(store: Store, clerk: httpx.Client) -> None:
    price = PriceChanged(t_ms=NOW_MS, gtin=GUM, price_minor=79, currency="EUR", from_ms=NOW_MS + 2000)
    store.fold(ProductChanged(t_ms=NOW_MS, gtin=GUM, name_en="Gum", name_zh="口香糖"), price, node="hq")
    assert clerk.get(f"/api/stock/{GUM}").json()["price_minor"] == 79


def test_what_headquarters_says_last_is_so_whatever_its_clock_said(store: Store, clerk: httpx.Client) -> None:
    store.fold(ProductChanged(t_ms=5, gtin=TEA, name_en="Black tea", name_zh="红茶"), node="hq")
    assert clerk.get(f"/api/stock/{TEA}").json()["name_zh"] == "红茶"
    assert find(clerk, "绿茶") == []
    assert find(clerk, "红茶") == [TEA]


def test_a_price_counts_from_its_day_on(store: Store, clerk: httpx.Client) -> None:
    store.fold(
        PriceChanged(t_ms=NOW_MS, gtin=TEA, price_minor=299, currency="EUR", from_ms=NOW_MS + 60_000), node="hq"
    )
    assert clerk.get(f"/api/stock/{TEA}").json()["price_minor"] == 349
    store.clock.advance(61)
    assert clerk.get(f"/api/stock/{TEA}").json()["price_minor"] == 299
