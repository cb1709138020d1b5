"""The first way in: a one-time link for a device and a first manager's PIN, made at the gateway's own machine."""

import secrets
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass

from gateway.core.enrolment import enrolment_url
from gateway.core.pin import is_good
from gateway.settings import GatewaySettings
from gateway.store import clerks
from gateway.store.migrations import migrate
from models.process.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What to hand over. ``pin`` is there when a manager was made."""

    code: str
    url: str
    expires_ms: int
    manager: str | None = None
    pin: str | None = None


def enrol(
    settings: GatewaySettings, *, device: str, manager: str | None = None, clock: Clock | None = None
) -> Enrolled:
    """Make an enrolment code, and a manager called ``manager``; works beside a running gateway.

    A store without a manager gets one in any case: nobody else could let anybody in.
    """
    now_ms = (clock or SystemClock()).now_ms()
    migrate(settings.database)
    with closing(sqlite3.connect(settings.database, isolation_level=None, timeout=10.0)) as connection:
        # The gateway's own writer moves the log into the file; two who do it have damaged files before SQLite 3.51.3.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        has_manager = any(row[2] == "manager" for row in clerks.clerks(connection))
        name = manager or (None if has_manager else "Manager")
        pin = None if name is None else _new_pin()
        if name is not None and pin is not None:
            clerks.add_clerk(connection, name, "manager", clerks.hash_pin(pin), now_ms)
        code, expires_ms = clerks.add_enrolment(connection, device, now_ms)
        connection.execute("COMMIT")
    return Enrolled(code, enrolment_url(_address(settings), code), expires_ms, name, pin)


def _address(settings: GatewaySettings) -> str:
    """What another device can open: a gateway that listens everywhere is found at this machine's own address."""
    listen = settings.listen
    if listen.url is not None or listen.host not in {"0.0.0.0", "::"}:  # noqa: S104 - asked for, not bound to
        return listen.address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only looks up which of its addresses leads out.
            probe.connect(("192.0.2.1", 9))
            host = probe.getsockname()[0]
        except OSError:
            host = "127.0.0.1"
    return f"{'https' if listen.is_tls else 'http'}://{host}:{listen.port}"


def _new_pin() -> str:
    while not is_good(pin := f"{secrets.randbelow(1_000_000):06d}"):
        pass
    return pin
