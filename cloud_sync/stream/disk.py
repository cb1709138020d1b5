"""What a disk does to a database file: it fills up, and it breaks."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from cloud_sync.stream.errors import DamagedDatabase, StorageError, StorageFull

BALLAST_BYTES: Final = 4_000_000
"""Kept beside the database and released when the disk is full, because DELETE and checkpoints need room as well."""

CHECKED_BYTES: Final = 64_000_000
"""A file up to this size is checked page by page at start; a bigger one is checked by its header and schema."""


class Ballast:
    """A file of no use but its size."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + "-ballast")

    def fill(self) -> bool:
        """Take the room again; false when there is none."""
        try:
            if self._path.exists() and self._path.stat().st_size == BALLAST_BYTES:
                return True
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room back."""
        self._path.unlink(missing_ok=True)


def storage_error(error: sqlite3.Error) -> Exception:
    """Tell what passes (a full disk, an I/O error, a lock) from what does not; the latter stays as it is."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_FULL"):
        return StorageFull("the disk is full")
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_NOMEM")):
        return StorageError(f"the disk refuses: {error}")
    return error


def check_health(path: Path) -> None:
    """Look whether ``path`` is a healthy database; one that is not there yet is.

    Raises:
        DamagedDatabase: it is something else, or its pages do not fit together.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        if path.stat().st_size <= CHECKED_BYTES:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise DamagedDatabase(path, str(verdict))
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise DamagedDatabase(path, str(error)) from error
    finally:
        connection.close()
