"""The board as a shopper's screen shows it: what is too old is gone, waits are ranges of whole minutes."""

import math
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from edge.screen.board import LaneNow
from models.messages.samples import LaneSample, LaneState

Recommend = Callable[[Sequence[LaneSample], int, str | None], str | None]
"""``recommend(samples, now_ms, previous)`` → the lane to take, or ``None``; only believed samples are given to it."""

Theme = Literal["dark", "light", "contrast", "auto"]
"""The colours, until somebody at the screen chooses others; ``auto`` follows what its system asks for."""

Towards = Literal["left", "ahead", "right"]
"""Where a lane is for who looks at the screen."""

ROUND_FROM_MIN = 10
LONGEST_MIN = 60


class LanePicture(Struct, frozen=True, kw_only=True):
    """One lane. ``low_min`` to ``high_min`` is the wait; both 0: no wait; ``None``: nobody can say.

    A lane that closes (``closing``) says it for those who stand there. ``servers`` is told of a bank of kiosks.
    """

    lane: str
    name: str
    state: LaneState
    people: int | None
    low_min: int | None
    high_min: int | None
    servers: int | None
    servers_stopped: int
    towards: Towards | None
    t_ms: int | None
    age_ms: int
    believed_for_ms: int


class ScreenPicture(Struct, frozen=True, kw_only=True):
    """Everything the page shows.

    ``run`` is drawn when the process starts and ``steady_ms`` never steps within it, so that the page can tell how
    long an event was under way without trusting anybody's wall clock. A page that was loaded from another ``version``
    loads itself anew.
    """

    run: str
    version: str
    sent_ms: int
    steady_ms: int
    title_en: str
    title_zh: str
    theme: Theme
    recommended: str | None
    lanes: tuple[LanePicture, ...]


def wait_minutes(sample: LaneSample) -> tuple[int, int] | None:
    """The wait as whole minutes that contain the sample's range, in steps of five from ten minutes on.

    A range that is honest (service times scatter) is wide; rounding outwards keeps the stated bound true.
    """
    if sample.state not in {"open", "closing"}:
        return None
    if sample.people == 0:
        return (0, 0)
    low_s = sample.wait_low_s if sample.wait_low_s is not None else sample.wait_s
    high_s = sample.wait_high_s if sample.wait_high_s is not None else sample.wait_s
    if low_s is None or high_s is None:
        return None
    low, high = math.floor(min(low_s, high_s) / 60), math.ceil(high_s / 60)
    if low >= ROUND_FROM_MIN:
        low -= low % 5
    if high > ROUND_FROM_MIN:
        high += -high % 5
    return min(low, LONGEST_MIN), max(1, min(high, LONGEST_MIN)) if high_s > 0 else 0


def lane_picture(now: LaneNow, towards: Towards | None = None) -> LanePicture:
    """What may be shown of a lane now."""
    sample = now.sample
    name = (sample.name if sample else "") or now.lane
    if sample is None or now.believed_for_ms <= 0:
        t_ms = sample.t_ms if sample else None
        return LanePicture(
            lane=now.lane, name=name, state="unknown", people=None, low_min=None, high_min=None,
            servers=None, servers_stopped=0, towards=towards, t_ms=t_ms, age_ms=now.age_ms, believed_for_ms=0,
        )  # fmt: skip
    low, high = wait_minutes(sample) or (None, None)
    return LanePicture(
        lane=now.lane, name=name, state=sample.state, people=sample.people, low_min=low, high_min=high,
        servers=sample.servers, servers_stopped=sample.servers_stopped, towards=towards,
        t_ms=sample.t_ms, age_ms=now.age_ms, believed_for_ms=now.believed_for_ms,
    )  # fmt: skip


def believed(lanes: Sequence[LaneNow]) -> tuple[LaneSample, ...]:
    """The samples that may still be believed."""
    return tuple(now.sample for now in lanes if now.sample is not None and now.believed_for_ms > 0)
