"""Alarms: raised once, growing while it goes on, closed by a clerk or by the till that says it was paid."""

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.core import life
from gateway.core.alarms import REPEAT_MS, TOGETHER_MS
from gateway.store import habits, rows, shrink
from gateway.store import life as steps
from gateway.store.life import Happening, Turn
from models.messages.facts import Fact, ItemReturned
from models.messages.goods import AlarmClosed, AlarmRaised

Outcome = Literal["theft", "paid", "staff", "false"]
AlarmType = Literal["sweep", "exit_unpaid"]

UNDO_MS: Final = 10 * 60_000
KEPT_MS: Final = 400 * 86_400_000
MOST_ITEMS: Final = 500
GATEWAY: Final = "aisle"
"""Who closes an alarm that a till has explained."""

_SELECT: Final = """
    SELECT alarm, type, alarms.t_ms AS t_ms, last_ms, shelf, door, alarms.gtin AS gtin, name_en, name_zh, quantity, p,
           closed_ms, by, clerks.name AS by_name, outcome
      FROM alarms LEFT JOIN products ON products.gtin = alarms.gtin LEFT JOIN clerks ON clerks.clerk = alarms.by
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alarm is about: a product or shelf that is swept, or a door."""

    type: AlarmType
    shelf: str | None = None
    door: str | None = None
    gtin: str | None = None


def ring(
    connection: sqlite3.Connection, cause: Cause, epcs: Sequence[str], *, t_ms: int, last_ms: int, p: float
) -> tuple[str, list[Fact]]:
    """Raise an alarm; gives its name and the fact that says so."""
    alarm = "a-" + secrets.token_hex(8)
    connection.execute(
        "INSERT INTO alarms(alarm, type, t_ms, last_ms, shelf, door, gtin, quantity, p) VALUES (?,?,?,?,?,?,?,0,?)",
        (alarm, cause.type, t_ms, last_ms, cause.shelf, cause.door, cause.gtin, p),
    )
    return alarm, grow(connection, alarm, epcs, last_ms)


def grow(connection: sqlite3.Connection, alarm: str, epcs: Sequence[str], last_ms: int) -> list[Fact]:
    """More items belong to an alarm; gives the fact that says it again."""
    connection.executemany("INSERT OR IGNORE INTO alarm_items VALUES (?,?)", [(alarm, epc) for epc in epcs])
    connection.execute(
        """UPDATE alarms SET last_ms = max(last_ms, ?2),
               quantity = (SELECT count(*) FROM alarm_items WHERE alarm = ?1),
               gtin = (SELECT min(items.gtin) FROM alarm_items JOIN items USING(epc) WHERE alarm = ?1
                       HAVING count(DISTINCT items.gtin) = 1)
            WHERE alarm = ?1""",
        (alarm, last_ms),
    )
    return [_raised(connection, alarm)]


def recent(connection: sqlite3.Connection, cause: Cause, t_ms: int) -> tuple[str, bool] | None:
    """The alarm to which something at ``t_ms`` belongs (same door, product or shelf), and whether it is open."""
    if cause.type == "exit_unpaid":
        same, pause_ms = "door = :door AND closed_ms IS NULL", TOGETHER_MS
    elif cause.gtin is not None:
        same, pause_ms = "gtin = :gtin", REPEAT_MS
    else:
        same, pause_ms = "gtin IS NULL AND shelf = :shelf", REPEAT_MS
    row = connection.execute(
        f"""SELECT alarm, closed_ms IS NULL FROM alarms WHERE type = :type AND {same}
            AND t_ms BETWEEN :t_ms - 3600000 AND :t_ms + :pause AND last_ms >= :t_ms - :pause
            ORDER BY t_ms DESC LIMIT 1""",  # noqa: S608 - constants
        {
            "type": cause.type, "door": cause.door, "gtin": cause.gtin, "shelf": cause.shelf, "t_ms": t_ms,
            "pause": pause_ms,
        },
    ).fetchone()  # fmt: skip
    return None if row is None else (str(row[0]), bool(row[1]))


def _raised(connection: sqlite3.Connection, alarm: str) -> AlarmRaised:
    row = find(connection, alarm)
    if row is None:
        raise LookupError(alarm)
    return AlarmRaised(
        t_ms=row["t_ms"], alarm=alarm, type=row["type"], quantity=row["quantity"], p=row["p"], shelf=row["shelf"],
        door=row["door"], gtin=row["gtin"], epcs=tuple(epcs_of(connection, alarm)[:MOST_ITEMS]),
    )  # fmt: skip


