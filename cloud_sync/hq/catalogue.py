"""The catalogue and its prices, which are headquarters' own; searched by parts of names in any language."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

from models.messages.facts import PriceChanged, ProductChanged

_TRIGRAM: Final = 3
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_LIKE_SPECIAL: Final = re.compile(r"([%_\\])")
_COLUMNS: Final = (
    "products.gtin, products.name_en, products.name_zh, products.category, products.tagged, products.active"
)


def put(connection: sqlite3.Connection, fact: ProductChanged | PriceChanged) -> bool:
    """Enter a product or a price; gives whether that changed anything."""
    if isinstance(fact, PriceChanged):
        same = connection.execute(
            """SELECT price_minor FROM prices WHERE gtin = ? AND currency = ? AND from_ms <= ?
               ORDER BY from_ms DESC LIMIT 1""",
            (fact.gtin, fact.currency, fact.from_ms),
        ).fetchone()
        if same is not None and same[0] == fact.price_minor:
            return False
        _put_price(connection, fact)
        return True
    known = connection.execute(
        "SELECT name_en, name_zh, category, tagged, active FROM products WHERE gtin = ?", (fact.gtin,)
    ).fetchone()
    if known == (fact.name_en, fact.name_zh, fact.category, fact.tagged, fact.active):
        return False
    _put_product(connection, fact)
    return True


def _put_product(connection: sqlite3.Connection, fact: ProductChanged) -> None:
    connection.execute(
        """INSERT INTO products(gtin, name_en, name_zh, category, tagged, active, t_ms) VALUES (?,?,?,?,?,?,?)
           ON CONFLICT(gtin) DO UPDATE SET name_en = excluded.name_en, name_zh = excluded.name_zh,
           category = excluded.category, tagged = excluded.tagged, active = excluded.active, t_ms = excluded.t_ms""",
        (fact.gtin, fact.name_en, fact.name_zh, fact.category, fact.tagged, fact.active, fact.t_ms),
    )


def _put_price(connection: sqlite3.Connection, fact: PriceChanged) -> None:
    connection.execute(
        """INSERT INTO prices VALUES (?,?,?,?,?) ON CONFLICT(gtin, from_ms, currency) DO UPDATE SET
           price_minor = excluded.price_minor, t_ms = excluded.t_ms""",
        (fact.gtin, fact.from_ms, fact.price_minor, fact.currency, fact.t_ms),
    )


def all_products(connection: sqlite3.Connection) -> Iterator[ProductChanged]:
    """Every product as it now is."""
    for gtin, name_en, name_zh, category, tagged, active, t_ms in connection.execute(
        "SELECT gtin, name_en, name_zh, category, tagged, active, t_ms FROM products ORDER BY gtin"
    ):
        yield ProductChanged(
            t_ms=t_ms, gtin=gtin, name_en=name_en, name_zh=name_zh, category=category, tagged=bool(tagged),
            active=bool(active),
        )  # fmt: skip


def all_prices(connection: sqlite3.Connection, now_ms: int) -> Iterator[PriceChanged]:
    """Every price that holds now or will hold later."""
    for gtin, from_ms, price_minor, currency, t_ms in connection.execute(
        """SELECT gtin, from_ms, price_minor, currency, t_ms FROM prices AS p WHERE from_ms >= coalesce(
           (SELECT max(from_ms) FROM prices WHERE gtin = p.gtin AND currency = p.currency AND from_ms <= ?), 0)
           ORDER BY gtin, from_ms""",
        (now_ms,),
    ):
        yield PriceChanged(t_ms=t_ms, gtin=gtin, price_minor=price_minor, currency=currency, from_ms=from_ms)


def search(connection: sqlite3.Connection, text: str, limit: int) -> list[sqlite3.Row]:
    """Products whose names or GTIN hold every word of ``text``; all of them, by name, for an empty one.

    Words of three characters and more go through the trigram index; shorter ones, which is most of Chinese, have no
    trigram and are looked for in each product that the long ones left.
    """
    words = _CONTROL.sub(" ", text).split()[:8]
    long = [word for word in words if len(word) >= _TRIGRAM]
    values: dict[str, object] = {"limit": limit}
    conditions, source = ["1"], "products"
    if long:
        source = "products_fts JOIN products ON products.id = products_fts.rowid"
        conditions.append("products_fts MATCH :match")
        values["match"] = " ".join('"' + word.replace('"', '""') + '"' for word in long)
    for number, word in enumerate(word for word in words if len(word) < _TRIGRAM):
        columns = ("name_en", "name_zh", "gtin")
        conditions.append("(" + " OR ".join(f"products.{name} LIKE :w{number} ESCAPE '\\'" for name in columns) + ")")
        values[f"w{number}"] = "%" + _LIKE_SPECIAL.sub(r"\\\1", word) + "%"
    rows: list[sqlite3.Row] = connection.execute(
        f"SELECT {_COLUMNS} FROM {source} WHERE {' AND '.join(conditions)}"  # noqa: S608 - names of ours, marks
        " ORDER BY products.name_en, products.gtin LIMIT :limit",
        values,
    ).fetchall()
    return rows


def find(connection: sqlite3.Connection, gtin: str) -> sqlite3.Row | None:
    """One product, or ``None``."""
    row: sqlite3.Row | None = connection.execute(
        f"SELECT {_COLUMNS} FROM products WHERE gtin = ?",  # noqa: S608 - columns of ours
        (gtin,),
    ).fetchone()
    return row


def prices_now(connection: sqlite3.Connection, gtin: str, now_ms: int) -> list[dict[str, object]]:
    """The price that holds now, by currency."""
    rows = connection.execute(
        """SELECT currency, price_minor, max(from_ms) FROM prices WHERE gtin = ? AND from_ms <= ?
           GROUP BY currency ORDER BY currency""",
        (gtin, now_ms),
    )
    return [{"currency": currency, "price_minor": price_minor} for currency, price_minor, _from in rows.fetchall()]
