"""Counts by people: what is to be counted, and each count held against the books, as evidence."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.counting import Candidate, differs, due, ranks
from gateway.core.stock import Floor, Standing, judge
from gateway.core.tasks import count_want
from gateway.store import counts, pace, tasks
from gateway.store.tasks import Outcome
from models.messages.facts import StockCounted

_PLANNED: Final = "('never_counted', 'old_count', 'unsure')"
_DIFFERS_URGENCY: Final = 60
KEPT_MS: Final = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class Check:
    """A count held against the books: ``expected`` is ``None`` where they said nothing.

    ``p`` is how far they were believed; ``by_readers`` says that they are what readers see, and no ledger.
    """

    expected: int | None
    found: int
    p: float
    by_readers: bool


def raise_due(connection: sqlite3.Connection, floor: Floor, per_day: int, day_from_ms: int, now_ms: int) -> Outcome:
    """Ask for the counts of today: never more than ``per_day``, what is still open from other days included."""
    outcome = Outcome()
    (taken,) = connection.execute(
        f"""SELECT count(*) FROM tasks WHERE type = 'count' AND reason IN {_PLANNED}
            AND (state IN ('open', 'claimed') OR since_ms >= ?)""",  # noqa: S608 - reasons of ours
        (day_from_ms,),
    ).fetchone()
    if taken >= per_day:
        return outcome
    asked = connection.execute(
        "SELECT gtin, shelf FROM tasks WHERE type = 'count' AND state IN ('open', 'claimed')"
    ).fetchall()
    open_now = {(gtin, shelf) for gtin, shelf in asked}
    found = [one for one in candidates(connection, floor, now_ms) if (one.gtin, one.place) not in open_now]
    rank_of = ranks(_turnover(connection, now_ms))
    for one in due(found, rank_of, now_ms, per_day - taken):
        tasks.raise_one(connection, one.gtin, one.want, now_ms, outcome)
    return outcome


def candidates(connection: sqlite3.Connection, floor: Floor, now_ms: int) -> list[Candidate]:
    """Every product in every place where people have to count it: what readers see, they need not."""
    tagged = {
        gtin
        for (gtin,) in connection.execute(
            "SELECT gtin FROM products WHERE tagged = 1 UNION SELECT gtin FROM items WHERE gtin NOT NULL"
        ).fetchall()
    }
    found: dict[tuple[str, str], Candidate] = {}
    for gtin, shelf in connection.execute("SELECT gtin, shelf FROM planogram WHERE facings > 0").fetchall():
        if gtin not in tagged:
            for place in (shelf, floor.backroom):
                found[gtin, place] = Candidate(gtin, place, None, 0.0)
    has_count = """EXISTS (SELECT 1 FROM counted_entries WHERE counted_entries.gtin = counted.gtin
                   AND counted_entries.place = counted.place AND kind = 'count' AND undone = 0)"""
    for gtin, place, quantity, t_ms, moved, is_count in connection.execute(
        f"SELECT gtin, place, quantity, t_ms, moved, {has_count} FROM counted"  # noqa: S608 - ours
    ).fetchall():
        if gtin in tagged and place in floor.watches:
            continue
        p = judge(Standing(place, quantity, t_ms, moved=moved), floor, now_ms).p
        found[gtin, place] = Candidate(gtin, place, t_ms if is_count else None, p)
    return list(found.values())


def _turnover(connection: sqlite3.Connection, now_ms: int) -> Mapping[str, float]:
    prices = dict(
        connection.execute("SELECT gtin, price_minor FROM prices WHERE from_ms <= ? ORDER BY from_ms", (now_ms,))
    )
    return {gtin: pieces * prices.get(gtin, 0) for gtin, pieces in pace.of(connection, None, now_ms).items()}


def check(connection: sqlite3.Connection, fact: StockCounted, floor: Floor) -> Check:
    """Hold a count that is not entered yet against what the books say of its moment."""
    if tasks.is_tagged(connection, fact.gtin) and fact.place in floor.watches:
        seen, p = connection.execute(
            """SELECT count(*), coalesce(avg(p), 1.0) FROM items WHERE gtin = ? AND place = ?
               AND state IN ('on_shelf', 'misplaced', 'back_room', 'returned')""",
            (fact.gtin, fact.place),
        ).fetchone()
        is_looking = floor.watches[fact.place].state == "reading"
        return Check(seen if is_looking else None, fact.quantity, p, by_readers=True)
    expected = counts.books(connection, fact.gtin, fact.place, fact.t_ms)
    row = connection.execute(
        "SELECT quantity, t_ms, moved FROM counted WHERE gtin = ? AND place = ?", (fact.gtin, fact.place)
    ).fetchone()
    p = 0.0 if row is None else judge(Standing(fact.place, row[0], row[1], moved=row[2]), floor, fact.t_ms).p
    return Check(expected, fact.quantity, p, by_readers=False)


def keep(connection: sqlite3.Connection, count: str, fact: StockCounted, checked: Check, now_ms: int) -> Outcome:
    """Keep a count as evidence, end the tasks that asked for it, and ask again where it differs much."""
    connection.execute(
        """INSERT INTO count_checks(count, gtin, place, expected, found, p, clerk, t_ms) VALUES (?,?,?,?,?,?,?,?)
           ON CONFLICT DO NOTHING""",
        (count, fact.gtin, fact.place, checked.expected, checked.found, checked.p, fact.by, fact.t_ms),
    )
    outcome = Outcome()
    tasks.finish_counts(connection, fact, now_ms, outcome)
    if differs(checked.expected, checked.found):
        want = count_want(fact.place, "count_differs", _DIFFERS_URGENCY)
        tasks.raise_one(connection, fact.gtin, want, now_ms, outcome)
    return outcome


def undo(connection: sqlite3.Connection, entry: sqlite3.Row, now_ms: int) -> Outcome:
    """Take back what a count led to: the task that it ended is open again, the one that it raised is not needed."""
    gtin, place, entered_ms = entry["gtin"], entry["place"], entry["entered_ms"]
    connection.execute("UPDATE count_checks SET undone = 1 WHERE count = ?", (entry["reference"],))
    outcome = Outcome()
    about = "gtin = ? AND shelf = ? AND type = 'count'"
    for (task,) in connection.execute(
        f"SELECT task FROM tasks WHERE {about} AND reason = 'count_differs' AND state = 'open' AND since_ms = ?",  # noqa: S608
        (gtin, place, entered_ms),
    ).fetchall():
        tasks.drop(connection, task, now_ms, outcome)
    for (task,) in connection.execute(
        f"SELECT task FROM tasks WHERE {about} AND state = 'done' AND done_ms = ?",  # noqa: S608 - ours
        (gtin, place, entered_ms),
    ).fetchall():
        tasks.reopen(connection, task, now_ms, outcome)
    return outcome


def to_count(connection: sqlite3.Connection, place: str) -> list[sqlite3.Row]:
    """The products of a place by name, and when each was counted last; nothing of what the books say."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(
        """SELECT found.gtin AS gtin, name_en, name_zh,
               coalesce(tagged, 0) OR EXISTS (SELECT 1 FROM items WHERE items.gtin = found.gtin) AS tagged,
               (SELECT max(t_ms) FROM counted_entries WHERE counted_entries.gtin = found.gtin
                AND place = :place AND kind = 'count' AND undone = 0) AS last_counted_ms
           FROM (SELECT gtin FROM planogram WHERE shelf = :place AND facings > 0
                 UNION SELECT gtin FROM counted WHERE place = :place
                 UNION SELECT gtin FROM items WHERE place = :place AND gtin NOT NULL
                     AND state IN ('on_shelf', 'misplaced', 'back_room', 'returned')
                 UNION SELECT gtin FROM tasks WHERE shelf = :place AND type = 'count'
                     AND state IN ('open', 'claimed')) AS found
           LEFT JOIN products ON products.gtin = found.gtin ORDER BY name_en, found.gtin""",
        {"place": place},
    ).fetchall()


def checks(connection: sqlite3.Connection, gtin: str | None, place: str | None, limit: int) -> list[sqlite3.Row]:
    """Counts beside what the books said of their moment, of a product or place or of all, the newest first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(
        """SELECT count, count_checks.gtin AS gtin, name_en, name_zh, place, expected, found, p,
               count_checks.clerk AS by, clerks.name AS by_name, count_checks.t_ms AS t_ms, undone
           FROM count_checks LEFT JOIN products ON products.gtin = count_checks.gtin
           LEFT JOIN clerks ON clerks.clerk = count_checks.clerk
           WHERE (:gtin IS NULL OR count_checks.gtin = :gtin) AND (:place IS NULL OR place = :place)
           ORDER BY count_checks.t_ms DESC, count LIMIT :limit""",
        {"gtin": gtin, "place": place, "limit": limit},
    ).fetchall()


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget evidence that is older than a year; gives how many counts."""
    return connection.execute("DELETE FROM count_checks WHERE t_ms < ?", (now_ms - KEPT_MS,)).rowcount
