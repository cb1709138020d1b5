"""The composition root of headquarters: names the concrete parts, opens and closes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry
from uvicorn.config import Config

from cloud_sync.hq.access import Sessions, StoreKeys
from cloud_sync.hq.api.catalogue import catalogue_router
from cloud_sync.hq.api.days import days_router
from cloud_sync.hq.api.goods import deliveries_router, plans_router
from cloud_sync.hq.api.letters import letters_router
from cloud_sync.hq.api.losses import losses_router
from cloud_sync.hq.api.parts import Parts
from cloud_sync.hq.api.session import session_router
from cloud_sync.hq.api.stores import stores_router
from cloud_sync.hq.api.streams import streams_router
from cloud_sync.hq.down import Down
from cloud_sync.hq.fold import LateStoreFold, StoreFold
from cloud_sync.hq.imports import Imports
from cloud_sync.hq.jobs import COPY_S, PRUNE_S, TELL_STOCK_S, WATCH_S, Job, copy, prune, running
from cloud_sync.hq.log import SqliteLog
from cloud_sync.hq.migrations import prepare
from cloud_sync.hq.pages.routes import add_pages
from cloud_sync.hq.settings import HqSettings
from cloud_sync.hq.views import SqliteViews
from cloud_sync.stream import set_aside
from cloud_sync.stream.errors import StorageError
from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from models.process.clock import Clock, SystemClock
from models.process.health import Health
from models.process.machine import watch_machine
from models.process.origin import NotKept, SameOrigin
from models.process.serving import run_server
from models.process.web import Refused, create_app, refusal

DATABASE: Final = "hq.db"

BODY_LIMIT: Final = 5_000_000
"""A catalogue of some ten thousand lines. The messages of stores have their own, smaller limit."""


@dataclass(frozen=True)
class Headquarters:
    """The parts that hold the facts; what the application, commands and tests work with."""

    settings: HqSettings
    clock: Clock
    health: Health
    registry: CollectorRegistry
    writer: Writer
    outbox: Outbox
    log: SqliteLog
    views: SqliteViews


def open_headquarters(settings: HqSettings, clock: Clock | None = None) -> Headquarters:
    """Open the database, bring it up to date, and tell new stores what they have to know.

    Raises:
        DamagedDatabase: the file is no healthy database.
    """
    clock = clock or SystemClock()
    registry, health = CollectorRegistry(), Health(clock)
    path = settings.data_dir / DATABASE
    prepare(path)
    writer = Writer(path, health=health)
    stores = {store.id: store for store in settings.stores}
    outbox = Outbox(budget_bytes=settings.outbox_budget_mb * 1_000_000, clock=clock)
    down = Down(stores, outbox, clock)
    writer.run(down.begin)
    zones = {store.id: ZoneInfo(store.time_zone) for store in settings.stores}
    fold, late = (make(stores, zones, down, clock) for make in (StoreFold, LateStoreFold))
    log = SqliteLog(writer, Inbox(fold, clock=clock), down, clock, registry, late=late)
    if writer.run(lambda connection: set_aside.is_new_version(connection, _version())):
        log.fold_again()
    views = SqliteViews(writer, stores, log.seen, clock)
    return Headquarters(settings, clock, health, registry, writer, outbox, log, views)


def create_headquarters(
    hq: Headquarters, *, poll_s: float = 20.0, beat_s: float = 10.0, tell_stock_s: float = TELL_STOCK_S
) -> FastAPI:
    """The application over open parts; it closes them when it stops."""
    parts = Parts(
        log=hq.log,
        views=hq.views,
        keys=StoreKeys({store.id: store for store in hq.settings.stores}),
        sessions=Sessions({person.name: person for person in hq.settings.staff}, hq.writer, hq.clock),
        imports=Imports(hq.log, hq.clock),
        clock=hq.clock,
        stores=frozenset(store.id for store in hq.settings.stores),
        is_secure=hq.settings.tls is not None or hq.settings.behind_tls_proxy,
        poll_s=poll_s,
        beat_s=beat_s,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running(_jobs(hq, tell_stock_s)):
            yield
        await parts.imports.finish()
        hq.writer.close()

    title = "Aisle headquarters"
    app = create_app(title, _version(), hq.health, hq.registry, lifespan=lifespan, body_limit=BODY_LIMIT)
    app.add_middleware(SameOrigin)
    app.add_middleware(NotKept)
    app.add_exception_handler(StorageError, _no_room)
    for router in (
        streams_router,
        session_router,
        stores_router,
        letters_router,
        days_router,
        catalogue_router,
        plans_router,
        deliveries_router,
        losses_router,
    ):
        app.include_router(router(parts))
    add_pages(app)
    return app


def _jobs(hq: Headquarters, tell_stock_s: float) -> tuple[Job, ...]:
    backups = hq.settings.data_dir / "backups"

    async def watch() -> None:
        watch_machine(hq.health, hq.clock, hq.settings.data_dir)

    return (
        Job(hq.log.tell_stock, tell_stock_s),
        Job(watch, WATCH_S),
        Job(lambda: prune(hq.writer, hq.outbox, hq.clock), PRUNE_S),
        Job(lambda: copy(hq.writer, backups, hq.clock, hq.settings.backups), COPY_S),
    )


async def _no_room(_request: Request, error: Exception) -> Response:
    hint = "It is tried again; see /health."
    return refusal(Refused(503, "storage", f"Nothing can be stored now: {error}.", hint))


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("aisle")
    return "0"


def serve(settings: HqSettings) -> None:
    """Run headquarters until it is told to stop."""
    hq = open_headquarters(settings)
    watch_machine(hq.health, hq.clock, settings.data_dir)
    tls = settings.tls
    server = Config(
        create_headquarters(hq),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=None if tls is None else str(tls.cert_file),
        ssl_keyfile=None if tls is None else str(tls.key_file),
    )
    run_server(server)
