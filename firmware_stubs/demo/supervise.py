"""Starts programs, waits until they are ready, and stops them cleanly, the last one first."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


def free_port(preferred: int) -> int:
    """``preferred`` when nobody listens there on loopback, else one that is free now."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoError("no port is free on this machine")


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Whether a web address answers at all, be it that something is wrong (503)."""
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own loopback addresses
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Program:
    """A process with its log in a file."""

    def __init__(self, name: str, command: list[str], log: Path, is_ready: Callable[[], bool]) -> None:
        self.name, self._command, self.log, self._is_ready = name, command, log, is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id; 0 before it was started."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches the demo first."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )

    def wait_until_ready(self, timeout_s: float = 30.0) -> None:
        """Wait until it serves.

        Raises:
            DemoError: it ended, or was not ready in time; with the end of its log.
        """
        deadline = time.monotonic() + timeout_s
        while not self._is_ready():
            if not self.is_running():
                raise DemoError(f"{self.name} ended while starting. The end of {self.log}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise DemoError(f"{self.name} was not ready after {timeout_s:.0f} s. See {self.log}:\n{self.tail()}")
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def kill(self) -> None:
        """SIGKILL to all of its processes, as a power switch would."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self, timeout_s: float = 15.0) -> bool:
        """Ask it to end; whether it did so cleanly and in time."""
        if self._process is None:
            return True
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout_s) == 0
        except subprocess.TimeoutExpired:
            self.kill()
            return False
