"""The log over SQLite: one file, one writer, acknowledgements after COMMIT."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter

from cloud_sync.hq import catalogue, goods
from cloud_sync.hq.down import Down
from cloud_sync.stream import dead_letters, set_aside
from cloud_sync.stream.inbox import Fold, Inbox, Origin, Receipt
from cloud_sync.stream.outbox import read_head
from cloud_sync.stream.set_aside import Retried
from cloud_sync.stream.writer import Writer
from models.messages.envelopes import Ack, FactBatch
from models.messages.facts import PriceChanged, ProductChanged
from models.messages.goods import DeliveryExpected, PlanogramChanged
from models.messages.ids import StreamClass
from models.process.clock import Clock


class SqliteLog:
    """Implements ``ports.Log``. Its coroutines belong to one event loop."""

    def __init__(
        self, writer: Writer, inbox: Inbox, down: Down, clock: Clock, registry: CollectorRegistry, *, late: Fold
    ) -> None:
        """``late`` folds what was set aside, some time after it was said."""
        self._writer, self._inbox, self._late, self._down, self._clock = writer, inbox, late, down, clock
        self._bell = asyncio.Event()
        self._listeners: set[Callable[[], None]] = set()
        self.seen: dict[str, int] = {}
        """Store → when it last called, in ms since 1970. Most calls change nothing, so this is in memory alone."""
        self._folded = Counter("aisle_hq_facts_folded", "Facts folded, by store.", ["store"], registry=registry)
        self._refused = Counter("aisle_hq_refused", "Messages and facts refused.", ["reason"], registry=registry)

    async def receive(self, store: str, node: str, stream: StreamClass, batch: FactBatch) -> Ack:
        """Fold a batch; raises ``StorageError`` when the disk cannot take it now."""
        self.seen[store] = self._clock.now_ms()
        origin = Origin(f"{store}/{node}", stream, batch.epoch)

        def change(connection: sqlite3.Connection) -> Receipt:
            connection.execute("INSERT OR REPLACE INTO contacts VALUES (?,?)", (store, self._clock.now_ms()))
            return self._inbox.take(connection, origin, [batch])

        receipt = await self._writer.arun(change)
        self._folded.labels(store).inc(receipt.folded)
        for reason in receipt.refused:
            self._refused.labels(reason).inc()
        self._ring()
        return receipt.ack

    async def refuse(self, source: str, reason: str, detail: str, body: bytes) -> None:
        """Keep a message that will never be good, and count it."""
        t_ms = self._clock.now_ms()
        self._refused.labels(reason).inc()

        def change(connection: sqlite3.Connection) -> None:
            dead_letters.keep(connection, t_ms=t_ms, source=source, reason=reason, detail=detail, body=body)

        await self._writer.arun(change)

    def fold_again(self) -> Retried:
        """Fold what was set aside again, in the order in which it came; waits until it is committed."""
        retried = Retried()

        def change(connection: sqlite3.Connection) -> bool:
            return set_aside.retry(connection, lambda _node: self._late, self._clock.now_ms(), retried)

        while self._writer.run(change):
            pass
        return retried

    async def retry(self) -> Retried:
        """The same while others are served."""
        retried = await asyncio.to_thread(self.fold_again)
        self._ring()
        return retried

    async def following(self, store: str, stream: StreamClass, ack: Ack, wait_s: float) -> bytes | None:
        """What follows ``ack``; waits for it without holding a thread or a connection."""
        self.seen[store] = self._clock.now_ms()
        await self._acknowledge(store, stream, ack)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            bell = self._bell
            with self._writer.reading() as connection:
                found = self._down.batch(connection, store, stream, ack)
            left = deadline - loop.time()
            if found is not None or left <= 0:
                return found
            try:
                await asyncio.wait_for(bell.wait(), left)
            except TimeoutError:
                return None

    async def _acknowledge(self, store: str, stream: StreamClass, ack: Ack) -> None:
        """Write only what is new: most polls acknowledge what is known."""
        with self._writer.reading() as connection:
            head = read_head(connection, store, stream)
            first = self._down.first_wanted(connection, store, stream, ack)
            is_known = head is None or (head.acknowledged == ack.upto and head.epoch == ack.epoch)
            is_whole = not self._down.has_hole(connection, store, stream, first)
        if not (is_known and is_whole):
            await self._writer.arun(lambda connection: self._down.acknowledge(connection, store, stream, ack))

    async def enter(self, changes: Sequence[ProductChanged | PriceChanged]) -> None:
        """Enter changes of the catalogue and tell the stores."""

        def change(connection: sqlite3.Connection) -> None:
            news = [one for one in changes if catalogue.put(connection, one)]
            self._down.tell(connection, news)

        await self._writer.arun(change)
        self._ring()

    async def plan(self, store: str, wished: Sequence[PlanogramChanged]) -> int:
        """Change a store's plan and tell the store; gives how many slots really changed."""

        def change(connection: sqlite3.Connection) -> int:
            news = [fact for wish in wished if (fact := goods.newer(connection, store, wish)) is not None]
            goods.fold_plan(connection, store, news)
            self._down.tell_one(connection, store, news)
            return len(news)

        changed = await self._writer.arun(change)
        self._ring()
        return changed

    async def announce(self, store: str, notice: DeliveryExpected) -> bool:
        """Announce a delivery to a store; ``False`` where it has been received already."""

        def change(connection: sqlite3.Connection) -> bool:
            is_new = goods.fold_expected(connection, store, notice)
            if is_new:
                self._down.tell_one(connection, store, [notice])
            return is_new

        is_new = await self._writer.arun(change)
        self._ring()
        return is_new

    async def tell_stock(self) -> None:
        """Tell each store what changed in the others' stock since the last call."""
        while await self._writer.arun(self._down.tell_stock):
            self._ring()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each commit; gives a function that ends it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()
        for listener in tuple(self._listeners):
            listener()
