"""Kept reading connections see what is committed, and keep nothing from being written."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from cloud_sync.stream.writer import WAL_LIMIT_BYTES, Writer
from gateway.store.migrations import migrate
from gateway.store.readers import MOST_KEPT, Readers


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    migrate(tmp_path / "gateway.db")
    with Writer(tmp_path / "gateway.db") as made:
        yield made


@pytest.fixture
def readers(writer: Writer) -> Iterator[Readers]:
    made = Readers(writer.path)
    yield made
    made.close()


def enrol(writer: Writer, number: int) -> None:
    writer.run(lambda c: c.execute("INSERT INTO enrolments VALUES (?, ?, 1)", (str(number), "x" * 500)).rowcount)


def count(readers: Readers) -> int:
    with readers.reading() as connection:
        row = connection.execute("SELECT count(*) AS found FROM enrolments").fetchone()
        return int(row["found"])


def test_each_look_up_sees_what_was_committed_before_it(writer: Writer, readers: Readers) -> None:
    for number in range(5):
        assert count(readers) == number
        enrol(writer, number)


def test_a_kept_connection_does_not_let_the_log_grow(writer: Writer, readers: Readers) -> None:
    assert count(readers) == 0

    def many(connection: sqlite3.Connection, start: int) -> None:
        rows = [(str(start + number), "x" * 500) for number in range(2000)]
        connection.executemany("INSERT INTO enrolments VALUES (?, ?, 1)", rows)

    for start in range(0, 40_000, 2000):
        writer.run(lambda c, start=start: many(c, start))  # type: ignore[misc]
        with readers.reading() as connection:
            connection.execute("SELECT * FROM enrolments LIMIT 5").fetchone()  # not read to its end
    wal = writer.path.with_name(writer.path.name + "-wal")
    assert wal.stat().st_size <= WAL_LIMIT_BYTES
    assert count(readers) == 40_000


def test_a_reader_cannot_write_and_a_failure_in_a_look_up_harms_no_other(writer: Writer, readers: Readers) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"), readers.reading() as connection:
        connection.execute("DELETE FROM enrolments")
    with pytest.raises(RuntimeError, match="the route failed"), readers.reading():
        raise RuntimeError("the route failed")
    enrol(writer, 1)
    assert count(readers) == 1


def test_look_ups_of_many_threads_have_each_their_own(writer: Writer, readers: Readers) -> None:
    found: list[int] = []
    threads = [Thread(target=lambda: found.append(count(readers))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 20
    assert len(readers._kept) <= MOST_KEPT
