"""Plans and deliveries: said here or in a store, known on both sides."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.messages.goods import (
    DeliveryExpected,
    DeliveryLine,
    DeliveryReceived,
    LogisticUnit,
    PlanogramChanged,
    ReceivedLine,
)
from models.process.clock import ManualClock
from tests.hq.conftest import NOON_MS, Desk

Run = Callable[..., Any]
PENCIL, SOCKS = "04006381333931", "80614141123458"
CARTON, OTHER_CARTON = "106141412345678908", "106141412345678915"
HEADER = "shelf,gtin,facings,capacity,low\n"


def slot(t_ms: int, facings: int = 2, capacity: int = 8, low: int = 2) -> PlanogramChanged:
    return PlanogramChanged(t_ms=t_ms, gtin=PENCIL, shelf="A1", facings=facings, capacity=capacity, low=low)


async def put(desk: Desk, facings: int, capacity: int, low: int, store: str = "harbour") -> None:
    body = {"facings": facings, "capacity": capacity, "low": low}
    answer = await desk.http.put(f"/api/stores/{store}/planogram/A1/{PENCIL}", json=body)
    assert answer.status_code == 200, answer.text


async def plan(desk: Desk, store: str = "harbour") -> list[tuple[str, str, int, int, int]]:
    slots = (await desk.get(f"/api/stores/{store}/planogram"))["slots"]
    return [(one["shelf"], one["gtin"], one["facings"], one["capacity"], one["low"]) for one in slots]


def test_a_plan_reaches_the_store_that_it_concerns_and_no_other(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        body = HEADER + f"A1,{PENCIL},2,8,2\nA1,{PENCIL},1,1,0\nB2,12,1,4,1\nB2,{SOCKS},1,4,1\n"
        answer = await desk.http.post("/api/stores/harbour/planogram", content=body)
        assert answer.json()["rows"] == 2
        assert [one["line"] for one in answer.json()["refused"]] == [3, 4]
        told = await desk.store("harbour").hear()
        assert [(one["kind"], one["shelf"], one["capacity"]) for one in told] == [
            ("planogram.changed", "A1", 8),
            ("planogram.changed", "B2", 4),
        ]
        assert await desk.store("shanghai").hear() == []
        again = await desk.http.post("/api/stores/harbour/planogram", content=HEADER + f"A1,{PENCIL},2,8,2\n")
        assert (again.json()["rows"], again.json()["changed"]) == (1, 0)

    run(story)


def test_what_is_exported_can_be_imported_into_another_store(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await put(desk, 2, 8, 2)
        csv = (await desk.http.get("/api/stores/harbour/planogram.csv")).content
        await desk.http.post("/api/stores/shanghai/planogram", content=csv)
        assert await plan(desk, "shanghai") == await plan(desk, "harbour") == [("A1", PENCIL, 2, 8, 2)]
        answer = await desk.http.delete(f"/api/stores/harbour/planogram/A1/{PENCIL}")
        assert answer.json()["slots"] == []
        assert [one["facings"] for one in await desk.store("harbour").hear()] == [2, 0]

    run(story)


def test_what_a_store_says_of_its_plan_is_known_here_and_an_older_word_is_not_believed(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        store = desk.store("harbour")
        await store.say(slot(NOON_MS + 50, 3, 9, 1), slot(NOON_MS, 1, 5, 1))
        assert await plan(desk) == [("A1", PENCIL, 3, 9, 1)]
        assert await plan(desk, "shanghai") == []
        await put(desk, 4, 12, 3)
        assert [(one["capacity"], one["t_ms"]) for one in await store.hear()] == [(12, NOON_MS + 51)]

    run(story)


WORDS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9), st.integers(0, 4)), min_size=1, max_size=6
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, data=st.data())
def test_both_sides_end_with_the_same_plan_in_whatever_order_words_come(
    run: Run, words: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    facts = [slot(NOON_MS + when, *numbers) for when, *numbers in words]
    shuffled = data.draw(st.permutations(facts))

    async def story(desk: Desk) -> None:
        await desk.sign_in()
        desk.hq.writer.run(lambda connection: connection.execute("DELETE FROM planogram"))
        await desk.store("harbour").say(*facts)
        await desk.store("shanghai").say(*shuffled)
        assert await plan(desk, "harbour") == await plan(desk, "shanghai")

    run(story)


def test_a_store_that_begins_anew_is_told_its_plan_and_what_is_on_its_way(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        await put(desk, 2, 8, 2)
        await announce(desk)
        store = desk.store("harbour")
        assert [one["kind"] for one in await store.hear()] == ["planogram.changed", "delivery.expected"]
        desk.hq.writer.run(lambda connection: connection.execute("DELETE FROM outbox WHERE peer = 'harbour'"))
        anew = desk.store("harbour")
        told = [one["kind"] for one in await anew.hear()]
        assert told[-2:] == ["planogram.changed", "delivery.expected"]

    run(story)


def body(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON body
    units = [{"sscc": CARTON, "lines": [{"gtin": PENCIL, "quantity": 24}]}]
    return {"delivery": "asn-1", "supplier": "Warehouse", "due_ms": NOON_MS, "units": units} | changes


async def announce(desk: Desk, store: str = "harbour", **changes: Any) -> int:  # noqa: ANN401 - JSON
    return (await desk.http.post(f"/api/stores/{store}/deliveries", json=body(**changes))).status_code


def received(t_ms: int, pieces: int, *units: str) -> DeliveryReceived:
    lines = (ReceivedLine(gtin=PENCIL, expected=24, received=pieces),)
    return DeliveryReceived(t_ms=t_ms, delivery="asn-1", by="c-1", lines=lines, units=units)


def test_a_delivery_is_announced_and_what_came_is_held_against_it(run: Run, clock: ManualClock) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        assert await announce(desk) == 201
        other = [{"sscc": OTHER_CARTON, "lines": [{"gtin": SOCKS, "quantity": 5}]}]
        assert await announce(desk, "shanghai", delivery="asn-2", units=other) == 201
        store = desk.store("harbour")
        (told,) = await store.hear()
        assert (told["kind"], told["units"][0]["sscc"]) == ("delivery.expected", CARTON)
        await store.say(received(NOON_MS + 10, 23, CARTON, OTHER_CARTON))
        (one,) = (await desk.get("/api/deliveries?store=harbour"))["deliveries"]
        assert (one["state"], one["expected"], one["received"], one["units_seen"]) == ("received", 24, 23, 1)
        assert one["misrouted"] == [{"sscc": OTHER_CARTON, "expected_by": "shanghai"}]
        assert [each["delivery"] for each in (await desk.get("/api/deliveries"))["deliveries"]] == ["asn-2", "asn-1"]
        assert await announce(desk) == 409
        clock.advance(60)
        reopened = LogisticUnit(sscc=CARTON, lines=(DeliveryLine(gtin=PENCIL, quantity=24),))
        await store.say(
            DeliveryExpected(
                t_ms=NOON_MS + 60_000, delivery="asn-1", supplier="Warehouse", due_ms=NOON_MS, units=(reopened,)
            )
        )
        assert (await desk.get("/api/deliveries?store=harbour"))["deliveries"][0]["state"] == "expected"
        await store.say(received(NOON_MS + 60_001, 24, CARTON))
        assert (await desk.get("/api/deliveries?store=harbour"))["deliveries"][0]["received"] == 24

    run(story)


def test_a_store_that_nobody_knows_is_said_to_be_unknown(run: Run) -> None:
    async def story(desk: Desk) -> None:
        await desk.sign_in()
        assert await announce(desk, "atlantis") == 404
        assert (await desk.http.get("/api/stores/atlantis/planogram")).status_code == 404
        assert (await desk.http.get("/api/deliveries?store=atlantis")).status_code == 404
        assert (await desk.http.post("/api/stores/harbour/planogram", content=b"\xff")).status_code == 422
        assert (await desk.http.post("/api/stores/harbour/deliveries", json={"delivery": "x"})).status_code == 422

    run(story)
