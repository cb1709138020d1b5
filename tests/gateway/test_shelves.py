"""The wall of shelves: what should and does stand on each, and what nobody knows."""

from typing import Any, Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.stock import Floor, Standing, Watch
from gateway.core.wall import Planned, Stand, picture
from models.messages.facts import ItemPlaced, ShelfReader, StockCounted
from models.messages.goods import ShelfCounted
from models.messages.samples import NodeStatus
from tests.gateway.conftest import EPC, MILK, NOW_MS, SOAP, TEA, Store

Json = dict[str, Any]


@pytest.fixture
def manager(store: Store) -> httpx.Client:
    return store.manager()


def plan(manager: httpx.Client, gtin: str, shelf: str, *, facings: int = 2, capacity: int = 10, low: int = 3) -> None:
    body = {"facings": facings, "capacity": capacity, "low": low}
    manager.put(f"/api/planogram/{shelf}/{gtin}", json=body).raise_for_status()


def place(
    store: Store, pieces: int, shelf: str = "A1", *, gtin: str | None = MILK, p: float = 0.97, at: int = 0
) -> None:
    store.fold(*(
        ItemPlaced(t_ms=NOW_MS - 90_000, epc=f"{EPC[:-4]}{at + n:04X}", shelf=shelf, p=p, gtin=gtin, serial=str(n))
        for n in range(pieces)
    ))  # fmt: skip


def watch(store: Store, shelf: str = "A1", state: Literal["reading", "silent", "disconnected"] = "reading") -> None:
    store.fold(ShelfReader(t_ms=NOW_MS - 60_000, shelf=shelf, state=state))


def shelf(client: httpx.Client, name: str = "A1") -> Json:
    found = {one["shelf"]: one for one in client.get("/api/shelves").raise_for_status().json()["shelves"]}
    answer: Json = found[name]
    return answer


def product(client: httpx.Client, gtin: str = MILK, name: str = "A1") -> Json:
    answer: Json = next(one for one in shelf(client, name)["products"] if one["gtin"] == gtin)
    return answer


def test_what_a_node_counted_stands_beside_the_pieces_and_the_newest_holds(store: Store) -> None:
    now = store.clock.now_ms()

    def counted(t_ms: int, quantity: int, p: float) -> ShelfCounted:
        return ShelfCounted(t_ms=t_ms, shelf="A1", gtin=MILK, quantity=quantity, p=p, unknown=1)

    store.fold(ShelfReader(t_ms=now, shelf="A1", state="reading"), counted(now, 7, 0.97))
    store.fold(counted(now - 1000, 9, 0.5))
    shelf = store.manager().get("/api/shelves/A1").raise_for_status().json()
    assert shelf["counts"] == [{"gtin": MILK, "quantity": 7, "p": 0.97, "unknown": 1, "t_ms": now}]


def test_a_shelf_says_what_should_and_what_does_stand_there(store: Store, manager: httpx.Client) -> None:
    watch(store)
    plan(manager, MILK, "A1")
    place(store, 7)
    found = shelf(manager)
    assert (found["state"], found["node"], found["unknown"]) == ("reading", "shelf-1", False)
    assert (found["standing"], found["wanted"], found["misplaced"]) == (7, 10, 0)
    assert found["products"] == [{
        "gtin": MILK, "name_en": "Whole milk 1 l", "name_zh": "全脂牛奶", "facings": 2, "capacity": 10, "low": 3,
        "standing": 7, "p": 0.97, "misplaced": False, "level": "ok",
    }]  # fmt: skip


def test_a_level_follows_from_plan_and_standing(store: Store, manager: httpx.Client) -> None:
    watch(store)
    plan(manager, MILK, "A1")
    levels = {}
    for pieces in (0, 1, 3, 4, 10, 11):
        place(store, pieces)
        levels[pieces] = product(manager)["level"]
    assert levels == {0: "empty", 1: "low", 3: "low", 4: "ok", 10: "ok", 11: "over"}


@pytest.mark.parametrize("state", ["silent", "disconnected"])
def test_a_reader_that_does_not_look_makes_its_shelf_unknown_and_never_empty(
    store: Store, manager: httpx.Client, state: Literal["silent", "disconnected"]
) -> None:
    plan(manager, MILK, "A1")
    plan(manager, TEA, "A1")
    store.fold(StockCounted(t_ms=NOW_MS, gtin=TEA, place="A1", quantity=5, by="c-1"))
    watch(store, state=state)
    assert shelf(manager)["unknown"]
    assert product(manager)["level"] == "unknown"
    assert product(manager, TEA)["level"] == "ok", "what people counted does not hang on a reader"


