"""What a receiver makes of a fact whose sender did not know the date: it happened when it arrived."""

from typing import TypeVar

from msgspec.structs import replace

from models.messages.facts import DoorMinute, Fact, FactsDropped, ItemFact, LaneMinute
from models.process.clock import is_unset

F = TypeVar("F", bound=Fact)

_NAMED_BY_TIME = (LaneMinute, DoorMinute, FactsDropped)
"""A minute is known by its end: several that arrive together must not become one."""


def dated(fact: F, now_ms: int) -> F:
    """``fact`` itself, or, from a clock that was not set, the same fact at ``now_ms``.

    A Pi without a network starts in 1970. What it says is true but for the date: a sale belongs to today, and an item
    that leaves a shelf must not be thought older than its arrival there. A receiver that does not know the date
    either leaves it as it is.
    """
    if not is_unset(fact.t_ms) or is_unset(now_ms) or isinstance(fact, _NAMED_BY_TIME):
        return fact
    if isinstance(fact, ItemFact):
        return replace(fact, t_ms=now_ms, evidence=None)
    return replace(fact, t_ms=now_ms)
