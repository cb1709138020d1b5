"""Two ends of a stream on real SQLite files."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cloud_sync.stream.inbox import Origin, Received
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from models.process.clock import ManualClock

OpenWriter = Callable[[str], Writer]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def open_writer(tmp_path: Path) -> Iterator[OpenWriter]:
    """Opens the writer of a named file; all are closed in the end, and a file can be opened again."""
    opened: list[Writer] = []

    def open_(name: str) -> Writer:
        path = tmp_path / f"{name}.db"
        prepare(path)
        writer = Writer(path, gather_s=0)
        writer.run(lambda c: c.execute("CREATE TABLE IF NOT EXISTS folded(node, class, epoch, number, kind, raw)"))
        opened.append(writer)
        return writer

    yield open_
    for writer in opened:
        writer.close()


def fold_into_table(connection: sqlite3.Connection, origin: Origin, facts: Sequence[Received]) -> None:
    """Writes down every fact that is folded, so that a double would show as two rows."""
    connection.executemany(
        "INSERT INTO folded VALUES(?,?,?,?,?,?)",
        [(origin.node, origin.stream, origin.epoch, f.number, type(f.fact).__name__, f.raw) for f in facts],
    )


@pytest.fixture
def fold() -> Callable[[sqlite3.Connection, Origin, Sequence[Received]], None]:
    return fold_into_table
