"""The receiver's end of a stream: what it has is skipped, a gap is refused, the rest is folded, once in effect.

All in the caller's transaction, and the acknowledgement leaves only after its COMMIT. A fact that cannot be
decoded, or that the fold refuses, goes alone to the dead letters and the stream goes on. One on which the fold
broke is our fault, not the fact's: it is set aside as well, whole, for a version that can fold it (``set_aside.py``).
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

import msgspec
import structlog

from cloud_sync.stream import dead_letters
from models.messages.codec import decode_fact, encode
from models.messages.envelopes import Ack, FactBatch
from models.messages.errors import WireError
from models.messages.every_fact import AnyFact
from models.messages.facts import FactsDropped
from models.messages.ids import StreamClass
from models.process.clock import Clock

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Origin:
    """Whose stream it is."""

    node: str
    stream: StreamClass
    epoch: str


class Received(NamedTuple):
    """One fact, its number in the stream, and its JSON as it came, to be passed on unchanged."""

    number: int
    fact: AnyFact
    raw: bytes


Fold = Callable[[sqlite3.Connection, Origin, Sequence[Received]], None]
"""Folds new facts into tables, in order. ``WireError`` refuses a fact; so does any error but the storage's."""


@dataclass
class Receipt:
    """What became of some batches of one stream: the acknowledgement, and counts of facts."""

    ack: Ack
    folded: int = 0
    duplicates: int = 0
    gaps: int = 0
    dropped: int = 0
    refused: list[str] = field(default_factory=list)
    """The reason of each fact that went to the dead letters."""


_facts: Final = msgspec.json.Decoder(list[AnyFact])
_new_received: Final[Callable[[tuple[int, AnyFact, bytes]], Received]] = partial(tuple.__new__, Received)
"""``Received._make`` without its Python frame: a fifth of the time, thousands of times."""

OUR_FAULT: Final = "fold"
"""The reason of a fact on which our fold broke."""

_DROPPED_TAG: Final = b'"facts.dropped"'


class Decoded(NamedTuple):
    """A batch taken apart. ``facts`` is ``None`` when one of them is bad or dropped: then each is looked at alone."""

    first: int
    raws: list[bytes]
    facts: list[AnyFact] | None


