"""One edge node, composed: the only file that names concrete adapters."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from importlib.metadata import version
from queue import SimpleQueue

import structlog
from prometheus_client import CollectorRegistry
from uvicorn.config import Config

from cloud_sync.mqtt.fact_sender import FactSender
from cloud_sync.mqtt.link import MqttLink
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from edge.adapters.camera import CameraPipeline
from edge.adapters.device_queue import DeviceQueue
from edge.adapters.effort import most_threads
from edge.adapters.llrp import LlrpReader
from edge.adapters.llrp_metrics import ReaderMetrics
from edge.adapters.llrp_settings import LlrpReaderSettings
from edge.adapters.mqtt_devices import MqttDevices
from edge.adapters.other_doors import OtherDoors
from edge.adapters.own_address import own_pages
from edge.adapters.preview import Preview
from edge.adapters.store_baskets import StoreBaskets
from edge.compose import compose_floor, device_plan, measure_floor
from edge.core.floor import Floor
from edge.core.wait.recommend import recommend
from edge.core.wait.signs import LaneWord
from edge.decide import FloorThread
from edge.record import DATABASE, PEER, Record
from edge.screen.app import create_screen
from edge.screen.board import Board
from edge.settings import EdgeSettings
from edge.signals import Signals
from edge.tell import StatusReporter, Teller, last_will
from models.messages.errors import WireError
from models.messages.facts import Fact, NodeHealth
from models.messages.samples import Problem
from models.messages.topics import ANY, BasketsTopic, DeviceTopic, DoorTopic, LaneTopic
from models.process.clock import Clock, SystemClock
from models.process.health import Health
from models.process.memory import trim
from models.process.serving import STARTUP_FAILED, HouseServer

_log = structlog.get_logger(__name__)

STATUS_EVERY_S = 5
PRUNE_EVERY_S = 600
TRIM_EVERY_S = 20


class Node:
    """A node that runs from ``start`` to ``stop``: database, link, devices, floor, then whoever reads the results."""

    def __init__(self, settings: EdgeSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.registry = CollectorRegistry()
        self._noted: SimpleQueue[Fact] = SimpleQueue()
        self.health = Health(self.clock, self._on_health)
        self._stack = ExitStack()
        path = settings.data_dir / DATABASE
        self._writer = self._stack.enter_context(Writer(path, health=self.health))
        self._outbox = Outbox(budget_bytes=settings.outbox_budget_mb * 1_000_000, clock=self.clock)
        self._record = Record(self._outbox)
        will = last_will(settings.store, settings.node, self.clock.now_ms())
        self._link = MqttLink(
            settings.mqtt,
            client_id=f"node-{settings.node}",
            will=will,
            health=self.health,
            registry=self.registry,
            keep_session=True,
        )
        self._sender = FactSender(
            self._link,
            self._writer,
            self._outbox,
            store=settings.store,
            node=settings.node,
            peer=PEER,
            clock=self.clock,
            registry=self.registry,
            on_refused=self._refuse,
        )
        self.board = Board(self.clock, lanes=[lane.id for lane in settings.lane])
        self._teller = Teller(self._link, self.board.put, store=settings.store)
        self.previews = {camera.name: Preview(camera, self.clock) for camera in settings.camera}
        self._status = StatusReporter(
            self._link,
            self._writer,
            self._outbox,
            store=settings.store,
            node=settings.node,
            clock=self.clock,
            health=self.health,
            on_refused=self._refuse,
            readers=lambda: tuple(reader.state() for reader in self.readers),
            previews=self.previews,
            pages=own_pages(settings.screen, settings.mqtt),
            note=self._noted.put,
            lanes=tuple(lane.id for lane in settings.lane),
            on_lane=self._lane_said,
        )
        floor = compose_floor(settings, self._writer, self.clock.now_ms())
        measure_floor(floor, self.registry)
        self._floor = FloorThread(
            floor,
            record=self._record,
            writer=self._writer,
            tell=self._teller.tell,
            on_recorded=self._sender.wake,
            keep=Floor.kept,
            noted=self._noted,
            clock=self.clock,
            health=self.health,
            registry=self.registry,
        )
        antennas = {reader.name: list(reader.antennas) for reader in settings.reader}
        debounce_ms = {reader.name: reader.input_debounce_ms for reader in settings.reader}
        self._signals = Signals(self._floor.signal, antennas, debounce_ms)
        self.readers = [self._reader(reader) for reader in settings.reader]
        """The LLRP readers, to be run by the event loop."""
        ReaderMetrics(self.readers, self.registry)

    def start(self) -> None:
        """Start in the order in which data flows, so that nothing is heard that nobody takes."""
        self._floor.start()
        self._stack.callback(self._floor.stop)
        self._sender.start()
        self._stack.callback(self._sender.stop)
        self._start_devices()
        self._start_cameras()
        self._link.on_connect(self._status.report)
        self._link.start()
        self._stack.callback(self._link.stop)

    def stop(self) -> None:
        """Stop the other way round; what was decided is recorded before the database closes."""
        self._stack.close()

    def _reader(self, settings: LlrpReaderSettings) -> LlrpReader:
        return LlrpReader(
            settings,
            on_read=self._signals.read,
            on_event=self._signals.event,
            health=self.health,
            clock=self.clock,
            on_refused=self._on_refused,
        )

    def _start_devices(self) -> None:
        settings = self.settings
        plan = device_plan(settings)
        self._devices = MqttDevices(
            plan,
            node=settings.node,
            signal=self._floor.signal,
            writer=self._writer,
            record=self._record,
            on_recorded=self._sender.wake,
            clock=self.clock,
            health=self.health,
            registry=self.registry,
        )
        queue = DeviceQueue(self._devices, self.health, self.registry)
        queue.start()
        self._stack.callback(queue.stop)
        for device in plan.devices():
            self._link.subscribe_sink(str(DeviceTopic(settings.store, device, None)), 1, queue.put)
        self._link.subscribe(str(LaneTopic(settings.store, ANY)), 0, self._teller.take_lane)
        self._link.subscribe(self._status.command_topic(), 1, self._status.take_command)
        if settings.lane:
            others = OtherDoors([door.id for camera in settings.camera for door in camera.doors], self._entered)
            self._link.subscribe(str(DoorTopic(settings.store, ANY)), 0, others.take)
            baskets = StoreBaskets(self.clock, self._floor.signal)
            self._link.subscribe(str(BasketsTopic(settings.store)), 0, baskets.take)

    def _start_cameras(self) -> None:
        for settings in self.settings.camera:
            pipeline = CameraPipeline(
                settings,
                on_counts=self._signals.counts,
                on_sums=partial(self._signals.sums, settings.name),
                on_blind=partial(
                    self._signals.blind,
                    [lane.id for lane in settings.lanes],
                    [door.id for door in settings.doors],
                ),
                preview=self.previews[settings.name],
                most_threads=most_threads(len(self.settings.camera)),
                clock=self.clock,
                health=self.health,
            )
            pipeline.start()
            self._stack.callback(pipeline.stop)

    def _entered(self, people: int) -> None:
        self._floor.signal(lambda floor: floor.entered_elsewhere(people))

    def _lane_said(self, lane: str, word: LaneWord, until_ms: int) -> None:
        now_ms = self.clock.now_ms()
        self._floor.signal(lambda floor: floor.lane_said(lane, word, now_ms, until_ms))

    def _on_refused(self, reader: str, body: bytes, error: WireError) -> None:
        self._refuse(f"llrp/{reader}", body, error)

    def _refuse(self, source: str, body: bytes, error: WireError) -> None:
        """Keep what will never be good; nobody waits for it, least of all the event loop of readers and screen."""
        self._devices.refuse(source, body, error)

    def _on_health(self, problem: Problem, ok: bool) -> None:  # noqa: FBT001 - Health calls it so
        now_ms = self.clock.now_ms()
        self._noted.put(
            NodeHealth(t_ms=now_ms, node=self.settings.node, subject=problem.subject, code=problem.code, ok=ok)
        )

    def report(self) -> None:
        """Publish the node's status."""
        self._status.report()

    def prune(self) -> None:
        """Forget what nobody needs any more."""
        now_ms = self.clock.now_ms()
        self._writer.run(lambda connection: self._record.prune(connection, now_ms))


