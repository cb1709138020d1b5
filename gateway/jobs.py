"""What the gateway does by itself: looks after its clock and disk, forgets what is old, keeps a copy every night."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from cloud_sync.stream.errors import StorageError
from gateway import late
from gateway.api.desk import TASKS, Desk
from gateway.baskets_told import TELL_EVERY_S, tell_baskets
from gateway.closing import last_closing_ms
from gateway.core.life import given_up_before_ms
from gateway.store import (
    alarms,
    baskets,
    clerks,
    counting,
    counts,
    deliveries,
    exits,
    habits,
    items,
    life,
    minutes,
    pace,
    planogram,
    sales,
    shrink,
    standing,
    task_goods,
    tasks,
)
from gateway.store.fold import ALARMS
from gateway.store.tasks import Outcome
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


def note_advice(desk: Desk) -> None:
    """Keep how many lanes nodes say are needed, so that a day shows it beside how many were open."""
    now_ms = desk.clock.now_ms()
    said = [
        (one.node, one.lanes_open, outlook.needed)
        for one in desk.samples.advice(now_ms)
        for outlook in one.outlooks
        if outlook.minutes == 0
    ]
    t_ms = -(-now_ms // 60_000) * 60_000
    if said and not is_unset(now_ms):
        desk.writer.run(lambda connection: minutes.keep_advice(connection, t_ms, said))


def tidy(desk: Desk) -> None:
    """Forget what is over: sessions, codes, baskets, facts that headquarters has had for long."""
    now_ms = desk.clock.now_ms()
    if is_unset(now_ms):
        return

    def change(connection: sqlite3.Connection) -> None:
        clerks.prune(connection, now_ms)
        baskets.prune(connection, now_ms)
        standing.prune(connection, now_ms)
        sales.prune(connection, now_ms)
        desk.outbox.prune(connection)

    desk.writer.run(change)


def file_changes(desk: Desk) -> None:
    """File by item what shelves said lately, so that looking one item up stays quick."""
    while desk.writer.run(life.file_changes) == life.FILED_AT_ONCE:
        pass


def look_again(desk: Desk) -> None:
    """Have the foreman look at every product: counts grow old by themselves, and what was missed is found."""
    with desk.reading() as connection:
        everything = set(task_goods.products(connection))
    for notice in desk.noticers:
        notice(everything)


def settle_exits(desk: Desk) -> None:
    """Judge what passed a door unpaid; while a till cannot be heard, its customers wait longer."""
    now_ms = desk.clock.now_ms()
    offline = {node for node, (is_online, _t_ms) in desk.samples.online().items() if not is_online}

    def change(connection: sqlite3.Connection) -> bool:
        hold_ms = desk.settings.loss.till_wait_s * 1000 if exits.till_nodes(connection) & offline else 0
        facts = exits.settle(connection, now_ms, hold_ms)
        desk.send(connection, *facts)
        return bool(facts)

    if not is_unset(now_ms) and desk.writer.run(change):
        desk.touched.tell(ALARMS)
        desk.announce()


def give_up(desk: Desk) -> None:
    """Say that what was picked up long ago and neither paid nor put back is missing."""
    now_ms, loss = desk.clock.now_ms(), desk.settings.loss
    closed_ms = last_closing_ms(now_ms, loss.closes, ZoneInfo(desk.settings.store.time_zone))
    before_ms = given_up_before_ms(now_ms, int(loss.missing_after_h * 3_600_000), closed_ms)

    def change(connection: sqlite3.Connection) -> bool:
        watched = {shelf for shelf, watch in desk.floor(connection).watches.items() if watch.state == "reading"}
        facts = shrink.give_up(connection, before_ms, watched, now_ms)
        desk.send(connection, *facts)
        return bool(facts)

    if not is_unset(now_ms) and desk.writer.run(change):
        desk.announce()


def plan_counts(desk: Desk) -> None:
    """Ask for the counts of today: those that matter most, as many as the settings allow."""
    now_ms, per_day = desk.clock.now_ms(), desk.settings.tasks.counts_per_day
    if is_unset(now_ms) or not per_day:
        return
    zone = ZoneInfo(desk.settings.store.time_zone)
    midnight = datetime.fromtimestamp(now_ms / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)

    def change(connection: sqlite3.Connection) -> Outcome:
        day_from_ms = int(midnight.timestamp() * 1000)
        outcome = counting.raise_due(connection, desk.floor(connection), per_day, day_from_ms, now_ms)
        desk.send(connection, *outcome.facts)
        return outcome

    outcome = desk.writer.run(change)
    if outcome.tasks:
        desk.watchers.tell(TASKS, outcome.tasks)
        desk.announce()


def tidy_at_night(desk: Desk) -> None:
    """Forget what a year, a season or a later count has made meaningless, then keep a copy."""
    now_ms = desk.clock.now_ms()

    def change(connection: sqlite3.Connection) -> None:
        minutes.prune(connection, now_ms)
        items.prune(connection, now_ms)
        alarms.prune(connection, now_ms)
        shrink.prune(connection, now_ms)
        habits.prune(connection, now_ms)
        counts.prune(connection)
        planogram.prune(connection, now_ms)
        tasks.prune(connection, now_ms)
        deliveries.prune(connection, now_ms)
        counting.prune(connection, now_ms)
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
    Job("set aside", late.report, 30),
    Job("advice", note_advice, 60),
    Job("file", file_changes, 10),
    Job("exits", settle_exits, 5),
    Job("baskets", tell_baskets, TELL_EVERY_S),
    Job("missing", give_up, 60),
    Job("tidy", tidy, 600),
    Job("tasks", look_again, 600),
    Job("counts", plan_counts, 300),
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
