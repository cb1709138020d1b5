"""What people see of the stores: stock, sales, footfall, waits, problems, by store and in total."""

from collections.abc import Callable
from typing import Any

from cloud_sync.hq.stock import compact
from models.messages.facts import (
    DoorMinute,
    Evidence,
    FactsDropped,
    ItemMoved,
    ItemPlaced,
    ItemReturned,
    ItemTaken,
    LaneMinute,
    NodeHealth,
    SaleCompleted,
    SaleLine,
    ShelfReader,
    StockChanged,
)
from models.process.clock import ManualClock
from tests.hq.conftest import NOON_MS, Desk
from tests.hq.test_streams import PENCIL, counted, sale

Run = Callable[..., Any]
SOCKS = "80614141123458"
EPC = "3034257BF7194E400000{:04X}"
HOUR = 3_600_000
MINUTE = 60_000


def item(kind: Any, number: int, t_ms: int, shelf: str = "A1", **more: str) -> Any:  # noqa: ANN401 - any item fact
    return kind(
        t_ms=t_ms, epc=EPC.format(number), shelf=shelf, p=0.97, gtin=SOCKS, evidence=Evidence(reads=3), **more
    )


async def on_hand(desk: Desk, store: str) -> int:
    return int((await desk.overview(store))["on_hand"])


