"""``aisle replay shelf``: presence over a recording of reads, with the code that runs live.

One JSON object a line comes in (``hello``, ``read``, ``tick``, ``reader``, ``ask``; other types are ignored); facts
go out as they happen, and one flushed line answers each ``ask``. A line that cannot be used is reported on standard
error with its number, counted, and passed over.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Final, TextIO, TypeVar

import msgspec

from edge.core.shelf.belief import ItemBelief
from edge.core.shelf.presence import Presence
from edge.core.shelf.settings import PresenceSettings

_LATEST_MS: Final = 253_402_300_799_999
_REPORTED: Final = 100
_UNTICKED_MS: Final = 3_000
_AT_ONCE: Final = 500

_Pair = TypeVar("_Pair")

Number = int | float


class Hello(msgspec.Struct, tag_field="type", tag="hello"):
    """Which antenna belongs to which shelf, which shelves are neighbours, how long a reader's cycle is."""

    antennas: dict[str, str]
    t_ms: Number = 0
    neighbours: dict[str, list[str]] = {}
    cycle_ms: Number = 1000


class Read(msgspec.Struct, tag_field="type", tag="read", gc=False):
    """One tag read by one antenna at the reader's time."""

    t_ms: Number
    epc: str
    antenna: str | int
    rssi_dbm: Number | None = None


class Tick(msgspec.Struct, tag_field="type", tag="tick", gc=False):
    """The host's time."""

    t_ms: Number


class Reader(msgspec.Struct, tag_field="type", tag="reader"):
    """What the reader says of itself, or of one antenna."""

    t_ms: Number
    value: str
    antenna: str | int | None = None


class Ask(msgspec.Struct, tag_field="type", tag="ask"):
    """What stands where?"""

    t_ms: Number
    id: str | int


class _Any(msgspec.Struct):
    type: str


_KNOWN: Final = frozenset({"hello", "read", "tick", "reader", "ask"})
_line: Final = msgspec.json.Decoder(Hello | Read | Tick | Reader | Ask)
_any: Final = msgspec.json.Decoder(_Any)
_encode: Final = msgspec.json.Encoder().encode


class ShelfReplay:
    """Feeds lines to a ``Presence`` and writes what it says to ``out``, what it cannot use to ``complaints``."""

    def __init__(
        self, out: IO[bytes], complaints: TextIO, *, false_takes: float | None = None, place: float | None = None
    ) -> None:
        self.refused = 0
        self._out = out
        self._complaints = complaints
        chosen = {"false_takes_per_1000_h": false_takes, "place_threshold": place}
        self._thresholds = {name: value for name, value in chosen.items() if value is not None}
        self._presence: Presence | None = None
        self._host_ms = 0
        self._is_ticked = False

    def run(self, lines: Iterable[bytes]) -> None:
        """Work through all lines; at the end, say what could not be used."""
        decode = _line.decode
        for number, line in enumerate(lines, start=1):
            if line.isspace() or not line:
                continue
            try:
                message = decode(line)
                if type(message) is Read:
                    self._read(message)
                else:
                    self._handle(message)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
                self._refuse(number, line, error)
        self._out.flush()
        self._sum_up()

    def _read(self, read: Read) -> None:
        presence = self._presence
        if presence is None:
            raise ValueError("a read before hello: the antennas are not known yet")
        t_ms = read.t_ms if type(read.t_ms) is int else _whole_ms(read.t_ms)
        if not 0 <= t_ms <= _LATEST_MS:
            raise ValueError(f"t_ms is {t_ms}, expected milliseconds since 1970")
        rssi = read.rssi_dbm
        if rssi is None or not -200 <= rssi <= 100:
            rssi = -math.inf
        antenna = read.antenna
        presence.read(read.epc, antenna if type(antenna) is str else str(antenna), rssi, t_ms)
        if not self._is_ticked and t_ms - self._host_ms > _UNTICKED_MS:
            # A recording without ticks: the reads' own time is all there is.
            self._advance(t_ms - _UNTICKED_MS // 2)

    def _handle(self, message: Hello | Read | Tick | Reader | Ask) -> None:
        t_ms = _whole_ms(message.t_ms)
        if isinstance(message, Tick):
            self._is_ticked = True
            self._advance(t_ms)
        elif isinstance(message, Ask):
            self._answer(message, t_ms)
        elif isinstance(message, Hello):
            self._begin(message, t_ms)
        elif isinstance(message, Reader) and self._presence is not None:
            antenna = None if message.antenna is None else str(message.antenna)
            self._presence.reader(message.value, antenna, t_ms)

    def _begin(self, hello: Hello, t_ms: int) -> None:
        cycle_ms = min(60_000, max(10, round(hello.cycle_ms)))
        settings = PresenceSettings(cycle_ms=cycle_ms, **self._thresholds)
        if self._presence is None:
            self._presence = Presence(settings, hello.antennas, hello.neighbours)
        else:
            self._presence = Presence.load(self._presence.dump(), settings, hello.antennas, hello.neighbours)
        self._host_ms = t_ms
        self._advance(t_ms)

    def _advance(self, t_ms: int) -> None:
        self._host_ms = t_ms
        if self._presence is None:
            return
        facts = self._presence.tick(t_ms)
        for fact in facts:
            self._out.write(_encode(fact) + b"\n")
        if facts:
            self._out.flush()

    def _answer(self, ask: Ask, t_ms: int) -> None:
        items: Mapping[str, ItemBelief] = {}
        if self._presence is not None:
            if t_ms > self._host_ms:
                self._advance(t_ms)
            items = self._presence.items(t_ms)
        self._out.write(b'{"id":' + _encode(ask.id) + b',"items":{')
        # An answer of 50,000 items in one piece would take more memory than presence itself.
        for number, some in enumerate(_batched(items.items(), _AT_ONCE)):
            piece = _encode({epc: belief._asdict() for epc, belief in some})
            self._out.write((b"," if number else b"") + piece[1:-1])
        self._out.write(b"}}\n")
        self._out.flush()

    def _refuse(self, number: int, line: bytes, error: Exception) -> None:
        if _is_other_type(line):
            return
        self.refused += 1
        if self.refused <= _REPORTED:
            self._complaints.write(f"line {number}: {error}\n")

    def _sum_up(self) -> None:
        if self.refused:
            self._complaints.write(f"{self.refused} lines could not be used\n")
        presence = self._presence
        if presence is None:
            return
        for antenna, times in presence.unknown_antennas.items():
            self._complaints.write(f"{times} reads by antenna {antenna!r}, which hello does not name\n")
        if presence.late_reads:
            self._complaints.write(f"{presence.late_reads} reads came too late to count\n")


def _batched(pairs: Iterable[_Pair], size: int) -> Iterator[list[_Pair]]:
    """``pairs`` in lists of ``size``, the last one shorter."""
    left = iter(pairs)
    while some := list(islice(left, size)):
        yield some


def _whole_ms(t_ms: Number) -> int:
    whole = round(t_ms)
    if not 0 <= whole <= _LATEST_MS:
        raise ValueError(f"t_ms is {whole}, expected milliseconds since 1970")
    return whole


def _is_other_type(line: bytes) -> bool:
    try:
        return _any.decode(line).type not in _KNOWN
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
