"""What a node advises about its staffed lanes: how many are needed now and soon, which to open and which to close."""

from collections.abc import Iterable
from typing import Final

from edge.core.wait.advice import Advice, ReasonCode
from edge.core.wait.board import LaneBoard
from edge.core.wait.outlook import AHEAD_MIN, MINUTE_MS, Outlook
from edge.core.wait.plan import lanes_for_load
from models.messages.samples import AdviceSample
from models.messages.samples import Outlook as OutlookSample

EVERY_MS: Final = 15_000
BELIEVED_MS: Final = 90_000

_REASONS: Final[dict[ReasonCode, str]] = {
    "queues_grow": "queue",
    "lanes_idle": "idle",
    "enough": "load",
    "lane_stopped": "stopped",
    "nothing_to_open": "none_left",
    "no_lanes": "load",
}
"""Why so many are needed now, as pages put it into words."""


class Counsel:
    """The advice of one node. Pure: time comes in with each call."""

    def __init__(self, node: str, outlook: Outlook) -> None:
        self._node, self.outlook = node, outlook
        self._asked_ms: int | None = None
        self._minute: int | None = None
        self._said: AdviceSample | None = None

    def entered(self, people: int) -> None:
        """So many came in by a door of the store."""
        if people > 0:
            self.outlook.entered(people)

    def advise(self, boards: Iterable[LaneBoard], t_ms: int) -> AdviceSample | None:
        """What holds at ``t_ms``; looked at anew every quarter of a minute. ``None`` where no lane is known."""
        if self._asked_ms is not None and 0 <= t_ms - self._asked_ms < EVERY_MS:
            return self._said
        self._asked_ms = t_ms
        staffed = [board for board in boards if board.staffed]
        if not staffed:
            return None
        advice = [board.advise(t_ms) for board in staffed]
        load = sum(board.load for board in staffed)
        if t_ms // MINUTE_MS != self._minute:
            self._minute = t_ms // MINUTE_MS
            self.outlook.observe(t_ms, load)
        is_open = sum(board.open_lanes for board in staffed)
        self._said = AdviceSample(
            node=self._node,
            t_ms=t_ms,
            believed_until_ms=t_ms + BELIEVED_MS,
            lanes_open=is_open,
            outlooks=(_now(advice), *(self._ahead(staffed, t_ms, minutes) for minutes in AHEAD_MIN)),
            open=tuple(lane for one in advice for lane in one.open),
            close=tuple(lane for one in advice for lane in one.close),
        )
        return self._said

    def _ahead(self, staffed: list[LaneBoard], t_ms: int, minutes: int) -> OutlookSample:
        ahead = self.outlook.ahead(t_ms, minutes)
        lanes = sum(len(board.lanes) for board in staffed)
        # The queue of now is served until then, or more lanes were opened: what counts is who comes.
        needed = lanes_for_load(ahead.load, lanes + 1)
        return OutlookSample(minutes=minutes, needed=needed, reason=ahead.reason, amount=ahead.amount)


def _now(advice: list[Advice]) -> OutlookSample:
    """How many are needed now, with the reason of the board that wants the most of a change."""
    strongest = max(advice, key=lambda one: len(one.open) + len(one.close))
    return OutlookSample(
        minutes=0,
        needed=sum(one.needed for one in advice),
        reason=_REASONS[strongest.reason.code],
        amount=round(sum(one.reason.people for one in advice), 1),
    )
