"""The foreman: keeps the tasks of the floor in line with what stands, a moment after anything changed.

Facts are folded without it; it hears which products they touched, gathers for an instant, and looks at those only.
Every look is a change of its own, some hundred products long, so that folding waits for milliseconds.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Lock, Thread
from typing import Final

import structlog

from cloud_sync.stream.errors import StorageError
from gateway.api.desk import TASKS, Desk
from gateway.core.planogram import DefaultRule
from gateway.store import planogram, task_goods, tasks
from gateway.store.stock import watches
from gateway.store.tasks import Outcome

_log = structlog.get_logger(__name__)

AT_ONCE: Final = 200
"""Products that are looked at in one change."""
GATHER_S: Final = 0.2
MOST_GATHER_S: Final = 2.0
LOOK_S: Final = 1.0
"""How often claims that ran out and shelves that fell silent or came back are looked for."""


class Foreman:
    """Runs on a thread of its own between ``start`` and ``stop``. ``notice`` may be called from any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._noticed: set[str] = set()
        self._bell = Event()
        self._stopping = Event()
        self._watched: dict[str, str] = {}
        self._thread = Thread(target=self._work, name="foreman", daemon=True)

    def start(self) -> None:
        """Begin with everything: what happened while nobody looked is not known."""
        self.notice_all()
        self._thread.start()

    def stop(self) -> None:
        """End after the look that is under way."""
        self._stopping.set()
        self._bell.set()
        self._thread.join()

    def notice(self, gtins: set[str]) -> None:
        """Hear that something of these products changed."""
        with self._lock:
            self._noticed |= gtins
        self._bell.set()

    def notice_all(self) -> None:
        """Look at every product again: counts grow old by themselves."""
        with self._desk.reading() as connection:
            everything = set(task_goods.products(connection))
        self.notice(everything)

    def _work(self) -> None:
        pause_s, is_waiting = GATHER_S, False
        while not self._stopping.is_set():
            if self._bell.wait(LOOK_S):
                # A shelf says hundreds in a row; a page shows them a quarter of a second later.
                self._bell.clear()
                self._stopping.wait(pause_s)
            began_s = self._desk.clock.monotonic_s()
            try:
                self.look()
                is_waiting = False
            except StorageError:
                if not is_waiting:
                    _log.warning("tasks wait for the disk")
                is_waiting = True
            except Exception:  # noqa: BLE001 - what fails is looked at again when it is next touched
                _log.exception("tasks failed")
            # Whoever folds without end shall have the writer for two thirds of the time; a full disk is left alone.
            took_s = self._desk.clock.monotonic_s() - began_s
            pause_s = MOST_GATHER_S if is_waiting else min(max(GATHER_S, 2 * took_s), MOST_GATHER_S)

    def look(self) -> None:
        """Bring tasks in line with what was noticed so far, and free what nobody came back to."""
        now_ms = self._desk.clock.now_ms()
        with self._lock:
            gtins, self._noticed = self._noticed, set()
        gtins |= self._of_changed_watches()
        try:
            if self._has_expired(now_ms):
                self._carry_out(lambda connection: tasks.expire(connection, now_ms))
            while gtins and not self._stopping.is_set():
                portion = [gtins.pop() for _ in range(min(AT_ONCE, len(gtins)))]
                try:
                    self._look_at(portion, now_ms)
                except StorageError:
                    gtins.update(portion)
                    raise
        finally:
            if gtins:
                self.notice(gtins)

    def _look_at(self, portion: list[str], now_ms: int) -> None:
        """Look at all at once; if that fails, one by one, so that only who is to blame is left out."""
        try:
            self._carry_out(partial(self._reconcile, gtins=portion, now_ms=now_ms))
        except StorageError:
            raise
        except Exception:  # noqa: BLE001 - a product that nobody foresaw must not stop the others
            if len(portion) == 1:
                _log.exception("tasks of a product failed", gtin=portion[0])
                return
            for gtin in portion:
                self._look_at([gtin], now_ms)

    def _reconcile(self, connection: sqlite3.Connection, gtins: list[str], now_ms: int) -> Outcome:
        wish = self._desk.settings.tasks
        rule = DefaultRule(wish.default_low, wish.default_capacity)
        return tasks.reconcile(connection, gtins, self._desk.floor(connection), rule, now_ms)

    def _carry_out(self, work: Callable[[sqlite3.Connection], Outcome]) -> None:
        desk = self._desk

        def change(connection: sqlite3.Connection) -> Outcome:
            outcome = work(connection)
            desk.send(connection, *outcome.facts)
            desk.touched.add(outcome.gtins)
            return outcome

        outcome = desk.writer.run(change)
        if outcome.tasks:
            desk.watchers.tell(TASKS, outcome.tasks)
        if outcome.facts:
            desk.announce()

    def _has_expired(self, now_ms: int) -> bool:
        with self._desk.reading() as connection:
            return tasks.has_expired(connection, now_ms)

    def _of_changed_watches(self) -> set[str]:
        """The products of shelves that began or ceased to be watched: facts about them may never come."""
        with self._desk.reading() as connection:
            watched = {
                shelf: str(watch.state) for shelf, watch in watches(connection, self._desk.samples.online()).items()
            }
            changed = [shelf for shelf, _state in watched.items() ^ self._watched.items()]
            self._watched = watched
            return planogram.gtins_on(connection, changed) if changed else set()


@contextmanager
def work(desk: Desk) -> Iterator[Foreman]:
    """Keep the tasks in line as long as the context lasts."""
    foreman = Foreman(desk)
    desk.noticers.append(foreman.notice)
    foreman.start()
    try:
        yield foreman
    finally:
        desk.noticers.remove(foreman.notice)
        foreman.stop()
