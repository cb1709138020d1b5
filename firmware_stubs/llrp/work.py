"""A pretend reader at work: its ROSpecs run and report, keepalives go out. It sends, and never listens."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from firmware_stubs.llrp.answers import event
from firmware_stubs.llrp.inventory import ACTIVE, DISABLED, INACTIVE, Inventory, RoSpecs
from models.llrp.layout import Message, Parameter, every, first
from models.llrp.messages import Keepalive, RoAccessReport, SetReaderConfig
from models.llrp.reports import ReportBufferOverflowError, RoSpecEvent
from models.llrp.rospec import (
    EVENT_ROSPEC,
    EventNotificationState,
    EventsAndReports,
    KeepaliveSpec,
    ReaderEventNotificationSpec,
)

_MISSED_ACKS: Final = 3
STARTED, ENDED = 0, 1


class Work:
    """What goes on inside. ``send`` gives a message to the client and is False where there is none."""

    def __init__(self, antennas: int, *, send: Callable[[Message], bool], give_up: Callable[[], None]) -> None:
        """``give_up`` is called when a client has not answered several keepalives."""
        self.specs = RoSpecs(antennas)
        self.clock_ahead_s = 0.0
        self._send, self._give_up = send, give_up
        self._runs: dict[int, asyncio.Task[None]] = {}
        self._keepalive: asyncio.Task[None] | None = None
        self._missed = 0
        self._holds = False
        self._tells_rospecs = False

    def now_us(self) -> int:
        """Its clock, which may be wrong."""
        return time.time_ns() // 1000 + round(self.clock_ahead_s * 1e6)

    def tell(self, happened: Parameter) -> None:
        """Tell the client of an event."""
        self._send(event(happened, self.now_us()))

    def see(self, epc: str, antenna: int, rssi_dbm: float) -> None:
        """A tag answers at an antenna."""
        for inventory in list(self.specs.by_id.values()):
            if inventory.state == DISABLED or not inventory.hears(antenna):
                continue
            if not inventory.see(epc, antenna, rssi_dbm, self.now_us()):
                self.tell(ReportBufferOverflowError())
            elif inventory.report_every and len(inventory.seen) >= inventory.report_every:
                self.report(inventory)

    def configure(self, request: SetReaderConfig) -> None:
        """Take SET_READER_CONFIG to heart: factory defaults, events, holding back, keepalives."""
        states = first(request, ReaderEventNotificationSpec)
        wanted = every(states, EventNotificationState) if states else []
        self._tells_rospecs = any(one.event == EVENT_ROSPEC and one.flags & 0x80 for one in wanted)
        if request.flags & 0x80:
            self.stop([gone.spec.id for gone in self.specs.delete(0)])
        hold = first(request, EventsAndReports)
        self._holds = hold is not None and bool(hold.flags & 0x80)
        self.stop_keepalive()
        spec = first(request, KeepaliveSpec)
        if spec is not None and spec.trigger:
            self._keepalive = asyncio.create_task(self._keep_alive(spec.period_ms / 1000))

    def release(self) -> None:
        """Hold nothing back any more, and report what there is."""
        self._holds = False
        for inventory in self.specs.by_id.values():
            self.report(inventory)

    def run(self, inventory: Inventory) -> None:
        """Begin with a ROSpec that has just been enabled."""
        if inventory.starts_at_once:
            inventory.state = ACTIVE
            self._tell_rospec(inventory, STARTED)
        if inventory.period_s is not None or inventory.duration_s is not None:
            self._runs[inventory.spec.id] = asyncio.create_task(self._cycle(inventory))

    def stop(self, specs: list[int] | None = None) -> None:
        """Stop the cycles of these ROSpecs, or of all."""
        for spec in list(self._runs) if specs is None else specs:
            run = self._runs.pop(spec, None)
            if run is not None:
                run.cancel()

    def halt(self) -> None:
        """Somebody else stops every ROSpec: it reads no more, and keeps alive."""
        self.stop()
        for inventory in self.specs.by_id.values():
            if inventory.state == ACTIVE:
                self._tell_rospec(inventory, ENDED)
            inventory.state = DISABLED

    def _tell_rospec(self, inventory: Inventory, happened: int) -> None:
        if self._tells_rospecs:
            self.tell(RoSpecEvent(happened, inventory.spec.id))

    def report(self, inventory: Inventory) -> None:
        """Report what a ROSpec has seen; without a client it is kept, within bounds."""
        if self._holds or not inventory.seen:
            return
        kept = dict(inventory.seen)
        if not self._send(RoAccessReport(inventory.report())):
            inventory.seen.update(kept)

    def acknowledged(self) -> None:
        """The client answered a keepalive, or has just come."""
        self._missed = 0

    def stop_keepalive(self) -> None:
        """Nobody is there to be asked."""
        if self._keepalive is not None:
            self._keepalive.cancel()
            self._keepalive = None

    async def _cycle(self, inventory: Inventory) -> None:
        """Active for its duration, then a report; again after its period, where it has one."""
        period_s = inventory.period_s
        duration_s = inventory.duration_s or period_s or 0.0
        while inventory.state != DISABLED:
            inventory.state = ACTIVE
            self._tell_rospec(inventory, STARTED)
            await asyncio.sleep(duration_s)
            self.report(inventory)
            inventory.state = INACTIVE
            self._tell_rospec(inventory, ENDED)
            if period_s is None:
                break
            await asyncio.sleep(max(0.0, period_s - duration_s))

    async def _keep_alive(self, period_s: float) -> None:
        while True:
            await asyncio.sleep(period_s)
            if self._missed >= _MISSED_ACKS:
                self._give_up()
                return
            if self._send(Keepalive()):
                self._missed += 1
