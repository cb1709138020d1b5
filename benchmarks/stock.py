"""Stock look-ups over HTTP while facts are folded, beside the same queries on a bare sqlite3 connection.

The gateway runs as its own process with a real broker; a feeder sends it facts of items that move, batch by batch, as
nodes do. Every answer is timed from the request to the last byte, over one kept connection: nobody types faster.
"""

import http.client
import io
import itertools
import json
import os
import random
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import segno
from msgspec import Raw

from cloud_sync.broker import Broker
from cloud_sync.mqtt import MqttLink
from cloud_sync.settings import BrokerSettings, MqttSettings
from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.writer import Writer
from gateway.app import rules_of
from gateway.core.stock import Floor
from gateway.enrolment import enrol
from gateway.settings import GatewaySettings
from gateway.store import catalogue, stock
from gateway.store.fold import HqFold, Touched
from gateway.store.migrations import migrate
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.facts import Evidence, Fact, ItemMoved, ItemPlaced, PriceChanged, ProductChanged
from models.messages.ids import StreamClass, new_epoch
from models.messages.topics import FactsTopic
from models.process.clock import SystemClock
from models.process.health import Health

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a-benchmark-password"  # noqa: S105 - of a broker that lives for a minute
NAMES = [
    ("milk", "牛奶"),
    ("bread", "面包"),
    ("tea", "茶叶"),
    ("soap", "香皂"),
    ("rice", "大米"),
    ("noodles", "面条"),
]
BATCH = 20


def gtin_of(number: int) -> str:
    body = f"0400000{number:06d}"
    digits = [int(digit) for digit in body]
    check = -(3 * sum(digits[0::2]) + sum(digits[1::2])) % 10
    return f"{body}{check}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


class Shop:
    """A store in a folder: its settings, its catalogue and its items."""

    def __init__(self, folder: Path, products: int, items: int) -> None:
        self.folder = folder
        self.broker_port, self.port = free_port(), free_port()
        self.settings = GatewaySettings.model_validate(
            {
                "store": {"id": "store-1", "name": "Benchmark"},
                "data_dir": folder / "gateway",
                "listen": {"port": self.port},
                "mqtt": {"hosts": [f"127.0.0.1:{self.broker_port}"], "username": "gateway", "password": PASSWORD},
                "hq": {"url": f"http://127.0.0.1:{free_port()}", "key": "nobody-listens-there"},
            }
        )
        self.products = [gtin_of(number) for number in range(products)]
        self.items = [(f"3034257BF7194E{number:010X}", random.choice(self.products)) for number in range(items)]

    def fill(self) -> None:
        """Give the store its catalogue."""
        migrate(self.settings.database)
        clock = SystemClock()
        inbox = Inbox(HqFold(rules_of(self.settings), Touched(), clock), clock=clock)
        epoch, now_ms, first = new_epoch(), clock.now_ms(), 1
        facts: list[Fact] = []
        for number, gtin in enumerate(self.products):
            en, zh = NAMES[number % len(NAMES)]
            facts += (
                ProductChanged(
                    t_ms=now_ms, gtin=gtin, name_en=f"{en} {number}", name_zh=f"{zh}{number}号", tagged=True
                ),
                PriceChanged(t_ms=now_ms, gtin=gtin, price_minor=number + 1, currency="EUR"),
            )
        with Writer(self.settings.database) as writer:
            for start in range(0, len(facts), 500):
                raws = tuple(Raw(encode(fact)) for fact in facts[start : start + 500])
                batch = FactBatch(epoch=epoch, first=first, facts=raws)
                first += len(raws)
                writer.run(lambda c, b=batch: inbox.receive(c, "hq", StreamClass.LEDGER, b))  # type: ignore[misc]

    def broker(self) -> Broker:
        """A broker with the two users that it takes."""
        users = [{"name": name, "password": PASSWORD, "role": role} for name, role in _USERS]
        values = {"store": "store-1", "listen": f"127.0.0.1:{self.broker_port}", "users": users}
        return Broker(BrokerSettings.model_validate({**values, "data_dir": self.folder / "broker"}))

    def config(self) -> Path:
        """The gateway's settings as a file."""
        path = self.folder / "gateway.toml"
        hq, mqtt = self.settings.hq, self.settings.mqtt
        assert hq is not None
        path.write_text(
            f'data_dir = "{self.settings.data_dir}"\n[store]\nid = "store-1"\nname = "Benchmark"\n'
            f'[listen]\nport = {self.port}\n[mqtt]\nhosts = ["{mqtt.hosts[0]}"]\nusername = "gateway"\n'
            f'password = "{PASSWORD}"\n[hq]\nurl = "{hq.url}"\nkey = "{hq.key}"\n',
            encoding="utf-8",
        )
        return path


