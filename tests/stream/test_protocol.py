"""Exactly once in effect and in order, whatever the network, the power, backups and new cards do."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from cloud_sync.stream.errors import OutboxFull
from cloud_sync.stream.inbox import Inbox, Origin, Received, newest_acks
from cloud_sync.stream.outbox import Outbox, read_head
from cloud_sync.stream.schema import migrate_stream
from cloud_sync.stream.sender import Step, StreamSender
from models.messages.codec import decode, decode_batch, encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.facts import DoorMinute, Fact, FactsDropped, StockCounted
from models.messages.ids import StreamClass
from models.process.clock import ManualClock

LEDGER, TELEMETRY = StreamClass.LEDGER, StreamClass.TELEMETRY


@cache
def empty_file() -> bytes:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate_stream(Database(connection))
    connection.execute("CREATE TABLE folded(class, epoch, number, span, id, reason)")
    return connection.serialize()


def opened(content: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(content)
    return connection


def fold(connection: sqlite3.Connection, origin: Origin, received: Sequence[Received]) -> None:
    for number, fact, _raw in received:
        is_lost = isinstance(fact, FactsDropped)
        span, reason = (fact.count, fact.reason) if isinstance(fact, FactsDropped) else (1, None)
        row = (origin.stream, origin.epoch, number, span, None if is_lost else fact.t_ms, reason)
        connection.execute("INSERT INTO folded VALUES(?,?,?,?,?,?)", row)


class World:
    """A node, a gateway and a network between them that does what it likes with messages."""

    def __init__(self, budget_bytes: int) -> None:
        self.clock = ManualClock()
        self.outbox = Outbox(budget_bytes=budget_bytes, clock=self.clock, retain_s=3600)
        self.inbox = Inbox(fold, clock=self.clock)
        self.node, self.gateway = opened(empty_file()), opened(empty_file())
        self.backup = self.gateway.serialize()
        self.up: list[tuple[StreamClass, bytes]] = []
        self.down: list[tuple[StreamClass, bytes]] = []
        self.machines: dict[StreamClass, StreamSender] = {}
        self.said: dict[tuple[StreamClass, str], dict[int, int]] = {}
        self.next_id = 1
        self.restored = False

    def happen(self, stream: StreamClass, count: int) -> None:
        """A change of the node's state causes facts; when the outbox is full, the change does not happen."""
        ids = range(self.next_id, self.next_id + count)
        facts: list[Fact] = [
            StockCounted(t_ms=n, gtin="00012345678905", place="A1", quantity=n, by="t")
            if stream is LEDGER
            else DoorMinute(t_ms=n, door="main", entered=1, left=1)
            for n in ids
        ]
        self.node.execute("BEGIN")
        try:
            self.outbox.append(self.node, "gateway", facts)
        except OutboxFull:
            self.node.execute("ROLLBACK")
            assert stream is LEDGER
            return
        self.node.execute("COMMIT")
        head = read_head(self.node, "gateway", stream)
        assert head is not None
        numbers = range(head.last - count + 1, head.last + 1)
        self.said.setdefault((stream, head.epoch), {}).update(zip(numbers, ids, strict=True))
        self.next_id += count

    def tick(self, seconds: float) -> None:
        """Time passes, and the node sends what it may."""
        self.clock.advance(seconds)
        for stream in StreamClass:
            head = read_head(self.node, "gateway", stream)
            if head is None:
                continue
            machine = self.machines.get(stream)
            if machine is None or machine.epoch != head.epoch:
                machine = self.machines[stream] = StreamSender(head.epoch, head.acknowledged, window=3)
                machine.connected()
            now_s = self.clock.monotonic_s()
            while (step := machine.poll(now_s, head.last)) is not None:
                if step is Step.PROBE:
                    probe = FactBatch(epoch=head.epoch, first=machine.cursor, facts=())
                    self.up.append((stream, encode(probe)))
                    machine.probed(now_s)
                    continue
                outgoing = self.outbox.batch(self.node, "gateway", stream, machine.cursor, most_facts=5)
                assert outgoing is not None
                self.up.append((stream, outgoing.payload))
                machine.sent(outgoing.last, now_s)

    def deliver_up(self, index: int, *, crash: bool = False) -> None:
        """One message reaches the gateway, which may lose its power before COMMIT or before it acknowledges."""
        if not self.up:
            return
        stream, payload = self.up[index % len(self.up)]
        self.gateway.execute("BEGIN")
        ack = self.inbox.receive(self.gateway, "node", stream, decode_batch(payload))
        self.gateway.execute("ROLLBACK" if crash else "COMMIT")
        if not crash:
            self.down.append((stream, encode(ack)))

    def deliver_down(self, index: int) -> None:
        """One acknowledgement reaches the node."""
        if not self.down:
            return
        stream, payload = self.down[index % len(self.down)]
        ack, machine = decode(payload, Ack), self.machines.get(stream)
        if machine is not None:
            machine.answered(ack.epoch, ack.upto, self.clock.monotonic_s())
            self.outbox.acknowledge(self.node, "gateway", stream, Ack(epoch=machine.epoch, upto=machine.acknowledged))

    def restore(self) -> None:
        """The gateway's disk is replaced by its backup."""
        self.gateway = opened(self.backup)
        self.restored = True
        for _node, stream, ack in newest_acks(self.gateway):
            self.down.append((stream, encode(ack)))

    def new_card(self) -> None:
        """The node's card is replaced by an empty one."""
        self.node = opened(empty_file())
        self.machines.clear()

    def busy_minute(self, count: int) -> None:
        """More happens than a small outbox can hold."""
        for n in range(8):
            self.happen(TELEMETRY, (n + count) % 4 + 1)

    def lose(self, messages: list[tuple[StreamClass, bytes]], index: int) -> None:
        """Some messages never arrive."""
        at = index % (len(messages) + 1)
        del messages[at : at + 3]

    def back_up(self) -> None:
        """The gateway's file is copied."""
        self.backup = self.gateway.serialize()

    def prune(self, minutes: int) -> None:
        """Time passes, and the node deletes what was acknowledged long ago."""
        self.clock.advance(minutes * 60)
        self.outbox.prune(self.node)

    def take_up(self) -> None:
        """The oldest message arrives."""
        self.deliver_up(0)
        del self.up[:1]

    def take_down(self) -> None:
        """The oldest acknowledgement arrives."""
        self.deliver_down(0)
        del self.down[:1]

    def work(self, count: int) -> None:
        """For a moment the network works, though not for all that is on its way."""
        self.tick(0.6)
        for _ in range(count % 9):
            self.take_up()
        for _ in range(count % 7):
            self.take_down()

    def settle(self) -> None:
        """From now on the network works."""
        for _ in range(300):
            self.tick(0.6)
            while self.up:
                self.take_up()
            while self.down:
                self.take_down()
        heads = [read_head(self.node, "gateway", stream) for stream in StreamClass]
        assert all(head.acknowledged == head.last for head in heads if head)

    def check(self) -> None:
        """Every number of every stream once and in order; what is missing is counted; the ledger lost nothing."""
        current = {(s, h.epoch): h.last for s in StreamClass if (h := read_head(self.node, "gateway", s))}
        for (stream, epoch), ids in self.said.items():
            rows = self.gateway.execute(
                "SELECT number, span, id, reason FROM folded WHERE class = ? AND epoch = ? ORDER BY rowid",
                (stream, epoch),
            ).fetchall()
            upto = 0
            for number, span, fact_id, reason in rows:
                assert number == upto + 1
                upto += span
                if reason is None:
                    assert ids[number] == fact_id
                else:
                    assert stream is TELEMETRY or (reason == "pruned" and self.restored)
            if (stream, epoch) in current:
                assert upto == current[stream, epoch]


