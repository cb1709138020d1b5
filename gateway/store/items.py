"""Tagged items: where each stands, what became of it, and which shelves are being watched."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core import life
from gateway.store import life as steps
from gateway.store import plan_shelves, rows
from gateway.store.life import Happening, Turn, among
from gateway.store.shelf_batch import Places, ShelfBatch, standing
from models.codes.gs1 import ParsedCode
from models.messages.facts import ItemFact, ItemReturned, ShelfReader

CHANGES_SHOWN: Final = 40
MOST_LISTED: Final = 500

GONE_KEPT_MS: Final = 90 * 86_400_000
"""A sold item may come back within a season, and then has its history."""
EARLY_KEPT_MS: Final = 86_400_000
"""So long what a door said of a tag waits for a shelf that knows it."""

_ROWS: Final = """
    SELECT epc, items.gtin AS gtin, serial, name_en, name_zh, state, place, p, seen_ms, since_ms,
           items.t_ms AS t_ms
      FROM items LEFT JOIN products ON products.gtin = items.gtin
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an item's life, and what it was after it."""

    t_ms: int
    event: str
    state: str
    place: str
    p: float
    evidence: dict[str, object]


def fold(connection: sqlite3.Connection, facts: Sequence[ItemFact], latest_ms: int, places: Places) -> list[Turn]:
    """Fold facts of items; the newest by time is right. Gives the turns that matter to others.

    Args:
        connection: inside a change.
        facts: placed, moved, taken, returned.
        latest_ms: a time beyond which no fact can be true; else a node whose clock runs ahead has the last word.
        places: what is no shelf.
    """
    batch = ShelfBatch(connection, facts, latest_ms, places)
    batch.take(facts)
    batch.write(connection)
    return batch.turns + steps.arrived(connection, list(batch.new)) + steps.retell(connection, batch.late)


def rejudge(connection: sqlite3.Connection, gtins: Iterable[str], places: Places | None = None) -> list[Turn]:
    """Say again which standing items of these products stand in their place, after the planogram changed.

    The step is as old as what was last known of the item: nothing happened to it but the plan.
    """
    found = []
    gtins = list(gtins)
    wanted = plan_shelves.wanted(connection)
    places = places or Places("backroom", "counter")
    for epc, gtin, state, place, p, t_ms in connection.execute(
        """SELECT epc, gtin, state, place, p, t_ms FROM items
            WHERE gtin IN (SELECT value FROM json_each(?)) AND state IN ('on_shelf', 'misplaced')""",
        (among(gtins),),
    ).fetchall():
        event = standing(place, gtin, places, wanted)
        if life.after(state, event) != state:
            found.append(Happening(epc, t_ms, event, p, place, {"reason": "planogram"}))
    return steps.happen(connection, found)


def fold_watching(connection: sqlite3.Connection, node: str, facts: Iterable[ItemFact], latest_ms: int) -> None:
    """Remember which node speaks for a shelf: when it is gone, what stands there is unknown."""
    spoken = {fact.shelf: fact.t_ms for fact in facts}
    connection.executemany(
        """INSERT INTO shelves(shelf, node, state, t_ms) VALUES (?,?,'reading',?) ON CONFLICT(shelf) DO UPDATE SET
           node = excluded.node, state = excluded.state, t_ms = excluded.t_ms
           WHERE node <> excluded.node AND excluded.t_ms >= t_ms""",
        [(shelf, node, min(t_ms, latest_ms)) for shelf, t_ms in spoken.items()],
    )


def fold_readers(connection: sqlite3.Connection, node: str, facts: Sequence[ShelfReader], latest_ms: int) -> None:
    """Remember which shelves are being watched, and by which node."""
    connection.executemany(
        """INSERT INTO shelves(shelf, node, state, t_ms) VALUES (?,?,?,?) ON CONFLICT(shelf) DO UPDATE SET
           node = excluded.node, state = excluded.state, t_ms = excluded.t_ms WHERE excluded.t_ms >= t_ms""",
        [(fact.shelf, node, fact.state, min(fact.t_ms, latest_ms)) for fact in facts],
    )


def is_tagged(connection: sqlite3.Connection, gtin: str) -> bool:
    """Whether any item of this product was ever seen with a tag."""
    return connection.execute("SELECT 1 FROM items WHERE gtin = ? LIMIT 1", (gtin,)).fetchone() is not None


def epc_of(connection: sqlite3.Connection, gtin: str, serial: str) -> str | None:
    """The tag of the piece that a code with a serial number names, where a shelf knows it."""
    row = connection.execute("SELECT epc FROM items WHERE gtin = ? AND serial = ? LIMIT 1", (gtin, serial)).fetchone()
    return None if row is None else str(row[0])


def tag_of(connection: sqlite3.Connection, gtin: str, code: ParsedCode) -> str | None:
    """The tag of the piece that a scanned code names: an EPC, or a serial number beside the GTIN; of known ones."""
    if code.epc is not None and find(connection, code.epc) is not None:
        return code.epc
    return None if code.serial is None else epc_of(connection, gtin, code.serial)


def find(connection: sqlite3.Connection, epc: str) -> sqlite3.Row | None:
    """One item, or ``None``."""
    return rows.one(connection, f"{_ROWS} WHERE epc = ?", (epc,))


def in_state(connection: sqlite3.Connection, state: str, gtin: str | None, limit: int) -> list[sqlite3.Row]:
    """Items in a state, of one product or of all, those that came into it last first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    only = "" if gtin is None else "AND items.gtin = :gtin"
    return cursor.execute(
        f"{_ROWS} WHERE state = :state {only} ORDER BY since_ms DESC, epc LIMIT :limit",
        {"state": state, "gtin": gtin, "limit": limit},
    ).fetchall()


def returned(row: sqlite3.Row, place: str, t_ms: int) -> ItemReturned:
    """What headquarters is told of an item that a clerk found: no shelf says so."""
    return ItemReturned(t_ms=t_ms, epc=row["epc"], shelf=place, p=1.0, gtin=row["gtin"], serial=row["serial"])


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget items that left a season ago, and what became of any item before that; gives how many items."""
    before_ms = now_ms - GONE_KEPT_MS
    steps.prune(connection, before_ms, now_ms - EARLY_KEPT_MS)
    return connection.execute(
        "DELETE FROM items WHERE state NOT IN ('on_shelf', 'misplaced', 'back_room') AND t_ms < ?", (before_ms,)
    ).rowcount


def changes(connection: sqlite3.Connection, epc: str) -> list[Change]:
    """The newest steps of an item's life, the newest first. What was taken back says so as its reason."""
    kept = steps.steps(connection, [epc]).get(epc, [])
    became = life.states_after(one.step for one in kept)
    told = [
        Change(one.step.t_ms, one.step.event, state, place, one.step.p, one.evidence)
        for one, (state, place) in zip(kept, became, strict=True)
    ]
    return told[::-1][:CHANGES_SHOWN]
