"""The one write connection of a database file, on a thread of its own, with group commit.

Everything that comes within a few milliseconds shares one COMMIT, and so one fsync: WAL with ``synchronous=FULL``
loses nothing that was committed when the power goes (NORMAL lost 26 % of commits in our measurements). The same
connection makes the checkpoints, and nobody maps the file into memory, because SQLite 3.7.0 to 3.51.2 can corrupt a
database whose WAL is reset by one connection while another writes.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog

from cloud_sync.stream.disk import Ballast, check_health, storage_error
from cloud_sync.stream.errors import StorageError
from models.process.health import Health

T = TypeVar("T")
Change = Callable[[sqlite3.Connection], T]

_Job = tuple[Change[Any], "Future[Any]"]
_log = structlog.get_logger(__name__)

MOST_CHANGES: Final = 5000
"""So many changes share a commit at most, so that the first does not wait for ever."""

CHECKPOINT_PAGES: Final = 4000
"""16 MB: a page that changes with every commit is written back once for many of them."""
WAL_LIMIT_BYTES: Final = 16_000_000
"""The WAL's file is cut to this size after a checkpoint."""

PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "mmap_size=0",
    "foreign_keys=ON",
    f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    f"journal_size_limit={WAL_LIMIT_BYTES}",
    "cache_size=-8000",
)
"""How the file is written; the test that cuts the power uses the same."""

RETRY_S: Final = 5.0
"""How often a full disk is tried again when nobody writes."""


class Writer:
    """Runs changes in order, each in a savepoint of its own, and commits them in groups. Safe from any thread.

    Raises:
        DamagedDatabase: at start, when ``path`` is not a healthy database.
    """

    def __init__(self, path: Path, *, gather_s: float = 0.002, health: Health | None = None) -> None:
        """``gather_s``: how long a commit waits for more changes; ``health`` hears of a full disk (``disk``)."""
        self._path = path
        self._gather_s = gather_s
        self._health = health
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._troubled = False
        check_health(path)
        self._connection = _connect(path)
        self._ballast = Ballast(path)
        self._ballast.fill()
        self._thread = Thread(target=self._work, name=f"writer-{path.stem}", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def submit(self, change: Change[T]) -> "Future[T]":
        """Queue ``change``; the future resolves after COMMIT.

        The future fails with what ``change`` raised (only this change is rolled back), or with ``StorageError`` when
        the file cannot take it now (nothing of it is there).
        """
        if self._closed:
            raise RuntimeError(f"the writer of {self._path.name} is closed")
        future: Future[T] = Future()
        self._queue.put((change, future))
        return future

    def run(self, change: Change[T]) -> T:
        """Run ``change`` and wait until it is committed."""
        return self.submit(change).result()

    async def arun(self, change: Change[T]) -> T:
        """Run ``change`` and wait until it is committed, without blocking the event loop."""
        return await asyncio.wrap_future(self.submit(change))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A query-only connection that sees one moment of the file. Keep it for milliseconds: it pins the WAL."""
        connection = sqlite3.connect(
            f"file:{self._path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=5.0
        )
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Commit what is queued and let go of the file."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self) -> None:
        while True:
            try:
                job = self._queue.get(timeout=RETRY_S)
            except Empty:
                self._recover()
                continue
            if job is None or not self._commit_group(job):
                return

    def _commit_group(self, first: _Job) -> bool:
        """Run ``first`` and what follows it closely in one transaction; false when the writer is to close."""
        done: list[tuple[Future[Any], Any]] = []
        taken: list[_Job] = []
        is_open = True
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in self._gather(first):
                if job is None:
                    is_open = False
                    break
                taken.append(job)
                self._run_one(job, done)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(taken or [first], storage_error(error))
        else:
            self._succeeded()
            for future, result in done:
                future.set_result(result)
        return is_open

    def _gather(self, first: _Job) -> Iterator[_Job | None]:
        yield first
        deadline = time.monotonic() + self._gather_s
        for _ in range(MOST_CHANGES):
            try:
                yield self._queue.get(timeout=max(deadline - time.monotonic(), 0.0))
            except Empty:
                return

    def _run_one(self, job: _Job, done: list[tuple["Future[Any]", Any]]) -> None:
        """Run one change in its savepoint. Raises ``sqlite3.Error`` only when the whole transaction is lost."""
        change, future = job
        if not future.set_running_or_notify_cancel():
            return
        self._connection.execute("SAVEPOINT change")
        try:
            result = change(self._connection)
        except Exception as raised:
            error: Exception = raised
            if isinstance(error, sqlite3.Error) and not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO change")
            self._connection.execute("RELEASE change")
            if isinstance(error, sqlite3.OperationalError):
                error = storage_error(error)
                if isinstance(error, StorageError):
                    self._trouble(error)
            future.set_exception(error)
        else:
            self._connection.execute("RELEASE change")
            done.append((future, result))

    def _fail(self, jobs: list[_Job], error: Exception) -> None:
        """The commit was refused: undo all of it, say so, and make room for what deletes."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        if isinstance(error, StorageError):
            self._trouble(error)
        else:
            _log.error("commit failed", file=self._path.name, error=str(error))
        for _change, future in jobs:
            if not future.done():
                future.set_exception(error)

    def _trouble(self, error: StorageError) -> None:
        self._troubled = True
        self._ballast.release()
        if self._health:
            hint = "free some space; nothing is acknowledged until facts can be stored again"
            self._health.report("disk", type(error).__name__, str(error), hint)

    def _succeeded(self) -> None:
        if self._troubled and self._ballast.fill():
            self._troubled = False
            if self._health:
                self._health.clear("disk")

    def _recover(self) -> None:
        """Nobody writes: move the WAL into the file, and see whether a full disk has room again."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            self._trouble(StorageError(str(error)))
        else:
            self._succeeded()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection
