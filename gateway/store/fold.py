"""Facts become state: what the gateway does with each kind, a row per kind, and what travels on to headquarters.

Idempotence is the inbox's: a fact comes here once. Facts of one kind that follow each other are folded together,
since a shelf says hundreds in a row.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import Any, Final

from cloud_sync.stream import dead_letters
from cloud_sync.stream.inbox import Origin, Received
from cloud_sync.stream.outbox import Outbox
from gateway.store import baskets, catalogue, counts, items, members, minutes, sales
from gateway.store.sales import SaleRules
from models.messages import facts
from models.messages.errors import Malformed
from models.messages.facts import Fact
from models.process.clock import Clock, is_unset

HQ: Final = "hq"
AHEAD_MS: Final = 60_000
"""How far a node's clock may run ahead; a fact from further in the future happened now."""
END_OF_TIME_MS: Final = 253_402_300_799_999


class Touched:
    """What the newest facts changed, gathered for those who watch: GTINs and baskets. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._gtins: set[str] = set()
        self._baskets: set[str] = set()

    def add(self, gtins: set[str], basket_names: Sequence[str] = ()) -> None:
        """Note what changed."""
        with self._lock:
            self._gtins |= gtins
            self._baskets.update(basket_names)

    def take(self) -> tuple[set[str], set[str]]:
        """Give GTINs and baskets that changed since the last call."""
        with self._lock:
            taken = self._gtins, self._baskets
            self._gtins, self._baskets = set(), set()
        return taken


@dataclass(slots=True)
class Folding:
    """One batch on its way into the tables: where it comes from, and what it makes."""

    connection: sqlite3.Connection
    origin: Origin
    rules: SaleRules
    now_ms: int
    latest_ms: int
    gtins: set[str]
    baskets: list[str]
    made: list[Fact]
    """Facts that follow from these, for headquarters."""


Handler = Callable[[Folding, Sequence[Any]], None]


def _items(folding: Folding, found: Sequence[facts.ItemFact]) -> None:
    items.fold(folding.connection, found, folding.latest_ms)
    items.fold_watching(folding.connection, folding.origin.node, found, folding.latest_ms)
    folding.gtins.update([fact.gtin for fact in found if fact.gtin is not None])


def _readers(folding: Folding, found: Sequence[facts.ShelfReader]) -> None:
    items.fold_readers(folding.connection, folding.origin.node, found, folding.latest_ms)


def _counted(folding: Folding, found: Sequence[facts.StockCounted]) -> None:
    for fact in found:
        counts.fold_count(folding.connection, fact, folding.latest_ms)
        folding.gtins.add(fact.gtin)


def _changed(folding: Folding, found: Sequence[facts.StockChanged]) -> None:
    for fact in found:
        counts.fold_change(folding.connection, fact, folding.latest_ms)
        folding.gtins.add(fact.gtin)


def _sales(folding: Folding, found: Sequence[facts.SaleCompleted]) -> None:
    for fact in found:
        basket = baskets.of_device(folding.connection, fact.till, folding.now_ms)
        entry = sales.fold(folding.connection, fact, folding.rules, folding.latest_ms)
        if entry is not None:
            folding.made.append(entry)
        if basket is not None:
            folding.baskets.append(basket)
        folding.gtins.update(line.gtin for line in fact.lines)


def _scans(folding: Folding, found: Sequence[facts.CodeScanned]) -> None:
    """What a fixed scanner reads becomes a line of the basket that stands before it, or says whose basket it is."""
    connection, now_ms = folding.connection, folding.now_ms
    for fact in found:
        if fact.member is None and fact.gtin is None:
            continue
        basket = baskets.at_device(connection, fact.device, now_ms)
        folding.baskets.append(basket)
        if fact.member is not None:
            baskets.attach(connection, basket, fact.member, now_ms)
        if fact.gtin is not None:
            product = catalogue.find(connection, fact.gtin, now_ms)
            price_minor = 0 if product is None else product["price_minor"]
            try:
                baskets.add(connection, basket, fact.gtin, price_minor=price_minor, t_ms=now_ms)
            except baskets.BasketFull:
                continue
            line = facts.SaleLine(gtin=fact.gtin, quantity=1, price_minor=price_minor)
            folding.made.append(
                facts.BasketLineAdded(t_ms=fact.t_ms, basket=basket, device=fact.device, line=line)
            )  # fmt: skip


def _lanes(folding: Folding, found: Sequence[facts.LaneMinute]) -> None:
    minutes.fold_lanes(folding.connection, found)


def _doors(folding: Folding, found: Sequence[facts.DoorMinute]) -> None:
    minutes.fold_doors(folding.connection, found)


def _dropped(folding: Folding, found: Sequence[facts.FactsDropped]) -> None:
    minutes.fold_dropped(folding.connection, folding.origin.node, found)


def _refused(folding: Folding, found: Sequence[facts.MessageRefused]) -> None:
    """What a node refused from a device stands beside what was refused here."""
    for fact in found:
        dead_letters.keep(
            folding.connection,
            t_ms=fact.t_ms,
            source=f"{fact.node}/{fact.source}",
            reason=fact.reason,
            detail=fact.detail,
            body=fact.start.encode(),
        )


def _not_a_nodes(_folding: Folding, found: Sequence[Fact]) -> None:
    """Points and prices come from the gateway and headquarters: a shelf that says them is broken, or not ours."""
    raise Malformed(f"{type(found[0]).__name__} is not for a node to say")


def _products(folding: Folding, found: Sequence[facts.ProductChanged]) -> None:
    catalogue.fold_products(folding.connection, found)
    folding.gtins.update(fact.gtin for fact in found)


def _prices(folding: Folding, found: Sequence[facts.PriceChanged]) -> None:
    catalogue.fold_prices(folding.connection, found)
    folding.gtins.update(fact.gtin for fact in found)


def _elsewhere(folding: Folding, found: Sequence[facts.StockElsewhere]) -> None:
    catalogue.fold_elsewhere(folding.connection, found)
    folding.gtins.update(fact.gtin for fact in found)


def _members(folding: Folding, found: Sequence[facts.MemberChanged]) -> None:
    members.fold_changed(folding.connection, found)


FROM_NODES: Final[dict[type, Handler]] = {
    facts.ItemPlaced: _items,
    facts.ItemMoved: _items,
    facts.ItemTaken: _items,
    facts.ItemReturned: _items,
    facts.ShelfReader: _readers,
    facts.StockCounted: _counted,
    facts.StockChanged: _changed,
    facts.SaleCompleted: _sales,
    facts.CodeScanned: _scans,
    facts.LaneMinute: _lanes,
    facts.DoorMinute: _doors,
    facts.FactsDropped: _dropped,
    facts.MessageRefused: _refused,
    facts.BasketLineAdded: _not_a_nodes,
    facts.BasketLineRemoved: _not_a_nodes,
    facts.MemberRegistered: _not_a_nodes,
    facts.MemberChanged: _not_a_nodes,
    facts.PointsEntered: _not_a_nodes,
    facts.ProductChanged: _not_a_nodes,
    facts.PriceChanged: _not_a_nodes,
    facts.StockElsewhere: _not_a_nodes,
}
"""What a node may change here, and what it may not say. Other kinds only travel on."""

FROM_HQ: Final[dict[type, Handler]] = {
    facts.ProductChanged: _products,
    facts.PriceChanged: _prices,
    facts.StockElsewhere: _elsewhere,
    facts.MemberChanged: _members,
}


class _Fold:
    """What both directions share: runs of one kind go to their handler together."""

    handlers: dict[type, Handler]

    def __init__(self, rules: SaleRules, touched: Touched, clock: Clock) -> None:
        self._rules, self._touched, self._clock = rules, touched, clock

    def _run(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> Folding:
        now_ms = self._clock.now_ms()
        # A gateway that does not know the time itself corrects nobody.
        latest_ms = END_OF_TIME_MS if is_unset(now_ms) else now_ms + AHEAD_MS
        folding = Folding(connection, origin, self._rules, now_ms, latest_ms, set(), [], [])
        find = self.handlers.get
        for handler, run in groupby([r.fact for r in received], lambda fact: find(type(fact))):
            if handler is not None:
                handler(folding, list(run))
        self._touched.add(folding.gtins, folding.baskets)
        return folding


class NodeFold(_Fold):
    """Folds what nodes say and passes it on to headquarters, in the same transaction."""

    handlers = FROM_NODES

    def __init__(
        self, rules: SaleRules, touched: Touched, clock: Clock, outbox: Outbox, *, peer: str | None = HQ
    ) -> None:
        """``peer`` is ``None`` for a store without headquarters."""
        super().__init__(rules, touched, clock)
        self._outbox, self._peer = outbox, peer

    def __call__(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        """Fold one batch; inside a change."""
        folding = self._run(connection, origin, received)
        if self._peer is None:
            return
        self._outbox.append_raw(connection, self._peer, origin.stream, [r.raw for r in received])
        if folding.made:
            self._outbox.append(connection, self._peer, folding.made)


class HqFold(_Fold):
    """Folds what headquarters says."""

    handlers = FROM_HQ

    def __call__(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        """Fold one batch; inside a change."""
        self._run(connection, origin, received)
