"""Facts as an outbox stores them: chunks of consecutive facts, raw JSON joined by commas."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from models.messages.codec import MAX_MESSAGE_BYTES, decode_fact, encode
from models.messages.errors import Oversized, WireError
from models.messages.facts import FactsDropped

CHUNK_FACTS: Final = 250
CHUNK_BYTES: Final = 250_000
MAX_FACT_BYTES: Final = MAX_MESSAGE_BYTES - 1000
"""A fact must fit into a message together with the envelope around it."""

_DROPPED_TAG: Final = b'"facts.dropped"'
_raw_facts: Final = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive facts: ``span`` numbers long; ``lost`` says that its body is one ``FactsDropped``."""

    span: int
    body: bytes
    lost: bool = False


def dropped_chunk(count: int, reason: str, t_ms: int, until_ms: int) -> Chunk:
    """A chunk that stands for ``count`` facts that are no more."""
    fact = FactsDropped(t_ms=t_ms, count=count, reason=reason, until_ms=until_ms)  # type: ignore[arg-type]
    return Chunk(span=count, body=encode(fact), lost=True)


def read_dropped(raw: bytes | msgspec.Raw) -> FactsDropped | None:
    """The ``FactsDropped`` that ``raw`` is, if it is one."""
    if _DROPPED_TAG not in memoryview(raw).tobytes():
        return None
    try:
        fact = decode_fact(raw)
    except WireError:
        return None
    return fact if isinstance(fact, FactsDropped) else None


def split_facts(body: bytes) -> list[bytes]:
    """Take a chunk's body apart again."""
    return [bytes(raw) for raw in _raw_facts.decode(b"[" + body + b"]")]


def chunks_of(raws: Sequence[bytes]) -> Iterator[Chunk]:
    """Pack raw facts into chunks of a bounded size, in order; a ``FactsDropped`` is a chunk of its own.

    Raises:
        Oversized: one fact alone is too big for a message.
    """
    for at in range(0, len(raws), CHUNK_FACTS):
        some = raws[at : at + CHUNK_FACTS]
        body = b",".join(some)
        if len(body) <= CHUNK_BYTES and _DROPPED_TAG not in body:
            yield Chunk(span=len(some), body=body)
        else:
            yield from _pack_carefully(some)


def _pack_carefully(raws: Sequence[bytes]) -> Iterator[Chunk]:
    run: list[bytes] = []
    for raw in raws:
        if (lost := read_dropped(raw)) is None:
            run.append(raw)
            continue
        yield from _pack_bounded(run)
        run = []
        yield Chunk(span=lost.count, body=raw, lost=True)
    yield from _pack_bounded(run)


def _pack_bounded(raws: Iterable[bytes]) -> Iterator[Chunk]:
    held: list[bytes] = []
    size = 0
    for raw in raws:
        if len(raw) > MAX_FACT_BYTES:
            raise Oversized(f"a fact of {len(raw)} bytes, at most {MAX_FACT_BYTES} travel")
        if held and (size + len(raw) > CHUNK_BYTES or len(held) >= CHUNK_FACTS):
            yield Chunk(span=len(held), body=b",".join(held))
            held, size = [], 0
        held.append(raw)
        size += len(raw) + 1
    if held:
        yield Chunk(span=len(held), body=b",".join(held))
