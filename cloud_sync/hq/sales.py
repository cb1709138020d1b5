"""What every store sold, by day in the store's own time zone."""

import sqlite3

from cloud_sync.hq import stock
from models.messages.facts import SaleCompleted


def fold(connection: sqlite3.Connection, store: str, fact: SaleCompleted, t_ms: int, day: str) -> bool:
    """Enter a sale and take it out of the stock; gives whether it is new. ``t_ms`` is the time believed."""
    cursor = connection.execute(
        """INSERT INTO sales(store, sale, t_ms, day, till, lane, total_minor, currency, member)
           VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING""",
        (store, fact.sale, t_ms, day, fact.till, fact.lane, fact.total_minor, fact.currency, fact.member),
    )
    if cursor.rowcount == 0:
        return False
    pieces = sum(line.quantity for line in fact.lines)
    connection.execute(
        """INSERT INTO sales_days VALUES (?,?,?,1,?,?) ON CONFLICT DO UPDATE SET sales = sales + 1,
           pieces = pieces + excluded.pieces, total_minor = total_minor + excluded.total_minor""",
        (store, day, fact.currency, pieces, fact.total_minor),
    )
    connection.executemany(
        """INSERT INTO sales_products VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET
           pieces = pieces + excluded.pieces, total_minor = total_minor + excluded.total_minor""",
        [
            (store, day, line.gtin, fact.currency, line.quantity, line.quantity * line.price_minor)
            for line in fact.lines
        ],
    )
    stock.sell(connection, store, fact.lines, t_ms)
    return True
