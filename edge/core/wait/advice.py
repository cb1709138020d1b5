"""Which lanes to open and which to close now: the cheapest number of lanes (`plan`), and the reason as a code.

The load is what the staffed lanes were busy with lately plus what their queues grew by. Pages make words of the
reason's code and figures, in the reader's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.core.wait.bank import Checkout
from edge.core.wait.pace import Fading
from edge.core.wait.plan import lanes_to_have

HALF_LIFE_S: Final = 600.0

ReasonCode = Literal["no_lanes", "enough", "queues_grow", "lanes_idle", "nothing_to_open"]


@dataclass(frozen=True)
class LaneNow:
    """One lane as advice sees it."""

    id: str
    is_open: bool
    servers: int
    people: float
    mean_service: float
    stopped: bool = False


@dataclass(frozen=True)
class Reason:
    """Why: a code that pages put into words, with the figures they need.

    `queues_grow`: more lanes are cheaper; `lanes_idle`: fewer are; `enough`: as many as are needed;
    `nothing_to_open`: more would be cheaper but there is none; `no_lanes`: nothing is known of any lane.
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

    Kiosks have a public of their own (small baskets) and are left out.

    That is those who came (those served and by how many the queues grew), each with this hour's mean service time:
    what a stop holds up is no work.
    """

    _flow: Fading = field(default_factory=lambda: Fading(HALF_LIFE_S))
    _last: tuple[float, float] | None = None

    def observe(self, t: float, lanes: Mapping[str, Checkout]) -> float:
        """Look at all lanes at `t`; give the load in single lanes."""
        staffed = [lane for lane in lanes.values() if lane.servers == 1]
        came = sum(lane.belief.mean + lane.departures for lane in staffed)
        if self._last is not None and t > self._last[0]:
            before, then = self._last
            self._flow.add(t, t - before, came - then)
        if self._last is None or t > self._last[0]:
            self._last = (t, came)
        if self._flow.count <= 0.0:
            return sum(lane.belief.busy_mean for lane in staffed)
        return self._flow.amount / self._flow.count * _staffed_mean(lanes)


def _staffed_mean(lanes: Mapping[str, Checkout]) -> float:
    means = [lane.pace.store.mean for lane in lanes.values() if lane.servers == 1]
    return sum(means) / len(means) if means else 90.0


def advise(now: Sequence[LaneNow], idle: Sequence[LaneNow], load: float) -> Advice:
    """The cheapest number of staffed lanes, and which to change; `load` in lanes kept busy.

    One lane closes at a time, and only while another stays open.
    """
    staffed = [lane for lane in now if lane.servers == 1]
    spare = [lane for lane in idle if lane.servers == 1]
    at_work = [lane for lane in staffed if not lane.stopped]
    if not staffed and not spare:
        return Advice(reason=Reason("no_lanes"))
    known = [lane.mean_service for lane in at_work] or [lane.mean_service for lane in [*staffed, *spare]]
    mean_service = sum(known) / len(known)
    people = sum(lane.people for lane in staffed)
    most = len(at_work) + len(spare)
    # One more than there are is looked at as well, to say that it is wanted.
    needed = lanes_to_have(people, len(at_work), load, mean_service, max(most, 1) + 1)
    best = min(needed, max(most, 1))
    code: ReasonCode = "enough"
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    if best > len(at_work) and spare:
        quick = sorted(spare, key=lambda lane: lane.mean_service)
        code, opening = "queues_grow", tuple(lane.id for lane in quick[: best - len(at_work)])
    elif best < len(at_work) and len(staffed) > 1:
        quiet = min(at_work, key=lambda lane: (lane.people, -lane.mean_service))
        code, closing = "lanes_idle", (quiet.id,)
    elif needed > len(at_work):
        code = "nothing_to_open"
    return Advice(opening, closing, needed, Reason(code, people, load / mean_service * 60.0, len(at_work), needed))
