"""What stores miss, at headquarters: what is gone, what turned up, which alarms ring."""

from collections.abc import Callable
from typing import Any

from models.messages.facts import (
    ItemPlaced,
    ItemReturned,
    PriceChanged,
    SaleCompleted,
    SaleLine,
    StockChanged,
    StockCounted,
)
from models.messages.goods import AlarmClosed, AlarmRaised, ItemExited, ItemFound, ItemMissing
from tests.hq.conftest import NOON_MS, Desk

Run = Callable[..., Any]

MILK = "04006381333931"
EPC = "3034257BF7194E4000001A85"
OTHER = "3034257BF7194E4000001A86"


def missing(epc: str = EPC, reason: Any = "exit_unpaid", t_ms: int = NOON_MS) -> ItemMissing:  # noqa: ANN401
    return ItemMissing(
        t_ms=t_ms, epc=epc, shelf="A1", reason=reason, p=0.9, last_seen_ms=t_ms - 1000, gtin=MILK, price_minor=129
    )


def raised(quantity: int = 1) -> AlarmRaised:
    return AlarmRaised(
        t_ms=NOON_MS, alarm="a-1", type="exit_unpaid", quantity=quantity, p=0.9, door="main", gtin=MILK
    )


async def shrink(desk: Desk, store: str = "store-1") -> dict[str, Any]:
    answer = await desk.get("/api/shrink")
    return next(one for one in answer["stores"] if one["store"] == store)


async def on_hand(desk: Desk) -> int:
    return int((await desk.overview("store-1"))["on_hand"])


def test_what_a_store_misses_is_counted_with_its_worth_until_it_turns_up(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        store = desk.store("store-1")
        await store.say(
            ItemPlaced(t_ms=NOON_MS - 9000, epc=EPC, shelf="A1", p=0.9, gtin=MILK),
            ItemPlaced(t_ms=NOON_MS - 9000, epc=OTHER, shelf="A1", p=0.9, gtin=MILK),
        )
        assert await on_hand(desk) == 2
        await store.say(ItemExited(t_ms=NOON_MS - 20, epc=EPC, door="main", p=0.9), missing(), raised())
        await store.say(missing(OTHER, "swept"), missing(OTHER, "swept"))
        told = await shrink(desk)
        assert (told["items"], told["value_minor"], told["found"], told["currency"]) == (2, 258, 0, "EUR")
        assert told["reasons"] == {"exit_unpaid": 1, "swept": 1}
        assert [alarm["alarm"] for alarm in told["alarms"]] == ["a-1"]
        assert await on_hand(desk) == 0
        await store.say(
            ItemFound(t_ms=NOON_MS + 5, epc=EPC, shelf="A1", gtin=MILK),
            AlarmClosed(t_ms=NOON_MS + 5, alarm="a-1", by="aisle", outcome="false"),
            ItemReturned(t_ms=NOON_MS + 6, epc=EPC, shelf="A1", p=1.0, gtin=MILK),
        )
        told = await shrink(desk)
        assert (told["items"], told["found"], told["alarms"]) == (1, 1, [])
        assert await on_hand(desk) == 1
        await store.say(raised(2))
        assert [alarm["quantity"] for alarm in (await shrink(desk))["alarms"]] == [2]

    run(story, "store-1")


def test_what_a_count_lacks_is_a_loss_and_the_count_stands_as_it_was_counted(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await desk.hq.log.enter([PriceChanged(t_ms=NOON_MS - 99, gtin=MILK, price_minor=129, currency="EUR")])
        store = desk.store("store-1")
        await store.say(StockCounted(t_ms=NOON_MS - 50, gtin=MILK, place="C1", quantity=10, by="c-1"))
        await store.say(
            StockCounted(t_ms=NOON_MS, gtin=MILK, place="C1", quantity=7, by="c-1"),
            StockChanged(t_ms=NOON_MS, gtin=MILK, place="C1", delta=-3, reason="loss"),
        )
        told = await shrink(desk)
        assert (told["items"], told["value_minor"], told["reasons"]) == (3, 387, {"counted": 3})
        assert await on_hand(desk) == 7

    run(story, "store-1")


def test_a_till_that_knows_a_tag_before_any_shelf_does_makes_no_stock_of_it(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        store = desk.store("store-1")
        line = SaleLine(gtin=MILK, quantity=1, price_minor=129, epcs=(EPC,))
        await store.say(
            SaleCompleted(t_ms=NOON_MS, sale="t-1", till="till-1", lines=(line,), total_minor=129, currency="EUR")
        )
        await store.say(ItemPlaced(t_ms=NOON_MS - 60_000, epc=EPC, shelf="A1", p=0.9, gtin=MILK))
        assert await on_hand(desk) == 0

    run(story, "store-1")
