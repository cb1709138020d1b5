"""Real brokers, and clients of them."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync.broker import Broker
from cloud_sync.broker_run import write_mosquitto
from cloud_sync.mqtt import MqttLink
from cloud_sync.settings import BrokerSettings, BrokerUser, MqttSettings
from models.process.clock import SystemClock
from models.process.health import Health

PASSWORD = "correct-horse"
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
MISSING = (
    "Mosquitto is not installed: "
    "sudo apt-get install -y --no-install-recommends chromium mosquitto fonts-noto-cjk fontconfig"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def settings_of(data_dir: Path, port: int) -> BrokerSettings:
    def user(name: str, role: str, **given: list[str]) -> BrokerUser:
        return BrokerUser.model_validate({"name": name, "password": PASSWORD, "role": role, **given})

    return BrokerSettings(
        store="s1",
        listen=f"127.0.0.1:{port}",
        data_dir=data_dir,
        users=[
            user("gateway", "gateway"),
            user("node-1", "node", devices=["scanner-1", "scanner-2"], lanes=["lane-1"], doors=["main"]),
            user("node-2", "node", lanes=["lane-2"]),
            user("scanner-1", "device"),
            user("scanner-2", "device"),
        ],
    )


class MosquittoBroker:
    """Debian's Mosquitto with the configuration that ``aisle broker --mosquitto`` writes."""

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert Path(MOSQUITTO).exists(), MISSING
        directory = self._settings.data_dir
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "broker.toml"
        config.write_text(toml_of(self._settings), encoding="utf-8")
        write_mosquitto(config, directory)
        if os.geteuid() == 0:  # it would become the user «mosquitto», who cannot read a test's files
            with (directory / "mosquitto.conf").open("a", encoding="utf-8") as file:
                file.write("user root\n")
        with (directory / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", directory / "mosquitto.conf"], stdout=log, stderr=log)
        host, _, port = self._settings.listen.rpartition(":")
        until(lambda: can_connect(host, int(port)))

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def toml_of(settings: BrokerSettings) -> str:
    lines = [f'store = "{settings.store}"', f'listen = "{settings.listen}"', f'data_dir = "{settings.data_dir}"']
    for user in settings.users:
        lines += ["[[users]]", f'name = "{user.name}"', f'password = "{user.password}"', f'role = "{user.role}"']
        lines += [f"{key} = {getattr(user, key)}" for key in ("devices", "lanes", "doors") if getattr(user, key)]
    return "\n".join(lines) + "\n"


def can_connect(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    """Wait for something that has to happen; how fast is not the question here."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


AnyBroker = Broker | MosquittoBroker


@pytest.fixture(scope="module", params=["nats", "mosquitto"])
def broker_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerSettings]:
    """The settings of a running broker, once for each kind of broker."""
    settings = settings_of(tmp_path_factory.mktemp("broker") / "data", free_port())
    server: AnyBroker = Broker(settings) if request.param == "nats" else MosquittoBroker(settings)
    try:
        server.start()
        yield settings
    finally:
        server.stop()


@pytest.fixture
def health() -> Health:
    return Health(SystemClock())


def noting(heard: list[tuple[str, bytes]]) -> Callable[[str, bytes], None]:
    return lambda topic, payload: heard.append((topic, payload))


OpenLink = Callable[..., MqttLink]


@pytest.fixture
def open_link(broker_settings: BrokerSettings, health: Health) -> Iterator[OpenLink]:
    """Connects as a user and waits until it is; all links are stopped in the end."""
    opened: list[MqttLink] = []

    def open_(
        name: str,
        *,
        password: str = PASSWORD,
        will: tuple[str, bytes] | None = None,
        hear: dict[str, list[tuple[str, bytes]]] | None = None,
        wait: bool = True,
    ) -> MqttLink:
        settings = MqttSettings(hosts=[broker_settings.listen], username=name, password=password)
        link = MqttLink(settings, client_id=name, will=will, health=health)
        for topic, heard in (hear or {}).items():
            link.subscribe(topic, 1, noting(heard))
        link.start()
        opened.append(link)
        if wait:
            until(lambda: link.is_connected)
        return link

    yield open_
    for link in opened:
        link.stop()
