"""When the store closed: half an hour later everybody has paid, and what was picked up before is missing."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

AFTER_CLOSING: Final = timedelta(minutes=30)
"""Who was in the store when it closed has paid by then."""


def last_closing_ms(now_ms: int, closes: str | None, zone: tzinfo) -> int | None:
    """When the store last closed (``closes`` is HH:MM), at least half an hour ago; ``None`` where it never does."""
    if closes is None:
        return None
    hour, minute = map(int, closes.split(":"))
    over = datetime.fromtimestamp(now_ms / 1000, zone) - AFTER_CLOSING
    closed = over.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if closed > over:
        closed -= timedelta(days=1)
    return int(closed.timestamp() * 1000)
