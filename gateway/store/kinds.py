"""What the gateway does with each kind of fact, a row per kind; what nodes and headquarters may say."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cloud_sync.stream import dead_letters
from cloud_sync.stream.inbox import Origin
from gateway.core import life
from gateway.core.takes import Move
from gateway.store import (
    alarms,
    baskets,
    catalogue,
    counts,
    deliveries,
    exits,
    items,
    members,
    minutes,
    planogram,
    previews,
    sales,
    shelf_counts,
    standing,
    sweeps,
    wall,
)
from gateway.store.sales import SaleRules
from models.messages import facts, goods
from models.messages.errors import Malformed
from models.messages.facts import Fact


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
    deliveries: set[str] = field(default_factory=set)
    """Deliveries of which something was seen, or that were announced."""
    moves: list[Move] = field(default_factory=list)


_STEPS: Final[dict[type, int]] = {facts.ItemTaken: 1, facts.ItemReturned: -1}
"""What a fact of an item says of the pieces that shoppers carry."""

Handler = Callable[[Folding, Sequence[Any]], None]


def _items(folding: Folding, found: Sequence[facts.ItemFact]) -> None:
    connection, rules, now_ms = folding.connection, folding.rules, folding.now_ms
    folding.deliveries |= deliveries.fold_placed(connection, found, rules.backroom, folding.latest_ms)
    turns = items.fold(connection, found, folding.latest_ms, rules.places)
    items.fold_watching(folding.connection, folding.origin.node, found, folding.latest_ms)
    folding.moves += [(fact.t_ms, step, 0, 0) for fact in found if (step := _STEPS.get(type(fact), 0))]
    folding.gtins.update([fact.gtin for fact in found if fact.gtin is not None])
    if turns:
        missed = {turn.gtin for turn in turns if turn.now == life.PICKED_UP and turn.gtin is not None}
        turns += sales.settle(connection, missed, now_ms)
        folding.made += alarms.settle(connection, turns, now_ms)
        folding.made += sweeps.note(connection, turns, rules.backroom, now_ms, rules.sweep_odds)


def _exited(folding: Folding, found: Sequence[goods.ItemExited]) -> None:
    turns = exits.fold(folding.connection, found, folding.latest_ms, folding.now_ms, folding.rules.exit_grace_ms)
    folding.made += alarms.settle(folding.connection, turns, folding.now_ms)
    folding.gtins.update(turn.gtin for turn in turns if turn.gtin is not None)


def _readers(folding: Folding, found: Sequence[facts.ShelfReader]) -> None:
    items.fold_readers(folding.connection, folding.origin.node, found, folding.latest_ms)
    # A reader that stops to look, or begins, changes how sure it is what stands there.
    folding.gtins |= wall.products_on(folding.connection, {fact.shelf for fact in found})


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
        exits.till_heard(folding.connection, fact.till, folding.origin.node, folding.now_ms)
        folding.moves.append((fact.t_ms, 0, 0, 1))
        if (phone := standing.paid(folding.connection, fact, folding.now_ms)) is not None:
            folding.baskets.append(phone)
        folding.made += sales.fold(folding.connection, fact, folding.rules, folding.latest_ms, folding.now_ms)
        if basket is not None:
            folding.baskets.append(basket)
        folding.gtins.update(line.gtin for line in fact.lines)


def _late_sales(folding: Folding, found: Sequence[facts.SaleCompleted]) -> None:
    for fact in found:
        folding.made += sales.fold(
            folding.connection, fact, folding.rules, folding.latest_ms, folding.now_ms, is_late=True
        )
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
            epc = None if fact.serial is None else items.epc_of(connection, fact.gtin, fact.serial)
            try:
                baskets.add(connection, basket, fact.gtin, price_minor=price_minor, t_ms=now_ms, epc=epc)
            except baskets.BasketFull:
                continue
            if epc is not None:
                turns = baskets.scanned(connection, basket, epc, min(fact.t_ms, folding.latest_ms))
                folding.made += alarms.settle(connection, turns, now_ms)
                folding.gtins.add(fact.gtin)
            line = facts.SaleLine(
                gtin=fact.gtin, quantity=1, price_minor=price_minor, epcs=() if epc is None else (epc,)
            )
            folding.made.append(
                facts.BasketLineAdded(t_ms=fact.t_ms, basket=basket, device=fact.device, line=line)
            )  # fmt: skip


def _lanes(folding: Folding, found: Sequence[facts.LaneMinute]) -> None:
    minutes.fold_lanes(folding.connection, found)


def _doors(folding: Folding, found: Sequence[facts.DoorMinute]) -> None:
    minutes.fold_doors(folding.connection, found)
    folding.moves += [(fact.t_ms, 0, fact.entered, 0) for fact in found]


def _door_days(folding: Folding, found: Sequence[facts.DoorDay]) -> None:
    minutes.fold_door_days(folding.connection, found)


def _zones(folding: Folding, found: Sequence[facts.ZoneMinute]) -> None:
    minutes.fold_zones(folding.connection, found)


def _heat(folding: Folding, found: Sequence[facts.FloorHeat]) -> None:
    minutes.fold_heat(folding.connection, found)


def _shelf_counts(folding: Folding, found: Sequence[goods.ShelfCounted]) -> None:
    shelf_counts.fold(folding.connection, found, folding.latest_ms)


def _previewed(folding: Folding, found: Sequence[facts.CameraPreviewed]) -> None:
    previews.fold(folding.connection, found)


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


def _planogram(folding: Folding, found: Sequence[goods.PlanogramChanged]) -> None:
    gtins = planogram.fold(folding.connection, found)
    items.rejudge(folding.connection, gtins, folding.rules.places)
    folding.gtins.update(gtins)


def _expected(folding: Folding, found: Sequence[goods.DeliveryExpected]) -> None:
    folding.deliveries |= deliveries.fold_expected(folding.connection, found)


def _members(folding: Folding, found: Sequence[facts.MemberChanged]) -> None:
    members.fold_changed(folding.connection, found)


FROM_NODES: Final[dict[type, Handler]] = {
    facts.ItemPlaced: _items,
    facts.ItemMoved: _items,
    facts.ItemTaken: _items,
    facts.ItemReturned: _items,
    goods.ItemExited: _exited,
    goods.ShelfCounted: _shelf_counts,
    facts.ShelfReader: _readers,
    facts.StockCounted: _counted,
    facts.StockChanged: _changed,
    facts.SaleCompleted: _sales,
    facts.CodeScanned: _scans,
    facts.LaneMinute: _lanes,
    facts.DoorMinute: _doors,
    facts.DoorDay: _door_days,
    facts.ZoneMinute: _zones,
    facts.FloorHeat: _heat,
    facts.CameraPreviewed: _previewed,
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
    goods.PlanogramChanged: _not_a_nodes,
    goods.DeliveryExpected: _not_a_nodes,
    goods.DeliveryReceived: _not_a_nodes,
    goods.TaskChanged: _not_a_nodes,
    goods.ItemMissing: _not_a_nodes,
    goods.ItemFound: _not_a_nodes,
    goods.AlarmRaised: _not_a_nodes,
    goods.AlarmClosed: _not_a_nodes,
}
"""What a node may change here, and what it may not say. Other kinds only travel on."""

LATE_FROM_NODES: Final[dict[type, Handler]] = {
    kind: handler for kind, handler in FROM_NODES.items() if kind is not facts.CodeScanned
} | {facts.SaleCompleted: _late_sales}
"""The same for what is folded long after it was said: the basket of that scan is gone, and so is who stood there."""

FROM_HQ: Final[dict[type, Handler]] = {
    facts.ProductChanged: _products,
    facts.PriceChanged: _prices,
    facts.StockElsewhere: _elsewhere,
    facts.MemberChanged: _members,
    goods.PlanogramChanged: _planogram,
    goods.DeliveryExpected: _expected,
}
