"""Work for clerks: raised by what stands, claimed by one, done when the shelf sees the goods."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gateway.core.planogram import Slot
from gateway.core.tasks import Decision, Goods, decide
from gateway.store import planogram
from models.messages.facts import (
    Fact,
    ItemMoved,
    ItemPlaced,
    ItemTaken,
    SaleCompleted,
    SaleLine,
    ShelfReader,
    StockCounted,
)
from tests.gateway.conftest import EPC, MILK, NOW_MS, SOAP, TEA, StartStore, Store, free_port


def epc(number: int) -> str:
    return f"{EPC[:-3]}{number:03X}"


def wait_for(found: Callable[[], Any], what: str) -> Any:  # noqa: ANN401 - whatever is waited for
    deadline_s = time.monotonic() + 10
    while not (answer := found()):
        assert time.monotonic() < deadline_s, f"waited for {what}"
        time.sleep(0.02)
    return answer


def plan(store: Store, gtin: str, shelf: str, capacity: int, low: int) -> None:
    slot = Slot(gtin, shelf, 1, capacity, low)
    store.desk.writer.run(lambda connection: planogram.edit(connection, [slot], "plan-0", store.clock.now_ms()))
    store.desk.touched.add({gtin})
    store.desk.announce()


def stand(store: Store, place: str, numbers: range, *, gtin: str = MILK) -> None:
    t_ms = store.clock.now_ms()
    facts: list[Fact] = [ShelfReader(t_ms=t_ms, shelf=place, state="reading")]
    facts += [ItemPlaced(t_ms=t_ms, epc=epc(n), shelf=place, p=0.97, gtin=gtin) for n in numbers]
    store.fold(*facts)


def count(store: Store, place: str, quantity: int, gtin: str = TEA) -> None:
    store.fold(StockCounted(t_ms=store.clock.now_ms(), gtin=gtin, place=place, quantity=quantity, by="c-1"))


def tasks_of(client: httpx.Client, kind: str = "replenish", state: str = "open") -> list[dict[str, Any]]:
    found = client.get("/api/tasks", params={"state": state}).raise_for_status().json()["tasks"]
    return [task for task in found if task["type"] == kind]


def one_task(client: httpx.Client, kind: str = "replenish") -> dict[str, Any]:
    found: list[dict[str, Any]] = wait_for(lambda: tasks_of(client, kind), f"a {kind} task")
    assert len(found) == 1
    return found[0]


@pytest.fixture
def clerk(store: Store) -> httpx.Client:
    return store.manager()


def second_clerk(store: Store, name: str = "Clerk B") -> httpx.Client:
    client, who, pin = store.handheld(name)
    client.post("/api/session", json={"clerk": who, "pin": pin}).raise_for_status()
    return client


def low_shelf(store: Store, *, standing: int = 1, spare: int = 4) -> None:
    """Milk is low on A1, which a reader watches, and lies in the back room, which one watches, too."""
    stand(store, "A1", range(standing))
    stand(store, "backroom", range(100, 100 + spare))
    plan(store, MILK, "A1", 8, 2)


def test_a_low_shelf_asks_for_what_fits_and_the_back_room_has(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store)
    task = one_task(clerk)
    assert (task["shelf"], task["from_place"], task["to_place"], task["gtin"]) == ("A1", "backroom", "A1", MILK)
    assert (task["reason"], task["quantity"], task["on_shelf"], task["in_backroom"]) == ("low", 4, 1, 4)
    assert (task["state"], task["name_zh"], task["mine"]) == ("open", "全脂牛奶", False)
    assert 0 < task["priority"] <= 100


def test_an_empty_shelf_is_more_urgent_and_says_so(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store)
    low = one_task(clerk)["priority"]
    store.fold(ItemTaken(t_ms=NOW_MS, epc=epc(0), shelf="A1", p=0.95, gtin=MILK))
    empty = wait_for(lambda: [task for task in tasks_of(clerk) if task["reason"] == "empty"], "an empty shelf")
    assert empty[0]["priority"] > low


def test_a_silent_reader_raises_no_task(store: Store, clerk: httpx.Client) -> None:
    stand(store, "backroom", range(100, 104))
    store.fold(ShelfReader(t_ms=NOW_MS, shelf="A1", state="silent"))
    plan(store, MILK, "A1", 8, 2)
    plan(store, TEA, "C3", 8, 2)
    count(store, "C3", 1)
    count(store, "backroom", 9)
    assert one_task(clerk)["gtin"] == TEA
    store.fold(ShelfReader(t_ms=NOW_MS + 1, shelf="A1", state="reading"))
    wait_for(lambda: {task["gtin"] for task in tasks_of(clerk)} == {TEA, MILK}, "the shelf that is seen again")


def test_a_task_that_is_no_longer_needed_is_dropped_and_one_piece_more_does_not_drop_it(
    store: Store, clerk: httpx.Client
) -> None:
    low_shelf(store, standing=2)
    task = one_task(clerk)
    stand(store, "A1", range(50, 51))
    wait_for(lambda: tasks_of(clerk)[0]["on_shelf"] == 3, "the third piece")
    assert one_task(clerk)["task"] == task["task"]
    stand(store, "A1", range(51, 52))
    wait_for(lambda: not tasks_of(clerk), "that nothing is to be done")
    assert tasks_of(clerk, state="done") == []


def test_a_claimed_task_is_refused_to_a_second_clerk_who_is_told_who_has_it(
    store: Store, clerk: httpx.Client
) -> None:
    low_shelf(store)
    name = one_task(clerk)["task"]
    mine = clerk.post(f"/api/tasks/{name}/claim").raise_for_status().json()
    assert (mine["state"], mine["mine"], mine["claimed_name"]) == ("claimed", True, "Clerk A")
    assert mine["expires_ms"] == NOW_MS + 30 * 60_000
    other = second_clerk(store)
    refused = other.post(f"/api/tasks/{name}/claim")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "claimed")
    assert "Clerk A" in refused.json()["error"]["message"]
    for verb in ("release", "done"):
        assert other.post(f"/api/tasks/{name}/{verb}").json()["error"]["code"] == "claimed"
    assert [task["task"] for task in tasks_of(clerk, state="mine")] == [name]
    assert tasks_of(other, state="mine") == []
    clerk.post(f"/api/tasks/{name}/release").raise_for_status()
    assert other.post(f"/api/tasks/{name}/claim").json()["claimed_name"] == "Clerk B"


def test_of_twenty_who_claim_at_once_one_has_the_task(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store)
    name = one_task(clerk)["task"]
    clients = [clerk, *(second_clerk(store, f"Clerk {letter}") for letter in "BCD")]

    def claim(number: int) -> httpx.Response:
        cookies = clients[number % len(clients)].cookies
        with httpx.Client(base_url=store.url, cookies=cookies, timeout=10.0) as alone:
            return alone.post(f"/api/tasks/{name}/claim", json={"action": f"a-{number}"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(claim, range(20)))
    owners = {answer.json()["claimed_name"] for answer in answers if answer.status_code == 200}
    refused = [answer for answer in answers if answer.status_code == 409]
    assert len(owners) == 1
    assert len(refused) == 15
    assert all(owners.copy().pop() in answer.json()["error"]["message"] for answer in refused)


def test_a_claim_runs_out_and_the_task_is_open_again(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store)
    name = one_task(clerk)["task"]
    clerk.post(f"/api/tasks/{name}/claim").raise_for_status()
    store.clock.advance(29 * 60)
    clerk.post(f"/api/tasks/{name}/claim").raise_for_status()
    store.clock.advance(29 * 60)
    assert tasks_of(clerk)[0]["state"] == "claimed"
    store.clock.advance(61)
    wait_for(lambda: tasks_of(clerk)[0]["state"] == "open", "the claim to run out")
    assert tasks_of(clerk)[0]["claimed_name"] is None


def test_the_shelf_decides_when_tagged_goods_are_there(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store, standing=1, spare=5)
    name = one_task(clerk)["task"]
    clerk.post(f"/api/tasks/{name}/claim").raise_for_status()
    moved = [ItemMoved(t_ms=NOW_MS + 9, epc=epc(n), shelf="A1", from_shelf="backroom", p=0.95, gtin=MILK)
             for n in range(100, 104)]  # fmt: skip
    store.fold(*moved[:2])
    refused = clerk.post(f"/api/tasks/{name}/done")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "shelf_decides")
    assert "2 of 5" in refused.json()["error"]["message"]
    store.fold(*moved[2:])
    done = wait_for(lambda: tasks_of(clerk, state="done"), "the shelf to see them")
    assert (done[0]["task"], done[0]["state"], done[0]["claimed_name"]) == (name, "done", "Clerk A")
    assert tasks_of(clerk) == []
    assert clerk.post(f"/api/tasks/{name}/done").json()["state"] == "done"


def test_what_nobody_claimed_is_done_when_it_is_there_but_not_before_anybody_could_have_done_it(
    store: Store, clerk: httpx.Client
) -> None:
    for later_s, state in ((5, "dropped"), (70, "done")):
        stand(store, "A1", range(1))
        stand(store, "backroom", range(100, 106))
        plan(store, MILK, "A1", 8, 2)
        name = one_task(clerk)["task"]
        store.clock.advance(later_s)
        t_ms = store.clock.now_ms()
        spare = [epc(number) for number in range(100, 106)]
        store.fold(
            *(ItemMoved(t_ms=t_ms, epc=one, shelf="A1", from_shelf="backroom", p=0.95, gtin=MILK) for one in spare)
        )
        wait_for(lambda: not tasks_of(clerk), "the shelf to see them")
        done = [task["task"] for task in tasks_of(clerk, state="done")]
        assert (name in done) == (state == "done")
        store.clock.advance(1)
        t_ms = store.clock.now_ms()
        store.fold(*(ItemTaken(t_ms=t_ms, epc=one, shelf="A1", p=0.9, gtin=MILK) for one in (epc(0), *spare)))
        store.clock.advance(1)


def test_shoppers_who_buy_meanwhile_do_not_keep_a_task_open(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store, standing=2, spare=5)
    name = one_task(clerk)["task"]
    clerk.post(f"/api/tasks/{name}/claim").raise_for_status()
    store.fold(*(ItemTaken(t_ms=NOW_MS + 1, epc=epc(n), shelf="A1", p=0.9, gtin=MILK) for n in range(2)))
    wait_for(lambda: tasks_of(clerk, state="mine")[0]["on_shelf"] == 0, "the empty shelf")
    moved = (ItemMoved(t_ms=NOW_MS + 9, epc=epc(n), shelf="A1", from_shelf="backroom", p=0.95, gtin=MILK)
             for n in range(100, 105))  # fmt: skip
    store.fold(*moved)
    wait_for(lambda: tasks_of(clerk, state="done"), "the shelf to see them")


def test_untagged_goods_move_in_the_books_once_and_back_again(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 1)
    count(store, "backroom", 20)
    plan(store, TEA, "C3", 10, 3)
    name = one_task(clerk)["task"]
    body = {"quantity": 6, "action": "phone-1:7"}
    for _ in range(2):
        assert clerk.post(f"/api/tasks/{name}/done", json=body).raise_for_status().json()["state"] == "done"
    places = {at["place"]: at["quantity"] for at in clerk.get(f"/api/stock/{TEA}").json()["places"]}
    assert places == {"C3": 7, "backroom": 14}
    clerk.post(f"/api/tasks/{name}/undone", json={"action": "phone-1:8"}).raise_for_status()
    places = {at["place"]: at["quantity"] for at in clerk.get(f"/api/stock/{TEA}").json()["places"]}
    assert places == {"C3": 1, "backroom": 20}
    assert one_task(clerk)["task"] == name


def test_what_is_said_late_and_twice_is_not_done_again(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store)
    name = one_task(clerk)["task"]
    clerk.post(f"/api/tasks/{name}/claim", json={"action": "one"}).raise_for_status()
    clerk.post(f"/api/tasks/{name}/release", json={"action": "two"}).raise_for_status()
    late = clerk.post(f"/api/tasks/{name}/claim", json={"action": "one"}).raise_for_status().json()
    assert late["state"] == "open"


def test_a_refused_action_may_be_tried_again(store: Store, clerk: httpx.Client) -> None:
    low_shelf(store)
    name = one_task(clerk)["task"]
    other = second_clerk(store)
    clerk.post(f"/api/tasks/{name}/claim").raise_for_status()
    assert other.post(f"/api/tasks/{name}/claim", json={"action": "x"}).status_code == 409
    clerk.post(f"/api/tasks/{name}/release").raise_for_status()
    assert other.post(f"/api/tasks/{name}/claim", json={"action": "x"}).json()["mine"]


def test_misplaced_pieces_are_brought_home(store: Store, clerk: httpx.Client) -> None:
    plan(store, MILK, "A1", 8, 2)
    stand(store, "A1", range(5))
    stand(store, "Z9", range(60, 62))
    task = one_task(clerk, "tidy")
    assert (task["shelf"], task["from_place"], task["to_place"]) == ("Z9", "Z9", "A1")
    assert (task["epcs"], task["quantity"], task["reason"]) == ([epc(60), epc(61)], 2, "misplaced")
    clerk.post(f"/api/tasks/{task['task']}/claim").raise_for_status()
    store.fold(*(ItemTaken(t_ms=NOW_MS + 1, epc=epc(n), shelf="Z9", p=0.9, gtin=MILK) for n in (60, 61)))
    refused = clerk.post(f"/api/tasks/{task['task']}/done")
    assert (refused.json()["error"]["code"], "A1" in refused.json()["error"]["hint"]) == ("shelf_decides", True)
    store.fold(*(ItemPlaced(t_ms=NOW_MS + 2, epc=epc(n), shelf="A1", p=0.9, gtin=MILK) for n in (60, 61)))
    wait_for(lambda: tasks_of(clerk, "tidy", "done"), "the pieces to be home")


def test_books_that_are_too_old_ask_for_a_count_and_say_nothing_of_what_they_hold(
    store: Store, clerk: httpx.Client
) -> None:
    count(store, "C3", 1)
    count(store, "backroom", 20)
    store.clock.advance(40 * 86_400)
    clerk = second_clerk(store)
    plan(store, TEA, "C3", 10, 3)
    task = one_task(clerk, "count")
    assert (task["shelf"], task["reason"]) == ("C3", "unsure")
    assert (task["quantity"], task["on_shelf"], task["in_backroom"]) == (None, None, None)
    assert tasks_of(clerk) == []
    assert clerk.post(f"/api/tasks/{task['task']}/done").json()["error"]["code"] == "count_first"


def test_what_sells_fast_comes_first(store: Store, clerk: httpx.Client) -> None:
    for gtin in (TEA, SOAP):
        count(store, "C3", 40, gtin)
        count(store, "backroom", 90, gtin)
        plan(store, gtin, "C3", 50, 10)
    lines = [SaleLine(gtin=TEA, quantity=39, price_minor=349), SaleLine(gtin=SOAP, quantity=31, price_minor=199)]
    for number, line in enumerate(lines):
        sale = SaleCompleted(
            t_ms=NOW_MS + 1, sale=f"s-{number}", till="t-1", lines=(line,), total_minor=1, currency="EUR"
        )
        store.fold(sale, node="till-1")
    found = wait_for(lambda: len(tasks_of(clerk)) == 2 and tasks_of(clerk), "two tasks")
    assert [task["gtin"] for task in found] == [TEA, SOAP]


def test_a_product_that_no_plan_knows_follows_the_rule_of_the_settings(store: Store, clerk: httpx.Client) -> None:
    count(store, "C3", 1)
    count(store, "backroom", 20)
    task = one_task(clerk)
    assert (task["shelf"], task["quantity"]) == ("C3", 5)


def test_headquarters_is_told_what_became_of_tasks(start_store: StartStore) -> None:
    store = start_store(hq={"url": f"http://127.0.0.1:{free_port()}", "key": "0123456789abcdef"})
    store.sell_goods()
    clerk = store.manager()
    low_shelf(store)
    name = one_task(clerk)["task"]
    clerk.post(f"/api/tasks/{name}/claim").raise_for_status()
    clerk.post(f"/api/tasks/{name}/release").raise_for_status()
    told = [fact for fact in store.outgoing() if fact["kind"] == "task.changed"]
    assert [(fact["state"], fact["task"]) for fact in told] == [("open", name), ("claimed", name), ("open", name)]


def test_who_watches_is_told_at_once(store: Store, clerk: httpx.Client) -> None:
    with clerk.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        first = next_event(lines, "tasks")
        assert first == {"open": 0, "mine": 0, "changed": []}
        low_shelf(store)
        news = next_event(lines, "tasks")
        assert news["open"] == 1
        assert (news["changed"][0]["shelf"], news["changed"][0]["state"]) == ("A1", "open")


def next_event(lines: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - httpx's iterator
    is_it = False
    for line in lines:
        if line == f"event: {name}":
            is_it = True
        elif is_it and line.startswith("data:"):
            found: dict[str, Any] = json.loads(line.removeprefix("data:"))
            return found
    raise AssertionError("the stream ended")


def test_a_task_that_nobody_knows_is_said_to_be_unknown(clerk: httpx.Client) -> None:
    for verb in ("claim", "release", "done", "undone"):
        refused = clerk.post(f"/api/tasks/replenish-x/{verb}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_task")


def test_a_product_that_breaks_the_rules_does_not_keep_others_from_their_tasks(
    store: Store, clerk: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(goods: Goods, *rest: Any) -> Decision:  # noqa: ANN401 - whatever the rules are given
        if goods.gtin == SOAP:
            raise ZeroDivisionError
        return decide(goods, *rest)

    monkeypatch.setattr("gateway.store.tasks.decide", broken)
    for gtin in (SOAP, TEA):
        count(store, "C3", 1, gtin)
        count(store, "backroom", 9, gtin)
    assert one_task(clerk)["gtin"] == TEA
