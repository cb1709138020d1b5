"""What a node says of its floor: signals in, facts and samples out. Pure: time comes in with each signal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from edge.core.exit import Exits
from edge.core.inputs import Inputs
from edge.core.lane.minutes import Flows, facts_of
from edge.core.lane.queue import Flow
from edge.core.lane.told import CameraSums
from edge.core.shelf.presence import Presence
from edge.core.shelf_counts import ShelfCounts
from edge.core.wait.board import LaneBoard
from edge.core.wait.counsel import Counsel
from edge.core.wait.signs import LaneWord, Sign
from models.messages.facts import DoorDay as DoorDayFact
from models.messages.facts import DoorMinute, Fact, ItemFact, ItemTaken, ShelfReader
from models.messages.goods import ItemExited
from models.messages.samples import AdviceSample, DoorSample, LaneSample

MINUTE_MS = 60_000
DOOR_BELIEVED_MS = 15_000
EXPECTED_MS = 120_000
"""After a restart, an item that was said to stand here has this long to be seen."""
EXPECTED_P = 0.95

ShelfState = Literal["reading", "silent", "disconnected"]
Identify = Callable[[str], tuple[str | None, str | None]]
"""EPC → (GTIN, serial), where it has them."""


@dataclass(frozen=True)
class Decided:
    """What follows from the signals so far: facts to record, samples to tell."""

    facts: list[Fact] = field(default_factory=list)
    lanes: list[LaneSample] = field(default_factory=list)
    doors: list[DoorSample] = field(default_factory=list)
    advice: AdviceSample | None = None
    kept: dict[str, bytes] = field(default_factory=dict)
    """What must outlive a restart from the moment in which these facts are recorded, by name."""


@dataclass
class DoorDay:
    """Who went through one door since the day began. ``day`` is the store's date as its clock writes it."""

    day: str
    entered: int = 0
    left: int = 0
    minute_seen: bool = False
    minute_entered: int = 0
    minute_left: int = 0
    seen_ms: int | None = None