def decode_facts(batch: FactBatch) -> Decoded:
    """Decode all facts of a batch in one go, which is four times as fast as one by one."""
    body = b",".join(batch.facts)
    facts: list[AnyFact] | None = None
    if _DROPPED_TAG not in body:
        try:
            facts = _facts.decode(b"[%s]" % body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            facts = None
    return Decoded(batch.first, list(map(bytes, batch.facts)), facts)


class Inbox:
    """Works inside the transaction of the connection that it is given; holds no state of its own."""

    def __init__(self, fold: Fold, *, clock: Clock) -> None:
        self._fold = fold
        self._clock = clock

    def receive(self, connection: sqlite3.Connection, node: str, stream: StreamClass, batch: FactBatch) -> Ack:
        """Take in one batch; gives the acknowledgement to send after COMMIT."""
        return self.take(connection, Origin(node, stream, batch.epoch), [batch]).ack

    def take(self, connection: sqlite3.Connection, origin: Origin, batches: Sequence[FactBatch]) -> Receipt:
        """Take in batches of one stream, in the order in which they came, and fold them together."""
        return self.take_decoded(connection, origin, [decode_facts(batch) for batch in batches])

    def take_decoded(self, connection: sqlite3.Connection, origin: Origin, batches: Sequence[Decoded]) -> Receipt:
        """The same for batches that were decoded before the transaction began."""
        intake = _Intake(connection, origin, self._fold, self._clock.now_ms())
        for batch in batches:
            intake.read(batch)
        intake.fold()
        return intake.finish()


class _Intake:
    """One taking in: reads batches, folds what is new, and says how far it came."""

    def __init__(self, connection: sqlite3.Connection, origin: Origin, fold: Fold, now_ms: int) -> None:
        self._connection = connection
        self._origin = origin
        self._fold = fold
        self._now_ms = now_ms
        self._upto = self._start = position(connection, origin)
        self._fresh: list[Received] = []
        self._receipt = Receipt(Ack(epoch=origin.epoch, upto=self._upto))

    def read(self, batch: Decoded) -> None:
        """Take over what is new of ``batch``; a batch behind a gap is left out."""
        if batch.first > self._upto + 1:
            self._receipt.gaps += 1
            return
        if batch.facts is None:
            self._read_one_by_one(batch)
            return
        known = min(self._upto + 1 - batch.first, len(batch.facts))
        self._receipt.duplicates += known
        numbers = range(batch.first + known, batch.first + len(batch.facts))
        facts, raws = (batch.facts[known:], batch.raws[known:]) if known else (batch.facts, batch.raws)
        self._fresh += map(_new_received, zip(numbers, facts, raws, strict=True))
        self._upto += len(facts)

    def _read_one_by_one(self, batch: Decoded) -> None:
        number = batch.first
        for raw in batch.raws:
            try:
                fact: AnyFact | WireError = decode_fact(raw)
            except WireError as error:
                fact = error
            last = number + (fact.count if isinstance(fact, FactsDropped) else 1) - 1
            seen = min(last, self._upto) - number + 1
            if seen > 0:
                self._receipt.duplicates += seen
            if last > self._upto:
                self._read_one(max(number, self._upto + 1), last, fact, raw)
                self._upto = last
            number = last + 1

    def _read_one(self, first: int, last: int, fact: AnyFact | WireError, raw: bytes) -> None:
        if isinstance(fact, WireError):
            self._refuse(first, raw, fact)
        elif isinstance(fact, FactsDropped):
            self._fresh.append(_rest_of(fact, first, last, raw))
            self._receipt.dropped += last - first + 1
        else:
            self._fresh.append(Received(first, fact, raw))

    def fold(self) -> None:
        """Fold all at once; if that is refused, fold one by one, so that only who is to blame is left out."""
        is_alone = len(self._fresh) == 1
        if self._fresh and not self._try_fold(self._fresh, final=is_alone) and not is_alone:
            for received in self._fresh:
                self._try_fold([received], final=True)

    def _try_fold(self, fresh: list[Received], *, final: bool) -> bool:
        self._connection.execute("SAVEPOINT fold")
        try:
            self._fold(self._connection, self._origin, fresh)
        except (sqlite3.OperationalError, sqlite3.InternalError, OSError, MemoryError):
            raise  # the file, not the fact: all of it is tried again later
        except Exception as error:  # noqa: BLE001 - a fact that nobody foresaw must not stop its stream
            self._connection.execute("ROLLBACK TO fold")
            self._connection.execute("RELEASE fold")
            if final:
                self._refuse(fresh[0].number, fresh[0].raw, error)
            return False
        self._connection.execute("RELEASE fold")
        self._receipt.folded += len(fresh)
        return True

    def _refuse(self, number: int, raw: bytes, error: Exception) -> None:
        reason = error.reason if isinstance(error, WireError) else OUR_FAULT
        detail = str(error) if isinstance(error, WireError) else f"{type(error).__name__}: {error}"
        source = f"{self._origin.node}/{self._origin.stream.value}/{self._origin.epoch}/{number}"
        _log.warning("fact refused", source=source, reason=reason, detail=detail)
        dead_letters.keep(self._connection, t_ms=self._now_ms, source=source, reason=reason, detail=detail, body=raw)
        if reason == OUR_FAULT:
            of = self._origin
            fact = (self._now_ms, of.node, of.stream.value, of.epoch, number, detail[:500], raw)
            dead_letters.set_aside(self._connection, fact)
        self._receipt.refused.append(reason)

    def finish(self) -> Receipt:
        """Write down how far it came."""
        if self._upto != self._start:
            self._connection.execute(
                "INSERT INTO inbox VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET upto = excluded.upto,"
                " updated_ms = excluded.updated_ms",
                (self._origin.node, self._origin.stream.value, self._origin.epoch, self._upto, self._now_ms),
            )
            self._receipt.ack = Ack(epoch=self._origin.epoch, upto=self._upto)
        return self._receipt


def _rest_of(fact: FactsDropped, first: int, last: int, raw: bytes) -> Received:
    """What of ``fact`` is new: the numbers ``first`` to ``last``."""
    count = last - first + 1
    if count == fact.count:
        return Received(first, fact, raw)
    rest = msgspec.structs.replace(fact, count=count)
    return Received(first, rest, encode(rest))


def position(connection: sqlite3.Connection, origin: Origin) -> int:
    """The highest number of this stream that has been folded; 0 for a stream that nobody has seen."""
    row = connection.execute(
        "SELECT upto FROM inbox WHERE node = ? AND class = ? AND epoch = ?",
        (origin.node, origin.stream.value, origin.epoch),
    ).fetchone()
    return 0 if row is None else int(row[0])


def newest_acks(connection: sqlite3.Connection) -> list[tuple[str, StreamClass, Ack]]:
    """How far each node's newest epoch of each class is, to be said again after a restart."""
    rows = connection.execute("SELECT node, class, epoch, upto, max(updated_ms) FROM inbox GROUP BY node, class")
    return [(node, StreamClass(stream), Ack(epoch=epoch, upto=upto)) for node, stream, epoch, upto, _ms in rows]