def test_a_shelf_whose_node_is_gone_is_offline_and_says_when_it_was_read_last(
    store: Store, manager: httpx.Client
) -> None:
    watch(store)
    plan(manager, MILK, "A1")
    place(store, 4)
    status = NodeStatus(node="shelf-1", t_ms=NOW_MS - 1000, state="online", version="1")
    store.desk.samples.put_node(status)
    assert shelf(manager)["last_read_ms"] == NOW_MS - 1000
    store.desk.samples.put_node(NodeStatus(node="shelf-1", t_ms=NOW_MS - 1000, state="offline", version="1"))
    found = shelf(manager)
    assert (found["state"], found["last_read_ms"]) == ("offline", NOW_MS - 90_000)
    assert product(manager)["level"] == "unknown"


def test_a_piece_on_a_shelf_that_is_not_its_own_is_misplaced(store: Store, manager: httpx.Client) -> None:
    plan(manager, MILK, "A1")
    for name in ("A1", "B2"):
        watch(store, name)
    place(store, 2, "B2")
    place(store, 1, "B2", gtin=SOAP, at=100)
    assert shelf(manager, "B2")["misplaced"] == 2
    assert product(manager, MILK, "B2")["misplaced"]
    assert not product(manager, SOAP, "B2")["misplaced"], "what has no shelf stands nowhere wrongly"


def test_goods_that_people_count_are_unknown_until_somebody_counts_them(store: Store, manager: httpx.Client) -> None:
    plan(manager, SOAP, "A1", low=1)
    assert product(manager, SOAP)["level"] == "unknown"
    assert shelf(manager)["state"] == "none"
    store.fold(StockCounted(t_ms=NOW_MS, gtin=SOAP, place="A1", quantity=0, by="c-1"))
    assert product(manager, SOAP)["level"] == "empty"
    store.fold(StockCounted(t_ms=NOW_MS + 1, gtin=SOAP, place="A1", quantity=4, by="c-1"))
    assert (product(manager, SOAP)["level"], product(manager, SOAP)["p"]) == ("ok", 1.0)


def test_the_back_room_is_told_apart_and_nothing_is_misplaced_there(store: Store, manager: httpx.Client) -> None:
    plan(manager, MILK, "A1")
    place(store, 6, "backroom")
    answer = manager.get("/api/shelves").json()
    assert [one["shelf"] for one in answer["shelves"]] == ["A1"]
    assert (answer["back_room"]["standing"], answer["back_room"]["misplaced"]) == (6, 0)
    assert manager.get("/api/shelves/backroom").json()["standing"] == 6


def test_tags_of_no_product_are_counted_where_they_stand(store: Store, manager: httpx.Client) -> None:
    watch(store)
    place(store, 3, gtin=None)
    found = shelf(manager)
    assert (found["unnamed"], found["standing"], found["products"]) == (3, 3, [])


def test_only_the_shelves_that_news_are_about_can_be_asked_for(store: Store, manager: httpx.Client) -> None:
    plan(manager, MILK, "A1")
    plan(manager, TEA, "B2")
    plan(manager, SOAP, "C3")
    answer = manager.get("/api/shelves", params={"gtin": MILK.lstrip("0"), "shelf": "C3"}).json()
    assert [one["shelf"] for one in answer["shelves"]] == ["A1", "C3"]
    assert answer["back_room"] is None


def test_one_shelf_lists_its_pieces_the_least_certain_first(store: Store, manager: httpx.Client) -> None:
    watch(store)
    place(store, 2)
    place(store, 1, p=0.55, at=200)
    answer = manager.get("/api/shelves/A1").json()
    assert [item["p"] for item in answer["items"]] == [0.55, 0.97, 0.97]
    assert answer["items"][0]["gtin"] == MILK
    assert answer["products"][0]["standing"] == 3


def test_a_shelf_that_nobody_knows_is_refused_with_what_to_do(manager: httpx.Client) -> None:
    answer = manager.get("/api/shelves/Z9")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown_shelf"
    assert "planned there" in answer.json()["error"]["hint"]


planned = st.builds(Planned, st.integers(1, 9), st.integers(1, 40), st.integers(0, 39))
stands = st.builds(
    lambda quantity, p: Stand(Standing("A1", quantity, NOW_MS - 1000, p), tagged=True),
    st.integers(0, 60),
    st.floats(0.0, 1.0),
)
gtins = st.sampled_from((MILK, TEA, SOAP))


@given(
    plan=st.dictionaries(gtins, planned),
    standing=st.dictionaries(gtins, stands),
    state=st.sampled_from(("silent", "disconnected", "offline")),
)
def test_whatever_stands_there_a_shelf_that_nobody_reads_is_never_called_empty_or_full(
    plan: dict[str, Planned], standing: dict[str, Stand], state: Literal["silent", "disconnected", "offline"]
) -> None:
    floor = Floor("backroom", "counter", {"A1": Watch(state, NOW_MS - 5000)})
    anywhere, tagged = frozenset(plan), frozenset((MILK, TEA, SOAP))
    seen = picture("A1", plan, standing, floor, tagged=tagged, planned_anywhere=anywhere, now_ms=NOW_MS)
    assert {facing.level for facing in seen.facings} <= {"unknown"}
    assert seen.is_unknown
    assert seen.standing == sum(stand.standing.quantity for stand in standing.values())
