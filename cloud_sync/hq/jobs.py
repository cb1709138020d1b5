"""What headquarters does by itself, each job a row: how often, and what."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from cloud_sync.hq import losses, stock
from cloud_sync.hq.backup import keep_copy
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from models.process.clock import Clock, is_unset

_log = structlog.get_logger(__name__)

TELL_STOCK_S: Final = 3.0
PRUNE_S: Final = 600.0
WATCH_S: Final = 60.0
COPY_S: Final = 3600.0
"""How often it is looked whether today's copy is there."""

MINUTES_KEPT_MS: Final = 90 * 86_400_000
"""Minutes of lanes and doors are kept for 90 days; hours of footfall and days of sales for ever."""


@dataclass(frozen=True)
class Job:
    """``work`` is done every ``every_s`` seconds, the first time after as long."""

    work: Callable[[], Awaitable[object]]
    every_s: float


@asynccontextmanager
async def running(jobs: Sequence[Job]) -> AsyncIterator[None]:
    """Do the jobs until the end of the block."""
    tasks = [asyncio.create_task(_repeat(job)) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(job: Job) -> None:
    """A full disk (``StorageError`` is an ``OSError``) does not end it."""
    while True:
        await asyncio.sleep(job.every_s)
        try:
            await job.work()
        except (OSError, sqlite3.Error) as error:
            _log.warning("job_postponed", error=str(error))


async def prune(writer: Writer, outbox: Outbox, clock: Clock) -> None:
    """Forget what was acknowledged long ago and minutes that are old, and join old entries of stock."""
    now_ms = clock.now_ms()
    if is_unset(now_ms):
        return

    def change(connection: sqlite3.Connection) -> None:
        outbox.prune(connection)
        stock.compact(connection, now_ms)
        losses.prune(connection, now_ms)
        for table in ("lane_minutes", "door_minutes"):
            connection.execute(f"DELETE FROM {table} WHERE t_ms < ?", (now_ms - MINUTES_KEPT_MS,))  # noqa: S608 - ours

    await writer.arun(change)


async def copy(writer: Writer, folder: Path, clock: Clock, keep: int) -> None:
    """Make today's copy of the database if there is none yet."""
    if not is_unset(clock.now_ms()):
        await asyncio.to_thread(keep_copy, writer, folder, clock.now_ms(), keep)
