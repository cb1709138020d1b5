"""What a walk listens to: the readers and shelf devices that the node's settings name."""

import asyncio
import math
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from cloud_sync.mqtt.link import MqttLink
from edge.adapters.llrp import LlrpReader
from edge.adapters.llrp_settings import LlrpReaderSettings
from edge.adapters.tag_reader import Sighting
from edge.compose import antenna_shelves
from edge.settings import EdgeSettings
from edge.survey.session import Session
from models.messages.codec import decode
from models.messages.devices import DeviceStatus, Reads
from models.messages.errors import WireError
from models.messages.topics import DeviceKind, DeviceTopic, parse_topic
from models.process.clock import Clock
from models.process.health import Health

_QOS: Final = {DeviceKind.READS: 0, DeviceKind.STATUS: 1}


def survey_antennas(settings: EdgeSettings) -> dict[str, str]:
    """Antenna, named ``device:number``, → shelf; antennas of doors are not among them."""
    standing = {reader.name for reader in shelf_readers(settings)}
    standing |= {device.device for device in settings.shelf_device}
    return {key: shelf for key, shelf in antenna_shelves(settings).items() if key.rpartition(":")[0] in standing}


def shelf_readers(settings: EdgeSettings) -> list[LlrpReaderSettings]:
    """The readers before which goods stand."""
    return [reader for reader in settings.reader if reader.behaviour != "exit"]


class Listening:
    """Hears everything for as long as it is entered. What is wrong with a reader is in ``health``."""

    def __init__(self, settings: EdgeSettings, session: Session, *, health: Health, clock: Clock) -> None:
        self._settings, self._session, self._health, self._clock = settings, session, health, clock
        self._stack = AsyncExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.refused = 0

    async def __aenter__(self) -> Self:
        """Connect to whatever can be reached, now and later."""
        self._loop = asyncio.get_running_loop()
        for settings in shelf_readers(self._settings):
            reader = LlrpReader(
                settings,
                on_read=self._session.read,
                on_event=self._session.event,
                health=self._health,
                clock=self._clock,
            )
            await self._stack.enter_async_context(reader)
        if self._settings.shelf_device:
            link = self._link()
            link.start()
            self._stack.push_async_callback(asyncio.to_thread, link.stop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye to all of them."""
        await self._stack.aclose()

    def _link(self) -> MqttLink:
        # A name of its own: the node may go on meanwhile, under the same user.
        link = MqttLink(
            self._settings.mqtt, client_id=f"survey-{self._settings.node}", will=None, health=self._health
        )
        for device in self._settings.shelf_device:
            for kind, qos in _QOS.items():
                link.subscribe(str(DeviceTopic(self._settings.store, device.device, kind)), qos, self._take)
        return link

    def _take(self, topic: str, payload: bytes) -> None:
        """One message of a shelf, on the link's thread."""
        loop = self._loop
        try:
            parsed = parse_topic(topic)
            if loop is None or not isinstance(parsed, DeviceTopic):
                return
            if parsed.kind is DeviceKind.READS:
                sightings = self._sightings(decode(payload, Reads))
                loop.call_soon_threadsafe(self._session.read, parsed.device, sightings)
            elif parsed.kind is DeviceKind.STATUS:
                state = decode(payload, DeviceStatus).state
                value = "antenna_connected" if state == "online" else "antenna_disconnected"
                loop.call_soon_threadsafe(self._session.connection, parsed.device, value, None)
        except WireError as error:
            self.refused += 1
            self._health.report("messages", error.reason, f"{self.refused} messages of shelves were refused: {error}")

    def _sightings(self, message: Reads) -> list[Sighting]:
        now_ms = self._clock.now_ms()
        return [
            Sighting(read.epc, read.antenna, read.rssi_dbm if math.isfinite(read.rssi_dbm) else -math.inf, now_ms)
            for read in message.reads
        ]
