"""The gateway's end: folds what all nodes send, and acknowledges after COMMIT, to the node and to the broker."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from cloud_sync.mqtt.link import MqttLink
from cloud_sync.mqtt.session import Incoming
from cloud_sync.stream import dead_letters
from cloud_sync.stream.counters import ReceiverCounters
from cloud_sync.stream.errors import StorageError
from cloud_sync.stream.inbox import Decoded, Inbox, Origin, Receipt, decode_facts, newest_acks
from cloud_sync.stream.writer import Writer
from models.messages.codec import decode_batch, encode
from models.messages.envelopes import Ack
from models.messages.errors import BadTopic, WireError
from models.messages.ids import StreamClass
from models.messages.topics import AcksTopic, FactsTopic, parse_topic
from models.process.clock import SystemClock
from models.process.health import Health

_log = structlog.get_logger(__name__)

MOST_MESSAGES: Final = 1000
MOST_BYTES: Final = 4_000_000
"""So much is folded in one commit at most."""

MOST_WAITING_BYTES: Final = 16_000_000
HOLD_S: Final = 0.002
HOLD_TURNS: Final = 1000
"""2 s at most for each message: paho's thread has to keep the connection alive as well."""

RETRY_S: Final = 1.0
SUBJECT: Final = "facts"


@dataclass
class _Load:
    """What was drained from the queue at once: batches by stream, and what cannot be read."""

    messages: list[Incoming] = field(default_factory=list)
    batches: dict[Origin, list[Decoded]] = field(default_factory=dict)
    refused: list[tuple[Incoming, WireError]] = field(default_factory=list)


class FactReceiver:
    """Subscribes to the facts of all nodes of a store and folds them through ``inbox``, in groups."""

    def __init__(
        self,
        link: MqttLink,
        writer: Writer,
        inbox: Inbox,
        *,
        store: str,
        health: Health,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._link, self._writer, self._inbox = link, writer, inbox
        self._store = store
        self._health = health
        self._counters = ReceiverCounters(registry)
        self._queue: SimpleQueue[Incoming | None] = SimpleQueue()
        self._bytes_in = self._bytes_out = 0
        self._under_way: tuple[_Load, dict[Origin, Future[Receipt]]] | None = None
        self._on_folded: list[Callable[[], None]] = []
        self._topics: dict[str, FactsTopic] = {}
        self._stopping = Event()
        self._thread: Thread | None = None
        link.subscribe_sink(str(FactsTopic(store, "+", None)), 1, self._enqueue)
        link.on_connect(self._announce)

    def on_folded(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` on the receiver's thread after each commit that folded something."""
        self._on_folded.append(callback)

    def start(self) -> None:
        """Begin to fold."""
        self._stopping.clear()
        self._thread = Thread(target=self._work, name="fact-receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being folded; the rest is sent again by its nodes."""
        self._stopping.set()
        self._queue.put(None)
        if self._thread:
            self._thread.join()
            self._thread = None

    def _enqueue(self, message: Incoming) -> None:
        """Runs on paho's thread. While too much waits it reads no further: the network holds back the rest."""
        self._bytes_in += len(message.payload)
        self._queue.put(message)
        for _ in range(HOLD_TURNS):
            if self._bytes_in - self._bytes_out < MOST_WAITING_BYTES or self._stopping.is_set():
                return
            time.sleep(HOLD_S)

    def _announce(self) -> None:
        """Say to every known node how far its streams are, so that none waits for a time-out after our restart."""
        with self._writer.reading() as connection:
            acks = newest_acks(connection)
        for node, stream, ack in acks:
            self._acknowledge(node, stream, ack)

    def _acknowledge(self, node: str, stream: StreamClass, ack: Ack) -> None:
        self._link.publish(str(AcksTopic(self._store, node, stream)), encode(ack), qos=1)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                load = self._drain()
                self._finish()
                self._begin(load)
                if self._queue.empty():
                    self._finish()
            except Exception:  # noqa: BLE001 - a load that fails is sent again by its nodes
                _log.exception("receiver failed; the nodes send again")
        self._finish()

    def _drain(self) -> _Load:
        """Wait for a message and take what is there with it."""
        load = _Load()
        message = self._queue.get()
        size = 0
        while message is not None:
            self._sort(load, message)
            self._bytes_out += len(message.payload)
            size += len(message.payload)
            if len(load.messages) >= MOST_MESSAGES or size >= MOST_BYTES:
                break
            try:
                message = self._queue.get_nowait()
            except Empty:
                break
        return load

    def _sort(self, load: _Load, message: Incoming) -> None:
        load.messages.append(message)
        try:
            topic = self._topic(message.topic)
            batch = decode_batch(message.payload)
        except WireError as error:
            load.refused.append((message, error))
            return
        assert topic.stream is not None  # noqa: S101 - a parsed topic names its class
        load.batches.setdefault(Origin(topic.node, topic.stream, batch.epoch), []).append(decode_facts(batch))

    def _topic(self, text: str) -> FactsTopic:
        if (known := self._topics.get(text)) is not None:
            return known
        topic = parse_topic(text)
        if not isinstance(topic, FactsTopic):
            raise BadTopic(f"{text!r} carries no facts")
        self._topics[text] = topic
        return topic

    def _begin(self, load: _Load) -> None:
        """Hand a load to the writer; the next is drained and decoded while this one is committed."""
        self._keep_refused(load)
        self._under_way = load, self._submit(load.batches)

    def _submit(self, batches: Mapping[Origin, list[Decoded]]) -> dict[Origin, Future[Receipt]]:
        return {
            origin: self._writer.submit(partial(self._inbox.take_decoded, origin=origin, batches=some))
            for origin, some in batches.items()
        }

    def _finish(self) -> None:
        """Wait for the load under way, then acknowledge it. While the file takes nothing, nothing is acknowledged."""
        if self._under_way is None:
            return
        (load, futures), self._under_way = self._under_way, None
        while futures:
            again = [origin for origin, future in futures.items() if not self._done(origin, future)]
            if again and self._stopping.wait(RETRY_S):
                return
            futures = self._submit({origin: load.batches[origin] for origin in again})
        for message in load.messages:
            message.acknowledge()

    def _done(self, origin: Origin, future: Future[Receipt]) -> bool:
        """Acknowledge one stream when it is committed; false when it has to be tried again."""
        try:
            receipt = future.result()
        except StorageError as error:
            hint = "nothing is acknowledged and nothing is lost; make room, or reach headquarters"
            self._health.report(SUBJECT, type(error).__name__, str(error), hint)
            return False
        except Exception as error:  # noqa: BLE001 - one stream that fails must not hold up the others
            _log.exception("batch failed", node=origin.node, stream=origin.stream)
            self._health.report(SUBJECT, "failed", f"{origin.node}: {type(error).__name__}: {error}", "see the log")
            return True
        self._health.clear(SUBJECT)
        self._counters.add(origin, receipt)
        self._acknowledge(origin.node, origin.stream, receipt.ack)
        if receipt.folded:
            for callback in self._on_folded:
                callback()
        return True

    def _keep_refused(self, load: _Load) -> None:
        for message, error in load.refused:
            _log.warning("batch refused", topic=message.topic, reason=error.reason, detail=str(error))
            self._counters.dead_letters.labels(error.reason).inc()
            self._writer.submit(
                partial(
                    dead_letters.keep,
                    t_ms=SystemClock().now_ms(),
                    source=message.topic,
                    reason=error.reason,
                    detail=str(error),
                    body=message.payload,
                )
            )
