"""What the rules of tasks need to know of products, read from the tables: a few queries for hundreds of products."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.core.planogram import DefaultRule, Slot, home
from gateway.core.stock import Floor, Place, Standing, judge
from gateway.core.tasks import Goods, Knowledge, Spot, Task
from gateway.store import pace, planogram

_AMONG: Final = "IN (SELECT value FROM json_each(?))"
_STANDING: Final = frozenset({"on_shelf", "misplaced", "back_room", "returned"})
_LIFTED: Final = "picked_up"


@dataclass(slots=True)
class _Found:
    """What the tables say of one product."""

    is_tagged: bool = False
    places: dict[str, int] = field(default_factory=dict)
    """Pieces with tags by place, whatever became of them: where a product is at home."""
    standing: dict[str, tuple[int, float]] = field(default_factory=dict)
    counted: dict[str, Place] = field(default_factory=dict)
    strays: dict[str, list[str]] = field(default_factory=dict)
    lifted: set[str] = field(default_factory=set)
    home: set[str] = field(default_factory=set)


def load(
    connection: sqlite3.Connection, tasks: Mapping[str, Sequence[Task]], floor: Floor, rule: DefaultRule, now_ms: int
) -> list[Goods]:
    """The products that ``tasks`` names (with those of theirs that are not over) as they stand now."""
    gtins = list(tasks)
    among = json.dumps(gtins)
    found = {gtin: _Found() for gtin in gtins}
    _read_tagged(connection, among, found)
    _read_counted(connection, among, found, floor, now_ms)
    _read_pieces(connection, among, found, tasks)
    plan, sold = planogram.of(connection, gtins), pace.of(connection, gtins, now_ms)
    goods = []
    for gtin, one in found.items():
        slots = plan.get(gtin) or _default(gtin, one, floor, rule)
        # What no plan speaks of has no wrong shelf.
        strays = one.strays if gtin in plan else {}
        backroom, p = _backroom(one, floor)
        spots = tuple(_spot(slot, one, floor) for slot in slots)
        goods.append(
            Goods(gtin, spots, backroom, p, sold.get(gtin, 0.0), strays, frozenset(one.lifted), frozenset(one.home))
        )
    return goods


def _read_tagged(connection: sqlite3.Connection, among: str, found: Mapping[str, _Found]) -> None:
    for (gtin,) in connection.execute(f"SELECT gtin FROM products WHERE tagged = 1 AND gtin {_AMONG}", (among,)):  # noqa: S608
        found[gtin].is_tagged = True
    for gtin, place, state, count, p in connection.execute(
        f"SELECT gtin, place, state, count(*), avg(p) FROM items WHERE gtin {_AMONG} GROUP BY gtin, place, state",  # noqa: S608
        (among,),
    ).fetchall():
        one = found[gtin]
        one.is_tagged = True
        one.places[place] = one.places.get(place, 0) + count
        if state in _STANDING:
            pieces, mean = one.standing.get(place, (0, 0.0))
            one.standing[place] = pieces + count, (mean * pieces + p * count) / (pieces + count)


def _read_counted(
    connection: sqlite3.Connection, among: str, found: Mapping[str, _Found], floor: Floor, now_ms: int
) -> None:
    for gtin, place, quantity, t_ms, moved in connection.execute(
        f"SELECT gtin, place, quantity, t_ms, moved FROM counted WHERE gtin {_AMONG}",  # noqa: S608 - ours
        (among,),
    ).fetchall():
        found[gtin].counted[place] = judge(Standing(place, quantity, t_ms, moved=moved), floor, now_ms)


def _read_pieces(
    connection: sqlite3.Connection, among: str, found: Mapping[str, _Found], tasks: Mapping[str, Sequence[Task]]
) -> None:
    """Which pieces are on a wrong shelf, and what became of those that somebody was to bring home."""
    for gtin, epc, place in connection.execute(
        f"SELECT gtin, epc, place FROM items WHERE gtin {_AMONG} AND state = 'misplaced'",  # noqa: S608 - ours
        (among,),
    ).fetchall():
        found[gtin].strays.setdefault(place, []).append(epc)
    epcs = [epc for listed in tasks.values() for task in listed for epc in task.want.epcs]
    if epcs:
        for gtin, epc, state in connection.execute(
            f"SELECT gtin, epc, state FROM items WHERE epc {_AMONG}",  # noqa: S608 - ours
            (json.dumps(epcs),),
        ).fetchall():
            if gtin in found:
                (found[gtin].lifted if state == _LIFTED else found[gtin].home).add(epc)
                if state not in {_LIFTED, "on_shelf", "back_room"}:
                    found[gtin].home.discard(epc)


def _default(gtin: str, found: _Found, floor: Floor, rule: DefaultRule) -> list[Slot]:
    """The rule of the settings, on the shelf where most of the product is or was."""
    known = found.places if found.is_tagged else {place: one.quantity for place, one in found.counted.items()}
    shelf = home({place: count for place, count in known.items() if floor.kind(place) == "shelf"})
    slot = None if shelf is None else rule.slot(gtin, shelf)
    return [] if slot is None else [slot]


def _spot(slot: Slot, found: _Found, floor: Floor) -> Spot:
    watch = floor.watches.get(slot.shelf)
    counted = found.counted.get(slot.shelf)
    knowledge: Knowledge = "unknown"
    standing, p = found.standing.get(slot.shelf, (0, 1.0))
    if found.is_tagged and watch is not None:
        knowledge = "seen" if watch.state == "reading" else "unknown"
    elif counted is not None:
        knowledge, standing, p = "counted", counted.quantity, counted.p
    # Headquarters of another version may say what ours would refuse.
    return Spot(slot.shelf, max(slot.capacity, slot.facings), slot.low, standing, knowledge, p)


def _backroom(found: _Found, floor: Floor) -> tuple[int | None, float]:
    """Pieces in the back room and how sure that is: readers are right, then counts; ``None`` where nobody looked."""
    tagged, counted = found.standing.get(floor.backroom), found.counted.get(floor.backroom)
    if tagged is not None:
        return tagged
    if counted is not None:
        return counted.quantity, counted.p
    return (0, 1.0) if found.is_tagged and floor.backroom in floor.watches else (None, 0.0)


def products(connection: sqlite3.Connection) -> list[str]:
    """All products that may need work: planned, standing somewhere, counted, or with a task that is not over."""
    found: Iterable[tuple[str]] = connection.execute(
        """SELECT gtin FROM planogram WHERE facings > 0 UNION SELECT gtin FROM items WHERE gtin NOT NULL
           UNION SELECT gtin FROM counted UNION SELECT gtin FROM tasks WHERE state IN ('open', 'claimed')"""
    )
    return [gtin for (gtin,) in found]