def find(connection: sqlite3.Connection, alarm: str) -> sqlite3.Row | None:
    """One alarm, or ``None``."""
    return rows.one(connection, f"{_SELECT} WHERE alarm = ?", (alarm,))


def newest(connection: sqlite3.Connection, limit: int, *, only_open: bool = False) -> list[sqlite3.Row]:
    """Alarms, the newest first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    only = "WHERE closed_ms IS NULL" if only_open else ""
    found: list[sqlite3.Row] = cursor.execute(
        f"{_SELECT} {only} ORDER BY alarms.t_ms DESC, alarm LIMIT ?", (limit,)
    ).fetchall()
    return found


def open_count(connection: sqlite3.Connection) -> int:
    """How many alarms nobody has closed."""
    (found,) = connection.execute("SELECT count(*) FROM alarms WHERE closed_ms IS NULL").fetchone()
    return int(found)


def epcs_of(connection: sqlite3.Connection, alarm: str) -> list[str]:
    """The items of an alarm."""
    found = connection.execute("SELECT epc FROM alarm_items WHERE alarm = ? ORDER BY epc", (alarm,))
    return [row[0] for row in found.fetchall()]


def gtins_of(connection: sqlite3.Connection, alarm: str) -> set[str]:
    """The products of an alarm's items."""
    found = connection.execute(
        "SELECT DISTINCT gtin FROM alarm_items JOIN items USING(epc) WHERE alarm = ? AND gtin NOT NULL", (alarm,)
    )
    return {row[0] for row in found.fetchall()}


def close(connection: sqlite3.Connection, alarm: str, by: str, outcome: Outcome, now_ms: int) -> list[Fact]:
    """A clerk looked: the items are what the outcome says. Gives the facts for headquarters."""
    row = connection.execute(
        """UPDATE alarms SET closed_ms = ?, by = ?, outcome = ? WHERE alarm = ? AND closed_ms IS NULL
           RETURNING type, gtin, shelf, quantity""",
        (now_ms, by, outcome, alarm),
    ).fetchone()
    if row is None:
        return []
    kind, gtin, shelf, quantity = row
    facts: list[Fact] = [AlarmClosed(t_ms=now_ms, alarm=alarm, by=by, outcome=outcome)]
    if kind == "sweep" and outcome != "theft":
        habits.learn(connection, habits.product(gtin) if gtin else habits.shelf(shelf), quantity, now_ms)
    if outcome == "theft":
        return facts + _stolen(connection, alarm, "swept" if kind == "sweep" else "exit_unpaid", by, now_ms)
    return facts if kind == "sweep" else facts + _innocent(connection, alarm, by, outcome, now_ms)


def _stolen(
    connection: sqlite3.Connection, alarm: str, reason: Literal["swept", "exit_unpaid"], by: str, now_ms: int
) -> list[Fact]:
    known = steps.lives(connection, epcs_of(connection, alarm))
    gone = [epc for epc, (_gtin, now) in known.items() if now.state not in life.STANDING]
    return shrink.lose(connection, gone, reason=reason, p=1.0, now_ms=now_ms, alarm=alarm, by=by)


def _innocent(connection: sqlite3.Connection, alarm: str, by: str, outcome: Outcome, now_ms: int) -> list[Fact]:
    """What passed a door was not stolen: it was paid, staff carried it, or it never went out."""
    epcs = epcs_of(connection, alarm)
    t_ms, door = connection.execute("SELECT t_ms, door FROM alarms WHERE alarm = ?", (alarm,)).fetchone()
    turns = steps.retract(connection, epcs, life.GIVEN_UP, alarm=alarm)
    if outcome == "false":
        # It never went out: the door misread.
        turns = _joined(turns, steps.retract(connection, epcs, life.PASSED_DOOR, t_ms, door=door))
    if outcome == "paid":
        paid = {"alarm": alarm, "by": by}
        turns = _joined(
            turns, steps.happen(connection, [Happening(epc, now_ms, life.SALE, 1.0, "", paid) for epc in epcs])
        )
    # What stands still as far as its shelf knows went out only by a word that was wrong: headquarters hears so.
    stands: list[Fact] = [
        ItemReturned(t_ms=now_ms, epc=turn.epc, shelf=turn.place, p=1.0, gtin=turn.gtin)
        for turn in turns
        if turn.now in life.STANDING
    ]
    return shrink.turned_up(connection, turns, now_ms, by) + stands


def _joined(first: list[Turn], then: list[Turn]) -> list[Turn]:
    """Turns of two changes as one: from what was to what is in the end."""
    last = {turn.epc: turn for turn in then}
    joined = [
        Turn(one.epc, one.gtin, last[one.epc].place, last[one.epc].t_ms, one.was, last[one.epc].now)
        if one.epc in last
        else one
        for one in first
    ]
    return joined + [turn for turn in then if turn.epc not in {one.epc for one in first}]


