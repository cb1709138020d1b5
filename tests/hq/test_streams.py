"""Streams of many stores: each with its own key, folded once, acknowledged after COMMIT, and no sight of another."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.messages.codec import encode
from models.messages.envelopes import Ack
from models.messages.facts import DoorMinute, MemberChanged, ProductChanged, SaleCompleted, SaleLine, StockCounted
from models.messages.ids import StreamClass
from tests.hq.conftest import NOON_MS, Desk, key_of

Run = Callable[..., Any]
PENCIL = "04006381333931"
LEDGER, TELEMETRY = StreamClass.LEDGER, StreamClass.TELEMETRY


def counted(quantity: int, t_ms: int = NOON_MS, gtin: str = PENCIL, place: str = "A1") -> StockCounted:
    return StockCounted(t_ms=t_ms, gtin=gtin, place=place, quantity=quantity, by="c-1")


def sale(name: str, total_minor: int = 199, t_ms: int = NOON_MS, currency: str = "EUR") -> SaleCompleted:
    lines = (SaleLine(gtin=PENCIL, quantity=1, price_minor=total_minor),)
    return SaleCompleted(t_ms=t_ms, sale=name, till="till-1", total_minor=total_minor, currency=currency, lines=lines)


def test_a_batch_that_comes_twice_is_folded_once(run: Run) -> None:
    async def story(desk: Desk) -> None:
        harbour = desk.store("harbour")
        facts = [sale("t-1"), sale("t-2")]
        assert (await harbour.send(LEDGER, 1, facts)).upto == 2
        assert (await harbour.send(LEDGER, 1, facts)).upto == 2
        assert (await harbour.send(LEDGER, 2, [sale("t-2"), sale("t-3")])).upto == 3
        await desk.sign_in()
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 3

    run(story)


def test_a_gap_is_refused_and_the_acknowledgement_says_where_it_begins(run: Run) -> None:
    async def story(desk: Desk) -> None:
        harbour = desk.store("harbour")
        assert (await harbour.send(LEDGER, 5, [sale("t-5")])).upto == 0
        assert (await harbour.send(LEDGER, 1, [])).upto == 0
        await desk.sign_in()
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 0

    run(story)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_lost_or_repeated_on_the_way_every_sale_counts_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    from models.process.clock import ManualClock
    from tests.hq.conftest import open_desk, settings_for

    sales = [sale(f"t-{number}") for number in range(1, 31)]

    async def story() -> int:
        async with open_desk(settings_for(tmp_path_factory.mktemp("hq"), "harbour"), ManualClock(NOON_MS)) as desk:
            harbour = desk.store("harbour")
            upto = 0
            for _step in range(12):
                first = data.draw(st.integers(1, 30), label="first")
                count = data.draw(st.integers(0, 30), label="count")
                upto = (await harbour.send(LEDGER, first, sales[first - 1 : first - 1 + count])).upto
            await harbour.send(LEDGER, upto + 1, sales[upto:])
            await desk.sign_in()
            number: int = (await desk.overview("harbour"))["sales"][0]["sales"]
            return number

    assert asyncio.run(story()) == 30


def test_a_store_is_known_by_its_key_alone(run: Run) -> None:
    async def story(desk: Desk) -> list[int]:
        body = b'{"epoch":"0123456789abcdef","first":1,"facts":[]}'
        keys = ["", "Bearer", "Bearer wrong", f"Basic {key_of('harbour')}", f"Bearer {key_of('harbour')}x",
                "Bearer \u00e9", f"bearer  {key_of('harbour')}"]  # fmt: skip
        answers = [
            await desk.http.post("/v1/streams/g/ledger", content=body, headers={b"authorization": key.encode()})
            for key in keys
        ]
        return [answer.status_code for answer in answers]

    assert run(story) == [401, 401, 401, 401, 401, 401, 200]


def test_stores_with_nodes_of_the_same_name_do_not_mix(run: Run) -> None:
    async def story(desk: Desk) -> None:
        harbour, shanghai = desk.store("harbour"), desk.store("shanghai")
        shanghai.epochs = harbour.epochs  # even the epoch of a copied card
        await harbour.say(sale("t-1"), sale("t-2"))
        await shanghai.say(sale("t-1", currency="CNY"))
        await desk.sign_in()
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 2
        assert (await desk.overview("shanghai"))["sales"] == [
            {"currency": "CNY", "sales": 1, "pieces": 1, "total_minor": 199}
        ]

    run(story)


def test_a_store_sees_nothing_of_another(run: Run) -> None:
    """Its key opens its own two routes and no other; what it hears says of others only what they have."""

    async def story(desk: Desk) -> None:
        harbour, shanghai = desk.store("harbour"), desk.store("shanghai")
        await harbour.say(sale("t-1"), counted(7), DoorMinute(t_ms=NOON_MS, door="main", entered=5, left=1))
        await desk.hq.log.tell_stock()
        for path in ("/api/stores", "/api/stock", "/api/sales", "/api/footfall", "/api/waits", "/api/members",
                     "/api/dead-letters", "/api/events", f"/api/products/{PENCIL}"):  # fmt: skip
            assert (await desk.http.get(path, headers=shanghai.headers)).status_code == 401
        assert await shanghai.hear(LEDGER) == []
        (told,) = await shanghai.hear(TELEMETRY)
        assert told == {
            "kind": "stock.elsewhere", "t_ms": NOON_MS, "store": "harbour", "store_name": "The harbour store",
            "gtin": PENCIL, "on_hand": 7,
        }  # fmt: skip
        assert await harbour.hear(TELEMETRY) == []

    run(story)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b'{"epoch":"0123456789abcdef","first":NaN,"facts":[]}', "malformed"),
        (b'{"epoch":"0123456789abcdef","first":1e400,"facts":[]}', "malformed"),
        (b'{"epoch":"0123456789abcdef","first":99999999999999999999,"facts":[]}', "malformed"),
        (b'{"epoch":"0123456789abcdef\\n","first":1,"facts":[]}', "malformed"),
        (b'{"epoch":"0123456789abcdef","first":1,"facts":[],"v":2}', "version"),
        (b'{"facts":' + b"[" * 100_000, "malformed"),
        (b" " * 1_100_000, "oversized"),
    ],
    ids=["empty", "nan", "1e400", "huge", "line-break", "version", "deep", "oversized"],
)
def test_a_batch_that_will_never_be_good_is_refused_kept_and_counted(run: Run, body: bytes, code: str) -> None:
    async def story(desk: Desk) -> None:
        harbour = desk.store("harbour")
        answer = await desk.http.post("/v1/streams/gateway/ledger", content=body, headers=harbour.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
        await harbour.say(sale("t-1"))
        await desk.sign_in()
        refused = await desk.get("/api/dead-letters")
        assert refused["counts"] == {code: 1}
        assert refused["newest"][0]["source"] == "harbour/gateway/ledger"
        assert f'aisle_hq_refused_total{{reason="{code}"}} 1.0' in (await desk.http.get("/metrics")).text

    run(story)


@pytest.mark.parametrize("raw", [b'{"kind":"no.such"}', b"[]", b'{"kind":"sale.completed","t_ms":-1}', b"17"])
def test_a_bad_fact_is_refused_alone_and_the_stream_goes_on(run: Run, raw: bytes) -> None:
    async def story(desk: Desk) -> None:
        harbour = desk.store("harbour")
        batch = b'{"epoch":"%s","first":1,"facts":[%s,%s,%s]}' % (
            harbour.epochs[LEDGER].encode(), encode(sale("t-1")), raw, encode(sale("t-2")),
        )  # fmt: skip
        answer = await desk.http.post("/v1/streams/gateway/ledger", content=batch, headers=harbour.headers)
        assert msgspec.json.decode(answer.content, type=Ack).upto == 3
        await desk.sign_in()
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 2
        assert sum((await desk.get("/api/dead-letters"))["counts"].values()) == 1

    run(story)


def test_a_store_cannot_say_what_is_headquarters_to_say(run: Run) -> None:
    async def story(desk: Desk) -> None:
        harbour, shanghai = desk.store("harbour"), desk.store("shanghai")
        record = {"member": "M7K2Q9XA", "name_sealed": "n", "phone_sealed": "p", "phone_hash": "0" * 64}
        await harbour.say(
            ProductChanged(t_ms=NOON_MS, gtin=PENCIL, name_en="Hacked", name_zh=""),
            sale("t-1"),
            MemberChanged(t_ms=NOON_MS, points=10**9, **record),  # type: ignore[arg-type] # strings all
        )
        assert await shanghai.hear() == []
        await desk.sign_in()
        assert (await desk.get("/api/stock"))["products"] == []
        assert (await desk.get("/api/members"))["total"]["members"] == 0
        assert (await desk.overview("harbour"))["sales"][0]["sales"] == 1
        assert (await desk.get("/api/dead-letters"))["counts"] == {"malformed": 2}

    run(story)


@pytest.mark.parametrize("path", ["/v1/streams/Gateway/ledger", "/v1/streams/g%00/ledger", "/v1/streams/g/gossip"])
def test_a_stream_of_no_known_name_is_refused(run: Run, path: str) -> None:
    async def story(desk: Desk) -> int:
        return (await desk.http.post(path, content=b"{}", headers=desk.store("harbour").headers)).status_code

    assert run(story) == 422
