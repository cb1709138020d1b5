"""How long from a device to a screen, a basket and a handheld, and what each process weighs, at the demo's load.

The whole store runs (`aisle demo`'s processes with real footage where it is here). Beside it, in the same run, the
baseline: a bare paho publisher and subscriber over the same broker.
"""

import itertools
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx
import paho.mqtt.client as mqtt
import psutil
from paho.mqtt.enums import CallbackAPIVersion

from firmware_stubs.demo.plan import STORE, Plan
from firmware_stubs.demo.run import ARRIVALS_PER_MINUTE
from firmware_stubs.demo.store import RunningStore
from firmware_stubs.store.catalogue import CATALOGUE
from firmware_stubs.store.devices import MqttDevice
from models.messages.codec import encode
from models.messages.devices import Code, Till
from models.messages.envelopes import Command
from models.messages.facts import SaleLine
from models.messages.topics import CommandTopic, DeviceKind

FOOTAGE = Path("var/footage/vtest.avi")
UMBRELLA = next(product for product in CATALOGUE if product.reference == 503)
Milliseconds = list[float]


def summary(samples: Milliseconds) -> dict[str, float]:
    """Median, 99th percentile and number of samples, in milliseconds."""
    ordered = sorted(samples)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return {"p50_ms": round(statistics.median(ordered), 1), "p99_ms": round(p99, 1), "n": len(ordered)}


@contextmanager
def listening(client: httpx.Client, url: str) -> Iterator[SimpleQueue[tuple[str, str, float]]]:
    """Server-sent events of ``url`` as (event, data, monotonic seconds), while the context is open."""
    heard: SimpleQueue[tuple[str, str, float]] = SimpleQueue()
    stop = threading.Event()

    def listen() -> None:
        with client.stream("GET", url, timeout=30) as answer:
            event = ""
            for line in answer.iter_lines():
                if stop.is_set():
                    return
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    heard.put((event, value, time.monotonic()))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    time.sleep(1.0)
    try:
        yield heard
    finally:
        stop.set()
        thread.join(3)


def wait_for(
    heard: SimpleQueue[tuple[str, str, float]], wanted: Callable[[str, str], bool], timeout_s: float
) -> float | None:
    """When the first wanted event came, or nothing."""
    deadline = time.monotonic() + timeout_s
    while (left := deadline - time.monotonic()) > 0:
        try:
            event, data, at = heard.get(timeout=left)
        except Empty:
            break
        if wanted(event, data):
            return at
    return None


def to_screen(store: RunningStore, till: MqttDevice, rounds: int) -> Milliseconds:
    """A till opens or closes its lane; the screen shows it."""
    taken: Milliseconds = []
    with httpx.Client(base_url=store.screen_url) as client, listening(client, "/events") as heard:
        for number in range(rounds):
            state = "open" if number % 2 == 0 else "closed"
            began = time.monotonic()
            till.say_event(DeviceKind.TILL, Till(event="opened" if state == "open" else "closed", lane="4"))

            def shows(_event: str, data: str, state: str = state) -> bool:
                lanes = {lane["lane"]: lane["state"] for lane in json.loads(data)["lanes"]}
                return lanes.get("4") == state

            at = wait_for(heard, shows, 5.0)
            if at is not None:
                taken.append((at - began) * 1000)
            time.sleep(0.137)
    return taken


def to_basket(store: RunningStore, scanner: MqttDevice, rounds: int) -> Milliseconds:
    """A scanner reads a code; the basket has one line or piece more."""
    if store.manager is None:
        raise RuntimeError("the store has no manager")
    manager = store.manager

    def pieces() -> int:
        return sum(line["quantity"] for line in manager.basket("scan-1")["lines"] if line["gtin"] == UMBRELLA.gtin)

    taken: Milliseconds = []
    before = pieces()
    for number in range(rounds):
        began = time.monotonic()
        code = Code(text=UMBRELLA.gtin[1:], symbology="EAN-13", id=f"bench-{number}")
        scanner.say_event(DeviceKind.CODE, code)
        while (now := pieces()) <= before and time.monotonic() - began < 5:
            time.sleep(0.002)
        if now > before:
            taken.append((time.monotonic() - began) * 1000)
        before = now
        time.sleep(0.05)
    return taken


