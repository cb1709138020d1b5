"""What belongs where: edited here, told by headquarters, imported, learned from the shelves."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.planogram import DefaultRule, Slot, learn, newest
from models.codes.gtin import check_digit
from models.codes.plan_csv import PlanLine, read_plan, write_plan
from models.messages.facts import ItemPlaced, ShelfReader, StockCounted
from models.messages.goods import PlanogramChanged
from tests.gateway.conftest import EPC, MILK, NOW_MS, SOAP, TEA, StartStore, Store, free_port

HEADER = "shelf,gtin,facings,capacity,low\r\n"
NUMBERS = st.tuples(st.integers(1, 50), st.integers(0, 500), st.integers(0, 400)).map(
    lambda three: (three[0], three[0] + three[1], min(three[2], three[0] + three[1] - 1))
)
SLOTS = st.tuples(st.sampled_from([MILK, TEA, SOAP]), st.sampled_from(["A1", "B2", "c.3-x"]), NUMBERS)


@pytest.fixture
def manager(store: Store) -> httpx.Client:
    return store.manager()


def put(client: httpx.Client, shelf: str, gtin: str, facings: int, capacity: int, low: int) -> httpx.Response:
    return client.put(f"/api/planogram/{shelf}/{gtin}", json={"facings": facings, "capacity": capacity, "low": low})


def plan(client: httpx.Client) -> dict[tuple[str, str], tuple[int, int, int]]:
    shelves = client.get("/api/planogram").raise_for_status().json()["shelves"]
    return {
        (shelf["shelf"], one["gtin"]): (one["facings"], one["capacity"], one["low"])
        for shelf in shelves
        for one in shelf["products"]
    }


def test_a_manager_says_what_belongs_where_and_undoes_it(manager: httpx.Client) -> None:
    assert put(manager, "A1", MILK, 3, 12, 4).raise_for_status().json()["rows"] == 1
    changed = put(manager, "A1", MILK.lstrip("0"), 2, 8, 2).raise_for_status().json()
    assert plan(manager) == {("A1", MILK): (2, 8, 2)}
    assert put(manager, "A1", MILK, 2, 8, 2).json() == {"rows": 0, "change": None}
    assert manager.delete(f"/api/planogram/changes/{changed['change']}/undo").json()["rows"] == 1
    assert plan(manager) == {("A1", MILK): (3, 12, 4)}
    removed = manager.delete(f"/api/planogram/A1/{MILK}").raise_for_status().json()
    assert plan(manager) == {}
    manager.delete(f"/api/planogram/changes/{removed['change']}/undo").raise_for_status()
    assert plan(manager) == {("A1", MILK): (3, 12, 4)}


def test_a_change_can_be_undone_for_ten_minutes(store: Store, manager: httpx.Client) -> None:
    change = put(manager, "A1", MILK, 3, 12, 4).json()["change"]
    store.clock.advance(601)
    refused = manager.delete(f"/api/planogram/changes/{change}/undo")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_change")


def test_numbers_that_cannot_be_are_refused(manager: httpx.Client) -> None:
    for numbers in ((5, 4, 1), (1, 4, 4), (0, 4, 1), (1, 0, 0), (1, 4, -1), (1, 10**9, 0)):
        assert put(manager, "A1", MILK, *numbers).status_code == 422, numbers
    assert plan(manager) == {}


def test_a_product_that_nobody_knows_is_not_planned(manager: httpx.Client) -> None:
    assert put(manager, "A1", "00000040123455", 1, 4, 1).json()["error"]["code"] == "unknown_product"
    assert manager.delete(f"/api/planogram/A1/{TEA}").json()["error"]["code"] == "not_planned"


def test_the_look_up_says_where_a_product_belongs(manager: httpx.Client) -> None:
    put(manager, "A1", TEA, 2, 10, 3).raise_for_status()
    put(manager, "E5", TEA, 1, 5, 1).raise_for_status()
    assert manager.get(f"/api/stock/{TEA}").json()["belongs"] == [
        {"shelf": "A1", "facings": 2, "capacity": 10, "low": 3},
        {"shelf": "E5", "facings": 1, "capacity": 5, "low": 1},
    ]


def test_lines_that_cannot_be_used_are_named_with_why_and_the_others_count(manager: httpx.Client) -> None:
    body = HEADER + "\r\n".join(
        [
            f"A1,{MILK},3,12,4",
            f"A 1,{MILK},3,12,4",
            "A1,4006381333930,3,12,4",
            f"A1,{MILK},1,6,2",
            f"A2,{MILK},many,6,2",
            f"A2,{MILK},1,6,6",
            "A2,00000040123455,1,6,2",
            f"B2,{TEA},1,6,2",
        ]
    )
    answer = manager.post("/api/planogram/import", content=body.encode(), headers={"content-type": "text/csv"})
    found = answer.raise_for_status().json()
    assert found["rows"] == 2
    assert [one["line"] for one in found["refused"]] == [3, 4, 5, 6, 7, 8]
    whys = " ".join(one["why"] for one in found["refused"])
    for said in ("no shelf", "check digit", "line 2 speaks", "'many'", "a full shelf is not low", "no such product"):
        assert said in whys
    assert plan(manager) == {("A1", MILK): (3, 12, 4), ("B2", TEA): (1, 6, 2)}
    manager.delete(f"/api/planogram/changes/{found['change']}/undo").raise_for_status()
    assert plan(manager) == {}


def test_what_is_no_planogram_is_refused_with_what_to_do(manager: httpx.Client) -> None:
    for body in (b"", b"gtin,shelf\n1,2\n", b"\xff\xfe", b'shelf,gtin,facings,capacity,low\n"A1'):
        refused = manager.post("/api/planogram/import", content=body, headers={"content-type": "text/csv"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_plan"), body
        assert refused.json()["error"]["hint"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slots=st.lists(SLOTS, max_size=9, unique_by=lambda slot: slot[:2]))
def test_what_is_exported_and_imported_again_is_the_same_plan(
    manager: httpx.Client, slots: list[tuple[str, str, tuple[int, int, int]]]
) -> None:
    for shelf, gtin in plan(manager):
        manager.delete(f"/api/planogram/{shelf}/{gtin}").raise_for_status()
    for gtin, shelf, numbers in slots:
        put(manager, shelf, gtin, *numbers).raise_for_status()
    wanted = {(shelf, gtin): numbers for gtin, shelf, numbers in slots}
    assert plan(manager) == wanted
    csv = manager.get("/api/planogram.csv").raise_for_status().content
    for shelf, gtin in wanted:
        manager.delete(f"/api/planogram/{shelf}/{gtin}").raise_for_status()
    headers = {"content-type": "text/csv"}
    answer = manager.post("/api/planogram/import", content=csv, headers=headers).raise_for_status().json()
    assert (answer["rows"], answer["refused"]) == (len(wanted), [])
    assert plan(manager) == wanted


@given(st.lists(st.tuples(st.integers(10**6, 10**12), NUMBERS), max_size=20, unique_by=lambda one: one[0]))
def test_a_plan_survives_its_csv_and_a_spreadsheet_that_cuts_zeros(
    slots: list[tuple[int, tuple[int, int, int]]],
) -> None:
    gtins = [str(number) + check_digit(str(number)) for number, _numbers in slots]
    text = write_plan(("A1", gtin, *numbers) for gtin, (_n, numbers) in zip(gtins, slots, strict=True))
    good, bad = read_plan(b"\xef\xbb\xbf" + text.encode())
    assert not bad
    assert good == [
        PlanLine(line, "A1", gtin.zfill(14), *numbers)
        for line, (gtin, (_n, numbers)) in enumerate(zip(gtins, slots, strict=True), start=2)
    ]


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(body: bytes) -> None:
    from models.codes.plan_csv import BadPlan

    try:
        good, bad = read_plan(HEADER.encode() + body)
    except BadPlan:
        return
    assert all(number >= 2 for number in [one.line for one in good] + [one.line for one in bad])


def told(t_ms: int, numbers: tuple[int, int, int], gtin: str = TEA) -> PlanogramChanged:
    facings, capacity, low = numbers
    return PlanogramChanged(t_ms=t_ms, gtin=gtin, shelf="A1", facings=facings, capacity=capacity, low=low)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.tuples(st.integers(0, 3), NUMBERS), min_size=1, max_size=6), data=st.data())
def test_the_newest_word_holds_in_whatever_order_words_come(
    store: Store, words: list[tuple[int, tuple[int, int, int]]], data: st.DataObject
) -> None:
    facts = [told(NOW_MS + when, numbers) for when, numbers in words]
    ends = []
    for order in (facts, data.draw(st.permutations(facts))):
        store.desk.writer.run(lambda connection: connection.execute("DELETE FROM planogram"))
        store.fold(*order, node="hq")
        with store.desk.reading() as connection:
            ends.append(tuple(connection.execute("SELECT t_ms, facings, capacity, low FROM planogram").fetchone()))
    holds = newest(Slot(TEA, "A1", *numbers, t_ms=NOW_MS + when) for when, numbers in words)
    assert ends[0] == ends[1] == (holds.t_ms, holds.facings, holds.capacity, holds.low)


@pytest.fixture
def linked(start_store: StartStore) -> Store:
    store = start_store(hq={"url": f"http://127.0.0.1:{free_port()}", "key": "0123456789abcdef"})
    store.sell_goods()
    return store


def test_headquarters_is_told_and_an_edit_wins_over_a_clock_that_ran_ahead(linked: Store) -> None:
    manager = linked.manager()
    linked.fold(told(NOW_MS + 3_600_000, (2, 9, 3)), node="hq")
    assert plan(manager) == {("A1", TEA): (2, 9, 3)}
    put(manager, "A1", TEA, 1, 5, 1).raise_for_status()
    assert plan(manager) == {("A1", TEA): (1, 5, 1)}
    sent = [fact for fact in linked.outgoing() if fact["kind"] == "planogram.changed"]
    assert [(fact["capacity"], fact["t_ms"]) for fact in sent] == [(5, NOW_MS + 3_600_001)]


def stand(store: Store, shelf: str, pieces: int, *, first: int = 0) -> None:
    store.fold(
        *(
            ItemPlaced(t_ms=NOW_MS - 1000, epc=f"{EPC[:-3]}{first + n:03X}", shelf=shelf, p=0.97, gtin=MILK)
            for n in range(pieces)
        )
    )


def test_what_stands_now_is_taken_as_the_plan_but_not_what_somebody_left_behind(
    store: Store, manager: httpx.Client
) -> None:
    stand(store, "A1", 8)
    stand(store, "B7", 1, first=100)
    stand(store, "Z9", 5, first=200)
    store.fold(ShelfReader(t_ms=NOW_MS, shelf="Z9", state="silent"))
    store.fold(
        StockCounted(t_ms=NOW_MS - 5000, gtin=TEA, place="C3", quantity=10, by="c-1"),
        StockCounted(t_ms=NOW_MS - 5000, gtin=TEA, place="backroom", quantity=90, by="c-1"),
    )
    proposed = manager.post("/api/planogram/learn", json={"apply": False}).raise_for_status().json()
    assert (proposed["rows"], proposed["change"]) == (2, None)
    assert plan(manager) == {}
    learned = manager.post("/api/planogram/learn").raise_for_status().json()
    assert plan(manager) == {("A1", MILK): (1, 8, 2), ("C3", TEA): (1, 10, 2)}
    assert manager.post("/api/planogram/learn").json()["rows"] == 0
    manager.delete(f"/api/planogram/changes/{learned['change']}/undo").raise_for_status()
    assert plan(manager) == {}


def test_learning_keeps_what_the_plan_knows_and_only_makes_room() -> None:
    known = {(TEA, "A1"): Slot(TEA, "A1", 3, 6, 4), (MILK, "A1"): Slot(MILK, "A1", 2, 20, 5)}
    learned = learn({TEA: {"A1": 9}, MILK: {"A1": 4}, SOAP: {"B2": 1}}, known)
    assert learned == [Slot(SOAP, "B2", 1, 1, 0), Slot(TEA, "A1", 3, 9, 4)] or learned == [
        Slot(TEA, "A1", 3, 9, 4),
        Slot(SOAP, "B2", 1, 1, 0),
    ]


def test_a_default_rule_without_room_rules_nothing() -> None:
    assert DefaultRule(2, 0).slot(TEA, "A1") is None
    assert DefaultRule(9, 4).slot(TEA, "A1") == Slot(TEA, "A1", 1, 4, 3)
