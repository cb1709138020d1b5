"""Baskets: scans become lines, lines become a total."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

IDLE_MS: Final = 10 * 60_000
"""A fixed scanner's basket is another shopper's after ten minutes without a scan."""
MAX_SCANS: Final = 500


@dataclass(frozen=True, slots=True)
class Scan:
    """One piece scanned: the ``n``-th of its basket, at the price it had then."""

    n: int
    gtin: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one product at one price. ``n`` is the number of the last scan that made it."""

    n: int
    gtin: str
    quantity: int
    price_minor: int

    @property
    def line_minor(self) -> int:
        """Price times quantity."""
        return self.quantity * self.price_minor


def lines(scans: Iterable[Scan]) -> list[Line]:
    """Gather scans of the same product at the same price, in the order of each product's first scan."""
    gathered: dict[tuple[str, int], Line] = {}
    for scan in scans:
        key = (scan.gtin, scan.price_minor)
        line = gathered.get(key, Line(scan.n, scan.gtin, 0, scan.price_minor))
        gathered[key] = replace(line, n=scan.n, quantity=line.quantity + 1)
    return list(gathered.values())


def total(gathered: Iterable[Line]) -> int:
    """What the basket costs."""
    return sum(line.line_minor for line in gathered)


def is_idle(changed_ms: int, now_ms: int) -> bool:
    """Whether a fixed scanner's basket has been left."""
    return now_ms - changed_ms > IDLE_MS
