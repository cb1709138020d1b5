"""What headquarters tells the stores: catalogue, prices, members, and what the others have."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.messages.codec import encode
from models.messages.envelopes import Ack
from models.messages.facts import MemberRegistered, PointsEntered
from models.messages.ids import StreamClass
from models.process.clock import ManualClock
from tests.hq.conftest import NOBODY, NOON_MS, Desk, open_desk, settings_for
from tests.hq.test_streams import PENCIL, counted

Run = Callable[..., Any]
LEDGER, TELEMETRY = StreamClass.LEDGER, StreamClass.TELEMETRY
MEMBER = MemberRegistered(
    t_ms=NOON_MS, member="M7K2Q9XA", name_sealed="sealed", phone_sealed="sealed", phone_hash="ab" * 32
)


def points(entry: str, number: int) -> PointsEntered:
    return PointsEntered(t_ms=NOON_MS, entry=entry, member=MEMBER.member, points=number, reason="sale")


async def enter(desk: Desk, *numbers: int) -> None:
    """Put products ``0…01`` and so on into the catalogue, each with a price in both currencies."""
    from models.codes.gtin import check_digit

    for number in numbers:
        gtin = f"{number:013}" + check_digit(f"{number:013}")
        answer = await desk.http.put(
            f"/api/products/{gtin}", json={"name_en": f"Product {number}", "name_zh": "商品"}
        )
        assert answer.status_code == 200, answer.text
        for currency in ("EUR", "CNY"):
            body = {"price_minor": 100 + number, "currency": currency}
            assert (await desk.http.put(f"/api/products/{gtin}/price", json=body)).status_code == 200


def kinds(facts: list[dict[str, Any]]) -> list[str]:
    return [fact["kind"] for fact in facts]


def test_a_product_and_its_price_reach_every_store_in_its_own_currency(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await enter(desk, 1)
        for store, currency in (("harbour", "EUR"), ("shanghai", "CNY")):
            product, price = await desk.store(store).hear()
            assert (product["kind"], product["name_zh"]) == ("product.changed", "商品")
            assert (price["kind"], price["price_minor"], price["currency"]) == ("price.changed", 101, currency)

    run(story)


def test_what_changes_nothing_is_not_told_again(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await enter(desk, 1)
        harbour = desk.store("harbour")
        await harbour.hear()
        await enter(desk, 1)
        assert await harbour.hear() == []

    run(story)


def test_a_member_and_their_points_reach_every_store(run: Run) -> None:
    async def story(desk: Desk) -> None:
        harbour, shanghai = desk.store("harbour"), desk.store("shanghai")
        await harbour.say(points("e-0", 7))  # before the record: the record follows
        assert await shanghai.hear() == []
        await harbour.say(MEMBER)
        await shanghai.say(points("e-1", 50))
        await harbour.say(points("e-2", 3), points("e-2", 3), points("e-1", 50))
        for store in (harbour, shanghai):
            told = await store.hear()
            assert kinds(told) == ["member.changed"] * 3
            assert [fact.get("points", 0) for fact in told] == [7, 57, 60]
            assert told[0]["name_sealed"] == "sealed"
        await desk.sign_in()
        assert (await desk.get("/api/members"))["total"] == {
            "members": 1, "points": 60, "entries": 3, "tiers": {"basic": 1}
        }  # fmt: skip

    run(story)


def test_the_points_ledger_only_grows(run: Run, tmp_path: Path) -> None:
    async def story(desk: Desk) -> list[str]:
        await desk.store("harbour").say(MEMBER, points("e-1", 50))
        said = []
        for statement in ("UPDATE points SET points = 0", "DELETE FROM points"):
            try:
                await desk.hq.writer.arun(lambda c, s=statement: c.execute(s).rowcount)  # type: ignore[misc]
            except sqlite3.Error as error:
                said.append(str(error))
        return said

    assert run(story) == ["entries are only added"] * 2


def test_stock_that_changed_often_is_told_once_and_to_the_others_only(run: Run) -> None:
    async def story(desk: Desk) -> None:
        harbour, shanghai = desk.store("harbour"), desk.store("shanghai")
        for later, quantity in enumerate((5, 9, 4)):
            await harbour.say(counted(quantity, NOON_MS + later))
        assert await shanghai.hear(TELEMETRY) == []
        await desk.hq.log.tell_stock()
        (told,) = await shanghai.hear(TELEMETRY)
        assert (told["store"], told["gtin"], told["on_hand"]) == ("harbour", PENCIL, 4)
        assert await harbour.hear(TELEMETRY) == []
        await harbour.say(counted(4, NOON_MS + 9))
        await desk.hq.log.tell_stock()
        assert await shanghai.hear(TELEMETRY) == []

    run(story)


def test_a_question_waits_for_news_without_holding_anything(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        asking = [asyncio.create_task(desk.store("harbour").ask()) for _ in range(60)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in asking)
        await enter(desk, 1)  # everything else goes on meanwhile
        answers = await asyncio.gather(*asking)
        assert all(answer and answer[0]["kind"] == "product.changed" for answer in answers)

    run(story, poll_s=30.0)


def test_a_question_without_news_is_answered_with_204(run: Run) -> None:
    async def story(desk: Desk) -> list[dict[str, Any]] | None:
        return await desk.store("harbour").ask()

    assert run(story, poll_s=0.05) is None


def test_what_is_not_acknowledged_is_told_again(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await enter(desk, 1)
        harbour = desk.store("harbour")
        first = await harbour.ask()
        harbour.acks[LEDGER] = NOBODY  # the answer was lost
        assert await harbour.ask() == first
        assert await harbour.ask() is None

    run(story)


async def prune(desk: Desk, clock: ManualClock) -> None:
    clock.advance(8 * 86_400)
    await desk.hq.writer.arun(desk.hq.outbox.prune)
    await desk.sign_in()


def test_a_store_that_is_built_anew_after_the_beginning_was_pruned_gets_everything_again(
    run: Run, clock: ManualClock
) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await enter(desk, 1, 2, 3)
        harbour, shanghai = desk.store("harbour"), desk.store("shanghai")
        await shanghai.say(MEMBER, counted(8))
        await desk.hq.log.tell_stock()
        for stream in StreamClass:
            await harbour.hear(stream)
            await harbour.ask(stream)
        await prune(desk, clock)
        await enter(desk, 4)

        anew = desk.store("harbour")
        told = await anew.hear()
        assert kinds(told[:1]) == ["facts.dropped"]
        names = {fact["name_en"] for fact in told if fact["kind"] == "product.changed"}
        assert names == {f"Product {number}" for number in (1, 2, 3, 4)}
        assert {fact["price_minor"] for fact in told if fact["kind"] == "price.changed"} == {101, 102, 103, 104}
        assert {fact["currency"] for fact in told if fact["kind"] == "price.changed"} == {"EUR"}
        assert [fact["member"] for fact in told if fact["kind"] == "member.changed"] == [MEMBER.member]
        assert [fact["on_hand"] for fact in await anew.hear(TELEMETRY) if "on_hand" in fact] == [8]

        again = desk.store("harbour")
        assert await again.hear() == told  # the same snapshot serves; nothing is heaped up

    run(story)


def test_a_store_that_was_away_too_long_is_made_whole(run: Run, clock: ManualClock) -> None:
    """Its database came back from a backup: it asks for numbers that are no more."""

    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await enter(desk, 1)
        harbour = desk.store("harbour")
        await harbour.hear()
        backup = harbour.acks[LEDGER]
        await enter(desk, 2, 3)
        await harbour.hear()
        await prune(desk, clock)
        harbour.acks[LEDGER] = backup
        told = await harbour.hear()
        assert {fact["name_en"] for fact in told if fact["kind"] == "product.changed"} >= {"Product 2", "Product 3"}

    run(story)


def test_a_store_that_is_added_later_gets_everything(tmp_path: Path, clock: ManualClock) -> None:
    async def story() -> None:
        async with open_desk(settings_for(tmp_path, "harbour"), clock) as desk:
            await desk.sign_in()
            await enter(desk, 1, 2)
            await desk.store("harbour").say(MEMBER, counted(6))
        async with open_desk(settings_for(tmp_path, "harbour", "shanghai"), clock) as desk:
            told = await desk.store("shanghai").hear()
            assert kinds(told) == ["product.changed"] * 2 + ["price.changed"] * 2 + ["member.changed"]
            (elsewhere,) = await desk.store("shanghai").hear(TELEMETRY)
            assert (elsewhere["store"], elsewhere["on_hand"]) == ("harbour", 6)

    asyncio.run(story())


def test_a_store_that_never_comes_does_not_stop_the_others(tmp_path: Path, clock: ManualClock) -> None:
    settings = settings_for(tmp_path, "harbour", "shanghai").model_copy(update={"outbox_budget_mb": 1})
    name = "x" * 200

    async def story() -> None:
        async with open_desk(settings, clock) as desk:
            await desk.sign_in()
            harbour = desk.store("harbour")
            body = "gtin,name_en\n" + "\n".join(f"4006381333931,{name[:150]}{n}" for n in range(6000))
            assert (await desk.http.post("/api/imports", content=body.encode())).status_code == 202
            while (await desk.get("/api/imports/1"))["state"] == "running":
                await harbour.hear()
                await asyncio.sleep(0)
            assert (await desk.get("/api/imports/1"))["state"] == "done"
            told = await desk.store("shanghai").hear()
            assert told[-1]["name_en"] == f"{name[:150]}5999"

    asyncio.run(story())


def test_a_store_further_than_we_are_is_told_the_state_anew(run: Run) -> None:
    """Our own file came back from a backup: the store may believe what we no longer know."""

    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await enter(desk, 1)
        harbour = desk.store("harbour")
        await harbour.hear()
        epoch = harbour.acks[LEDGER].epoch
        harbour.acks[LEDGER] = Ack(epoch=epoch, upto=10_000)
        answer = await desk.http.post(
            "/v1/down/ledger", content=encode(harbour.acks[LEDGER]), headers=harbour.headers
        )
        assert answer.status_code == 200
        harbour.acks[LEDGER] = NOBODY
        told = await harbour.hear()
        assert harbour.acks[LEDGER].epoch != epoch
        assert {"product.changed", "price.changed"} <= set(kinds(told))

    run(story)
