"""A headquarters with two stores, over real HTTP routes and a real SQLite file, and a clock that stands still."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from cloud_sync.hq.access import PASSWORDS
from cloud_sync.hq.app import Headquarters, create_headquarters, open_headquarters
from cloud_sync.hq.migrations import prepare
from cloud_sync.hq.settings import HqSettings
from models.messages.codec import encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.facts import Fact
from models.messages.ids import StreamClass, new_epoch
from models.process.clock import ManualClock

T = TypeVar("T")
NOBODY = Ack(epoch="0" * 16, upto=0)
PASSWORD = "a long enough password"
PASSWORD_HASH = PASSWORDS.hash(PASSWORD)
NOON_MS = 1_760_004_000_000
"""2025-10-09 12:00 in Berlin, 18:00 in Shanghai."""


def key_of(store: str) -> str:
    return f"key-of-{store}-0123456789"


def settings_for(folder: Path, *stores: str) -> HqSettings:
    zones = {"shanghai": ("Asia/Shanghai", "CNY")}
    return HqSettings.model_validate(
        {
            "data_dir": folder,
            "stores": [
                {
                    "id": store,
                    "name": f"The {store} store",
                    "key_sha256": hashlib.sha256(key_of(store).encode()).hexdigest(),
                    "time_zone": zones.get(store, ("Europe/Berlin", "EUR"))[0],
                    "currency": zones.get(store, ("Europe/Berlin", "EUR"))[1],
                }
                for store in stores
            ],
            "staff": [{"name": "desk-1", "password_hash": PASSWORD_HASH}],
        }
    )


class Gateway:
    """A store as headquarters sees it: sends batches, asks for what follows."""

    def __init__(self, desk: "Desk", store: str) -> None:
        self.desk, self.store = desk, store
        self.headers = {"authorization": f"Bearer {key_of(store)}"}
        self.epochs = dict.fromkeys(StreamClass, new_epoch())
        self.next = dict.fromkeys(StreamClass, 1)
        self.acks = dict.fromkeys(StreamClass, NOBODY)

    async def say(self, *facts: Fact) -> None:
        for stream in StreamClass:
            found = [fact for fact in facts if fact.stream is stream]
            if found:
                ack = await self.send(stream, self.next[stream], found)
                self.next[stream] += len(found)
                assert ack.upto == self.next[stream] - 1

    async def send(self, stream: StreamClass, first: int, facts: Sequence[Fact]) -> Ack:
        raws = tuple(msgspec.Raw(encode(fact)) for fact in facts)
        batch = FactBatch(epoch=self.epochs[stream], first=first, facts=raws)
        answer = await self.desk.http.post(
            f"/v1/streams/gateway/{stream.value}", content=encode(batch), headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=Ack)

    async def ask(self, stream: StreamClass = StreamClass.LEDGER) -> list[dict[str, Any]] | None:
        """One question for news; ``None`` for 204."""
        answer = await self.desk.http.post(
            f"/v1/down/{stream.value}", content=encode(self.acks[stream]), headers=self.headers
        )
        if answer.status_code == 204:
            return None
        assert answer.status_code == 200, answer.text
        batch = msgspec.json.decode(answer.content, type=FactBatch)
        mine = self.acks[stream]
        assert batch.first == (mine.upto + 1 if mine.epoch == batch.epoch else 1)
        facts: list[dict[str, Any]] = [msgspec.json.decode(raw) for raw in batch.facts]
        upto = batch.first - 1 + sum(fact.get("count", 1) if _is_dropped(fact) else 1 for fact in facts)
        self.acks[stream] = Ack(epoch=batch.epoch, upto=upto)
        return facts

    async def hear(self, stream: StreamClass = StreamClass.LEDGER) -> list[dict[str, Any]]:
        """Everything that is there to be heard now."""
        heard: list[dict[str, Any]] = []
        while (facts := await self.ask(stream)) is not None:
            heard += facts
        return heard


def _is_dropped(fact: dict[str, Any]) -> bool:
    return bool(fact["kind"] == "facts.dropped")


class Desk:
    """Headquarters and a browser of somebody who works there."""

    def __init__(self, hq: Headquarters, app: FastAPI, http: httpx.AsyncClient, clock: ManualClock) -> None:
        self.hq, self.app, self.http, self.clock = hq, app, http, clock

    def store(self, name: str) -> Gateway:
        return Gateway(self, name)

    async def sign_in(self) -> None:
        answer = await self.http.post("/api/session", json={"name": "desk-1", "password": PASSWORD})
        assert answer.status_code == 200, answer.text

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def overview(self, store: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            one for one in (await self.get("/api/stores"))["stores"] if one["store"] == store
        )
        return found


@cache
def _empty_database() -> bytes:
    """An empty database of today's schema: made once, because making it takes longer than most stories."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder) / "hq.db")
        return (Path(folder) / "hq.db").read_bytes()


def _put_schema(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "hq.db").exists():
        (folder / "hq.db").write_bytes(_empty_database())


@asynccontextmanager
async def open_desk(settings: HqSettings, clock: ManualClock, **options: float) -> AsyncIterator[Desk]:
    _put_schema(settings.data_dir)
    hq = open_headquarters(settings, clock)
    app = create_headquarters(hq, **{"poll_s": 0.0, "tell_stock_s": 3600.0, **options})
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://hq.test") as http,
    ):
        yield Desk(hq, app, http, clock)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON_MS)


@pytest.fixture
def run(tmp_path: Path, clock: ManualClock) -> Callable[..., Any]:
    """Run a story against a headquarters of the given stores."""

    def play(story: Callable[[Desk], Awaitable[T]], *stores: str, **options: float) -> T:
        async def whole() -> T:
            settings = settings_for(tmp_path, *(stores or ("harbour", "shanghai")))
            async with open_desk(settings, clock, **options) as desk:
                return await story(desk)

        return asyncio.run(whole())

    return play
