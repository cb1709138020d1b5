"""What headquarters tells the stores: one outgoing stream per store and class, by the same protocol as upwards.

Everything that is told is the state of something (a product, a price, a member, what another store has), so that a
store whose stream has a hole is made whole by telling it all again. A hole comes from a store that was built anew
after the beginning had been pruned, from a budget that was exceeded, from a store added after the catalogue was made.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import structlog

from cloud_sync.hq import catalogue, goods, members
from cloud_sync.hq.settings import StoreSettings
from cloud_sync.stream.errors import OutboxFull
from cloud_sync.stream.outbox import Outbox, read_head
from models.messages.envelopes import Ack
from models.messages.facts import Fact, PriceChanged, StockElsewhere
from models.messages.ids import StreamClass
from models.process.clock import Clock

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 1000


class Down:
    """The outgoing streams of all stores. Works inside the transaction of the connection that it is given."""

    def __init__(self, stores: Mapping[str, StoreSettings], outbox: Outbox, clock: Clock) -> None:
        self._stores, self._outbox, self._clock = stores, outbox, clock

    def tell(self, connection: sqlite3.Connection, facts: Sequence[Fact], *, but: str | None = None) -> None:
        """Tell all stores (but one); a price only those that take its currency."""
        for store in self._stores:
            if store != but:
                self._append(connection, store, [fact for fact in facts if self._concerns(store, fact)])

    def tell_one(self, connection: sqlite3.Connection, store: str, facts: Sequence[Fact]) -> None:
        """Tell one store what concerns it alone."""
        if store in self._stores:
            self._append(connection, store, facts)

    def tell_stock(self, connection: sqlite3.Connection, limit: int = _AT_ONCE) -> int:
        """Tell what changed in each store's stock to the others, once per product however often it changed.

        Gives how many products were told; call it every few seconds.
        """
        untold = connection.execute(
            "SELECT gtin, store, on_hand FROM stock_untold JOIN stock USING(gtin, store) LIMIT ?", (limit,)
        ).fetchall()
        for gtin, store, quantity in untold:
            if store in self._stores:
                self.tell(connection, [self._elsewhere(store, gtin, quantity)], but=store)
        connection.executemany(
            "DELETE FROM stock_untold WHERE gtin = ? AND store = ?", [(gtin, store) for gtin, store, _n in untold]
        )
        return len(untold)

    def begin(self, connection: sqlite3.Connection) -> None:
        """Give every store that was never told anything the whole state. Call it once at start."""
        known = {row[0] for row in connection.execute("SELECT DISTINCT store FROM snapshots").fetchall()}
        for store in self._stores:
            if store not in known:
                for stream in StreamClass:
                    self._append_snapshot(connection, store, stream)

    def acknowledge(self, connection: sqlite3.Connection, store: str, stream: StreamClass, ack: Ack) -> None:
        """Take in how far a store is, and mend its stream where what it asks for is no more."""
        before = read_head(connection, store, stream)
        self._outbox.acknowledge(connection, store, stream, ack)
        after = read_head(connection, store, stream)
        if before is not None and after is not None and before.epoch != after.epoch:
            # Our own file went back, so the store may believe what we no longer know.
            connection.execute("DELETE FROM snapshots WHERE store = ? AND class = ?", (store, stream.value))
            self._append_snapshot(connection, store, stream)
        elif self.has_hole(connection, store, stream, self.first_wanted(connection, store, stream, ack)):
            self._append_snapshot(connection, store, stream)

    def first_wanted(self, connection: sqlite3.Connection, store: str, stream: StreamClass, ack: Ack) -> int:
        """The number that the store wants next: 1 if it speaks of an epoch that is not ours."""
        head = read_head(connection, store, stream)
        return 1 if head is None or head.epoch != ack.epoch or ack.upto > head.last else ack.upto + 1

    def has_hole(self, connection: sqlite3.Connection, store: str, stream: StreamClass, first: int) -> bool:
        """Whether something from ``first`` on was dropped and not told again since."""
        key = (store, stream.value)
        head = read_head(connection, store, stream)
        if head is None:
            return False
        (lowest,) = connection.execute(
            "SELECT coalesce(min(seq), ?) FROM outbox WHERE peer = ? AND class = ?", (head.last + 1, *key)
        ).fetchone()
        (thinned,) = connection.execute(
            "SELECT coalesce(max(seq + span - 1), 0) FROM outbox WHERE peer = ? AND class = ? AND lost AND seq >= ?",
            (*key, first),
        ).fetchone()
        hole = max(lowest - 1 if first < lowest else 0, thinned)
        (snapshot,) = connection.execute(
            "SELECT coalesce(max(first), 0) FROM snapshots WHERE store = ? AND class = ?", key
        ).fetchone()
        return bool(hole > 0 and snapshot <= hole)

    def batch(self, connection: sqlite3.Connection, store: str, stream: StreamClass, ack: Ack) -> bytes | None:
        """What follows for the store, encoded; ``None`` when it has everything. A reading connection will do."""
        first = self.first_wanted(connection, store, stream, ack)
        found = self._outbox.batch(connection, store, stream, first)
        return None if found is None else found.payload

    def _concerns(self, store: str, fact: Fact) -> bool:
        return not isinstance(fact, PriceChanged) or fact.currency == self._stores[store].currency

    def _elsewhere(self, store: str, gtin: str, quantity: int) -> StockElsewhere:
        name = self._stores[store].name
        return StockElsewhere(t_ms=self._clock.now_ms(), store=store, store_name=name, gtin=gtin, on_hand=quantity)

    def _append(self, connection: sqlite3.Connection, store: str, facts: Sequence[Fact]) -> bool:
        """Append for one store; one that never comes must not stop the others, so its stream is let go instead."""
        connection.execute("SAVEPOINT tell")
        try:
            self._outbox.append(connection, store, facts)
        except OutboxFull:
            connection.execute("ROLLBACK TO tell")
            connection.execute("DELETE FROM outbox WHERE peer = ?", (store,))
            connection.execute("UPDATE outbox_heads SET bytes = 0 WHERE peer = ?", (store,))
            connection.execute("DELETE FROM snapshots WHERE store = ?", (store,))
            _log.warning("stream_let_go", store=store, reason="it has not come for so long that its budget is full")
            return False
        finally:
            connection.execute("RELEASE tell")
        return True

    def _append_snapshot(self, connection: sqlite3.Connection, store: str, stream: StreamClass) -> None:
        head = read_head(connection, store, stream)
        first = 1 if head is None else head.last + 1
        facts = self._ledger(connection, store) if stream is StreamClass.LEDGER else self._stock(connection, store)
        while portion := list(islice(facts, _AT_ONCE)):
            if not self._append(connection, store, portion):
                return
        connection.execute("INSERT OR REPLACE INTO snapshots VALUES (?,?,?)", (store, stream.value, first))

    def _ledger(self, connection: sqlite3.Connection, store: str) -> Iterator[Fact]:
        now_ms = self._clock.now_ms()
        yield from catalogue.all_products(connection)
        yield from (price for price in catalogue.all_prices(connection, now_ms) if self._concerns(store, price))
        yield from members.everyone(connection, now_ms)
        yield from goods.everything(connection, store)

    def _stock(self, connection: sqlite3.Connection, store: str) -> Iterator[Fact]:
        rows = connection.execute("SELECT store, gtin, on_hand FROM stock WHERE store <> ? ORDER BY gtin", (store,))
        return (self._elsewhere(other, gtin, number) for other, gtin, number in rows if other in self._stores)
