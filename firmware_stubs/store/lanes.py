"""The checkouts of the pretend store: who waits, who is served, who pays."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from firmware_stubs.store.agenda import Act, Agenda
from firmware_stubs.store.day_settings import DaySettings

_SCANNING = 0.75
"""The share of a service until the last piece has been rung up; then it is paid."""


@dataclass
class Shopper:
    """Somebody in the store, and what they carry: (EPC or ``None`` for a piece without a tag, GTIN)."""

    number: int
    wants: int
    items: list[tuple[str | None, str]] = field(default_factory=list)

    @property
    def epcs(self) -> tuple[str, ...]:
        """The tags in their basket."""
        return tuple(epc for epc, _ in self.items if epc)

    @property
    def gtins(self) -> tuple[str, ...]:
        """The products in their basket."""
        return tuple(gtin for _, gtin in self.items)


class Lanes:
    """The lanes. ``on_paid`` is called with each shopper who has paid."""

    def __init__(
        self,
        settings: DaySettings,
        agenda: Agenda,
        chance: random.Random,
        on_paid: Callable[[float, Shopper], None],
    ) -> None:
        self.settings, self._agenda, self._random, self._on_paid = settings, agenda, chance, on_paid
        self._queues: dict[str, list[Shopper]] = {lane: [] for lane in settings.lanes}
        self._open = set(settings.lanes) - set(settings.closed_lanes)
        self._transactions = 0

    def open(self) -> None:
        """The day begins."""
        for lane in sorted(self._open):
            self._agenda.say(0.0, "lane_opened", lane=lane)
        self._agenda.at(90.0, self._manage)

    def join(self, t_s: float, shopper: Shopper) -> None:
        """Stand in the shortest queue."""
        lane = min(sorted(self._open), key=lambda name: len(self._queues[name]))
        self._queues[lane].append(shopper)
        self._agenda.say(t_s, "joined", shopper=shopper.number, lane=lane)
        if len(self._queues[lane]) == 1:
            self._serve(t_s, lane)

    def _serve(self, t_s: float, lane: str) -> None:
        shopper = self._queues[lane][0]
        self._transactions += 1
        transaction = f"{self.settings.seed}-{self._transactions:06d}"
        pieces = len(shopper.items)
        self._agenda.say(
            t_s,
            "service_started",
            shopper=shopper.number,
            lane=lane,
            transaction=transaction,
            quantity=pieces,
            epcs=shopper.epcs,
        )
        mean = self.settings.service_base_s + self.settings.service_per_item_s * len(shopper.items)
        took = mean * self._random.lognormvariate(-0.5 * 0.5**2, 0.5)
        for piece in range(1, pieces + 1):
            self._agenda.at(t_s + _SCANNING * took * piece / pieces, self._ring_up(lane, transaction, piece))
        self._agenda.at(t_s + took, lambda now: self._sell(now, lane, transaction))

    def _ring_up(self, lane: str, transaction: str, piece: int) -> Act:
        return lambda now: self._say_rung_up(now, lane, transaction, piece)

    def _say_rung_up(self, t_s: float, lane: str, transaction: str, piece: int) -> None:
        self._agenda.say(t_s, "rung_up", lane=lane, transaction=transaction, quantity=piece)

    def _sell(self, t_s: float, lane: str, transaction: str) -> None:
        shopper = self._queues[lane].pop(0)
        self._agenda.say(
            t_s,
            "sold",
            shopper=shopper.number,
            lane=lane,
            transaction=transaction,
            gtins=shopper.gtins,
            epcs=shopper.epcs,
            member=self._random.random() < self.settings.member_share,
        )
        self._on_paid(t_s, shopper)
        if self._queues[lane]:
            self._serve(t_s, lane)

    def _manage(self, t_s: float) -> None:
        """The manager opens one more lane when five wait somewhere, and closes the last one when nobody does."""
        longest = max(len(self._queues[lane]) for lane in self._open)
        closed = [lane for lane in self.settings.lanes if lane not in self._open]
        if longest >= 5 and closed:
            self._open.add(closed[0])
            self._agenda.say(t_s, "lane_opened", lane=closed[0])
        elif longest <= 1 and len(self._open) > 2:
            lane = max(self._open)
            self._open.discard(lane)
            self._agenda.say(t_s, "lane_closed", lane=lane)
        self._agenda.at(t_s + 30.0, self._manage)
