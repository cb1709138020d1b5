"""What an inbox folds, refuses and counts."""

import sqlite3
from collections.abc import Callable, Sequence

import msgspec
import pytest

from cloud_sync.stream import dead_letters
from cloud_sync.stream.inbox import Inbox, Origin, Received
from cloud_sync.stream.writer import Writer
from models.messages.codec import encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.errors import Malformed
from models.messages.facts import DoorMinute, Fact, FactsDropped
from models.messages.ids import StreamClass
from models.process.clock import ManualClock

OpenWriter = Callable[[str], Writer]
Fold = Callable[[sqlite3.Connection, Origin, Sequence[Received]], None]
EPOCH = "0123456789abcdef"
ORIGIN = Origin("node-1", StreamClass.TELEMETRY, EPOCH)


def minute(n: int) -> DoorMinute:
    return DoorMinute(t_ms=n, door="main", entered=n, left=0)


def dropped(count: int) -> FactsDropped:
    return FactsDropped(t_ms=1, count=count, reason="budget", until_ms=2)


def batch(first: int, *facts: Fact) -> FactBatch:
    return FactBatch(epoch=EPOCH, first=first, facts=tuple(msgspec.Raw(encode(fact)) for fact in facts))


def test_what_is_known_is_skipped_and_the_rest_folded(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer, inbox = open_writer("gateway"), Inbox(fold, clock=clock)
    writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, minute(1), minute(2))]))
    receipt = writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, minute(1), minute(2), minute(3))]))
    assert (receipt.folded, receipt.duplicates, receipt.ack) == (1, 2, Ack(epoch=EPOCH, upto=3))


def test_what_is_behind_a_gap_is_refused_with_how_far_it_is(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer, inbox = open_writer("gateway"), Inbox(fold, clock=clock)
    receipt = writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, minute(1)), batch(3, minute(3))]))
    assert (receipt.folded, receipt.gaps, receipt.ack.upto) == (1, 1, 1)


def test_an_empty_batch_is_answered_with_how_far_it_is(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer, inbox = open_writer("gateway"), Inbox(fold, clock=clock)
    assert writer.run(lambda c: inbox.receive(c, "node-1", StreamClass.LEDGER, batch(1))).upto == 0
    assert writer.run(lambda c: inbox.receive(c, "node-1", StreamClass.LEDGER, batch(9))).upto == 0


def test_of_dropped_facts_only_those_that_did_not_arrive_count(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer, inbox = open_writer("gateway"), Inbox(fold, clock=clock)
    writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, minute(1), minute(2))]))
    receipt = writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, dropped(5), minute(6))]))
    assert (receipt.dropped, receipt.duplicates, receipt.ack.upto) == (3, 2, 6)
    again = writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, dropped(5), minute(6))]))
    assert (again.dropped, again.folded, again.duplicates) == (0, 0, 6)


@pytest.mark.parametrize("error", [Malformed("no such shelf"), KeyError("a bug"), sqlite3.IntegrityError("twice")])
def test_a_fact_that_the_fold_refuses_leaves_nothing_and_the_stream_goes_on(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock, error: Exception
) -> None:
    def picky(connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        fold(connection, origin, received)
        if any(one.fact.t_ms == 2 for one in received):
            raise error

    writer, inbox = open_writer("gateway"), Inbox(picky, clock=clock)
    receipt = writer.run(lambda c: inbox.take(c, ORIGIN, [batch(1, minute(1), minute(2), minute(3))]))
    assert (receipt.folded, receipt.ack.upto, len(receipt.refused)) == (2, 3, 1)
    with writer.reading() as connection:
        assert [row["number"] for row in connection.execute("SELECT number FROM folded")] == [1, 3]
        (letter,) = dead_letters.newest(connection, 10)
    assert letter.body == encode(minute(2))
    assert letter.source == f"node-1/telemetry/{EPOCH}/2"


def test_a_fact_that_comes_alone_is_refused_once(open_writer: OpenWriter, clock: ManualClock) -> None:
    def picky(_connection: sqlite3.Connection, _origin: Origin, _received: Sequence[Received]) -> None:
        raise KeyError("a bug")

    writer = open_writer("gateway")
    receipt = writer.run(lambda c: Inbox(picky, clock=clock).take(c, ORIGIN, [batch(1, minute(1))]))
    assert receipt.refused == ["fold"]
    with writer.reading() as connection:
        assert dead_letters.counts(connection) == {"fold": 1}


def test_a_disk_that_refuses_is_nobodys_fault_and_all_of_it_comes_again(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    def full(connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
        fold(connection, origin, received)
        raise OSError("no space left")

    writer = open_writer("gateway")
    with pytest.raises(OSError, match="no space"):
        writer.run(lambda c: Inbox(full, clock=clock).take(c, ORIGIN, [batch(1, minute(1))]))
    receipt = writer.run(lambda c: Inbox(fold, clock=clock).take(c, ORIGIN, [batch(1, minute(1))]))
    assert (receipt.folded, receipt.duplicates) == (1, 0)


def test_a_new_card_begins_at_one_and_the_old_one_is_not_forgotten(
    open_writer: OpenWriter, fold: Fold, clock: ManualClock
) -> None:
    writer, inbox = open_writer("gateway"), Inbox(fold, clock=clock)
    other = "f" * 16
    writer.run(lambda c: inbox.receive(c, "node-1", StreamClass.TELEMETRY, batch(1, minute(1), minute(2))))
    fresh = msgspec.structs.replace(batch(1, minute(9)), epoch=other)
    assert writer.run(lambda c: inbox.receive(c, "node-1", StreamClass.TELEMETRY, fresh)) == Ack(epoch=other, upto=1)
    assert writer.run(lambda c: inbox.receive(c, "node-1", StreamClass.TELEMETRY, batch(3, minute(3)))).upto == 3
