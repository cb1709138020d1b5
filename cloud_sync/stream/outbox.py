"""The sender's end of a stream: facts are stored in the same transaction as the change that caused them.

Its byte budget counts per peer. What was acknowledged but is still kept (``retain_s``, for a receiver that comes
back from a backup) is released first; then the oldest telemetry becomes one counted ``FactsDropped``; ledger facts
are never dropped: when they alone fill the budget, ``append`` raises ``OutboxFull`` and the change rolls back.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from cloud_sync.stream import thinning
from cloud_sync.stream.chunks import Chunk, chunks_of, dropped_chunk, read_dropped, split_facts
from cloud_sync.stream.errors import OutboxFull
from cloud_sync.stream.thinning import ROW_BYTES
from models.messages.codec import encode
from models.messages.envelopes import MAX_BATCH_FACTS, Ack
from models.messages.facts import Fact
from models.messages.ids import StreamClass, new_epoch
from models.messages.samples import StreamState
from models.process.clock import Clock, is_unset

BUDGET_BYTES: Final = 8_000_000_000
"""A node's budget on a 32 GB card, for 14 days without its gateway.

A busy node writes 10 ledger facts a second in opening hours and 2 telemetry facts a second all day, 250 bytes each
in the file: 14 days x (14 h x 3600 x 10 + 24 h x 3600 x 2) x 250 B = 14 x 676,800 x 250 B = 2.4 GB. The budget is 3.4
times that, 32 million facts. The card: 8 GB for the system, 8 GB for the outbox, 1 GB for the WAL and the node's
state, and 15 GB stay free, so that the card can level its wear.
"""

BATCH_FACTS: Final = 500
BATCH_BYTES: Final = 500_000
MARK_S: Final = 60.0
_SLACK_BYTES: Final = 1_000_000

_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Head:
    """How far one outgoing stream has come: ``last`` was given to the newest fact."""

    epoch: str
    last: int
    acknowledged: int
    bytes: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An encoded ``FactBatch`` of the numbers ``first`` to ``last``; ``facts`` is how many facts it holds."""

    first: int
    last: int
    facts: int
    payload: bytes


