"""A survey hears shelves that speak MQTT, over a real broker, beside the node that goes on."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync.broker import Broker
from cloud_sync.settings import BrokerSettings, BrokerUser
from edge.adapters.tag_reader import Sighting
from edge.settings import EdgeSettings
from edge.survey.live import LiveSurvey
from edge.survey.session import Session
from edge.survey.walk import WalkPlan
from firmware_stubs.store.devices import MqttDevice
from models.messages.devices import Reads, TagRead
from models.messages.topics import DeviceKind
from models.process.clock import SystemClock
from models.process.health import Health
from tests.survey.conftest import Robot

PASSWORD = "correct-horse"
EPCS = [f"3034257BF4006440000004{number:02X}" for number in range(6)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def settings(tmp_path: Path, port: int) -> EdgeSettings:
    return EdgeSettings.model_validate(
        {
            "store": "s1",
            "node": "pi",
            "data_dir": tmp_path,
            "mqtt": {"hosts": [f"127.0.0.1:{port}"], "username": "pi", "password": PASSWORD},
            "shelf_device": [{"device": "shelf-b", "antennas": {1: "B1", 2: "B2"}}],
        }
    )


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a real broker."""
    found = free_port()
    users = [
        BrokerUser(name="pi", password=PASSWORD, role="node", devices=["shelf-b"]),
        BrokerUser(name="shelf-b", password=PASSWORD, role="device"),
    ]
    broker = Broker(BrokerSettings(store="s1", listen=f"127.0.0.1:{found}", data_dir=tmp_path / "b", users=users))
    broker.start()
    yield found
    broker.stop()


async def until(condition: Callable[[], object], session: Session) -> None:
    """Wait until something came to be; ``session`` goes on meanwhile."""
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came to be: {session.reads} reads")


class Shelf(Robot):
    """Somebody who presses Enter when the shelf was heard, and whose shelf then says that it goes away."""

    def __init__(self, device: MqttDevice) -> None:
        super().__init__(lambda _: "")
        self.device = device
        self.session: Session | None = None

    async def enter(self) -> str:
        assert self.session is not None
        session = self.session
        reads = tuple(TagRead(epc=epc, antenna=1 + n % 2, rssi_dbm=-55.5) for n, epc in enumerate(EPCS))
        other = TagRead(epc=EPCS[0], antenna=9, rssi_dbm=-55.5)

        def said() -> bool:
            self.device.say_state(DeviceKind.READS, Reads(reads=(*reads, other)))
            return session.reads >= 3 * len(EPCS)

        await until(said, session)
        self.device.stop()
        await until(lambda: "B1" in {one.shelf for one in session.progress() if one.silent}, session)
        return "q"


def test_shelves_over_mqtt_are_heard_and_missed_when_they_go(tmp_path: Path, port: int) -> None:
    sheet = "epc,shelf\n" + "".join(f"{epc},B{1 + n % 2}\n" for n, epc in enumerate(EPCS))

    async def walk() -> Session:
        device = MqttDevice("s1", "shelf-b", f"127.0.0.1:{port}", PASSWORD)
        device.start()
        person = Shelf(device)

        def make(session: Session, _health: Health) -> Shelf:
            person.session = session
            return person

        live = LiveSurvey(settings(tmp_path, port), sheet, tmp_path / "survey", WalkPlan())
        return await live.run(make, SystemClock(), lambda line: None)

    session = asyncio.run(walk())
    assert set(session.survey.radio.seen) == set(EPCS)
    assert {antenna for antenna, reads in session.survey.radio.reads.items() if reads} == {"shelf-b:1", "shelf-b:2"}
    recorded = (tmp_path / "survey" / "reads.jsonl").read_text(encoding="utf-8")
    assert '"value":"antenna_disconnected"' in recorded
    assert "shelf-b:9" not in recorded, "an antenna that no settings name says nothing"


def test_a_message_that_is_no_read_is_counted_and_shown(tmp_path: Path, port: int) -> None:
    problems: list[str] = []

    class Watcher(Robot):
        """Somebody who waits until something is wrong."""

        health: Health | None = None

        async def enter(self) -> str:
            assert self.health is not None
            for _ in range(600):
                device._client.publish("aisle/v1/s1/dev/shelf-b/reads", b"nonsense")
                await asyncio.sleep(0.05)
                problems.extend(one.message for one in self.health.problems() if one.subject == "messages")
                if problems:
                    return "q"
            raise AssertionError("nobody said so")

    device = MqttDevice("s1", "shelf-b", f"127.0.0.1:{port}", PASSWORD)

    async def walk() -> None:
        device.start()
        person = Watcher(lambda _: "q")

        def make(_session: Session, health: Health) -> Watcher:
            person.health = health
            return person

        sheet = f"epc,shelf\n{EPCS[0]},B1\n"
        live = LiveSurvey(settings(tmp_path, port), sheet, tmp_path / "survey", WalkPlan())
        await live.run(make, SystemClock(), lambda line: None)

    asyncio.run(walk())
    device.stop()
    assert "refused" in problems[0]


def test_reads_of_an_antenna_that_no_settings_name_say_nothing(tmp_path: Path) -> None:
    heard: list[int] = []

    async def run() -> None:
        def make(session: Session, _health: Health) -> Robot:
            session.read("shelf-b", [Sighting(EPCS[0], 1, -55.0, 1000), Sighting(EPCS[1], 9, -55.0, 1000)])
            heard.append(session.reads)
            return Robot(lambda _: "q")

        sheet = f"epc,shelf\n{EPCS[0]},B1\n"
        live = LiveSurvey(settings(tmp_path, 1), sheet, tmp_path / "survey", WalkPlan())
        await live.run(make, SystemClock(), lambda line: None)

    asyncio.run(run())
    assert heard == [1]
