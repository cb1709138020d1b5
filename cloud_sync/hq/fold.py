"""Facts of stores become state: a row per kind. Idempotence is the inbox's: a fact comes here once.

A stream's node is ``{store}/{node}`` here, and the store is the one whose key was shown: none can write another's.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from cloud_sync.hq import floor, goods, losses, members, sales, stock
from cloud_sync.hq.down import Down
from cloud_sync.hq.settings import StoreSettings
from cloud_sync.stream.dates import dated
from cloud_sync.stream.inbox import Origin, Received
from models.messages import facts
from models.messages.errors import Malformed
from models.messages.goods import (
    AlarmClosed,
    AlarmRaised,
    DeliveryExpected,
    DeliveryReceived,
    ItemExited,
    ItemFound,
    ItemMissing,
    PlanogramChanged,
)
from models.process.clock import Clock, is_unset

AHEAD_MS: Final = 60_000
"""How far a store's clock may run ahead; what is from further in the future happened now."""

END_OF_TIME_MS: Final = 253_402_300_799_999


@dataclass(slots=True)
class Folding:
    """One batch on its way into the tables."""

    connection: sqlite3.Connection
    store: str
    node: str
    stream: str
    latest_ms: int
    local: Callable[[int], datetime]
    gtins: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)


Handler = Callable[[Folding, Sequence[Any]], None]


def _items(folding: Folding, found: Sequence[facts.ItemFact]) -> None:
    folding.gtins |= stock.fold_items(folding.connection, folding.store, found, folding.latest_ms)


def _counted(folding: Folding, found: Sequence[facts.StockCounted]) -> None:
    for fact in found:
        stock.fold_count(folding.connection, folding.store, fact, folding.latest_ms)
        folding.gtins.add(fact.gtin)


def _changed(folding: Folding, found: Sequence[facts.StockChanged]) -> None:
    for fact in found:
        stock.fold_change(folding.connection, folding.store, fact, folding.latest_ms)
        if fact.reason == "loss" and fact.delta < 0:
            losses.fold_lost(folding.connection, folding.store, fact, folding.latest_ms)
        folding.gtins.add(fact.gtin)


def _sales(folding: Folding, found: Sequence[facts.SaleCompleted]) -> None:
    for fact in found:
        t_ms = min(fact.t_ms, folding.latest_ms)
        day = folding.local(t_ms).date().isoformat()
        if sales.fold(folding.connection, folding.store, fact, t_ms, day):
            folding.gtins.update(line.gtin for line in fact.lines)


def _registered(folding: Folding, found: Sequence[facts.MemberRegistered]) -> None:
    for fact in found:
        members.put(folding.connection, folding.store, fact)
        folding.members.add(fact.member)


def _points(folding: Folding, found: Sequence[facts.PointsEntered]) -> None:
    for fact in found:
        if members.enter(folding.connection, folding.store, fact):
            folding.members.add(fact.member)


def _lanes(folding: Folding, found: Sequence[facts.LaneMinute]) -> None:
    floor.fold_lanes(folding.connection, folding.store, found)


def _doors(folding: Folding, found: Sequence[facts.DoorMinute]) -> None:
    floor.fold_doors(folding.connection, folding.store, found, folding.local)


def _door_days(folding: Folding, found: Sequence[facts.DoorDay]) -> None:
    floor.fold_door_days(folding.connection, folding.store, found)


def _health(folding: Folding, found: Sequence[facts.NodeHealth]) -> None:
    floor.fold_health(folding.connection, folding.store, found)


def _readers(folding: Folding, found: Sequence[facts.ShelfReader]) -> None:
    floor.fold_readers(folding.connection, folding.store, folding.node, found)


def _dropped(folding: Folding, found: Sequence[facts.FactsDropped]) -> None:
    floor.fold_dropped(folding.connection, folding.store, folding.node, folding.stream, found)


def _exited(folding: Folding, found: Sequence[ItemExited]) -> None:
    folding.gtins |= losses.fold_exited(folding.connection, folding.store, found, folding.latest_ms)


def _missing(folding: Folding, found: Sequence[ItemMissing]) -> None:
    folding.gtins |= losses.fold_missing(folding.connection, folding.store, found, folding.latest_ms)


