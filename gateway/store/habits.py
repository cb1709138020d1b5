"""How products and shelves are picked: goes by their size, learned from every lift, one row each."""

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from gateway.core.alarms import Habit

HOUR_MS: Final = 3_600_000
KEPT_MS: Final = 400 * 24 * HOUR_MS


def product(gtin: str) -> str:
    """The subject that a product is."""
    return f"gtin/{gtin}"


def shelf(name: str) -> str:
    """The subject that a shelf is."""
    return f"shelf/{name}"


def lifted(connection: sqlite3.Connection, subject: str, times: Sequence[int], pause_ms: int) -> None:
    """Pieces were lifted at these times, in order: the go that is on grows, or is over and is learned."""
    kept = connection.execute(
        "SELECT since_ms, sizes, last_ms, size FROM picks WHERE subject = ?", (subject,)
    ).fetchone()
    since_ms, text, last_ms, size = kept or (times[0], "{}", times[0], 0)
    for t_ms in times:
        if t_ms - last_ms > pause_ms and size:
            since_ms, text = _with_go(since_ms, text, size, t_ms)
            size = 0
        size, last_ms = size + 1, max(last_ms, t_ms)
    connection.execute(
        """INSERT INTO picks(subject, since_ms, sizes, last_ms, size) VALUES (?,?,?,?,?)
           ON CONFLICT(subject) DO UPDATE SET since_ms = excluded.since_ms, sizes = excluded.sizes,
           last_ms = excluded.last_ms, size = excluded.size""",
        (subject, since_ms, text, last_ms, size),
    )
    hours = {(t_ms // HOUR_MS,) for t_ms in times}
    connection.executemany("INSERT OR IGNORE INTO pick_hours VALUES (?)", hours)


def _sizes(text: str) -> dict[int, int]:
    return msgspec.json.decode(text, type=dict[int, int])


def _with_go(since_ms: int, text: str, size: int, now_ms: int) -> tuple[int, str]:
    """One go more: since when, and goes by size. Where old goes are forgotten, so is the time in which they were."""
    habit = Habit(_sizes(text), 1.0).with_go(size)
    since_ms += int((now_ms - since_ms) * (1.0 - habit.hours))
    return since_ms, msgspec.json.encode(habit.sizes).decode()


def not_learned(connection: sqlite3.Connection, subject: str) -> None:
    """The go that is on rang an alarm: it is no habit until a clerk says so."""
    connection.execute("UPDATE picks SET size = 0 WHERE subject = ?", (subject,))


def learn(connection: sqlite3.Connection, subject: str, size: int, now_ms: int) -> None:
    """A clerk says that such a go was nothing to worry about."""
    row = connection.execute("SELECT since_ms, sizes FROM picks WHERE subject = ?", (subject,)).fetchone()
    if row is not None:
        since_ms, text = _with_go(row[0], row[1], size, now_ms)
        connection.execute("UPDATE picks SET since_ms = ?, sizes = ? WHERE subject = ?", (since_ms, text, subject))


def of(connection: sqlite3.Connection, subject: str) -> Habit:
    """What is known of a subject: goes by size, and the hours in which the shop was picked at since it was known."""
    row = connection.execute("SELECT since_ms, sizes FROM picks WHERE subject = ?", (subject,)).fetchone()
    if row is None:
        return Habit({}, 0.0)
    (hours,) = connection.execute(
        "SELECT count(*) FROM pick_hours WHERE hour > ?", (row[0] // HOUR_MS,)
    ).fetchone()  # fmt: skip
    return Habit(_sizes(row[1]), float(hours))


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget what nobody has picked for a year; gives how many subjects."""
    before_ms = now_ms - KEPT_MS
    connection.execute("DELETE FROM pick_hours WHERE hour < ?", (before_ms // HOUR_MS,))
    return connection.execute("DELETE FROM picks WHERE last_ms < ?", (before_ms,)).rowcount
