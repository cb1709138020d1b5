"""Facts on which our own fold broke: kept whole and in the order of their stream, to be folded after an update.

Their stream went on without them, so they are folded late, behind what followed them. That is right for what carries
its own time or counts once; what is about the present alone is the late fold's to leave out. ADR 10 says more.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cloud_sync.stream import dead_letters
from cloud_sync.stream.inbox import Fold, Origin, Received
from models.messages.codec import decode_fact
from models.messages.errors import WireError
from models.messages.ids import StreamClass

AT_ONCE: Final = 200
"""So many are folded in one change: what comes meanwhile waits no longer than for a batch."""

Owner = Callable[[str], Fold | None]
"""Node → the late fold for what it said; ``None`` leaves it where it is."""


@dataclass
class Retried:
    """What became of facts that were folded again: how many, and why the last of those that broke again did."""

    folded: int = 0
    refused: int = 0
    failed: int = 0
    detail: str = ""
    upto: int = field(default=0, repr=False)


def retry(connection: sqlite3.Connection, owner: Owner, now_ms: int, retried: Retried) -> bool:
    """Fold the next ones again, in order, each for itself; gives whether there may be more. Call it in a change.

    One that breaks again stays, with its newest reason, and holds up nobody: its stream went on without it before.
    """
    found = connection.execute(
        "SELECT id, node, class, epoch, number, body FROM set_aside WHERE id > ? ORDER BY id LIMIT ?",
        (retried.upto, AT_ONCE),
    ).fetchall()
    for row, node, stream, epoch, number, body in found:
        retried.upto = row
        fold = owner(node)
        if fold is not None:
            _fold(connection, fold, (row, Origin(node, StreamClass(stream), epoch), number, body), now_ms, retried)
    return len(found) == AT_ONCE


def _fold(
    connection: sqlite3.Connection, fold: Fold, kept: tuple[int, Origin, int, bytes], now_ms: int, retried: Retried
) -> None:
    row, origin, number, body = kept
    connection.execute("SAVEPOINT late")
    try:
        fold(connection, origin, [Received(number, decode_fact(body), body)])
    except (sqlite3.OperationalError, sqlite3.InternalError, OSError, MemoryError):
        raise  # the file, not the fact
    except WireError as error:
        connection.execute("ROLLBACK TO late")
        _give_up(connection, kept, error, now_ms)
        retried.refused += 1
    except Exception as error:  # noqa: BLE001 - whatever it is, it waits for the next version
        connection.execute("ROLLBACK TO late")
        retried.failed += 1
        retried.detail = f"{type(error).__name__}: {error}"
        connection.execute("UPDATE set_aside SET detail = ? WHERE id = ?", (retried.detail[:500], row))
    else:
        connection.execute("DELETE FROM set_aside WHERE id = ?", (row,))
        retried.folded += 1
    connection.execute("RELEASE late")


def _give_up(
    connection: sqlite3.Connection, kept: tuple[int, Origin, int, bytes], error: WireError, now_ms: int
) -> None:
    """The newer version knows that it was the sender's fault: a dead letter like any other."""
    row, origin, number, body = kept
    source = f"{origin.node}/{origin.stream.value}/{origin.epoch}/{number}"
    dead_letters.keep(connection, t_ms=now_ms, source=source, reason=error.reason, detail=str(error), body=body)
    connection.execute("DELETE FROM set_aside WHERE id = ?", (row,))


@dataclass(frozen=True)
class Waiting:
    """How many facts wait for a version that can fold them, since when, and why the newest did not fold."""

    facts: int
    since_ms: int | None
    detail: str


def waiting(connection: sqlite3.Connection) -> Waiting:
    """What waits now."""
    facts, since_ms = connection.execute("SELECT count(*), min(t_ms) FROM set_aside").fetchone()
    row = connection.execute("SELECT detail FROM set_aside ORDER BY id DESC LIMIT 1").fetchone()
    return Waiting(facts, since_ms, "" if row is None else row[0])


def is_new_version(connection: sqlite3.Connection, version: str) -> bool:
    """Whether another version folded last; from now on it is this one. Call it in a change."""
    row = connection.execute("SELECT version FROM folded_by").fetchone()
    if row is not None and row[0] == version:
        return False
    connection.execute("DELETE FROM folded_by")
    connection.execute("INSERT INTO folded_by VALUES (?)", (version,))
    return True
