"""The stores at a glance, live: read once for everybody who looks, however many they are."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

import structlog

from cloud_sync.hq.answers import Overview
from cloud_sync.hq.ports import Log, Views

_log = structlog.get_logger(__name__)

COALESCE_S: Final = 1.0
"""Pages are told at most once a second."""


class Glance:
    """Reads the overview after each change while somebody watches, and not at all when nobody does."""

    def __init__(self, log: Log, views: Views, beat_s: float) -> None:
        """``beat_s``: how often watchers are told something even when nothing changed."""
        self._log, self._views, self._beat_s = log, views, beat_s
        self._watchers: set[asyncio.Queue[Overview]] = set()
        self._task: asyncio.Task[None] | None = None

    async def watch(self) -> AsyncGenerator[Overview, None]:
        """The overview now, and each time that it changed; one who is slow sees the newest only."""
        mine: asyncio.Queue[Overview] = asyncio.Queue(maxsize=1)
        mine.put_nowait(await asyncio.to_thread(self._views.overview))
        self._watchers.add(mine)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell())
        try:
            while True:
                yield await mine.get()
        finally:
            self._watchers.discard(mine)

    async def _tell(self) -> None:
        changed = asyncio.Event()
        stop = self._log.on_change(changed.set)
        try:
            while self._watchers:
                await asyncio.sleep(COALESCE_S)
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), self._beat_s)
                changed.clear()
                try:
                    newest = await asyncio.to_thread(self._views.overview)
                except sqlite3.Error as error:
                    _log.warning("overview_postponed", error=str(error))
                    continue
                for watcher in tuple(self._watchers):
                    with suppress(asyncio.QueueEmpty):
                        watcher.get_nowait()
                    watcher.put_nowait(newest)
        finally:
            stop()
