"""Baskets: a shopper's phone carries one by a cookie, a fixed scanner has one open at a time."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Final

from gateway.core import life
from gateway.core.basket import MAX_SCANS, Line, Scan, is_idle, lines
from gateway.store.life import Happening, Turn, happen

ABANDONED_MS: Final = 24 * 3_600_000


class BasketFull(Exception):
    """The basket takes no more."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A basket as it is kept."""

    basket: str
    device: str | None
    member: str | None
    changed_ms: int
    lines: list[Line]
    is_closed: bool = False


def create(
    connection: sqlite3.Connection, t_ms: int, *, device: str | None = None, token_hash: str | None = None
) -> str:
    """Open an empty basket; gives its name."""
    basket = "b-" + secrets.token_hex(10)
    connection.execute(
        "INSERT INTO baskets(basket, device, token_hash, opened_ms, changed_ms) VALUES (?,?,?,?,?)",
        (basket, device, token_hash, t_ms, t_ms),
    )
    return basket


def by_token(connection: sqlite3.Connection, token_hash: str) -> str | None:
    """The open basket that a cookie carries."""
    row = connection.execute(
        "SELECT basket FROM baskets WHERE token_hash = ? AND closed_ms IS NULL", (token_hash,)
    ).fetchone()
    return None if row is None else str(row[0])


def of_device(connection: sqlite3.Connection, device: str, now_ms: int) -> str | None:
    """The open basket of a fixed scanner, if it was not left."""
    row = connection.execute(
        """SELECT basket, changed_ms FROM baskets WHERE device = ? AND closed_ms IS NULL
           ORDER BY changed_ms DESC LIMIT 1""",
        (device,),
    ).fetchone()
    return None if row is None or is_idle(row[1], now_ms) else str(row[0])


def at_device(connection: sqlite3.Connection, device: str, now_ms: int) -> str:
    """The open basket of a fixed scanner, opened if need be; one that was left is closed."""
    basket = of_device(connection, device, now_ms)
    if basket is None:
        close_at_device(connection, device, now_ms)
        basket = create(connection, now_ms, device=device)
    return basket


def member_at_device(connection: sqlite3.Connection, device: str) -> str | None:
    """Whose the open basket of a device is, where they showed their code there."""
    row = connection.execute(
        "SELECT member FROM baskets WHERE device = ? AND closed_ms IS NULL AND member NOT NULL", (device,)
    ).fetchone()
    return None if row is None else str(row[0])


def close_at_device(connection: sqlite3.Connection, device: str, t_ms: int) -> None:
    """Close the open basket of a device."""
    connection.execute("UPDATE baskets SET closed_ms = ? WHERE device = ? AND closed_ms IS NULL", (t_ms, device))


def add(
    connection: sqlite3.Connection,
    basket: str,
    gtin: str,
    *,
    price_minor: int,
    t_ms: int,
    scan: str | None = None,
    epc: str | None = None,
) -> bool:
    """Add one piece; gives whether it is new (``scan``, a client-made id, adds once). ``epc``: which piece it is.

    Raises:
        BasketFull: it holds ``MAX_SCANS`` pieces.
    """
    if (
        scan is not None
        and connection.execute("SELECT 1 FROM basket_scans WHERE basket = ? AND scan = ?", (basket, scan)).fetchone()
    ):
        return False
    (number,) = connection.execute(
        "SELECT coalesce(max(n), 0) + 1 FROM basket_scans WHERE basket = ?", (basket,)
    ).fetchone()
    if number > MAX_SCANS:
        raise BasketFull
    connection.execute(
        "INSERT INTO basket_scans(basket, n, scan, gtin, price_minor, t_ms, epc) VALUES (?,?,?,?,?,?,?)",
        (basket, number, scan, gtin, price_minor, t_ms, epc),
    )
    connection.execute("UPDATE baskets SET changed_ms = ? WHERE basket = ?", (t_ms, basket))
    return True


def remove(connection: sqlite3.Connection, basket: str, n: int, t_ms: int) -> Scan | None:
    """Take out the piece that scan ``n`` put in; ``None`` where it is not there."""
    row = connection.execute(
        """UPDATE basket_scans SET removed = 1 WHERE basket = ? AND n = ? AND removed = 0
           RETURNING n, gtin, price_minor""",
        (basket, n),
    ).fetchone()
    if row is None:
        return None
    connection.execute("UPDATE baskets SET changed_ms = ? WHERE basket = ?", (t_ms, basket))
    return Scan(*row)


def scanned(connection: sqlite3.Connection, basket: str, epc: str, t_ms: int) -> list[Turn]:
    """A piece whose code names it went into a basket; gives what turned."""
    return happen(connection, [Happening(epc, t_ms, life.SCANNED, 1.0, "", {"basket": basket})])


def unscanned(connection: sqlite3.Connection, basket: str, epc: str, t_ms: int) -> list[Turn]:
    """It was taken out of the basket again; gives what turned."""
    return happen(connection, [Happening(epc, t_ms, life.UNSCANNED, 1.0, "", {"basket": basket})])


def tag_of(connection: sqlite3.Connection, basket: str, n: int) -> str | None:
    """The tag of the piece that scan ``n`` put in, where its code named one."""
    row = connection.execute("SELECT epc FROM basket_scans WHERE basket = ? AND n = ?", (basket, n)).fetchone()
    return None if row is None else row[0]


def scanned_of(connection: sqlite3.Connection, gtin: str, device: str | None) -> list[str]:
    """Pieces of a product in baskets that may be paid at ``device``: its own first, then those of phones."""
    found = connection.execute(
        """SELECT items.epc FROM items JOIN basket_scans ON basket_scans.epc = items.epc JOIN baskets USING(basket)
            WHERE items.gtin = ?1 AND items.state = 'in_basket' AND basket_scans.removed = 0
              AND (baskets.device IS NULL OR baskets.device IS ?2)
            ORDER BY baskets.device IS NULL, basket_scans.t_ms""",
        (gtin, device),
    )
    return [row[0] for row in found.fetchall()]


def attach(connection: sqlite3.Connection, basket: str, member: str, t_ms: int) -> None:
    """Say whose basket it is."""
    connection.execute("UPDATE baskets SET member = ?, changed_ms = ? WHERE basket = ?", (member, t_ms, basket))


def read(connection: sqlite3.Connection, basket: str) -> Basket:
    """A basket with its lines."""
    device, member, changed_ms, closed_ms = connection.execute(
        "SELECT device, member, changed_ms, closed_ms FROM baskets WHERE basket = ?", (basket,)
    ).fetchone()
    scans = connection.execute(
        "SELECT n, gtin, price_minor FROM basket_scans WHERE basket = ? AND removed = 0 ORDER BY n", (basket,)
    ).fetchall()
    return Basket(
        basket, device, member, changed_ms, lines(Scan(*row) for row in scans), is_closed=closed_ms is not None
    )


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget baskets that were left or paid a day ago; gives how many."""
    return connection.execute("DELETE FROM baskets WHERE changed_ms < ?", (now_ms - ABANDONED_MS,)).rowcount