def run_node(settings: EdgeSettings) -> None:
    """Run a node until it is told to stop (SIGTERM, Ctrl-C)."""
    node = Node(settings)
    try:
        node.start()
        server = screen_server(node)
        asyncio.run(serve(node, server))
        if server.failed:
            raise SystemExit(STARTUP_FAILED)
    finally:
        node.stop()


def screen_server(node: Node) -> HouseServer:
    """The HTTP server of the store screen, of ``/health`` and ``/metrics``."""
    screen = node.settings.screen
    app = create_screen(
        node.board,
        node.health,
        node.registry,
        node.clock,
        recommend=recommend,
        titles=(screen.title_en, screen.title_zh),
        theme=screen.theme,
        towards=screen.towards,
        version=version("aisle"),
        previews=node.previews,
    )
    return HouseServer(
        Config(app, host=screen.host, port=screen.port, log_level="warning", timeout_graceful_shutdown=2)
    )


async def serve(node: Node, server: HouseServer) -> None:
    """Run what lives on the event loop, readers and the screen, until the server is told to exit."""
    async with AsyncExitStack() as stack:
        for reader in node.readers:
            await stack.enter_async_context(reader)
        for job, seconds in ((node.report, STATUS_EVERY_S), (node.prune, PRUNE_EVERY_S), (trim, TRIM_EVERY_S)):
            task = asyncio.create_task(_repeat(job, seconds))
            stack.callback(task.cancel)
        trim()
        await server.serve()


async def _repeat(job: Callable[[], None], seconds: float) -> None:
    """Run a job now and then, on another thread; what it raises is logged, and it is tried again."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(job)
        except (OSError, sqlite3.Error):
            _log.exception("job failed", job=job.__name__)