ACTIONS: dict[str, Callable[[World, int], None]] = {
    "ledger": lambda world, n: world.happen(LEDGER, n % 7 + 1),
    "telemetry": lambda world, n: world.happen(TELEMETRY, n % 7 + 1),
    "the network works for a moment": lambda world, n: world.work(n),
    "a busy minute": lambda world, n: world.busy_minute(n),
    "tick": lambda world, n: world.tick(n / 10),
    "tick a little": lambda world, n: world.tick(n / 1000),
    "any message arrives, and stays to arrive again": lambda world, n: world.deliver_up(n),
    "the oldest message arrives": lambda world, _n: world.take_up(),
    "messages are lost": lambda world, n: world.lose(world.up, n),
    "power fails before COMMIT": lambda world, n: world.deliver_up(n, crash=True),
    "any acknowledgement arrives, and stays": lambda world, n: world.deliver_down(n),
    "the oldest acknowledgement arrives": lambda world, _n: world.take_down(),
    "acknowledgements are lost": lambda world, n: world.lose(world.down, n),
    "the node restarts": lambda world, _n: world.machines.clear(),
    "the gateway is backed up": lambda world, _n: world.back_up(),
    "the gateway is restored": lambda world, _n: world.restore(),
    "pruning": lambda world, n: world.prune(n),
    "the node gets a new card": lambda world, _n: world.new_card(),
}
OFTEN = (
    "ledger",
    "telemetry",
    "ledger",
    "telemetry",
    *["the network works for a moment"] * 8,
    "tick",
    "tick",
    "messages are lost",
    "a busy minute",
    "a busy minute",
)
HARMLESS = [name for name in ACTIONS if name not in {"the gateway is restored", "the node gets a new card"}]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.sampled_from([1000, 2500, 1_000_000]),
    st.lists(st.tuples(st.sampled_from([*OFTEN, *ACTIONS]), st.integers(0, 60)), min_size=30, max_size=150),
)
def test_every_fact_is_folded_once_and_in_order_whatever_happens(budget: int, events: list[tuple[str, int]]) -> None:
    world = World(budget)
    for action, index in events:
        ACTIONS[action](world, index)
    world.settle()
    world.check()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from([*OFTEN, *HARMLESS]), st.integers(0, 60)),
        min_size=30,
        max_size=150,
    )
)
def test_without_backups_and_new_cards_nothing_at_all_is_missing(events: list[tuple[str, int]]) -> None:
    world = World(1_000_000)
    for action, index in events:
        ACTIONS[action](world, index)
    world.settle()
    world.check()
    (folded,) = world.gateway.execute("SELECT count(*) FROM folded WHERE reason IS NULL").fetchone()
    assert folded == world.next_id - 1
