"""The live side of the waits: observations with times in milliseconds in, samples and minutes out."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Final

from edge.core.wait.advice import Advice
from edge.core.wait.bank import Bank, Checkout
from edge.core.wait.hours import DAY_MIN, Hours, Timetable
from edge.core.wait.recommend import recommend
from edge.core.wait.signs import LaneWord, Sign
from edge.core.wait.waits import LaneSetup, Waits
from models.messages.facts import LaneMinute
from models.messages.samples import LANE_BELIEVED_MS, LaneSample, LaneState

LOW_LEVEL: Final = 0.10
SERVED_LEVEL: Final = 0.95
MINUTE_MS: Final = 60_000


class _Minute:
    """What one lane's minute adds up to."""

    def __init__(self, departures: float) -> None:
        self.people = self.seconds = self.open_s = 0.0
        self.most = 0
        self.departures = departures


class LaneBoard:
    """Every lane of a node. Not thread-safe: the node's one loop calls it."""

    def __init__(
        self,
        lanes: Iterable[LaneSetup],
        *,
        pos: bool = False,
        mean_service: Mapping[str, float] | None = None,
        names: Mapping[str, str] | None = None,
        hours: Mapping[str, Hours] | None = None,
        minute_of: Callable[[int], float] = lambda t_ms: t_ms / MINUTE_MS,
    ) -> None:
        """`hours`: of those lanes that keep some; `minute_of` gives the minute of the store's day of a time."""
        self._waits = Waits()
        self._has_till = pos
        self._timetables = {lane: Timetable(kept) for lane, kept in (hours or {}).items()}
        self._minute_of = minute_of
        setups = list(lanes)
        self._waits.hello(0.0, setups, pos=pos, mean_service=mean_service)
        self._usual = {setup.id: Sign(is_open=setup.open) for setup in setups}
        self._signs = deepcopy(self._usual)
        self._names = dict(names or {})
        self._begin_ms: int | None = None
        self._minutes: dict[str, _Minute] = {}
        self._recommended: str | None = None

    @property
    def lanes(self) -> tuple[str, ...]:
        """Every lane's id."""
        return tuple(self._waits.lanes)

    @property
    def staffed(self) -> bool:
        """Whether these are lanes with a cashier each."""
        return any(lane.servers == 1 for lane in self._waits.lanes.values())

    @property
    def open_lanes(self) -> int:
        """How many take somebody now."""
        return sum(lane.is_open for lane in self._waits.lanes.values())

    @property
    def load(self) -> float:
        """What the lanes were kept busy with lately, in lanes, when advice was last asked for."""
        return self._waits.load

    @property
    def mean_service_s(self) -> float:
        """How long a service is now, on the mean over the lanes."""
        means = [lane.pace.mean for lane in self._waits.lanes.values()]
        return sum(means) / len(means) if means else 90.0

    # --- observations -------------------------------------------------------------------------------------------

    def opened(self, lane: str, t_ms: int) -> None:
        """A lane opens."""
        self._waits.lane(self._seconds(t_ms), lane, is_open=True)
        self._sign(lane).opens()

    def closed(self, lane: str, t_ms: int, *, until_ms: int | None = None) -> None:
        """A lane closes: takes nobody new, still serves its queue. With `until_ms` it is a person who says so."""
        self._waits.lane(self._seconds(t_ms), lane, is_open=False)
        self._sign(lane).closes(self._waits.lanes[lane].belief.mean, until_ms=until_ms)

    def said(self, lane: str, word: LaneWord, t_ms: int, until_ms: int) -> None:
        """A person says something of a lane, which holds until it came true, and not beyond `until_ms`."""
        if word == "opened":
            self.opened(lane, t_ms)
        elif word == "closing":
            self.closed(lane, t_ms, until_ms=until_ms)
        else:
            self._sign(lane).opening_until_ms = until_ms

    def count(self, lane: str, people: int, t_ms: int, busy: int | None = None) -> None:
        """A camera or a counter saw `people` in a lane, the one in service included."""
        t = self._seconds(t_ms)
        known = self._waits.lanes.get(lane)
        before = known.t if known is not None else None
        self._waits.count(t, lane, people, busy)
        sign, counted = self._sign(lane), self._waits.lanes[lane]
        sign.empties(counted.belief.mean)
        if people and sign.opens_soon(t_ms) and not counted.tills:
            # No till will say that it opened: the first who stands there does.
            self.opened(lane, t_ms)
        self._into_minute(lane, people, min(max(self._waits.t - before, 0.0), 10.0) if before is not None else 0.0)

    def blind(self, lane: str) -> None:
        """Who counted there last was wrong, or may have been: the lane is unknown until it is counted again."""
        self._waits.lanes[lane].counted_t = None

    def started(self, lane: str, t_ms: int, server: int = 0, items: int | None = None) -> None:
        """A till began a transaction; at a lane that a person closed and that was empty, somebody is back."""
        sign = self._sign(lane)
        if sign.by_word and not sign.is_emptying:
            self.opened(lane, t_ms)
        self._waits.txn(self._seconds(t_ms), lane, "start", server=server, items=items)

    def scanned(self, lane: str, t_ms: int, server: int = 0, items: int | None = None) -> None:
        """A till has scanned `items` pieces of a transaction so far; `None`: one more."""
        self._waits.txn(self._seconds(t_ms), lane, "item", server=server, items=items)

    def ended(self, lane: str, t_ms: int, server: int = 0, items: int | None = None) -> None:
        """A till ended a transaction."""
        self._waits.txn(self._seconds(t_ms), lane, "end", server=server, items=items)

    def standing(self, lane: str, items: int, t_ms: int) -> None:
        """A shopper with `items` says that they stand in line."""
        self._waits.basket(self._seconds(t_ms), lane, items)

    def basket_level(self, source: str, items: float, t_ms: int, until_ms: int) -> None:
        """How big baskets are in the store now, as `source` shows it; believed until then."""
        self._waits.level(self._seconds(t_ms), source, items, max(until_ms - t_ms, 0) / 1000.0)

    # --- what is told -------------------------------------------------------------------------------------------

    def sample(self, lane: str, now_ms: int) -> LaneSample:
        """How `lane` is now; without evidence for 15 s it is `unknown` and names no number."""
        t = self._seconds(now_ms)
        known = self._waits.lanes.get(lane)
        seen = known.counted_t if known is not None else None
        name = self._names.get(lane, "")
        until = now_ms + LANE_BELIEVED_MS
        if known is None or seen is None or t - seen > LANE_BELIEVED_MS / 1000.0:
            state: LaneState = "unknown" if known is None or known.is_open else self._shut(lane, known)
            return LaneSample(lane=lane, name=name, t_ms=now_ms, believed_until_ms=until, state=state)
        told = known.forecast(self._waits.t)
        high = max(told.quantile(known.shared.level(known.belief.mean).level), told.point)
        return LaneSample(
            lane=lane,
            name=name,
            t_ms=now_ms,
            believed_until_ms=self._begin() + int(seen * 1000.0) + LANE_BELIEVED_MS,
            state=self._open(known) if known.is_open else self._shut(lane, known),
            people=round(known.belief.mean),
            wait_s=round(told.point, 1),
            wait_low_s=round(min(told.quantile(LOW_LEVEL), told.point), 1),
            wait_high_s=round(high, 1),
            servers=known.servers if known.servers > 1 else None,
            servers_stopped=known.stopped_kiosks if isinstance(known, Bank) else 0,
        )

    def samples(self, now_ms: int) -> tuple[LaneSample, ...]:
        """Every lane's sample."""
        for lane, sign in self._signs.items():
            if sign.is_overdue(now_ms):
                self.opened(lane, now_ms)
        for lane, timetable in self._timetables.items():
            self._keep_hours(lane, timetable, now_ms)
        return tuple(self._soon(self.sample(lane, now_ms)) for lane in self._waits.lanes)

    def _keep_hours(self, lane: str, timetable: Timetable, now_ms: int) -> None:
        """Open and close a lane by its hours: early enough that all who were sent there are served."""
        known, t = self._waits.lanes[lane], self._seconds(now_ms)

        def needs_s() -> float:
            return known.forecast(max(t, self._waits.t)).quantile(SERVED_LEVEL) + known.pace.mean

        said = timetable.says(self._minute_of(now_ms) % DAY_MIN, needs_s, has_till=self._has_till)
        if said == "closes":
            self.closed(lane, now_ms)
        elif said == "opens" and not self._sign(lane).by_word:
            self.opened(lane, now_ms)

    def _soon(self, sample: LaneSample) -> LaneSample:
        """A closed lane to which somebody is on the way opens soon, for no longer than was said."""
        sign = self._sign(sample.lane)
        if sample.state != "closed" or not sign.opens_soon(sample.t_ms):
            return sample
        until_ms = min(sign.opening_until_ms, sample.t_ms + LANE_BELIEVED_MS)
        return LaneSample(
            lane=sample.lane, name=sample.name, t_ms=sample.t_ms, believed_until_ms=until_ms, state="opening"
        )

    @staticmethod
    def _open(lane: Checkout) -> LaneState:
        return "stopped" if lane.stopped else "open"

    def _shut(self, name: str, lane: Checkout) -> LaneState:
        """Whether a lane that takes nobody new still has a queue to serve."""
        sign = self._sign(name)
        if sign.is_emptying:
            lane.advance(self._waits.t)
            sign.empties(lane.belief.mean)
        return "closing" if sign.is_emptying else "closed"

    def _sign(self, lane: str) -> Sign:
        return self._signs.setdefault(lane, Sign())

    # --- a restart ----------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Sign]:
        """What the lanes' signs say, to outlive a restart: a closed lane must not be open after it."""
        return {lane: sign for lane, sign in self._signs.items() if sign != self._usual.get(lane)}

    def restore(self, signs: Mapping[str, Sign], now_ms: int) -> None:
        """Go on with the signs of before the restart; lanes that are no more are forgotten."""
        for lane in self._signs.keys() & signs.keys():
            self._signs[lane] = sign = signs[lane]
            self._waits.lane(self._seconds(now_ms), lane, is_open=sign.is_open)

    def recommended(self, now_ms: int) -> str | None:
        """The lane to take now; stays while it is nearly as good as the best."""
        self._recommended = recommend(self.samples(now_ms), now_ms, self._recommended)
        return self._recommended

    def advise(self, now_ms: int) -> Advice:
        """Which lanes to open or close; one to which somebody is on the way is as good as open."""
        lanes = self._waits.lanes.items()
        at_work = [name for name, lane in lanes if lane.is_open or self._sign(name).opens_soon(now_ms)]
        return self._waits.advise(self._seconds(now_ms), at_work, [name for name, _ in lanes if name not in at_work])

    def minute(self, lane: str, t_ms: int) -> LaneMinute:
        """The fact of the minute that ends at `t_ms`; the next minute begins."""
        sample = self.sample(lane, t_ms)
        known = self._waits.lanes[lane]
        past = self._minutes.get(lane) or _Minute(known.departures)
        served = max(round(known.departures - past.departures), 0)
        # What is not counted now is counted in the next minute: fractions of people are not lost.
        self._minutes[lane] = _Minute(past.departures + served)
        waited = known.outcomes.take()
        return LaneMinute(
            t_ms=t_ms,
            lane=lane,
            people_mean=round(past.people / past.seconds, 2) if past.seconds > 0 else 0.0,
            people_max=past.most,
            open_s=round(min(past.open_s, 60.0), 1),
            served=served,
            wait_s=sample.wait_s,
            wait_high_s=sample.wait_high_s,
            waited_s=None if waited is None else round(waited[0], 1),
            foretold_s=None if waited is None else round(waited[1], 1),
            seen_s=round(min(past.seconds, 60.0), 1),
        )

    def _into_minute(self, lane: str, people: int, seconds: float) -> None:
        known = self._waits.lanes[lane]
        minute = self._minutes.setdefault(lane, _Minute(0.0))
        minute.people += people * seconds
        minute.seconds += seconds
        minute.most = max(minute.most, people)
        minute.open_s += seconds if known.is_open else 0.0

    def _begin(self) -> int:
        return self._begin_ms if self._begin_ms is not None else 0

    def _seconds(self, t_ms: int) -> float:
        if self._begin_ms is None:
            self._begin_ms = t_ms
        return max((t_ms - self._begin_ms) / 1000.0, 0.0)
