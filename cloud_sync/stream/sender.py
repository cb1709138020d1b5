"""When to send what: the sender of one stream as a state machine without I/O, the same for every transport.

It deals in numbers only. Its driver reads the clock and the outbox::

    while (step := sender.poll(now_s, last)) is not None:
        if step is Step.PROBE: transmit an empty batch from ``sender.cursor``; sender.probed(now_s)
        else:                  transmit the outbox's batch from ``sender.cursor``; sender.sent(its last number, now_s)

On connecting it asks first how far the receiver is (an empty batch), so that nothing is poured at a receiver that is
not there; then several batches are in flight. When no acknowledgement moves for ``timeout_s`` it asks again and goes
on from the answer (go-back-N; Bertsekas and Gallager, Data Networks, 2.4.2). An acknowledgement that goes back, or
one that says the same while batches are in flight (a gap was refused), moves the cursor back, at most once in
``rewind_s``: a stale one costs bandwidth, never a fact.
"""

from collections import deque
from enum import Enum, auto
from typing import Final

WINDOW_BATCHES: Final = 16
FIRST_PATIENCE_S: Final = 0.5
"""How long the first question waits for its answer; then twice as long every time, up to ``timeout_s``."""


class Step(Enum):
    """What to do next."""

    PROBE = auto()
    SEND = auto()


class StreamSender:
    """How far one epoch of one stream has come. Not safe from several threads."""

    def __init__(
        self,
        epoch: str,
        acknowledged: int,
        *,
        window: int = WINDOW_BATCHES,
        timeout_s: float = 5.0,
        probe_s: float = 30.0,
        rewind_s: float = 1.0,
    ) -> None:
        """``acknowledged`` is what the outbox remembers; the receiver's first answer corrects it."""
        self.epoch = epoch
        self._window = window
        self._timeout_s = timeout_s
        self._probe_s = probe_s
        self._rewind_s = rewind_s
        self._acknowledged = acknowledged
        self._next = acknowledged + 1
        self._in_flight: deque[int] = deque()
        self._is_connected = False
        self._is_asking = True
        self._ask_again_s = float("-inf")
        self._patience_s = FIRST_PATIENCE_S
        self._moved_s = 0.0
        self._rewound_s = float("-inf")

    @property
    def cursor(self) -> int:
        """The number to send next."""
        return self._next

    @property
    def acknowledged(self) -> int:
        """What the receiver said last."""
        return self._acknowledged

    def connected(self) -> None:
        """The link is up: ask first."""
        self._is_connected = True
        self._ask()

    def disconnected(self) -> None:
        """The link is down: what was in flight may be lost."""
        self._is_connected = False
        self._ask()

    def _ask(self) -> None:
        self._is_asking = True
        self._ask_again_s = float("-inf")
        self._patience_s = FIRST_PATIENCE_S
        self._in_flight.clear()
        self._next = self._acknowledged + 1

    def poll(self, now_s: float, last: int) -> Step | None:
        """The next thing to do at ``now_s`` (monotonic) when the outbox's newest fact is ``last``; ``None``: wait."""
        if not self._is_connected:
            return None
        if self._in_flight and now_s >= self._moved_s + self._timeout_s:
            self._ask()
        if self._is_asking:
            return Step.PROBE if now_s >= self._ask_again_s else None
        if self._next <= last:
            return Step.SEND if len(self._in_flight) < self._window else None
        if not self._in_flight and now_s >= self._moved_s + self._probe_s:
            return Step.PROBE
        return None

    def probed(self, now_s: float) -> None:
        """An empty batch was given to the transport."""
        self._ask_again_s = now_s + self._patience_s
        self._patience_s = min(self._patience_s * 2, self._timeout_s)
        self._moved_s = now_s

    def sent(self, last: int, now_s: float) -> None:
        """The batch from ``cursor`` to ``last`` was given to the transport."""
        if not self._in_flight:
            self._moved_s = now_s
        self._in_flight.append(last)
        self._next = last + 1

    def answered(self, epoch: str, upto: int, now_s: float) -> bool:
        """The receiver says that it has everything up to ``upto``. False when this changed nothing."""
        if epoch != self.epoch:
            return False
        was_asking, self._is_asking = self._is_asking, False
        if upto > self._acknowledged:
            self._advance(upto, now_s)
            return True
        if upto == self._acknowledged and not self._in_flight:
            self._moved_s = now_s
            return was_asking
        return self._rewind(upto, now_s)

    def _advance(self, upto: int, now_s: float) -> None:
        self._acknowledged = upto
        self._moved_s = now_s
        while self._in_flight and self._in_flight[0] <= upto:
            self._in_flight.popleft()
        self._next = max(self._next, upto + 1)

    def _rewind(self, upto: int, now_s: float) -> bool:
        if now_s < self._rewound_s + self._rewind_s:
            if upto < self._acknowledged:  # not forgotten: ask again when it may go back
                self._ask()
                self._ask_again_s = self._rewound_s + self._rewind_s
            return False
        self._rewound_s = self._moved_s = now_s
        self._acknowledged = upto
        self._in_flight.clear()
        self._next = upto + 1
        return True

    def next_wakeup(self, now_s: float) -> float:
        """Seconds until ``poll`` may have something to do although nothing happened."""
        if not self._is_connected:
            return self._probe_s
        if self._is_asking:
            due_s = self._ask_again_s
        else:
            due_s = self._moved_s + (self._timeout_s if self._in_flight else self._probe_s)
        return max(due_s - now_s, 0.0)
