"""What was refused, and what waits for a version that can fold it."""

import sqlite3

from typing_extensions import TypedDict

from cloud_sync.stream import dead_letters, set_aside


class Letter(TypedDict):
    """A message that was refused."""

    t_ms: int
    source: str
    reason: str
    detail: str
    body: str


class SetAside(TypedDict):
    """Facts on which this software broke: kept whole, in order, for a version that can fold them."""

    facts: int
    since_ms: int | None
    detail: str


class Refused(TypedDict):
    """What was refused: how often for which reason, the newest, and what waits to be folded again."""

    counts: dict[str, int]
    newest: list[Letter]
    set_aside: SetAside


class FoldedAgain(TypedDict):
    """How many facts were folded now, were refused for good, and are still set aside, with the newest reason."""

    folded: int
    refused: int
    left: int
    detail: str


def refused(connection: sqlite3.Connection, limit: int) -> Refused:
    """What was refused: counts by reason, and the newest."""
    waiting = set_aside.waiting(connection)
    newest: list[Letter] = [
        {
            "t_ms": one.t_ms,
            "source": one.source,
            "reason": one.reason,
            "detail": one.detail,
            "body": one.body.decode("utf-8", "replace"),
        }
        for one in dead_letters.newest(connection, limit)
    ]
    return {
        "counts": dead_letters.counts(connection),
        "newest": newest,
        "set_aside": {"facts": waiting.facts, "since_ms": waiting.since_ms, "detail": waiting.detail},
    }
