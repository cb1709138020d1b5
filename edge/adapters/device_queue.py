"""Devices' messages on a thread of their own: acknowledged to the broker when they are recorded, and not before."""

from queue import SimpleQueue
from threading import Event, Thread
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter

from cloud_sync.stream.errors import StorageError
from models.process.health import Health

_log = structlog.get_logger(__name__)

RETRY_S: Final = 1.0
MOST_WAITING: Final = 5000
"""Messages of how something is (QoS 0) that may wait; what happened (QoS 1) is bounded by the broker."""


class Message(Protocol):
    """A message as the link hands it over."""

    @property
    def topic(self) -> str:
        """Where it was published."""

    @property
    def payload(self) -> bytes:
        """Its bytes."""

    @property
    def qos(self) -> int:
        """0 or 1."""

    def acknowledge(self) -> None:
        """Tell the broker that it need not be sent again."""


class Taker(Protocol):
    """Who takes messages in."""

    def take(self, topic: str, payload: bytes) -> None:
        """Take one. Raises ``StorageError`` when it cannot be recorded now."""


class DeviceQueue:
    """Hands messages to ``taker`` in order. One that cannot be recorded now is tried again until it can.

    It has its own thread, because a full outbox is freed by acknowledgements that come over the same link.
    """

    def __init__(self, taker: Taker, health: Health, registry: CollectorRegistry) -> None:
        self._taker, self._health = taker, health
        self._queue: SimpleQueue[Message | None] = SimpleQueue()
        self._stop = Event()
        self._thread = Thread(target=self._work, name="devices", daemon=True)
        self._left_out = Counter(
            "aisle_device_samples_left_out", "Samples of devices not taken in", registry=registry
        )
        self._failed = Counter("aisle_device_messages_failed", "Messages that raised", registry=registry)

    def put(self, message: Message) -> None:
        """Enqueue; called on the MQTT client's own thread."""
        if message.qos == 0 and self._queue.qsize() >= MOST_WAITING:
            self._left_out.inc()
            return
        self._queue.put(message)

    def start(self) -> None:
        """Begin to take."""
        self._thread.start()

    def stop(self) -> None:
        """End; what was not recorded was not acknowledged, and comes again."""
        self._stop.set()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            if self._recorded(message):
                message.acknowledge()
            if self._stop.is_set():
                return

    def _recorded(self, message: Message) -> bool:
        while not self._stop.is_set():
            try:
                self._taker.take(message.topic, message.payload)
            except StorageError as error:
                hint = "Devices keep what happened. Free space on the disk, or bring the gateway back."
                self._health.report("devices", "waiting", f"What devices say cannot be recorded: {error}", hint)
                self._stop.wait(RETRY_S)
            except Exception:  # noqa: BLE001 - one message's surprise must not stop the others
                self._failed.inc()
                _log.exception("message failed", topic=message.topic)
                return True
            else:
                self._health.clear("devices")
                return True
        return False
