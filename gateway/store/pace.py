"""How fast products sell: pieces by product and day, and the mean of the last two weeks."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

DAY_MS: Final = 86_400_000
WINDOW_DAYS: Final = 14
KEPT_DAYS: Final = 120


def note(connection: sqlite3.Connection, sold: Iterable[tuple[str, int]], t_ms: int) -> None:
    """Enter what a sale took: pairs of GTIN and pieces, negative where they were brought back."""
    connection.executemany(
        """INSERT INTO pace(gtin, day, pieces) VALUES (?,?,?)
           ON CONFLICT(gtin, day) DO UPDATE SET pieces = pieces + excluded.pieces""",
        [(gtin, t_ms // DAY_MS, pieces) for gtin, pieces in sold],
    )


def of(connection: sqlite3.Connection, gtins: Iterable[str] | None, now_ms: int) -> dict[str, float]:
    """Pieces a day of these products (``None``: of all) that sold in the window, from the first such day on."""
    today = now_ms // DAY_MS
    among = "" if gtins is None else "AND gtin IN (SELECT value FROM json_each(:gtins))"
    found = connection.execute(
        f"SELECT gtin, sum(pieces), min(day) FROM pace WHERE day > :since {among} GROUP BY gtin",  # noqa: S608 - ours
        {"since": today - WINDOW_DAYS, "gtins": json.dumps(list(gtins or ()))},
    ).fetchall()
    return {gtin: max(pieces, 0) / max(today - first + 1, 1) for gtin, pieces, first in found}


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget what nobody asks for any more; gives how many rows."""
    return connection.execute("DELETE FROM pace WHERE day < ?", (now_ms // DAY_MS - KEPT_DAYS,)).rowcount
