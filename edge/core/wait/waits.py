"""All lanes of a store: observations in, waits and recommendations out. Times in seconds from any beginning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from edge.core.wait.advice import Advice, Adviser
from edge.core.wait.bank import Bank, BankShared, Checkout
from edge.core.wait.conformal import Empties
from edge.core.wait.lane import KindShared, Lane
from edge.core.wait.levels import LEVEL_BELIEVED_S

USUAL_SERVICE_S: Final = {"staffed": 90.0, "sco": 170.0}
LEAVING_S: Final = 300.0
"""For so long after the advice to close a lane it is not recommended: it is about to close."""


@dataclass(frozen=True)
class LaneSetup:
    """What is told of a lane at the beginning."""

    id: str
    kind: str = "staffed"
    servers: int = 1
    open: bool = True


@dataclass(frozen=True)
class Wait:
    """What one who joins now has to expect, in seconds.

    `mean` is the point forecast (`Forecast.point`), `p90` the bound that holds nine times in ten.
    """

    mean: float
    p90: float


class Waits:
    """The store's lanes. Unknown lanes are taken in as they are heard of; time that goes back is taken as now."""

    def __init__(self) -> None:
        self.pos = False
        self.lanes: dict[str, Checkout] = {}
        self._kinds: dict[str, KindShared] = {}
        self._banks: dict[str, BankShared] = {}
        self._means: dict[str, float] = dict(USUAL_SERVICE_S)
        self._leaving: dict[str, float] = {}
        self._adviser = Adviser()
        self._empties = Empties()
        self.t = 0.0

    # --- observations -------------------------------------------------------------------------------------------

    def hello(
        self, t: float, lanes: Iterable[LaneSetup], *, pos: bool, mean_service: Mapping[str, float] | None = None
    ) -> None:
        """The store says who it is. A second hello begins anew."""
        self.pos = pos
        self._means = {**USUAL_SERVICE_S, **(mean_service or {})}
        self._kinds, self._banks = {}, {}
        self._empties = Empties()
        self.lanes = {}
        self._leaving = {}
        self._adviser = Adviser()
        self.t = t
        for setup in lanes:
            self._add(setup)

    def lane(self, t: float, lane: str, *, is_open: bool) -> None:
        """A lane opened or closed."""
        t = self._now(t)
        self._lane(lane).value(t, is_open=is_open)
        if is_open:
            self._leaving.pop(lane, None)

    def count(self, t: float, lane: str, people: int, busy: int | None = None) -> None:
        """A camera saw `people` in a lane, `busy` of a bank's servers at work."""
        counted = self._lane(lane)
        counted.belief.others = self._others(counted)
        counted.count(self._now(t), people, busy)
        counted.told = (counted.belief.mean / counted.servers) if counted.is_open else 0.0

    def txn(self, t: float, lane: str, value: str, *, items: float | None = None, server: int = 0) -> None:
        """A transaction has its `start`, its `end`, or an `item`: `items` pieces have been scanned, or one more."""
        t = self._now(t)
        heard = self._lane(lane)
        heard.pos = True
        if value == "start":
            heard.start(t, server, items)
        elif value == "item":
            heard.scanned(t, server, None if items is None else round(items))
        else:
            heard.end(t, server, items)

    def basket(self, t: float, lane: str, items: float) -> None:
        """A shopper whose basket of `items` is known says that they stand in line at `lane`."""
        self._lane(lane).joined(self._now(t), items)

    def level(self, t: float, source: str, value: float, believed_s: float = LEVEL_BELIEVED_S) -> None:
        """How big baskets are all over the store now, on the scale of `source`; believed for so long."""
        t = self._now(t)
        kinds: list[KindShared | BankShared] = [*self._kinds.values(), *self._banks.values()]
        for kind in kinds:
            kind.baskets.levels.heard(t, source, value, believed_s)

    # --- answers ------------------------------------------------------------------------------------------------

    def ask(self, t: float, lane: str) -> Wait:
        """How long one waits who joins `lane` at `t`."""
        asked = self._lane(lane)
        told = asked.forecast(self._now(t))
        bound = told.quantile(asked.shared.level(asked.belief.mean).level)
        return Wait(told.point, max(bound, told.point))

    def recommend(self, t: float, lanes: Iterable[str]) -> str | None:
        """Which of `lanes` to take: the shortest expected wait.

        Not one that is closed, closing, stopped or was never heard of, if another is named.
        """
        t = self._now(t)
        best: tuple[float, ...] | None = None
        choice = None
        for name in lanes:
            unheard = name not in self.lanes
            lane = self._lane(name)
            told = lane.forecast(t)
            unfit = (
                float(unheard) * 4
                + float(not lane.is_open) * 2
                + float(lane.stopped or self._leaving.get(name, -1e9) > t)
            )
            rank = (unfit, told.mean, 1.0 - float(lane.belief.p[: lane.servers].sum()))
            if best is None or rank < best:
                best, choice = rank, name
        return choice

    def advise(self, t: float, is_open: Iterable[str], closed: Iterable[str]) -> Advice:
        """Which lanes to open or close now, with the reason."""
        t = self._now(t)
        is_open, closed = list(is_open), list(closed)
        for name in (*is_open, *closed):
            self._lane(name)
        advice = self._adviser.advise(t, self.lanes, is_open, closed)
        for name in advice.close:
            self._leaving[name] = t + LEAVING_S
        return advice

    @property
    def load(self) -> float:
        """What the staffed lanes were kept busy with lately, in lanes, when advice was last asked for."""
        return self._adviser.load

    def _others(self, lane: Checkout) -> float:
        """How many stand at the other open lanes on average."""
        told = [other.told for other in self.lanes.values() if other.is_open and other is not lane]
        return sum(told) / len(told) if told else 1.0

    # --- lanes --------------------------------------------------------------------------------------------------

    def _now(self, t: float) -> float:
        self.t = max(t, self.t)
        return self.t

    def _lane(self, name: str) -> Checkout:
        lane = self.lanes.get(name)
        return lane if lane is not None else self._add(LaneSetup(name))

    def _add(self, setup: LaneSetup) -> Checkout:
        usual = self._means.get(setup.kind, USUAL_SERVICE_S["staffed"])
        lane: Checkout
        if setup.servers > 1:
            if setup.kind not in self._banks:
                self._banks[setup.kind] = BankShared(usual, self._empties)
            lane = Bank(self._banks[setup.kind], servers=setup.servers, pos=self.pos, is_open=setup.open)
        else:
            if setup.kind not in self._kinds:
                self._kinds[setup.kind] = KindShared(usual, self._empties)
            lane = Lane(self._kinds[setup.kind], pos=self.pos, is_open=setup.open)
        self.lanes[setup.id] = lane
        return lane
