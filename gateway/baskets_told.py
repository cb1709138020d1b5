"""What nodes are told of baskets before they are paid: counts of pieces, never whose they are."""

from typing import Final

from gateway.api.desk import Desk
from gateway.store import standing
from models.messages.samples import BasketLevel, BasketsSample, StandingBasket
from models.process.clock import is_unset

BELIEVED_MS: Final = 60_000
TELL_EVERY_S: Final = 15


def baskets_now(desk: Desk) -> BasketsSample:
    """How big baskets are now, and which known ones stand in line."""
    now_ms = desk.clock.now_ms()
    with desk.reading() as connection:
        known = {"shelves": desk.touched.takes_level(now_ms), "phones": standing.level(connection, now_ms)}
        in_line = standing.in_line(connection, now_ms)
    return BasketsSample(
        t_ms=now_ms,
        believed_until_ms=now_ms + BELIEVED_MS,
        levels=tuple(
            BasketLevel(source=source, items=round(items, 2)) for source, items in known.items() if items is not None
        ),
        standing=tuple(StandingBasket(lane=lane, items=items, since_ms=t_ms) for lane, items, t_ms in in_line),
    )


def tell_baskets(desk: Desk) -> None:
    """Tell it to every node, while the broker is there."""
    if is_unset(desk.clock.now_ms()):
        return
    sample = baskets_now(desk)
    for link in desk.basket_links:
        link(sample)
