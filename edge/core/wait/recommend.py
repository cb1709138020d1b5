"""Which lane a shopper should take, from samples alone: what the store screen and the gateway both show."""

from collections.abc import Iterable
from typing import Final

from models.messages.samples import LaneSample

KEEP_WITHIN_S: Final = 20.0
"""As long as the lane recommended last is no more than this much slower, it stays: a sign must not flicker."""

KEEP_WITHIN_SHARE: Final = 0.15


def is_fit(sample: LaneSample, now_ms: int) -> bool:
    """Whether a lane may be recommended at all: open, believed still, and with a wait."""
    return sample.state == "open" and sample.wait_s is not None and sample.believed_until_ms > now_ms


def recommend(samples: Iterable[LaneSample], now_ms: int, previous: str | None = None) -> str | None:
    """The lane with the shortest expected wait; `previous` stays while it is nearly as good; None if none is fit."""
    fit = {sample.lane: sample for sample in samples if is_fit(sample, now_ms)}
    if not fit:
        return None

    def rank(sample: LaneSample) -> tuple[float, float, int, str]:
        wait = sample.wait_s if sample.wait_s is not None else 0.0
        return wait, sample.wait_high_s or wait, sample.people or 0, sample.lane

    best = min(fit.values(), key=rank)
    kept = fit.get(previous) if previous is not None else None
    if kept is not None:
        slack = max(KEEP_WITHIN_S, KEEP_WITHIN_SHARE * rank(kept)[0])
        if rank(kept)[0] <= rank(best)[0] + slack:
            return kept.lane
    return best.lane
