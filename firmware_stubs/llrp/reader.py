"""A pretend RFID reader: serves LLRP 1.0.1 over TCP to one client, and can be told to misbehave as real ones do."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterable
from types import TracebackType
from typing import Final, Self

from firmware_stubs.llrp.announce import Address, Announcement
from firmware_stubs.llrp.answers import GENERIC, IMPINJ, Make, capabilities, config, customs, event, refusing
from firmware_stubs.llrp.inventory import DISABLED, UNSUPPORTED_PARAMETER, Refusal
from firmware_stubs.llrp.work import Work
from models.llrp.codec import Frame, Framer, decode_message, encode_message, encode_parameters
from models.llrp.errors import LlrpError
from models.llrp.layout import Message, every, first
from models.llrp.messages import (
    AddRoSpec,
    AddRoSpecResponse,
    CloseConnection,
    CloseConnectionResponse,
    CustomMessage,
    DeleteRoSpec,
    DeleteRoSpecResponse,
    DisableRoSpec,
    DisableRoSpecResponse,
    EnableEventsAndReports,
    EnableRoSpec,
    EnableRoSpecResponse,
    ErrorMessage,
    GetReaderCapabilities,
    GetReaderConfig,
    GetReport,
    GetRoSpecs,
    GetRoSpecsResponse,
    KeepaliveAck,
    RoAccessReport,
    SetReaderConfig,
    SetReaderConfigResponse,
    StartRoSpec,
    StartRoSpecResponse,
    StopRoSpec,
    StopRoSpecResponse,
)
from models.llrp.reports import (
    ANOTHER_ATTEMPTED,
    CONNECTED,
    REFUSED_OTHER_CLIENT,
    AntennaEvent,
    ConnectionAttemptEvent,
    Custom,
    GpiEvent,
    LlrpStatus,
    ReaderExceptionEvent,
    ReportBufferLevelWarning,
    ReportBufferOverflowError,
)
from models.llrp.rospec import GpiPortCurrentState, RoSpec

_OK: Final = (LlrpStatus(0),)


class PretendReader:
    """A reader on ``host:port`` with ``antennas`` antennas; ``port`` 0 takes a free one, which ``port`` then says.

    What stands before it is told by ``see`` (or ``follow``); ROSpecs decide what of it is reported and when. A tag
    that is seen between two cycles of an enabled ROSpec still stands there in the next one.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        antennas: int = 4,
        host: str = "127.0.0.1",
        clock_ahead_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
        make: Make = GENERIC,
        announced_at: Address | None = None,
    ) -> None:
        """``announced_at``: where it answers who looks for readers by mDNS; ``announce.GROUP`` is the network's."""
        self.make = make
        self.customs: list[Custom] = []
        """Its vendor's own parameters that it was given and took."""
        self.host, self.port, self.antennas = host, port, antennas
        self.connections = 0
        self.acks = 0
        self.is_frozen = False
        self._tls = tls
        self._announced_at = announced_at
        self.announcement: Announcement | None = None
        self._server: asyncio.Server | None = None
        self._client: asyncio.StreamWriter | None = None
        self._next_id = 0
        self._work = Work(antennas, send=self._send, give_up=self.hang_up)
        self._work.clock_ahead_s = clock_ahead_s
        self._muted: set[int] = set()
        self._unplugged: set[int] = set()
        self._inputs: dict[int, bool] = {}
        self._listens_to: set[int] = set()
        self._extensions = 0

    @property
    def clock_ahead_s(self) -> float:
        """How far its clock is ahead of this machine's."""
        return self._work.clock_ahead_s

    @clock_ahead_s.setter
    def clock_ahead_s(self, seconds: float) -> None:
        self._work.clock_ahead_s = seconds

    # --- life ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._serve_client, self.host, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        if self._announced_at is not None:
            text = {"model": str(self.make.model)}
            made = Announcement(self.make.name, self.port, address=self.host, text=text, at=self._announced_at)
            self.announcement = await made.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch off, client or not."""
        if self.announcement is not None:
            await self.announcement.__aexit__(None, None, None)
        self._work.stop()
        self._work.stop_keepalive()
        self.hang_up()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        # The server's handlers see their connections end in the next turns of the loop.
        await asyncio.sleep(0)

    async def serve(self) -> None:
        """Listen until cancelled."""
        async with self:
            await asyncio.get_running_loop().create_future()

    # --- what stands before it, and what goes wrong ---------------------------------------------------------------

    def see(self, epc: str, antenna: int, rssi_dbm: float) -> None:
        """A tag answers at ``antenna``: ``epc`` in hexadecimal."""
        if antenna not in self._muted and antenna not in self._unplugged and not self.is_frozen:
            self._work.see(epc, antenna, rssi_dbm)

    async def follow(self, source: AsyncIterable[tuple[float, str, int, float]]) -> None:
        """See what ``source`` says, ``(t, epc, antenna, rssi_dbm)``, each at ``t`` seconds from now."""
        start = asyncio.get_running_loop().time()
        async for t, epc, antenna, rssi_dbm in source:
            await asyncio.sleep(max(0.0, start + t - asyncio.get_running_loop().time()))
            self.see(epc, antenna, rssi_dbm)

    def mute(self, antenna: int, *, is_mute: bool = True) -> None:
        """An antenna sees nothing any more and does not say so."""
        (self._muted.add if is_mute else self._muted.discard)(antenna)

    def plug(self, antenna: int, *, is_in: bool) -> None:
        """Somebody plugs an antenna out or in; the reader tells its client."""
        (self._unplugged.discard if is_in else self._unplugged.add)(antenna)
        self._work.tell(AntennaEvent(int(is_in), antenna))

    def input(self, port: int, *, is_high: bool) -> None:
        """A general-purpose input changes; it tells of those that it was told to listen to."""
        self._inputs[port] = is_high
        if port in self._listens_to:
            self._work.tell(GpiEvent(port, 0x80 if is_high else 0))

    def fill(self, percent: int) -> None:
        """Its buffer is so full."""
        self._work.tell(ReportBufferLevelWarning(percent))

    def halt(self) -> None:
        """Somebody stops its reading, from its own page or another program; it keeps alive."""
        self._work.halt()

    def overflow(self) -> None:
        """Its buffer was full."""
        self._work.tell(ReportBufferOverflowError())

    def complain(self, text: str) -> None:
        """It says that something is wrong with it."""
        self._work.tell(ReaderExceptionEvent(text))

    def freeze(self, *, is_frozen: bool = True) -> None:
        """It says nothing any more, and keeps the connection."""
        self.is_frozen = is_frozen

    def hang_up(self, *, in_the_middle: bool = False) -> None:
        """It drops the connection; ``in_the_middle``: after half of a report."""
        if self._client is None:
            return
        if in_the_middle:
            self.send_bytes(encode_message(RoAccessReport(), 1)[:7])
        self._client.close()

    def send_bytes(self, data: bytes) -> None:
        """It sends these very bytes."""
        if self._client is not None:
            self._client.write(data)

    @property
    def has_client(self) -> bool:
        """Whether somebody is connected."""
        return self._client is not None

    @property
    def is_active(self) -> bool:
        """Whether a ROSpec of its is enabled."""
        return any(inventory.state != DISABLED for inventory in self._work.specs.by_id.values())

    # --- one client -----------------------------------------------------------------------------------------------

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._client is not None:
            self._work.tell(ConnectionAttemptEvent(ANOTHER_ATTEMPTED))
            writer.write(encode_message(event(ConnectionAttemptEvent(REFUSED_OTHER_CLIENT), self._work.now_us()), 0))
            await _close(writer)
            return
        self._client = writer
        # Impinj's readers understand their extensions on a connection that has asked for them.
        self._extensions = 0 if self.make.extensions == IMPINJ else self.make.extensions
        self._work.acknowledged()
        self.connections += 1
        self._work.tell(ConnectionAttemptEvent(CONNECTED))
        try:
            await self._listen(reader)
        except (OSError, LlrpError) as error:
            self._send(ErrorMessage((LlrpStatus(100, str(error)[:200]),)))
        finally:
            self._client = None
            self._work.stop_keepalive()
            await _close(writer)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        framer = Framer()
        while data := await reader.read(65_536):
            for frame in framer.feed(data):
                if self.is_frozen:
                    continue
                if isinstance(answer := self._answer(frame), CloseConnectionResponse):
                    self._send(answer, frame.id)
                    return
                if answer is not None:
                    self._send(answer, frame.id)

    def _answer(self, frame: Frame) -> Message | None:
        request = decode_message(frame)
        try:
            return self._do(request)
        except Refusal as refusal:
            return refusing(request, LlrpStatus(refusal.code, refusal.text))

    def _do(self, request: Message) -> Message | None:
        """Do what the client asks. Raises ``Refusal``."""
        match request:
            case GetReaderCapabilities():
                return capabilities(self.antennas, self.make)
            case GetReaderConfig():
                return config(request.requested, self.antennas, self._unplugged, self._inputs)
            case SetReaderConfig():
                self._take_customs(request)
                self._listens_to = {one.port for one in every(request, GpiPortCurrentState) if one.config & 0x80}
                self._work.configure(request)
                return SetReaderConfigResponse(_OK)
            case CustomMessage(vendor=vendor, subtype=21) if vendor == IMPINJ == self.make.extensions:
                self._extensions = IMPINJ
                return CustomMessage(IMPINJ, 22, encode_parameters(_OK))
            case KeepaliveAck():
                self.acks += 1
                self._work.acknowledged()
                return None
            case EnableEventsAndReports() | GetReport():
                self._work.release()
                return None
            case CloseConnection():
                return CloseConnectionResponse(_OK)
            case _:
                return self._do_rospec(request)

    def _do_rospec(self, request: Message) -> Message | None:
        match request:
            case AddRoSpec():
                self._take_customs(request)
                self._work.specs.add(first(request, RoSpec))
                return AddRoSpecResponse(_OK)
            case DeleteRoSpec():
                self._work.stop([gone.spec.id for gone in self._work.specs.delete(request.rospec)])
                return DeleteRoSpecResponse(_OK)
            case EnableRoSpec():
                for inventory in self._work.specs.enable(request.rospec):
                    self._work.run(inventory)
                return EnableRoSpecResponse(_OK)
            case DisableRoSpec():
                self._work.stop([one.spec.id for one in self._work.specs.stop(request.rospec, DISABLED)])
                return DisableRoSpecResponse(_OK)
            case StartRoSpec():
                self._work.specs.start(request.rospec)
                return StartRoSpecResponse(_OK)
            case StopRoSpec():
                for inventory in self._work.specs.stop(request.rospec):
                    self._work.report(inventory)
                return StopRoSpecResponse(_OK)
            case GetRoSpecs():
                return GetRoSpecsResponse((*_OK, *self._work.specs.states()))
            case _:
                return ErrorMessage((LlrpStatus(109, f"{request.NAME or 'this message'} is not supported"),))

    def _take_customs(self, request: Message) -> None:
        """Take a vendor's own parameters, or refuse them all."""
        given = customs(request)
        for one in given:
            if one.vendor != self._extensions:
                raise Refusal(UNSUPPORTED_PARAMETER, f"custom parameter {one.subtype} of {one.vendor}")
        self.customs += given

    def _send(self, message: Message, message_id: int | None = None) -> bool:
        if self._client is None or self.is_frozen or self._client.is_closing():
            return False
        if message_id is None:
            self._next_id = message_id = (self._next_id + 1) & 0xFFFFFFFF
        self._client.write(encode_message(message, message_id))
        return True


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
