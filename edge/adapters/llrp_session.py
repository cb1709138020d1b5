"""One connection to an LLRP reader, from greeting to its end. ``llrp.LlrpReader`` makes the next one."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from edge.adapters.link_lost import LinkLost
from edge.adapters.llrp_plan import ROSPEC, Abilities, abilities, usable_inputs
from edge.adapters.llrp_settings import LlrpReaderSettings
from edge.adapters.llrp_setup import SetUp, set_up
from models.llrp.codec import Frame, Framer, decode_message, encode_message
from models.llrp.errors import LlrpError
from models.llrp.layout import Message, every, first
from models.llrp.messages import (
    SUCCESS,
    CloseConnection,
    CloseConnectionResponse,
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
)
from models.llrp.reports import (
    ANOTHER_ATTEMPTED,
    CONNECTED,
    REFUSED_OTHER_CLIENT,
    AntennaEvent,
    ConnectionAttemptEvent,
    ConnectionCloseEvent,
    GpiEvent,
    LlrpStatus,
    ReaderEventNotificationData,
    RoSpecEvent,
)
from models.llrp.rospec import AntennaProperties, GpiPortCurrentState

_READ_BYTES: Final = 65_536
_SILENT_KEEPALIVES: Final = 3
_ANTENNA_PROPERTIES, _PLUGGED_IN = 2, 0x80
_INPUT_STATES, _HIGH = 9, 0x80
_STARTED: Final = 0
_MISSED_CYCLES: Final = 5
_LEAST_PATIENCE_S: Final = 2.0
_RIVAL_HINT: Final = "Does another program, or its own page, control it?"
M = TypeVar("M", bound=Message)


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
        self._is_enabled = False
        self._cycle_s: float | None = None
        self._greeting: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    async def run(self, on_reading: Callable[[SetUp], None]) -> None:
        """Greet, set up, call ``on_reading``, start; then take what comes, until the connection ends.

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

    async def look(self) -> Abilities:
        """Greet, ask what the reader is, and say goodbye; nothing of it is changed. Raises ``LinkLost``."""
        taking = asyncio.create_task(self._take())
        try:
            asking = asyncio.create_task(self._ask_what_it_is())
            await asyncio.wait({taking, asking}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
                await taking
            return await asking
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
            await self.close()

    async def _ask_what_it_is(self) -> Abilities:
        await self._answer(self._greeting, "did not greet us")
        return abilities(await self.request(GetReaderCapabilities(), GetReaderCapabilitiesResponse))

    async def _set_up(self, on_reading: Callable[[SetUp], None]) -> None:
        await self._answer(self._greeting, "did not greet us")
        made = await set_up(self.request, self._settings)
        # From here on what it says counts, so that no event falls between its state and our listening.
        on_reading(made)
        await self._ask_for_antennas()
        if usable_inputs(self._settings, made.can):
            await self._ask_for_inputs()
        self._is_enabled = True
        await self.request(EnableRoSpec(ROSPEC), EnableRoSpecResponse)
        self._send(EnableEventsAndReports(), self._draw_id())

    async def _ask_for_antennas(self) -> None:
        """Which antennas are plugged in; a reader that cannot say is taken at its word when one is unplugged."""
        config = await self._config(_ANTENNA_PROPERTIES)
        for antenna in every(config, AntennaProperties) if config else ():
            if not antenna.flags & _PLUGGED_IN:
                self._on_event(ReaderEventNotificationData((AntennaEvent(0, antenna.antenna),)))

    async def _ask_for_inputs(self) -> None:
        """How inputs are now: they may have changed while nobody listened."""
        config = await self._config(_INPUT_STATES)
        for port in every(config, GpiPortCurrentState) if config else ():
            if port.state in {0, 1}:
                self._on_event(ReaderEventNotificationData((GpiEvent(port.port, _HIGH * port.state),)))

    async def _config(self, requested: int) -> GetReaderConfigResponse | None:
        """A part of the reader's configuration; ``None`` where it refuses to tell."""
        try:
            return await self.request(GetReaderConfig(requested=requested), GetReaderConfigResponse)
        except LinkLost as lost:
            if lost.code == "refused":
                return None
            raise

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
                "refused", f"{message.NAME} was refused: {reason}", "Compare its settings with docs/readers.md."
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
                self._check_cycles()
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
            self._watch_rospec(first(data, RoSpecEvent))
            if first(data, ConnectionCloseEvent) is not None:
                raise LinkLost("hung_up", "the reader closed the connection")
            self._on_event(data)

    def _watch_rospec(self, event: RoSpecEvent | None) -> None:
        if event is None or event.rospec != ROSPEC or not self._is_enabled:
            return
        if event.event == _STARTED:
            self._cycle_s = asyncio.get_running_loop().time()
        elif self._settings.behaviour == "exit":
            raise LinkLost("stopped", "it stopped reading, though nobody told it to", _RIVAL_HINT)

    def _check_cycles(self) -> None:
        """A reader that told of its cycles, and tells of no more, does not read, however well it keeps alive."""
        if self._cycle_s is None or self._settings.behaviour == "exit":
            return
        patience_s = max(_LEAST_PATIENCE_S, _MISSED_CYCLES * self._settings.cycle_ms / 1000)
        if asyncio.get_running_loop().time() - self._cycle_s > patience_s:
            raise LinkLost("stopped", f"it has not read for {patience_s:g} s", _RIVAL_HINT)


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
