"""One connection to an LLRP reader, from greeting to its end. ``llrp.LlrpReader`` makes the next one."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from edge.adapters.llrp_plan import ROSPEC, Abilities, abilities, add_rospec, reader_config
from edge.adapters.llrp_settings import LlrpReaderSettings
from models.llrp.codec import Frame, Framer, decode_message, encode_message
from models.llrp.errors import LlrpError
from models.llrp.layout import Message, every, first
from models.llrp.messages import (
    SUCCESS,
    AddRoSpecResponse,
    CloseConnection,
    CloseConnectionResponse,
    DeleteRoSpec,
    DeleteRoSpecResponse,
    EnableEventsAndReports,
    EnableRoSpec,
    EnableRoSpecResponse,
    ErrorMessage,
    GetReaderCapabilities,
    GetReaderCapabilitiesResponse,
    GetReaderConfig,
    GetReaderConfigResponse,
    Keepalive,
    KeepaliveAck,
    ReaderEventNotification,
    RoAccessReport,
    SetReaderConfigResponse,
)
from models.llrp.reports import (
    ANOTHER_ATTEMPTED,
    CONNECTED,
    REFUSED_OTHER_CLIENT,
    AntennaEvent,
    ConnectionAttemptEvent,
    ConnectionCloseEvent,
    LlrpStatus,
    ReaderEventNotificationData,
)
from models.llrp.rospec import AntennaProperties
from models.messages.errors import LinkError

_READ_BYTES: Final = 65_536
_SILENT_KEEPALIVES: Final = 3
_ANTENNA_PROPERTIES, _PLUGGED_IN = 2, 0x80
M = TypeVar("M", bound=Message)


class LinkLost(LinkError):
    """The connection is over. ``code`` is one word for the status, ``hint`` what a person can do."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint


