"""What ``aisle broker`` does: settings in, a running server or its configuration out."""

import os
import signal
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Literal

import structlog
import typer

from cloud_sync.broker import Broker, BrokerFailed
from cloud_sync.broker_monitor import BrokerMonitor
from cloud_sync.mosquitto import mosquitto_acl, mosquitto_configuration, mosquitto_passwords
from cloud_sync.nats import nats_configuration
from cloud_sync.settings import BrokerSettings
from models.process.data_dir import take_data_dir
from models.process.logs import configure_logs
from models.process.settings import BadSettings, load_settings

_log = structlog.get_logger(__name__)


def run_broker(config: Path) -> None:
    """Run until SIGTERM or Ctrl-C; SIGHUP reads the settings again. Raises ``BadSettings``."""
    configure_logs("broker")
    settings = load_settings(config, BrokerSettings)
    with take_data_dir(settings.data_dir):
        _run(config, settings)


def _run(config: Path, settings: BrokerSettings) -> None:
    stop = Event()
    server = Broker(settings)

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    def reload(_signal: int, _frame: FrameType | None) -> None:
        try:
            server.reload(load_settings(config, BrokerSettings))
        except BadSettings as error:
            _log.error("settings not taken over", reason=str(error))

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, reload)
    try:
        server.start()
    except BrokerFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    _warn_of_clear_text(settings)
    _log.info("broker listens", address=settings.listen, users=len(settings.users))
    try:
        with BrokerMonitor(settings, server):
            server.serve(stop)
    except OSError as error:
        typer.echo(f"{settings.monitor}: /health cannot be served there: {error}", err=True)
        raise typer.Exit(1) from error
    finally:
        server.stop()


def _warn_of_clear_text(settings: BrokerSettings) -> None:
    if not settings.listen.startswith(("127.", "localhost")) and settings.cert_file is None:
        hint = "set cert_file and key_file (`aisle certificates`), or keep it on a network of its own"
        _log.warning("passwords cross the network in clear text", address=settings.listen, hint=hint)


def print_configuration(config: Path, kind: Literal["nats", "mosquitto"]) -> str:
    """The configuration that would be used, passwords left out. Raises ``BadSettings``."""
    settings = load_settings(config, BrokerSettings)
    hidden = settings.model_copy(
        update={"users": [user.model_copy(update={"password": "(hidden)"}) for user in settings.users]}
    )
    if kind == "nats":
        return nats_configuration(hidden)
    return f"{mosquitto_configuration(hidden)}\n# --- acl\n{mosquitto_acl(hidden)}"


def write_mosquitto(config: Path, directory: Path) -> None:
    """Write the three files that Mosquitto needs; the passwords are hashed, and for their owner only."""
    settings = load_settings(config, BrokerSettings)
    directory.mkdir(parents=True, exist_ok=True)
    where = str(directory.resolve())
    (directory / "mosquitto.conf").write_text(mosquitto_configuration(settings, where), encoding="utf-8")
    for name, text in (("acl", mosquitto_acl(settings)), ("passwords", mosquitto_passwords(settings))):
        descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
