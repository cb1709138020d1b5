"""Devices that speak MQTT as bought ones do: counters, tills, scanners, shelves. Each has its own user."""

from collections import deque
from threading import Event

import paho.mqtt.client as mqtt
from msgspec import Struct
from paho.mqtt.enums import CallbackAPIVersion

from models.messages.codec import encode
from models.messages.devices import DeviceStatus
from models.messages.topics import DeviceKind, DeviceTopic


class MqttDevice:
    """One device on the broker: retained status, last will, and messages at QoS 0 (how it is) or 1 (what happened).

    What happened is kept and sent again until the broker has it, also across a broker that is killed.
    """

    def __init__(self, store: str, name: str, broker: str, password: str, client_id: str = "") -> None:
        self.store, self.name = store, name
        client_id = client_id or f"dev-{name}"
        host, _, port = broker.rpartition(":")
        self._address = (host, int(port))
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, protocol=mqtt.MQTTv311
        )
        self._client.username_pw_set(name, password)
        self._client.max_queued_messages_set(0)
        self._client.reconnect_delay_set(min_delay=1, max_delay=2)
        will = encode(DeviceStatus(state="offline"))
        self._client.will_set(self._topic(DeviceKind.STATUS), will, qos=1, retain=True)
        self._client.on_connect = self._connected
        self._ready = Event()
        self.happened = 0
        self._unsent: set[int] = set()
        self._published: deque[int] = deque()
        self._client.on_publish = self._on_publish

    def _topic(self, kind: DeviceKind) -> str:
        return str(DeviceTopic(self.store, self.name, kind))

    def _connected(self, client: mqtt.Client, *_rest: object) -> None:
        status = encode(DeviceStatus(state="online", firmware="pretend"))
        client.publish(self._topic(DeviceKind.STATUS), status, qos=1, retain=True)
        self._ready.set()

    def _on_publish(self, _client: mqtt.Client, _data: object, mid: int, *_rest: object) -> None:
        # On paho's thread, which holds its locks: only note it.
        self._published.append(mid)

    def start(self) -> None:
        """Connect, now or as soon as the broker is there."""
        self._client.connect_async(*self._address, keepalive=20)
        self._client.loop_start()

    def wait_until_connected(self, timeout_s: float) -> bool:
        """Whether the device reached the broker within ``timeout_s``."""
        return self._ready.wait(timeout_s)

    def say_state(self, kind: DeviceKind, message: Struct) -> None:
        """Say how something is; lost when the broker is away."""
        if self._client.is_connected():
            self._client.publish(self._topic(kind), encode(message), qos=0)

    def say_event(self, kind: DeviceKind, message: Struct) -> None:
        """Say what happened; sent until the broker has it."""
        self.happened += 1
        # Without a connection paho says so, and keeps the message all the same until there is one.
        self._unsent.add(self._client.publish(self._topic(kind), encode(message), qos=1).mid)

    def unsent(self) -> int:
        """How many messages the broker does not have yet."""
        while self._published:
            self._unsent.discard(self._published.popleft())
        return len(self._unsent)

    def stop(self) -> None:
        """Say goodbye and disconnect."""
        self._client.publish(
            self._topic(DeviceKind.STATUS), encode(DeviceStatus(state="offline", note="stopped")), qos=1, retain=True
        )
        self._client.disconnect()
        self._client.loop_stop()
