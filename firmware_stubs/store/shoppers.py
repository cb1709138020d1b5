"""People in the pretend store: they look, put back, put elsewhere, buy and go; a few do not pay."""

import random

from firmware_stubs.store.agenda import Act, Agenda
from firmware_stubs.store.catalogue import CATALOGUE, Product
from firmware_stubs.store.day_settings import DaySettings, Range
from firmware_stubs.store.goods import Goods
from firmware_stubs.store.lanes import Lanes, Shopper

_SNATCH_S = 0.7
_ALL = (CATALOGUE, [one.popularity for one in CATALOGUE])
_LOOSE = tuple(zip(*((one, one.popularity) for one in CATALOGUE if not one.tagged), strict=True))


class Shoppers:
    """Everybody who comes in. Honest ones join ``lanes``; thieves go straight to the door."""

    def __init__(self, settings: DaySettings, agenda: Agenda, chance: random.Random, goods: Goods) -> None:
        self.settings, self._agenda, self._random, self._goods = settings, agenda, chance, goods
        self.lanes = Lanes(settings, agenda, chance, self._leave)
        self._count = 0
        self._will_misplace = False

    def open(self) -> None:
        """The day begins."""
        settings = self.settings
        self.lanes.open()
        for _ in range(settings.inside_at_first):
            self._enter(0.0, wants=self._random.choice((1, 1, 2)))
        self._agenda.at(self._random.expovariate(settings.arrivals_per_minute / 60), self._arrive)
        self._agenda.at(settings.first_misplaced_s, self._next_is_misplaced)
        if settings.thefts_per_hour > 0:
            self._agenda.at(settings.first_theft_s, self._thief)
        if settings.sweeps_per_hour > 0:
            self._agenda.at(settings.first_sweep_s, self._sweeper)

    # --- honest ones ------------------------------------------------------------------------------------------

    def _come_in(self, t_s: float, wants: int) -> Shopper:
        self._count += 1
        shopper = Shopper(self._count, wants)
        self._agenda.say(t_s, "entered", shopper=shopper.number)
        return shopper

    def _enter(self, t_s: float, wants: int) -> None:
        shopper = self._come_in(t_s, wants)
        self._agenda.at(t_s + self._walk(), lambda now: self._pick(now, shopper))

    def _arrive(self, t_s: float) -> None:
        more = self._random.expovariate(1 / max(0.1, self.settings.mean_items - 1))
        self._enter(t_s, wants=1 + min(9, int(more)))
        self._agenda.at(t_s + self._random.expovariate(self.settings.arrivals_per_minute / 60), self._arrive)

    def _walk(self) -> float:
        return self.settings.walk_s * self._random.uniform(0.5, 1.5)

    def _pick(self, t_s: float, shopper: Shopper) -> None:
        if shopper.wants <= 0:
            self._finish(t_s, shopper)
            return
        # Who wants what is not there wants one thing less: an empty store is left, not searched for ever.
        shopper.wants -= 1
        product = self._random.choices(*(_LOOSE if t_s < self.settings.opening_s else _ALL))[0]
        done = t_s + 1.0
        if not product.tagged:
            self._pick_loose(t_s, shopper, product)
        elif self._goods.standing[product.gtin]:
            done = self._look(t_s, shopper, product)
        self._agenda.at(done + self._walk(), lambda now: self._pick(now, shopper))

    def _finish(self, t_s: float, shopper: Shopper) -> None:
        if shopper.items:
            self.lanes.join(t_s, shopper)
        else:
            self._leave(t_s, shopper)

    def _pick_loose(self, t_s: float, shopper: Shopper, product: Product) -> None:
        shelf = self._goods.loose[self.settings.untagged_shelf]
        if shelf[product.gtin] <= 0:
            return
        shelf[product.gtin] -= 1
        shopper.items.append((None, product.gtin))
        if self._random.random() < self.settings.scan_share:
            self._agenda.say(t_s, "scanned", shopper=shopper.number, gtin=product.gtin)

    def _lift(self, t_s: float, shopper: Shopper, gtin: str) -> str:
        standing = self._goods.standing[gtin]
        epc = standing.pop(self._random.randrange(len(standing)))
        shelf = self._goods.homes[gtin]
        self._agenda.say(t_s, "lifted", shopper=shopper.number, epc=epc, gtin=gtin, shelf=shelf)
        return epc

    def _look(self, t_s: float, shopper: Shopper, product: Product) -> float:
        """Take a piece in the hand; gives when the shopper is done with it."""
        epc = self._lift(t_s, shopper, product.gtin)
        held = t_s + self._random.uniform(*self.settings.browse_s)
        fate = self._random.random()
        if self._will_misplace or fate < self.settings.misplace_share:
            self._will_misplace = False
            self._agenda.at(held, lambda now: self._misplace(now, shopper, epc, product))
            return held
        if fate < self.settings.misplace_share + self.settings.put_back_share:
            self._agenda.at(held, lambda now: self._put_back(now, shopper, epc, product))
            return held
        shopper.items.append((epc, product.gtin))
        self._goods.notice(t_s, product.gtin)
        return t_s + 1.0

    def _put_back(self, t_s: float, shopper: Shopper, epc: str, product: Product) -> None:
        self._goods.standing[product.gtin].append(epc)
        shelf = self._goods.homes[product.gtin]
        self._agenda.say(t_s, "put_back", shopper=shopper.number, epc=epc, gtin=product.gtin, shelf=shelf)

    def _next_is_misplaced(self, _t_s: float) -> None:
        self._will_misplace = True

    def _misplace(self, t_s: float, shopper: Shopper, epc: str, product: Product) -> None:
        others = [shelf for shelf in self.settings.shelves if shelf != self._goods.homes[product.gtin]]
        shelf = self._random.choice(others or list(self.settings.shelves))
        self._agenda.say(t_s, "misplaced", shopper=shopper.number, epc=epc, gtin=product.gtin, shelf=shelf)
        self._goods.misplace(t_s, epc, product.gtin, shelf)

    def _leave(self, t_s: float, shopper: Shopper) -> None:
        """Walk to the door and through it."""
        self._agenda.at(t_s + self._walk(), lambda now: self._pass(now, shopper))

    def _pass(self, t_s: float, shopper: Shopper) -> None:
        if shopper.epcs:
            self._agenda.say(t_s, "passed", shopper=shopper.number, door=self.settings.door, epcs=shopper.epcs)
        self._agenda.say(t_s, "left", shopper=shopper.number)

    # --- the others -------------------------------------------------------------------------------------------

    def _thief(self, t_s: float) -> None:
        """Somebody takes one or two pieces and does not pay."""
        pieces = self._random.choice((1, 1, 2))
        chosen = [gtin for gtin, standing in self._goods.standing.items() if standing]
        self._steal(t_s, self._random.choices(chosen, k=pieces) if chosen else [], self.settings.linger_s)
        self._agenda.at(t_s + self._random.expovariate(self.settings.thefts_per_hour / 3600), self._thief)

    def _sweeper(self, t_s: float) -> None:
        """Somebody clears a shelf of one product within seconds."""
        pieces = self._random.randint(*self.settings.sweep_pieces)
        chosen = [gtin for gtin, standing in self._goods.standing.items() if len(standing) >= pieces]
        swept = [self._random.choice(chosen)] * pieces if chosen else []
        self._steal(t_s, swept, self.settings.sweeper_lingers_s)
        self._agenda.at(t_s + self._random.expovariate(self.settings.sweeps_per_hour / 3600), self._sweeper)

    def _steal(self, t_s: float, gtins: list[str], linger_s: Range) -> None:
        thief = self._come_in(t_s, wants=0)
        begun = t_s + self._walk()
        for number, gtin in enumerate(gtins):
            self._agenda.at(begun + number * _SNATCH_S, self._snatch(thief, gtin))
        leaves = begun + len(gtins) * _SNATCH_S + self._random.uniform(*linger_s)
        self._agenda.at(leaves, lambda now: self._run(now, thief))

    def _snatch(self, thief: Shopper, gtin: str) -> Act:
        def snatch(t_s: float) -> None:
            if self._goods.standing[gtin]:
                thief.items.append((self._lift(t_s, thief, gtin), gtin))
                self._goods.notice(t_s, gtin)

        return snatch

    def _run(self, t_s: float, thief: Shopper) -> None:
        if thief.epcs:
            self._agenda.say(t_s, "stolen", shopper=thief.number, epcs=thief.epcs, gtins=thief.gtins)
        self._pass(t_s, thief)
