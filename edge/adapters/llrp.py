"""RFID readers that speak LLRP (Impinj, Zebra and others), as a ``TagReader`` that finds its way back by itself."""

import asyncio
import contextlib
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import structlog

from edge.adapters.link_lost import LinkLost
from edge.adapters.llrp_clock import ReaderClock
from edge.adapters.llrp_health import ReaderHealth
from edge.adapters.llrp_plan import misfits, missing_antennas
from edge.adapters.llrp_session import LlrpSession
from edge.adapters.llrp_settings import ANNOUNCED, LlrpReaderSettings
from edge.adapters.llrp_setup import SetUp
from edge.adapters.tag_reader import OnEvent, OnRead, ReaderEvent, ReaderValue, Sighting, call_safely
from models.llrp.codec import Frame
from models.llrp.errors import LlrpError
from models.llrp.reports import (
    ANOTHER_ATTEMPTED,
    AntennaEvent,
    ConnectionAttemptEvent,
    GpiEvent,
    ReaderEventNotificationData,
    ReaderExceptionEvent,
    ReportBufferLevelWarning,
    ReportBufferOverflowError,
)
from models.llrp.tags import SeenTag, decode_tags
from models.messages.samples import ReaderState
from models.process.clock import Clock
from models.process.health import Health

_log = structlog.get_logger(__name__)
_DICE = random.Random()  # noqa: S311 - spreads load, guards nothing

NO_RSSI: Final = float("-inf")


@dataclass
class ReaderCounts:
    """What a reader has said since the process began."""

    connections: int = 0
    reports: int = 0
    sightings: int = 0
    ignored: int = 0
    """Tags of others, by their prefix."""
    elsewhere: int = 0
    """Sightings by antennas that are not configured."""
    refused: int = 0
    """Messages that could not be read."""
    overflows: int = 0
    warnings: int = 0
    """How often its buffer was nearly full."""
    rivals: int = 0
    """Attempts of other clients to connect while it was ours."""
    exceptions: int = 0


