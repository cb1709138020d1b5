"""What can go wrong with the file that holds a stream.

StorageError              the file cannot take a change now: nothing was changed, the same call may succeed later
├── StorageFull           the disk is full
└── OutboxFull            what must never be dropped fills the outbox's byte budget
DamagedDatabase           the file is not a healthy SQLite database: a person has to move it aside
"""

from pathlib import Path


class StorageError(OSError):
    """The file cannot take a change now. Nothing was changed; the same call may succeed later."""


class StorageFull(StorageError):
    """The disk is full."""


class OutboxFull(StorageError):
    """Facts that must never be dropped fill the outbox; its peer has to be reached before more are taken in."""


class DamagedDatabase(Exception):
    """The file is not a healthy SQLite database. It is never replaced silently, as it may hold unsent facts."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"{path} is damaged ({detail}). Move {path.name}, {path.name}-wal and {path.name}-shm aside and start "
            f"again: a new stream begins, and what had not been sent is missing. "
            f"`sqlite3 {path.name} .recover` saves what can be read."
        )
        self.path = path
