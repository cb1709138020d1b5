"""Devices that speak MQTT: shelves, counters, tills, scanners. What they say becomes signals and facts.

How something is (reads, counts) only moves the floor. What happened (a sale, a scan) is committed before this
returns, and the link acknowledges a message to the broker only then; one that comes again is known by its id.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, assert_never

import structlog
from prometheus_client import CollectorRegistry, Counter

from cloud_sync.stream.dead_letters import keep
from cloud_sync.stream.writer import Writer
from edge.core.floor import Floor
from edge.record import Record
from models.codes.gs1 import parse_code
from models.messages.codec import decode
from models.messages.devices import Code, DeviceStatus, PeopleCount, Reads, Till
from models.messages.errors import WireError
from models.messages.facts import CodeScanned, Fact, MessageRefused, SaleCompleted
from models.messages.topics import DeviceKind, DeviceTopic, parse_topic
from models.process.clock import Clock, is_unset
from models.process.health import Health

_log = structlog.get_logger(__name__)

Signal = Callable[[Floor], object]

DEVICE_CLOCK_BACK_MS: Final = 7 * 86_400_000
"""A till that was offline may tell of a sale this long ago; what is older is a clock that is not set."""
DEVICE_CLOCK_AHEAD_MS: Final = 60_000
OLD_READS_MS: Final = 10_000
REFUSED_START: Final = 200
REFUSALS_TOLD_PER_MINUTE: Final = 60


@dataclass(frozen=True)
class DevicePlan:
    """Which device does what here."""

    shelves: dict[str, dict[int, str]] = field(default_factory=dict)
    """Device → antenna number → shelf."""
    ignored: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Device → how EPCs of others begin."""
    counters: dict[str, str] = field(default_factory=dict)
    """Device → lane."""
    tills: dict[str, str] = field(default_factory=dict)
    """Device → lane."""
    scanners: frozenset[str] = frozenset()

    def devices(self) -> list[str]:
        """All of them, in order."""
        return sorted({*self.shelves, *self.counters, *self.tills, *self.scanners})


