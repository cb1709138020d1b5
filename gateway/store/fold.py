"""Facts become state, and travel on to headquarters in the same transaction.

Idempotence is the inbox's: a fact comes here once. Facts of one kind that follow each other are folded together,
since a shelf says hundreds in a row.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from threading import Lock
from typing import Final

from cloud_sync.stream.dates import dated
from cloud_sync.stream.inbox import Origin, Received
from cloud_sync.stream.outbox import Outbox
from gateway.core.takes import Move, Takes
from gateway.store.kinds import FROM_HQ, FROM_NODES, LATE_FROM_NODES, Folding, Handler
from gateway.store.sales import SaleRules
from models.messages.goods import AlarmClosed, AlarmRaised
from models.process.clock import Clock, is_unset

HQ: Final = "hq"
ALARMS: Final = "alarms"
"""What pages watch to hear of alarms."""
AHEAD_MS: Final = 60_000
"""How far a node's clock may run ahead; a fact from further in the future happened now."""
END_OF_TIME_MS: Final = 253_402_300_799_999


DELIVERIES: Final = "deliveries"
"""What pages watch to hear of deliveries."""
_ABOUT_ALARMS: Final = frozenset({AlarmRaised, AlarmClosed})


class Touched:
    """What the newest facts changed, gathered for those who watch: GTINs and baskets. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._gtins: set[str] = set()
        self._baskets: set[str] = set()
        self._topics: dict[str, set[str]] = {}
        self._takes = Takes()

    def moved(self, moves: Sequence[Move], now_ms: int) -> None:
        """Note who came in, what was taken and what was paid, and when."""
        with self._lock:
            for move in moves:
                self._takes.add(move, now_ms)

    def takes_level(self, now_ms: int) -> float | None:
        """Pieces taken per visitor in the last while, where it is known."""
        with self._lock:
            return self._takes.level(now_ms)

    def add(self, gtins: set[str], basket_names: Sequence[str] = ()) -> None:
        """Note what changed."""
        with self._lock:
            self._gtins |= gtins
            self._baskets.update(basket_names)

    def tell(self, topic: str, names: Iterable[str] = ()) -> None:
        """Note that something else changed, which pages watch as ``topic``."""
        with self._lock:
            self._topics.setdefault(topic, set()).update(names)

    def take_topics(self) -> dict[str, set[str]]:
        """Give the topics that changed since the last call, with names."""
        with self._lock:
            taken, self._topics = self._topics, {}
        return taken

    def take(self) -> tuple[set[str], set[str]]:
        """Give GTINs and baskets that changed since the last call."""
        with self._lock:
            taken = self._gtins, self._baskets
            self._gtins, self._baskets = set(), set()
        return taken


class _Fold:
    """What both directions share: runs of one kind go to their handler together."""

    handlers: dict[type, Handler]

    def __init__(self, rules: SaleRules, touched: Touched, clock: Clock) -> None:
        self._rules, self._touched, self._clock = rules, touched, clock

    def _run(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> Folding:
        now_ms = self._clock.now_ms()
        # A gateway that does not know the time itself corrects nobody.
        latest_ms = END_OF_TIME_MS if is_unset(now_ms) else now_ms + AHEAD_MS
        folding = Folding(connection, origin, self._rules, now_ms, latest_ms, set(), [], [])
        find = self.handlers.get
        for handler, run in groupby([dated(r.fact, now_ms) for r in received], lambda fact: find(type(fact))):
            if handler is not None:
                handler(folding, list(run))
        self._touched.add(folding.gtins, folding.baskets)
        if folding.moves:
            self._touched.moved(folding.moves, now_ms)
        if folding.deliveries:
            self._touched.tell(DELIVERIES, folding.deliveries)
        if any(type(fact) in _ABOUT_ALARMS for fact in folding.made):
            self._touched.tell(ALARMS)
        return folding


class NodeFold(_Fold):
    """Folds what nodes say and passes it on to headquarters, in the same transaction."""

    handlers = FROM_NODES

    def __init__(
        self, rules: SaleRules, touched: Touched, clock: Clock, outbox: Outbox, *, peer: str | None = HQ
    ) -> None:
        """``peer`` is ``None`` for a store without headquarters."""
        super().__init__(rules, touched, clock)
        self._outbox, self._peer = outbox, peer

    def __call__(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        """Fold one batch; inside a change."""
        folding = self._run(connection, origin, received)
        if self._peer is None:
            return
        self._outbox.append_raw(connection, self._peer, origin.stream, [r.raw for r in received])
        if folding.made:
            self._outbox.append(connection, self._peer, folding.made)


class LateNodeFold(NodeFold):
    """Folds what nodes said some time ago: what is about that moment alone only travels on."""

    handlers = LATE_FROM_NODES


class HqFold(_Fold):
    """Folds what headquarters says."""

    handlers = FROM_HQ

    def __call__(self, connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        """Fold one batch; inside a change."""
        self._run(connection, origin, received)
