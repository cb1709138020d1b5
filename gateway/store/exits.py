"""Items that pass a door, against the paid list. It works without headquarters, and waits for tills that are away.

Who pays is told by the till, seconds later, or much later when its line is down. So an item that passes unpaid waits
``grace_ms`` before anybody is called, and longer while a till's node is away.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from gateway.core import life
from gateway.core.alarms import together
from gateway.store import alarms, shrink
from gateway.store import life as steps
from gateway.store.alarms import Cause
from gateway.store.life import Happening, Turn
from models.messages.facts import Fact
from models.messages.goods import ItemExited

SKEW_MS: Final = 5_000
"""A sale may seem to be so much later than the passage that it paid for: clocks differ."""
PAID_WINDOW_MS: Final = 2 * 3_600_000
"""So long after a till sold a product by its number a piece of it may pass the door as the one that was paid."""
STALE_MS: Final = 15 * 60_000
"""Of a passage that is told later than this the ledger hears; nobody is called to the door."""
MOST_SIBLINGS: Final = 50

_JUDGED: Final = frozenset({life.LEFT, life.MISSING})


def fold(
    connection: sqlite3.Connection, found: Sequence[ItemExited], latest_ms: int, now_ms: int, grace_ms: int
) -> list[Turn]:
    """Fold passages: what was paid has left, what was not waits for a till to say so. Gives what turned."""
    turns: list[Turn] = []
    for fact in found:
        t_ms = min(fact.t_ms, latest_ms)
        evidence = {"door": fact.door} | ({} if fact.evidence is None else msgspec.structs.asdict(fact.evidence))
        passed = Happening(fact.epc, t_ms, life.PASSED_DOOR, fact.p, "", evidence)
        known = steps.lives(connection, [fact.epc]).get(fact.epc)
        if known is None:
            steps.happen(connection, [passed], early=True)
            _count(connection, fact.door, "unknown", t_ms)
            continue
        gtin, was = known
        if was.state not in (life.PAID, life.LEFT) and gtin is not None:
            turns += pay_for_one(connection, fact.epc, gtin, t_ms)
            was = steps.lives(connection, [fact.epc])[fact.epc][1]
        now = steps.happen(connection, [passed])
        turns += now
        is_gone = was.state == life.MISSING or any(turn.now == life.LEFT for turn in now)
        if not is_gone or was.state == life.PAID:
            _count(connection, fact.door, "paid", t_ms)
            continue
        connection.execute(
            "INSERT OR IGNORE INTO exits(epc, door, t_ms, due_ms, p) VALUES (?,?,?,?,?)",
            (fact.epc, fact.door, t_ms, now_ms + grace_ms, fact.p),
        )
    return turns


def _count(connection: sqlite3.Connection, door: str, result: str, t_ms: int) -> None:
    connection.execute(
        """INSERT INTO passages(door, result, items, last_ms) VALUES (?,?,1,?) ON CONFLICT(door, result) DO UPDATE SET
           items = items + 1, last_ms = max(last_ms, excluded.last_ms)""",
        (door, result, t_ms),
    )


def pay_for_one(connection: sqlite3.Connection, epc: str, gtin: str, t_ms: int) -> list[Turn]:
    """See whether a till sold a piece of this product by its number: the piece that passes is the paid one.

    Either no shelf has missed a piece for that sale yet, or the wrong one, still in the store, was thought to be it.
    """
    owed = connection.execute(
        "SELECT id, t_ms, sale FROM owed WHERE gtin = ? AND t_ms BETWEEN ? AND ? ORDER BY t_ms LIMIT 1",
        (gtin, t_ms - PAID_WINDOW_MS, t_ms + SKEW_MS),
    ).fetchone()
    if owed is not None:
        number, sold_ms, sale = owed
        connection.execute("UPDATE owed SET pieces = pieces - 1 WHERE id = ?", (number,))
        connection.execute("DELETE FROM owed WHERE id = ? AND pieces <= 0", (number,))
        return _pay(connection, epc, min(sold_ms, t_ms), sale)
    siblings = connection.execute(
        """SELECT epc FROM items WHERE gtin = ? AND state = 'paid' AND epc <> ? AND since_ms BETWEEN ? AND ?
           ORDER BY since_ms LIMIT ?""",
        (gtin, epc, t_ms - PAID_WINDOW_MS, t_ms + SKEW_MS, MOST_SIBLINGS),
    ).fetchall()
    for sibling, kept in steps.steps(connection, [row[0] for row in siblings]).items():
        paid = [
            one for one in kept if one.step.event == life.SALE and one.evidence.get("reason") == "inferred"
        ]  # fmt: skip
        if paid:
            steps.mark_retracted(connection, sibling, [paid[-1].id])
            turns = steps.retell(connection, {sibling: []})
            sale = paid[-1].evidence.get("sale")
            return turns + _pay(connection, epc, min(paid[-1].step.t_ms, t_ms), str(sale))
    return []


def _pay(connection: sqlite3.Connection, epc: str, t_ms: int, sale: str | None) -> list[Turn]:
    return steps.happen(connection, [Happening(epc, t_ms, life.SALE, 1.0, "", {"sale": sale, "reason": "inferred"})])


def unpaid_of(connection: sqlite3.Connection, gtin: str, sold_ms: int, limit: int) -> list[str]:
    """Pieces of a product that passed a door after a sale, which names no piece: those that were paid by it."""
    found = connection.execute(
        """SELECT epc FROM (
               SELECT exits.epc AS epc, exits.t_ms AS t_ms FROM exits JOIN items USING(epc) WHERE gtin = ?1
               UNION SELECT items.epc, alarms.t_ms FROM items JOIN alarm_items USING(epc) JOIN alarms USING(alarm)
                WHERE items.gtin = ?1 AND items.state = 'missing' AND alarms.type = 'exit_unpaid')
            WHERE t_ms BETWEEN ?2 - ?3 AND ?2 + ?4 GROUP BY epc ORDER BY min(t_ms) LIMIT ?5""",
        (gtin, sold_ms, SKEW_MS, PAID_WINDOW_MS, limit),
    )
    return [row[0] for row in found.fetchall()]


def cleared(connection: sqlite3.Connection, epcs: Iterable[str]) -> None:
    """These were paid: nothing waits for a till any more."""
    for door, t_ms in connection.execute(
        "DELETE FROM exits WHERE epc IN (SELECT value FROM json_each(?)) RETURNING door, t_ms", (steps.among(epcs),)
    ).fetchall():
        _count(connection, door, "paid", t_ms)


def settle(connection: sqlite3.Connection, now_ms: int, hold_ms: int = 0) -> list[Fact]:
    """Judge the passages whose grace is over: what is still unpaid is missing, and somebody is called.

    Args:
        connection: inside a change.
        now_ms: the time.
        hold_ms: so much longer each waits, because a till cannot be heard now.
    """
    due = connection.execute(
        """DELETE FROM exits WHERE due_ms + ? <= ?
           RETURNING epc, door, t_ms, p, (SELECT state FROM items WHERE items.epc = exits.epc)""",
        (hold_ms, now_ms),
    ).fetchall()
    facts: list[Fact] = []
    chance = {epc: p for epc, _door, _t_ms, p, _state in due}
    doors: dict[str, list[tuple[int, str]]] = {}
    for epc, door, t_ms, _p, state in due:
        if state in _JUDGED:
            doors.setdefault(door, []).append((t_ms, epc))
            _count(connection, door, "unpaid", t_ms)
    for door, passed in doors.items():
        for group in together(passed):
            facts += _call(connection, door, group, max(chance[epc] for _t_ms, epc in group), now_ms)
    return facts


def _call(
    connection: sqlite3.Connection, door: str, group: Sequence[tuple[int, str]], p: float, now_ms: int
) -> list[Fact]:
    epcs = [epc for _t_ms, epc in group]
    alarm: str | None = None
    facts: list[Fact] = []
    if now_ms - group[-1][0] <= STALE_MS:
        gtins = {gtin for gtin, _life in steps.lives(connection, epcs).values()}
        cause = Cause("exit_unpaid", door=door, gtin=gtins.pop() if len(gtins) == 1 else None)
        going_on = alarms.recent(connection, cause, group[0][0])
        if going_on is not None:
            alarm = going_on[0]
            facts = alarms.grow(connection, alarm, epcs, group[-1][0])
        else:
            alarm, facts = alarms.ring(connection, cause, epcs, t_ms=group[0][0], last_ms=group[-1][0], p=p)
    return facts + shrink.lose(connection, epcs, reason="exit_unpaid", p=p, now_ms=now_ms, alarm=alarm)


def passages(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Door → how many items ever passed it paid, unpaid and unknown."""
    found: dict[str, dict[str, int]] = {}
    for door, result, items in connection.execute("SELECT door, result, items FROM passages").fetchall():
        found.setdefault(door, {"paid": 0, "unpaid": 0, "unknown": 0})[result] = items
    return found


def till_heard(connection: sqlite3.Connection, till: str, node: str, t_ms: int) -> None:
    """Remember which node tells a till's sales."""
    connection.execute(
        "INSERT INTO tills VALUES (?,?,?) ON CONFLICT(till) DO UPDATE SET node = excluded.node, t_ms = excluded.t_ms",
        (till, node, t_ms),
    )


def till_nodes(connection: sqlite3.Connection) -> set[str]:
    """The nodes that tell sales."""
    return {row[0] for row in connection.execute("SELECT DISTINCT node FROM tills").fetchall()}
