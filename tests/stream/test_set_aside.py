"""Facts on which our own fold broke: kept whole, and folded in order by a version that can."""

import sqlite3
from collections.abc import Callable, Sequence

import pytest
from msgspec import Raw

from cloud_sync.stream import dead_letters, set_aside
from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.set_aside import Retried
from cloud_sync.stream.writer import Writer
from models.messages.codec import encode
from models.messages.envelopes import FactBatch
from models.messages.errors import Malformed
from models.messages.facts import DoorMinute
from models.messages.ids import StreamClass
from models.process.clock import ManualClock

OpenWriter = Callable[[str], Writer]
Fold = Callable[[sqlite3.Connection, Origin, Sequence[Received]], None]
EPOCH = "0123456789abcdef"
EVERY = range(1, 7)


def refusing(fold: Fold, error: Exception, *times: int) -> Fold:
    """A fold that breaks on some of the minutes."""

    def broken(connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        fold(connection, origin, received)
        if any(one.fact.t_ms in times for one in received):
            raise error

    return broken


def take(writer: Writer, fold: Fold, clock: ManualClock, node: str = "node-1") -> None:
    """Six minutes of a door, one batch."""
    raws = tuple(Raw(encode(DoorMinute(t_ms=n, door="main", entered=n, left=0))) for n in EVERY)
    batch = FactBatch(epoch=EPOCH, first=1, facts=raws)
    writer.run(lambda c: Inbox(fold, clock=clock).receive(c, node, StreamClass.TELEMETRY, batch))


def again(writer: Writer, fold: Fold) -> Retried:
    retried = Retried()
    while writer.run(lambda c: set_aside.retry(c, lambda _node: fold, 9, retried)):
        pass
    return retried


def numbers(writer: Writer, table: str) -> list[int]:
    with writer.reading() as connection:
        return [row[0] for row in connection.execute(f"SELECT number FROM {table}")]


@pytest.mark.parametrize("at_once", [1, 2, 200])
def test_what_a_fold_broke_on_is_folded_in_order_and_once_when_it_is_mended(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(set_aside, "AT_ONCE", at_once)
    writer = open_writer("gateway")
    take(writer, refusing(fold, KeyError("a bug"), 2, 3, 5), clock)
    assert (numbers(writer, "folded"), numbers(writer, "set_aside")) == ([1, 4, 6], [2, 3, 5])
    assert (again(writer, fold).folded, again(writer, fold).folded) == (3, 0)
    assert (numbers(writer, "folded"), numbers(writer, "set_aside")) == ([1, 4, 6, 2, 3, 5], [])
    take(writer, fold, clock)
    assert len(numbers(writer, "folded")) == 6


def test_one_that_breaks_again_stays_with_its_newest_reason_and_holds_up_nobody(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer = open_writer("gateway")
    take(writer, refusing(fold, KeyError("a bug"), 2, 3, 5), clock)
    retried = again(writer, refusing(fold, TypeError("half mended"), 3))
    assert (retried.folded, retried.failed, retried.detail) == (2, 1, "TypeError: half mended")
    assert (numbers(writer, "folded"), numbers(writer, "set_aside")) == ([1, 4, 6, 2, 5], [3])
    with writer.reading() as connection:
        waiting = set_aside.waiting(connection)
    assert (waiting.facts, waiting.detail) == (1, "TypeError: half mended")


def test_what_the_newer_version_finds_to_be_the_senders_fault_is_a_dead_letter(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer = open_writer("gateway")
    take(writer, refusing(fold, KeyError("a bug"), 2), clock)
    assert again(writer, refusing(fold, Malformed("no such door"), 2)).refused == 1
    assert numbers(writer, "set_aside") == []
    with writer.reading() as connection:
        newest = dead_letters.newest(connection, 1)[0]
    assert (newest.reason, newest.source) == ("malformed", f"node-1/telemetry/{EPOCH}/2")


def test_what_was_refused_for_its_senders_fault_is_not_set_aside(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer = open_writer("gateway")
    take(writer, refusing(fold, Malformed("no such door"), 2), clock)
    assert numbers(writer, "set_aside") == []


def test_a_disk_that_refuses_leaves_all_of_it_where_it_was(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer = open_writer("gateway")
    take(writer, refusing(fold, KeyError("a bug"), 2, 3), clock)
    with pytest.raises(OSError, match="no space"):
        again(writer, refusing(fold, OSError("no space left"), 3))
    assert (numbers(writer, "folded"), numbers(writer, "set_aside")) == ([1, 4, 5, 6], [2, 3])


def test_a_flood_of_them_does_not_fill_the_disk(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "SET_ASIDE", 2)
    writer = open_writer("gateway")
    take(writer, refusing(fold, KeyError("a bug"), *EVERY), clock)
    assert numbers(writer, "set_aside") == [1, 2]


def test_a_version_is_new_once(open_writer: OpenWriter) -> None:
    writer = open_writer("gateway")
    seen = [writer.run(lambda c, v=v: set_aside.is_new_version(c, v)) for v in ("1", "1", "2", "2", "1")]  # type: ignore[misc]
    assert seen == [True, False, True, False, True]
