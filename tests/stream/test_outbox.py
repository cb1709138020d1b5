"""What an outbox keeps, in which order, and what it gives up first."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from cloud_sync.stream.chunks import chunks_of, split_facts
from cloud_sync.stream.errors import OutboxFull
from cloud_sync.stream.outbox import Outbox, read_head
from cloud_sync.stream.schema import migrate_stream, prepare
from cloud_sync.stream.writer import Writer
from models.messages.codec import decode_batch, decode_fact, encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.errors import Oversized
from models.messages.facts import DoorMinute, Fact, FactsDropped, StockCounted
from models.messages.ids import StreamClass
from models.process.clock import ManualClock

LEDGER, TELEMETRY = StreamClass.LEDGER, StreamClass.TELEMETRY


def counted(n: int) -> StockCounted:
    return StockCounted(t_ms=n, gtin="00012345678905", place="A1", quantity=n, by="tests")


def minute(n: int) -> DoorMinute:
    return DoorMinute(t_ms=n, door="main", entered=n, left=0)


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    prepare(tmp_path / "outbox.db")
    connection = sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")  # each statement is a transaction here
    return connection


def batch_of(
    outbox: Outbox, connection: sqlite3.Connection, stream: StreamClass, first: int, most: int = 500
) -> FactBatch:
    outgoing = outbox.batch(connection, "gateway", stream, first, most_facts=most)
    assert outgoing is not None
    assert outgoing.first == first
    return decode_batch(outgoing.payload)


def ack(outbox: Outbox, connection: sqlite3.Connection, stream: StreamClass, upto: int) -> bool:
    head = read_head(connection, "gateway", stream)
    assert head is not None
    return outbox.acknowledge(connection, "gateway", stream, Ack(epoch=head.epoch, upto=upto))


def test_facts_are_numbered_in_their_own_class_in_the_order_in_which_they_happened(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock)
    facts: list[Fact] = [counted(1), minute(1), counted(2), minute(2), counted(3)]
    outbox.append(connection, "gateway", facts)
    assert [decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 1).facts] == facts[::2]
    assert [decode_fact(raw) for raw in batch_of(outbox, connection, TELEMETRY, 1).facts] == facts[1::2]


def test_a_batch_is_byte_for_byte_what_the_codec_would_write(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock)
    outbox.append(connection, "gateway", [counted(1), counted(2)])
    outgoing = outbox.batch(connection, "gateway", LEDGER, 1)
    assert outgoing is not None
    assert encode(decode_batch(outgoing.payload)) == outgoing.payload


def test_a_batch_can_begin_in_the_middle_of_what_was_stored_together(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock)
    outbox.append(connection, "gateway", [counted(n) for n in range(1, 8)])
    assert [decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 5).facts] == [
        counted(n) for n in (5, 6, 7)
    ]
    assert outbox.batch(connection, "gateway", LEDGER, 8) is None


def test_each_peer_has_a_stream_and_an_epoch_of_its_own(connection: sqlite3.Connection, clock: ManualClock) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock)
    outbox.append(connection, "store-1", [counted(1)])
    outbox.append(connection, "store-2", [counted(2)])
    one, two = read_head(connection, "store-1", LEDGER), read_head(connection, "store-2", LEDGER)
    assert one is not None
    assert two is not None
    assert (one.last, two.last) == (1, 1)
    assert one.epoch != two.epoch


def test_what_was_acknowledged_is_kept_for_a_receiver_that_goes_back_and_pruned_in_the_end(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock, retain_s=3600)
    outbox.append(connection, "gateway", [counted(1), counted(2)])
    outbox.append(connection, "gateway", [counted(3)])
    assert ack(outbox, connection, LEDGER, 2)
    clock.advance(3000)
    assert outbox.prune(connection) == 0
    assert len(batch_of(outbox, connection, LEDGER, 1).facts) == 3
    clock.advance(1000)
    assert outbox.prune(connection) == 1
    assert [decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 3).facts] == [counted(3)]


def test_a_receiver_that_lacks_what_was_pruned_is_told_how_much_is_missing(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock, retain_s=0)
    outbox.append(connection, "gateway", [counted(1), counted(2)])
    outbox.append(connection, "gateway", [counted(3)])
    ack(outbox, connection, LEDGER, 2)
    clock.advance(120)
    outbox.prune(connection)
    lost, kept = (decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 1).facts)
    assert isinstance(lost, FactsDropped)
    assert (lost.count, lost.reason, kept) == (2, "pruned", counted(3))
    ack(outbox, connection, LEDGER, 3)
    clock.advance(120)
    outbox.prune(connection)
    (lost,) = (decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 2).facts)
    assert isinstance(lost, FactsDropped)
    assert lost.count == 2


def test_nothing_is_pruned_by_a_clock_in_1970_and_a_day_later_it_is_counted_from_when_the_clock_was_set(
    connection: sqlite3.Connection,
) -> None:
    clock = ManualClock(now_ms=1000)
    outbox = Outbox(budget_bytes=10**6, clock=clock, retain_s=3600)
    outbox.append(connection, "gateway", [counted(1)])
    ack(outbox, connection, LEDGER, 1)
    assert outbox.prune(connection) == 0
    clock.advance(1_760_000_000)
    assert outbox.prune(connection) == 0
    clock.advance(4000)
    assert outbox.prune(connection) == 1


def test_a_full_outbox_gives_up_acknowledged_facts_then_old_telemetry_and_never_the_ledger(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=20_000, clock=clock)
    outbox.append(connection, "gateway", [counted(n) for n in range(1, 21)])
    ack(outbox, connection, LEDGER, 20)
    for n in range(1, 101):
        outbox.append(connection, "gateway", [minute(n), counted(100 + n)])
    (ledger, telemetry) = outbox.states(connection)
    assert ledger.bytes + telemetry.bytes <= 20_000
    assert ledger.dropped == 0
    assert telemetry.dropped > 0
    assert [decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 21).facts] == [
        counted(100 + n) for n in range(1, 101)
    ]
    lost, *kept = (decode_fact(raw) for raw in batch_of(outbox, connection, TELEMETRY, 1).facts)
    assert isinstance(lost, FactsDropped)
    assert lost.count == telemetry.dropped
    assert kept == [minute(n) for n in range(lost.count + 1, 101)]


def test_an_outbox_full_of_ledger_facts_refuses_more_and_changes_nothing(
    open_writer: Callable[[str], Writer], clock: ManualClock
) -> None:
    outbox, writer = Outbox(budget_bytes=5000, clock=clock), open_writer("node")

    def fill() -> None:
        for n in range(1000):
            writer.run(lambda c, n=n: outbox.append(c, "gateway", [minute(n), counted(n)]))  # type: ignore[misc]

    with pytest.raises(OutboxFull, match="reach it"):
        fill()
    with writer.reading() as connection:
        ledger, telemetry = outbox.states(connection)
    assert ledger.last == telemetry.last
    assert ledger.bytes + telemetry.bytes <= 5000 + 500
    writer.run(lambda c: ack(outbox, c, LEDGER, ledger.last))
    writer.run(lambda c: outbox.append(c, "gateway", [counted(1)]))


def test_a_file_that_went_back_behind_its_receiver_begins_a_new_epoch_with_what_is_unacknowledged(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock)
    outbox.append(connection, "gateway", [counted(1)])
    ack(outbox, connection, LEDGER, 1)
    outbox.append(connection, "gateway", [counted(2)])
    before = read_head(connection, "gateway", LEDGER)
    assert ack(outbox, connection, LEDGER, 50) is False
    after = read_head(connection, "gateway", LEDGER)
    assert before is not None
    assert after is not None
    assert after.epoch != before.epoch
    assert (after.last, after.acknowledged) == (1, 0)
    assert [decode_fact(raw) for raw in batch_of(outbox, connection, LEDGER, 1).facts] == [counted(2)]


def test_an_acknowledgement_of_another_epoch_changes_nothing(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**6, clock=clock)
    outbox.append(connection, "gateway", [counted(1)])
    assert outbox.acknowledge(connection, "gateway", LEDGER, Ack(epoch="0" * 16, upto=1)) is False
    assert outbox.states(connection)[0].acknowledged == 0


def test_a_fact_that_fits_into_no_message_is_refused_where_it_happens(
    connection: sqlite3.Connection, clock: ManualClock
) -> None:
    outbox = Outbox(budget_bytes=10**7, clock=clock)
    with pytest.raises(Oversized):
        outbox.append_raw(connection, "gateway", LEDGER, [b'"' + b"x" * 1_000_000 + b'"'])


@given(st.lists(st.binary(min_size=1, max_size=3000).map(lambda b: msgspec.json.encode(b.hex())), max_size=700))
def test_packing_facts_into_chunks_and_taking_them_apart_gives_the_same_facts(raws: list[bytes]) -> None:
    chunks = list(chunks_of(raws))
    assert [raw for chunk in chunks for raw in split_facts(chunk.body)] == raws
    assert all(chunk.span <= 250 and len(chunk.body) <= 260_000 for chunk in chunks)


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(1, 30), st.integers(1, 7))
def test_batches_from_any_number_on_give_the_rest_of_the_stream_in_order(
    sizes: list[int], first: int, most: int
) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate_stream(Database(connection))
    outbox = Outbox(budget_bytes=10**6, clock=ManualClock())
    number = 0
    for size in sizes:
        outbox.append(connection, "gateway", [counted(number + i + 1) for i in range(size)])
        number += size
    seen = []
    while (outgoing := outbox.batch(connection, "gateway", LEDGER, first, most_facts=most)) is not None:
        facts = [decode_fact(raw) for raw in decode_batch(outgoing.payload).facts]
        assert outgoing.last - outgoing.first + 1 == len(facts) == outgoing.facts
        seen += facts
        first = outgoing.last + 1
    assert seen == [counted(n) for n in range(number - len(seen) + 1, number + 1)]
