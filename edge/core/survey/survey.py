"""A calibration walk: reads and truth go in, presence runs as it does live, and each answer of it is judged."""

from collections.abc import Collection, Mapping
from typing import Final

from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings
from edge.core.shelf.telling import ShelfFact
from edge.core.survey.figures import Tally, said_place
from edge.core.survey.radio import Radio
from edge.core.survey.truth import AWAY, Truth
from models.messages.facts import ItemTaken

STRANGERS_KEPT: Final = 1_000


class Survey:
    """One walk in one installation.

    Args:
        antennas: antenna key → shelf.
        neighbours: as in the node's settings.
        settings: as presence has them.
        settle_ms: for how long an item is not judged after somebody handled it.
    """

    def __init__(
        self,
        antennas: Mapping[str, str],
        neighbours: Mapping[str, list[str]],
        settings: PresenceSettings,
        *,
        settle_ms: int = 60_000,
    ) -> None:
        self.antennas = dict(antennas)
        self.shelves = list(dict.fromkeys(antennas.values()))
        self.truth = Truth(settle_ms)
        self.tally = Tally()
        self.radio = Radio(antennas, settings.cycle_ms)
        self.asks = 0
        self._met: set[str] = set()
        self.begun_ms: int | None = None
        self.now_ms = 0
        self._presence = Presence(settings, antennas, neighbours)

    def read(self, item: str, antenna: str, rssi_dbm: float, t_ms: int) -> None:
        """An antenna read an item, at the reader's time."""
        self._presence.read(item, antenna, rssi_dbm, t_ms)
        self.radio.read(item, antenna, rssi_dbm, t_ms)

    def reader(self, value: str, antenna: str | None, t_ms: int) -> None:
        """A reader said something of itself or of one antenna."""
        self._presence.reader(value, antenna, t_ms)
        if value.endswith("connected"):
            for key in self.antennas if antenna is None else [antenna]:
                self.radio.connect(key, connected="disconnected" not in value)

    def say(self, t_ms: int, stands: Mapping[str, str], unsure: Collection[str] = ()) -> None:
        """The person says what stands where from now on; ``unsure`` is in somebody's hand."""
        hidden = self.truth.unsure
        changed = self.truth.say(t_ms, stands, unsure)
        for item in {*changed, *(hidden ^ self.truth.unsure)}:
            self.radio.place(item, self.truth.place(item))
        beliefs = self._presence.items(t_ms)
        for item in changed:
            belief = beliefs.get(item)
            is_there = belief is not None and belief.state == "present"
            self.truth.noticed(t_ms, item, belief.shelf if belief is not None and is_there else AWAY)

    def tick(self, t_ms: int) -> list[ShelfFact]:
        """The host's time; gives what presence says."""
        if self.begun_ms is None:
            self.begun_ms = t_ms
        self.now_ms = max(self.now_ms, t_ms)
        self.radio.pass_to(t_ms)
        facts = self._presence.tick(t_ms)
        for fact in facts:
            self.truth.noticed(fact.t_ms, fact.epc, AWAY if isinstance(fact, ItemTaken) else fact.shelf)
        return facts

    def ask(self, t_ms: int) -> None:
        """Ask presence about every known item, and judge what it says."""
        self.asks += 1
        beliefs = self._presence.items(t_ms)
        for item, place in self.truth.places.items():
            if self.truth.is_settled(item, t_ms):
                self.tally.answer(item, place, beliefs.get(item))
        if len(self._met) < STRANGERS_KEPT:
            self._met |= {item for item, belief in beliefs.items() if belief.p >= 0.5} - self.truth.places.keys()

    def now(self) -> dict[str, str]:
        """What is said now of every known item: a shelf, ``taken`` or ``unknown``."""
        beliefs = self._presence.items(self.now_ms)
        return {item: said_place(beliefs.get(item)) for item in self.truth.places}

    def strangers(self) -> set[str]:
        """Tags that stood here and of which nobody said where they belong."""
        return self._met - self.truth.places.keys()

    def silent(self) -> list[str]:
        """Antennas of which nothing is known now."""
        return self._presence.silent()