class LlrpReader:
    """One reader; see ``TagReader`` for what it keeps to. Its status is ``reader.{name}`` in ``health``."""

    def __init__(
        self,
        settings: LlrpReaderSettings,
        *,
        on_read: OnRead,
        on_event: OnEvent,
        health: Health,
        clock: Clock,
        on_refused: Callable[[str, bytes, LlrpError], None] | None = None,
        group: tuple[str, int] = ("224.0.0.251", 5353),
    ) -> None:
        """``on_refused(name, body, reason)`` gets each message that cannot be read; it is counted in any case.

        ``group`` is where readers are asked for that are named by what they announce.
        """
        self._group = group
        self.settings = settings
        self.name = settings.name
        self.counts = ReaderCounts()
        self._on_read, self._on_event = on_read, on_event
        self._shown, self._clock, self._on_refused = ReaderHealth(settings.name, health), clock, on_refused
        self._reader_clock = ReaderClock()
        self._is_reading = False
        self._task: asyncio.Task[None] | None = None
        self._antennas = frozenset(settings.antennas)
        self._dark: set[int] = set()
        self.made: SetUp | None = None
        """How it is set up now; ``None`` while it is not read."""

    def state(self) -> ReaderState:
        """How it is now, for the node's status."""
        made, counts = self.made, self.counts
        return ReaderState(
            reader=self.name,
            state="reading" if self._is_reading else "lost",
            profile=made.profile.name if made else "",
            model=made.can.model if made else 0,
            firmware=made.can.firmware[:100] if made else "",
            sightings=counts.sightings,
            ignored=counts.ignored,
            elsewhere=counts.elsewhere,
            refused=counts.refused,
            overflows=counts.overflows,
        )

    async def __aenter__(self) -> Self:
        """Start connecting."""
        self._task = asyncio.create_task(self._run(), name=f"reader {self.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; say goodbye to the reader."""
        self._shown.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        failures = 0
        while True:
            connections = self.counts.connections
            try:
                await self._connect()
            except LinkLost as lost:
                self._lose(lost)
            except Exception as error:  # noqa: BLE001 - whatever it is, the shelf must be read again
                _log.exception("reader failed", reader=self.name)
                self._lose(LinkLost("failed", f"{type(error).__name__}: {error}"))
            failures = failures + 1 if self.counts.connections == connections else 1
            await asyncio.sleep(self._wait_s(failures))

    def _wait_s(self, failures: int) -> float:
        """Full jitter between half and all of an exponential wait: many nodes do not come back in step."""
        wait_s = min(self.settings.retry_max_s, self.settings.retry_s * 2.0 ** min(failures - 1, 20))
        return wait_s * _DICE.uniform(0.5, 1.0)

    async def _connect(self) -> None:
        streams = await self._open()
        session = LlrpSession(
            streams, self.settings, on_report=self._report, on_event=self._event, on_refused=self._refuse
        )
        try:
            await session.run(self._reading)
        except asyncio.CancelledError:
            self._is_reading = False
            await session.close()
            raise
        finally:
            streams[1].close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await streams[1].wait_closed()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        settings = self.settings
        host, port = await self._where()
        where = f"{host}:{port}"
        context = await asyncio.to_thread(_tls, settings) if settings.tls else None
        try:
            async with asyncio.timeout(settings.timeout_s):
                return await asyncio.open_connection(host, port, ssl=context)
        except TimeoutError:
            raise LinkLost("unreachable", f"no answer from {where}", "Check its power and address.") from None
        except ssl.SSLError as error:
            raise LinkLost(
                "tls", f"no secure connection to {where}: {error}", "Check ca_file and cert_file."
            ) from error
        except (OSError, UnicodeError) as error:
            raise LinkLost("unreachable", f"{where}: {error}", "Check its power and address.") from error

    async def _where(self) -> tuple[str, int]:
        """Where the reader is now; one that is named by what it announces may have moved."""
        settings = self.settings
        if not settings.host.startswith(ANNOUNCED):
            return settings.host, settings.port
        from edge.adapters.discovery import find_reader  # a node that needs none of it keeps its memory

        name = settings.host.removeprefix(ANNOUNCED)
        hint = "`aisle readers find` shows which readers announce themselves."
        try:
            found = await find_reader(name, to=self._group)
        except OSError as error:
            raise LinkLost("unreachable", f"the network cannot be asked for {name}: {error}", hint) from error
        if found is None:
            raise LinkLost("unreachable", f"no reader announces itself as {name}", hint)
        return found.host, found.port

    def _reading(self, made: SetUp) -> None:
        self.counts.connections += 1
        self._reader_clock = ReaderClock()
        self._is_reading, self.made = True, made
        self._dark.clear()
        self._shown.reading(made, misfits(self.settings, made.can), self._antennas)
        _log.info(
            "reader connected",
            reader=self.name,
            profile=made.profile.name,
            model=made.can.model,
            firmware=made.can.firmware,
        )
        self._tell("reader_connected", None)
        for antenna in missing_antennas(self.settings, made.can):
            self._antenna(antenna, is_in=False, note=f"the reader has {made.can.max_antennas} antennas")

    def _lose(self, lost: LinkLost) -> None:
        self._shown.lost(lost)
        self.made = None
        if self._is_reading:
            self._is_reading = False
            self._tell("reader_disconnected", None, str(lost))

    # --- what it says -----------------------------------------------------------------------------------------

    def _report(self, body: bytes) -> None:
        try:
            tags = decode_tags(body)
        except LlrpError as error:
            self._refuse(Frame(1, 61, 0, body), error)
            return
        self.counts.reports += 1
        now_ms = self._clock.now_ms()
        newest = max((tag[4] or tag[3] or 0 for tag in tags), default=0)
        if newest:
            self._reader_clock.heard(newest, now_ms)
        sightings = [self._sighting(tag, now_ms) for tag in tags if self._is_ours(tag)]
        # What is held back from before the reader was set up was not read by this ROSpec.
        if sightings and self._is_reading:
            self.counts.sightings += len(sightings)
            call_safely(self.name, lambda: self._on_read(self.name, sightings))

    def _is_ours(self, tag: SeenTag) -> bool:
        if tag[1] not in self._antennas:
            self.counts.elsewhere += 1
            return False
        if self.settings.ignore_epcs and tag[0].startswith(self.settings.ignore_epcs):
            self.counts.ignored += 1
            return False
        return True

    def _sighting(self, tag: SeenTag, now_ms: int) -> Sighting:
        epc, antenna, rssi, first_us, last_us, _ = tag
        seen_us = last_us or first_us
        t_ms = self._reader_clock.host_ms(seen_us, now_ms) if seen_us else now_ms
        return Sighting(epc, antenna or 0, NO_RSSI if rssi is None else float(rssi), t_ms)

    def _event(self, data: ReaderEventNotificationData) -> None:
        for event in data.children:
            match event:
                case AntennaEvent():
                    self._antenna(event.antenna, is_in=event.event != 0)
                case ReportBufferOverflowError():
                    self.counts.overflows += 1
                    hint = "Check the network between them."
                    self._shown.passing("buffer", "overflow", "lost reads: its buffer was full", hint)
                    self._tell("buffer_overflow", None)
                case ReportBufferLevelWarning():
                    self.counts.warnings += 1
                    hint = "Check the network between them: it will lose reads."
                    self._shown.passing(
                        "buffer", "filling", f"waits to send: its buffer is {event.percent} % full", hint
                    )
                    self._tell("buffer_filling", None, f"{event.percent} %")
                case ReaderExceptionEvent():
                    self.counts.exceptions += 1
                    _log.warning("reader exception", reader=self.name, message=event.message[:200])
                    said = event.message[:200] or "something is wrong with it"
                    self._shown.passing("exception", "exception", f"says: {said}", "Look at its own page.")
                    self._tell("reader_exception", None, event.message[:200])
                case ConnectionAttemptEvent(status=status) if status == ANOTHER_ATTEMPTED:
                    self.counts.rivals += 1
                    hint = "Only one program can read it: stop the other one."
                    self._shown.passing("rival", "wanted", "is wanted by another program, too", hint)
                    self._tell("another_client", None)
                case GpiEvent() if event.port in self.settings.inputs:
                    self._tell("input_high" if event.state & 0x80 else "input_low", event.port)
                case _:
                    pass

    def _antenna(self, antenna: int, *, is_in: bool, note: str = "") -> None:
        if antenna not in self._antennas or not self._is_reading or is_in == (antenna not in self._dark):
            return
        (self._dark.discard if is_in else self._dark.add)(antenna)
        self._shown.antenna(antenna, self.settings.antennas[antenna], is_in=is_in, note=note)
        self._tell("antenna_connected" if is_in else "antenna_disconnected", antenna, note)

    def _refuse(self, frame: Frame, error: LlrpError) -> None:
        self.counts.refused += 1
        on_refused = self._on_refused
        if on_refused is not None:
            call_safely(self.name, lambda: on_refused(self.name, frame.body, error))
        if self.counts.refused in {1, 10, 100} or self.counts.refused % 1000 == 0:
            start = frame.body[:40].hex()
            _log.warning("message refused", reader=self.name, type=frame.type, reason=str(error), start=start)

    def _tell(self, value: ReaderValue, antenna: int | None, note: str = "") -> None:
        event = ReaderEvent(value, antenna, self._clock.now_ms(), note)
        call_safely(self.name, lambda: self._on_event(self.name, event))


def _tls(settings: LlrpReaderSettings) -> ssl.SSLContext:
    """Raises ``LinkLost`` where a file cannot be used."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.cert_file and settings.key_file:
            context.load_cert_chain(settings.cert_file, settings.key_file)
    except OSError as error:
        hint = "Check ca_file, cert_file and key_file in the node's settings."
        raise LinkLost("tls", f"a certificate of reader {settings.name} cannot be used: {error}", hint) from error
    return context
