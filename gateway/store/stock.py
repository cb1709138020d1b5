"""The stock look-up: tagged and counted together, by product and place."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.planogram import Slot
from gateway.core.stock import Floor, Place, Standing, Watch, on_hand, places
from gateway.store import catalogue, planogram

STANDS: Final = "('on_shelf', 'misplaced', 'back_room', 'returned')"
"""The states in which a piece counts as stock."""


@dataclass(frozen=True, slots=True)
class StockOf:
    """A product of the catalogue, where it stands and where it belongs."""

    product: sqlite3.Row
    places: list[Place]
    elsewhere: list[sqlite3.Row]
    belongs: list[Slot]

    @property
    def on_hand(self) -> int:
        """How many pieces the store has."""
        return on_hand(self.places)


def watches(connection: sqlite3.Connection, nodes_online: Mapping[str, tuple[bool, int]]) -> dict[str, Watch]:
    """Which shelves are watched. A shelf whose node is gone is ``offline``.

    Args:
        connection: a reading one.
        nodes_online: node → whether it is online and when it last said so; a node that is not there is not judged.
    """
    found: dict[str, Watch] = {}
    for shelf, node, state, t_ms in connection.execute("SELECT shelf, node, state, t_ms FROM shelves").fetchall():
        online, heard_ms = nodes_online.get(node, (True, t_ms))
        found[shelf] = Watch(state if online else "offline", max(heard_ms, t_ms))
    return found


def standings(
    connection: sqlite3.Connection, gtins: Sequence[str] | None
) -> tuple[dict[str, list[Standing]], dict[str, list[Standing]]]:
    """Tagged and counted standings by GTIN; of all products for ``None``."""
    marks = "" if gtins is None else f"AND gtin IN ({','.join('?' * len(gtins))})"
    values = gtins or ()
    tagged: dict[str, list[Standing]] = {}
    for gtin, place, quantity, p, seen_ms in connection.execute(
        f"""SELECT gtin, place, count(*), avg(p), max(seen_ms) FROM items
            WHERE state IN {STANDS} AND gtin NOT NULL {marks} GROUP BY gtin, place""",  # noqa: S608 - marks only
        values,
    ).fetchall():
        tagged.setdefault(gtin, []).append(Standing(place, quantity, seen_ms, p))
    counted: dict[str, list[Standing]] = {}
    for gtin, place, quantity, t_ms, moved in connection.execute(
        f"SELECT gtin, place, quantity, t_ms, moved FROM counted WHERE 1 {marks}",  # noqa: S608 - marks only
        values,
    ).fetchall():
        counted.setdefault(gtin, []).append(Standing(place, quantity, t_ms, moved=moved))
    return tagged, counted


def of(connection: sqlite3.Connection, products: Sequence[sqlite3.Row], floor: Floor, now_ms: int) -> list[StockOf]:
    """Where each of these products stands, in their order."""
    gtins = [row["gtin"] for row in products]
    if not gtins:
        return []
    tagged, counted = standings(connection, gtins)
    others, plan = catalogue.elsewhere(connection, gtins), planogram.of(connection, gtins)
    return [
        StockOf(
            row,
            places(tagged.get(gtin, ()), counted.get(gtin, ()), floor, now_ms),
            others.get(gtin, []),
            plan.get(gtin, []),
        )
        for gtin, row in zip(gtins, products, strict=True)
    ]


def everything(connection: sqlite3.Connection, floor: Floor, now_ms: int, limit: int) -> list[StockOf]:
    """All active products with their stock, for a handheld to keep while the network is gone."""
    products = connection.execute(
        f"SELECT {catalogue.COLUMNS} FROM products WHERE active = 1 ORDER BY products.gtin LIMIT :limit",  # noqa: S608
        {"now": now_ms, "limit": limit},
    ).fetchall()
    tagged, counted = standings(connection, None)
    plan = planogram.of(connection)
    others: dict[str, list[sqlite3.Row]] = {}
    for row in connection.execute("SELECT gtin, store, store_name, on_hand, t_ms FROM elsewhere").fetchall():
        others.setdefault(row["gtin"], []).append(row)
    return [
        StockOf(
            row,
            places(tagged.get(gtin, ()), counted.get(gtin, ()), floor, now_ms),
            others.get(gtin, []),
            plan.get(gtin, []),
        )
        for row in products
        for gtin in (row["gtin"],)
    ]
