"""Sweeps: what is no habit rings, once; what somebody at work or a deaf reader explains does not."""

import random
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.alarms import PRODUCT_RULE, SHELF_RULE, Habit, tail, thickest, together, unlikely
from models.messages.facts import ItemPlaced, ItemReturned, ItemTaken, SaleCompleted, SaleLine, ShelfReader
from tests.gateway.conftest import MILK, NOW_MS, SOAP, TEA, StartStore, Store

EPCS = [f"3034257BF7194E40000{number:05d}" for number in range(400)]


@pytest.fixture
def store(start_store: StartStore) -> Store:
    running = start_store(hq={"url": "http://127.0.0.1:9", "key": "0123456789abcdef0123"})
    running.sell_goods()
    return running


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


def stand(store: Store, epcs: Sequence[str], *, gtin: str = MILK, shelf: str = "A1") -> None:
    t_ms = NOW_MS - 86_400_000
    store.fold(*(ItemPlaced(t_ms=t_ms, epc=epc, shelf=shelf, p=0.97, gtin=gtin) for epc in epcs))


def lift(store: Store, epcs: Sequence[str], *, gtin: str = MILK, shelf: str = "A1", every_ms: int = 1000) -> None:
    """Pieces are lifted one after the other, the last just now."""
    last_ms = store.clock.now_ms()
    times = [last_ms - every_ms * (len(epcs) - 1 - n) for n in range(len(epcs))]
    store.fold(
        *(ItemTaken(t_ms=t, epc=epc, shelf=shelf, p=0.9, gtin=gtin) for t, epc in zip(times, epcs, strict=True))
    )


