"""Who may come in: clerks, enrolled devices, sessions, one-time enrolment codes. Of secrets only hashes are kept."""

import hashlib
import secrets
import sqlite3
from functools import cache
from threading import Lock
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SESSION_MS: Final = 12 * 3_600_000
ENROLMENT_MS: Final = 15 * 60_000
_CODE_CHARACTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# OWASP's smallest setting: 19 MB and two passes, about 0.1 s on a Raspberry Pi 4, where the default takes 64 MB.
_pins: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_one_at_a_time: Final = Lock()
"""Ten who guess at once shall not take ten times the memory."""


class LastManager(Exception):
    """The last manager cannot be removed: nobody could let anybody in any more."""


def hash_token(token: str) -> str:
    """What is kept of a random token: it has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_pin(pin: str) -> str:
    """What is kept of a PIN (argon2id). Takes a tenth of a second: not on the event loop."""
    return _pins.hash(pin)


def pin_fits(pin_hash: str | None, pin: str) -> bool:
    """Whether ``pin`` is the one. Takes a tenth of a second: not on the event loop.

    Somebody who is not there (``None``) takes as long, so that the time does not tell who is.
    """
    with _one_at_a_time:
        try:
            _pins.verify(_nobody() if pin_hash is None else pin_hash, pin)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return pin_hash is not None


@cache
def _nobody() -> str:
    return _pins.hash(secrets.token_hex(8))


def add_clerk(connection: sqlite3.Connection, name: str, role: str, pin_hash: str, t_ms: int) -> str:
    """Add a clerk or manager; gives their id."""
    clerk = "c-" + secrets.token_hex(4)
    connection.execute(
        "INSERT INTO clerks(clerk, name, role, pin_hash, created_ms) VALUES (?,?,?,?,?)",
        (clerk, name, role, pin_hash, t_ms),
    )
    return clerk


def clerks(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """All clerks by name; their PIN hashes stay here."""
    return connection.execute("SELECT clerk, name, role, created_ms FROM clerks ORDER BY name, clerk").fetchall()


def clerk(connection: sqlite3.Connection, who: str) -> sqlite3.Row | None:
    """One clerk with the hash of their PIN."""
    row: sqlite3.Row | None = connection.execute("SELECT * FROM clerks WHERE clerk = ?", (who,)).fetchone()
    return row


def remove_clerk(connection: sqlite3.Connection, who: str) -> bool:
    """Remove a clerk and end their sessions. Raises ``LastManager``."""
    removed = connection.execute("DELETE FROM clerks WHERE clerk = ?", (who,)).rowcount > 0
    if removed and not connection.execute("SELECT 1 FROM clerks WHERE role = 'manager'").fetchone():
        raise LastManager
    return removed


def add_enrolment(connection: sqlite3.Connection, name: str, t_ms: int) -> tuple[str, int]:
    """Make a one-time code for a device that will be called ``name``; gives the code and when it expires."""
    code = "".join(secrets.choice(_CODE_CHARACTERS) for _ in range(12))
    connection.execute("DELETE FROM enrolments WHERE expires_ms < ?", (t_ms,))
    connection.execute("INSERT INTO enrolments VALUES (?,?,?)", (hash_token(code), name, t_ms + ENROLMENT_MS))
    return code, t_ms + ENROLMENT_MS


def enrol(connection: sqlite3.Connection, code: str, t_ms: int) -> tuple[str, str, str] | None:
    """Use up an enrolment code. Gives the device's id, name and token; ``None`` for a wrong, used or expired code."""
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    row = connection.execute(
        "DELETE FROM enrolments WHERE code_hash = ? RETURNING name, expires_ms", (hash_token(plain),)
    ).fetchone()
    if row is None or row[1] < t_ms:
        return None
    device, token = "d-" + secrets.token_hex(4), secrets.token_urlsafe(32)
    connection.execute("INSERT INTO devices VALUES (?,?,?,?)", (device, row[0], hash_token(token), t_ms))
    return device, str(row[0]), token


def devices(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """All enrolled devices by name."""
    return connection.execute("SELECT device, name, enrolled_ms FROM devices ORDER BY name, device").fetchall()


def device_by_token(connection: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    """The enrolled device that a cookie names."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT device, name FROM devices WHERE token_hash = ?", (hash_token(token),)
    ).fetchone()
    return row


def remove_device(connection: sqlite3.Connection, device: str) -> bool:
    """Forget a device and end its sessions."""
    return connection.execute("DELETE FROM devices WHERE device = ?", (device,)).rowcount > 0


def open_session(connection: sqlite3.Connection, who: str, device: str, t_ms: int) -> str:
    """Sign a clerk in on a device, whoever was signed in there before; gives the session's token."""
    token = secrets.token_urlsafe(32)
    connection.execute("DELETE FROM sessions WHERE device = ? OR expires_ms < ?", (device, t_ms))
    connection.execute(
        "INSERT INTO sessions VALUES (?,?,?,?,?)", (hash_token(token), who, device, t_ms, t_ms + SESSION_MS)
    )
    return token


def session(connection: sqlite3.Connection, token: str, device_token: str, t_ms: int) -> sqlite3.Row | None:
    """Who a session cookie names, on the device that it was opened on, while it lasts."""
    row: sqlite3.Row | None = connection.execute(
        """SELECT clerks.clerk, clerks.name, clerks.role, sessions.device FROM sessions JOIN clerks USING (clerk)
           JOIN devices USING (device)
           WHERE sessions.token_hash = ? AND devices.token_hash = ? AND sessions.expires_ms > ?""",
        (hash_token(token), hash_token(device_token), t_ms),
    ).fetchone()
    return row


def close_session(connection: sqlite3.Connection, token: str) -> None:
    """Sign out."""
    connection.execute("DELETE FROM sessions WHERE token_hash = ?", (hash_token(token),))


def prune(connection: sqlite3.Connection, t_ms: int) -> int:
    """Forget expired sessions and codes; gives how many."""
    gone = connection.execute("DELETE FROM sessions WHERE expires_ms < ?", (t_ms,)).rowcount
    return gone + connection.execute("DELETE FROM enrolments WHERE expires_ms < ?", (t_ms,)).rowcount
