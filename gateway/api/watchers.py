"""The people who watch: pages that hold an event stream open.

They get hints, not a log: what changed since a watcher was told last is merged, so that a slow one costs a bounded
amount of memory and is never behind by more than one message.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from threading import Lock
from typing import Final

from models.process.clock import Clock
from models.process.web import Refused

MOST_WATCHERS: Final = 200
MOST_NAMES: Final = 500
"""Of more changed things than these a watcher is told «everything»: an empty list."""
PAUSE_S: Final = 0.2
"""So often a watcher is told at most; the first change is told at once."""
OPENED: Final = "opened"
BEAT: Final = "beat"
BEAT_S: Final = 25.0
"""Without news for so long a watcher is told that there are none: a page cannot see the comments of a stream."""
DEAF_S: Final = 30.0
"""A watcher that takes nothing for so long is dropped; its page connects again when it can."""


class Watcher:
    """One open event stream; lives on the event loop."""

    def __init__(self, topics: frozenset[str], clock: Clock) -> None:
        self.topics = topics
        self._clock = clock
        self._pending: dict[str, set[str]] = {}
        self._since_s = 0.0
        self._changed = asyncio.Event()
        self._is_closed = False

    def tell(self, topic: str, names: frozenset[str]) -> None:
        """Merge news into what waits."""
        if not self._pending:
            self._since_s = self._clock.monotonic_s()
        waiting = self._pending.setdefault(topic, set())
        if len(waiting) <= MOST_NAMES:
            waiting |= names
        self._changed.set()

    def is_deaf(self, now_s: float) -> bool:
        """Whether news wait for longer than ``DEAF_S``."""
        return bool(self._pending) and now_s - self._since_s > DEAF_S

    def close(self) -> None:
        """End the stream."""
        self._is_closed = True
        self._changed.set()

    async def news(self) -> AsyncIterator[tuple[str, list[str]]]:
        """Topic and names of what changed, as long as the stream is open."""
        while True:
            try:
                await asyncio.wait_for(self._changed.wait(), BEAT_S)
            except TimeoutError:
                yield BEAT, []
                continue
            self._changed.clear()
            if self._is_closed:
                return
            taken, self._pending = self._pending, {}
            for topic, names in taken.items():
                yield topic, sorted(names) if len(names) <= MOST_NAMES else []
            await asyncio.sleep(PAUSE_S)


class Watchers:
    """All open event streams. ``tell`` may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watchers: set[Watcher] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = Lock()
        self._pending: dict[str, set[str]] = {}

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to tell, on this event loop."""
        self._loop = loop

    def close(self) -> None:
        """End all streams."""
        self._loop = None
        for watcher in self._watchers:
            watcher.close()

    def tell(self, topic: str, names: Iterable[str] = ()) -> None:
        """Tell all who watch ``topic`` that it changed, or these things of it."""
        loop = self._loop
        if loop is None or not self._watchers:
            return
        with self._lock:
            is_first = not self._pending
            self._pending.setdefault(topic, set()).update(names)
        if is_first:
            # One call on the loop for all that came since: a burst of facts must not queue a burst of callbacks.
            loop.call_soon_threadsafe(self._spread)

    def _spread(self) -> None:
        with self._lock:
            news, self._pending = self._pending, {}
        now_s = self._clock.monotonic_s()
        for watcher in list(self._watchers):
            if watcher.is_deaf(now_s):
                watcher.close()
                self._watchers.discard(watcher)
                continue
            for topic, names in news.items():
                if topic in watcher.topics:
                    watcher.tell(topic, frozenset(names))

    async def watch(self, topics: Iterable[str]) -> AsyncIterator[tuple[str, list[str]]]:
        """Watch until the page goes away. The first news is ``OPENED``: what is read from then on misses nothing."""
        watcher = Watcher(frozenset(topics), self._clock)
        self._watchers.add(watcher)
        try:
            yield OPENED, []
            async for news in watcher.news():
                yield news
        finally:
            self._watchers.discard(watcher)

    def make_room(self) -> None:
        """Refuse one more watcher when there are too many. Raises ``Refused`` (503)."""
        if len(self._watchers) >= MOST_WATCHERS:
            raise Refused(
                503, "too_many", "Too many pages watch this store.", "Close some, or try again in a minute."
            )
