"""A day in a shop as data: shoppers come, take items, queue, pay, leave. Seeded: the same seed, the same day.

This is the truth. Devices say what they can see of it (``devices.py``), and a file keeps it, so that what
headquarters has in the end can be compared with what happened. It is a simulation, and its figures are called that.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from firmware_stubs.store.catalogue import CATALOGUE, Product


class Happening(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened ``t_s`` seconds after the day began; what does not apply is left out.

    ``kind``: stocked, entered, lifted, put_back, joined, service_started, sold, left, lane_opened, lane_closed,
    scanned.
    """

    t_s: float
    kind: str
    shopper: int | None = None
    epc: str | None = None
    gtin: str | None = None
    shelf: str | None = None
    lane: str | None = None
    transaction: str | None = None
    gtins: tuple[str, ...] = ()
    epcs: tuple[str, ...] = ()
    member: bool = False


@dataclass(frozen=True)
class DaySettings:
    """How the pretend day goes. Times in seconds; the demo's day is a busy one, so that a minute shows something."""

    seed: int = 1
    shelves: tuple[str, ...] = ("A1", "A2", "A3", "A4", "B1", "B2")
    lanes: tuple[str, ...] = ("1", "2", "3", "4")
    closed_lanes: tuple[str, ...] = ("4",)
    items_per_product: int = 12
    inside_at_first: int = 14
    """Shoppers who are in the store already, and soon at the checkouts."""
    arrivals_per_minute: float = 9.0
    mean_items: float = 2.5
    walk_s: float = 5.0
    put_back_share: float = 0.15
    browse_s: tuple[float, float] = (2.0, 12.0)
    service_base_s: float = 8.0
    service_per_item_s: float = 4.0
    member_share: float = 0.3
    scan_share: float = 0.3
    refill_below: int = 6


@dataclass
class _Shopper:
    number: int
    wants: int
    items: list[tuple[str | None, str]] = field(default_factory=list)
    """(EPC or None for an untagged piece, GTIN)."""