class MqttDevices:
    """Takes devices' messages. ``take`` is the link's handler: it runs on the link's thread, never on paho's."""

    def __init__(
        self,
        plan: DevicePlan,
        *,
        node: str,
        signal: Callable[[Signal], None],
        writer: Writer,
        record: Record,
        on_recorded: Callable[[], None],
        clock: Clock,
        health: Health,
        registry: CollectorRegistry,
    ) -> None:
        """``signal`` hands something to the floor's thread; ``on_recorded`` is called when facts were committed."""
        self._plan = plan
        self._node = node
        self._signal = signal
        self._writer = writer
        self._record = record
        self._on_recorded = on_recorded
        self._clock = clock
        self._health = health
        self._taken = Counter("aisle_device_messages", "Messages of devices taken", ["kind"], registry=registry)
        self._refused = Counter(
            "aisle_device_messages_refused", "Messages of devices refused", ["reason"], registry=registry
        )
        self._ignored = Counter(
            "aisle_device_tags_ignored", "Tags of others, by how their EPC begins", ["device"], registry=registry
        )
        self._told_minute, self._told = 0, 0

    def take(self, topic: str, payload: bytes) -> None:
        """Take one message.

        Raises:
            StorageError: what happened cannot be committed now; the message must come again.
        """
        try:
            parsed = parse_topic(topic)
            if not isinstance(parsed, DeviceTopic) or parsed.kind is None:
                return
            self._dispatch(parsed.device, parsed.kind, payload)
            self._taken.labels(kind=parsed.kind).inc()
        except WireError as error:
            self.refuse(topic, payload, error).result()

    def _dispatch(self, device: str, kind: DeviceKind, payload: bytes) -> None:
        match kind:
            case DeviceKind.READS:
                self._reads(device, decode(payload, Reads))
            case DeviceKind.COUNT:
                self._count(device, decode(payload, PeopleCount))
            case DeviceKind.TILL:
                self._till(device, decode(payload, Till))
            case DeviceKind.CODE:
                self._code(device, decode(payload, Code))
            case DeviceKind.STATUS:
                self._status(device, decode(payload, DeviceStatus))
            case _:
                assert_never(kind)

    def _reads(self, device: str, message: Reads) -> None:
        antennas = self._plan.shelves.get(device, {})
        # A device's clock is its own business: what arrives together was seen together. But a shelf that was offline
        # sends what it kept, and that says nothing of how it is now.
        now_ms = self._clock.now_ms()
        if message.t_ms is not None and OLD_READS_MS < now_ms - message.t_ms < DEVICE_CLOCK_BACK_MS:
            return

        others = self._plan.ignored.get(device, ())
        reads = [read for read in message.reads if not read.epc.startswith(others)]
        self._ignored.labels(device=device).inc(len(message.reads) - len(reads))

        def take(floor: Floor) -> None:
            for read in reads:
                if read.antenna in antennas:
                    floor.read(read.epc, f"{device}:{read.antenna}", read.rssi_dbm, now_ms)

        self._signal(take)

    def _count(self, device: str, message: PeopleCount) -> None:
        lane = self._plan.counters.get(device)
        now_ms = self._clock.now_ms()
        if lane is not None:
            self._signal(lambda floor: floor.people(lane, message.people, now_ms, message.busy))

    def _till(self, device: str, message: Till) -> None:
        lane = self._plan.tills.get(device)
        if lane is None:
            return
        now_ms = self._clock.now_ms()
        items = sum(line.quantity for line in message.lines) if message.lines else message.items
        if message.event == "end" and message.transaction and message.lines:
            self._commit(device, message.id or message.transaction, [self._sale(device, lane, message)])
        if message.event in {"opened", "closed"}:
            self._signal(lambda floor: floor.lane_open(lane, now_ms, is_open=message.event == "opened"))
        else:
            self._signal(lambda floor: floor.transaction(lane, message.event, now_ms, message.server, items))

    def _sale(self, device: str, lane: str, message: Till) -> SaleCompleted:
        if message.transaction is None:
            raise ValueError("a sale has a transaction")
        return SaleCompleted(
            t_ms=self._when(message.t_ms),
            sale=message.transaction,
            till=device,
            lane=lane,
            lines=message.lines,
            total_minor=message.total_minor,
            currency=message.currency,
            member=message.member,
        )

    def _code(self, device: str, message: Code) -> None:
        if device not in self._plan.scanners:
            return
        code = parse_code(message.text, message.symbology)
        fact = CodeScanned(
            t_ms=self._when(message.t_ms),
            device=device,
            symbology=code.symbology,
            text=message.text,
            gtin=code.gtin,
            serial=code.serial,
            member=code.member,
        )
        self._commit(device, message.id, [fact])
        lane = self._plan.tills.get(device)
        if lane is not None and code.gtin is not None:
            # A till whose scanner speaks says piece by piece what it scans.
            now_ms = self._clock.now_ms()
            self._signal(lambda floor: floor.transaction(lane, "item", now_ms, 0, None))

    def _status(self, device: str, message: DeviceStatus) -> None:
        now_ms = self._clock.now_ms()
        if device not in self._plan.devices():
            return
        if message.state == "online":
            self._health.clear(f"device.{device}")
        else:
            note = message.note or "it does not answer the broker any more"
            self._health.report(
                f"device.{device}", "offline", f"{device} is offline: {note}", "Check its power and its network."
            )
        value = "antenna_connected" if message.state == "online" else "antenna_disconnected"
        antennas = [f"{device}:{antenna}" for antenna in self._plan.shelves.get(device, {})]

        def say(floor: Floor) -> None:
            for antenna in antennas:
                floor.reader(value, antenna, now_ms)

        self._signal(say)

    def _when(self, t_ms: int | None) -> int:
        """A device's own time where it can be right, or where it alone knows the date; else now."""
        now_ms = self._clock.now_ms()
        if t_ms is not None and is_unset(now_ms) and not is_unset(t_ms):
            return t_ms
        if t_ms is None or not now_ms - DEVICE_CLOCK_BACK_MS <= t_ms <= now_ms + DEVICE_CLOCK_AHEAD_MS:
            return now_ms
        return t_ms

    def _commit(self, device: str, message_id: str | None, facts: list[Fact]) -> None:
        self._writer.run(self._record.device_facts(device, message_id, facts, self._clock.now_ms()))
        self._on_recorded()

    def refuse(self, source: str, payload: bytes, error: WireError) -> Future[None]:
        """Keep a message that will never be good here, and tell the manager of it; done when committed."""
        now_ms = self._clock.now_ms()
        self._refused.labels(reason=error.reason).inc()
        start = payload[:REFUSED_START].decode("ascii", errors="replace")
        fact = MessageRefused(
            t_ms=now_ms,
            node=self._node,
            source=source[:200],
            reason=error.reason,
            detail=str(error)[:500],
            start="".join(character if character.isprintable() else "·" for character in start),
        )
        if now_ms // 60_000 != self._told_minute:
            self._told_minute, self._told = now_ms // 60_000, 0
        self._told += 1
        told = [fact] if self._told <= REFUSALS_TOLD_PER_MINUTE else []

        record = self._record.facts(list(told))

        def change(connection: sqlite3.Connection) -> None:
            keep(connection, t_ms=now_ms, source=source, reason=error.reason, detail=str(error), body=payload)
            record(connection)

        done = self._writer.submit(change)
        done.add_done_callback(lambda _: self._on_recorded())
        return done
