"""How an outbox makes room: what was acknowledged goes first, then the oldest telemetry, and never the ledger."""

import sqlite3
from typing import Final

from cloud_sync.stream.chunks import dropped_chunk
from models.messages.ids import StreamClass, new_epoch

ROW_BYTES: Final = 64
"""What a chunk takes in the file beyond its body."""

YEAR_2024_MS: Final = 1_704_067_200_000
_AT_ONCE: Final = 200
_PRUNED_AT_ONCE: Final = 5000
_DROPPED_BYTES: Final = 400
"""Room for the ``FactsDropped`` itself."""


def release_acknowledged(connection: sqlite3.Connection, peer: str, excess: int) -> int:
    """Delete acknowledged chunks, the oldest first, until ``excess`` bytes are free; gives how many became free."""
    freed = 0
    while freed < excess and (oldest := _oldest_acknowledged(connection, peer)):
        for _t_ms, seq, stream, size in oldest:
            _delete(connection, peer, stream, seq, size)
            freed += size
            if freed >= excess:
                break
    return freed


def _oldest_acknowledged(connection: sqlite3.Connection, peer: str) -> list[tuple[int, int, str, int]]:
    """Some of the oldest, as (t_ms, seq, class, bytes): each class by its key, so that no big table is sorted."""
    found: list[tuple[int, int, str, int]] = []
    for stream, acked in connection.execute(
        "SELECT class, acked FROM outbox_heads WHERE peer = ?", (peer,)
    ).fetchall():
        found += connection.execute(
            f"SELECT t_ms, seq, class, length(body) + {ROW_BYTES} FROM outbox"  # noqa: S608 - a constant
            " WHERE peer = ? AND class = ? AND seq <= ? AND seq + span - 1 <= ? ORDER BY seq LIMIT ?",
            (peer, stream, acked, acked, _AT_ONCE),
        ).fetchall()
    return sorted(found)


def thin_telemetry(connection: sqlite3.Connection, peer: str, excess: int, now_ms: int) -> int:
    """Replace the oldest unacknowledged telemetry by one ``FactsDropped``; gives how many bytes became free."""
    stream = StreamClass.TELEMETRY.value
    rows = connection.execute(
        "SELECT seq, span, t_ms, lost, length(body) FROM outbox WHERE peer = ? AND class = ? ORDER BY seq",
        (peer, stream),
    )
    freed, first, span, count, t_ms, until_ms = 0, 0, 0, 0, now_ms, 0
    doomed: list[tuple[int, int]] = []
    for seq, row_span, row_ms, lost, length in rows:
        if freed >= excess + _DROPPED_BYTES and not lost:
            break
        if not doomed:
            first, t_ms = seq, row_ms
        doomed.append((seq, length + ROW_BYTES))
        freed += length + ROW_BYTES
        span += row_span
        count += 0 if lost else row_span
        until_ms = max(until_ms, row_ms)
    if count == 0:
        return 0
    rows.close()
    for seq, size in doomed:
        _delete(connection, peer, stream, seq, size)
    chunk = dropped_chunk(span, "budget", t_ms, until_ms)
    connection.execute("INSERT INTO outbox VALUES(?,?,?,?,?,1,?)", (peer, stream, first, span, until_ms, chunk.body))
    connection.execute(
        "UPDATE outbox_heads SET bytes = bytes + ?, dropped = dropped + ? WHERE peer = ? AND class = ?",
        (len(chunk.body) + ROW_BYTES, count, peer, stream),
    )
    return freed - len(chunk.body) - ROW_BYTES


def delete_upto(connection: sqlite3.Connection, peer: str, stream: str, upto: int) -> int:
    """Delete chunks whose last number is at most ``upto``, a bounded number at a time; gives how many."""
    seqs, size, last = connection.execute(
        f"SELECT count(*), sum(length(body) + {ROW_BYTES}), max(seq) FROM ("  # noqa: S608 - a constant
        "SELECT seq, body FROM outbox WHERE peer = ? AND class = ? AND seq <= ? AND seq + span - 1 <= ?"
        " ORDER BY seq LIMIT ?)",
        (peer, stream, upto, upto, _PRUNED_AT_ONCE),
    ).fetchone()
    if seqs:
        connection.execute("DELETE FROM outbox WHERE peer = ? AND class = ? AND seq <= ?", (peer, stream, last))
        connection.execute(
            "UPDATE outbox_heads SET bytes = bytes - ? WHERE peer = ? AND class = ?", (size, peer, stream)
        )
    if seqs < _PRUNED_AT_ONCE:
        connection.execute(
            "DELETE FROM outbox_marks WHERE peer = ? AND class = ? AND upto <= ?", (peer, stream, upto)
        )
    return int(seqs)


def _delete(connection: sqlite3.Connection, peer: str, stream: str, seq: int, size: int) -> None:
    connection.execute("DELETE FROM outbox WHERE peer = ? AND class = ? AND seq = ?", (peer, stream, seq))
    connection.execute("UPDATE outbox_heads SET bytes = bytes - ? WHERE peer = ? AND class = ?", (size, peer, stream))


def renew(connection: sqlite3.Connection, peer: str, stream: StreamClass) -> None:
    """Begin a new epoch: what is not acknowledged is numbered again from 1, what is acknowledged is let go."""
    key = (peer, stream.value)
    rows = connection.execute(
        "SELECT o.span, o.t_ms, o.lost, o.body FROM outbox o JOIN outbox_heads h USING(peer, class)"
        " WHERE o.peer = ? AND o.class = ? AND o.seq + o.span - 1 > h.acked ORDER BY o.seq",
        key,
    ).fetchall()
    connection.execute("DELETE FROM outbox WHERE peer = ? AND class = ?", key)
    connection.execute("DELETE FROM outbox_marks WHERE peer = ? AND class = ?", key)
    number, size = 1, 0
    for span, t_ms, lost, body in rows:
        connection.execute("INSERT INTO outbox VALUES(?,?,?,?,?,?,?)", (*key, number, span, t_ms, lost, body))
        number += span
        size += len(body) + ROW_BYTES
    connection.execute(
        "UPDATE outbox_heads SET epoch = ?, next_seq = ?, acked = 0, bytes = ? WHERE peer = ? AND class = ?",
        (new_epoch(), number, size, *key),
    )
