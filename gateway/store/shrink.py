"""The shrink ledger: what is gone and nobody paid for, what was last seen of it, and whether it turned up again."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from gateway.core import life
from gateway.store import catalogue
from gateway.store import life as steps
from gateway.store.life import Happening, Turn
from models.messages.facts import Fact, StockChanged
from models.messages.goods import ItemFound, ItemMissing, LossReason

KEPT_MS: Final = 400 * 86_400_000
MOST_LINES: Final = 5000
_GONE: Final = frozenset({life.MISSING})


def lose(
    connection: sqlite3.Connection,
    epcs: Iterable[str],
    *,
    reason: LossReason,
    p: float,
    now_ms: int,
    alarm: str | None = None,
    by: str | None = None,
) -> list[Fact]:
    """Give items up: each is missing from now on and has a line. Gives the facts that say so.

    What cannot be missing (it was paid, say) is left alone; of what is missing already the reason is renewed.
    """
    epcs = list(epcs)
    evidence = {"reason": reason, "alarm": alarm, "by": by}
    turns = steps.happen(connection, [Happening(epc, now_ms, life.GIVEN_UP, p, "", evidence) for epc in epcs])
    gone = {turn.epc for turn in turns if turn.now == life.MISSING}
    for epc in set(epcs) - gone:
        connection.execute(
            """UPDATE shrink SET reason = ?, p = max(p, ?), alarm = coalesce(?, alarm)
                WHERE epc = ? AND found_ms IS NULL""",
            (reason, p, alarm, epc),
        )
    return [_line(connection, epc, reason=reason, p=p, now_ms=now_ms, alarm=alarm, by=by) for epc in sorted(gone)]


def _line(
    connection: sqlite3.Connection,
    epc: str,
    *,
    reason: LossReason,
    p: float,
    now_ms: int,
    alarm: str | None,
    by: str | None,
) -> ItemMissing:
    gtin, serial, place, seen_ms = connection.execute(
        "SELECT gtin, serial, place, seen_ms FROM items WHERE epc = ?", (epc,)
    ).fetchone()
    product = None if gtin is None else catalogue.find(connection, gtin, now_ms)
    price_minor = None if product is None else int(product["price_minor"])
    connection.execute(
        """INSERT INTO shrink(epc, gtin, quantity, value_minor, currency, place, last_seen_ms, missing_ms, reason, p,
           evidence, by, alarm) VALUES (?,?,1,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING""",
        (epc, gtin, price_minor, product and product["currency"], place, seen_ms, now_ms, reason, p,
         steps.packed(_last_seen(connection, epc)), by, alarm),
    )  # fmt: skip
    return ItemMissing(
        t_ms=now_ms, epc=epc, shelf=place, reason=reason, p=p, last_seen_ms=seen_ms, gtin=gtin, serial=serial,
        price_minor=price_minor,
    )  # fmt: skip


def _last_seen(connection: sqlite3.Connection, epc: str) -> dict[str, object]:
    """Why the store believed in the item when it was last seen."""
    for kept in reversed(steps.steps(connection, [epc]).get(epc, [])):
        if kept.step.event in life.SEEING:
            return {"event": kept.step.event, **kept.evidence}
    return {}


def turned_up(
    connection: sqlite3.Connection, turns: Iterable[Turn], now_ms: int, by: str | None = None
) -> list[Fact]:
    """Close the lines of items that are missing no more; gives the facts that say so."""
    found: list[Fact] = []
    for turn in turns:
        if turn.was not in _GONE or turn.now in _GONE:
            continue
        connection.execute(
            "UPDATE shrink SET found_ms = ?, by = coalesce(?, by) WHERE epc = ? AND found_ms IS NULL",
            (now_ms, by, turn.epc),
        )
        found.append(ItemFound(t_ms=now_ms, epc=turn.epc, shelf=turn.place, gtin=turn.gtin))
    return found


def counted(
    connection: sqlite3.Connection, *, gtin: str, place: str, expected: int, found: int, by: str, t_ms: int
) -> list[Fact]:
    """A count of goods without tags found other than the books say: what lacks is lost, what is over turned up again.

    Args:
        connection: inside a change.
        gtin: the product.
        place: where it was counted.
        expected: what the books said before, sales taken off.
        found: what was counted.
        by: the clerk.
        t_ms: when.

    Returns:
        Facts for headquarters. The loss is as old as its count, which therefore stands as it was counted.
    """
    lacking = expected - found
    if lacking < 0:
        _over(connection, gtin, place, -lacking, t_ms)
    if lacking <= 0:
        return []
    product = catalogue.find(connection, gtin, t_ms)
    price_minor = 0 if product is None else int(product["price_minor"])
    (seen_ms,) = connection.execute(
        """SELECT coalesce(max(t_ms), ?1) FROM counted_entries
            WHERE gtin = ?2 AND place = ?3 AND kind = 'count' AND undone = 0 AND t_ms < ?1""",
        (t_ms, gtin, place),
    ).fetchone()
    connection.execute(
        """INSERT INTO shrink(epc, gtin, quantity, value_minor, currency, place, last_seen_ms, missing_ms, reason, p,
           by) VALUES (NULL,?,?,?,?,?,?,?,'counted',1.0,?)""",
        (gtin, lacking, price_minor * lacking, product and product["currency"], place, seen_ms, t_ms, by),
    )
    return [StockChanged(t_ms=t_ms, gtin=gtin, place=place, delta=-lacking, reason="loss")]


def _over(connection: sqlite3.Connection, gtin: str, place: str, pieces: int, t_ms: int) -> None:
    """What was counted too few before was not lost: the newest lines first, whole lines only."""
    for line, quantity in connection.execute(
        """SELECT id, quantity FROM shrink WHERE epc IS NULL AND gtin = ? AND place = ? AND found_ms IS NULL
           ORDER BY missing_ms DESC, id DESC""",
        (gtin, place),
    ).fetchall():
        if quantity > pieces:
            return
        pieces -= quantity
        connection.execute("UPDATE shrink SET found_ms = ? WHERE id = ?", (t_ms, line))


def undo_counted(connection: sqlite3.Connection, *, gtin: str, place: str, t_ms: int) -> None:
    """A count was taken back: the line that it made never was."""
    connection.execute(
        "DELETE FROM shrink WHERE epc IS NULL AND gtin = ? AND place = ? AND missing_ms = ?", (gtin, place, t_ms)
    )


def give_up(
    connection: sqlite3.Connection, before_ms: int, watched: AbstractSet[str], now_ms: int, limit: int = 500
) -> list[Fact]:
    """Give up what was picked up before ``before_ms`` and has neither been paid nor come back.

    Args:
        connection: inside a change.
        before_ms: see ``gateway.core.life.given_up_before_ms``.
        watched: shelves that are read now. An item of another may have been put back unseen: it waits.
        now_ms: the time.
        limit: at most so many at once.
    """
    gone = connection.execute(
        """SELECT epc, place, p FROM items WHERE state IN ('picked_up', 'in_basket') AND since_ms < ? AND t_ms < ?
           AND epc NOT IN (SELECT epc FROM exits)""",
        (before_ms, before_ms),
    ).fetchall()
    facts: list[Fact] = []
    told = steps.steps(connection, [epc for epc, *_rest in gone])
    for epc, _place, p in [one for one in gone if one[1] in watched][:limit]:
        if life.replay(kept.step for kept in told.get(epc, ())).stood is not None:
            # Somebody scanned it and left it: its shelf has never missed it.
            steps.happen(connection, [Happening(epc, now_ms, life.UNSCANNED, p, "", {"reason": "left"})])
            continue
        facts += lose(connection, [epc], reason="not_seen", p=p, now_ms=now_ms)
    return facts


def lines(connection: sqlite3.Connection, from_ms: int, to_ms: int, limit: int = MOST_LINES) -> list[sqlite3.Row]:
    """Lines that went missing in a span, the newest first, with the products' names."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    found: list[sqlite3.Row] = cursor.execute(
        """SELECT epc, shrink.gtin AS gtin, name_en, name_zh, quantity, coalesce(value_minor, 0) AS value_minor,
                  place, last_seen_ms, missing_ms, reason, p, found_ms, by, currency, clerks.name AS by_name, alarm,
                  evidence
             FROM shrink LEFT JOIN products ON products.gtin = shrink.gtin
                         LEFT JOIN clerks ON clerks.clerk = shrink.by
            WHERE missing_ms >= ? AND missing_ms < ? ORDER BY missing_ms DESC, shrink.id DESC LIMIT ?""",
        (from_ms, to_ms, limit),
    ).fetchall()
    return found


def sums(connection: sqlite3.Connection, from_ms: int, to_ms: int) -> tuple[int, int, int]:
    """Pieces that are missing, what they are worth, and pieces that turned up again, of a span."""
    row = connection.execute(
        """SELECT coalesce(sum(quantity) FILTER (WHERE found_ms IS NULL), 0),
                  coalesce(sum(value_minor) FILTER (WHERE found_ms IS NULL), 0),
                  coalesce(sum(quantity) FILTER (WHERE found_ms NOT NULL), 0)
             FROM shrink WHERE missing_ms >= ? AND missing_ms < ?""",
        (from_ms, to_ms),
    ).fetchone()
    return row[0], row[1], row[2]


def prune(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget lines of more than a year ago; gives how many."""
    return connection.execute("DELETE FROM shrink WHERE missing_ms < ?", (now_ms - KEPT_MS,)).rowcount
