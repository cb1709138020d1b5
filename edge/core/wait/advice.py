"""Which lanes to open and which to close now: the cheapest number of lanes (`plan`), and the reason as a code.

The load is what the staffed lanes were busy with lately plus what their queues grew by. Pages make words of the
reason's code and figures, in the reader's language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.core.wait.bank import Checkout
from edge.core.wait.pace import Fading
from edge.core.wait.plan import Queue, lanes_to_have

HALF_LIFE_S: Final = 280.0
"""The load is what came in the last minutes: half of it counts from the last five."""

EXPECTED: Final = 0.7
"""The load to begin with, over the lanes open then: who opened so many expects as much."""
EXPECTED_S: Final = 180.0
"""As if it had been seen for so long."""

UNSEEN_S: Final = 15.0
WALK_MOST_S: Final = 150.0
"""So long a lane is taken to be on the way that was advised to open and was not yet heard of."""

ReasonCode = Literal["no_lanes", "enough", "queues_grow", "lanes_idle", "lane_stopped", "nothing_to_open"]


@dataclass(frozen=True)
class LaneNow:
    """One lane as advice sees it; `opening` means that somebody walks there to open it."""

    id: str
    is_open: bool
    servers: int
    people: float
    mean_service: float
    stopped: bool = False
    opening: bool = False
    busy: float | None = None

    @property
    def waiting(self) -> float:
        """How many wait behind those in service."""
        busy = min(self.people, float(self.servers)) if self.busy is None else self.busy
        return max(self.people - busy, 0.0)

    @property
    def empty(self) -> float:
        """How surely nobody is in a lane with one cashier."""
        return max(1.0 - (self.people if self.busy is None else self.busy), 0.0)


@dataclass(frozen=True)
class Reason:
    """Why: a code that pages put into words, with the figures they need.

    `queues_grow`: more lanes are cheaper; `lanes_idle`: fewer are; `lane_stopped`: one has come to a stop and should
    take nobody new; `enough`: as many as are needed; `nothing_to_open`: more would be cheaper but there is none;
    `no_lanes`: nothing is known of any lane.
    """

    code: ReasonCode
    people: float = 0.0
    per_minute: float = 0.0
    lanes_now: int = 0
    lanes_needed: int = 0


@dataclass(frozen=True)
class Advice:
    """What to do now and why."""

    open: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    needed: int = 0
    reason: Reason = Reason("enough")


@dataclass
class Load:
    """The work that comes to the staffed lanes, in lanes kept busy, fading over minutes.

    Who goes to the kiosks is left out. That is those who came (those served and by how many the queues grew), each
    with this hour's mean service time: what a stop holds up is no work.
    """

    _flow: Fading = field(default_factory=lambda: Fading(HALF_LIFE_S))
    _last: tuple[float, float] | None = None

    def observe(self, t: float, lanes: Mapping[str, Checkout]) -> float:
        """Look at all lanes at `t`; give the load in single lanes."""
        staffed = [lane for lane in lanes.values() if lane.servers == 1]
        mean = _staffed_mean(lanes)
        came = sum(lane.belief.mean + lane.departures for lane in staffed)
        if self._last is None:
            is_open = sum(lane.is_open for lane in staffed)
            self._flow.add(t, EXPECTED_S, EXPECTED * is_open * EXPECTED_S / mean)
        elif t > self._last[0]:
            self._flow.add(t, t - self._last[0], came - self._last[1])
        if self._last is None or t > self._last[0]:
            self._last = (t, came)
        return self._flow.amount / self._flow.count * mean


def _staffed_mean(lanes: Mapping[str, Checkout]) -> float:
    means = [lane.pace.store.mean for lane in lanes.values() if lane.servers == 1]
    return sum(means) / len(means) if means else 90.0


@dataclass
class Walks:
    """Which lanes somebody walks to: advised to open, and not yet open."""

    _since: dict[str, float] = field(default_factory=dict)

    def begin(self, t: float, lanes: Iterable[str]) -> None:
        """These were advised to open at `t`."""
        for lane in lanes:
            self._since.setdefault(lane, t)

    def on_the_way(self, t: float, lanes: Mapping[str, Checkout], named_open: set[str], closed: set[str]) -> set[str]:
        """Lanes on the way at `t`, where the asker says which are `named_open` and which are `closed` to choose from.

        One that is offered again was not opened; one that opened has arrived.
        """
        for lane in [lane for lane in self._since if lane in lanes and lanes[lane].is_open]:
            del self._since[lane]
        for lane in closed & self._since.keys():
            del self._since[lane]
        # Some askers count a lane as open from the decision on, before it serves.
        self.begin(t, [lane for lane in named_open if lane in lanes and not lanes[lane].is_open])
        return {lane for lane, since in self._since.items() if t - since < WALK_MOST_S}


def advise(now: Sequence[LaneNow], idle: Sequence[LaneNow], load: float, at_kiosks: float = 0.0) -> Advice:
    """The cheapest number of staffed lanes, and which to change; `load` in lanes kept busy.

    `now` are those at work and on the way, `idle` those that can be opened; `at_kiosks` wait for a kiosk. One lane
    closes at a time, and only while another serves.
    """
    staffed = [lane for lane in now if lane.servers == 1]
    spare = [lane for lane in idle if lane.servers == 1 and not lane.stopped]
    if not staffed and not spare:
        return Advice(reason=Reason("no_lanes"))
    at_work = [lane for lane in staffed if not lane.stopped]
    serving = [lane for lane in at_work if not lane.opening]
    known = [lane.mean_service for lane in serving] or [lane.mean_service for lane in [*staffed, *spare]]
    mean_service = sum(known) / len(known)
    queue = _queue(staffed, at_work, serving, at_kiosks)
    most = max(len(at_work) + len(spare), 1)
    # One more than there are is looked at as well, to say that it is wanted.
    needed = lanes_to_have(queue, load, mean_service, most + 1)
    best = min(needed, most)
    code: ReasonCode = "enough"
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    stopped = [lane for lane in staffed if lane.stopped]
    if best > len(at_work) and spare:
        quick = sorted(spare, key=lambda lane: (lane.people > 0.5, lane.mean_service))
        code, opening = "queues_grow", tuple(lane.id for lane in quick[: best - len(at_work)])
    elif best < len(at_work) and len(serving) > 1:
        quiet = min(serving, key=lambda lane: (round(lane.people, 1), -lane.mean_service))
        code, closing = "lanes_idle", (quiet.id,)
    elif needed > len(at_work):
        code = "nothing_to_open"
    if stopped and serving and not closing and (spare or queue.idle > 0.5):
        # Who joins a stopped lane waits for its stop; another lane takes them.
        code, closing = ("queues_grow" if opening else "lane_stopped"), (stopped[0].id,)
    reason = Reason(code, queue.people, load / mean_service * 60.0, len(at_work), needed)
    return Advice(opening, closing, needed, reason)


def _queue(staffed: list[LaneNow], at_work: list[LaneNow], serving: list[LaneNow], at_kiosks: float) -> Queue:
    """What is seen of the lanes at once."""
    return Queue(
        people=sum(lane.people for lane in staffed),
        at_work=len(at_work),
        waiting=sum(lane.waiting for lane in staffed),
        longest=max((lane.waiting for lane in staffed), default=0.0),
        idle=sum(lane.empty for lane in serving if lane.empty > 0.5),
        opening=len(at_work) - len(serving),
        at_kiosks=at_kiosks,
    )


class Adviser:
    """Advice from one question to the next: the load of the last minutes, and who walks to a lane."""

    def __init__(self) -> None:
        self._load = Load()
        self._walks = Walks()
        self.load = 0.0
        """What the staffed lanes were kept busy with lately, in lanes, when advice was last asked for."""

    def advise(
        self, t: float, lanes: Mapping[str, Checkout], is_open: Sequence[str], closed: Sequence[str]
    ) -> Advice:
        """Which of `closed` to open and which of `is_open` to close at `t`; every lane named is in `lanes`."""
        for lane in lanes.values():
            lane.advance(t)
        self.load = self._load.observe(t, lanes)
        coming = self._walks.on_the_way(t, lanes, set(is_open), set(closed))
        named = [*is_open, *(lane for lane in coming if lane not in is_open)]
        now = [_seen(name, lanes[name], is_open=True, opening=name in coming) for name in named if name in lanes]
        idle = [_seen(name, lanes[name], is_open=False) for name in closed if not _left(t, lanes[name])]
        idle += [_empty(name, lanes[name]) for name in closed if _left(t, lanes[name])]
        banks = [lane for lane in lanes.values() if lane.servers > 1]
        at_kiosks = sum(max(bank.belief.mean - bank.belief.busy_mean, 0.0) for bank in banks)
        advice = advise(now, idle, self.load, at_kiosks)
        self._walks.begin(t, advice.open)
        return advice


def _seen(name: str, lane: Checkout, *, is_open: bool, opening: bool = False) -> LaneNow:
    busy = lane.belief.busy_mean
    return LaneNow(name, is_open, lane.servers, lane.belief.mean, lane.pace.mean, lane.stopped, opening, busy)


def _left(t: float, lane: Checkout) -> bool:
    """Whether nobody looks at a closed lane any more: the last one there has gone, whoever was seen last."""
    return not lane.is_open and (lane.counted_t is None or t - lane.counted_t > UNSEEN_S)


def _empty(name: str, lane: Checkout) -> LaneNow:
    return LaneNow(name, is_open=False, servers=lane.servers, people=0.0, mean_service=lane.pace.mean)