class Day:
    """Plays a day. ``happenings()`` gives them in order of time, for as long as they are asked for."""

    def __init__(self, settings: DaySettings) -> None:
        self.settings = settings
        self._random = random.Random(settings.seed)
        self._agenda: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = 0
        self._out: list[Happening] = []
        self._serials = 1000
        self._shoppers = 0
        self._transactions = 0
        self._tagged = [product for product in CATALOGUE if product.tagged]
        self._home = {
            product.gtin: settings.shelves[n % len(settings.shelves)] for n, product in enumerate(self._tagged)
        }
        self._standing: dict[str, list[str]] = {product.gtin: [] for product in self._tagged}
        self._queues: dict[str, list[_Shopper]] = {lane: [] for lane in settings.lanes}
        self._open = set(settings.lanes) - set(settings.closed_lanes)

    def happenings(self) -> Iterator[Happening]:
        """Everything that happens, in order of time, without end."""
        for product in self._tagged:
            for _ in range(self.settings.items_per_product):
                self._stock(0.0, product)
        for lane in sorted(self._open):
            self._say(0.0, "lane_opened", lane=lane)
        for _ in range(self.settings.inside_at_first):
            self._enter(0.0, wants=self._random.choice((1, 1, 2)))
        self._at(self._random.expovariate(self.settings.arrivals_per_minute / 60), self._arrive)
        self._at(90.0, self._manage_lanes)
        yield from self._drain()
        while True:
            t_s, _, act = heapq.heappop(self._agenda)
            act(t_s)
            yield from self._drain()

    def home_of(self, gtin: str) -> str:
        """The shelf on which a tagged product stands."""
        return self._home[gtin]

    # --- the agenda -----------------------------------------------------------------------------------------

    def _at(self, t_s: float, act: Callable[[float], None]) -> None:
        self._order += 1
        heapq.heappush(self._agenda, (t_s, self._order, act))

    def _say(self, t_s: float, kind: str, **what: Any) -> None:  # noqa: ANN401 - the fields of Happening
        self._out.append(Happening(t_s=round(t_s, 3), kind=kind, **what))

    def _drain(self) -> Iterator[Happening]:
        out, self._out = self._out, []
        yield from out

    # --- shelves --------------------------------------------------------------------------------------------

    def _stock(self, t_s: float, product: Product) -> None:
        self._serials += 1
        epc = product.epc(self._serials)
        self._standing[product.gtin].append(epc)
        self._say(t_s, "stocked", epc=epc, gtin=product.gtin, shelf=self._home[product.gtin])

    def _refill(self, t_s: float, product: Product) -> None:
        while len(self._standing[product.gtin]) < self.settings.items_per_product:
            self._stock(t_s, product)

    # --- shoppers -------------------------------------------------------------------------------------------

    def _enter(self, t_s: float, wants: int) -> None:
        self._shoppers += 1
        shopper = _Shopper(self._shoppers, wants)
        self._say(t_s, "entered", shopper=shopper.number)
        self._at(t_s + self._walk(), lambda now: self._pick(now, shopper))

    def _arrive(self, t_s: float) -> None:
        more = self._random.expovariate(1 / max(0.1, self.settings.mean_items - 1))
        self._enter(t_s, wants=1 + min(9, int(more)))
        self._at(t_s + self._random.expovariate(self.settings.arrivals_per_minute / 60), self._arrive)

    def _walk(self) -> float:
        return self.settings.walk_s * self._random.uniform(0.5, 1.5)

    def _pick(self, t_s: float, shopper: _Shopper) -> None:
        if len(shopper.items) >= shopper.wants:
            self._join(t_s, shopper)
            return
        product = self._random.choices(CATALOGUE, [one.popularity for one in CATALOGUE])[0]
        done = t_s + 1.0
        if not product.tagged:
            shopper.items.append((None, product.gtin))
            if self._random.random() < self.settings.scan_share:
                self._say(t_s, "scanned", shopper=shopper.number, gtin=product.gtin)
        elif standing := self._standing[product.gtin]:
            done = self._lift(t_s, shopper, product, standing)
        self._at(done + self._walk(), lambda now: self._pick(now, shopper))

    def _lift(self, t_s: float, shopper: _Shopper, product: Product, standing: list[str]) -> float:
        epc = standing.pop(self._random.randrange(len(standing)))
        shelf = self._home[product.gtin]
        self._say(t_s, "lifted", shopper=shopper.number, epc=epc, gtin=product.gtin, shelf=shelf)
        if self._random.random() < self.settings.put_back_share:
            done = t_s + self._random.uniform(*self.settings.browse_s)
            self._at(done, lambda now: self._put_back(now, shopper, epc, product))
            return done
        shopper.items.append((epc, product.gtin))
        if len(standing) < self.settings.refill_below:
            self._at(t_s + 20.0, lambda now: self._refill(now, product))
        return t_s + 1.0

    def _put_back(self, t_s: float, shopper: _Shopper, epc: str, product: Product) -> None:
        self._standing[product.gtin].append(epc)
        shelf = self._home[product.gtin]
        self._say(t_s, "put_back", shopper=shopper.number, epc=epc, gtin=product.gtin, shelf=shelf)

    # --- lanes ----------------------------------------------------------------------------------------------

    def _join(self, t_s: float, shopper: _Shopper) -> None:
        lane = min(sorted(self._open), key=lambda name: len(self._queues[name]))
        self._queues[lane].append(shopper)
        self._say(t_s, "joined", shopper=shopper.number, lane=lane)
        if len(self._queues[lane]) == 1:
            self._serve(t_s, lane)

    def _serve(self, t_s: float, lane: str) -> None:
        shopper = self._queues[lane][0]
        self._transactions += 1
        transaction = f"{self.settings.seed}-{self._transactions:06d}"
        self._say(t_s, "service_started", shopper=shopper.number, lane=lane, transaction=transaction)
        mean = self.settings.service_base_s + self.settings.service_per_item_s * len(shopper.items)
        took = mean * self._random.lognormvariate(-0.5 * 0.5**2, 0.5)
        self._at(t_s + took, lambda now: self._sell(now, lane, transaction))

    def _sell(self, t_s: float, lane: str, transaction: str) -> None:
        shopper = self._queues[lane].pop(0)
        self._say(
            t_s,
            "sold",
            shopper=shopper.number,
            lane=lane,
            transaction=transaction,
            gtins=tuple(gtin for _, gtin in shopper.items),
            epcs=tuple(epc for epc, _ in shopper.items if epc),
            member=self._random.random() < self.settings.member_share,
        )
        self._at(t_s + self._walk(), lambda now: self._say(now, "left", shopper=shopper.number))
        if self._queues[lane]:
            self._serve(t_s, lane)

    def _manage_lanes(self, t_s: float) -> None:
        """The manager opens one more lane when five wait somewhere, and closes the last one when nobody does."""
        longest = max(len(self._queues[lane]) for lane in self._open)
        closed = [lane for lane in self.settings.lanes if lane not in self._open]
        if longest >= 5 and closed:
            self._open.add(closed[0])
            self._say(t_s, "lane_opened", lane=closed[0])
        elif longest <= 1 and len(self._open) > 2:
            lane = max(self._open)
            self._open.discard(lane)
            self._say(t_s, "lane_closed", lane=lane)
        self._at(t_s + 30.0, self._manage_lanes)
