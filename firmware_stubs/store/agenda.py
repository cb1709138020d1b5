"""What happens next: things to do at their times, and the happenings that they make."""

import heapq
from collections.abc import Callable, Iterator
from typing import Any

from firmware_stubs.store.happening import Happening

Act = Callable[[float], None]


class Agenda:
    """Everything that is due, in order of time. Doing a thing may say what happened, and plan more."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Act]] = []
        self._order = 0
        self._out: list[Happening] = []

    def at(self, t_s: float, act: Act) -> None:
        """Do ``act`` at ``t_s`` seconds; it is called with that time."""
        self._order += 1
        heapq.heappush(self._due, (t_s, self._order, act))

    def say(self, t_s: float, kind: str, **what: Any) -> Happening:  # noqa: ANN401 - the fields of Happening
        """Something happens now."""
        happening = Happening(t_s=round(t_s, 3), kind=kind, **what)
        self._out.append(happening)
        return happening

    def happenings(self) -> Iterator[Happening]:
        """Do what is due, one thing after the other, without end; gives what happens."""
        yield from self.said()
        while self._due:
            t_s, _, act = heapq.heappop(self._due)
            act(t_s)
            yield from self.said()

    def said(self) -> list[Happening]:
        """What happened since this was called last."""
        out, self._out = self._out, []
        return out
