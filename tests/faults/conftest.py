"""The whole store of `aisle demo` for the tests that hurt it, and what a person needs to hurt it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import TypeVar

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from firmware_stubs.demo.plan import Plan, Ports
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.demo.supervise import free_port

T = TypeVar("T")


def eventually(check: Callable[[], T | None], timeout_s: float = 20.0) -> T:
    """What ``check`` gives as soon as it is something."""
    deadline = time.monotonic() + timeout_s
    while not (found := check()):
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store without its camera."""
    # Ports of its own: a demo may be running on this machine.
    ports = Ports(*[free_port(0) for _ in fields(Ports)])
    folder = tmp_path_factory.mktemp("store")
    running = RunningStore(Plan(folder, None, seed=3, arrivals_per_minute=14.0, speed=6.0, ports=ports))
    try:
        running.start(lambda _step: None)
        yield running
    finally:
        running.stop()


class Speaker:
    """Publishes with the credential of a device, a node or the gateway, as whoever stole or broke it would."""

    def __init__(self, store: RunningStore, user: str) -> None:
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"hostile-{user}", protocol=mqtt.MQTTv311)
        self._client.username_pw_set(user, store.plan.passwords[user])
        self._client.connect("127.0.0.1", store.plan.ports.broker)
        self._client.loop_start()
        eventually(self._client.is_connected)

    def say(self, topic: str, body: bytes) -> None:
        """Publish at QoS 1 and wait for the broker's PUBACK."""
        info = self._client.publish(topic, body, qos=1)
        info.wait_for_publish(10)
        assert info.is_published()

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()
