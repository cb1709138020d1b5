"""What the gateway knows of baskets before they are paid, from its sample: how big they are, which stand in line."""

from collections.abc import Callable
from typing import Final

from edge.core.floor import Floor
from models.messages.codec import decode
from models.messages.errors import WireError
from models.messages.samples import BasketsSample
from models.process.clock import Clock

NEWS_MS: Final = 60_000
"""Who went to stand in line longer ago than that, when it is first heard, stands nobody knows where in it by now."""


class StoreBaskets:
    """Hands on each level while it may be believed, and each basket in line once."""

    def __init__(self, clock: Clock, signal: Callable[[Callable[[Floor], object]], None]) -> None:
        self._clock, self._signal = clock, signal
        self._heard: frozenset[tuple[str, int]] = frozenset()

    def take(self, _topic: str, payload: bytes) -> None:
        """A sample. One that cannot be read, or is too old, says nothing."""
        try:
            sample = decode(payload, BasketsSample)
        except WireError:
            return
        now_ms = self._clock.now_ms()
        if sample.believed_until_ms < now_ms:
            return
        standing = {(one.lane, one.since_ms): one for one in sample.standing}
        news = [one for name, one in standing.items() if name not in self._heard and now_ms - one.since_ms < NEWS_MS]
        self._heard = frozenset(standing)

        def say(floor: Floor) -> None:
            for level in sample.levels:
                floor.basket_level(level.source, level.items, now_ms, sample.believed_until_ms)
            for one in news:
                floor.basket_standing(one.lane, one.items, now_ms)

        self._signal(say)
