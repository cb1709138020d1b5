"""Who may call what: a store by its key, staff by a session, everybody."""

import asyncio
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request

from cloud_sync.hq.settings import StaffSettings, StoreSettings
from cloud_sync.stream.writer import Writer
from models.process.clock import Clock
from models.process.web import Access, Refused

COOKIE: Final = "aisle_staff"
SESSION_MS: Final = 12 * 3_600_000
TRIES: Final = 5
PAUSE_S: Final = 60.0

PASSWORDS: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""19 MiB and two passes (OWASP's smallest argon2id): 40 ms on a PC, and a small machine has the room for it."""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class StoreKeys:
    """Knows a store by the bearer key that it sends. Every key is compared, each in constant time."""

    def __init__(self, stores: Mapping[str, StoreSettings]) -> None:
        self._digests = {store: settings.key_digest for store, settings in stores.items()}
        self.access = Access("store", self._check)

    async def _check(self, request: Request) -> str:
        scheme, _space, key = request.headers.get("authorization", "").partition(" ")
        given = _digest(key.strip())
        matches = [store for store, digest in self._digests.items() if hmac.compare_digest(digest, given)]
        if scheme.lower() != "bearer" or not matches:
            raise Refused(
                401, "no-key", "This store is not known here.", "Compare its key with [[stores]] in hq.toml."
            )
        return matches[0]


class Sessions:
    """Staff sign in with a password; five wrong ones make a pause of a minute for that name."""

    def __init__(self, staff: Mapping[str, StaffSettings], writer: Writer, clock: Clock) -> None:
        self._staff, self._writer, self._clock = staff, writer, clock
        self._wrong: dict[str, tuple[int, float]] = {}
        self._hashing = asyncio.Semaphore(2)
        self.access = Access("staff", self._check)

    async def _check(self, request: Request) -> str:
        token = request.cookies.get(COOKIE, "")
        with self._writer.reading() as connection:
            row = connection.execute(
                "SELECT staff, until_ms FROM sessions WHERE token_sha256 = ?", (_digest(token),)
            ).fetchone()
        if row is None or row["until_ms"] <= self._clock.now_ms() or row["staff"] not in self._staff:
            raise Refused(401, "signed-out", "You are not signed in.", "Sign in and try again.")
        return str(row["staff"])

    async def sign_in(self, name: str, password: str) -> str:
        """Give a token for ``name``'s session.

        Raises:
            Refused: 401 wrong name or password, 429 with the seconds that are left after too many tries.
        """
        if not self._staff:
            hint = "`aisle hq password` makes what belongs under [[staff]] in hq.toml."
            raise Refused(401, "nobody", "Nobody may sign in yet.", hint)
        # All unknown names share one count, so that inventing names fills no memory and tells nothing.
        counted = name if name in self._staff else ""
        self._refuse_while_paused(counted)
        if not await self._is_right(name, password):
            self._count_wrong(counted)
            raise Refused(401, "wrong", "The name or the password is wrong.", "Try again; capital letters count.")
        self._wrong.pop(name, None)
        token = secrets.token_urlsafe(32)
        now_ms = self._clock.now_ms()

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM sessions WHERE until_ms <= ?", (now_ms,))
            connection.execute("INSERT INTO sessions VALUES (?,?,?)", (_digest(token), name, now_ms + SESSION_MS))

        await self._writer.arun(change)
        return token

    async def sign_out(self, token: str) -> None:
        """End a session."""
        digest = _digest(token)
        await self._writer.arun(
            lambda c: c.execute("DELETE FROM sessions WHERE token_sha256 = ?", (digest,)).rowcount
        )

    async def _is_right(self, name: str, password: str) -> bool:
        # A name that nobody has costs as much time as a wrong password.
        person = self._staff.get(name)
        expected = (person or next(iter(self._staff.values()))).password_hash
        async with self._hashing:
            is_same = await asyncio.to_thread(_verify, expected, password)
        return is_same and person is not None

    def _refuse_while_paused(self, name: str) -> None:
        count, since_s = self._wrong.get(name, (0, 0.0))
        left = since_s + PAUSE_S - self._clock.monotonic_s()
        if count >= TRIES and left > 0:
            raise Refused(429, "pause", "Too many wrong passwords.", f"Try again in {int(left) + 1} seconds.")
        if count >= TRIES:
            self._wrong.pop(name, None)

    def _count_wrong(self, name: str) -> None:
        count, _since = self._wrong.get(name, (0, 0.0))
        self._wrong[name] = (count + 1, self._clock.monotonic_s())


def _verify(expected: str, password: str) -> bool:
    try:
        return PASSWORDS.verify(expected, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