def alarms(clerk: httpx.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = clerk.get("/api/alarms").raise_for_status().json()["alarms"]
    return found


# --- what is unlikely ---------------------------------------------------------------------------------------


def test_the_tail_is_that_of_goes_with_geometric_sizes() -> None:
    draw = random.Random(1)
    pieces = []
    for _ in range(20_000):
        goes, now = 0, draw.expovariate(0.5)
        while now < 1.0:
            goes, now = goes + 1, now + draw.expovariate(0.5)
        pieces.append(sum(next(n for n in range(1, 99) if draw.random() < 1 / 1.5) for _ in range(goes)))
    for least in (1, 2, 4):
        share = sum(n >= least for n in pieces) / len(pieces)
        assert tail(least, 0.5, 1.5) == pytest.approx(share, abs=0.01)


@given(st.integers(1, 60), st.floats(0, 20), st.floats(1, 12))
def test_more_pieces_are_never_likelier(pieces: int, goes: float, mean_size: float) -> None:
    assert 0.0 <= tail(pieces + 1, goes, mean_size) <= tail(pieces, goes, mean_size) + 1e-9 <= 1.0 + 1e-9


@given(st.dictionaries(st.integers(1, 20), st.integers(1, 200)), st.floats(0, 5000), st.integers(0, 40))
def test_few_pieces_are_never_a_sweep_and_what_happens_often_neither(
    sizes: dict[int, int], hours: float, pieces: int
) -> None:
    found = unlikely(pieces, Habit(sizes, hours), PRODUCT_RULE)
    assert found is None or (pieces >= PRODUCT_RULE.least and found < PRODUCT_RULE.likely)


def test_six_at_once_ring_for_what_goes_one_by_one_and_not_for_what_goes_by_the_six() -> None:
    assert unlikely(6, Habit({1: 200}, 400), PRODUCT_RULE) is not None
    assert unlikely(6, Habit({1: 200, 6: 20}, 100), PRODUCT_RULE) is None
    assert unlikely(4, Habit({1: 200}, 400), PRODUCT_RULE) is None
    assert unlikely(11, Habit({}, 0), SHELF_RULE) is None


def test_habits_are_forgotten_by_half() -> None:
    habit = Habit({1: 300, 2: 200}, 100.0).with_go(1)
    assert (habit.sizes, habit.hours) == ({1: 150, 2: 100}, 50.0)


def test_what_passes_a_door_together_is_one_group_and_the_thickest_span_is_found() -> None:
    assert together([(30_000, "c"), (0, "a"), (9000, "b")]) == [[(0, "a"), (9000, "b")], [(30_000, "c")]]
    assert thickest([0, 50, 60, 61, 62, 200], 12) == (1, 5)
    assert thickest([], 12) == (0, 0)


# --- through the front --------------------------------------------------------------------------------------


def test_many_of_one_product_that_leave_within_seconds_ring_once_and_what_follows_joins(
    store: Store, clerk: httpx.Client
) -> None:
    stand(store, EPCS[:10])
    lift(store, EPCS[:4])
    assert alarms(clerk) == []
    store.clock.advance(5)
    lift(store, EPCS[4:7])
    (alarm,) = alarms(clerk)
    assert (alarm["type"], alarm["shelf"], alarm["gtin"], alarm["quantity"]) == ("sweep", "A1", MILK, 7)
    assert alarm["epcs"] == EPCS[:7]
    assert isinstance(alarm["p"], float)
    assert alarm["p"] > 0.999
    store.clock.advance(30)
    lift(store, EPCS[7:9])
    assert [alarm["quantity"] for alarm in alarms(clerk)] == [9]
    store.clock.advance(300)
    lift(store, EPCS[9:10])
    assert [alarm["quantity"] for alarm in alarms(clerk)] == [9]
    raised = [fact for fact in store.outgoing() if fact["kind"] == "alarm.raised"]
    assert [(fact["alarm"], fact["quantity"]) for fact in raised] == [(alarm["alarm"], 7), (alarm["alarm"], 9)]


def test_one_piece_after_the_other_over_an_hour_rings_nothing(store: Store, clerk: httpx.Client) -> None:
    stand(store, EPCS[:12])
    for epc in EPCS[:12]:
        store.clock.advance(300)
        lift(store, [epc])
    assert alarms(clerk) == []


def test_what_people_take_by_the_six_rings_only_until_the_store_has_learned_it(
    store: Store, clerk: httpx.Client
) -> None:
    stand(store, EPCS[:60])
    rang = []
    for go in range(8):
        store.clock.advance(3600)
        lift(store, EPCS[6 * go : 6 * go + 6])
        for alarm in clerk.get("/api/alarms", params={"open": 1}).json()["alarms"]:
            rang.append(go)
            clerk.post(f"/api/alarms/{alarm['alarm']}/close", json={"outcome": "false"}).raise_for_status()
    assert rang[0] == 0
    assert rang == list(range(len(rang)))
    assert len(rang) <= 3


def test_many_different_things_from_one_shelf_ring_as_the_shelf(store: Store, clerk: httpx.Client) -> None:
    goods = [(MILK, EPCS[:4]), (TEA, EPCS[4:8]), (SOAP, EPCS[8:12])]
    for gtin, epcs in goods:
        stand(store, epcs, gtin=gtin)
    for gtin, epcs in goods:
        lift(store, epcs, gtin=gtin)
    (alarm,) = alarms(clerk)
    assert (alarm["shelf"], alarm["gtin"], alarm["quantity"]) == ("A1", None, 12)


@pytest.mark.parametrize("reason", ["task", "silence", "backroom", "late"])
def test_what_somebody_at_work_or_a_deaf_reader_explains_rings_nothing(
    store: Store, clerk: httpx.Client, reason: str
) -> None:
    shelf = "backroom" if reason == "backroom" else "A1"
    stand(store, EPCS[:8], shelf=shelf)
    if reason == "task":
        store.desk.writer.run(
            lambda connection: connection.execute(
                """INSERT INTO tasks(task, type, state, gtin, shelf, from_place, to_place, quantity, on_shelf,
                   backroom, base, epcs, reason, priority, since_ms)
                   VALUES ('tidy-1', 'tidy', 'claimed', ?, 'A1', 'A1', 'B2', 8, 8, 0, 8, '[]', 'misplaced', 50, 0)""",
                (MILK,),
            )
        )
    if reason == "silence":
        store.fold(ShelfReader(t_ms=NOW_MS - 1, shelf="A1", state="silent"))
    if reason == "late":
        store.clock.advance(600)
    last_ms = NOW_MS
    store.fold(*(ItemTaken(t_ms=last_ms, epc=epc, shelf=shelf, p=0.9, gtin=MILK) for epc in EPCS[:8]))
    assert alarms(clerk) == []


def test_who_took_many_at_once_and_paid_for_all_was_a_good_customer(store: Store, clerk: httpx.Client) -> None:
    stand(store, EPCS[:8])
    lift(store, EPCS[:8])
    store.clock.advance(120)
    for name, epcs in (("t-1", EPCS[:5]), ("t-2", EPCS[5:8])):
        assert [alarm["state"] for alarm in alarms(clerk)] == ["open"]
        line = SaleLine(gtin=MILK, quantity=len(epcs), price_minor=129, epcs=tuple(epcs))
        t_ms = store.clock.now_ms()
        paid = SaleCompleted(t_ms=t_ms, sale=name, till="till-1", lines=(line,), total_minor=1, currency="EUR")
        store.fold(paid, node="till-1")
    (alarm,) = alarms(clerk)
    assert (alarm["state"], alarm["outcome"], alarm["by"]) == ("closed", "paid", "aisle")
    opened = clerk.post(f"/api/alarms/{alarm['alarm']}/reopen").raise_for_status().json()
    assert opened["state"] == "open"
    assert clerk.get("/api/items", params={"state": "paid"}).json()["items"][0]["epc"] in EPCS[:8]


def test_a_sweep_that_was_theft_makes_its_pieces_missing_and_back_again_when_that_is_taken_back(
    store: Store, clerk: httpx.Client
) -> None:
    stand(store, EPCS[:8])
    lift(store, EPCS[:8])
    store.fold(ItemReturned(t_ms=store.clock.now_ms() + 1, epc=EPCS[0], shelf="A1", p=0.9, gtin=MILK))
    (alarm,) = alarms(clerk)
    clerk.post(f"/api/alarms/{alarm['alarm']}/close", json={"outcome": "theft"}).raise_for_status()
    missing = clerk.get("/api/items", params={"state": "missing"}).json()["items"]
    assert {item["epc"] for item in missing} == set(EPCS[1:8])
    told = clerk.get("/api/shrink").json()
    assert (told["items"], told["value_minor"], told["currency"]) == (7, 7 * 129, "EUR")
    assert {line["reason"] for line in told["lines"]} == {"swept"}
    clerk.post(f"/api/alarms/{alarm['alarm']}/reopen").raise_for_status()
    assert clerk.get("/api/items", params={"state": "missing"}).json()["items"] == []
    assert clerk.get("/api/items", params={"state": "picked_up"}).json()["items"][0]["epc"] in EPCS[1:8]
    assert clerk.get("/api/shrink").json()["items"] == 0
