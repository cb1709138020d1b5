"""Where every piece of the pretend store is: on its shelf, on a wrong one, in the back room, or out of sight."""

from collections.abc import Sequence

from firmware_stubs.store.agenda import Act, Agenda
from firmware_stubs.store.catalogue import CATALOGUE, Product
from firmware_stubs.store.day_settings import DaySettings
from firmware_stubs.store.delivery import Delivery, delivery

_UNPACKED_EVERY_S = 0.2
_TAGGED = tuple(one for one in CATALOGUE if one.tagged)
_LOOSE = tuple(one for one in CATALOGUE if not one.tagged)


def homes(shelves: Sequence[str], untagged_shelf: str) -> dict[str, str]:
    """GTIN → the shelf on which a product belongs."""
    belongs = {product.gtin: shelves[number % len(shelves)] for number, product in enumerate(_TAGGED)}
    return belongs | {product.gtin: untagged_shelf for product in _LOOSE}


class Goods:
    """The stock, and what clerks and deliveries do to it. Shoppers lift from ``standing`` and ``loose``."""

    def __init__(self, settings: DaySettings, agenda: Agenda) -> None:
        self.settings, self._agenda = settings, agenda
        self.homes = homes(settings.shelves, settings.untagged_shelf)
        self.standing: dict[str, list[str]] = {one.gtin: [] for one in _TAGGED}
        """GTIN → EPCs that stand on their own shelf."""
        self.backroom: dict[str, list[str]] = {one.gtin: [] for one in _TAGGED}
        self.astray: dict[str, tuple[str, str]] = {}
        """EPC → GTIN, and the wrong shelf on which it stands."""
        self.loose: dict[str, dict[str, int]] = {
            place: dict.fromkeys((one.gtin for one in _LOOSE), pieces)
            for place, pieces in (
                (settings.untagged_shelf, settings.loose_per_product),
                (settings.backroom, settings.loose_per_product // 2),
            )
        }
        """Place → GTIN → pieces without tags."""
        self._serials = 1000

    # --- what comes -------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Fill the shelves and the back room before the first shopper; deliveries are on their way."""
        for number, product in enumerate(_TAGGED):
            share = self.settings.opening_shares[number % len(self.settings.opening_shares)]
            self._stock(0.0, product, round(share * self.settings.items_per_product))
            for _ in range(self.settings.backroom_per_product):
                self._come("stocked", product.epc(self._next()), product.gtin)(0.0)
        for place, pieces in self.loose.items():
            for gtin, quantity in pieces.items():
                self._agenda.say(0.0, "counted", gtin=gtin, shelf=place, quantity=quantity)
        if self.settings.deliveries_per_hour > 0:
            self._expect(1)

    def _expect(self, number: int) -> None:
        comes = nth_delivery(self.settings, number)
        self._agenda.at(comes.due_s, lambda now: self._deliver(now, comes))

    def _deliver(self, t_s: float, comes: Delivery) -> None:
        """Cartons stand in the back room at once, their pieces as they are unpacked."""
        backroom = self.settings.backroom
        for carton in comes.cartons:
            self._agenda.say(t_s, "unit_delivered", epc=carton.epc, shelf=backroom, delivery=comes.name)
        pieces = [(epc, gtin) for one in comes.cartons for gtin, epcs in one.pieces.items() for epc in epcs]
        for number, (epc, gtin) in enumerate(piece for piece in pieces if piece[0] not in comes.forgotten):
            self._agenda.at(t_s + number * _UNPACKED_EVERY_S, self._come("delivered", epc, gtin, comes.name))
        for gtin, quantity in comes.loose.items():
            self.loose[backroom][gtin] += quantity
        self._expect(comes.number + 1)

    def _come(self, kind: str, epc: str, gtin: str, name: str | None = None) -> Act:
        def come(t_s: float) -> None:
            self.backroom[gtin].append(epc)
            self._agenda.say(t_s, kind, epc=epc, gtin=gtin, shelf=self.settings.backroom, delivery=name)

        return come

    def _stock(self, t_s: float, product: Product, pieces: int) -> None:
        for _ in range(pieces):
            epc = product.epc(self._next())
            self.standing[product.gtin].append(epc)
            self._agenda.say(t_s, "stocked", epc=epc, gtin=product.gtin, shelf=self.homes[product.gtin])

    def _next(self) -> int:
        self._serials += 1
        return self._serials

    # --- what clerks do ---------------------------------------------------------------------------------------

    def bring(self, t_s: float, gtin: str, quantity: int) -> int:
        """Carry pieces from the back room to their shelf; gives how many there were to carry."""
        if gtin in self.loose[self.settings.backroom]:
            carried = min(quantity, self.loose[self.settings.backroom][gtin])
            self.loose[self.settings.backroom][gtin] -= carried
            self.loose[self.settings.untagged_shelf][gtin] += carried
            return carried
        carried = min(quantity, len(self.backroom[gtin]))
        for _ in range(carried):
            self._move(t_s, self.backroom[gtin].pop(0), gtin)
        return carried

    def tidy(self, t_s: float, epcs: Sequence[str]) -> int:
        """Put pieces back where they belong; gives how many still stood astray."""
        found = [epc for epc in epcs if epc in self.astray]
        for epc in found:
            gtin, _ = self.astray.pop(epc)
            self._move(t_s, epc, gtin)
        return len(found)

    def quantity(self, place: str, gtin: str) -> int:
        """How many pieces of a product stand at a place."""
        if gtin in self.loose[self.settings.backroom]:
            return self.loose.get(place, {}).get(gtin, 0)
        if place == self.settings.backroom:
            return len(self.backroom[gtin])
        here = len(self.standing[gtin]) if self.homes[gtin] == place else 0
        return here + sum(found == (gtin, place) for found in self.astray.values())

    def _move(self, t_s: float, epc: str, gtin: str) -> None:
        self.standing[gtin].append(epc)
        self._agenda.say(t_s, "moved", epc=epc, gtin=gtin, shelf=self.homes[gtin])

    # --- what happens by itself where nobody does the tasks -----------------------------------------------------

    def notice(self, t_s: float, gtin: str) -> None:
        """Something was lifted: where there is no clerk, a shelf that is low is filled from nowhere."""
        settings = self.settings
        if not settings.has_clerk and len(self.standing[gtin]) < settings.refill_below:
            self._agenda.at(t_s + settings.refill_after_s, lambda now: self._refill(now, gtin))

    def _refill(self, t_s: float, gtin: str) -> None:
        product = next(one for one in _TAGGED if one.gtin == gtin)
        self._stock(t_s, product, self.settings.items_per_product - len(self.standing[gtin]))

    def misplace(self, t_s: float, epc: str, gtin: str, shelf: str) -> None:
        """A piece stands on a wrong shelf now."""
        self.astray[epc] = gtin, shelf
        if not self.settings.has_clerk:
            self._agenda.at(t_s + self.settings.tidy_after_s, lambda now: self._tidy_one(now, epc))

    def _tidy_one(self, t_s: float, epc: str) -> None:
        self.tidy(t_s, [epc])


def nth_delivery(settings: DaySettings, number: int) -> Delivery:
    """The ``number``th delivery of the day, from 1."""
    return delivery(number, settings.first_delivery_s + (number - 1) * 3600 / settings.deliveries_per_hour)