class Outbox:
    """Works inside the transaction of the connection that it is given; holds no state of its own."""

    def __init__(self, *, budget_bytes: int = BUDGET_BYTES, clock: Clock, retain_s: float = 7 * 86400) -> None:
        self._budget_bytes = budget_bytes
        self._clock = clock
        self._retain_s = retain_s

    def append(self, connection: sqlite3.Connection, peer: str, facts: Sequence[Fact]) -> None:
        """Number and store facts for ``peer``, each in its own class, the order within a class kept.

        Raises:
            OutboxFull: ledger facts fill the budget. Let it roll the change back.
            Oversized: one fact is too big to travel.
        """
        sorted_raws: dict[StreamClass, list[bytes]] = {}
        for fact in facts:
            sorted_raws.setdefault(fact.stream, []).append(_encoder.encode(fact))
        for stream, raws in sorted_raws.items():
            self.append_raw(connection, peer, stream, raws)

    def append_raw(
        self, connection: sqlite3.Connection, peer: str, stream: StreamClass, raws: Sequence[bytes]
    ) -> None:
        """Number and store facts that are JSON already, as they came in. Raises like ``append``."""
        head = self._head(connection, peer, stream)
        now_ms = self._clock.now_ms()
        number, size = head.last + 1, 0
        rows: list[tuple[str, str, int, int, int, bool, bytes]] = []
        for chunk in chunks_of(raws):
            rows.append((peer, stream.value, number, chunk.span, now_ms, chunk.lost, chunk.body))
            number += chunk.span
            size += len(chunk.body) + ROW_BYTES
        if not rows:
            return
        connection.executemany("INSERT INTO outbox VALUES(?,?,?,?,?,?,?)", rows)
        connection.execute(
            "UPDATE outbox_heads SET next_seq = ?, bytes = bytes + ? WHERE peer = ? AND class = ?",
            (number, size, peer, stream.value),
        )
        self._keep_budget(connection, peer, stream, now_ms)

    def _keep_budget(self, connection: sqlite3.Connection, peer: str, stream: StreamClass, now_ms: int) -> None:
        (held,) = connection.execute("SELECT sum(bytes) FROM outbox_heads WHERE peer = ?", (peer,)).fetchone()
        over = held - self._budget_bytes
        if over <= 0:
            return
        # Some more than needed, so that a full outbox is not thinned again at every fact.
        wanted = excess = over + min(self._budget_bytes // 50, _SLACK_BYTES)
        excess -= thinning.release_acknowledged(connection, peer, excess)
        if excess > 0:
            excess -= thinning.thin_telemetry(connection, peer, excess, now_ms)
        if wanted - excess < over and stream is StreamClass.LEDGER:
            raise OutboxFull(
                f"{self._budget_bytes} bytes of facts that must not be dropped wait for {peer}: reach it, or add room"
            )

    @staticmethod
    def _head(connection: sqlite3.Connection, peer: str, stream: StreamClass) -> Head:
        head = read_head(connection, peer, stream)
        if head is None:
            connection.execute(
                "INSERT INTO outbox_heads(peer, class, epoch) VALUES(?,?,?)", (peer, stream.value, new_epoch())
            )
            head = read_head(connection, peer, stream)
        assert head is not None  # noqa: S101 - it was inserted just now
        return head

    def acknowledge(self, connection: sqlite3.Connection, peer: str, stream: StreamClass, ack: Ack) -> bool:
        """Take in how far ``peer`` says it is; it may go back. False when it speaks of another epoch.

        A peer that is further than we ever were shows that *this* file went back (an old image of the card was
        restored). Numbers would mean two things then, so that what is unacknowledged moves to a new epoch.
        """
        head = read_head(connection, peer, stream)
        if head is None or ack.epoch != head.epoch:
            return False
        if ack.upto > head.last:
            thinning.renew(connection, peer, stream)
            return False
        if ack.upto == head.acknowledged:
            return True
        key = (peer, stream.value)
        connection.execute("UPDATE outbox_heads SET acked = ? WHERE peer = ? AND class = ?", (ack.upto, *key))
        connection.execute("DELETE FROM outbox_marks WHERE peer = ? AND class = ? AND upto > ?", (*key, ack.upto))
        self._mark(connection, key, ack.upto)
        return True

    def _mark(self, connection: sqlite3.Connection, key: tuple[str, str], upto: int) -> None:
        """Remember when ``upto`` was acknowledged, to the minute."""
        now_ms = self._clock.now_ms()
        minute = now_ms - now_ms % round(MARK_S * 1000)
        connection.execute("INSERT OR REPLACE INTO outbox_marks VALUES(?,?,?,?)", (*key, minute, upto))

    def batch(
        self,
        connection: sqlite3.Connection,
        peer: str,
        stream: StreamClass,
        first: int,
        *,
        most_facts: int = BATCH_FACTS,
        most_bytes: int = BATCH_BYTES,
    ) -> Outgoing | None:
        """The batch that begins with number ``first``, or ``None`` when there is nothing from there on.

        Numbers that were pruned already are stood for by a ``FactsDropped``, so that their loss is seen and counted.
        """
        head = read_head(connection, peer, stream)
        if head is None or first > head.last:
            return None
        assert most_facts <= MAX_BATCH_FACTS  # noqa: S101 - the receiver would refuse more
        number, size, facts = first, 0, 0
        bodies: list[bytes] = []
        for chunk in self._chunks_from(connection, peer, stream, first, head.last):
            count = 1 if chunk.lost else chunk.span
            if bodies and (facts + count > most_facts or size + len(chunk.body) > most_bytes):
                break
            bodies.append(chunk.body)
            number += chunk.span
            facts += count
            size += len(chunk.body) + 1
        payload = b'{"epoch":"%s","first":%d,"facts":[%s],"v":1}' % (head.epoch.encode(), first, b",".join(bodies))
        return Outgoing(first, number - 1, facts, payload)

    def _chunks_from(
        self, connection: sqlite3.Connection, peer: str, stream: StreamClass, first: int, last: int
    ) -> "list[Chunk]":
        rows = connection.execute(
            "SELECT seq, span, lost, body FROM outbox WHERE peer = :peer AND class = :class AND seq >= coalesce("
            "(SELECT max(seq) FROM outbox WHERE peer = :peer AND class = :class AND seq <= :first), 0)"
            " ORDER BY seq LIMIT 500",
            {"peer": peer, "class": stream.value, "first": first},
        )
        chunks: list[Chunk] = []
        now_ms = self._clock.now_ms()
        number, size = first, 0
        for seq, span, lost, body in rows:
            if seq + span <= number:
                continue
            if seq > number:
                chunks.append(dropped_chunk(seq - number, "pruned", now_ms, now_ms))
                number = seq
            chunks.append(_rest_of(Chunk(span, body, bool(lost)), number - seq))
            number = seq + span
            size += len(body)
            if size > BATCH_BYTES:
                break
        if not chunks:
            chunks.append(dropped_chunk(last - first + 1, "pruned", now_ms, now_ms))
        return chunks

    def states(self, connection: sqlite3.Connection) -> tuple[StreamState, ...]:
        """How far every outgoing stream has come, for the status."""
        rows = connection.execute(
            "SELECT peer, class, next_seq - 1, acked, dropped, bytes FROM outbox_heads ORDER BY peer, class"
        )
        return tuple(
            StreamState(
                peer=peer, stream=StreamClass(stream), last=last, acknowledged=acked, dropped=dropped, bytes=size
            )
            for peer, stream, last, acked, dropped, size in rows
        )

    def prune(self, connection: sqlite3.Connection) -> int:
        """Delete what was acknowledged longer ago than ``retain_s``; how many chunks went. Call it now and then."""
        now_ms = self._clock.now_ms()
        if is_unset(now_ms):
            return 0
        # A mark from before the clock was set, or from a clock that ran ahead, counts from now on.
        connection.execute(
            "UPDATE OR REPLACE outbox_marks SET acked_ms = ? WHERE acked_ms > ? OR acked_ms < ?",
            (now_ms, now_ms, thinning.YEAR_2024_MS),
        )
        before_ms = now_ms - round((self._retain_s + MARK_S) * 1000)
        marks = connection.execute(
            "SELECT peer, class, max(upto) FROM outbox_marks WHERE acked_ms <= ? GROUP BY peer, class", (before_ms,)
        ).fetchall()
        return sum(thinning.delete_upto(connection, peer, stream, upto) for peer, stream, upto in marks)


def read_head(connection: sqlite3.Connection, peer: str, stream: StreamClass) -> Head | None:
    """How far the stream to ``peer`` has come; ``None`` before its first fact."""
    row = connection.execute(
        "SELECT epoch, next_seq - 1, acked, bytes, dropped FROM outbox_heads WHERE peer = ? AND class = ?",
        (peer, stream.value),
    ).fetchone()
    return None if row is None else Head(*row)


def _rest_of(chunk: Chunk, skip: int) -> Chunk:
    """The chunk without its first ``skip`` numbers."""
    if skip == 0:
        return chunk
    if chunk.lost and (fact := read_dropped(chunk.body)):
        rest = msgspec.structs.replace(fact, count=chunk.span - skip)
        return Chunk(rest.count, encode(rest), lost=True)
    return Chunk(chunk.span - skip, b",".join(split_facts(chunk.body)[skip:]))
