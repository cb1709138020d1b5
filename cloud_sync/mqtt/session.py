"""One connection to one broker: a paho client that lives as long as its connection.

paho's callbacks do nothing but pass on: an exception in one would end paho's network thread. A new client for each
connection means that no message number and no half-sent message of an old connection meets a new one; what must
arrive is sent again by its stream.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cloud_sync.settings import MqttSettings
from models.messages.errors import LinkError

KEEPALIVE_S: Final = 15
CONNECT_TIMEOUT_S: Final = 5.0
MOST_QUEUED: Final = 5000
"""Messages that may wait to be sent; then ``publish`` refuses."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came. ``session`` is the connection on which it has to be acknowledged."""

    topic: str
    payload: bytes
    number: int
    qos: int
    session: "Session"

    def acknowledge(self) -> None:
        """Tell the broker that it needs no second delivery: after COMMIT."""
        self.session.acknowledge(self)


class Session:
    """A connection from CONNECT to its end. ``on_message`` and ``on_close`` run on paho's thread: only enqueue."""

    def __init__(
        self,
        settings: MqttSettings,
        *,
        client_id: str,
        will: tuple[str, bytes] | None,
        on_message: Callable[[Incoming], None],
        on_close: Callable[[str], None],
        keep: bool = False,
    ) -> None:
        """``keep``: the broker holds what comes at QoS 1 while this client is gone."""
        self._on_message = on_message
        self._on_close = on_close
        self._answered = Event()
        self._refusal = ""
        self._is_up = False
        self._client = client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=not keep,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(200)
        client.max_queued_messages_set(MOST_QUEUED)
        if settings.username:
            client.username_pw_set(settings.username, settings.password)
        if settings.ca_file:
            client.tls_set_context(_tls(settings))
        if will:
            client.will_set(will[0], will[1], qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.on_subscribe = self._subscribed
        self.refused_subscriptions: list[int] = []

    @property
    def is_up(self) -> bool:
        """Whether the broker accepted the connection and it has not ended."""
        return self._is_up

    def open(self, host: str) -> None:
        """Connect and wait for the broker's answer.

        Raises:
            LinkError: nobody there, or the broker refused; the text says why.
        """
        name, _, port = host.rpartition(":")
        try:
            self._client.connect(name, int(port), keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise LinkError(f"{host}: {error}") from error
        self._client.loop_start()
        if not self._answered.wait(CONNECT_TIMEOUT_S) or not self._is_up:
            self.close()
            raise LinkError(f"{host}: {self._refusal or 'no answer'}")

    def close(self) -> None:
        """Say goodbye, so that the broker does not publish the will, and end the network thread."""
        self._client.disconnect()
        self._client.loop_stop()
        self._is_up = False

    def subscribe(self, topics: list[tuple[str, int]]) -> None:
        """Ask for ``(topic, qos)``; a refusal is remembered in ``refused_subscriptions``."""
        for topic, qos in topics:
            self._client.subscribe(topic, qos)

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool, wait_s: float = 0.0) -> bool:
        """Hand a message to the network; false when it cannot be sent now."""
        if not self._is_up:
            return False
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        if wait_s and info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            info.wait_for_publish(wait_s)
        return info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def acknowledge(self, message: Incoming) -> None:
        """Send PUBACK."""
        if message.qos and self._is_up:
            self._client.ack(message.number, message.qos)

    def _connected(
        self, _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._is_up = not reason.is_failure
        self._refusal = str(reason)
        self._answered.set()

    def _disconnected(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._is_up = False
        self._answered.set()
        self._on_close(self._refusal if self._refusal and self._refusal != "Success" else str(reason))

    def _received(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._on_message(Incoming(message.topic, bytes(message.payload), message.mid, message.qos, self))

    def _subscribed(
        self, _client: Client, _data: object, mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self.refused_subscriptions.append(mid)


def _tls(settings: MqttSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context
