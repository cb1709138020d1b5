"""The catalogue and its prices, as headquarters tells them; searched by parts of names in any language.

What headquarters said last is so, whatever its clock said then: its stream has one sender and keeps its order.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.store import rows
from models.messages.facts import PriceChanged, ProductChanged, StockElsewhere

_TRIGRAM: Final = 3
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

# The newest price that holds. Where none does yet (a clock in 1970, or a second behind) the next one does: no product
# is given away.
_PRICE: Final = """
    (SELECT {column} FROM prices WHERE prices.gtin = products.gtin
     ORDER BY from_ms > :now, CASE WHEN from_ms <= :now THEN -from_ms ELSE from_ms END LIMIT 1)
"""
COLUMNS: Final = f"""
    products.gtin, name_en, name_zh, category, tagged,
    coalesce({_PRICE.format(column="price_minor")}, 0) AS price_minor,
    {_PRICE.format(column="currency")} AS currency
"""


def fold_products(connection: sqlite3.Connection, facts: Sequence[ProductChanged]) -> None:
    """Take over how products now are."""
    connection.executemany(
        """INSERT INTO products(gtin, name_en, name_zh, category, tagged, active, t_ms) VALUES (?,?,?,?,?,?,?)
           ON CONFLICT(gtin) DO UPDATE SET name_en = excluded.name_en, name_zh = excluded.name_zh,
           category = excluded.category, tagged = excluded.tagged, active = excluded.active, t_ms = excluded.t_ms""",
        [(f.gtin, f.name_en, f.name_zh, f.category, f.tagged, f.active, f.t_ms) for f in facts],
    )


def fold_prices(connection: sqlite3.Connection, facts: Sequence[PriceChanged]) -> None:
    """Take over prices."""
    connection.executemany(
        """INSERT INTO prices(gtin, from_ms, price_minor, currency, t_ms) VALUES (?,?,?,?,?)
           ON CONFLICT(gtin, from_ms) DO UPDATE SET price_minor = excluded.price_minor, currency = excluded.currency,
           t_ms = excluded.t_ms""",
        [(f.gtin, f.from_ms, f.price_minor, f.currency, f.t_ms) for f in facts],
    )


def fold_elsewhere(connection: sqlite3.Connection, facts: Sequence[StockElsewhere]) -> None:
    """Take over what other stores have."""
    connection.executemany(
        """INSERT INTO elsewhere(gtin, store, store_name, on_hand, t_ms) VALUES (?,?,?,?,?)
           ON CONFLICT(gtin, store) DO UPDATE SET store_name = excluded.store_name, on_hand = excluded.on_hand,
           t_ms = excluded.t_ms""",
        [(f.gtin, f.store, f.store_name, f.on_hand, f.t_ms) for f in facts],
    )


def find(connection: sqlite3.Connection, gtin: str, now_ms: int) -> sqlite3.Row | None:
    """A product with the price that holds at ``now_ms``, or ``None``."""
    query = f"SELECT {COLUMNS} FROM products WHERE gtin = :gtin"  # noqa: S608 - constants of this module
    return rows.one(connection, query, {"gtin": gtin, "now": now_ms})


def search(connection: sqlite3.Connection, text: str, now_ms: int, limit: int) -> list[sqlite3.Row]:
    """Products whose names or GTIN hold every word of ``text``, best first.

    Words of three characters and more go through the trigram index. Shorter ones, which is most of Chinese (牛奶),
    have no trigram and are looked for one product at a time, among what the long ones left.
    """
    words = _CONTROL.sub(" ", text).split()[:8]
    if not words:
        return []
    values: dict[str, object] = {"now": now_ms, "limit": limit}
    conditions = ["active = 1"]
    source, order = "products", "name_en, products.gtin"
    long = [word for word in words if len(word) >= _TRIGRAM]
    if long:
        source = "products_fts JOIN products ON products.id = products_fts.rowid"
        order = "products_fts.rank, products.gtin"
        conditions.append("products_fts MATCH :match")
        values["match"] = " ".join('"' + word.replace('"', '""') + '"' for word in long)
    for number, word in enumerate(word for word in words if len(word) < _TRIGRAM):
        conditions.append(
            f"(products.name_en LIKE :w{number} ESCAPE '\\' OR products.name_zh LIKE :w{number} ESCAPE '\\' "
            f"OR products.gtin LIKE :w{number} ESCAPE '\\')"
        )
        values[f"w{number}"] = "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"
    columns = COLUMNS.replace("name_en", "products.name_en").replace("name_zh", "products.name_zh")
    found: list[sqlite3.Row] = connection.execute(
        f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608 - only names of ours
        f"ORDER BY {order.replace('name_en', 'products.name_en')} LIMIT :limit",
        values,
    ).fetchall()
    return found


def names(connection: sqlite3.Connection, gtins: Iterable[str]) -> dict[str, tuple[str, str]]:
    """English and Chinese names of those of these products that the catalogue has, by GTIN."""
    found = connection.execute(
        "SELECT gtin, name_en, name_zh FROM products WHERE gtin IN (SELECT value FROM json_each(?))",
        (json.dumps(list(gtins)),),
    )
    return {gtin: (name_en, name_zh) for gtin, name_en, name_zh in found.fetchall()}


def elsewhere(connection: sqlite3.Connection, gtins: Sequence[str]) -> dict[str, list[sqlite3.Row]]:
    """What other stores have of these products, by GTIN."""
    found: dict[str, list[sqlite3.Row]] = {}
    marks = ",".join("?" * len(gtins))
    for row in connection.execute(
        f"SELECT gtin, store, store_name, on_hand, t_ms FROM elsewhere WHERE gtin IN ({marks}) ORDER BY on_hand DESC",  # noqa: S608
        gtins,
    ).fetchall():
        found.setdefault(row["gtin"], []).append(row)
    return found
