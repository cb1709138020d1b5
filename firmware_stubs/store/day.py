"""A day in a shop as data: goods come, people take, pay, misplace, steal them. Seeded: the same seed, the same day.

This is the truth. Devices say what they can see of it (``devices.py``), and a file keeps it, so that what
headquarters has in the end can be compared with what happened. It is a simulation, and its figures are called that.
"""

import random
from collections.abc import Iterator

from firmware_stubs.store.agenda import Agenda
from firmware_stubs.store.day_settings import DaySettings
from firmware_stubs.store.goods import Goods
from firmware_stubs.store.happening import Happening
from firmware_stubs.store.shoppers import Shoppers


class Day:
    """Plays a day. ``happenings()`` gives them in order of time, for as long as they are asked for.

    A clerk may work in it meanwhile: what ``goods`` is told to do at a time not before the last happening is in
    ``said()`` at once.
    """

    def __init__(self, settings: DaySettings) -> None:
        self.settings = settings
        self._agenda = Agenda()
        chance = random.Random(settings.seed)
        self.goods = Goods(settings, self._agenda)
        self._shoppers = Shoppers(settings, self._agenda, chance, self.goods)

    def happenings(self) -> Iterator[Happening]:
        """Everything that happens, in order of time, without end."""
        self.goods.open()
        self._shoppers.open()
        yield from self._agenda.happenings()

    def said(self) -> list[Happening]:
        """What happened through ``goods`` since this was called last."""
        return self._agenda.said()