def test_tagged_items_are_counted_where_they_stand(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(*[item(ItemPlaced, number, NOON_MS) for number in range(5)])
        assert await on_hand(desk, "harbour") == 5
        await harbour.say(item(ItemTaken, 0, NOON_MS + 1), item(ItemMoved, 1, NOON_MS + 1, "A2", from_shelf="A1"))
        assert await on_hand(desk, "harbour") == 4
        await harbour.say(item(ItemReturned, 0, NOON_MS + 2), item(ItemTaken, 2, NOON_MS - 5))
        assert await on_hand(desk, "harbour") == 5

    run(story)


def test_counted_goods_follow_counts_deliveries_and_sales(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(
            counted(10, place="A1"),
            counted(30, place="backroom"),
            StockChanged(t_ms=NOON_MS + 1, gtin=PENCIL, place="backroom", delta=-6, reason="transfer"),
            StockChanged(t_ms=NOON_MS + 1, gtin=PENCIL, place="A1", delta=6, reason="transfer"),
            sale("t-1", t_ms=NOON_MS + 2),
        )
        assert await on_hand(desk, "harbour") == 39
        await harbour.say(counted(2, NOON_MS + 3, place="A1"))
        assert await on_hand(desk, "harbour") == 26
        await harbour.say(counted(50, NOON_MS + 1, place="A1"))  # an older count, told late
        assert await on_hand(desk, "harbour") == 26

    run(story)


def test_what_was_sold_with_its_tag_is_no_longer_on_hand(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(*[item(ItemPlaced, number, NOON_MS) for number in range(3)])
        line = SaleLine(gtin=SOCKS, quantity=1, price_minor=999, epcs=(EPC.format(1),))
        await harbour.say(
            SaleCompleted(
                t_ms=NOON_MS + 1, sale="t-1", till="till-1", lines=(line,), total_minor=999, currency="EUR"
            ),
            item(ItemTaken, 1, NOON_MS + 2),
        )
        assert await on_hand(desk, "harbour") == 2

    run(story)


def test_a_product_is_found_with_what_each_store_has(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        body = {"name_en": "Pencil HB", "name_zh": "绘图铅笔"}
        assert (await desk.http.put("/api/products/4006381333931", json=body)).status_code == 200
        await desk.store("harbour").say(counted(7))
        await desk.store("shanghai").say(counted(4))
        for text in ("pencil", "PENC hb", "铅笔", "笔", "绘图铅", PENCIL, "63813339", ""):
            (found,) = (await desk.get(f"/api/stock?q={text}"))["products"]
            assert found["on_hand"] == 11
            assert [(one["store"], one["on_hand"]) for one in found["stores"]] == [("harbour", 7), ("shanghai", 4)]
        for text in ("pen%", "钢笔", '"', "'; DROP TABLE products", "\\", "a" * 200, "* OR", "NEAR("):
            assert (await desk.get(f"/api/stock?q={text}"))["products"] == []

    run(story)


def test_a_day_is_the_stores_own(run: Run, clock: ManualClock) -> None:
    """At 20:00 in Berlin it is already the next day in Shanghai."""
    late_ms = NOON_MS + 8 * HOUR

    async def story(desk: Desk) -> None:
        clock.advance(8 * 3600)
        await desk.sign_in()
        for store, currency in (("harbour", "EUR"), ("shanghai", "CNY")):
            await desk.store(store).say(
                sale("noon", 100, NOON_MS, currency=currency), sale("late", 250, late_ms, currency=currency)
            )
        assert (await desk.overview("harbour"))["sales"] == [
            {"currency": "EUR", "sales": 2, "pieces": 2, "total_minor": 350}
        ]
        assert (await desk.overview("shanghai"))["sales"] == [
            {"currency": "CNY", "sales": 1, "pieces": 1, "total_minor": 250}
        ]
        total = (await desk.get("/api/stores"))["total"]["sales"]
        assert [(one["currency"], one["total_minor"]) for one in total] == [("CNY", 250), ("EUR", 350)]
        whole = await desk.get("/api/sales?day=2025-10-09")
        assert [one["sales"][0]["sales"] for one in whole["stores"]] == [2, 1]
        assert whole["stores"][0]["products"][0]["gtin"] == PENCIL

    run(story)


def test_footfall_stands_in_the_hour_in_which_people_came(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(
            DoorMinute(t_ms=NOON_MS, door="main", entered=4, left=1),  # the minute that ended at 12:00
            DoorMinute(t_ms=NOON_MS + MINUTE, door="main", entered=3, left=2),
            DoorMinute(t_ms=NOON_MS + MINUTE, door="side", entered=2, left=0),
            DoorMinute(t_ms=NOON_MS + MINUTE, door="side", entered=9, left=9),  # told twice
        )
        found = (await desk.overview("harbour"))["footfall"]
        assert (found["entered"], found["left"], found["inside"]) == (9, 3, 6)
        assert {hour: n for hour, n in enumerate(found["hours"]) if n} == {11: 4, 12: 5}
        assert (await desk.get("/api/footfall"))["total"]["entered"] == 9
        assert (await desk.get("/api/footfall?day=2025-10-08"))["total"]["entered"] == 0

    run(story)


def test_the_wait_now_is_the_worst_lane_of_the_last_minutes(run: Run, clock: ManualClock) -> None:
    def minute(lane: str, ago_min: int, wait_s: float | None) -> LaneMinute:
        t_ms = NOON_MS - ago_min * MINUTE
        return LaneMinute(t_ms=t_ms, lane=lane, people_mean=2, people_max=3, open_s=60, served=1, wait_s=wait_s)

    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await desk.store("harbour").say(
            minute("1", 10, 900), minute("1", 1, 200), minute("2", 1, 80), minute("3", 5, 500), minute("4", 0, None)
        )
        waits = (await desk.overview("harbour"))["waits"]
        assert (waits["worst_now_s"], waits["worst_recent_s"], waits["served"]) == (200, 900, 5)
        assert [lane["lane"] for lane in waits["lanes"]] == ["1", "2", "3", "4"]
        clock.advance(600)
        assert (await desk.get("/api/waits?minutes=15"))["total"]["worst_now_s"] is None

    run(story)


def test_problems_begin_and_end(run: Run) -> None:
    def health(*, ok: bool, later: int = 0) -> NodeHealth:
        return NodeHealth(t_ms=NOON_MS + later, node="pi-1", subject="camera.front", code="unreadable", ok=ok)

    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(
            health(ok=False), health(ok=False, later=9), ShelfReader(t_ms=NOON_MS, shelf="A1", state="silent")
        )
        problems = (await desk.overview("harbour"))["problems"]
        assert [(one["subject"], one["since_ms"]) for one in problems] == [
            ("camera.front", NOON_MS), ("shelf A1", NOON_MS),
        ]  # fmt: skip
        await harbour.say(health(ok=True), ShelfReader(t_ms=NOON_MS, shelf="A1", state="reading"))
        assert (await desk.overview("harbour"))["problems"] == []

    run(story)


def test_what_was_dropped_on_the_way_is_counted(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        lost = FactsDropped(t_ms=NOON_MS, count=600, reason="budget", until_ms=NOON_MS)
        ack = await harbour.send(lost.stream, 1, [lost, DoorMinute(t_ms=NOON_MS, door="main", entered=1, left=0)])
        assert ack.upto == 601
        assert (await desk.overview("harbour"))["dropped"] == 600

    run(story)


def test_a_store_that_is_not_heard_is_not_alive(run: Run, clock: ManualClock) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        assert (await desk.overview("harbour"))["seen_ms"] is None
        await desk.store("harbour").ask()
        assert (await desk.overview("harbour"))["alive"]
        clock.advance(61)
        assert not (await desk.overview("harbour"))["alive"]
        assert (await desk.get("/api/stores"))["total"]["alive"] == 0

    run(story)


def test_a_clock_that_runs_ahead_does_not_have_the_last_word(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(item(ItemPlaced, 1, 253_402_300_799_999), sale("t-1", t_ms=253_402_300_799_999))
        await harbour.say(item(ItemTaken, 1, NOON_MS + 2 * MINUTE))
        assert await on_hand(desk, "harbour") == 0
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 1

    run(story)


def test_a_product_that_is_sold_for_ever_and_never_counted_keeps_few_entries(run: Run, clock: ManualClock) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        harbour = desk.store("harbour")
        await harbour.say(counted(500, NOON_MS - 1, place="A1"))
        await harbour.say(*[sale(f"t-{number}") for number in range(100)])
        clock.advance(3 * 86_400)
        gone = await desk.hq.writer.arun(lambda c: compact(c, clock.now_ms()))
        assert gone == 99
        await harbour.say(sale("late", t_ms=clock.now_ms()))
        await desk.sign_in()
        assert await on_hand(desk, "harbour") == 399

    run(story)
