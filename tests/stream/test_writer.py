"""One writer: what resolves is committed, what fails leaves nothing, what the disk does is a state."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud_sync.stream import dead_letters
from cloud_sync.stream.disk import BALLAST_BYTES
from cloud_sync.stream.errors import DamagedDatabase, StorageFull
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import Writer
from models.process.clock import ManualClock
from models.process.health import Health

OpenWriter = Callable[[str], Writer]


def put(n: int) -> Callable[[sqlite3.Connection], int]:
    def change(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO folded(number) VALUES(?)", (n,))
        return n

    return change


def numbers(writer: Writer) -> list[int]:
    with writer.reading() as connection:
        return [row["number"] for row in connection.execute("SELECT number FROM folded ORDER BY rowid")]


def test_changes_are_committed_in_the_order_in_which_they_were_submitted(open_writer: OpenWriter) -> None:
    writer = open_writer("w")
    futures = [writer.submit(put(n)) for n in range(200)]
    assert [future.result() for future in futures] == list(range(200))
    assert numbers(writer) == list(range(200))


def test_a_change_that_raises_leaves_nothing_and_its_neighbours_stay(open_writer: OpenWriter) -> None:
    writer = open_writer("w")

    def fails(connection: sqlite3.Connection) -> None:
        put(99)(connection)
        raise KeyError("by design")

    first, bad, last = writer.submit(put(1)), writer.submit(fails), writer.submit(put(2))
    assert (first.result(), last.result()) == (1, 2)
    with pytest.raises(KeyError, match="by design"):
        bad.result()
    assert numbers(writer) == [1, 2]


def test_an_async_route_waits_for_its_commit_without_blocking_others(open_writer: OpenWriter) -> None:
    writer = open_writer("w")

    async def many() -> list[int]:
        return list(await asyncio.gather(*(writer.arun(put(n)) for n in range(20))))

    assert asyncio.run(many()) == list(range(20))


def test_who_reads_cannot_write(open_writer: OpenWriter) -> None:
    with open_writer("w").reading() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM folded")


def test_who_reads_sees_one_moment(open_writer: OpenWriter) -> None:
    writer = open_writer("w")
    with writer.reading() as connection:
        before = connection.execute("SELECT count(*) FROM folded").fetchone()[0]
        writer.run(put(1))
        assert connection.execute("SELECT count(*) FROM folded").fetchone()[0] == before


def test_a_closed_writer_has_committed_what_it_was_given_and_takes_no_more(open_writer: OpenWriter) -> None:
    writer = open_writer("w")
    futures = [writer.submit(put(n)) for n in range(50)]
    writer.close()
    assert [future.result() for future in futures] == list(range(50))
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(put(1))
    assert numbers(open_writer("w")) == list(range(50))


def test_every_commit_is_synchronised_and_the_log_is_written_ahead(open_writer: OpenWriter) -> None:
    writer = open_writer("w")
    pragmas = ("journal_mode", "synchronous", "mmap_size")
    assert [writer.run(lambda c, p=p: c.execute(f"PRAGMA {p}").fetchone()[0]) for p in pragmas] == ["wal", 2, 0]  # type: ignore[misc]


def test_a_full_disk_is_a_state_that_ends_by_itself(tmp_path: Path) -> None:
    prepare(tmp_path / "w.db")
    health = Health(ManualClock())
    with Writer(tmp_path / "w.db", health=health) as writer:
        writer.run(lambda c: c.execute("CREATE TABLE folded(number)"))
        pages = writer.run(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
        writer.run(lambda c: c.execute(f"PRAGMA max_page_count={pages}"))

        def much(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO folded VALUES(zeroblob(100000))")

        with pytest.raises(StorageFull):
            writer.run(much)
        assert [problem.subject for problem in health.problems()] == ["disk"]
        assert not (tmp_path / "w.db-ballast").exists()
        writer.run(lambda c: c.execute("PRAGMA max_page_count=1000000"))
        writer.run(much)
        assert not health.problems()
        assert (tmp_path / "w.db-ballast").stat().st_size == BALLAST_BYTES


@pytest.mark.parametrize("damage", ["not a database", "a page in the middle"])
def test_a_damaged_file_is_refused_with_what_to_do_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "w.db"
    prepare(path)
    content = bytearray(path.read_bytes())
    if damage == "not a database":
        content[:100] = b"x" * 100
    else:
        content[4096:12288] = os.urandom(8192)
    path.write_bytes(content)
    with pytest.raises(DamagedDatabase, match="aside"):
        Writer(path)
    assert path.read_bytes() == content


def test_refused_messages_are_bounded_and_counted_for_ever(open_writer: OpenWriter) -> None:
    writer = open_writer("w")

    def refuse(connection: sqlite3.Connection) -> None:
        for n in range(1200):
            dead_letters.keep(connection, t_ms=n, source="s", reason="malformed", detail="d", body=b"x" * 9000)

    writer.run(refuse)
    with writer.reading() as connection:
        letters = dead_letters.newest(connection, 5000)
        assert dead_letters.counts(connection) == {"malformed": 1200}
    assert len(letters) == dead_letters.KEPT
    assert letters[0].t_ms == 1199
    assert len(letters[0].body) == dead_letters.BODY_BYTES


KILLED = """
import sys
from pathlib import Path
from cloud_sync.stream.writer import Writer
writer = Writer(Path(sys.argv[1]))
n = 0
while True:
    insert = lambda k: lambda c: c.execute("INSERT INTO folded(number) VALUES(?)", (k,))
    futures = [writer.submit(insert(k)) for k in range(n, n + 20)]
    n += 20
    for k, future in enumerate(futures, n - 20):
        future.result()
        print(k, flush=True)
"""


def test_what_was_reported_as_committed_survives_kill_9(open_writer: OpenWriter, tmp_path: Path) -> None:
    open_writer("w").close()
    path = tmp_path / "w.db"
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE) as victim:
            assert victim.stdout is not None
            reported = [int(victim.stdout.readline()) for _ in range(200)]
            victim.send_signal(signal.SIGKILL)
            reported += [int(line) for line in victim.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
        again = open_writer("w")
        kept = numbers(again)
        assert kept[: len(reported)] == reported
        assert kept == list(range(len(kept)))
        again.run(lambda c: c.execute("DELETE FROM folded"))
        again.close()
