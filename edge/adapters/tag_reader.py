"""The port for RFID readers, whatever they speak, and the reader in memory that tests and demonstrations use."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self

import structlog

_log = structlog.get_logger(__name__)


class Sighting(NamedTuple):
    """A tag was seen by an antenna: EPC in upper-case hexadecimal, dBm (minus infinity where the reader says none).

    ``t_ms`` is when it was seen, on the host's clock.
    """

    epc: str
    antenna: int
    rssi_dbm: float
    t_ms: int


ReaderValue = Literal[
    "reader_connected",
    "reader_disconnected",
    "antenna_connected",
    "antenna_disconnected",
    "buffer_overflow",
    "buffer_filling",
    "reader_exception",
    "another_client",
    "input_high",
    "input_low",
]


class ReaderEvent(NamedTuple):
    """Something happened to a reader. ``antenna``: for ``input_…`` the input's number; ``None``: the whole reader."""

    value: ReaderValue
    antenna: int | None
    t_ms: int
    note: str = ""


OnRead = Callable[[str, Sequence[Sighting]], None]
"""``on_read(reader's name, sightings)``: what one report said."""
OnEvent = Callable[[str, ReaderEvent], None]
"""``on_event(reader's name, event)``."""


class TagReader(Protocol):
    """A reader that reads from ``async with`` to its end, and finds its way back by itself whatever happens.

    What every implementation keeps to (``tests/llrp/test_tag_reader.py`` runs over all of them):

    - Entering returns at once, whether or not the reader can be reached; nothing it does raises.
    - ``on_read`` and ``on_event`` are called on the event loop that entered it; what they raise is logged, and
      the reader goes on.
    - ``reader_connected`` is told before the first sighting, and once for each time that it begins to read;
      ``reader_disconnected`` once for each time that it no longer can. They alternate. Not to be reached at the start
      is no news: nothing was connected.
    - Sightings come from configured antennas only, in no particular order, at most once; their times are never in
      the host's future.
    - ``antenna_disconnected`` means that what this antenna sees is unknown, until ``antenna_connected`` or the next
      ``reader_connected``.
    - Leaving stops it; no callback is called afterwards.
    """

    @property
    def name(self) -> str:
        """The reader's name in the settings."""

    async def __aenter__(self) -> Self:
        """Start."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""


class MemoryReader:
    """The fake beside the port: sees what it is told to see."""

    def __init__(self, name: str, antennas: Sequence[int], *, on_read: OnRead, on_event: OnEvent) -> None:
        self.name = name
        self.connected = False
        self._antennas = frozenset(antennas)
        self._dark: set[int] = set()
        self._is_open = False
        self._on_read, self._on_event = on_read, on_event

    async def __aenter__(self) -> Self:
        """Start: the reader is there at once."""
        self._is_open = True
        self.connect(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._is_open = self.connected = False

    def see(self, epc: str, antenna: int, rssi_dbm: float, t_ms: int) -> None:
        """A tag stands before an antenna."""
        if self.connected and antenna in self._antennas and antenna not in self._dark:
            call_safely(self.name, lambda: self._on_read(self.name, [Sighting(epc, antenna, rssi_dbm, t_ms)]))

    def connect(self, t_ms: int) -> None:
        """The link is there."""
        if self._is_open and not self.connected:
            self.connected = True
            self._dark.clear()
            self._tell("reader_connected", None, t_ms)

    def disconnect(self, t_ms: int) -> None:
        """The link is gone."""
        if self.connected:
            self.connected = False
            self._tell("reader_disconnected", None, t_ms)

    def plug(self, antenna: int, t_ms: int, *, is_in: bool) -> None:
        """Somebody plugs an antenna in or out."""
        if self.connected and antenna in self._antennas:
            (self._dark.discard if is_in else self._dark.add)(antenna)
            self._tell("antenna_connected" if is_in else "antenna_disconnected", antenna, t_ms)

    def _tell(self, value: ReaderValue, antenna: int | None, t_ms: int) -> None:
        call_safely(self.name, lambda: self._on_event(self.name, ReaderEvent(value, antenna, t_ms)))


def call_safely(name: str, tell: Callable[[], None]) -> None:
    """Call a listener; what it raises is logged, since a reader must go on."""
    try:
        tell()
    except Exception:  # noqa: BLE001 - a listener may raise anything
        _log.exception("a listener failed", reader=name)
