"""Members, sealed, and the points ledger, which only grows by entries."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.phone import masked
from gateway.core.points import Tier, tier_of
from gateway.store.seal import Seal
from models.messages.facts import MemberChanged, MemberFact, PointsEntered


@dataclass(frozen=True, slots=True)
class Member:
    """A member as a clerk may see them."""

    member: str
    name: str
    phone_masked: str
    tier: Tier
    points: int


def put(connection: sqlite3.Connection, fact: MemberFact) -> None:
    """Take over a member's record; when they were first known stays."""
    connection.execute(
        """INSERT INTO members(member, name_sealed, phone_sealed, phone_hash, tier, t_ms) VALUES (?,?,?,?,?,?)
           ON CONFLICT(member) DO UPDATE SET
           name_sealed = excluded.name_sealed, phone_sealed = excluded.phone_sealed,
           phone_hash = excluded.phone_hash, tier = excluded.tier""",
        (fact.member, fact.name_sealed, fact.phone_sealed, fact.phone_hash, fact.tier, fact.t_ms),
    )


def fold_changed(connection: sqlite3.Connection, facts: Sequence[MemberChanged]) -> None:
    """Take over what headquarters says of members, their points in all stores included."""
    for fact in facts:
        put(connection, fact)
        connection.execute(
            """UPDATE members SET hq_points = ?, hq_upto = (SELECT coalesce(max(number), 0) FROM points)
               WHERE member = ?""",
            (fact.points, fact.member),
        )


def enter(connection: sqlite3.Connection, fact: PointsEntered) -> bool:
    """Add an entry to the ledger; gives whether it is new (``entry``, and a sale, count once)."""
    cursor = connection.execute(
        "INSERT INTO points(entry, member, points, reason, sale, t_ms) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (fact.entry, fact.member, fact.points, fact.reason, fact.sale, fact.t_ms),
    )
    return cursor.rowcount > 0


def balance(connection: sqlite3.Connection, member: str) -> int:
    """Points now: what headquarters counted over all stores, and what was entered here since then."""
    row = connection.execute("SELECT hq_points, hq_upto FROM members WHERE member = ?", (member,)).fetchone()
    counted, upto = (0, 0) if row is None or row[0] is None else (row[0], row[1])
    (since,) = connection.execute(
        "SELECT coalesce(sum(points), 0) FROM points WHERE member = ? AND number > ?", (member, upto)
    ).fetchone()
    return int(counted) + int(since)


def entries(connection: sqlite3.Connection, member: str, limit: int) -> list[sqlite3.Row]:
    """The newest entries of a member's ledger."""
    return connection.execute(
        "SELECT entry, points, reason, sale, t_ms FROM points WHERE member = ? ORDER BY number DESC LIMIT ?",
        (member, limit),
    ).fetchall()


def tier(connection: sqlite3.Connection, member: str) -> Tier:
    """The tier on record; a member that this store does not know yet is ``basic``."""
    row = connection.execute("SELECT tier FROM members WHERE member = ?", (member,)).fetchone()
    found: Tier = "basic" if row is None else row[0]
    return found


def is_known(connection: sqlite3.Connection, member: str) -> bool:
    """Whether this store has the member's record."""
    return connection.execute("SELECT 1 FROM members WHERE member = ?", (member,)).fetchone() is not None


def find_by_phone(connection: sqlite3.Connection, phone_hash: str) -> str | None:
    """The member with this phone, the first registered where two stores registered them while apart."""
    row = connection.execute(
        "SELECT member FROM members WHERE phone_hash = ? ORDER BY t_ms, member LIMIT 1", (phone_hash,)
    ).fetchone()
    return None if row is None else str(row[0])


def read(connection: sqlite3.Connection, member: str, seal: Seal) -> Member | None:
    """A member, opened for a clerk; ``None`` where this store knows none.

    Raises:
        Unsealable: the record was sealed with another key.
    """
    row = connection.execute("SELECT * FROM members WHERE member = ?", (member,)).fetchone()
    if row is None:
        return None
    points = balance(connection, member)
    name = seal.open(row["name_sealed"], member, "name")
    phone = seal.open(row["phone_sealed"], member, "phone")
    return Member(member, name, masked(phone), tier_of(row["tier"], points), points)
