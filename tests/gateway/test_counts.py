"""Counting: what is to be counted, blind; and each count held against the books."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import jobs
from gateway.core.counting import DAY_MS, Candidate, differs, due, ranks
from gateway.core.stock import counted_confidence
from models.messages.facts import SaleCompleted, SaleLine, StockChanged
from tests.gateway.conftest import MILK, NOW_MS, SOAP, TEA, StartStore, Store, free_port
from tests.gateway.test_tasks import count, one_task, plan, second_clerk, stand, tasks_of, wait_for


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


def post(client: httpx.Client, name: str, quantity: int, *, gtin: str = TEA, place: str = "C3") -> dict[str, Any]:
    body = {"gtin": gtin, "place": place, "quantity": quantity, "count": name}
    found: dict[str, Any] = client.post("/api/stock/counts", json=body).raise_for_status().json()
    return found


def evidence(store: Store) -> list[tuple[Any, ...]]:
    with store.desk.reading() as connection:
        rows = connection.execute(
            "SELECT gtin, place, expected, found, undone FROM count_checks ORDER BY t_ms, count"
        )
        return [tuple(row) for row in rows.fetchall()]


def test_who_counts_a_place_is_not_told_what_should_be_there(store: Store, clerk: httpx.Client) -> None:
    plan(store, SOAP, "C3", 10, 3)
    count(store, "C3", 7)
    stand(store, "C3", range(3))
    found = clerk.get("/api/counts/C3").raise_for_status().json()
    assert found["products"] == [
        {"gtin": TEA, "name_en": "Green tea", "name_zh": "绿茶", "tagged": False, "last_counted_ms": NOW_MS},
        {"gtin": SOAP, "name_en": "Hand soap", "name_zh": "洗手液", "tagged": False, "last_counted_ms": None},
        {"gtin": MILK, "name_en": "Whole milk 1 l", "name_zh": "全脂牛奶", "tagged": True, "last_counted_ms": None},
    ]


def test_each_count_is_kept_beside_what_the_books_said(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 10)
    store.clock.advance(60)
    store.fold(StockChanged(t_ms=store.clock.now_ms() - 1000, gtin=TEA, place="C3", delta=-3, reason="sale"))
    post(clerk, "one", 6)
    post(clerk, "one", 6)
    post(clerk, "two", 4, gtin=SOAP)
    assert evidence(store) == [(TEA, "C3", 7, 6, 0), (SOAP, "C3", None, 4, 0)]
    (tea,) = clerk.get("/api/counts", params={"gtin": TEA, "place": "C3"}).raise_for_status().json()["counts"]
    assert (tea["expected"], tea["found"], tea["by_name"], tea["name_zh"]) == (7, 6, "Clerk A", "绿茶")
    assert len(clerk.get("/api/counts").json()["counts"]) == 2


def test_a_count_below_the_books_is_a_loss_and_undoing_it_undoes_the_loss(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 10)
    store.clock.advance(60)
    assert post(clerk, "one", 7)["on_hand"] == 7
    window = {"from_ms": 0, "to_ms": NOW_MS + 10**9}
    (lost,) = clerk.get("/api/shrink", params=window).raise_for_status().json()["lines"]
    assert (lost["gtin"], lost["quantity"], lost["reason"], lost["place"]) == (TEA, 3, "counted", "C3")
    assert clerk.delete("/api/stock/counts/one").raise_for_status().json()["on_hand"] == 10
    assert clerk.get("/api/shrink", params=window).json()["lines"] == []
    assert evidence(store) == [(TEA, "C3", 10, 7, 1)]


def test_what_nobody_had_counted_is_no_loss(store: Store, clerk: httpx.Client) -> None:
    sale = SaleLine(gtin=TEA, quantity=3, price_minor=349)
    sold = SaleCompleted(t_ms=NOW_MS - 9, sale="s-1", till="t-1", lines=(sale,), total_minor=1, currency="EUR")
    store.fold(sold, node="till-1")
    post(clerk, "one", 0, place="floor")
    assert evidence(store) == [(TEA, "floor", None, 0, 0)]
    assert clerk.get("/api/shrink", params={"from_ms": 0, "to_ms": NOW_MS + 10**9}).json()["lines"] == []


def test_a_count_that_differs_much_is_made_again_and_then_stands(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 10)
    store.clock.advance(60)
    post(clerk, "one", 4)
    again = one_task(clerk, "count")
    assert (again["reason"], again["shelf"], again["quantity"]) == ("count_differs", "C3", None)
    store.clock.advance(60)
    post(clerk, "two", 4)
    assert tasks_of(clerk, "count") == []
    (done,) = tasks_of(clerk, "count", "done")
    assert (done["task"], done["claimed_name"]) == (again["task"], "Clerk A")


def test_undoing_a_count_opens_the_task_that_it_ended(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 10)
    plan(store, SOAP, "C3", 10, 3)
    jobs.plan_counts(store.desk)
    asked = {task["task"] for task in tasks_of(clerk, "count") if task["shelf"] == "C3"}
    post(clerk, "one", 4, gtin=SOAP)
    assert asked & {task["task"] for task in tasks_of(clerk, "count", "done")} == asked
    clerk.delete("/api/stock/counts/one").raise_for_status()
    assert asked <= {task["task"] for task in tasks_of(clerk, "count")}


def test_counts_are_asked_for_a_few_each_day(start_store: StartStore) -> None:
    store = start_store(tasks={"counts_per_day": 3})
    store.sell_goods()
    for shelf in ("A1", "B2", "C3", "D4"):
        plan(store, SOAP, shelf, 10, 3)
        plan(store, TEA, shelf, 10, 3)
    clerk = store.manager()
    for _ in range(3):
        jobs.plan_counts(store.desk)
    asked = tasks_of(clerk, "count")
    assert len(asked) == 3
    assert {task["reason"] for task in asked} == {"never_counted"}
    for number, task in enumerate(asked):
        post(clerk, f"c-{number}", 5, gtin=task["gtin"], place=task["shelf"])
    jobs.plan_counts(store.desk)
    assert tasks_of(clerk, "count") == []
    store.clock.advance(86_400)
    jobs.plan_counts(store.desk)
    assert len(tasks_of(second_clerk(store), "count")) == 3


def test_what_readers_see_nobody_has_to_count(store: Store, clerk: httpx.Client) -> None:
    stand(store, "A1", range(3))
    plan(store, MILK, "A1", 8, 2)
    jobs.plan_counts(store.desk)
    assert tasks_of(clerk, "count") == []


def test_a_count_of_tagged_goods_is_held_against_what_the_shelf_sees(store: Store, clerk: httpx.Client) -> None:
    stand(store, "A1", range(5))
    post(clerk, "one", 3, gtin=MILK, place="A1")
    assert evidence(store) == [(MILK, "A1", 5, 3, 0)]
    assert clerk.get(f"/api/stock/{MILK}").json()["on_hand"] == 5
    assert one_task(clerk, "count")["reason"] == "count_differs"


def test_what_was_sold_since_makes_a_count_doubtful(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 500)
    before = clerk.get(f"/api/stock/{TEA}").json()["places"][0]
    assert (before["p"], before["age_ms"]) == (1.0, 0)
    line = SaleLine(gtin=TEA, quantity=161, price_minor=349)
    sale = SaleCompleted(t_ms=NOW_MS + 1, sale="s-1", till="t-1", lines=(line,), total_minor=1, currency="EUR")
    store.fold(sale, node="till-1")
    after = clerk.get(f"/api/stock/{TEA}").json()["places"][0]
    assert (after["quantity"], after["p"], after["state"]) == (339, pytest.approx(0.5, abs=0.005), "unsure")
    store.fold(StockChanged(t_ms=NOW_MS + 2, gtin=TEA, place="C3", delta=90, reason="delivery"))
    assert clerk.get(f"/api/stock/{TEA}").json()["places"][0]["p"] == after["p"]


def test_headquarters_hears_of_counts_and_of_what_they_lacked(start_store: StartStore) -> None:
    store = start_store(hq={"url": f"http://127.0.0.1:{free_port()}", "key": "0123456789abcdef"})
    store.sell_goods()
    clerk = store.manager()
    count(store, "C3", 10)
    store.clock.advance(60)
    post(clerk, "one", 9)
    wait_for(lambda: [fact for fact in store.outgoing() if fact["kind"] == "stock.changed"], "the loss")
    told = [fact for fact in store.outgoing() if fact["kind"] in {"stock.counted", "stock.changed"}]
    assert [(fact.get("quantity"), fact.get("delta")) for fact in told][1:] == [(9, None), (None, -1)]


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=4), st.floats(0, 1e6), max_size=12),
)
def test_better_classes_turn_over_no_less(turnover: dict[str, float]) -> None:
    found = ranks(turnover)
    assert found.keys() == turnover.keys()
    for one, rank in found.items():
        for other, other_rank in found.items():
            if turnover[one] > turnover[other]:
                assert rank <= other_rank


CANDIDATES = st.builds(
    Candidate,
    st.sampled_from("abcde"),
    st.sampled_from(["C1", "C2"]),
    st.one_of(st.none(), st.integers(0, 400 * DAY_MS)),
    st.floats(0, 1),
)


@given(st.lists(CANDIDATES, max_size=10, unique_by=lambda one: (one.gtin, one.place)), st.integers(0, 5))
def test_no_more_is_asked_for_than_wished_and_what_was_never_counted_comes_first(
    candidates: list[Candidate], most: int
) -> None:
    found = due(candidates, {"a": "A", "b": "B"}, 400 * DAY_MS, most)
    assert len(found) <= most
    reasons = [one.want.reason == "never_counted" for one in found]
    assert reasons == sorted(reasons, reverse=True)
    never = sum(one.counted_ms is None for one in candidates)
    assert sum(reasons) == min(never, most)


def test_the_better_class_is_counted_sooner() -> None:
    candidates = [Candidate(gtin, "C1", 300 * DAY_MS, 1.0) for gtin in ("a", "b", "c")]
    found = due(candidates, {"a": "A", "b": "B"}, 400 * DAY_MS, 9)
    assert [one.gtin for one in found] == ["a", "b"]


def test_small_differences_are_no_alarm() -> None:
    assert not differs(None, 0)
    assert not differs(10, 9)
    assert not differs(100, 90)
    assert differs(10, 8)
    assert differs(0, 2)


@given(st.integers(0, 400 * DAY_MS), st.integers(0, 5000), st.integers(0, 400 * DAY_MS), st.integers(0, 5000))
def test_books_grow_no_surer_by_themselves(age_ms: int, moved: int, more_ms: int, more: int) -> None:
    before, after = counted_confidence(age_ms, moved), counted_confidence(age_ms + more_ms, moved + more)
    assert 0.0 <= after <= before <= 1.0