class LlrpSession:
    """Speaks to the reader behind a pair of streams."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        settings: LlrpReaderSettings,
        *,
        on_report: Callable[[bytes], None],
        on_event: Callable[[ReaderEventNotificationData], None],
        on_refused: Callable[[Frame, LlrpError], None],
    ) -> None:
        """``on_report`` gets the body of each RO_ACCESS_REPORT; ``on_refused`` a message that cannot be read."""
        self._reader, self._writer = streams
        self._settings = settings
        self._on_report, self._on_event, self._on_refused = on_report, on_event, on_refused
        self._framer = Framer()
        self._next_id = 0
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._greeting: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    async def run(self, on_reading: Callable[[Abilities], None]) -> None:
        """Greet, configure, call ``on_reading``, start; then take what comes, until the connection ends.

        Raises:
            LinkLost: always in the end, unless it is cancelled.
        """
        taking = asyncio.create_task(self._take())
        setting_up = asyncio.create_task(self._set_up(on_reading))
        try:
            await asyncio.wait({taking, setting_up}, return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                await setting_up
            await taking
        finally:
            taking.cancel()
            setting_up.cancel()
            await asyncio.gather(taking, setting_up, return_exceptions=True)

    async def _set_up(self, on_reading: Callable[[Abilities], None]) -> None:
        await self._answer(self._greeting, "did not greet us")
        can = abilities(await self.request(GetReaderCapabilities(), GetReaderCapabilitiesResponse))
        await self.request(reader_config(self._settings), SetReaderConfigResponse)
        await self.request(DeleteRoSpec(0), DeleteRoSpecResponse)
        await self.request(add_rospec(self._settings, can), AddRoSpecResponse)
        # From here on what it says counts, so that no event falls between its state and our listening.
        on_reading(can)
        await self._ask_for_antennas()
        await self.request(EnableRoSpec(ROSPEC), EnableRoSpecResponse)
        self._send(EnableEventsAndReports(), self._draw_id())

    async def _ask_for_antennas(self) -> None:
        """Which antennas are plugged in; a reader that cannot say is taken at its word when one is unplugged."""
        try:
            config = await self.request(GetReaderConfig(requested=_ANTENNA_PROPERTIES), GetReaderConfigResponse)
        except LinkLost as lost:
            if lost.code == "refused":
                return
            raise
        for antenna in every(config, AntennaProperties):
            if not antenna.flags & _PLUGGED_IN:
                self._on_event(ReaderEventNotificationData((AntennaEvent(0, antenna.antenna),)))

    async def request(self, message: Message, kind: type[M]) -> M:
        """Ask and wait for the answer.

        Raises:
            LinkLost: no answer in time, another answer, or one that says no.
        """
        message_id = self._draw_id()
        waiting: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = waiting
        try:
            self._send(message, message_id)
            answer = await self._answer(waiting, f"did not answer {message.NAME}")
        finally:
            self._waiting.pop(message_id, None)
        status = _status(answer)
        if status is not None and status.code != SUCCESS:
            reason = status.text or f"status {status.code}"
            raise LinkLost(
                "refused", f"{message.NAME} was refused: {reason}", "Compare its settings with its manual."
            )
        if not isinstance(answer, kind):
            raise LinkLost("bad_bytes", f"{message.NAME} was answered by {type(answer).__name__}")
        return answer

    async def close(self) -> None:
        """Say goodbye, as far as the reader still listens."""
        try:
            async with asyncio.timeout(min(1.0, self._settings.timeout_s)):
                self._send(CloseConnection(), self._draw_id())
                await self._writer.drain()
                while not any(frame.type == CloseConnectionResponse.TYPE for frame in await self._frames()):
                    pass
        except (OSError, LlrpError, LinkLost, TimeoutError):
            return

    def _draw_id(self) -> int:
        self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        return self._next_id

    def _send(self, message: Message, message_id: int) -> None:
        self._writer.write(encode_message(message, message_id))

    async def _answer(self, waiting: "asyncio.Future[M]", problem: str) -> M:
        try:
            return await asyncio.wait_for(waiting, self._settings.timeout_s)
        except TimeoutError:
            hint = "Restart the reader if it does not come back by itself."
            raise LinkLost("silent", f"it {problem} within {self._settings.timeout_s:g} s", hint) from None

    async def _take(self) -> None:
        """Take messages until the connection ends."""
        try:
            while True:
                for frame in await self._frames():
                    self._dispatch(frame)
        except LinkLost:
            raise
        except (OSError, LlrpError) as error:
            raise _lost(error) from error

    async def _frames(self) -> Iterator[Frame]:
        silence_s = _SILENT_KEEPALIVES * self._settings.keepalive_s
        try:
            async with asyncio.timeout(silence_s):
                data = await self._reader.read(_READ_BYTES)
        except TimeoutError:
            hint = "Check its power and its cable."
            raise LinkLost("silent", f"not a word for {silence_s:g} s", hint) from None
        if not data:
            middle = " in the middle of a message" if self._framer.held else ""
            raise LinkLost("hung_up", f"the reader hung up{middle}", "Check its power and its network.")
        return self._framer.feed(data)

    def _dispatch(self, frame: Frame) -> None:
        if frame.type == RoAccessReport.TYPE:
            self._on_report(frame.body)
            return
        try:
            message = decode_message(frame)
        except LlrpError as error:
            self._on_refused(frame, error)
            return
        match message:
            case Keepalive():
                self._send(KeepaliveAck(), frame.id)
            case ReaderEventNotification():
                self._take_event(message)
            case ErrorMessage():
                status = _status(message)
                reason = f"the reader could not read us: {status.text if status else 'no reason'}"
                self._settle(frame.id, LinkLost("refused", reason))
            case _:
                self._settle(frame.id, message)

    def _settle(self, message_id: int, outcome: Message | LinkLost) -> None:
        waiting = self._waiting.get(message_id)
        if waiting is None or waiting.done():
            return
        if isinstance(outcome, LinkLost):
            waiting.set_exception(outcome)
        else:
            waiting.set_result(outcome)

    def _take_event(self, message: ReaderEventNotification) -> None:
        for data in message.children:
            if not isinstance(data, ReaderEventNotificationData):
                continue
            attempt = first(data, ConnectionAttemptEvent)
            if attempt is not None and attempt.status not in {CONNECTED, ANOTHER_ATTEMPTED}:
                raise _refused(attempt.status)
            if attempt is not None and not self._greeting.done():
                self._greeting.set_result(message)
            if first(data, ConnectionCloseEvent) is not None:
                raise LinkLost("hung_up", "the reader closed the connection")
            self._on_event(data)


def _status(message: Message) -> LlrpStatus | None:
    return next((child for child in getattr(message, "children", ()) if isinstance(child, LlrpStatus)), None)


def _refused(status: int) -> LinkLost:
    if status == REFUSED_OTHER_CLIENT:
        return LinkLost("busy", "another client holds the reader", "Stop the other program that reads from it.")
    return LinkLost("refused", f"the reader refused the connection (status {status})", "Look at its own page.")


def _lost(error: Exception) -> LinkLost:
    if isinstance(error, LlrpError):
        hint = "Is this the reader's LLRP port?"
        return LinkLost("bad_bytes", f"what came is not LLRP: {error}", hint)
    return LinkLost("hung_up", f"the connection broke: {error}", "Check its power and its network.")
