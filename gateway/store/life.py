"""What happened to each item, step by step, and what that comes to.

A step is appended as it comes and filed by item a moment later. One that is the newest of its item is taken one row
of the table further; one that comes late, or proves something wrong, makes the item's whole life be told again.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.core import life
from gateway.core.life import Life, Step

FILED_AT_ONCE: Final = 5000
"""Steps that are filed by item in one go: some 20 ms, in which nothing is folded."""

MOST_EARLY: Final = 10_000
"""Tags that nobody has seen on a shelf yet; of more than these, steps are not kept."""

LOG: Final = "INSERT INTO item_changes(epc, t_ms, kind, place, p, evidence) VALUES (?,?,?,?,?,?)"
_AMONG: Final = "IN (SELECT value FROM json_each(?))"
_WRITE: Final = "UPDATE items SET state = ?, place = ?, p = ?, t_ms = ?, seen_ms = ?, since_ms = ? WHERE epc = ?"

Evidence = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to one item; an empty ``place`` is where it was."""

    epc: str
    t_ms: int
    event: str
    p: float = 1.0
    place: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An item's state changed: what it was, what it is, where."""

    epc: str
    gtin: str | None
    place: str
    t_ms: int
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A step as it is kept, with its number and its evidence."""

    id: int
    step: Step
    evidence: dict[str, object]


def among(values: Iterable[str]) -> str:
    """Values as the JSON that ``IN (SELECT value FROM json_each(?))`` takes: one statement for any number of them."""
    return msgspec.json.encode(list(values)).decode()


def packed(evidence: Evidence | None) -> str | None:
    """Evidence as it is kept, or ``None`` where there is none."""
    if not evidence:
        return None
    return msgspec.json.encode({name: value for name, value in evidence.items() if value is not None}).decode()


def unpacked(text: str | None) -> dict[str, object]:
    """What ``packed`` made."""
    return {} if text is None else msgspec.json.decode(text, type=dict[str, object])


def lives(connection: sqlite3.Connection, epcs: Iterable[str]) -> dict[str, tuple[str | None, Life]]:
    """GTIN and life of each of these items that is known."""
    found = connection.execute(
        f"SELECT epc, gtin, state, place, p, t_ms, seen_ms, since_ms FROM items WHERE epc {_AMONG}",  # noqa: S608
        (among(epcs),),
    )
    return {row[0]: (row[1], Life(*row[2:])) for row in found.fetchall()}


def steps(connection: sqlite3.Connection, epcs: Iterable[str]) -> dict[str, list[Kept]]:
    """All steps of these items, each in the order of their times."""
    wanted = among(epcs)
    found = connection.execute(
        f"""SELECT epc, id, t_ms, kind, place, p, evidence FROM item_history WHERE epc {_AMONG}
            UNION ALL SELECT epc, id, t_ms, kind, place, p, evidence FROM item_changes WHERE epc {_AMONG}
            ORDER BY t_ms, id""",  # noqa: S608 - constants of this module
        (wanted, wanted),
    )
    kept: dict[str, list[Kept]] = {}
    for epc, number, t_ms, event, place, p, text in found.fetchall():
        evidence = unpacked(text)
        read_ms = evidence.get("last_read_ms")
        step = Step(t_ms, event, place, p, read_ms if isinstance(read_ms, int) else t_ms)
        kept.setdefault(epc, []).append(Kept(number, step, evidence))
    return kept


def happen(connection: sqlite3.Connection, found: Sequence[Happening], *, early: bool = False) -> list[Turn]:
    """Let things happen to items, in this order; gives what turned.

    Of a tag that no shelf ever saw nothing is kept; with ``early`` its steps wait until one does.
    """
    known = lives(connection, [one.epc for one in found])
    again: dict[str, list[Step]] = {}
    turns = []
    for one in found:
        if one.epc not in known:
            if early and _is_early(connection, one):
                _log(connection, one, one.place)
            continue
        gtin, was = known[one.epc]
        step = Step(one.t_ms, one.event, one.place or was.place, one.p, one.t_ms)
        _log(connection, one, step.place)
        if one.epc in again or _wants_all(was, step):
            again.setdefault(one.epc, []).append(step)
            continue
        now = life.lived(was, step)
        _write(connection, one.epc, now)
        known[one.epc] = gtin, now
        if now.state != was.state:
            turns.append(Turn(one.epc, gtin, now.place, step.t_ms, was.state, now.state))
    return turns + retell(connection, again)


def _wants_all(was: Life, step: Step) -> bool:
    """Whether one row of the table is not enough: for what is late, taken back, or proves something wrong."""
    is_refuting = was.state == life.MISSING and step.event in life.REFUTING
    return step.t_ms < was.t_ms or step.event == life.UNSCANNED or is_refuting


def _log(connection: sqlite3.Connection, one: Happening, place: str) -> None:
    connection.execute(LOG, (one.epc, one.t_ms, one.event, place, one.p, packed(one.evidence)))


def _is_early(connection: sqlite3.Connection, one: Happening) -> bool:
    (waiting,) = connection.execute("SELECT count(*) FROM early").fetchone()
    if waiting >= MOST_EARLY:
        return False
    connection.execute("INSERT OR IGNORE INTO early VALUES (?,?)", (one.epc, one.t_ms))
    return True


def arrived(connection: sqlite3.Connection, epcs: Sequence[str]) -> list[Turn]:
    """Tags that a shelf has now seen for the first time: what was said of them before takes its place."""
    if not epcs or connection.execute("SELECT 1 FROM early LIMIT 1").fetchone() is None:
        return []
    gone = connection.execute(
        f"DELETE FROM early WHERE epc {_AMONG} RETURNING epc", (among(epcs),)  # noqa: S608
    ).fetchall()  # fmt: skip
    return retell(connection, {row[0]: [] for row in gone})


def retell(connection: sqlite3.Connection, late: Mapping[str, Sequence[Step]]) -> list[Turn]:
    """Tell these items' lives again from all that is kept of them; ``late``: the steps that have just been added."""
    if not late:
        return []
    known, kept, turns = lives(connection, late), steps(connection, late), []
    for epc, (gtin, was) in known.items():
        told = _without_refuted(connection, epc, kept.get(epc, []), late[epc])
        now = life.replay(one.step for one in told)
        if now.state == life.NEW:
            continue
        _write(connection, epc, now)
        if now.state != was.state:
            turns.append(Turn(epc, gtin, now.place, now.t_ms, was.state, now.state))
    return turns