def reopen(connection: sqlite3.Connection, alarm: str, now_ms: int) -> list[Fact]:
    """Take a clerk's word back: items and alarm are as they were before. Gives the facts for headquarters."""
    row = find(connection, alarm)
    if row is None or row["closed_ms"] is None:
        return []
    epcs, by = epcs_of(connection, alarm), row["by"]
    connection.execute("UPDATE alarms SET closed_ms = NULL, by = NULL, outcome = NULL WHERE alarm = ?", (alarm,))
    facts: list[Fact] = [_raised(connection, alarm)]
    if by == GATEWAY:
        # What a till or a shelf said stays said.
        return facts
    if row["type"] == "sweep":
        turns = steps.retract(connection, epcs, life.GIVEN_UP, alarm=alarm, by=by)
        return facts + shrink.turned_up(connection, turns, now_ms, by)
    if row["outcome"] == "false":
        passed = {"door": row["door"]}
        steps.happen(
            connection, [Happening(epc, row["t_ms"], life.PASSED_DOOR, row["p"], "", passed) for epc in epcs]
        )
    steps.retract(connection, epcs, life.SALE, alarm=alarm, by=by)
    return facts + shrink.lose(connection, epcs, reason="exit_unpaid", p=row["p"], now_ms=now_ms, alarm=alarm)


def settle(connection: sqlite3.Connection, turns: Sequence[Turn], now_ms: int, by: str | None = None) -> list[Fact]:
    """Items turned: what was missing turned up, and an alarm none of whose items is missing any more is closed."""
    facts = shrink.turned_up(connection, turns, now_ms, by)
    facts += _bought(connection, [turn.epc for turn in turns if turn.now == life.PAID], now_ms)
    cleared = [turn.epc for turn in turns if turn.was == life.MISSING and turn.now != life.MISSING]
    for (alarm,) in (
        connection.execute(
            """SELECT DISTINCT alarm FROM alarm_items JOIN alarms USING(alarm) WHERE closed_ms IS NULL
           AND type = 'exit_unpaid' AND epc IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1 FROM alarm_items AS other JOIN items ON items.epc = other.epc
                            WHERE other.alarm = alarms.alarm AND items.state = 'missing')""",
            (steps.among(cleared),),
        ).fetchall()
        if cleared
        else ()
    ):
        came_back = all(turn.now in life.STANDING for turn in turns)
        facts += _explained(connection, alarm, "false" if came_back else "paid", now_ms)
    return facts


def _bought(connection: sqlite3.Connection, epcs: Sequence[str], now_ms: int) -> list[Fact]:
    """Who took many at once has paid for all: the sweep was a good customer, and the store learns how they buy."""
    facts: list[Fact] = []
    for alarm, gtin, shelf, quantity in (
        connection.execute(
            """SELECT DISTINCT alarm, alarms.gtin, shelf, quantity FROM alarm_items JOIN alarms USING(alarm)
            WHERE closed_ms IS NULL AND type = 'sweep' AND epc IN (SELECT value FROM json_each(?))
              AND NOT EXISTS (SELECT 1 FROM alarm_items AS other JOIN items ON items.epc = other.epc
                               WHERE other.alarm = alarms.alarm
                                 AND items.state NOT IN ('paid', 'on_shelf', 'misplaced', 'back_room'))""",
            (steps.among(epcs),),
        ).fetchall()
        if epcs
        else ()
    ):
        habits.learn(connection, habits.product(gtin) if gtin else habits.shelf(shelf), quantity, now_ms)
        facts += _explained(connection, alarm, "paid", now_ms)
    return facts


def _explained(connection: sqlite3.Connection, alarm: str, outcome: Outcome, now_ms: int) -> list[Fact]:
    connection.execute(
        "UPDATE alarms SET closed_ms = ?, by = ?, outcome = ? WHERE alarm = ?", (now_ms, GATEWAY, outcome, alarm)
    )
    return [AlarmClosed(t_ms=now_ms, alarm=alarm, by=GATEWAY, outcome=outcome)]


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget alarms of more than a year ago; gives how many."""
    before_ms = now_ms - KEPT_MS
    connection.execute(
        "DELETE FROM alarm_items WHERE alarm IN (SELECT alarm FROM alarms WHERE t_ms < ?)", (before_ms,)
    )
    return connection.execute("DELETE FROM alarms WHERE t_ms < ?", (before_ms,)).rowcount
