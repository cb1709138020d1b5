"""A process's folder: made where it is missing, and held: a second process over the same files would harm them."""

import fcntl
from pathlib import Path
from typing import IO, Final

from models.process.settings import BadSettings

LOCK: Final = "lock"


def take_data_dir(path: Path) -> IO[bytes]:
    """Make ``path`` if need be, for this user alone, and hold it until the answer is closed or the process is gone.

    Raises:
        BadSettings: it cannot be made or written, or another process holds it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (path / LOCK).open("ab")
    except OSError as error:
        raise BadSettings(
            f"data_dir: {path} cannot be used: {error.strerror}. Name another folder, or let this user write there."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise BadSettings(
            f"data_dir: {path} is in use by another process that runs with these settings: stop that one first."
        ) from error
    return lock
