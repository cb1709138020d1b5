"""A copy of the database every night, made while it is in use.

A copy that is put back later is behind: the stores' streams notice, and what it lacks is sent again.
"""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cloud_sync.stream.writer import Writer


def keep_copy(writer: Writer, folder: Path, now_ms: int, keep: int) -> Path | None:
    """Make today's copy if there is none yet, and keep the newest ``keep``; gives the new copy.

    Raises:
        OSError: the disk refuses; the copies that are there stay.
        sqlite3.Error: the same.
    """
    target = folder / f"hq-{datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()}.db"
    if keep == 0 or target.exists():
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with writer.reading() as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
    unfinished.chmod(0o600)
    handle = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    unfinished.rename(target)
    for old in sorted(folder.glob("hq-*.db"))[:-keep]:
        old.unlink()
    return target