_USERS = (("gateway", "gateway"), ("shelf-1", "node"))


class Feeder:
    """A node's end of the wire: item facts at a steady rate, numbered as a stream."""

    def __init__(self, shop: Shop) -> None:
        settings = MqttSettings(hosts=[f"127.0.0.1:{shop.broker_port}"], username="shelf-1", password=PASSWORD)
        self._link = MqttLink(settings, client_id="shelf-1", will=None, health=Health(SystemClock()))
        self._topic = str(FactsTopic("store-1", "shelf-1", StreamClass.LEDGER))
        self._shop, self._epoch, self.sent = shop, new_epoch(), 0
        self._link.start()
        while not self._link.is_connected:
            time.sleep(0.01)

    def place_all(self) -> None:
        """Put every item on a shelf."""
        facts = [
            ItemPlaced(t_ms=_now_ms(), epc=epc, gtin=gtin, serial="1", shelf=f"A{number % 40}", p=0.97)
            for number, (epc, gtin) in enumerate(self._shop.items)
        ]
        for start in range(0, len(facts), BATCH):
            self._send(facts[start : start + BATCH])

    def _send(self, facts: list[Any]) -> None:
        raws = tuple(Raw(encode(fact)) for fact in facts)
        batch = FactBatch(epoch=self._epoch, first=self.sent + 1, facts=raws)
        while not self._link.publish(self._topic, encode(batch), qos=1):
            time.sleep(0.01)
        self.sent += len(facts)

    def _move(self) -> ItemMoved:
        epc, gtin = random.choice(self._shop.items)
        evidence = Evidence(reads=12, rssi_dbm=-61.5, read_rate=0.8, last_read_ms=_now_ms())
        shelf = f"A{random.randrange(40)}"
        return ItemMoved(
            t_ms=_now_ms(), epc=epc, gtin=gtin, serial="1", shelf=shelf, from_shelf="A0", p=0.97, evidence=evidence
        )

    @contextmanager
    def flowing(self, per_s: int) -> Iterator[None]:
        """Send ``per_s`` facts a second for as long as the context lasts; none for 0."""
        stopping = threading.Event()

        def work() -> None:
            due_s = time.monotonic()
            while per_s and not stopping.is_set():
                self._send([self._move() for _ in range(BATCH)])
                due_s += BATCH / per_s
                stopping.wait(max(due_s - time.monotonic(), 0))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield
        stopping.set()
        thread.join()

    def stop(self) -> None:
        """Let go of the broker."""
        self._link.stop()


def _memory_mb(pid: int) -> float:
    return round(psutil.Process(pid).memory_info().rss / 1e6, 1)


def _picture() -> bytes:
    drawing = io.BytesIO()
    segno.make("https://id.gs1.org/01/04000000000001").save(drawing, kind="png", scale=40, border=4)
    return drawing.getvalue()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Clerk:
    """A handheld with one kept connection and its cookies."""

    def __init__(self, shop: Shop) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)
        self._cookies: dict[str, str] = {}
        made = enrol(shop.settings, device="Benchmark", manager=f"M{secrets.token_hex(2)}")
        session = json.loads(self.call("POST", "/api/devices/enrol", {"code": made.code}))
        who = next(one["id"] for one in session["clerks"] if one["name"] == made.manager)
        self.call("POST", "/api/session", {"clerk": who, "pin": made.pin})
        self.call("POST", "/api/baskets")

    def call(self, method: str, path: str, body: object = None) -> bytes:
        """One request and its whole answer; anything but a success fails."""
        payload = None if body is None else json.dumps(body).encode()
        return self._send(method, path, payload, "application/json")

    def show(self, picture: bytes) -> None:
        """Send a picture to be read."""
        self._send("POST", "/api/codes/image", picture, "image/png")

    def _send(self, method: str, path: str, payload: bytes | None, kind: str) -> bytes:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if payload is not None:
            headers["content-type"] = kind
        self._connection.request(method, path, body=payload, headers=headers)
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        data = answer.read()
        assert answer.status < 300, (path, answer.status, data)
        return data


