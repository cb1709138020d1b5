"""The composition root of a gateway: what is made of what, started and stopped in one screenful."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, ProcessCollector

from cloud_sync.http import HttpPuller, HttpSender
from cloud_sync.mqtt.fact_receiver import FactReceiver
from cloud_sync.mqtt.link import MqttLink
from cloud_sync.stream.errors import StorageError
from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from gateway import jobs, late
from gateway.api import (
    alarms,
    baskets,
    cameras,
    codes,
    counts,
    days,
    deliveries,
    events,
    items,
    lanes,
    manager,
    members,
    people,
    planogram,
    receiving,
    sessions,
    shelves,
    shrink,
    stays,
    stock,
    tasks,
    visitors,
)
from gateway.api.desk import STATUS, Desk
from gateway.api.samples import Samples
from gateway.api.watchers import Watchers
from gateway.ears import listen
from gateway.foreman import work
from gateway.pages.routes import mount_pages
from gateway.settings import GatewaySettings
from gateway.store.fold import HQ, HqFold, NodeFold, Touched
from gateway.store.migrations import migrate
from gateway.store.readers import Readers
from gateway.store.sales import SaleRules
from gateway.store.seal import load_or_create
from models.messages.codec import encode
from models.messages.envelopes import Command
from models.messages.samples import Problem
from models.messages.topics import BasketsTopic, CommandTopic
from models.process.clock import Clock, SystemClock
from models.process.health import Health
from models.process.origin import NotKept, SameOrigin
from models.process.refusals import Error, ErrorDetail
from models.process.web import create_app

ROUTERS: Final = (
    sessions.router,
    stock.router,
    items.router,
    events.router,
    codes.router,
    baskets.router,
    members.router,
    lanes.router,
    manager.router,
    people.router,
    shelves.router,
    planogram.router,
    alarms.router,
    shrink.router,
    tasks.router,
    deliveries.router,
    receiving.router,
    counts.router,
    days.router,
    visitors.router,
    stays.router,
    cameras.router,
)


def _version() -> str:
    try:
        return version("aisle")
    except PackageNotFoundError:
        return "0"


def create_gateway(settings: GatewaySettings, *, clock: Clock | None = None) -> FastAPI:
    """A store's gateway as an application; everything it needs runs while its lifespan does.

    Neither the broker nor headquarters has to be there: what is missing is a problem on the status, and comes later.
    """
    time = clock or SystemClock()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    watchers = Watchers(time)

    def changed(_problem: Problem, _ok: bool) -> None:  # noqa: FBT001 - how Health calls it
        watchers.tell(STATUS)

    health = Health(time, changed)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            desk = open_desk(settings, time, health, watchers, stack)
            late.after_update(desk, rules_of(settings), _version())
            watchers.open(asyncio.get_running_loop())
            stack.callback(watchers.close)
            connect_nodes(desk, registry, stack)
            connect_headquarters(desk, registry, stack)
            stack.enter_context(work(desk))
            stack.enter_context(jobs.running(desk))
            app.state.desk = desk
            yield

    app = create_app("Aisle gateway", _version(), health, registry, lifespan=lifespan)
    app.add_middleware(SameOrigin)
    app.add_middleware(NotKept)
    app.add_exception_handler(StorageError, _no_room)
    for router in ROUTERS:
        app.include_router(router)
    mount_pages(app)
    return app


async def _no_room(_request: Request, error: Exception) -> Response:
    detail = ErrorDetail(code="disk", message=f"Nothing can be stored now: {error}", hint="Tell the manager.")
    return JSONResponse(Error(error=detail).model_dump(), status_code=503)


def open_desk(
    settings: GatewaySettings, clock: Clock, health: Health, watchers: Watchers, stack: AsyncExitStack
) -> Desk:
    """Open key and database, and make what the routes share."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    seal = load_or_create(settings.member_key)
    migrate(settings.database)
    writer = stack.enter_context(Writer(settings.database, health=health))
    readers = Readers(settings.database)
    stack.callback(readers.close)
    outbox = Outbox(budget_bytes=settings.outbox_bytes, clock=clock)
    return Desk(settings, clock, health, writer, outbox, seal, Touched(), Samples(), watchers, readers)


def connect_nodes(desk: Desk, registry: CollectorRegistry, stack: AsyncExitStack) -> None:
    """Hear the nodes over the broker, whenever it is there."""
    settings, store = desk.settings, desk.settings.store
    client_id = f"{store.id}-{settings.node}"
    link = MqttLink(settings.mqtt, client_id=client_id, will=None, health=desk.health, registry=registry)
    rules = rules_of(settings)
    peer = None if settings.hq is None else HQ
    fold = NodeFold(rules, desk.touched, desk.clock, desk.outbox, peer=peer)
    receiver = FactReceiver(
        link, desk.writer, Inbox(fold, clock=desk.clock), store=store.id, health=desk.health, registry=registry
    )
    receiver.on_folded(desk.announce)
    desk.node_links.append(lambda node, command: _tell(link, store.id, node, command))
    topic = str(BasketsTopic(store.id))
    desk.basket_links.append(lambda sample: link.publish(topic, encode(sample), retain=True))
    listen(link, desk, registry)
    receiver.start()
    stack.callback(receiver.stop)
    link.start()
    stack.callback(link.stop)


def _tell(link: MqttLink, store: str, node: str, command: Command) -> bool:
    return link.publish(str(CommandTopic(store, node)), encode(command), qos=1)


def rules_of(settings: GatewaySettings) -> SaleRules:
    """What the folding of sales needs to know of the store."""
    store = settings.store
    loss = settings.loss
    return SaleRules(
        store.id, store.backroom, store.minor_per_point, store.counter, loss.exit_grace_s * 1000, loss.sweep_odds
    )


def connect_headquarters(desk: Desk, registry: CollectorRegistry, stack: AsyncExitStack) -> None:
    """Send what happens here to headquarters and take in what it says, whenever it is there."""
    if desk.settings.hq is None:
        return
    hq, node, clock, health = desk.settings.hq, desk.settings.node, desk.clock, desk.health
    inbox = Inbox(HqFold(rules_of(desk.settings), desk.touched, clock), clock=clock)
    sender = HttpSender(
        hq, desk.writer, desk.outbox, node=node, peer=HQ, health=health, clock=clock, registry=registry
    )
    puller = HttpPuller(hq, desk.writer, inbox, node=HQ, health=health, clock=clock, registry=registry)
    puller.on_folded(desk.announce)
    for part in (sender, puller):
        part.start()
        stack.callback(part.stop)
    desk.wakes.append(sender.wake)
