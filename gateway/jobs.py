"""What the gateway does by itself: looks after its clock and disk, forgets what is old, keeps a copy every night."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from cloud_sync.stream.errors import StorageError
from gateway.api.desk import Desk
from gateway.store import (
    baskets,
    clerks,
    counts,
    deliveries,
    items,
    minutes,
    pace,
    planogram,
    sales,
    task_goods,
    tasks,
)
from models.process.clock import is_unset

_log = structlog.get_logger(__name__)

LOW_DISK_BYTES: Final = 500_000_000
BIG_WAL_BYTES: Final = 256_000_000


def watch(desk: Desk) -> None:
    """Say what is wrong with the machine: a clock that was never set, a disk that fills up, a log that only grows."""
    health, now_ms = desk.health, desk.clock.now_ms()
    if is_unset(now_ms):
        health.report("clock", "unset", "This machine does not know the time.", "Connect it to a network with NTP.")
    else:
        health.clear("clock")
    free = shutil.disk_usage(desk.settings.data_dir).free
    if free < LOW_DISK_BYTES:
        health.report(
            "disk.space", "low", f"{free // 1_000_000} MB are free.", f"Make room on {desk.settings.data_dir}."
        )
    else:
        health.clear("disk.space")
    wal = desk.settings.database.with_name(desk.settings.database.name + "-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size > BIG_WAL_BYTES:
        health.report("database", "wal", f"The write-ahead log has {size // 1_000_000} MB.", "Restart the gateway.")
    else:
        health.clear("database")


def tidy(desk: Desk) -> None:
    """Forget what is over: sessions, codes, baskets, facts that headquarters has had for long."""
    now_ms = desk.clock.now_ms()
    if is_unset(now_ms):
        return

    def change(connection: sqlite3.Connection) -> None:
        clerks.prune(connection, now_ms)
        baskets.prune(connection, now_ms)
        sales.prune(connection, now_ms)
        desk.outbox.prune(connection)

    desk.writer.run(change)


def file_changes(desk: Desk) -> None:
    """File by item what shelves said lately, so that looking one item up stays quick."""
    while desk.writer.run(items.file_changes) == items.FILED_AT_ONCE:
        pass


def look_again(desk: Desk) -> None:
    """Have the foreman look at every product: counts grow old by themselves, and what was missed is found."""
    with desk.reading() as connection:
        everything = set(task_goods.products(connection))
    for notice in desk.noticers:
        notice(everything)


def tidy_at_night(desk: Desk) -> None:
    """Forget what a year, a season or a later count has made meaningless, then keep a copy."""
    now_ms = desk.clock.now_ms()

    def change(connection: sqlite3.Connection) -> None:
        minutes.prune(connection, now_ms)
        items.prune(connection, now_ms)
        counts.prune(connection)
        planogram.prune(connection, now_ms)
        tasks.prune(connection, now_ms)
        deliveries.prune(connection, now_ms)
        pace.prune(connection, now_ms)

    if not is_unset(now_ms):
        desk.writer.run(change)
    backup(desk)


def backup(desk: Desk) -> Path | None:
    """Copy the database while it is in use, and keep the newest ``backups`` copies; gives the copy.

    A copy that is put back later is behind: the streams notice, and what it lacks is sent again.
    """
    settings = desk.settings
    if settings.backups == 0:
        return None
    folder = settings.data_dir / "backups"
    target = folder / f"gateway-{desk.clock.now_ms()}.db"
    unfinished = target.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with desk.reading() as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        unfinished.chmod(0o600)
        handle = os.open(unfinished, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        unfinished.rename(target)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        desk.health.report("backup", "failed", f"Last night's copy failed: {error}", f"Make room in {folder}.")
        return None
    desk.health.clear("backup")
    kept = sorted(folder.glob("gateway-*.db"))
    for old in kept[: -settings.backups]:
        old.unlink()
    return target


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do: every so many seconds, or (``every_s`` 0) at night."""

    name: str
    run: Callable[[Desk], object]
    every_s: int = 0


JOBS: Final = (
    Job("watch", watch, 30),
    Job("file", file_changes, 10),
    Job("tidy", tidy, 600),
    Job("tasks", look_again, 600),
    Job("night", tidy_at_night),
)


def run_guarded(job: Job, desk: Desk) -> None:
    """Run a job; a disk that takes nothing now is the writer's to report, anything else is logged."""
    try:
        job.run(desk)
    except StorageError:
        _log.warning("job waits for the disk", job=job.name)
    except Exception:  # noqa: BLE001 - a job that fails is tried again next time
        _log.exception("job failed", job=job.name)


@contextmanager
def running(desk: Desk) -> Iterator[None]:
    """Do the jobs as long as the context lasts."""
    scheduler = BackgroundScheduler(timezone=desk.settings.store.time_zone, daemon=True)
    for job in JOBS:
        if job.every_s:
            scheduler.add_job(run_guarded, "interval", seconds=job.every_s, args=(job, desk), id=job.name)
        else:
            scheduler.add_job(run_guarded, "cron", hour=desk.settings.backup_hour, args=(job, desk), id=job.name)
    run_guarded(JOBS[0], desk)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
