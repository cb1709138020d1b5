"""A node's end: sends the outbox over MQTT until the gateway says that it has everything."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TypeVar

import structlog
from prometheus_client import CollectorRegistry

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.stream.counters import SenderCounters
from cloud_sync.stream.outbox import Head, Outbox, read_head
from cloud_sync.stream.sender import Step, StreamSender
from cloud_sync.stream.writer import Writer
from models.messages.codec import decode, encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.errors import WireError
from models.messages.ids import StreamClass
from models.messages.topics import AcksTopic, FactsTopic, parse_topic
from models.process.clock import Clock

_log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_PER_TURN = 4
"""Batches of one class that are read at once, so that an answer is heard between them."""


@dataclass
class _Lane:
    """One class of facts on its way."""

    stream: StreamClass
    topic: str
    machine: StreamSender | None = None
    acks: deque[Ack] = field(default_factory=deque)
    stored_upto: int = -1


def _drain(events: deque[T]) -> Iterator[T]:
    """Take what is there, while another thread may append."""
    while events:
        yield events.popleft()


class FactSender:
    """Sends both classes of an outbox's facts to ``peer``, on one thread."""

    def __init__(
        self,
        link: MqttLink,
        writer: Writer,
        outbox: Outbox,
        *,
        store: str,
        node: str,
        peer: str,
        clock: Clock,
        registry: CollectorRegistry | None = None,
        on_refused: Callable[[str, bytes, WireError], object] | None = None,
    ) -> None:
        """``on_refused(topic, payload, error)`` gets each acknowledgement that cannot be read."""
        self._on_refused = on_refused
        self._link, self._writer, self._outbox = link, writer, outbox
        self._peer = peer
        self._clock = clock
        self._counters = SenderCounters(registry)
        self._lanes = {stream: _Lane(stream, str(FactsTopic(store, node, stream))) for stream in StreamClass}
        self._woken = Event()
        self._stopping = False
        self._link_changed: deque[bool] = deque()
        self._thread: Thread | None = None
        link.subscribe(str(AcksTopic(store, node, None)), 1, self._heard)
        link.on_connect(lambda: self._changed(up=True))
        link.on_disconnect(lambda: self._changed(up=False))

    def start(self) -> None:
        """Begin to send."""
        self._stopping = False
        self._thread = Thread(target=self._work, name="fact-sender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop sending; what is not acknowledged is sent after the next start."""
        self._stopping = True
        self._woken.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """New facts were committed."""
        self._woken.set()

    def _changed(self, *, up: bool) -> None:
        self._link_changed.append(up)
        self._woken.set()

    def _heard(self, topic: str, payload: bytes) -> None:
        try:
            parsed, ack = parse_topic(topic), decode(payload, Ack)
        except WireError as error:
            if self._on_refused:
                self._on_refused(topic, payload, error)
            return
        if isinstance(parsed, AcksTopic) and parsed.stream:
            self._lanes[parsed.stream].acks.append(ack)
            self._woken.set()

    def _work(self) -> None:
        if self._link.is_connected:
            self._changed(up=True)
        while not self._stopping:
            self._woken.clear()
            try:
                is_busy = self._turn()
            except Exception:  # noqa: BLE001 - whatever it is, the facts are safe in the outbox and sent later
                _log.exception("sender failed; trying again")
                is_busy = False
                self._woken.wait(1.0)
            if not is_busy:
                self._woken.wait(self._wait_s())

    def _wait_s(self) -> float:
        now_s = self._clock.monotonic_s()
        machines = [lane.machine for lane in self._lanes.values() if lane.machine]
        return max(min((machine.next_wakeup(now_s) for machine in machines), default=30.0), 0.01)

    def _turn(self) -> bool:
        """Take in what happened, and send what may be sent; true when there may be more at once."""
        changes = list(_drain(self._link_changed))
        is_busy = False
        with self._writer.reading() as connection:
            for lane in self._lanes.values():
                head = read_head(connection, self._peer, lane.stream)
                if head is None:
                    continue
                machine = self._machine(lane, head)
                for up in changes:
                    machine.connected() if up else machine.disconnected()
                self._take_acks(lane, machine)
                is_busy |= self._send(connection, lane, machine, head)
        return is_busy

    def _machine(self, lane: _Lane, head: Head) -> StreamSender:
        if lane.machine is None or lane.machine.epoch != head.epoch:
            lane.machine = StreamSender(head.epoch, head.acknowledged)
            lane.stored_upto = head.acknowledged
            if self._link.is_connected:
                lane.machine.connected()
        return lane.machine

    def _take_acks(self, lane: _Lane, machine: StreamSender) -> None:
        acks = list(_drain(lane.acks))
        now_s = self._clock.monotonic_s()
        for ack in acks:
            before = machine.acknowledged
            if machine.answered(ack.epoch, ack.upto, now_s) and ack.upto < before:
                self._counters.rewinds.labels(self._peer, lane.stream.value).inc()
        if acks and machine.acknowledged != lane.stored_upto:
            self._store(lane, Ack(epoch=machine.epoch, upto=machine.acknowledged))

    def _store(self, lane: _Lane, ack: Ack) -> None:
        lane.stored_upto = ack.upto
        future = self._writer.submit(lambda c: self._outbox.acknowledge(c, self._peer, lane.stream, ack))
        future.add_done_callback(lambda _: self._woken.set() if future.exception() else None)

    def _send(self, connection: sqlite3.Connection, lane: _Lane, machine: StreamSender, head: Head) -> bool:
        now_s = self._clock.monotonic_s()
        for _ in range(MOST_PER_TURN):
            step = machine.poll(now_s, head.last)
            if step is None:
                return False
            if step is Step.PROBE:
                if not self._link.publish(lane.topic, self._probe(machine), qos=1):
                    return False
                machine.probed(now_s)
                continue
            outgoing = self._outbox.batch(connection, self._peer, lane.stream, machine.cursor)
            if outgoing is None or not self._link.publish(lane.topic, outgoing.payload, qos=1):
                return False
            machine.sent(outgoing.last, now_s)
            self._counters.facts.labels(self._peer, lane.stream.value).inc(outgoing.facts)
            self._counters.batches.labels(self._peer, lane.stream.value).inc()
        return True

    @staticmethod
    def _probe(machine: StreamSender) -> bytes:
        return encode(FactBatch(epoch=machine.epoch, first=machine.cursor, facts=()))
