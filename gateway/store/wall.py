"""What the wall of shelves is drawn from: each table is asked once, however many shelves there are."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.core.stock import Floor, Standing
from gateway.core.wall import Planned, ShelfPicture, Stand, picture
from gateway.store.stock import STANDS

MOST_ITEMS: Final = 2000
"""So many pieces of one shelf are listed at most."""


@dataclass(slots=True)
class _Place:
    plan: dict[str, Planned] = field(default_factory=dict)
    stands: dict[str, Stand] = field(default_factory=dict)
    unnamed: int = 0
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Wall:
    """All shelves by name, the back room, and the catalogue's rows of the products that they hold."""

    shelves: dict[str, ShelfPicture]
    back_room: ShelfPicture
    nodes: Mapping[str, str]
    """Shelf → the node that speaks for it."""
    products: Mapping[str, sqlite3.Row]


@dataclass(frozen=True, slots=True)
class Part:
    """Some shelves: those that are named, and those on which one of these products stands or belongs."""

    shelves: frozenset[str] = frozenset()
    gtins: frozenset[str] = frozenset()

    def holds(self, name: str, place: "_Place") -> bool:
        """Whether a shelf is among them."""
        return name in self.shelves or not self.gtins.isdisjoint(place.plan.keys() | place.stands.keys())


def wall(connection: sqlite3.Connection, floor: Floor, now_ms: int, part: Part | None = None) -> Wall:
    """Judge every shelf that a reader watches, the plan names, or something stands on; of a ``part`` only those."""
    places: dict[str, _Place] = {floor.backroom: _Place()}
    _read_plan(connection, places)
    _read_counted(connection, places)
    tagged = _read_items(connection, places)
    nodes = dict(connection.execute("SELECT shelf, node FROM shelves").fetchall())
    for shelf in nodes:
        places.setdefault(shelf, _Place())
    anywhere = frozenset(gtin for place in places.values() for gtin in place.plan)
    if part is not None:
        places = {n: place for n, place in places.items() if n == floor.backroom or part.holds(n, place)}
    products = _products(connection, {gtin for place in places.values() for gtin in (*place.plan, *place.stands)})
    tagged |= {gtin for gtin, row in products.items() if row["tagged"]}
    pictures = {
        name: picture(
            name, place.plan, place.stands, floor, tagged=frozenset(tagged), planned_anywhere=anywhere,
            unnamed=place.unnamed, seen_ms=place.seen_ms, now_ms=now_ms,
        )
        for name, place in places.items()
        if name != floor.counter
    }  # fmt: skip
    back_room = pictures.pop(floor.backroom)
    return Wall(dict(sorted(pictures.items())), back_room, nodes, products)


def _read_plan(connection: sqlite3.Connection, places: dict[str, _Place]) -> None:
    for gtin, shelf, facings, capacity, low in connection.execute(
        "SELECT gtin, shelf, facings, capacity, low FROM planogram WHERE facings > 0 ORDER BY gtin"
    ).fetchall():
        places.setdefault(shelf, _Place()).plan[gtin] = Planned(facings, capacity, low)


def _read_counted(connection: sqlite3.Connection, places: dict[str, _Place]) -> None:
    found = connection.execute("SELECT gtin, place, quantity, t_ms, moved FROM counted").fetchall()
    for gtin, name, quantity, t_ms, moved in found:
        places.setdefault(name, _Place()).stands[gtin] = Stand(
            Standing(name, quantity, t_ms, moved=moved), tagged=False
        )


def _read_items(connection: sqlite3.Connection, places: dict[str, _Place]) -> set[str]:
    """Put tagged pieces over what was counted, as readers are right; gives the products that carry tags."""
    tagged: set[str] = set()
    found = connection.execute(
        f"""SELECT place, gtin, count(*), avg(p), max(seen_ms) FROM items WHERE state IN {STANDS}
            GROUP BY place, gtin"""  # noqa: S608 - a constant
    ).fetchall()
    for name, gtin, quantity, p, seen_ms in found:
        place = places.setdefault(name, _Place())
        place.seen_ms = max(seen_ms, place.seen_ms or 0)
        if gtin is None:
            place.unnamed = quantity
        else:
            tagged.add(gtin)
            place.stands[gtin] = Stand(Standing(name, quantity, seen_ms, p), tagged=True)
    return tagged


def _products(connection: sqlite3.Connection, gtins: Collection[str]) -> dict[str, sqlite3.Row]:
    found = connection.execute(
        "SELECT gtin, name_en, name_zh, tagged FROM products WHERE gtin IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(gtins)),),
    ).fetchall()
    return {row["gtin"]: row for row in found}


def products_on(connection: sqlite3.Connection, shelves: Collection[str]) -> set[str]:
    """Products that stand or belong on these shelves: how sure they are changes with the shelves' readers."""
    found = connection.execute(
        f"""WITH here(shelf) AS (SELECT value FROM json_each(?))
            SELECT gtin FROM items WHERE place IN here AND state IN {STANDS} AND gtin NOT NULL
            UNION SELECT gtin FROM planogram WHERE shelf IN here AND facings > 0""",  # noqa: S608 - a constant
        (json.dumps(sorted(shelves)),),
    ).fetchall()
    return {gtin for (gtin,) in found}


def items_on(connection: sqlite3.Connection, shelf: str) -> list[sqlite3.Row]:
    """The tagged pieces that stand on a shelf, by product, the least certain first."""
    found: list[sqlite3.Row] = connection.execute(
        f"""SELECT epc, serial, gtin, state, p, seen_ms FROM items WHERE place = ? AND state IN {STANDS}
            ORDER BY gtin, p, epc LIMIT ?""",  # noqa: S608 - a constant
        (shelf, MOST_ITEMS),
    ).fetchall()
    return found
