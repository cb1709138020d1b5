"""Connections for look-ups, kept between them: opening one and reading its schema costs fifteen times a look-up.

What must be short is the transaction, because an open one keeps the write-ahead log from being moved into the file.
Each look-up has its own, and none is open in between.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

MOST_KEPT: Final = 4


class Readers:
    """A few query-only connections to one database file. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: list[sqlite3.Connection] = []
        self._lock = Lock()
        self._is_closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the file; keep it for milliseconds."""
        with self._lock:
            connection = self._kept.pop() if self._kept else None
        if connection is None:
            connection = self._open()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            self._give_back(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{self._path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=5.0
        )
        connection.row_factory = sqlite3.Row
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            connection.rollback()
        except sqlite3.Error:
            # Whatever happened to it, nobody else shall have it.
            connection.close()
            return
        with self._lock:
            if len(self._kept) < MOST_KEPT and not self._is_closed:
                self._kept.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            kept, self._kept, self._is_closed = self._kept, [], True
        for connection in kept:
            connection.close()
