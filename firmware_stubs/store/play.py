"""Plays the pretend day in real time: the world moves on, and every device speaks from it."""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TextIO

import msgspec

from firmware_stubs.llrp.reader import PretendReader
from firmware_stubs.store.catalogue import CATALOGUE
from firmware_stubs.store.clerk import Clerk
from firmware_stubs.store.day import Day
from firmware_stubs.store.devices import MqttDevice
from firmware_stubs.store.doorway import STEP_S, walk_out
from firmware_stubs.store.goods import Goods
from firmware_stubs.store.happening import Happening
from firmware_stubs.store.settings import PretendLane, PretendSettings, PretendShelves
from firmware_stubs.store.world import World
from models.messages.codec import encode
from models.messages.devices import Code, PeopleCount, Reads, TagRead, Till
from models.messages.facts import SaleLine
from models.messages.topics import DeviceKind

CYCLE_S = 1.0
_PRICES = {product.gtin: product.price_minor for product in CATALOGUE}


class PretendStore:
    """All devices of a store on their real wires; ``truth`` takes what happens, JSON lines of ``Happening``."""

    def __init__(self, settings: PretendSettings, truth: TextIO) -> None:
        self.settings = settings
        self._truth = truth
        self.world = World(settings.seed)
        self._day = Day(settings.day())
        self._devices: dict[str, MqttDevice] = {}
        self._readers: list[tuple[PretendReader, PretendShelves]] = []
        self._lanes = {lane.lane: lane for lane in settings.lanes}
        self._members = itertools.cycle(settings.members) if settings.members else None
        self._scans = itertools.count(1)
        self._door: PretendReader | None = None
        self._walking: set[asyncio.Task[None]] = set()
        self._chance = random.Random(settings.seed)
        self._begun_s = 0.0
        self._last_s = 0.0

    @property
    def goods(self) -> Goods:
        """What stands where, for a clerk who works here."""
        return self._day.goods

    def now_s(self) -> float:
        """Pretended seconds since the day began, never before what happened last."""
        return max(self._last_s, (time.monotonic() - self._begun_s) * self.settings.speed)

    def acted(self) -> None:
        """Somebody moved goods: let it have happened."""
        for happening in self._day.said():
            self._happen(happening)

    async def run(self, stop: asyncio.Event) -> None:
        """Play until ``stop`` is set; then wait (at most 20 s) until the broker has all that happened."""
        async with AsyncExitStack() as stack:
            for shelves in self.settings.readers:
                reader = PretendReader(port=shelves.port, antennas=len(shelves.shelves))
                await stack.enter_async_context(reader)
                self._readers.append((reader, shelves))
            if self.settings.door_port:
                self._door = PretendReader(port=self.settings.door_port, antennas=2)
                await stack.enter_async_context(self._door)
            for name in self._names():
                device = MqttDevice(self.settings.store, name, self.settings.broker, self.settings.passwords[name])
                self._devices[name] = device
                device.start()
                stack.callback(device.stop)
            working = [asyncio.create_task(self._sense())]
            if self.settings.script:
                working.append(asyncio.create_task(self._follow(Path(self.settings.script))))
            if self.settings.clerk:
                working.append(asyncio.create_task(Clerk(self.settings.clerk, self, self.settings.speed).work()))
            await self._live(stop)
            for task in (*working, *self._walking):
                task.cancel()
            await asyncio.gather(*working, *self._walking, return_exceptions=True)
            await self._flush()

    def _names(self) -> Iterator[str]:
        for lane in self.settings.lanes:
            yield lane.counter
            yield lane.till
        yield from (shelves.device for shelves in self.settings.mqtt_shelves)
        if self.settings.scanner:
            yield self.settings.scanner

    async def _live(self, stop: asyncio.Event) -> None:
        self._begun_s = time.monotonic()
        for happening in self._day.happenings():
            wait_s = happening.t_s / self.settings.speed - (time.monotonic() - self._begun_s)
            if wait_s > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait_s)
            if stop.is_set():
                return
            self._happen(happening)

    async def _follow(self, script: Path) -> None:
        """Whatever somebody writes into the script, line by line, happens at once."""
        done = 0
        while True:
            lines = _lines(script)
            for line in lines[done:]:
                happening = msgspec.json.decode(line, type=Happening)
                self._happen(msgspec.structs.replace(happening, t_s=round(self.now_s(), 3)))
            done = len(lines)
            await asyncio.sleep(STEP_S)

    def _happen(self, happening: Happening) -> None:
        self._last_s = max(self._last_s, happening.t_s)
        self.world.apply(happening)
        self._truth.write(encode(happening).decode() + "\n")
        self._truth.flush()
        self._speak(happening)
        if happening.kind == "passed" and self._door is not None:
            walk = asyncio.create_task(self._walk_out(self._door, happening.epcs))
            self._walking.add(walk)
            walk.add_done_callback(self._walking.discard)

    async def _walk_out(self, door: PretendReader, epcs: tuple[str, ...]) -> None:
        """Somebody goes through the door; radio does not hurry when the day does."""
        for seen in walk_out(self._chance, len(epcs)):
            for item, antenna, rssi_dbm in seen:
                door.see(epcs[item], antenna, rssi_dbm)
            await asyncio.sleep(STEP_S)

    def _speak(self, happening: Happening) -> None:
        """What devices say of one happening, at once and for certain."""
        if happening.kind == "scanned" and happening.gtin and self.settings.scanner:
            text, symbology = happening.code or happening.gtin[1:], "QRCode" if happening.code else "EAN-13"
            code = Code(text=text, symbology=symbology, id=f"s{next(self._scans)}-{self.settings.seed}")
            self._devices[self.settings.scanner].say_event(DeviceKind.CODE, code)
        lane = self._lanes.get(happening.lane or "")
        if lane is None:
            return
        if till := self._till_message(happening, lane):
            self._devices[lane.till].say_event(DeviceKind.TILL, till)

    def _till_message(self, happening: Happening, lane: PretendLane) -> Till | None:
        t_ms = time.time_ns() // 1_000_000
        transaction = happening.transaction
        match happening.kind:
            case "lane_opened":
                return Till(event="opened", lane=lane.lane, t_ms=t_ms)
            case "lane_closed":
                return Till(event="closed", lane=lane.lane, t_ms=t_ms)
            case "service_started":
                items = happening.quantity if _is_read(happening, lane) else None
                return Till(event="start", lane=lane.lane, transaction=transaction, items=items, t_ms=t_ms)
            case "rung_up" if not lane.reads_tags:
                items = happening.quantity
                return Till(event="item", lane=lane.lane, transaction=transaction, items=items, t_ms=t_ms)
            case "sold":
                lines = self._lines_of(happening, lane)
                return Till(
                    event="end",
                    lane=lane.lane,
                    transaction=transaction,
                    id=transaction,
                    lines=lines,
                    total_minor=sum(line.price_minor * line.quantity for line in lines),
                    currency=self.settings.currency,
                    member=next(self._members) if happening.member and self._members else None,
                    t_ms=t_ms,
                )
        return None

    def _lines_of(self, happening: Happening, lane: PretendLane) -> tuple[SaleLine, ...]:
        """One line a product, with the EPCs of its pieces where the till reads them."""
        gtins = dict.fromkeys(happening.gtins)
        read = happening.epcs if lane.reads_tags else ()
        epcs = {gtin: tuple(epc for epc in read if self.world.gtins[epc] == gtin) for gtin in gtins}
        return tuple(
            SaleLine(gtin=gtin, quantity=happening.gtins.count(gtin), price_minor=_PRICES[gtin], epcs=epcs[gtin])
            for gtin in gtins
        )

    async def _sense(self) -> None:
        """Once a cycle, what sensors see of how things are."""
        while True:
            for lane in self.settings.lanes:
                count = PeopleCount(people=self.world.people(lane.lane), t_ms=time.time_ns() // 1_000_000)
                self._devices[lane.counter].say_state(DeviceKind.COUNT, count)
            for reader, shelves in self._readers:
                for epc, antenna, rssi_dbm in self.world.cycle(shelves.shelves):
                    reader.see(epc, antenna, rssi_dbm)
            for shelves in self.settings.mqtt_shelves:
                seen = self.world.cycle(shelves.shelves)
                reads = tuple(TagRead(epc=epc, antenna=number, rssi_dbm=rssi) for epc, number, rssi in seen)
                self._devices[shelves.device].say_state(DeviceKind.READS, Reads(reads=reads))
            await asyncio.sleep(CYCLE_S)

    async def _flush(self) -> None:
        for _ in range(200):
            if not any(device.unsent() for device in self._devices.values()):
                return
            await asyncio.sleep(0.1)


def _is_read(happening: Happening, lane: PretendLane) -> bool:
    """Whether a till knows a whole basket as it is put down: it reads tags, and every piece has one."""
    return lane.reads_tags and len(happening.epcs) == happening.quantity


def _lines(path: Path) -> list[bytes]:
    """The whole lines of a file that somebody may be writing."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []
