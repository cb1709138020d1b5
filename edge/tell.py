"""What a node tells: samples of lanes and doors, its retained status, and what the screen shows."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog

from cloud_sync.mqtt import MqttLink
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.writer import Writer
from edge.core.floor import Decided
from edge.core.wait.signs import LaneWord
from models.messages.codec import decode, encode
from models.messages.envelopes import Command
from models.messages.errors import WireError
from models.messages.facts import CameraPreviewed, Fact
from models.messages.samples import AdviceSample, DoorSample, LaneSample, NodeStatus, ReaderState
from models.messages.topics import AdviceTopic, CommandTopic, DoorTopic, LaneTopic, StatusTopic
from models.process.clock import Clock
from models.process.health import Health

if TYPE_CHECKING:
    from edge.adapters.preview import Preview

_log = structlog.get_logger(__name__)

Refuse = Callable[[str, bytes, WireError], object]

WAIT_STEP_S = 5
TELL_EVERY_MS = 2000
"""A sample that did not change is told again this often, well within the time it is believed."""


def last_will(store: str, node: str, now_ms: int) -> tuple[str, bytes]:
    """What the broker says of a node that is gone."""
    return str(StatusTopic(store, node)), encode(NodeStatus(node=node, t_ms=now_ms, state="offline"))


class Teller:
    """Publishes samples when they change, and now and then when they do not."""

    def __init__(self, link: MqttLink, show: Callable[[LaneSample], None], *, store: str) -> None:
        self._link, self._show, self._store = link, show, store
        self._told: dict[str, tuple[tuple[object, ...], int]] = {}
        self._advised_ms: int | None = None

    def tell(self, decided: Decided) -> None:
        """Tell the screen first (it needs no broker), then everybody else."""
        for sample in decided.lanes:
            self._show(sample)
            # A wait runs down second by second; what a screen shows of it changes with these steps.
            wait = None if sample.wait_high_s is None else sample.wait_high_s // WAIT_STEP_S
            self._publish(str(LaneTopic(self._store, sample.lane)), sample, (sample.people, sample.state, wait))
        self._advise(decided.advice)
        for door in decided.doors:
            self._publish(str(DoorTopic(self._store, door.door)), door, (door.entered, door.left, door.inside))

    def _publish(self, topic: str, sample: LaneSample | DoorSample, says: tuple[object, ...]) -> None:
        """Publish what is news: it says something else than before, or that was a while ago."""
        said, told_ms = self._told.get(topic, (None, 0))
        if says == said and sample.t_ms - told_ms < TELL_EVERY_MS:
            return
        self._told[topic] = (says, sample.t_ms)
        self._link.publish(topic, encode(sample), retain=True)

    def _advise(self, advice: AdviceSample | None) -> None:
        if advice is not None and advice.t_ms != self._advised_ms:
            self._advised_ms = advice.t_ms
            self._link.publish(str(AdviceTopic(self._store, advice.node)), encode(advice), retain=True)

    def take_lane(self, _topic: str, payload: bytes) -> None:
        """Show a lane that another node decides about. One that cannot be read is the gateway's to keep and tell."""
        try:
            self._show(decode(payload, LaneSample))
        except WireError:
            return


class StatusReporter:
    """Keeps the node's retained status current."""

    def __init__(
        self,
        link: MqttLink,
        writer: Writer,
        outbox: Outbox,
        *,
        store: str,
        node: str,
        clock: Clock,
        health: Health,
        on_refused: Refuse,
        readers: Callable[[], tuple[ReaderState, ...]] = tuple,
        previews: "Mapping[str, Preview]" = MappingProxyType({}),
        pages: str = "",
        note: Callable[[Fact], None] = lambda _fact: None,
        lanes: tuple[str, ...] = (),
        on_lane: Callable[[str, LaneWord, int], None] = lambda _lane, _word, _until_ms: None,
    ) -> None:
        """``on_refused(topic, payload, error)`` gets each command that cannot be read.

        ``readers()`` says how the node's RFID readers are; ``previews``, by camera, are opened by command, and
        ``note(fact)`` records who looks; ``pages`` is where the node's own pages are;
        ``on_lane(lane, word, until_ms)`` is told what a person says of one of its ``lanes``.
        """
        self._link, self._writer, self._outbox = link, writer, outbox
        self._store, self._node, self._clock, self._health = store, node, clock, health
        self._on_refused, self._readers = on_refused, readers
        self._previews, self._pages, self._note = previews, pages, note
        self._lanes, self._on_lane = lanes, on_lane

    def report(self) -> None:
        """Publish the status now."""
        with self._writer.reading() as connection:
            streams = self._outbox.states(connection)
        status = NodeStatus(
            node=self._node,
            t_ms=self._clock.now_ms(),
            state="online",
            version=version("aisle"),
            problems=self._health.problems()[:100],
            streams=streams,
            readers=self._readers()[:100],
            cameras=tuple(self._previews)[:100],
            lanes=self._lanes[:100],
            screen=self._pages,
        )
        self._link.publish(str(StatusTopic(self._store, self._node)), encode(status), qos=1, retain=True)

    def command_topic(self) -> str:
        """Where the gateway's commands arrive."""
        return str(CommandTopic(self._store, self._node))

    def take_command(self, topic: str, payload: bytes) -> None:
        """Carry out a command."""
        try:
            command = decode(payload, Command)
        except WireError as error:
            self._on_refused(topic, payload, error)
            return
        if command.command == "preview":
            self._open_preview(command)
        elif command.command != "report" and command.lane is not None and command.until_ms is not None:
            self._on_lane(command.lane, command.command, command.until_ms)
        self.report()

    def _open_preview(self, command: Command) -> None:
        """Let a manager see a camera; who, which and until when becomes a fact."""
        preview = self._previews.get(command.camera or "")
        if preview is None or command.ticket_hash is None or command.until_ms is None or command.by is None:
            return
        until_ms = preview.allow(command.ticket_hash, command.until_ms)
        _log.info("a camera is shown to a manager", camera=command.camera, by=command.by)
        self._note(
            CameraPreviewed(
                t_ms=self._clock.now_ms(),
                node=self._node,
                camera=str(command.camera),
                by=command.by,
                until_ms=until_ms,
            )
        )
