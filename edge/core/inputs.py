"""Inputs of readers (a light barrier, a door contact), debounced: what bounces is told once it has settled."""

from dataclasses import dataclass
from typing import Final

from models.messages.goods import ReaderInput

MOST_A_MINUTE: Final = 60
"""Changes of one input that are told in a minute; a contact that chatters is no news."""


@dataclass
class _Input:
    told: bool | None = None
    high: bool = False
    since_ms: int = 0
    debounce_ms: int = 0
    minute: int = 0
    told_in_minute: int = 0


class Inputs:
    """All inputs of a node's readers."""

    def __init__(self) -> None:
        self.left_out = 0
        """Changes that were not told, of inputs that chatter."""
        self._inputs: dict[tuple[str, int], _Input] = {}

    def changed(self, device: str, port: int, t_ms: int, *, high: bool, debounce_ms: int) -> None:
        """A reader says that an input is high or low now."""
        known = self._inputs.setdefault((device, port), _Input())
        if known.high != high or known.told is None:
            known.high, known.since_ms = high, t_ms
        known.debounce_ms = debounce_ms

    def tick(self, t_ms: int) -> list[ReaderInput]:
        """What has settled since."""
        return [
            ReaderInput(t_ms=one.since_ms, device=device, port=port, high=one.high)
            for (device, port), one in self._inputs.items()
            if self._is_news(one, t_ms)
        ]

    def _is_news(self, one: _Input, t_ms: int) -> bool:
        if one.told == one.high or t_ms - one.since_ms < one.debounce_ms:
            return False
        one.told = one.high
        if t_ms // 60_000 != one.minute:
            one.minute, one.told_in_minute = t_ms // 60_000, 0
        one.told_in_minute += 1
        if one.told_in_minute > MOST_A_MINUTE:
            self.left_out += 1
            return False
        return True
