"""What was announced against what came: units, tags and pieces by hand, in whatever order they are seen."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.deliveries import Line, Seen, Unit, shares, tally
from models.codes.epc import encode_sgtin96, encode_uri
from models.codes.gtin import check_digit
from models.messages.facts import ItemMoved, ItemPlaced, ShelfReader
from models.messages.goods import DeliveryExpected, DeliveryLine, LogisticUnit
from tests.gateway.conftest import MILK, NOW_MS, SOAP, TEA, StartStore, Store, free_port

CARTON = "10614141234567890" + check_digit("10614141234567890")
OTHER_CARTON = "10614141234567891" + check_digit("10614141234567891")
CARTON_TAG = encode_uri("urn:epc:id:sscc:0614141.1234567890").hex


def piece(number: int, gtin: str = MILK) -> str:
    return encode_sgtin96(gtin, number)


def notice(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON body
    lines = [{"gtin": TEA, "quantity": 24}, {"gtin": MILK, "quantity": 3, "epcs": [piece(n) for n in range(3)]}]
    units = [{"sscc": CARTON, "lines": lines}, {"lines": [{"gtin": SOAP, "quantity": 6}]}]
    return {"delivery": "asn-1", "supplier": "Central warehouse", "due_ms": NOW_MS, "units": units} | changes


@pytest.fixture
def manager(store: Store) -> httpx.Client:
    client = store.manager()
    client.post("/api/deliveries", json=notice()).raise_for_status()
    return client


def act(client: httpx.Client, verb: str, delivery: str = "asn-1", **body: Any) -> httpx.Response:  # noqa: ANN401
    return client.post(f"/api/deliveries/{delivery}/{verb}", json=body or None)


def glance(client: httpx.Client, delivery: str = "asn-1") -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/deliveries/{delivery}").raise_for_status().json()
    return found


def lines(client: httpx.Client) -> dict[str, tuple[int, int, int, int]]:
    return {
        line["gtin"]: (line["by_unit"], line["by_tag"], line["by_hand"], line["received"])
        for unit in glance(client)["units_list"]
        for line in unit["lines"]
    }


def back_room(client: httpx.Client, gtin: str) -> int:
    places = client.get(f"/api/stock/{gtin}").json()["places"]
    return sum(at["quantity"] for at in places if at["place"] == "backroom")


def test_a_notice_says_what_is_on_its_way(manager: httpx.Client) -> None:
    (one,) = manager.get("/api/deliveries").json()["deliveries"]
    assert (one["state"], one["units"], one["units_seen"], one["expected"], one["received"]) == (
        "expected",
        1,
        0,
        33,
        0,
    )
    found = glance(manager)
    assert [unit["sscc"] for unit in found["units_list"]] == [CARTON, None]
    assert found["units_list"][1]["lines"][0]["name_en"] == "Hand soap"


def test_a_unit_that_is_scanned_is_taken_over_unopened(manager: httpx.Client) -> None:
    for code in (f"(00){CARTON}", f"]C100{CARTON}", f"00{CARTON}"):
        was = act(manager, "seen", code=code, quantity=1).raise_for_status().json()
        assert (was["kind"], was["expected"], was["sscc"], was["pieces_received"]) == ("unit", True, CARTON, 27)
    assert lines(manager) == {TEA: (24, 0, 0, 24), MILK: (3, 0, 0, 3), SOAP: (0, 0, 0, 0)}
    assert (glance(manager)["units_seen"], glance(manager)["received"]) == (1, 27)


def test_a_unit_that_is_opened_counts_only_what_is_found_in_it(manager: httpx.Client) -> None:
    act(manager, "seen", code=f"(00){CARTON}", accept=False).raise_for_status()
    assert (glance(manager)["units_seen"], glance(manager)["received"]) == (1, 0)
    act(manager, "seen", code=TEA, quantity=20).raise_for_status()
    assert act(manager, "seen", code=piece(1)).json()["kind"] == "tag"
    assert lines(manager) == {TEA: (0, 0, 20, 20), MILK: (0, 1, 0, 1), SOAP: (0, 0, 0, 0)}


def test_a_units_tag_says_that_it_is_there_and_vouches_for_nothing(store: Store, manager: httpx.Client) -> None:
    store.fold(ItemPlaced(t_ms=NOW_MS, epc=CARTON_TAG, shelf="backroom", p=0.9))
    assert (glance(manager)["units_seen"], glance(manager)["received"]) == (1, 0)
    act(manager, "seen", code=CARTON_TAG).raise_for_status()
    assert glance(manager)["received"] == 27


def see_tags(store: Store, *numbers: int, place: str = "backroom", gtin: str = MILK) -> None:
    store.fold(*(ItemPlaced(t_ms=NOW_MS, epc=piece(n, gtin), shelf=place, p=0.9, gtin=gtin) for n in numbers))


def test_tags_that_the_back_room_sees_count_by_themselves(store: Store, manager: httpx.Client) -> None:
    see_tags(store, 0, 1)
    see_tags(store, 1, 77)
    see_tags(store, 2, place="A1")
    assert lines(manager)[MILK] == (0, 2, 0, 2)
    act(manager, "open").raise_for_status()
    see_tags(store, 90)
    assert lines(manager)[MILK] == (0, 3, 0, 3)


def test_goods_that_come_before_their_notice_count_when_it_comes(store: Store) -> None:
    see_tags(store, 0, 2)
    client = store.manager()
    client.post("/api/deliveries", json=notice()).raise_for_status()
    assert lines(client)[MILK] == (0, 2, 0, 2)
    see_tags(store, 0, 1)
    assert lines(client)[MILK] == (0, 3, 0, 3)


def test_a_piece_that_was_here_long_before_it_is_due_has_not_come_yet(store: Store) -> None:
    see_tags(store, 1)
    client = store.manager()
    client.post("/api/deliveries", json=notice(due_ms=NOW_MS + 30 * 86_400_000)).raise_for_status()
    assert lines(client)[MILK] == (0, 0, 0, 0)


def test_who_watches_sees_a_pallet_come_in(store: Store, manager: httpx.Client) -> None:
    from tests.gateway.test_tasks import next_event

    with manager.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        next_event(lines, "tasks")
        see_tags(store, 0)
        assert next_event(lines, "deliveries") == {"changed": ["asn-1"]}


def test_a_reader_that_starts_again_delivers_nothing(store: Store, manager: httpx.Client) -> None:
    see_tags(store, 50, 51)
    act(manager, "open").raise_for_status()
    see_tags(store, 50, 51)
    store.fold(ItemMoved(t_ms=NOW_MS, epc=piece(60), shelf="backroom", from_shelf="A1", p=0.9, gtin=MILK))
    assert lines(manager)[MILK] == (0, 0, 0, 0)


def test_what_is_scanned_twice_counts_once_and_the_last_scan_can_be_taken_back(manager: httpx.Client) -> None:
    for _ in range(2):
        act(manager, "seen", code=TEA, quantity=4, seen="phone-1:1").raise_for_status()
    act(manager, "seen", code=TEA, quantity=5, seen="phone-1:2").raise_for_status()
    assert lines(manager)[TEA] == (0, 0, 9, 9)
    act(manager, "unsee").raise_for_status()
    assert lines(manager)[TEA] == (0, 0, 4, 4)
    for _ in range(2):
        act(manager, "unsee", seen="phone-1:1").raise_for_status()
    assert lines(manager)[TEA] == (0, 0, 0, 0)
    assert act(manager, "unsee").json()["error"]["code"] == "nothing"


def test_more_less_and_what_nobody_expected_are_told_apart(manager: httpx.Client) -> None:
    act(manager, "seen", code=TEA, quantity=30).raise_for_status()
    act(manager, "seen", code=SOAP, quantity=2).raise_for_status()
    gum = "00000040123455"
    was = act(manager, "seen", code=gum.lstrip("0"), quantity=2).raise_for_status().json()
    assert (was["expected"], was["gtin"], was["elsewhere"]) == (False, gum, None)
    act(manager, "seen", code=f"(00){OTHER_CARTON}").raise_for_status()
    found = glance(manager)
    assert lines(manager)[TEA][3] == 30
    assert lines(manager)[SOAP][3] == 2
    assert {(one["gtin"], one["sscc"], one["quantity"]) for one in found["unexpected"]} == {
        (gum, None, 2),
        (None, OTHER_CARTON, 1),
    }


def test_what_another_delivery_awaits_is_said(manager: httpx.Client) -> None:
    units = [{"sscc": OTHER_CARTON, "lines": [{"gtin": TEA, "quantity": 1}]}]
    manager.post("/api/deliveries", json=notice(delivery="asn-2", units=units)).raise_for_status()
    was = act(manager, "seen", code=f"(00){OTHER_CARTON}").json()
    assert (was["expected"], was["elsewhere"]) == (False, "asn-2")


def test_a_code_that_names_no_goods_is_refused(manager: httpx.Client) -> None:
    for code in ("M:ABCDEFGH", "hello", "4006381333930", "https://example.com/"):
        refused = act(manager, "seen", code=code)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_code"), code


def test_closing_books_what_has_no_tags_tells_headquarters_and_can_be_taken_back(start_store: StartStore) -> None:
    store = start_store(hq={"url": f"http://127.0.0.1:{free_port()}", "key": "0123456789abcdef"})
    store.sell_goods()
    manager = store.manager()
    manager.post("/api/deliveries", json=notice()).raise_for_status()
    act(manager, "seen", code=f"(00){CARTON}").raise_for_status()
    for _ in range(2):
        assert act(manager, "received").json()["state"] == "received"
    assert (back_room(manager, TEA), back_room(manager, MILK)) == (24, 0)
    assert act(manager, "seen", code=TEA).json()["error"]["code"] == "received"
    told = {fact["kind"]: fact for fact in store.outgoing()}
    assert told["delivery.received"]["lines"] == [
        {"gtin": MILK, "expected": 3, "received": 3},
        {"gtin": SOAP, "expected": 6, "received": 0},
        {"gtin": TEA, "expected": 24, "received": 24},
    ]
    assert told["delivery.received"]["units"] == [CARTON]
    assert (told["stock.changed"]["delta"], told["stock.changed"]["reference"]) == (24, "asn-1")
    store.clock.advance(9 * 60)
    for _ in range(2):
        assert act(manager, "reopen").raise_for_status().json()["state"] == "open"
    assert back_room(manager, TEA) == 0
    act(manager, "unsee").raise_for_status()
    act(manager, "seen", code=TEA, quantity=7).raise_for_status()
    act(manager, "received").raise_for_status()
    assert back_room(manager, TEA) == 7
    store.clock.advance(601)
    assert act(manager, "reopen").json()["error"]["code"] == "too_late"
    assert sum(fact["delta"] for fact in store.outgoing() if fact["kind"] == "stock.changed") == 7


def expected(t_ms: int, quantity: int, *, cancelled: bool = False) -> DeliveryExpected:
    units = (LogisticUnit(lines=(DeliveryLine(gtin=TEA, quantity=quantity),)),)
    return DeliveryExpected(
        t_ms=t_ms, delivery="asn-9", supplier="Warehouse", due_ms=NOW_MS, units=units, cancelled=cancelled
    )


def test_headquarters_announces_and_its_newest_word_holds_until_the_goods_arrive(store: Store) -> None:
    manager = store.manager()
    store.fold(expected(NOW_MS - 5, 10), expected(NOW_MS - 9, 99), node="hq")
    assert glance(manager, "asn-9")["expected"] == 10
    act(manager, "seen", "asn-9", code=TEA, quantity=12).raise_for_status()
    store.fold(expected(NOW_MS + 1, 12), node="hq")
    store.fold(expected(NOW_MS + 2, 12, cancelled=True), node="hq")
    assert (glance(manager, "asn-9")["expected"], glance(manager, "asn-9")["state"]) == (12, "open")
    act(manager, "received", "asn-9").raise_for_status()
    store.fold(expected(NOW_MS + 3, 40), node="hq")
    assert (glance(manager, "asn-9")["expected"], glance(manager, "asn-9")["received"]) == (12, 12)
    assert manager.post("/api/deliveries", json=notice(delivery="asn-9")).json()["error"]["code"] == "received"


def test_a_delivery_that_was_cancelled_is_not_received(manager: httpx.Client) -> None:
    manager.post("/api/deliveries", json=notice(cancelled=True)).raise_for_status()
    for verb in ("open", "received"):
        assert act(manager, verb).json()["error"]["code"] == "cancelled"
    assert act(manager, "open", "asn-7").json()["error"]["code"] == "unknown_delivery"


def test_what_came_can_be_brought_to_the_shelf(store: Store, manager: httpx.Client) -> None:
    from tests.gateway.test_tasks import count, one_task, plan

    count(store, "C3", 0)
    plan(store, TEA, "C3", 10, 3)
    act(manager, "seen", code=TEA, quantity=8).raise_for_status()
    act(manager, "received").raise_for_status()
    task = one_task(manager)
    assert (task["gtin"], task["quantity"], task["reason"]) == (TEA, 8, "empty")


def test_a_watched_back_room_says_the_tagged_pieces_itself(store: Store, manager: httpx.Client) -> None:
    store.fold(ShelfReader(t_ms=NOW_MS, shelf="backroom", state="reading"))
    see_tags(store, 0, 1, 2)
    act(manager, "received").raise_for_status()
    assert back_room(manager, MILK) == 3


SEEN = st.one_of(
    st.builds(
        Seen, st.just("unit"), st.integers(1, 9), sscc=st.sampled_from(["u1", "u2", "u9"]), accepted=st.booleans()
    ),
    st.builds(
        Seen, st.just("tag"), st.integers(1, 9), epc=st.sampled_from(["e1", "e2", "e7", "e8"]), gtin=st.just("a")
    ),
    st.builds(
        Seen,
        st.just("hand"),
        st.integers(1, 9),
        gtin=st.sampled_from(["a", "b", "z"]),
        quantity=st.integers(1, 12),
    ),
)
UNITS = (
    Unit("u1", (Line("a", 4, frozenset({"e1"})), Line("b", 2))),
    Unit("u2", (Line("a", 3, frozenset({"e2"})),)),
    Unit(None, (Line("b", 5),)),
)


@given(seen=st.lists(SEEN, max_size=12), data=st.data())
def test_the_sums_of_a_delivery_are_the_same_in_whatever_order_it_is_seen(
    seen: list[Seen], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(seen))
    tags_again = [one for one in seen if one.kind != "hand"]
    assert tally(UNITS, seen) == tally(UNITS, shuffled) == tally(UNITS, shuffled + tags_again)


@given(seen=st.lists(SEEN, max_size=12))
def test_no_piece_that_was_seen_is_lost(seen: list[Seen]) -> None:
    found = tally(UNITS, seen)
    sums = found.by_product()
    for gtin in ("a", "b", "z"):
        by_hand = sum(one.quantity for one in seen if one.kind == "hand" and one.gtin == gtin)
        by_tag = len({one.epc for one in seen if one.kind == "tag" and one.gtin == gtin})
        assert sums.get(gtin, (0, 0))[1] >= max(by_hand, by_tag)
    assert found.expected == 14


@given(rooms=st.lists(st.integers(0, 9), min_size=1, max_size=5), pieces=st.integers(0, 60))
def test_what_is_spread_over_lines_is_all_there(rooms: list[int], pieces: int) -> None:
    assert sum(shares(rooms, pieces)) == pieces


def test_a_carton_that_was_opened_and_one_that_was_not_add_up() -> None:
    seen = [Seen("unit", 1, sscc="u1", accepted=True), Seen("hand", 2, gtin="a", quantity=5)]
    found = tally(UNITS, seen)
    assert [line.received for unit in found.units for line in unit.lines] == [4, 2, 5, 0]