def _without_refuted(connection: sqlite3.Connection, epc: str, kept: list[Kept], late: Sequence[Step]) -> list[Kept]:
    plain = [one.step for one in kept]
    wrong = {index for step in late for index in life.refuted(plain, step)}
    mark_retracted(connection, epc, [kept[index].id for index in wrong])
    return [one for index, one in enumerate(kept) if index not in wrong]


def mark_retracted(connection: sqlite3.Connection, epc: str, numbers: Iterable[int]) -> None:
    """Keep these steps as evidence only; ``retell`` afterwards."""
    for number in numbers:
        for table in ("item_changes", "item_history"):
            connection.execute(
                f"UPDATE {table} SET kind = ? WHERE epc = ? AND id = ?", (life.RETRACTED, epc, number)  # noqa: S608
            )  # fmt: skip


def retract(
    connection: sqlite3.Connection, epcs: Iterable[str], event: str, since_ms: int = 0, **evidence: object
) -> list[Turn]:
    """Take back the steps of this kind that carry this evidence; gives what turned by that."""
    found: dict[str, Sequence[Step]] = {}
    for epc, kept in steps(connection, epcs).items():
        wrong = [
            one.id
            for one in kept
            if one.step.event == event and one.step.t_ms >= since_ms and evidence.items() <= one.evidence.items()
        ]
        if wrong:
            mark_retracted(connection, epc, wrong)
            found[epc] = ()
    return retell(connection, found)


def _write(connection: sqlite3.Connection, epc: str, now: Life) -> None:
    connection.execute(_WRITE, (now.state, now.place, now.p, now.t_ms, now.seen_ms, now.since_ms, epc))


def file_changes(connection: sqlite3.Connection) -> int:
    """File the oldest steps that were only appended so far by their item; gives how many.

    The newest stays: the next one takes its number from it.
    """
    (last,) = connection.execute(
        """SELECT max(id) FROM (SELECT id FROM item_changes WHERE id < (SELECT max(id) FROM item_changes)
                                ORDER BY id LIMIT ?)""",
        (FILED_AT_ONCE,),
    ).fetchone()
    if last is None:
        return 0
    connection.execute(
        """INSERT INTO item_history(epc, id, t_ms, kind, place, p, evidence)
           SELECT epc, id, t_ms, kind, place, p, evidence FROM item_changes WHERE id <= ? ORDER BY epc""",
        (last,),
    )
    return connection.execute("DELETE FROM item_changes WHERE id <= ?", (last,)).rowcount


def prune(connection: sqlite3.Connection, before_ms: int, early_before_ms: int) -> None:
    """Forget steps from before ``before_ms``, but the newest of an item, and tags that no shelf ever saw."""
    connection.execute(
        """DELETE FROM item_history WHERE t_ms < ?1 AND EXISTS (
               SELECT 1 FROM item_history AS newer
                WHERE newer.epc = item_history.epc AND newer.id > item_history.id)""",
        (before_ms,),
    )
    strangers = "SELECT epc FROM early WHERE t_ms < ?"
    connection.execute(f"DELETE FROM item_history WHERE epc IN ({strangers})", (early_before_ms,))  # noqa: S608
    connection.execute("DELETE FROM early WHERE t_ms < ?", (early_before_ms,))
