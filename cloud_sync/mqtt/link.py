"""A link to the broker that comes back by itself: hosts in rotation, subscriptions renewed, an outage said once."""

from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Final

import structlog
from paho.mqtt.client import topic_matches_sub
from prometheus_client import CollectorRegistry, Counter

from cloud_sync.mqtt.session import Incoming, Session
from cloud_sync.settings import MqttSettings
from cloud_sync.stream.backoff import Backoff
from models.messages.errors import LinkError
from models.process.health import Health

_log = structlog.get_logger(__name__)

SUBJECT: Final = "broker"
MOST_WAITING: Final = 20_000
"""Samples (QoS 0) that may wait for a slow handler; then the newest are left out, and counted."""

MOST_ROUTES: Final = 10_000

Handler = Callable[[str, bytes], None]
Sink = Callable[[Incoming], None]


@dataclass(frozen=True, slots=True)
class _Subscription:
    topic: str
    qos: int
    sink: Sink


class MqttLink:
    """One client of the broker, connected for as long as it is started. Safe from any thread."""

    def __init__(
        self,
        settings: MqttSettings,
        *,
        client_id: str,
        will: tuple[str, bytes] | None,
        health: Health,
        registry: CollectorRegistry | None = None,
        keep_session: bool = False,
    ) -> None:
        """``will`` (topic, payload) is published, retained, when this client is gone, however it went.

        ``keep_session``: the broker holds what comes at QoS 1 while this client is gone. Streams do not need it,
        their sender sends again; devices, which tell the broker once, do.
        """
        self._keep_session = keep_session
        self._settings = settings
        self._client_id = client_id
        self._will = will
        self._health = health
        self._routes: dict[str, tuple[Sink, ...]] = {}
        self._subscriptions: list[_Subscription] = []
        self._on_connect: list[Callable[[], None]] = []
        self._on_disconnect: list[Callable[[], None]] = []
        self._lock = Lock()
        self._session: Session | None = None
        self._dropped = Event()
        self._stopping = Event()
        self._reason = ""
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        registry = registry or CollectorRegistry()
        self._failures = Counter("aisle_handler_errors", "Handlers that raised", registry=registry)
        self._left_out = Counter("aisle_samples_left_out", "Samples that no handler took in time", registry=registry)

    @property
    def is_connected(self) -> bool:
        """Whether the broker is reached now."""
        session = self._session
        return session is not None and session.is_up

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` on the link's worker thread after each connect, when subscriptions were asked for."""
        self._on_connect.append(callback)

    def on_disconnect(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` on the link's worker thread after each loss of the connection."""
        self._on_disconnect.append(callback)

    def subscribe(self, topic: str, qos: int, handler: Handler) -> None:
        """Hear ``topic`` (wildcards allowed), now and after each reconnect.

        ``handler(topic, payload)`` runs on the link's worker thread; what it raises is logged and counted. The broker
        gets its acknowledgement when the handler is done.
        """

        def handle(message: Incoming) -> None:
            try:
                handler(message.topic, message.payload)
            finally:
                message.acknowledge()

        def enqueue(message: Incoming) -> None:
            if message.qos == 0 and self._work.qsize() > MOST_WAITING:
                self._left_out.inc()
                return
            self._work.put(lambda: handle(message))

        self.subscribe_sink(topic, qos, enqueue)

    def subscribe_sink(self, topic: str, qos: int, sink: Sink) -> None:
        """Hear ``topic`` on paho's own thread: ``sink`` must only enqueue, and sees to the acknowledgement itself."""
        with self._lock:
            self._subscriptions.append(_Subscription(topic, qos, sink))
            self._routes.clear()
            session = self._session
        if session is not None and session.is_up:
            session.subscribe([(topic, qos)])

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> bool:
        """Send a message; false when the broker is not reached or too much waits already."""
        session = self._session
        return session is not None and session.publish(topic, payload, qos=qos, retain=retain)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._stopping.clear()
        self._threads = [
            Thread(target=self._keep_connected, name=f"mqtt-{self._client_id}", daemon=True),
            Thread(target=self._handle, name=f"mqtt-work-{self._client_id}", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Say what the will would say, disconnect, and let the queued handlers finish."""
        if not self._threads:
            return
        self._stopping.set()
        self._dropped.set()
        self._threads[0].join()
        self._work.put(None)
        self._threads[1].join()
        self._threads = []

    def _keep_connected(self) -> None:
        backoff, turn = Backoff(), 0
        while not self._stopping.is_set():
            host = self._settings.hosts[turn % len(self._settings.hosts)]
            turn += 1
            try:
                session = self._open(host)
            except LinkError as error:
                self._report(str(error))
                self._stopping.wait(backoff.next_s())
                continue
            backoff.reset()
            self._health.clear(SUBJECT)
            self._serve(session)
            if not self._stopping.is_set():
                self._report(f"{host}: {self._reason}")
                self._stopping.wait(backoff.next_s())

    def _open(self, host: str) -> Session:
        self._dropped.clear()
        session = Session(
            self._settings,
            client_id=self._client_id,
            will=self._will,
            on_message=self._dispatch,
            on_close=self._closed,
            keep=self._keep_session,
        )
        session.open(host)
        return session

    def _serve(self, session: Session) -> None:
        """Stay until the connection ends or the link is stopped."""
        with self._lock:
            self._session = session
            topics = [(subscription.topic, subscription.qos) for subscription in self._subscriptions]
        session.subscribe(topics)
        self._tell(self._on_connect)
        self._dropped.wait()
        if self._stopping.is_set() and self._will:
            session.publish(self._will[0], self._will[1], qos=1, retain=True, wait_s=1.0)
        self._session = None
        session.close()
        self._tell(self._on_disconnect)

    def _tell(self, callbacks: list[Callable[[], None]]) -> None:
        for callback in callbacks:
            self._work.put(callback)

    def _closed(self, reason: str) -> None:
        self._reason = reason
        self._dropped.set()

    def _dispatch(self, message: Incoming) -> None:
        sinks = self._routes.get(message.topic)
        if sinks is None:
            sinks = self._route(message.topic)
        for sink in sinks:
            sink(message)
        if not sinks:
            message.acknowledge()

    def _route(self, topic: str) -> tuple[Sink, ...]:
        """Find who hears ``topic``, and remember it: matching costs more than all else that paho's thread does."""
        with self._lock:
            sinks = tuple(one.sink for one in self._subscriptions if topic_matches_sub(one.topic, topic))
            if len(self._routes) >= MOST_ROUTES:
                self._routes.clear()
            self._routes[topic] = sinks
        return sinks

    def _report(self, reason: str) -> None:
        hint = "facts wait in the outbox and are sent when it is back; check the broker, its address and the password"
        self._health.report(SUBJECT, "unreachable", reason, hint)

    def _handle(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001 - one handler's bug must not stop the others
                self._failures.inc()
                _log.exception("handler failed", client=self._client_id)
