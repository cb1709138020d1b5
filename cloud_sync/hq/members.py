"""The members of record, sealed as the stores sealed them, and the points ledger, to which entries are only added."""

import sqlite3
from collections.abc import Iterable, Iterator

from models.messages.facts import MemberChanged, MemberFact, PointsEntered

_LIMIT = 10**9
"""The wire's bound of a balance."""


def put(connection: sqlite3.Connection, store: str, fact: MemberFact) -> None:
    """Take over a record; an older one than what is known changes nothing."""
    connection.execute(
        """INSERT INTO members(member, name_sealed, phone_sealed, phone_hash, tier, store, t_ms)
           VALUES (?,?,?,?,?,?,?) ON CONFLICT(member) DO UPDATE SET
           name_sealed = excluded.name_sealed, phone_sealed = excluded.phone_sealed,
           phone_hash = excluded.phone_hash, tier = excluded.tier, t_ms = excluded.t_ms
           WHERE excluded.t_ms >= t_ms""",
        (fact.member, fact.name_sealed, fact.phone_sealed, fact.phone_hash, fact.tier, store, fact.t_ms),
    )


def enter(connection: sqlite3.Connection, store: str, fact: PointsEntered) -> bool:
    """Add an entry; gives whether it is new. The member may be unknown yet: their record follows."""
    cursor = connection.execute(
        """INSERT INTO points(entry, member, points, reason, sale, store, t_ms) VALUES (?,?,?,?,?,?,?)
           ON CONFLICT DO NOTHING""",
        (fact.entry, fact.member, fact.points, fact.reason, fact.sale, store, fact.t_ms),
    )
    return cursor.rowcount > 0


def balance(connection: sqlite3.Connection, member: str) -> int:
    """The sum of a member's entries."""
    (points,) = connection.execute(
        "SELECT coalesce(sum(points), 0) FROM points WHERE member = ?", (member,)
    ).fetchone()
    return max(-_LIMIT, min(_LIMIT, int(points)))


def changed(connection: sqlite3.Connection, members: Iterable[str], now_ms: int) -> list[MemberChanged]:
    """How these members now are, for the stores; those without a record yet are left out."""
    found = []
    for member in members:
        row = connection.execute(
            "SELECT member, name_sealed, phone_sealed, phone_hash, tier FROM members WHERE member = ?", (member,)
        ).fetchone()
        if row is not None:
            found.append(_fact(row, balance(connection, member), now_ms))
    return found


def everyone(connection: sqlite3.Connection, now_ms: int) -> Iterator[MemberChanged]:
    """All members as they now are."""
    rows = connection.execute(
        """SELECT member, name_sealed, phone_sealed, phone_hash, tier,
           (SELECT coalesce(sum(points), 0) FROM points WHERE points.member = members.member) FROM members"""
    )
    for *row, points in rows:
        yield _fact(row, max(-_LIMIT, min(_LIMIT, points)), now_ms)


def _fact(row: Iterable[str], points: int, now_ms: int) -> MemberChanged:
    member, name_sealed, phone_sealed, phone_hash, tier = row
    return MemberChanged(
        t_ms=now_ms,
        member=member,
        name_sealed=name_sealed,
        phone_sealed=phone_sealed,
        phone_hash=phone_hash,
        tier=tier,  # type: ignore[arg-type] # only the wire's own tiers were stored
        points=points,
    )