def _found(folding: Folding, found: Sequence[ItemFound]) -> None:
    losses.fold_found(folding.connection, folding.store, found, folding.latest_ms)


def _raised(folding: Folding, found: Sequence[AlarmRaised]) -> None:
    losses.fold_raised(folding.connection, folding.store, found)


def _closed(folding: Folding, found: Sequence[AlarmClosed]) -> None:
    losses.fold_closed(folding.connection, folding.store, found)


def _planned(folding: Folding, found: Sequence[PlanogramChanged]) -> None:
    goods.fold_plan(folding.connection, folding.store, found)


def _announced(folding: Folding, found: Sequence[DeliveryExpected]) -> None:
    for fact in found:
        goods.fold_expected(folding.connection, folding.store, fact)


def _received(folding: Folding, found: Sequence[DeliveryReceived]) -> None:
    for fact in found:
        goods.fold_received(folding.connection, folding.store, fact)


def _only_downwards(_folding: Folding, found: Sequence[facts.Fact]) -> None:
    raise Malformed(f"{type(found[0]).__name__} is headquarters' to say, not a store's")


HANDLERS: Final[dict[type, Handler]] = {
    facts.ItemPlaced: _items,
    facts.ItemMoved: _items,
    facts.ItemTaken: _items,
    facts.ItemReturned: _items,
    facts.StockCounted: _counted,
    facts.StockChanged: _changed,
    facts.SaleCompleted: _sales,
    facts.MemberRegistered: _registered,
    facts.PointsEntered: _points,
    facts.LaneMinute: _lanes,
    facts.DoorMinute: _doors,
    facts.DoorDay: _door_days,
    facts.NodeHealth: _health,
    facts.ShelfReader: _readers,
    facts.FactsDropped: _dropped,
    ItemExited: _exited,
    ItemMissing: _missing,
    ItemFound: _found,
    AlarmRaised: _raised,
    AlarmClosed: _closed,
    PlanogramChanged: _planned,
    DeliveryExpected: _announced,
    DeliveryReceived: _received,
    facts.MemberChanged: _only_downwards,
    facts.ProductChanged: _only_downwards,
    facts.PriceChanged: _only_downwards,
    facts.StockElsewhere: _only_downwards,
}
"""What a store may change here. Scans and baskets are the store's own affair: the inbox counts them, that is all."""


LATE_HANDLERS: Final[dict[type, Handler]] = {
    kind: handler
    for kind, handler in HANDLERS.items()
    if kind not in (facts.NodeHealth, facts.ShelfReader, AlarmRaised)
}
"""The same for what is folded long after it was said: what was wrong then may be over, and nobody says so again."""


class StoreFold:
    """Folds what stores say, and tells the other stores what follows from it, in the same transaction."""

    handlers: Mapping[type, Handler] = HANDLERS

    def __init__(
        self, stores: Mapping[str, StoreSettings], zones: Mapping[str, Any], down: Down, clock: Clock
    ) -> None:
        self._stores, self._zones, self._down, self._clock = stores, zones, down, clock

    def __call__(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        """Fold one batch; inside a change."""
        store, _slash, node = origin.node.partition("/")
        zone = self._zones[store]
        now_ms = self._clock.now_ms()
        latest_ms = END_OF_TIME_MS if is_unset(now_ms) else now_ms + AHEAD_MS

        def local(t_ms: int) -> datetime:
            return datetime.fromtimestamp(t_ms / 1000, zone)

        folding = Folding(connection, store, node, origin.stream.value, latest_ms, local)
        found = [dated(one.fact, now_ms) for one in received]
        for handler, run in groupby(found, lambda fact: self.handlers.get(type(fact))):
            if handler is not None:
                handler(folding, list(run))
        stock.recount(connection, store, folding.gtins, now_ms)
        if folding.members:
            self._down.tell(connection, members.changed(connection, sorted(folding.members), now_ms))


class LateStoreFold(StoreFold):
    """Folds what stores said some time ago; what is about that moment alone it leaves out."""

    handlers = LATE_HANDLERS
