"""Those who watch are told what changed, merged, and cost a bounded amount."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.api.watchers import BEAT, DEAF_S, MOST_NAMES, MOST_WATCHERS, OPENED, Watchers
from models.process.clock import ManualClock
from models.process.web import Refused

News = tuple[str, list[str]]


async def opened(watchers: Watchers, *topics: str) -> AsyncIterator[News]:
    news = watchers.watch(topics)
    assert await anext(news) == (OPENED, [])
    return news


def test_changes_while_nobody_listened_are_merged_into_one_message() -> None:
    async def story() -> None:
        watchers = Watchers(ManualClock())
        watchers.open(asyncio.get_running_loop())
        news = await opened(watchers, "stock", "lanes")
        for number in range(300):
            watchers.tell("stock", [f"g{number % 3}"])
        watchers.tell("status")
        watchers.tell("lanes")
        await asyncio.sleep(0.01)
        assert await anext(news) == ("stock", ["g0", "g1", "g2"])
        assert await anext(news) == ("lanes", [])

    asyncio.run(story())


def test_a_flood_of_names_becomes_everything() -> None:
    async def story() -> None:
        watchers = Watchers(ManualClock())
        watchers.open(asyncio.get_running_loop())
        news = await opened(watchers, "stock")
        watchers.tell("stock", [str(number) for number in range(MOST_NAMES + 1)])
        assert await anext(news) == ("stock", [])

    asyncio.run(story())


def test_a_watcher_that_takes_nothing_is_dropped() -> None:
    async def story() -> None:
        clock = ManualClock()
        watchers = Watchers(clock)
        watchers.open(asyncio.get_running_loop())
        news = await opened(watchers, "stock")
        watchers.tell("stock", ["a"])
        await asyncio.sleep(0.01)
        clock.advance(DEAF_S + 1)
        watchers.tell("stock", ["b"])
        await asyncio.sleep(0.01)
        with pytest.raises(StopAsyncIteration):
            await anext(news)

    asyncio.run(story())


def test_silence_is_said_so_that_a_page_knows_that_the_line_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.api.watchers.BEAT_S", 0.01)

    async def story() -> None:
        watchers = Watchers(ManualClock())
        watchers.open(asyncio.get_running_loop())
        news = await opened(watchers, "stock")
        assert await anext(news) == (BEAT, [])

    asyncio.run(story())


def test_the_last_of_too_many_watchers_is_refused_and_a_closed_one_makes_room() -> None:
    async def story() -> None:
        watchers = Watchers(ManualClock())
        watchers.open(asyncio.get_running_loop())
        streams = [await opened(watchers, "stock") for _ in range(MOST_WATCHERS)]
        with pytest.raises(Refused, match="Too many"):
            watchers.make_room()
        await streams[0].aclose()  # type: ignore[attr-defined] # an async generator has it
        watchers.make_room()
        watchers.close()
        with pytest.raises(StopAsyncIteration):
            await anext(streams[1])

    asyncio.run(story())
