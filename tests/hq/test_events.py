"""The live line: everybody who looks is told after each change, and nothing is read when nobody looks."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from cloud_sync.hq.answers import Overview
from cloud_sync.hq.api import glance
from cloud_sync.hq.api.glance import Glance
from tests.hq.conftest import Desk
from tests.hq.test_streams import counted

Run = Callable[..., Any]


class CountedViews:
    """Counts how often the overview is read."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self.reads = desk, 0

    def overview(self) -> Overview:
        self.reads += 1
        return self._desk.hq.views.overview()


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance, "COALESCE_S", 0.05)


def test_many_who_look_cost_one_reading_and_all_see_the_change(run: Run) -> None:
    async def story(desk: Desk) -> None:
        views = CountedViews(desk)
        board = Glance(desk.hq.log, views, beat_s=30.0)  # type: ignore[arg-type] # only the overview is asked for
        seen: list[int] = []

        async def look() -> None:
            async with aclosing(board.watch()) as overviews:
                async for overview in overviews:
                    if overview["total"]["on_hand"]:
                        seen.append(overview["total"]["on_hand"])
                        return

        looking = [asyncio.create_task(look()) for _ in range(20)]
        await asyncio.sleep(0.2)
        before = views.reads
        await desk.store("harbour").say(counted(8))
        await asyncio.wait_for(asyncio.gather(*looking), 10)
        assert seen == [8] * 20
        assert views.reads <= before + 2
        await desk.store("harbour").say(counted(9))
        await asyncio.sleep(0.3)
        quiet = views.reads
        await desk.store("harbour").say(counted(10))
        await asyncio.sleep(0.3)
        assert views.reads == quiet

    run(story)


def test_a_beat_comes_when_nothing_changes(run: Run) -> None:
    async def story(desk: Desk) -> None:
        board = Glance(desk.hq.log, desk.hq.views, beat_s=0.05)
        async with aclosing(board.watch()) as overviews:
            for _ in range(3):
                await asyncio.wait_for(anext(overviews), 10)

    run(story)
