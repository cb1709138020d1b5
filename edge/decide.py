"""The thread on which a node decides: takes signals in order, ticks the floor, records what follows, then tells."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from cloud_sync.stream.writer import Writer
from edge.core.floor import Decided, Floor
from edge.record import Record
from models.messages.facts import Fact
from models.messages.ids import StreamClass
from models.process.clock import Clock, is_unset
from models.process.health import Health

_log = structlog.get_logger(__name__)

Signal = Callable[[Floor], object]

TICK_S: Final = 0.25
KEEP_EVERY_S: Final = 30.0
MOST_WAITING: Final = 50_000
"""Signals that may wait for the thread; what comes beyond is dropped, counted, and said."""
MOST_UNSAVED: Final = 100_000
"""Facts that may wait for a disk that takes nothing; then the oldest telemetry is forgotten, and counted."""


class FloorThread:
    """Runs a floor. ``signal`` may be called from any thread."""

    def __init__(
        self,
        floor: Floor,
        *,
        record: Record,
        writer: Writer,
        tell: Callable[[Decided], None],
        on_recorded: Callable[[], None],
        keep: Callable[[Floor], dict[str, bytes]],
        noted: SimpleQueue[Fact],
        clock: Clock,
        health: Health,
        registry: CollectorRegistry,
    ) -> None:
        """``keep(floor)`` gives what must outlive a restart; it is recorded every half minute and at the end.

        ``noted`` holds facts from elsewhere in the process (a problem began), to be recorded with the next.
        """
        self._floor = floor
        self._record, self._writer = record, writer
        self._tell, self._on_recorded, self._keep = tell, on_recorded, keep
        self._clock, self._health = clock, health
        self._noted = noted
        self._signals: SimpleQueue[Signal] = SimpleQueue()
        self._unsaved: list[Fact] = []
        self._unkept: dict[str, bytes] = {}
        self._stop = Event()
        self._thread = Thread(target=self._work, name="floor", daemon=True)
        self._dropped = Counter("aisle_signals_dropped", "Signals dropped: the node is overloaded", registry=registry)
        self._failed = Counter("aisle_signals_failed", "Signals that the floor could not take", registry=registry)
        self._forgotten = Counter("aisle_facts_forgotten", "Telemetry that no disk would take", registry=registry)
        self._facts = Counter("aisle_facts_decided", "Facts decided", ["kind"], registry=registry)
        waiting = Gauge("aisle_signals_waiting", "Signals that wait to be decided on", registry=registry)
        waiting.set_function(self._signals.qsize)

    def start(self) -> None:
        """Begin to decide."""
        self._thread.start()

    def stop(self) -> None:
        """Decide on what has come, record it, and end."""
        self._stop.set()
        self._thread.join()

    def signal(self, signal: Signal) -> None:
        """Hand something to the floor."""
        if self._signals.qsize() >= MOST_WAITING:
            self._dropped.inc()
            self._health.report(
                "floor",
                "overloaded",
                "Signals come faster than this machine decides.",
                "Spread devices over two nodes.",
            )
            return
        self._signals.put(signal)

    def _work(self) -> None:
        next_tick = time.monotonic()
        next_keep = next_tick + KEEP_EVERY_S
        while not self._stop.is_set():
            self._take(next_tick)
            now = time.monotonic()
            if now >= next_tick:
                next_tick = max(next_tick + TICK_S, now)
                self._tick(keep=now >= next_keep)
                if now >= next_keep:
                    next_keep = now + KEEP_EVERY_S
        while not self._signals.empty():
            self._take(time.monotonic())
        self._tick(keep=True)

    def _take(self, until: float) -> None:
        """Take signals until it is time to tick."""
        while (wait_s := until - time.monotonic()) > 0 or not self._signals.empty():
            try:
                signal = self._signals.get(timeout=max(0.0, wait_s))
            except Empty:
                return
            try:
                signal(self._floor)
            except Exception:  # noqa: BLE001
                # One bad signal (a device's nonsense that no check foresaw) must not stop the others.
                self._failed.inc()
                _log.exception("signal failed")
            if wait_s <= -TICK_S:
                return

    def _tick(self, *, keep: bool) -> None:
        now_ms = self._clock.now_ms()
        self._watch(now_ms)
        decided = self._floor.tick(now_ms)
        for fact in decided.facts:
            self._facts.labels(kind=type(fact).__struct_config__.tag).inc()
        self._unsaved += decided.facts
        self._unkept |= decided.kept
        while not self._noted.empty():
            self._unsaved.append(self._noted.get())
        if self._unsaved or keep:
            self._save(self._unkept | (self._keep(self._floor) if keep else {}))
        self._tell(decided)

    def _watch(self, now_ms: int) -> None:
        if is_unset(now_ms):
            self._health.report(
                "clock", "unset", "This machine does not know the date.", "Check the network: it asks a time server."
            )
        else:
            self._health.clear("clock")
        if self._signals.qsize() < MOST_WAITING // 2:
            self._health.clear("floor")

    def _save(self, kept: dict[str, bytes]) -> None:
        """Record facts; when that is refused (disk, outbox full) they wait, and are tried again at each tick."""
        try:
            self._writer.run(self._record.facts(self._unsaved, kept))
        except Exception as error:  # noqa: BLE001 - whatever refuses a commit, facts wait and the status says why
            self._health.report("record", "refused", f"Facts cannot be recorded: {error}", "Free space on the disk.")
            waiting = without_oldest_telemetry(self._unsaved, MOST_UNSAVED)
            self._forgotten.inc(len(self._unsaved) - len(waiting))
            self._unsaved = waiting
            return
        self._health.clear("record")
        self._unsaved, self._unkept = [], {}
        self._on_recorded()


def without_oldest_telemetry(facts: list[Fact], most: int) -> list[Fact]:
    """``facts`` without the oldest telemetry beyond ``most``; ledger facts stay, also when they alone are more."""
    excess = len(facts) - most
    kept = []
    for fact in facts:
        if excess > 0 and fact.stream is StreamClass.TELEMETRY:
            excess -= 1
        else:
            kept.append(fact)
    return kept