def to_handheld(store: RunningStore, till: MqttDevice, rounds: int) -> Milliseconds:
    """A till sells a piece; a handheld that listens hears that this product's stock changed."""
    if store.manager is None:
        raise RuntimeError("the store has no manager")
    taken: Milliseconds = []
    with listening(store.manager.http, "/api/events") as heard:
        for number in range(rounds):
            line = SaleLine(gtin=UMBRELLA.gtin, quantity=1, price_minor=UMBRELLA.price_minor)
            sale = f"bench-{number}"
            began = time.monotonic()
            till.say_event(
                DeviceKind.TILL,
                Till(event="end", transaction=sale, id=sale, lines=(line,), total_minor=UMBRELLA.price_minor),
            )
            at = wait_for(heard, lambda event, data: event == "stock" and UMBRELLA.gtin in data, 5.0)
            if at is not None:
                taken.append((at - began) * 1000)
            time.sleep(0.3)
    return taken


def look_ups(store: RunningStore, rounds: int) -> Milliseconds:
    """A clerk looks stock up while facts flow: parts of names in both languages, and GTINs."""
    if store.manager is None:
        raise RuntimeError("the store has no manager")
    words = itertools.cycle(("jeans", "雨衣", "shirt", CATALOGUE[3].gtin, "袜", "0614141"))
    taken: Milliseconds = []
    for word in itertools.islice(words, rounds):
        began = time.monotonic()
        store.manager.find(word)
        taken.append((time.monotonic() - began) * 1000)
        time.sleep(0.003)
    return taken


def bare_round_trip(store: RunningStore, rounds: int) -> Milliseconds:
    """The baseline: one QoS 1 message from a bare paho client to another over the same broker."""
    heard: SimpleQueue[float] = SimpleQueue()
    clients = {}
    for user in ("gateway", "shelves"):
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"bench-{user}", protocol=mqtt.MQTTv311)
        client.username_pw_set(user, store.plan.passwords[user])
        client.connect("127.0.0.1", store.plan.ports.broker)
        client.loop_start()
        clients[user] = client
    topic = str(CommandTopic(STORE, "shelves"))
    clients["shelves"].on_message = lambda _client, _data, _message: heard.put(time.monotonic())
    clients["shelves"].subscribe(topic, 1)
    time.sleep(0.5)
    taken: Milliseconds = []
    for _ in range(rounds):
        began = time.monotonic()
        clients["gateway"].publish(topic, encode(Command(command="report")), qos=1)
        taken.append((heard.get(timeout=5) - began) * 1000)
    for client in clients.values():
        client.disconnect()
        client.loop_stop()
    return taken


def memory_mb(store: RunningStore) -> dict[str, float]:
    """Resident memory of each process with its children, in MB."""
    weights = {}
    for name, program in store.programs.items():
        process = psutil.Process(program.pid)
        family = [process, *process.children(recursive=True)]
        weights[name] = round(sum(one.memory_info().rss for one in family) / 1e6, 1)
    return weights


def run(*, quick: bool) -> dict[str, object]:
    """Measure; the store warms up for a minute first (8 s when quick)."""
    rounds = 30 if quick else 300
    footage = FOOTAGE.absolute() if FOOTAGE.exists() else None
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(Path(folder), footage, seed=1, arrivals_per_minute=ARRIVALS_PER_MINUTE, speed=1.0)
        store = RunningStore(plan)
        try:
            store.start(print)
            time.sleep(8 if quick else 60)
            devices = {name: MqttDevice(STORE, name, f"127.0.0.1:{plan.ports.broker}", plan.passwords[name],
                                        client_id=f"bench-{name}") for name in ("till-4", "scan-1")}  # fmt: skip
            for device in devices.values():
                device.start()
                device.wait_until_connected(10)
            figures: dict[str, object] = {
                "camera": footage is not None,
                "bare round trip over the broker": summary(bare_round_trip(store, rounds)),
                "device to screen": summary(to_screen(store, devices["till-4"], rounds)),
                "scan to basket line": summary(to_basket(store, devices["scan-1"], min(rounds, 90))),
                "sale to handheld": summary(to_handheld(store, devices["till-4"], rounds // 3)),
                "stock look-up": summary(look_ups(store, rounds * 5)),
                "memory_mb": memory_mb(store),
            }
            for device in devices.values():
                device.stop()
        finally:
            store.stop()
    return figures
