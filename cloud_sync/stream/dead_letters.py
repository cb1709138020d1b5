"""Messages that were refused: the newest are kept for the manager to read, and all are counted for ever."""

import sqlite3
from dataclasses import dataclass

KEPT = 1000
"""How many of the newest refused messages are kept."""

BODY_BYTES = 4096
"""How much of each is kept."""

SET_ASIDE = 50_000
"""So many facts on which our own fold broke are kept whole: of a few hundred bytes each."""


@dataclass(frozen=True)
class DeadLetter:
    """One refused message: ``reason`` is one word, ``detail`` says what was wrong, ``body`` is its beginning."""

    t_ms: int
    source: str
    reason: str
    detail: str
    body: bytes


def keep(connection: sqlite3.Connection, *, t_ms: int, source: str, reason: str, detail: str, body: bytes) -> None:
    """Keep a refused message inside the present transaction; ``source`` is its topic, route or stream."""
    cursor = connection.execute(
        "INSERT INTO dead_letters(t_ms, source, reason, detail, body) VALUES(?,?,?,?,?)",
        (t_ms, source[:500], reason, detail[:500], body[:BODY_BYTES]),
    )
    connection.execute("DELETE FROM dead_letters WHERE id <= ?", ((cursor.lastrowid or 0) - KEPT,))
    connection.execute(
        "INSERT INTO dead_letter_counts(reason, count) VALUES(?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
        (reason,),
    )


def set_aside(connection: sqlite3.Connection, fact: tuple[int, str, str, str, int, str, bytes]) -> None:
    """Keep a fact whole that our own fold broke on: (t_ms, node, class, epoch, number, detail, body).

    Beyond ``SET_ASIDE`` only its dead letter is left: a disk that fills up would stop everything else.
    """
    connection.execute(
        """INSERT INTO set_aside(t_ms, node, class, epoch, number, detail, body)
           SELECT ?,?,?,?,?,?,? WHERE (SELECT count(*) FROM set_aside) < ?""",
        (*fact, SET_ASIDE),
    )


def newest(connection: sqlite3.Connection, limit: int) -> list[DeadLetter]:
    """The newest first, at most ``limit``."""
    rows = connection.execute(
        "SELECT t_ms, source, reason, detail, body FROM dead_letters ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [DeadLetter(*row) for row in rows]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many were ever refused, by reason."""
    return dict(tuple(row) for row in connection.execute("SELECT reason, count FROM dead_letter_counts"))