class Floor:
    """One node's shelves, lanes and doors.

    Call ``tick`` about once a second. Everything is decided there; what comes in between is only taken in.
    """

    def __init__(
        self,
        *,
        presence: Presence | None,
        shelves: Mapping[str, str],
        boards: Iterable[LaneBoard],
        doors: Iterable[str],
        identify: Identify,
        day_of: Callable[[int], str],
        now_ms: int,
        exits: Exits | None = None,
        counsel: Counsel | None = None,
    ) -> None:
        """``shelves``: antenna → shelf. ``boards``: lanes that share their service times stand on one board.

        ``day_of`` gives the store's date of a time, in its own time zone.
        """
        self._presence = presence
        self.exits = exits or Exits({})
        self.counsel = counsel
        self.inputs = Inputs()
        self._counts = ShelfCounts(lambda epc: identify(epc)[0])
        self._shelf_of = dict(shelves)
        self._began_ms = now_ms
        self._expected: dict[str, str] = {}
        self._heard: set[str] = set()
        """Readers that saw anything since the start."""
        self._boards = tuple(boards)
        self._lanes = {lane: board for board in self._boards for lane in board.lanes}
        self._identify = identify
        self._day_of = day_of
        self.doors = {door: DoorDay(day_of(now_ms)) for door in doors}
        self._minute = now_ms // MINUTE_MS
        self._said: dict[str, tuple[str, bool]] = {}
        self._shelf_states: dict[str, ShelfState] = {}
        self._flows = Flows()
        self._summed: list[Fact] = []

    # --- sense ----------------------------------------------------------------------------------------------

    def read(self, epc: str, antenna: str, rssi_dbm: float, t_ms: int) -> None:
        """A tag answered an antenna (named ``reader:port``)."""
        if antenna in self.exits.antennas:
            self.exits.read(epc, antenna, rssi_dbm, t_ms)
        elif self._presence:
            self._heard.add(antenna.partition(":")[0])
            self._presence.read(epc, antenna, rssi_dbm, t_ms)

    def reader(self, value: str, antenna: str | None, t_ms: int) -> None:
        """A reader said something of itself or of an antenna: connected, disconnected."""
        if antenna is not None:
            self.exits.reader(value, antenna)
        if self._presence:
            self._presence.reader(value, antenna, t_ms)

    def input(self, device: str, port: int, t_ms: int, *, high: bool, debounce_ms: int) -> None:
        """An input of a reader went high or low."""
        self.inputs.changed(device, port, t_ms, high=high, debounce_ms=debounce_ms)

    def people(self, lane: str, people: int, t_ms: int, busy: int | None = None) -> None:
        """A counter or camera sees ``people`` in a lane."""
        if board := self._lanes.get(lane):
            board.count(lane, people, t_ms, busy)

    def lane_open(self, lane: str, t_ms: int, *, is_open: bool) -> None:
        """A lane opened or closed."""
        if board := self._lanes.get(lane):
            (board.opened if is_open else board.closed)(lane, t_ms)

    def lane_said(self, lane: str, word: LaneWord, t_ms: int, until_ms: int) -> None:
        """A person says that somebody is on the way to a lane, that it closes after its queue, that it is open."""
        if board := self._lanes.get(lane):
            board.said(lane, word, t_ms, until_ms)

    def entered_elsewhere(self, people: int) -> None:
        """So many came in by a door that another node watches."""
        if self.counsel:
            self.counsel.entered(people)

    def basket_level(self, source: str, items: float, t_ms: int, until_ms: int) -> None:
        """How big baskets are in the store now, as ``source`` shows it."""
        for board in self._boards:
            board.basket_level(source, items, t_ms, until_ms)

    def basket_standing(self, lane: str, items: int, t_ms: int) -> None:
        """A shopper with ``items`` says that they stand in line."""
        if board := self._lanes.get(lane):
            board.standing(lane, items, t_ms)

    def transaction(self, lane: str, event: str, t_ms: int, server: int, items: int | None) -> None:
        """A till started (``start``) or ended (``end``) a transaction, or scanned of it (``item``)."""
        board = self._lanes.get(lane)
        if board and event == "start":
            board.started(lane, t_ms, server, items)
        elif board and event == "item":
            board.scanned(lane, t_ms, server, items)
        elif board and event == "end":
            board.ended(lane, t_ms, server, items)

    def blind(self, lanes: Iterable[str], doors: Iterable[str]) -> None:
        """What a camera said of these lately is not to be believed any more; it sees nothing, or something else."""
        for lane in lanes:
            if board := self._lanes.get(lane):
                board.blind(lane)
        for door in doors:
            self.doors[door].seen_ms = 0

    def flowed(self, lane: str, flow: Flow) -> None:
        """A camera saw how people came and went in a lane since the frame before."""
        self._flows.add(lane, flow)

    def stayed(self, camera: str, sums: CameraSums) -> None:
        """A camera's minute ended: how long people stayed in its zones, and where they stood."""
        self._summed += facts_of(camera, sums)

    def crossed(self, door: str, entered: int, left: int, t_ms: int) -> None:
        """People crossed a door since the last call; also called with zeros, which says that the camera sees."""
        day = self.doors[door]
        day.entered += entered
        day.left += left
        day.minute_seen = True
        day.minute_entered += entered
        day.minute_left += left
        day.seen_ms = t_ms
        if self.counsel:
            self.counsel.entered(entered)

    # --- decide ---------------------------------------------------------------------------------------------

    def tick(self, t_ms: int) -> Decided:
        """Decide what holds at ``t_ms``."""
        facts: list[Fact] = [self._identified(fact) for fact in self._items(t_ms) if self._is_news(fact)]
        facts += self._missing(t_ms)
        facts += self._shelf_facts(t_ms)
        facts += self._summed
        self._summed = []
        facts += self._count_shelves(t_ms)
        exited = [self._of_product(fact) for fact in self.exits.tick(t_ms)]
        facts += exited
        facts += self.inputs.tick(t_ms)
        lanes = [sample for board in self._boards for sample in board.samples(t_ms)]
        minute = t_ms // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            facts += self._end_minute(minute * MINUTE_MS)
        # Who left is recorded together with the memory of it: it is not told again after a crash.
        kept = {"exits": self.exits.dump()} if exited else {}
        advice = self.counsel.advise(self._boards, t_ms) if self.counsel else None
        return Decided(facts, lanes, [self._door_sample(door, t_ms) for door in self.doors], advice, kept)

    def kept(self) -> dict[str, bytes]:
        """What must outlive a restart, by name: the presence belief, the doors' day."""
        kept = {"doors": msgspec.json.encode(self.doors), "exits": self.exits.dump()}
        signs = {lane: sign for board in self._boards for lane, sign in board.dump().items()}
        kept["lanes"] = msgspec.json.encode(signs)
        if self._presence:
            kept["presence"] = self._presence.dump()
        if self.counsel:
            kept["outlook"] = self.counsel.outlook.dump()
        return kept

    def restore_said(self, epc: str, shelf: str, *, taken: bool) -> None:
        """Remember what was last said, and recorded, of an item."""
        self._said[epc] = (shelf, taken)
        if not taken:
            self._expected[epc] = shelf

    def restore_doors(self, kept: bytes) -> None:
        """Go on with the doors' day; doors that are no more are forgotten."""
        for door, day in msgspec.json.decode(kept, type=dict[str, DoorDay]).items():
            if door in self.doors:
                self.doors[door] = day

    def restore_lanes(self, kept: bytes, now_ms: int) -> None:
        """Go on with what the lanes' signs said."""
        signs = msgspec.json.decode(kept, type=dict[str, Sign])
        for board in self._boards:
            board.restore(signs, now_ms)

    def _shelf_facts(self, t_ms: int) -> list[Fact]:
        """What changed about which shelves can be seen."""
        if self._presence is None:
            return []
        silent = set(self._presence.silent())
        states: dict[str, ShelfState] = dict.fromkeys(self._shelf_of.values(), "silent")
        states |= {shelf: "reading" for antenna, shelf in self._shelf_of.items() if antenna not in silent}
        changed = {shelf: state for shelf, state in states.items() if self._shelf_states.get(shelf) != state}
        self._shelf_states.update(changed)
        return [ShelfReader(t_ms=t_ms, shelf=shelf, state=state) for shelf, state in changed.items()]

    def _count_shelves(self, t_ms: int) -> Iterable[Fact]:
        if self._presence is None or not self._counts.is_due(t_ms):
            return ()
        return self._counts.count(self._presence.items(t_ms), t_ms)

    def _missing(self, t_ms: int) -> list[Fact]:
        """Items that were said to stand here before a restart and have not been seen since: they left meanwhile.

        The belief that was kept may be half a minute older than what was said last. Nothing is concluded while an
        antenna is silent, or of a shelf whose reader saw nothing at all.
        """
        if not self._expected or self._presence is None or t_ms - self._began_ms < EXPECTED_MS:
            return []
        if self._presence.silent():
            return []
        known = self._presence.items(t_ms)
        seen = {shelf for antenna, shelf in self._shelf_of.items() if antenna.partition(":")[0] in self._heard}
        gone = [
            self._identified(ItemTaken(t_ms=t_ms, epc=epc, shelf=shelf, p=EXPECTED_P))
            for epc, shelf in self._expected.items()
            if shelf in seen and epc not in known and self._said.get(epc) == (shelf, False)
        ]
        self._said.update({fact.epc: (fact.shelf, True) for fact in gone})
        self._expected = {epc: shelf for epc, shelf in self._expected.items() if shelf not in seen}
        return list(gone)

    def _items(self, t_ms: int) -> Iterable[ItemFact]:
        return self._presence.tick(t_ms) if self._presence else ()

    def _is_news(self, fact: ItemFact) -> bool:
        """Whether a fact differs from what was said last: a belief restored from a while ago says it again."""
        now = (fact.shelf, isinstance(fact, ItemTaken))
        if self._said.get(fact.epc) == now:
            return False
        self._said[fact.epc] = now
        return True

    def _identified(self, fact: ItemFact) -> ItemFact:
        gtin, serial = self._identify(fact.epc)
        return msgspec.structs.replace(fact, gtin=gtin, serial=serial)

    def _of_product(self, fact: ItemExited) -> ItemExited:
        gtin, serial = self._identify(fact.epc)
        return msgspec.structs.replace(fact, gtin=gtin, serial=serial)

    def _end_minute(self, t_ms: int) -> list[Fact]:
        facts: list[Fact] = [
            msgspec.structs.replace(board.minute(lane, t_ms), **self._flows.take(lane))
            for lane, board in self._lanes.items()
        ]
        for door, day in self.doors.items():
            # A minute that nobody saw is no minute in which nobody came.
            if day.minute_seen:
                facts.append(DoorMinute(t_ms=t_ms, door=door, entered=day.minute_entered, left=day.minute_left))
            day.minute_seen, day.minute_entered, day.minute_left = False, 0, 0
            if (today := self._day_of(t_ms)) != day.day:
                # What is left inside when a day is over is what the counts have drifted by.
                facts.append(DoorDayFact(t_ms=t_ms, door=door, day=day.day, entered=day.entered, left=day.left))
                day.day, day.entered, day.left = today, 0, 0
        return facts

    def _door_sample(self, door: str, t_ms: int) -> DoorSample:
        day = self.doors[door]
        seen_ms = 0 if day.seen_ms is None else day.seen_ms
        return DoorSample(
            door=door,
            t_ms=t_ms,
            believed_until_ms=seen_ms + DOOR_BELIEVED_MS,
            entered=day.entered,
            left=day.left,
            inside=max(0, day.entered - day.left),
        )
