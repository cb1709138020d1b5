"""``aisle broker`` as an operator runs it, and the files that it makes for Mosquitto."""

import gc
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import typer
from typer.testing import CliRunner

from cloud_sync.broker import Broker, BrokerFailed
from cloud_sync.certificates import make_certificates
from cloud_sync.commands import mount
from cloud_sync.mosquitto import mosquitto_acl, mosquitto_configuration
from cloud_sync.mqtt import MqttLink
from cloud_sync.settings import BrokerSettings, MqttSettings
from models.process.clock import SystemClock
from models.process.health import Health
from models.process.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "mosquitto"


def until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def config(tmp_path: Path, port: int) -> Path:
    path = tmp_path / "broker.toml"
    path.write_text(
        f'store = "s1"\nlisten = "127.0.0.1:{port}"\ndata_dir = "{tmp_path}/data"\n'
        '[[users]]\nname = "gateway"\npassword = "correct-horse"\nrole = "gateway"\n',
        encoding="utf-8",
    )
    return path


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def command(config: Path) -> list[str]:
    return [str(Path(sys.executable).with_name("aisle")), "broker", "--config", str(config)]


def running(config: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command(config), stderr=subprocess.DEVNULL)


def server_of(process: "subprocess.Popen[bytes]") -> psutil.Process:
    until(lambda: psutil.Process(process.pid).children())
    return psutil.Process(process.pid).children()[0]


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_server_ends_with_the_command_however_that_ends(config: Path, port: int, signal_number: int) -> None:
    with running(config) as process:
        until(lambda: listens(port))
        server = server_of(process)
        process.send_signal(signal_number)
        process.wait()
        until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
        assert process.returncode == (-signal.SIGKILL if signal_number == signal.SIGKILL else 0)


def test_a_server_that_dies_is_started_again(config: Path, port: int) -> None:
    with running(config) as process:
        until(lambda: listens(port))
        first = server_of(process)
        first.kill()
        until(lambda: any(child.pid != first.pid for child in psutil.Process(process.pid).children()))
        until(lambda: listens(port))
        process.terminate()


def test_a_bad_file_is_refused_with_its_line_and_no_password(config: Path) -> None:
    config.write_text(
        config.read_text(encoding="utf-8").replace('role = "gateway"', 'role = "boss"'), encoding="utf-8"
    )
    with running(config) as process:
        assert process.wait() == 2
    with config.open("a", encoding="utf-8") as file:
        file.write("lane = 1\n")
    done = subprocess.run(command(config), capture_output=True, text=True, check=False)
    assert f"{config}:7" in done.stderr
    assert "correct-horse" not in done.stderr


def test_an_address_that_is_taken_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = BrokerSettings.model_validate(
            {
                "store": "s1",
                "listen": f"127.0.0.1:{taken.getsockname()[1]}",
                "data_dir": tmp_path / "data",
                "users": [{"name": "gateway", "password": "correct-horse", "role": "gateway"}],
            }
        )
        with pytest.raises(BrokerFailed, match="free"):
            Broker(settings).start()


def test_the_example_for_mosquitto_is_what_the_command_makes() -> None:
    settings = load_settings(EXAMPLE / "broker.toml", BrokerSettings)
    assert (EXAMPLE / "acl").read_text(encoding="utf-8").strip() == mosquitto_acl(settings).strip()
    conf = (EXAMPLE / "mosquitto.conf").read_text(encoding="utf-8")
    assert conf.strip() == mosquitto_configuration(settings).strip()


@pytest.mark.parametrize("kind", ["nats", "mosquitto"])
def test_what_is_printed_has_no_password(config: Path, kind: str) -> None:
    app = typer.Typer()
    mount(app, typer.Typer())
    done = CliRunner().invoke(app, ["broker", "--config", str(config), "--print", kind])
    assert done.exit_code == 0
    assert "gateway" in done.output
    assert "correct-horse" not in done.output


def test_certificates_are_made_by_one_command(tmp_path: Path) -> None:
    app = typer.Typer()
    mount(app, typer.Typer())
    done = CliRunner().invoke(app, ["certificates", str(tmp_path / "c"), "--name", "gateway"])
    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "c").iterdir()} == {"ca.pem", "ca.key", "gateway.pem", "gateway.key"}


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves a refused socket to Python
def test_a_link_speaks_tls_with_the_broker_that_its_authority_vouches_for_and_with_no_other(
    tmp_path: Path, port: int
) -> None:
    own, strange = tmp_path / "own", tmp_path / "strange"
    make_certificates(own, ["127.0.0.1"], days=30)
    make_certificates(strange, ["127.0.0.1"], days=30)
    settings = BrokerSettings.model_validate(
        {
            "store": "s1",
            "listen": f"127.0.0.1:{port}",
            "data_dir": tmp_path / "data",
            "cert_file": own / "127.0.0.1.pem",
            "key_file": own / "127.0.0.1.key",
            "users": [{"name": "gateway", "password": "correct-horse", "role": "gateway"}],
        }
    )
    server = Broker(settings)
    server.start()
    try:
        for authority, is_trusted in ((own, True), (strange, False)):
            health = Health(SystemClock())
            mqtt = MqttSettings(
                hosts=[settings.listen], username="gateway", password="correct-horse", ca_file=authority / "ca.pem"
            )
            link = MqttLink(mqtt, client_id="gateway", will=None, health=health)
            link.start()
            until(lambda link=link, health=health: link.is_connected or health.problems())  # type: ignore[misc]
            assert link.is_connected is is_trusted
            link.stop()
            del link
            gc.collect()
    finally:
        server.stop()
