"""A batch of what shelves say, on its way into the tables: read once, taken fact by fact, written once."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.core import life
from gateway.core.life import TABLE, Step
from gateway.store.life import LOG, Turn, among
from gateway.store.plan_shelves import Wanted, wanted
from models.messages.facts import ItemFact, ItemTaken

_INSERT: Final = """
    INSERT INTO items(place, p, t_ms, seen_ms, epc, state, since_ms, gtin, serial) VALUES (?,?,?,?,?,?,?,?,?)
"""
_UPDATE: Final = "UPDATE items SET place = ?, p = ?, t_ms = ?, seen_ms = ? WHERE epc = ?"
_TURN: Final = "UPDATE items SET state = ?, since_ms = ? WHERE epc = ?"
_TOUCH: Final = "UPDATE items SET t_ms = max(t_ms, ?) WHERE epc = ?"

_UNKNOWN: Final = (life.NEW, -1)
_GONE: Final = frozenset({life.MISSING, life.LEFT, life.PAID})
"""What was in one of these states and stands again: something was wrong, or it came back."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Places:
    """The names of a store's places that are no shelf."""

    backroom: str
    counter: str


def standing(shelf: str, gtin: str | None, places: Places, wanted: Wanted) -> str:
    """What it means that an item stands at ``shelf``. What the planogram wants nowhere has no wrong shelf."""
    if shelf == places.backroom:
        return life.STANDS_IN_BACK_ROOM
    shelves = wanted.get(gtin) if gtin is not None else None
    return life.STANDS if shelves is None or shelf in shelves or shelf == places.counter else life.STANDS_ELSEWHERE


class ShelfBatch:
    """What facts of one batch come to. The newest of an item goes one row of the table further; others are late."""

    __slots__ = (
        "_changed",
        "_expected",
        "_known",
        "_latest_ms",
        "_log",
        "_places",
        "_touched",
        "_turned",
        "_wanted",
        "late",
        "new",
        "turns",
    )

    def __init__(
        self, connection: sqlite3.Connection, facts: Sequence[ItemFact], latest_ms: int, places: Places
    ) -> None:
        self._latest_ms, self._places = latest_ms, places
        self._wanted = wanted(connection)
        # Nearly all stand on their shelf and are older than this batch: only the others are read.
        oldest_ms = min([latest_ms, *[fact.t_ms for fact in facts]])
        self._expected = life.ON_SHELF, oldest_ms
        self._known: dict[str, tuple[str, int]] = {
            epc: _UNKNOWN if state is None else (state, t_ms)
            for epc, state, t_ms in connection.execute(
                """SELECT value, state, t_ms FROM json_each(?) LEFT JOIN items ON epc = value
                    WHERE epc IS NULL OR state <> 'on_shelf' OR t_ms > ?""",
                (among([fact.epc for fact in facts]), oldest_ms),
            ).fetchall()
        }
        self._log: list[tuple[object, ...]] = []
        self._changed: dict[str, tuple[object, ...]] = {}
        self._touched: dict[str, int] = {}
        self._turned: dict[str, tuple[str, int]] = {}
        self.new: dict[str, tuple[str | None, str | None]] = {}
        self.late: dict[str, list[Step]] = {}
        self.turns: list[Turn] = []

    def take(self, facts: Sequence[ItemFact]) -> None:
        """Take facts, in their order. One loop with local names: this is what every read of a shelf goes through."""
        known, changed, note, latest_ms = self._known, self._changed, self._log.append, self._latest_ms
        belongs, backroom, stands = self._wanted.get, self._places.backroom, TABLE[life.STANDS]
        expected = self._expected
        for fact in facts:
            epc, shelf, p, evidence = fact.epc, fact.shelf, fact.p, fact.evidence
            t_ms = seen_ms = min(latest_ms, fact.t_ms)
            proof = None
            if evidence is not None:
                proof = _encode(evidence).decode()
                if evidence.last_read_ms is not None:
                    seen_ms = min(evidence.last_read_ms, latest_ms)
            event, row = life.STANDS, stands
            if type(fact) is ItemTaken:
                event, row = life.LIFTED, TABLE[life.LIFTED]
            elif shelf == backroom or ((shelves := belongs(fact.gtin)) is not None and shelf not in shelves):
                event = standing(shelf, fact.gtin, self._places, self._wanted)
                row = TABLE[event]
            note((epc, t_ms, event, shelf, p, proof))
            was, last_ms = known.get(epc, expected)
            state = row.get(was)
            if t_ms < last_ms:
                self.late.setdefault(epc, []).append(Step(t_ms, event, shelf, p, seen_ms))
                continue
            if state is None:
                self._touched[epc], known[epc] = t_ms, (was, t_ms)
                continue
            if state != was:
                self._turn(fact, t_ms, was, state, event)
            known[epc] = state, t_ms
            changed[epc] = shelf, p, t_ms, seen_ms, epc

    def _turn(self, fact: ItemFact, t_ms: int, was: str, state: str, event: str) -> None:
        self._turned[fact.epc] = state, t_ms
        if was == life.NEW:
            self.new[fact.epc] = fact.gtin, fact.serial
        if event == life.LIFTED or was in _GONE:
            self.turns.append(Turn(fact.epc, fact.gtin, fact.shelf, t_ms, was, state))

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what the facts came to, and every step of it."""
        connection.executemany(LOG, self._log)
        rows = self._changed.items()
        connection.executemany(
            _UPDATE, [row for epc, row in rows if epc not in self.new] if self.new else self._changed.values()
        )
        if self.new:
            fresh = [(*self._changed[epc], *self._turned.pop(epc), *names) for epc, names in self.new.items()]
            connection.executemany(_INSERT, fresh)
        if self._turned:
            connection.executemany(_TURN, [(*turned, epc) for epc, turned in self._turned.items()])
        if self._touched:
            connection.executemany(_TOUCH, [(t_ms, epc) for epc, t_ms in self._touched.items()])
