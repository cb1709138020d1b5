"""The composition root of headquarters: names the concrete parts, opens and closes them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final
from zoneinfo import ZoneInfo

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry

from cloud_sync.hq import stock
from cloud_sync.hq.access import Sessions, StoreKeys
from cloud_sync.hq.api.catalogue import catalogue_router
from cloud_sync.hq.api.parts import Parts
from cloud_sync.hq.api.session import session_router
from cloud_sync.hq.api.stores import stores_router
from cloud_sync.hq.api.streams import streams_router
from cloud_sync.hq.backup import keep_copy
from cloud_sync.hq.down import Down
from cloud_sync.hq.fold import StoreFold
from cloud_sync.hq.imports import Imports
from cloud_sync.hq.log import SqliteLog
from cloud_sync.hq.migrations import prepare
from cloud_sync.hq.pages.routes import add_pages
from cloud_sync.hq.settings import HqSettings
from cloud_sync.hq.views import SqliteViews
from cloud_sync.stream.errors import StorageError
from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from models.process.clock import Clock, SystemClock, is_unset
from models.process.health import Health
from models.process.machine import watch_machine
from models.process.origin import NotKept, SameOrigin
from models.process.web import Refused, create_app, refusal

_log = structlog.get_logger(__name__)

BODY_LIMIT: Final = 5_000_000
"""A catalogue of some ten thousand lines. The messages of stores have their own, smaller limit."""

TELL_STOCK_S: Final = 3.0
PRUNE_S: Final = 600.0
WATCH_S: Final = 60.0
COPY_S: Final = 3600.0
"""How often it is looked whether today's copy is there."""

MINUTES_KEPT_MS: Final = 90 * 86_400_000
"""Minutes of lanes and doors are kept for 90 days; hours of footfall and days of sales for ever."""


@dataclass
class Headquarters:
    """The running parts; what tests and commands hold."""

    app: FastAPI
    writer: Writer
    log: SqliteLog
    views: SqliteViews
    outbox: Outbox
    health: Health


def build(
    settings: HqSettings,
    *,
    clock: Clock | None = None,
    poll_s: float = 20.0,
    beat_s: float = 10.0,
    tell_stock_s: float = TELL_STOCK_S,
) -> Headquarters:
    """Open the database and put the parts together. The application closes them when it stops."""
    clock = clock or SystemClock()
    registry = CollectorRegistry()
    health = Health(clock)
    path = settings.data_dir / "hq.db"
    prepare(path)
    writer = Writer(path, health=health)
    stores = {store.id: store for store in settings.stores}
    outbox = Outbox(budget_bytes=settings.outbox_budget_mb * 1_000_000, clock=clock)
    down = Down(stores, outbox, clock)
    writer.run(down.begin)
    fold = StoreFold(stores, {store.id: ZoneInfo(store.time_zone) for store in settings.stores}, down, clock)
    log = SqliteLog(writer, Inbox(fold, clock=clock), down, clock, registry)
    views = SqliteViews(writer, stores, log.seen, clock)
    parts = Parts(
        log=log,
        views=views,
        keys=StoreKeys(stores),
        sessions=Sessions({person.name: person for person in settings.staff}, writer, clock),
        imports=Imports(log, clock),
        clock=clock,
        is_secure=settings.tls is not None or settings.behind_tls_proxy,
        poll_s=poll_s,
        beat_s=beat_s,
    )

    async def copy() -> None:
        folder = settings.data_dir / "backups"
        if not is_unset(clock.now_ms()):
            await asyncio.to_thread(keep_copy, writer, folder, clock.now_ms(), settings.backups)

    async def watch() -> None:
        watch_machine(health, clock, settings.data_dir)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await watch()
        tasks = [
            asyncio.create_task(_repeat(log.tell_stock, tell_stock_s)),
            asyncio.create_task(_repeat(lambda: _prune(writer, outbox, clock), PRUNE_S)),
            asyncio.create_task(_repeat(copy, COPY_S)),
            asyncio.create_task(_repeat(watch, WATCH_S)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await parts.imports.finish()
            writer.close()

    app = create_app("Aisle headquarters", _version(), health, registry, lifespan=lifespan, body_limit=BODY_LIMIT)

    app.add_middleware(SameOrigin)
    app.add_middleware(NotKept)

    @app.exception_handler(StorageError)
    async def storage_failed(_request: Request, error: StorageError) -> Response:
        return refusal(
            Refused(503, "storage", f"Nothing can be stored now: {error}.", "It is tried again; see /health.")
        )

    for router in (streams_router, session_router, stores_router, catalogue_router):
        app.include_router(router(parts))
    add_pages(app)
    return Headquarters(app, writer, log, views, outbox, health)


async def _repeat(work: Callable[[], Awaitable[None]], every_s: float) -> None:
    """Run ``work`` again and again; a full disk (``StorageError`` is an ``OSError``) does not end it."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await work()
        except (OSError, sqlite3.Error) as error:
            _log.warning("work_postponed", error=str(error))


async def _prune(writer: Writer, outbox: Outbox, clock: Clock) -> None:
    now_ms = clock.now_ms()
    if is_unset(now_ms):
        return
    before_ms = now_ms - MINUTES_KEPT_MS

    def change(connection: sqlite3.Connection) -> None:
        outbox.prune(connection)
        stock.compact(connection, now_ms)
        connection.execute("DELETE FROM lane_minutes WHERE t_ms < ?", (before_ms,))
        connection.execute("DELETE FROM door_minutes WHERE t_ms < ?", (before_ms,))

    await writer.arun(change)


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("aisle")
    return "0"


def serve(settings: HqSettings) -> None:
    """Run headquarters until it is told to stop."""
    headquarters = build(settings)
    tls = settings.tls
    uvicorn.run(
        headquarters.app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        # Long polls and event streams never end by themselves.
        timeout_graceful_shutdown=2,
        ssl_certfile=None if tls is None else str(tls.cert_file),
        ssl_keyfile=None if tls is None else str(tls.key_file),
    )