def timed(call: Callable[[], object], times: int) -> dict[str, float]:
    """Percentiles in milliseconds and calls per second of ``call``, made ``times`` times after a few to warm up."""
    for _ in range(20):
        call()
    taken = []
    began_s = time.perf_counter()
    for _ in range(times):
        start_s = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start_s) * 1000)
    elapsed_s = time.perf_counter() - began_s
    return {
        "per_s": round(times / elapsed_s, 1),
        "p50_ms": round(percentile(taken, 0.5), 2),
        "p99_ms": round(percentile(taken, 0.99), 2),
    }


def look_ups(shop: Shop, clerk: Clerk, times: int) -> dict[str, dict[str, float]]:
    """The three things that a clerk does all day."""
    names = itertools.count(1)
    some = random.choices(shop.products, k=1000)
    words = [quote(one) for pair in NAMES for one in pair]
    return {
        "by number": timed(lambda: clerk.call("GET", f"/api/stock/{random.choice(some)}"), times),
        "by name": timed(lambda: clerk.call("GET", f"/api/stock?limit=20&q={random.choice(words)}"), times),
        "scan to basket": timed(
            lambda: clerk.call(
                "POST", "/api/baskets/mine/scans", {"text": random.choice(some[:20]), "scan": str(next(names))}
            ),
            min(times, 400),
        ),
    }


def bare(shop: Shop, times: int) -> dict[str, float]:
    """The look-up by number without HTTP, sessions and JSON: the same statements on one sqlite3 connection."""
    connection = sqlite3.connect(f"file:{shop.settings.database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    floor, some = Floor("backroom", "counter", {}), random.choices(shop.products, k=1000)

    def call() -> None:
        row = catalogue.find(connection, random.choice(some), _now_ms())
        assert row is not None
        stock.of(connection, [row], floor, _now_ms())

    try:
        return timed(call, times)
    finally:
        connection.close()


def folded(shop: Shop) -> int:
    with sqlite3.connect(f"file:{shop.settings.database}?mode=ro", uri=True) as connection:
        row = connection.execute("SELECT max(upto) FROM inbox WHERE node = 'shelf-1'").fetchone()
    connection.close()
    return int(row[0] or 0)


@contextmanager
def running(shop: Shop) -> Iterator[int]:
    """Broker and gateway as their own processes; gives the gateway's process id."""
    broker = shop.broker()
    broker.start()
    command = [sys.executable, "-c", "import aisle; aisle.main()", "gateway", "--config", str(shop.config())]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.DEVNULL)
    try:
        while True:
            assert process.poll() is None, "the gateway did not start"
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", shop.port), timeout=1).close()
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
        broker.stop()


def run(quick: bool) -> dict[str, object]:  # noqa: FBT001 - the signature of every benchmark
    """All figures: look-ups at rest and with facts flowing, the bare queries, the gateway's memory."""
    products, items, times = (200, 1000, 100) if quick else (2000, 5000, 1000)
    results: dict[str, object] = {"products": products, "items": items}
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), products, items)
        shop.fill()
        with running(shop) as pid:
            feeder = Feeder(shop)
            feeder.place_all()
            while folded(shop) < feeder.sent:
                time.sleep(0.05)
            clerk = Clerk(shop)
            for per_s in (0, 100, 1000):
                with feeder.flowing(per_s):
                    results[f"{per_s} facts/s"] = look_ups(shop, clerk, times)
            while folded(shop) < feeder.sent:
                time.sleep(0.05)
            results["facts folded"] = feeder.sent
            results["bare sqlite3, by number"] = baseline = bare(shop, times)
            results["bare HTTP, a route without a database"] = http_alone = timed(
                lambda: clerk.call("GET", "/api/lanes"), times
            )
            at_demo = results["100 facts/s"]
            assert isinstance(at_demo, dict)
            per_s = at_demo["by number"]["per_s"]
            results["ratio to bare sqlite3"] = round(per_s / baseline["per_s"], 3)
            results["ratio to bare HTTP"] = round(per_s / http_alone["per_s"], 3)
            results["gateway memory MB"] = _memory_mb(pid)
            clerk.show(_picture())
            results["gateway memory MB, after a picture"] = _memory_mb(pid)
            feeder.stop()
    return results


def main() -> None:
    """Print the figures as a table."""
    for name, figure in run(quick="--quick" in sys.argv).items():
        rows = figure if isinstance(figure, dict) else {"": figure}
        if "per_s" in rows:
            rows = {"": rows}
        for what, value in rows.items():
            shown = (
                "  ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else value
            )
            print(f"{name:40} {what:16} {shown}")


if __name__ == "__main__":
    main()
